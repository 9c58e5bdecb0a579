"""Timers: a call in the future, and the queue that the loop asks what is due.

Theory of operation
-------------------
The queue is a heap of ``(time, ticket, call)``; the ticket keeps calls of one
moment in the order in which they were made, and spares the heap a comparison of
calls.  A call that is cancelled or moved to an earlier time leaves its entry where
it is: the entry counts only while it bears the call's current ticket, and stale ones
are dropped when they reach the top, or all at once when they outnumber the live
ones.  A call that moves to a later time, as idle timeouts do with every message,
touches nothing at all: its entry is put back when it reaches the top too early.

New calls wait outside the heap until the loop next looks.  Most timeouts are
cancelled in the turn that made them, and so never cost a push.

What does not work: deleting from the middle of a heap (a search), and a wheel of
slots (no order within a slot, which `callLater(0)` chains need).
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from heapq import heapify, heappop, heappush, heapreplace
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IDelayedCall
from twisted.python.runtime import seconds as runtimeSeconds

__name__ = "twisted.internet.base"  # the public path, for pickles and messages

_WAITING = -1  # ticket of a call that is not in the heap yet
_COMPACT_FROM = 128  # below this many stale entries a sweep costs more than it frees


@implementer(IDelayedCall)
class DelayedCall:
    """A call that `callLater` has planned.

    Args:
        time: when to call, in seconds on the clock `seconds`.
        func: what to call, with `args` and `kw`.
        cancel: told about the call when it has been cancelled.
        reset: told about the call when its time has changed.
        seconds: the clock.
    """

    __slots__ = (
        "__weakref__",
        "_entryTime",
        "_onCancel",
        "_onReset",
        "_ticket",
        "args",
        "called",
        "cancelled",
        "creator",
        "func",
        "kw",
        "seconds",
        "time",
    )

    #: Keep the stack of the `callLater` that made each call, for its `repr`.
    debug: ClassVar[bool] = False

    def __init__(
        self,
        time: float,
        func: Callable[..., object],
        args: tuple[Any, ...],
        kw: dict[str, Any],
        cancel: Callable[[DelayedCall], object],
        reset: Callable[[DelayedCall], object],
        seconds: Callable[[], float] = runtimeSeconds,
    ) -> None:
        self.time = time
        self.func: Callable[..., object] | None = func
        self.args = args
        self.kw = kw
        self._onCancel = cancel
        self._onReset = reset
        self.seconds = seconds
        self.cancelled = False
        self.called = False
        self._ticket = _WAITING
        self._entryTime = time
        self.creator: list[str] | None = None
        if self.debug:
            self.creator = traceback.format_stack()[:-2]

    def getTime(self) -> float:
        """When the call will be made, in seconds on the reactor's clock."""
        return self.time

    def active(self) -> bool:
        """Whether the call is still to come."""
        return not (self.cancelled or self.called)

    def _check(self) -> None:
        if self.cancelled:
            raise AlreadyCancelled()
        if self.called:
            raise AlreadyCalled()

    def cancel(self) -> None:
        """Unplan the call.

        Raises:
            AlreadyCalled: it has been made.
            AlreadyCancelled: it was unplanned before.
        """
        if self.cancelled or self.called:
            self._check()
        self.cancelled = True
        self._onCancel(self)
        if not self.debug:
            # Timeouts are often the last owner of what they would have called.
            self.func = None
            self.args = ()
            self.kw = {}

    def reset(self, secondsFromNow: float) -> None:
        """Make the call `secondsFromNow` seconds from now instead.

        Raises:
            AlreadyCalled: it has been made.
            AlreadyCancelled: it was unplanned before.
            ValueError: the delay is negative or not a number.
        """
        if self.cancelled or self.called:
            self._check()
        checkDelay(secondsFromNow)
        self.time = self.seconds() + secondsFromNow
        self._onReset(self)

    def delay(self, secondsLater: float) -> None:
        """Make the call `secondsLater` seconds later than planned; may be negative.

        Raises:
            AlreadyCalled: it has been made.
            AlreadyCancelled: it was unplanned before.
        """
        self._check()
        self.time += secondsLater
        self._onReset(self)

    def __repr__(self) -> str:
        state = "cancelled" if self.cancelled else "called" if self.called else "active"
        what = getattr(self.func, "__qualname__", None) or repr(self.func)
        text = (
            f"<DelayedCall {id(self):#x} [{self.time - self.seconds():.6f}s] "
            f"{state} {what}{self._argumentText()}"
        )
        if self.creator is not None:
            text += "\n\ntraceback at creation:\n\n" + "".join(self.creator)
        return text + ">"

    def _argumentText(self) -> str:
        words = [repr(arg) for arg in self.args]
        words += [f"{name}={value!r}" for name, value in self.kw.items()]
        return f"({', '.join(words)})"


