"""The reactor on an event loop of asyncio, whoever made that; chapter 3.9.

For programs whose loop is chosen elsewhere, such as uvloop.  The default reactor needs no
help to run asyncio: see `docs/howto/asyncio.md`.

Theory of operation
-------------------
The loop turns, and calls: about a descriptor that is ready, which is served at once; when the
next timer is due; and soon after something has been written, planned or watched, for the sends
of the turn.  Each descriptor's event is thus a small turn of its own (`DescriptorSet.turn`
with one event), and what several of them have written goes out after the last of them.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable
from typing import Any

from twisted.internet._asynciotasks import mixed
from twisted.internet._lifecycle import State
from twisted.internet._multiplexers import READ, WRITE
from twisted.internet._multiplexers.poll import PollMultiplexer
from twisted.internet._timers import DelayedCall
from twisted.internet.interfaces import IReadDescriptor, IWriteDescriptor
from twisted.internet.main import installReactor
from twisted.internet.posixbase import PosixReactorBase
from twisted.logger import Logger

__all__ = ["AsyncioSelectorReactor", "Logger", "get_running_loop", "install"]


class _LoopMultiplexer:
    """A `Multiplexer` that never waits: a loop tells what is ready.

    Args:
        loop: the loop.
        onEvent: called with the descriptor that is ready, and for what.
    """

    def __init__(self, loop: AbstractEventLoop, onEvent: Callable[[int, int], None]) -> None:
        self._loop = loop
        self._onEvent = onEvent
        #: What is to be served in the turn that is about to be made.
        self.events: list[tuple[int, int]] = []
        self.masks: dict[int, int] = {}
        # Plain files, which no kernel watches, as they can always be read and written.
        self.alwaysReady: dict[int, int] = {}

    def register(self, fd: int, mask: int) -> None:
        try:
            self._change(fd, 0, mask)
        except PermissionError:
            self.alwaysReady[fd] = mask
        self.masks[fd] = mask

    def modify(self, fd: int, mask: int) -> None:
        if fd in self.alwaysReady:
            self.alwaysReady[fd] = mask
        else:
            self._change(fd, self.masks[fd], mask)
        self.masks[fd] = mask

    def unregister(self, fd: int) -> None:
        mask = self.masks.pop(fd, 0)
        if self.alwaysReady.pop(fd, None) is None:
            self._change(fd, mask, 0)

    def _change(self, fd: int, old: int, new: int) -> None:
        changed = old ^ new
        if changed & READ:
            if new & READ:
                self._loop.add_reader(fd, self._onEvent, fd, READ)
            else:
                self._loop.remove_reader(fd)
        if changed & WRITE:
            if new & WRITE:
                self._loop.add_writer(fd, self._onEvent, fd, WRITE)
            else:
                self._loop.remove_writer(fd)

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        events, self.events = self.events, []
        return events

    def close(self) -> None:
        for fd in list(self.masks):
            self.unregister(fd)


class AsyncioSelectorReactor(PosixReactorBase):
    """A reactor on an event loop of asyncio.

    `run` runs the loop.  Where the loop is run by somebody else, call `startRunning` instead.

    Args:
        eventloop: the loop, which must have `add_reader`; by default a new one, which the
            reactor closes when it has stopped.

    Raises:
        TypeError: this loop cannot watch descriptors.
    """

    def __init__(self, eventloop: AbstractEventLoop | None = None) -> None:
        self._isOurs = eventloop is None
        self._loop = eventloop if eventloop is not None else asyncio.new_event_loop()
        #: Under this name Scrapy looks for the loop.
        self._asyncioEventloop = self._loop
        if type(self._loop).add_reader in (None, AbstractEventLoop.add_reader):
            raise TypeError(
                f"{self._loop!r} cannot watch descriptors (it has no add_reader): "
                "use asyncio.SelectorEventLoop()"
            )
        if self._loop.get_task_factory() is None:
            self._loop.set_task_factory(_mixedTask)
        #: Whether the loop has handlers of signals that Python does not know of.
        self._sharesSignals = not isinstance(self._loop, asyncio.SelectorEventLoop)
        self._host = _LoopMultiplexer(self._loop, self._event)
        self._soon: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timerDue = float("inf")
        self._isRun = False
        self._iterating = False
        super().__init__()
        self._scheduleWriter = self._sendSoon
        self._timersRescheduled = self._timers.rescheduled
        self._timers.rescheduled = self._rescheduled

    def _makeMultiplexer(self) -> _LoopMultiplexer:
        return self._host

    # asyncio's tasks here are tasks of the loop that we are given

    def _loopOfAsyncio(self) -> AbstractEventLoop:
        return self._loop

    def _tasksOfAsyncio(self) -> set[Any]:
        return asyncio.all_tasks(self._loop)

    def _enterAsyncio(self) -> None:
        """The loop enters itself."""

    # Turns

    def _event(self, fd: int, mask: int) -> None:
        """The loop says that a descriptor is ready."""
        self._host.events.append((fd, mask))
        self._descriptors.turn(0)
        if self._iterating:
            self._loop.stop()
        elif self.threadCallQueue or not self.running:
            self._plan()

    def _plan(self) -> None:
        if self._soon is None and not self._loop.is_closed():
            self._soon = self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._soon = None
        if self._iterating:
            # Whoever iterates does this himself.
            self._loop.stop()
            return
        if self.running:
            self.runUntilCurrent()
            self._host.events.extend(self._host.alwaysReady.items())
            self._descriptors.turn(0)
        if self.running:
            self._planNext()
        elif self._isRun:
            self._loop.stop()
        elif self._lifecycle.state is State.STOPPED:
            self._signals.uninstall()
            self._release()

    def _planNext(self) -> None:
        delay = 0 if self._host.alwaysReady else self.timeout()
        if delay == 0:
            self._plan()
            return
        due = float("inf") if delay is None else self.seconds() + delay
        if due != self._timerDue or self._timer is None:
            self._disarm()
            if delay is not None:
                self._timerDue = due
                self._timer = self._loop.call_later(delay, self._timeIsUp)

    def _timeIsUp(self) -> None:
        self._disarm()
        self._turn()

    def _disarm(self) -> None:
        timer, self._timer, self._timerDue = self._timer, None, float("inf")
        if timer is not None:
            timer.cancel()

    def _sendSoon(self, transport: Any) -> None:
        self._dirty.append(transport)
        if self._soon is None:
            self._plan()

    def _rescheduled(self, call: DelayedCall) -> None:
        self._timersRescheduled(call)
        self._plan()

    def callLater(
        self, delay: float, callable: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> DelayedCall:
        """Call `callable` in `delay` seconds; see `IReactorTime`."""
        call = super().callLater(delay, callable, *args, **kwargs)
        if call.time < self._timerDue and self._soon is None:
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

    def _readSoon(self, reader: IReadDescriptor) -> None:
        self._descriptors.readSoon(reader)

    # Running

    def fireSystemEvent(self, eventType: str) -> None:
        """Run the triggers of an event; see `IReactorCore`."""
        outside = asyncio._get_running_loop()
        if outside is None:
            # The loop does not run yet, but triggers may begin what will.
            asyncio._set_running_loop(self._loop)
        try:
            super().fireSystemEvent(eventType)
        finally:
            asyncio._set_running_loop(outside)

    def mainLoop(self) -> None:
        """Run the loop until the reactor is stopped or crashed."""
        self._isRun = True
        try:
            if self.running:
                self._plan()
                self._loop.run_forever()
        finally:
            self._isRun = False
        self._flush()

    def doIteration(self, delay: float | None) -> None:
        """Wait, at most `delay` seconds (None: for ever), and call who is ready."""
        self._descriptors.turn(0)
        if self._loop.is_running():
            self._turnWithin(delay)
            return
        outside = asyncio._get_running_loop()
        if outside is self._loop:
            # A trigger iterates, before the loop runs.
            asyncio._set_running_loop(None)
        self._iterating = True
        stop = None
        if delay == 0:
            self._loop.call_soon(self._loop.stop)
        elif delay is not None:
            stop = self._loop.call_later(delay, self._loop.stop)
        try:
            self._loop.run_forever()
        finally:
            self._iterating = False
            asyncio._set_running_loop(outside)
            if stop is not None:
                stop.cancel()

    def _turnWithin(self, delay: float | None) -> None:
        """Wait in a callback of the loop, which cannot be run within itself."""
        within = PollMultiplexer()
        for fd, mask in self._host.masks.items():
            within.register(fd, mask)
        self._host.events.extend(within.poll(delay))
        self._descriptors.turn(0)

    def _release(self) -> None:
        super()._release()
        self._disarm()
        self._host.close()
        if self._isOurs and not self._loop.is_running():
            self._loop.close()


def _mixedTask(loop: AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
    """A task for a coroutine, which may await Deferreds."""
    return asyncio.Task(mixed(coro, loop), loop=loop, **options)


def install(eventloop: AbstractEventLoop | None = None) -> None:
    """Make an `AsyncioSelectorReactor` the reactor of this process.

    Args:
        eventloop: the loop to run on; by default a new one.
    """
    installReactor(AsyncioSelectorReactor(eventloop))
