"""Child processes: each on one core, in a clean environment, bounded in time, ended by its id."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# What a server may take to print its port, and any child to end after it was asked to.
START_SECONDS = 20.0
END_SECONDS = 5.0

_KEPT = ("HOME", "LANG", "PATH", "TMPDIR")


class ChildFailed(Exception):
    """A child process ended badly; the text is what it said."""


def start(command: Sequence[str], core: int) -> subprocess.Popen[str]:
    """Start `command` on `core`, with none of our PYTHON* variables and nothing to read."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
    )
    try:
        os.sched_setaffinity(child.pid, {core})
    except ProcessLookupError:
        pass  # it is over already; whoever reads its output will say why
    return child


def end(child: subprocess.Popen[str]) -> None:
    """End one child, kindly and then not; nothing happens if it has ended and been read."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        child.communicate(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()


def output(command: Sequence[str], core: int, seconds: float) -> str:
    """Run `command` on `core` to its end and return what it printed.

    Raises ChildFailed if its status is not 0 or it takes more than `seconds`.
    """
    child = start(command, core)
    try:
        printed, complaint = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ChildFailed(f"{' '.join(command)}: no result after {seconds:g} s") from None
    finally:
        end(child)
    if child.returncode:
        raise ChildFailed(f"{' '.join(command)}: status {child.returncode}\n{complaint.strip()}")
    return printed


@contextmanager
def server(command: Sequence[str], core: int) -> Iterator[tuple[int, int]]:
    """A server that prints its port, for as long as the block lasts: its process id and port."""
    child = start(command, core)
    assert child.stdout is not None and child.stderr is not None
    try:
        port = child.stdout.readline()
        if not port:
            complaint = child.stderr.read().strip()
            raise ChildFailed(f"{' '.join(command)}: does not start\n{complaint}")
        yield child.pid, int(port)
    finally:
        end(child)


def cpu_seconds(pid: int) -> float:
    """The processor time that the main thread of `pid` has used."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def server_seconds(pid: int) -> float:
    """The processor time of a server: of all threads of `pid` and of its children."""
    used = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        used += int((task / "schedstat").read_text().split()[0]) / 1e9
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
        if parent == pid:
            used += server_seconds(int(stat.parent.name))
    return used


def anonymous_bytes(pid: int) -> int:
    """The resident memory of `pid` that no file backs."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise ChildFailed(f"process {pid} has no RssAnon")


def wait_for_files(pid: int, count: int) -> None:
    """Wait until `pid` has at least `count` files open: it has accepted that many connections."""
    deadline = time.monotonic() + START_SECONDS
    while len(os.listdir(f"/proc/{pid}/fd")) < count:
        if time.monotonic() > deadline:
            raise ChildFailed(f"process {pid} did not accept {count} connections")
        time.sleep(0.02)
