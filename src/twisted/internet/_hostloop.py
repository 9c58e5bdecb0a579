"""A reactor inside the event loop of somebody else: a toolkit of windows, as a rule.

Theory of operation
-------------------
The kernel's queue (epoll, kqueue) is a descriptor itself, which can be read when anything
that it watches is ready.  So the host's loop watches that one descriptor, whatever the
reactor watches, and keeps one timer, for the next delayed call; on either it calls us, and
we make one turn that does not wait.  Other threads and signals write to the waker, which
is in the queue like everything else.

Between two turns the application may do what the next one must hear of: write, plan a
call, watch a descriptor.  Then the timer is set to now.  Within a turn nothing is set,
since its end looks at all that; and a timer that is armed for an earlier time than needed
is left alone, because an idle turn now and then is cheaper than a new timer for each
message that moves a timeout.

What does not work: to turn the loop from a timer of some milliseconds (it delays every
message, and wakes the processor for nothing), and to give each descriptor to the host (every
toolkit has its own idea of writability, of errors, and of a descriptor that is closed).

A callback of the reactor that runs a loop of the host's within itself (a dialog that waits)
holds up the delayed calls; a callback of the host that does so holds up nothing.
"""

from __future__ import annotations

import select
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, Protocol

from twisted.internet._lifecycle import Event, State
from twisted.internet._multiplexers import Multiplexer
from twisted.internet._multiplexers.epoll import EpollMultiplexer
from twisted.internet._multiplexers.kqueue import KqueueMultiplexer
from twisted.internet._signals import SignalHandlers
from twisted.internet._timers import DelayedCall
from twisted.internet.interfaces import IReadDescriptor, IWriteDescriptor
from twisted.internet.posixbase import PosixReactorBase

__all__ = ["HostLoop", "HostLoopReactor", "KernelQueue"]

#: Seconds by which a timer may be late rather than be set anew: hosts count milliseconds.
_TOLERANCE = 0.001


class HostLoop(Protocol):
    """What the reactor wants of a loop that owns it; all in the thread of that loop.

    `watch` comes first: a host that is made early may look for its application then, and raise
    if this is no thread in which it can run.
    """

    def watch(self, fd: int, callback: Callable[[], object]) -> None:
        """Call back whenever `fd` can be read, and again for as long as it can.

        Called once before `unwatch`, with one descriptor only.
        """

    def unwatch(self) -> None:
        """Undo `watch`; harmless without it."""

    def set_timer(self, seconds: float | None, callback: Callable[[], object]) -> None:
        """Call back once, in so many seconds, never from within this call.

        There is one timer: what was set before is forgotten.  With None nothing else is set.
        """

    def run(self) -> None:
        """Run until `quit` is called, or until the application ends the loop its own way."""

    def quit(self) -> None:
        """Let `run` return soon; called by what `run` calls."""

    def iterate(self, block: bool) -> None:
        """Serve what is ready; with `block` wait for something first."""


class KernelQueue(Multiplexer, Protocol):
    """A multiplexer that is a descriptor itself."""

    def fileno(self) -> int:
        """A descriptor that can be read when something is ready."""

    def is_always_ready(self) -> bool:
        """Whether there is something ready that the descriptor does not tell of."""


def kernelQueue() -> KernelQueue:
    """The queue of this platform.

    Raises:
        OSError: it has none.
    """
    if hasattr(select, "epoll"):
        return EpollMultiplexer()
    if hasattr(select, "kqueue"):
        return KqueueMultiplexer()
    raise OSError(
        f"no epoll and no kqueue on {sys.platform}: a reactor within another loop needs one of them"
    )


class _HostedMultiplexer:
    """A `Multiplexer` that lets the host serve its windows while it waits.

    Args:
        queue: what knows who is ready.
        host: the loop to wait in.
    """

    __slots__ = ("_host", "is_turning", "is_waiting", "modify", "queue", "register", "unregister")

    def __init__(self, queue: KernelQueue, host: HostLoop) -> None:
        self.queue = queue
        self._host = host
        self.register = queue.register
        self.modify = queue.modify
        self.unregister = queue.unregister
        #: Whether the host has called us, for a turn, which is not to wait.
        self.is_turning = False
        #: Whether it runs only to end a wait of ours.
        self.is_waiting = False

    def poll(self, timeout: float | None) -> Sequence[tuple[int, int]]:
        if self.is_turning:
            return self.queue.poll(timeout)
        self.is_waiting = True
        block = timeout != 0 and not self.queue.is_always_ready()
        try:
            if block:
                self._host.set_timer(timeout, _nothing)
            self._host.iterate(block)
        finally:
            self.is_waiting = False
        return self.queue.poll(0)

    def close(self) -> None:
        self.queue.close()


def _nothing() -> None:
    """What a timer calls that only ends a wait."""


def _raiseInterrupt() -> None:
    raise KeyboardInterrupt