def checkDelay(delay: float) -> None:
    """Raise ValueError unless `delay` is a number of seconds, 0 or more."""
    # `not >=` rather than `<`: a NaN is neither, and would upset the heap for good.
    if not delay >= 0:
        raise ValueError(f"a delay is 0 seconds or more, not {delay!r}")


class TimerQueue:
    """The calls that are planned, and which of them are due."""

    __slots__ = ("_heap", "_nextTicket", "_stale", "cancelled", "fresh", "rescheduled")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, DelayedCall]] = []
        self._nextTicket = 0
        self._stale = 0
        #: Calls made since the loop last looked; `callLater` appends to it.
        self.fresh: list[DelayedCall] = []
        # Kept as attributes: `callLater` hands them to each call that it makes.
        self.cancelled = self._noteCancelled
        self.rescheduled = self._noteRescheduled

    def _noteCancelled(self, call: DelayedCall) -> None:
        if call._ticket != _WAITING:
            self._noteStale()

    def _noteRescheduled(self, call: DelayedCall) -> None:
        if call._ticket != _WAITING and call.time < call._entryTime:
            call._ticket = _WAITING
            self.fresh.append(call)
            self._noteStale()

    def _noteStale(self) -> None:
        self._stale += 1
        if self._stale > _COMPACT_FROM and self._stale * 2 > len(self._heap):
            self._heap = [
                entry
                for entry in self._heap
                if entry[1] == entry[2]._ticket and not entry[2].cancelled
            ]
            heapify(self._heap)
            self._stale = 0

    def admit(self) -> None:
        """Move the calls that were made since the last time into the heap."""
        heap, ticket = self._heap, self._nextTicket
        fresh = [call for call in self.fresh if not call.cancelled]
        self.fresh.clear()
        for call in fresh:
            call._ticket = ticket
            call._entryTime = call.time
            heappush(heap, (call.time, ticket, call))
            ticket += 1
        self._nextTicket = ticket

    def nextTime(self) -> float | None:
        """When the next call is due, in seconds on the clock; None without calls."""
        if self.fresh:
            self.admit()
        heap = self._heap
        while heap:
            time, ticket, call = heap[0]
            if ticket != call._ticket or call.cancelled:
                heappop(heap)
                self._stale -= 1
            elif call.time > time:
                self._putBack(call)
            else:
                return time
        return None

    def _putBack(self, call: DelayedCall) -> None:
        """Replace the top entry by one with the time to which its call has moved."""
        call._ticket = self._nextTicket
        call._entryTime = call.time
        self._nextTicket += 1
        heapreplace(self._heap, (call.time, call._ticket, call))

    def popDue(self, now: float) -> DelayedCall | None:
        """Remove and return the next call that is due at `now`, or None.

        Calls that were made since `admit` are not looked at: a call that plans
        another one for at once gives the sockets their turn first.
        """
        heap = self._heap
        while heap and heap[0][0] <= now:
            time, ticket, call = heap[0]
            if ticket != call._ticket or call.cancelled:
                heappop(heap)
                self._stale -= 1
            elif call.time > time:
                # Due as well, perhaps, but in its turn.
                self._putBack(call)
            else:
                heappop(heap)
                # No entry is left behind: a call in progress is like a new one.
                call._ticket = _WAITING
                return call
        return None

    def pending(self) -> list[DelayedCall]:
        """All calls that are still to come, in no order."""
        self.admit()
        return [
            call for _, ticket, call in self._heap if ticket == call._ticket and not call.cancelled
        ]
