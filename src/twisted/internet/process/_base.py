"""What processes on pipes and processes on a terminal have in common."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from twisted.internet._bugs import reportBug
from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.process._reaper import Watch, watchChild
from twisted.logger import Logger
from twisted.python.failure import Failure

__name__ = "twisted.internet.process"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.internet.process")


class BaseProcess:
    """A child process that tells a protocol of its end.

    Args:
        protocol: an `IProcessProtocol`, or None for one that nobody is told of.

    Attributes:
        pid: the process identifier; None once the process has been reaped.
        status: how it ended, as `os.waitpid` gives it; None before.
        lostProcess: whether it has been reaped.
        proto: the protocol; None after its last event.
    """

    pid: int | None = None
    status: int | None = None
    lostProcess: bool = False
    proto: Any = None

    def __init__(self, protocol: Any) -> None:
        self.proto = protocol
        self._watch: Watch | None = None
        self._reason: Failure | None = None

    def _started(self, reactor: Any, pid: int) -> None:
        """The process runs."""
        self.pid = pid
        self._watch = watchChild(reactor, self, pid)

    def _introduce(self) -> None:
        """Tell the protocol that the process runs."""
        try:
            self.proto.makeConnection(self)
        except BaseException:
            reportBug(f"Unhandled error in connectionMade of {self.proto!r}")
            self.loseConnection()

    def loseConnection(self) -> None:
        """Close all that leads to the process."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to close")

    def _tell(self, event: Callable[..., object], *args: object) -> None:
        """Tell the protocol something; what it raises is logged."""
        try:
            event(*args)
        except BaseException:
            reportBug(f"Unhandled error in {event!r}")

    def signalProcess(self, signalID: str | int) -> None:
        """Send a signal to the process.

        Args:
            signalID: a number, or a name with or without its prefix: "KILL", "SIGTERM"...

        Raises:
            ProcessExitedAlready: the process has ended.
            ValueError, TypeError: there is no such signal.
            OSError: the process belongs to somebody else by now.
        """
        number = signalNumber(signalID)
        if self._watch is None:
            raise ProcessExitedAlready("the process has ended, and cannot be signalled")
        try:
            self._watch.send(number)
        except ProcessLookupError as problem:
            raise ProcessExitedAlready("somebody else has waited for the process") from problem

    def reapProcess(self) -> None:
        """Look whether the process has ended."""
        watch = self._watch
        if watch is None:
            return
        try:
            status = watch.ask()
        except ChildProcessError:
            _log.warn(
                "How process {pid} ended is not known: SIGCHLD is ignored, or another part of "
                "the program has waited for all its children",
                pid=self.pid,
            )
            self._ended(None)
            return
        if status is not None:
            self.processEnded(status)

    def processEnded(self, status: int) -> None:
        """The process has been reaped.

        Args:
            status: as `os.waitpid` gives it.
        """
        self._ended(status)

    def _ended(self, status: int | None) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.close()
        self.pid = None
        self.status = status
        self.lostProcess = True
        self._reason = reasonFor(status)
        if self.proto is not None:
            self._tell(self.proto.processExited, self._reason)
        self.maybeCallProcessEnded()

    def _isOver(self) -> bool:
        """Whether the process has been reaped, and all that led to it is closed."""
        return self.lostProcess

    def maybeCallProcessEnded(self) -> None:
        """Tell the protocol of the end, if it has come and all data were read."""
        if self._isOver() and self.proto is not None:
            proto, self.proto = self.proto, None
            self._tell(proto.processEnded, self._reason)


def reasonFor(status: int | None) -> Failure:
    """What protocols are told about a process that ended with this status."""
    if status is None:
        return Failure(ProcessTerminated())
    if os.WIFSIGNALED(status):
        return Failure(ProcessTerminated(None, os.WTERMSIG(status), status))
    code = os.WEXITSTATUS(status)
    return Failure(ProcessTerminated(code, None, status) if code else ProcessDone(status))


def signalNumber(signalID: str | int) -> int:
    """The number of a signal that is given by its name or number."""
    if isinstance(signalID, str):
        name = signalID if signalID.startswith("SIG") else f"SIG{signalID}"
        number = getattr(signal, name, None)
        if isinstance(number, signal.Signals):
            return int(number)
    elif not isinstance(signalID, int):
        raise TypeError(f"a signal is a number or a name like 'TERM', not {signalID!r}")
    elif 0 <= signalID < signal.NSIG:
        return int(signalID)
    raise ValueError(f"there is no signal {signalID!r}: give a number, or a name like 'TERM'")
