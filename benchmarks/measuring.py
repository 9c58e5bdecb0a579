"""What a measurement is, and the ways to take one that several cases share."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks import environment
from benchmarks.environment import Peer
from benchmarks.processes import output, server, server_seconds

# A connection's own warm-up, inside the run that counts; the server has had one before.
SETTLE_SECONDS = 0.2
# What any child may take beyond the seconds that it was asked to measure for.
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Sample:
    """One figure, and what else was seen while it was taken."""

    value: float
    details: dict[str, float] = field(default_factory=dict)

    def per_cpu(self) -> "Sample":
        """The same per second of the server's processor time, if there is a server."""
        if "server_cpu" not in self.details:
            return self
        details = {**self.details, "rate": self.value, "busy": self.details["server_cpu"]}
        return Sample(self.value / details.pop("server_cpu"), details)


@dataclass(frozen=True)
class Case:
    """One thing that is measured. `targets` maps a peer's key to the ratio ours/theirs."""

    name: str
    title: str
    unit: str
    measure: Callable[[Peer, float], Sample]
    peers: tuple[Peer, ...]
    targets: dict[str, float]
    less_is_better: bool = False

    def met(self, ratio: float, target: float) -> bool:
        """Whether the measured ratio is as good as the target, to the digits that are shown."""
        ratio = round(ratio, 2)
        return ratio <= target if self.less_is_better else ratio >= target


def load(pid: int, generator: str, seconds: float, *arguments: float | str) -> Sample:
    """Run a load generator against the server `pid` and add the processor share that it had."""
    command = [str(environment.BUILD / generator), *map(str, arguments)]
    began, busy = time.monotonic(), server_seconds(pid)
    seen = json.loads(output(command, environment.cores()[1], seconds + PATIENCE_SECONDS))
    seen["server_cpu"] = (server_seconds(pid) - busy) / (time.monotonic() - began)
    return Sample(seen.pop("rate"), seen)


def network(kind: str, generator: str, *arguments: int | str) -> Callable[[Peer, float], Sample]:
    """A server of `kind` under a load generator.

    The server is new in every round, and has had other connections before those that count: what
    the first close of a connection sets right (an allocator's threshold, say) is not measured.
    """

    def measure(peer: Peer, seconds: float) -> Sample:
        with server(peer.server(kind), environment.cores()[0]) as (pid, port):
            load(pid, generator, 1, port, SETTLE_SECONDS, SETTLE_SECONDS, *arguments)
            return load(pid, generator, seconds, port, SETTLE_SECONDS, seconds, *arguments)

    return measure


def script(script: str, name: str) -> Callable[[Peer, float], Sample]:
    """A case of a script that prints operations per second by name, as JSON."""

    def measure(peer: Peer, seconds: float) -> Sample:
        command = peer.script(script, str(seconds), name)
        rates = json.loads(output(command, environment.cores()[0], seconds * 20 + PATIENCE_SECONDS))
        return Sample(rates.pop(name), rates)

    return measure