class HostLoopReactor(PosixReactorBase):
    """A reactor within a `HostLoop`.

    `run` runs the host's loop; if the application ends that by itself, the reactor stops,
    shutdown event included.  Where the application runs the host's loop itself, call
    `startRunning` before, and do not call `run`.

    Args:
        host: the loop.
        queue: what tells who is ready; by default what the platform has.
    """

    multiplexer = staticmethod(kernelQueue)

    def __init__(self, host: HostLoop, queue: KernelQueue | None = None) -> None:
        self._host = host
        self._hosted = _HostedMultiplexer(kernelQueue() if queue is None else queue, host)
        self._isRun = False
        self._isWatched = False
        #: The time for which the host's timer is set, on our clock.
        self._armedFor: float | None = None
        self._raised: BaseException | None = None
        super().__init__()
        self._interrupts = SignalHandlers({signal.SIGINT: self._interrupt}, self._signalFD)
        self._scheduleWriter = self._sendSoon
        self._timersRescheduled = self._timers.rescheduled
        self._timers.rescheduled = self._rescheduled

    def _makeMultiplexer(self) -> _HostedMultiplexer:
        return self._hosted

    # Turns

    def _turn(self) -> None:
        """The host says that something is ready."""
        hosted = self._hosted
        if hosted.is_waiting:
            # Whoever waits makes the turn.
            return
        outer, hosted.is_turning = hosted.is_turning, True
        try:
            if self._lifecycle.alive:
                self._descriptors.turn(0)
                self.runUntilCurrent()
                self._descriptors.tellKernel()
        except BaseException as error:
            # KeyboardInterrupt, where signals were left alone: for who called `run`.
            if not self._isRun:
                raise
            self._raised = error
            self._host.quit()
        finally:
            hosted.is_turning = outer
        self._planNext()

    def _timeIsUp(self) -> None:
        self._armedFor = None
        self._turn()

    def _planNext(self) -> None:
        if not self._lifecycle.alive:
            if self._isRun:
                self._host.quit()
            elif self._isWatched:
                self._leaveHost()
            return
        delay = 0 if self._hosted.queue.is_always_ready() else self.timeout()
        if delay is not None:
            due = self.seconds() + delay
            if self._armedFor is None or due < self._armedFor - _TOLERANCE:
                self._armedFor = due
                self._host.set_timer(delay, self._timeIsUp)

    def _leaveHost(self) -> None:
        """The application runs the host's loop, and goes on without us."""
        self._flush()
        waker = self.waker
        if self._lifecycle.state is State.STOPPED:
            # Kept open: a host that hears of signals by a descriptor of its own puts back, when
            # it ends, the one that it has found, which is the waker's.
            self.removeReader(waker)
            self.waker = None
        self._ceaseRunning()
        self.waker = waker

    def _plan(self) -> None:
        """Something has happened between two turns, perhaps."""
        if self._isWatched and not self._hosted.is_turning:
            self._planNow()

    def _planNow(self) -> None:
        now = self.seconds()
        if self._armedFor is None or now < self._armedFor:
            self._armedFor = now
            self._host.set_timer(0, self._timeIsUp)

    def _sendSoon(self, transport: Any) -> None:
        self._dirty.append(transport)
        self._plan()

    def _rescheduled(self, call: DelayedCall) -> None:
        self._timersRescheduled(call)
        self._plan()

    def callLater(
        self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any
    ) -> DelayedCall:
        """Call `callable` in `delay` seconds; see `IReactorTime`."""
        call = super().callLater(delay, callable, *args, **kw)
        if self._armedFor is None or call.time < self._armedFor:
            self._plan()
        return call

    def addReader(self, reader: IReadDescriptor) -> None:
        """Watch a reader; see `IReactorFDSet`."""
        super().addReader(reader)
        self._plan()

    def addWriter(self, writer: IWriteDescriptor) -> None:
        """Watch a writer; see `IReactorFDSet`."""
        super().addWriter(writer)
        self._plan()

    def doIteration(self, delay: float | None) -> None:
        """Wait, at most `delay` seconds (None: for ever), and call who is ready."""
        if not self._isWatched and not self._hosted.is_turning:
            # Before `run`, or after a crash: for this wait only.
            self._host.watch(self._hosted.queue.fileno(), self._turn)
            try:
                super().doIteration(delay)
            finally:
                self._host.unwatch()
                self._host.set_timer(None, _nothing)
            return
        super().doIteration(delay)
        if self._isWatched and not self._hosted.is_turning:
            # The wait had its own use for the timer.
            self._armedFor = None
            self._planNow()

    # Running

    def _begin(self, installSignalHandlers: bool) -> None:
        super()._begin(installSignalHandlers)
        if not installSignalHandlers:
            try:
                self._interrupts.install()
            except ValueError:
                # Not the main thread: no signal comes here.
                pass
        try:
            self._host.watch(self._hosted.queue.fileno(), self._turn)
        except BaseException:
            # There may be no loop in this thread.
            self._lifecycle.feed(Event.CRASH)
            self._ceaseRunning()
            raise
        self._isWatched = True
        self._planNow()

    def startRunning(self, installSignalHandlers: bool = True) -> None:
        """Begin to run, within the host's loop, which the application runs."""
        super().startRunning(installSignalHandlers)
        # Nobody has called `run`: Ctrl-C is as the application and its host have it.
        self._interrupts.uninstall()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-C was pressed, and signals were left alone: let `run` raise what Python raises.

        Between two turns Python would raise it when the host next calls it, and the host would
        print it and go on.
        """
        if self._hosted.is_turning:
            raise KeyboardInterrupt
        self.callFromThread(_raiseInterrupt)

    def mainLoop(self) -> None:
        """Run the host's loop until the reactor is stopped or crashed."""
        self._isRun = True
        try:
            if self._lifecycle.alive:
                self._host.run()
        finally:
            self._isRun = False
            raised, self._raised = self._raised, None
        if raised is not None:
            raise raised
        if self._lifecycle.alive:
            # The application has ended the host's loop, not the reactor.
            if self._lifecycle.state is State.RUNNING:
                self.stop()
            super().mainLoop()
        self._flush()

    def _ceaseRunning(self) -> None:
        self._unhost()
        self._interrupts.uninstall()
        super()._ceaseRunning()

    def _unhost(self) -> None:
        if self._isWatched:
            self._isWatched = False
            self._armedFor = None
            self._host.unwatch()
            self._host.set_timer(None, _nothing)
