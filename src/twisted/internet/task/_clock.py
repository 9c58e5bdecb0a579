"""A clock that moves only when it is told to, for tests that depend on time."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable

from zope.interface import implementer

from twisted.internet._timers import DelayedCall, TimerQueue, checkDelay
from twisted.internet.interfaces import IReactorTime


@implementer(IReactorTime)
class Clock:
    """
    A deterministic `IReactorTime`: give it to code in place of the reactor, then
    call `advance`.

    Attributes:
        rightNow: the present time, in seconds.
    """

    __module__ = "twisted.internet.task"

    rightNow: float = 0.0

    def __init__(self) -> None:
        self._timers = TimerQueue()

    @property
    def calls(self) -> list[DelayedCall]:
        """The calls to come, the next one first."""
        return self.getDelayedCalls()

    def seconds(self) -> float:
        """The present time; it begins at 0."""
        return self.rightNow

    def callLater(
        self, delay: float, callable: Callable[..., object], *args: object, **kw: object
    ) -> DelayedCall:
        """
        Plan a call for when the clock has advanced by `delay` seconds.

        Raises:
            TypeError: `callable` is not.
            ValueError: the delay is negative or not a number.
        """
        if not builtins.callable(callable):
            raise TypeError(f"callLater plans a call: {callable!r} cannot be called")
        checkDelay(delay)
        timers = self._timers
        call = DelayedCall(
            self.seconds() + delay,
            callable,
            args,
            kw,
            timers.cancelled,
            timers.rescheduled,
            self.seconds,
        )
        timers.fresh.append(call)
        return call

    def getDelayedCalls(self) -> list[DelayedCall]:
        """The calls to come, the next one first."""
        return sorted(self._timers.pending(), key=lambda call: (call.getTime(), call._ticket))

    def advance(self, amount: float) -> None:
        """
        Move the clock, and make the calls that are due then, in the order of
        their times; also those for at once that these calls plan.

        What a call raises, this raises.
        """
        self.rightNow += amount
        timers = self._timers
        while True:
            timers.admit()
            call = timers.popDue(self.seconds())
            if call is None:
                return
            call.called = True
            assert call.func is not None
            call.func(*call.args, **call.kw)

    def pump(self, timings: Iterable[float]) -> None:
        """`advance` by each of the given amounts."""
        for amount in timings:
            self.advance(amount)
