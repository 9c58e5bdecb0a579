"""Hearing of the end of child processes.

Theory of operation
-------------------
A child that has ended is kept by the kernel until its parent asks for its status.  We ask
for our own children only, each by itself: ``waitpid(-1)`` would take the status of those
that another library has started.

Where the kernel has pidfds, each child has one: a descriptor that becomes readable when the
child ends, and that names this child for ever, even if its number is given to another process.
It is watched by the reactor as any other descriptor: no signal handler, any thread.

Elsewhere there is SIGCHLD.  Several children that end together may send one signal, so
that each signal has all known children asked.  The handler runs between two instructions of
the main thread, and does no more than plan that in the reactors that have children.  It is
there as long as there are such children; what was there before is called as well, and is put
back.  A reactor in another thread cannot install a handler, and looks from time to time.
So does one on an event loop that is not written in Python: libuv installs a handler of its own,
which Python does not know of, and which ours would replace, or be replaced by.

When a reactor disconnects everything, its children live on.  Their end is then
nobody's business, but they still have to be asked for their status: the next child that is
started sees to that.

What does not work: a thread for each child, which is a thread for each child; `signalfd`, which
needs the signal blocked in all threads, and blocked signals are inherited by the children.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

from zope.interface import implementer

from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure

#: Seconds between two looks at a child that nothing announces the end of.
POLL_INTERVAL = 0.05

_CORE_FLAG = 0x80  # in a status: the kernel has left an image of the memory


class Reapable(Protocol):
    """What can be asked to look whether its process has ended."""

    def reapProcess(self) -> None: ...


#: The children that are known and have not been reaped, by process identifier.
reapProcessHandlers: dict[int, Reapable] = {}


def registerReapProcessHandler(pid: int, process: Reapable) -> None:
    """Have ``process.reapProcess()`` called by `reapAllProcesses`.

    Raises:
        RuntimeError: there is somebody for this process already.
    """
    if pid in reapProcessHandlers:
        raise RuntimeError(f"process {pid} is reaped by {reapProcessHandlers[pid]!r} already")
    reapProcessHandlers[pid] = process


def unregisterReapProcessHandler(pid: int, process: Reapable) -> None:
    """Undo `registerReapProcessHandler`.

    Raises:
        RuntimeError: `process` is not the one who reaps process `pid`.
    """
    if reapProcessHandlers.get(pid) is not process:
        raise RuntimeError(f"process {pid} is not reaped by {process!r}")
    del reapProcessHandlers[pid]


def reapAllProcesses() -> None:
    """Look which of the known children have ended."""
    for process in list(reapProcessHandlers.values()):
        process.reapProcess()


class Watch(Protocol):
    """How the end of one child is heard of."""

    def ask(self) -> int | None:
        """The status as `os.waitpid` gives it; None while the child lives.

        Raises:
            ChildProcessError: somebody else has asked before.
        """

    def send(self, number: int) -> None:
        """Send a signal to the child, which has not been reaped."""

    def close(self) -> None:
        """Watch no more."""


def watchChild(reactor: Any, process: Reapable, pid: int) -> Watch:
    """Have ``process.reapProcess()`` called in `reactor` when the child has ended."""
    for forgotten in list(_abandoned.values()):
        forgotten.reapProcess()
    registerReapProcessHandler(pid, process)
    pidfd = openPidfd(pid)
    if pidfd is None:
        return SignalWatch(reactor, process, pid)
    return PidfdWatch(reactor, process, pid, pidfd)


def openPidfd(pid: int) -> int | None:
    """A descriptor for a process, if the kernel gives one."""
    if hasattr(signal, "pidfd_send_signal"):
        try:
            return os.pidfd_open(pid)
        except OSError:
            # An old kernel, a sandbox, or too many files are open: signals do it too.
            return None
    return None


@implementer(IReadDescriptor)
class PidfdWatch:
    """Watches a child by its pidfd."""

    #: Says so to those who put away what a test has left.
    watchesProgram = True

    def __init__(self, reactor: Any, process: Reapable, pid: int, pidfd: int) -> None:
        self._reactor = reactor
        self._process = process
        self._pid = pid
        self._fd = pidfd
        #: What has taken over, if the reactor could not watch the descriptor.
        self._other: Watch | None = None
        reactor.addReader(self)

    def __repr__(self) -> str:
        return f"<the end of process {self._pid}, for {self._process!r}>"

    def logPrefix(self) -> str:
        return f"process {self._pid}"

    def fileno(self) -> int:
        return self._fd

    def doRead(self) -> None:
        self._process.reapProcess()

    def ask(self) -> int | None:
        if self._other is not None:
            return self._other.ask()
        if self._fd == -1:
            return _statusOf(self._pid)
        result = os.waitid(os.P_PIDFD, self._fd, os.WEXITED | os.WNOHANG)
        if result is None:
            return None
        if result.si_code == os.CLD_EXITED:
            return result.si_status << 8
        return result.si_status | (_CORE_FLAG if result.si_code == os.CLD_DUMPED else 0)

    def send(self, number: int) -> None:
        if self._fd != -1:
            signal.pidfd_send_signal(self._fd, number)
        else:
            os.kill(self._pid, number)

    def close(self) -> None:
        if self._other is not None:
            self._other.close()
            return
        _abandoned.pop(self._pid, None)
        self._release()
        unregisterReapProcessHandler(self._pid, self._process)

    def _release(self) -> None:
        if self._fd != -1:
            self._reactor.removeReader(self)
            os.close(self._fd)
            self._fd = -1

    def connectionLost(self, reason: Failure) -> None:
        """The reactor watches this no more."""
        self._release()
        if reason.check(OSError, ValueError):
            # It never could: select(), and a number that is too high for it.
            self._other = SignalWatch(self._reactor, self._process, self._pid)
        else:
            _abandoned[self._pid] = self._process


class SignalWatch:
    """Watches a child by SIGCHLD."""

    def __init__(self, reactor: Any, process: Reapable, pid: int) -> None:
        self._reactor = reactor
        self._process = process
        self._pid = pid
        self._look: Any = None
        if getattr(reactor, "_sharesSignals", False) or not _childSignal.add(self):
            self._lookLater()
        # It may have ended before anybody listened.
        reactor.callFromThread(process.reapProcess)

    def told(self) -> None:
        """Some child has ended."""
        self._reactor.callFromThread(self._process.reapProcess)

    def _lookLater(self) -> None:
        self._look = self._reactor.callLater(POLL_INTERVAL, self._lookNow)

    def _lookNow(self) -> None:
        self._lookLater()
        self._process.reapProcess()

    def ask(self) -> int | None:
        return _statusOf(self._pid)

    def send(self, number: int) -> None:
        os.kill(self._pid, number)

    def close(self) -> None:
        _childSignal.remove(self)
        if self._look is not None and self._look.active():
            self._look.cancel()
        unregisterReapProcessHandler(self._pid, self._process)


class ChildSignal:
    """The handler of SIGCHLD, for as long as somebody wants to be told."""

    def __init__(self) -> None:
        self._watches: dict[int, SignalWatch] = {}
        self._previous: Callable[[int, FrameType | None], object] | int | None = None
        self._installed = False
        self._handling = False

    def add(self, watch: SignalWatch) -> bool:
        """Tell `watch` of each signal; whether that can be done."""
        if not self._installed or signal.getsignal(signal.SIGCHLD) != self._handle:
            try:
                previous = signal.signal(signal.SIGCHLD, self._handle)
            except ValueError:
                return False  # not in the main thread
            signal.siginterrupt(signal.SIGCHLD, False)
            self._previous = previous
            self._installed = True
        self._watches[id(watch)] = watch
        return True

    def remove(self, watch: SignalWatch) -> None:
        """Tell `watch` no more; the last one takes the handler with it."""
        self._watches.pop(id(watch), None)
        if self._watches or not self._installed:
            return
        if signal.getsignal(signal.SIGCHLD) == self._handle:
            previous = signal.SIG_DFL if self._previous is None else self._previous
            try:
                signal.signal(signal.SIGCHLD, previous)
            except ValueError:
                return  # not in the main thread: the handler has nobody to tell
        self._installed = False
        self._previous = None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._handling:
            return  # what was there before us calls what was there before it, which is us
        self._handling = True
        try:
            for watch in list(self._watches.values()):
                watch.told()
            if callable(self._previous):
                self._previous(number, frame)
        finally:
            self._handling = False


def _statusOf(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return status if ended else None


_childSignal = ChildSignal()
#: Children whose reactor looks after nothing any more, by process identifier.
_abandoned: dict[int, Reapable] = {}
