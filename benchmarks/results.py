"""Results: one JSON file for each case, and the ratios that they amount to."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.cases import CASES, Case, Sample
from benchmarks.environment import OURS, RESULTS


@dataclass(frozen=True)
class Verdict:
    """Our figure over a peer's, and the ratio that was asked for."""

    peer: str
    ratio: float
    target: float
    met: bool

    def __str__(self) -> str:
        return f"{self.ratio:.2f}x of {self.target:.2f}x {'ok' if self.met else 'MISSED'}"


@dataclass(frozen=True)
class Result:
    """What one case gave: the median for each peer, by key, and on what machine."""

    case: Case
    medians: dict[str, float]
    machine: dict[str, Any]
    busy: dict[str, float]  # the share of its core that the peer's server had, where it has one

    def ratio(self, peer: str) -> float | None:
        """Our figure over the peer's; None if either is missing."""
        ours, theirs = self.medians.get(OURS.key), self.medians.get(peer)
        return ours / theirs if ours and theirs else None

    def verdicts(self) -> list[Verdict]:
        """One for each target that can be judged."""
        found = []
        for peer, target in self.case.targets.items():
            ratio = self.ratio(peer)
            if ratio is not None:
                found.append(Verdict(peer, ratio, target, self.case.met(ratio, target)))
        return found


def summarise(case: Case, samples: dict[str, list[Sample]], machine: dict[str, Any]) -> Result:
    """The medians of the rounds."""
    medians = {peer: median(s.value for s in taken) for peer, taken in samples.items() if taken}
    busy = {
        peer: median(s.details["server_cpu"] for s in taken)
        for peer, taken in samples.items()
        if taken and "server_cpu" in taken[0].details
    }
    return Result(case, medians, machine, busy)


def save(result: Result, samples: dict[str, list[Sample]], effort: dict[str, float]) -> None:
    """Keep a case's result, with every round of it."""
    document = {
        "case": result.case.name,
        "title": result.case.title,
        "unit": result.case.unit,
        "effort": effort,
        "machine": result.machine,
        "medians": result.medians,
        "busy": result.busy,
        "verdicts": [asdict(verdict) for verdict in result.verdicts()],
        "rounds": {
            peer: [{"value": sample.value, **sample.details} for sample in taken]
            for peer, taken in samples.items()
        },
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{result.case.name}.json"
    path.write_text(json.dumps(_rounded(document), indent=1) + "\n")


def saved() -> Iterable[Result]:
    """The results that were kept, in the order of the cases."""
    for case in CASES:
        path = RESULTS / f"{case.name}.json"
        if path.exists():
            document = json.loads(path.read_text())
            yield Result(case, document["medians"], document["machine"], document["busy"])


def _rounded(value: Any) -> Any:
    """Four digits are more than these figures are good for; whole numbers stay whole."""
    if isinstance(value, float):
        return round(value) if abs(value) >= 1000 else float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
