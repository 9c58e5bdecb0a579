"""The run's end of the pipes to its workers, and their processes."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from subprocess import _args_from_interpreter_flags  # type: ignore[attr-defined]  # as multiprocessing does
from typing import Any, Final, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.protocols import amp
from twisted.python.failure import Failure
from twisted.trial._dist._protocol import (
    HEARS,
    MAX_REPORT,
    SPEAKS,
    Finish,
    Loaded,
    Names,
    Pieces,
    Report,
    Run,
    Tell,
)
from twisted.trial._synctest import TRIAL_MARKER

# The modules are to be found before any is imported, ours included.
_PROGRAM: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); "
    "from twisted.scripts import trial; from twisted.trial._dist import _worker; "
    "_worker.main(trial.Options, trial._prepareDebugging)"
)

#: The files in the folder of a worker that get what its tests write.
OUTPUT: Final = "out.log"
ERRORS: Final = "err.log"

# How much of a dead worker's last words is shown, in bytes.
_LAST_WORDS: Final = 4000


@dataclass
class Settings:
    """What a worker has to know.

    Attributes:
        options: The command line, without the name of the command.
        seed: That of a random order; None if the order is not random.
        folder: The folder of the run.
        start: The folder that the run was started in.
    """

    options: list[str]
    seed: int | None
    folder: str
    start: str
    argv: list[str] = field(default_factory=lambda: sys.argv[:])
    path: list[str] = field(default_factory=lambda: sys.path[:])


class Listener(Protocol):
    """Who is told what a worker says."""

    def loaded(self, worker: Worker, count: int, digest: str) -> None: ...

    def named(self, worker: Worker, names: list[str]) -> None: ...

    def reported(self, worker: Worker, number: int, events: list[Any]) -> None: ...

    def died(self, worker: Worker, why: str, well: bool) -> None: ...

    def crashed(self, failure: Failure) -> None: ...


class _Pipe:
    """What AMP takes for its transport: the pipes of a process."""

    disconnecting = False

    def __init__(self, process: Any) -> None:
        self._process = process

    def write(self, data: bytes) -> None:
        self._process.writeToChild(HEARS, data)

    def loseConnection(self) -> None:
        self.disconnecting = True
        self._process.signalProcess("KILL")

    def getHost(self) -> str:
        return "run"

    def getPeer(self) -> str:
        return f"worker process {self._process.pid}"


class _Link(amp.AMP):
    """What is said to a worker, and what it says."""

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self._names = Pieces()
        self._report = Pieces()
        self._size = 0

    def unhandledError(self, failure: Failure) -> None:
        """Nobody there waits for an answer, so that every error comes here."""
        self._worker.listener.crashed(failure)

    @Loaded.responder
    def loaded(self, count: int, digest: str) -> dict[str, Any]:
        self._worker.ready = True
        self._worker.listener.loaded(self._worker, count, digest)
        return {}

    @Names.responder
    def names(self, piece: bytes, last: bool) -> dict[str, Any]:
        names = self._names.add(piece, last)
        if last:
            self._worker.listener.named(self._worker, names)
        return {}

    @Report.responder
    def report(self, number: int, piece: bytes, last: bool) -> dict[str, Any]:
        self._size += len(piece)
        if self._size > MAX_REPORT:
            raise amp.MalformedAmpBox(f"a test that tells more than {MAX_REPORT} bytes")
        events = self._report.add(piece, last)
        if last:
            self._size = 0
            self._worker.noteOutput()
            self._worker.listener.reported(self._worker, number, events)
        return {}


class Worker(ProcessProtocol):
    """One worker.

    Args:
        number: Its number, which is the name of its folder.
        settings: What it has to know.
        listener: Who is told what it says.

    Attributes:
        ready: Whether it has loaded the tests.
        finished: Whether it has told everything.
        dismissed: Whether it is not wanted.
        gone: Fires with None when its process has ended.
    """

    def __init__(self, number: int, settings: Settings, listener: Listener) -> None:
        self.number = number
        self.listener = listener
        self.ready = self.finished = self.dismissed = False
        self.gone: Deferred[None] = Deferred()
        self._folder = os.path.join(settings.folder, str(number))
        self._settings = settings
        self._link = _Link(self)
        self._process: Any = None
        self._seen = {OUTPUT: 0, ERRORS: 0}

    def start(self, spawn: Callable[..., Any]) -> None:
        """Start the process.

        Args:
            spawn: `IReactorProcess.spawnProcess`.
        """
        os.mkdir(self._folder)
        with open(os.path.join(self._folder, TRIAL_MARKER), "wb"):
            pass
        settings = self._settings
        told = {"options": settings.options, "seed": settings.seed, "argv": settings.argv}
        flags = _args_from_interpreter_flags()
        texts = [json.dumps(told), json.dumps(settings.path)]
        command = [sys.executable, *flags, "-c", _PROGRAM, self._folder, *texts]
        with (
            open(os.devnull, "rb") as nothing,
            open(os.path.join(self._folder, OUTPUT), "wb") as output,
            open(os.path.join(self._folder, ERRORS), "wb") as errors,
        ):
            descriptors = {0: nothing.fileno(), 1: output.fileno(), 2: errors.fileno()}
            self._process = spawn(
                self,
                sys.executable,
                command,
                env=None,
                path=settings.start,
                childFDs={**descriptors, HEARS: "w", SPEAKS: "r"},
            )

    # To it

    def run(self, number: int) -> None:
        """Have a test run, after those that wait there."""
        self._link.callRemote(Run, number=number)

    def tell(self) -> None:
        """Ask for the names of all tests."""
        self._link.callRemote(Tell)

    def finish(self, drop: bool) -> None:
        """Let it end.

        Args:
            drop: Whether it is to drop what waits there.
        """
        if self._process is not None and self._process.pid is not None:
            self._link.callRemote(Finish, drop=drop)

    def kill(self) -> None:
        """End it now, with all that its tests have started."""
        if self._process is None or self._process.pid is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # It has no group of its own yet.
            self._process.signalProcess("KILL")

    # From it

    def makeConnection(self, process: Any) -> None:
        """The process runs."""
        self._process = process
        self._link.makeConnection(_Pipe(process))

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """It has said something."""
        self._link.dataReceived(data)

    def processEnded(self, reason: Failure) -> None:
        """It is dead, and nothing more will come of it."""
        pid = self._process.pid
        self._process = None
        if pid is not None:
            self._endGroup(pid)
        self._link.connectionLost(reason)
        why = f"{_how(reason)}.{self._lastWords()}"
        self.listener.died(self, why, reason.check(ProcessDone) is not None)
        self.gone.callback(None)

    def _endGroup(self, pid: int) -> None:
        """End what tests have started and left."""
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    # What it writes

    def noteOutput(self) -> None:
        """What it has written up to now belongs to a test that is over."""
        for name in self._seen:
            self._seen[name] = os.stat(os.path.join(self._folder, name)).st_size

    def _lastWords(self) -> str:
        """What it has written since, to be shown below a message."""
        told = ""
        for name, begin in self._seen.items():
            path = os.path.join(self._folder, name)
            with open(path, "rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(begin, size - _LAST_WORDS))
                words = file.read().decode("utf-8", "replace").strip()
            if words:
                told += f"\nThe end of {path}:\n{words}"
        return told or f"\nIt had nothing to say; its folder is {self._folder}"


def _how(reason: Failure) -> str:
    """How a process has ended, as a sentence without its end."""
    error = reason.value
    if isinstance(error, ProcessTerminated):
        if error.signal is not None:
            return f"it was ended by signal {error.signal} ({_signalName(error.signal)})"
        return f"it ended with exit status {error.exitCode}"
    if isinstance(error, ProcessDone):
        return "it ended with exit status 0"
    return f"it ended: {reason.getErrorMessage()}"


def _signalName(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
