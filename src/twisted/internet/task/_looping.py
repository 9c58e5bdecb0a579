"""Call a function again and again, on a grid of times that does not drift.

Theory of operation.  The calls of a loop belong to the instants
``starttime + k * interval``.  Each call is due at one of them, and the next one
is the first instant of the grid after both the present time and the instant
which the present call was due at.  Slow calls therefore skip instants rather
than pile up, and a late call does not make the following one late.

Comparing with the instant that was *due*, and not only with the clock, is what
keeps the arithmetic honest: a timer may fire where the clock, after rounding,
still reads a hair less than ``starttime + k * interval``, and the same instant
would be served twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure
from twisted.python.reflect import fullyQualifiedName

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall, IReactorTime


class LoopingCall:
    """
    Call a function repeatedly.

    If the function returns a `Deferred` or a coroutine, the next call waits
    until it has fired; the instants which pass meanwhile are skipped.  If the
    function raises, or its Deferred fails, the loop ends and the Deferred that
    `start` returned fails with the same failure.

    Args:
        f: the function to call, with `a` and `kw`.

    Attributes:
        call: the delayed call of the next run, or None.
        clock: the `IReactorTime` that schedules the calls; the reactor unless
            it is set before `start`.
        deferred: what `start` returned while the loop has not ended, else None.
        interval: seconds between two calls.
        running: whether the loop has been started and not stopped.
        starttime: the origin of the grid, in seconds of the clock.
    """

    __module__ = "twisted.internet.task"

    call: IDelayedCall | None = None
    deferred: Deferred[LoopingCall] | None = None
    interval: float | None = None
    running: bool = False
    starttime: float | None = None

    _clock: IReactorTime | None = None
    _wantsCount: bool = False
    # The instant of the grid that the latest or the next call belongs to.
    _due: float = 0.0
    # Instants served so far, in intervals since starttime.
    _served: int = 0

    def __init__(self, f: Callable[..., object], *a: object, **kw: object) -> None:
        if not callable(f):
            raise TypeError(f"LoopingCall calls a function again and again: {f!r} is not callable")
        self.f = f
        self.a: tuple[object, ...] = a
        self.kw: Mapping[str, object] = kw

    @property
    def clock(self) -> IReactorTime:
        if self._clock is None:
            self._clock = installedReactor()
        return self._clock

    @clock.setter
    def clock(self, clock: IReactorTime) -> None:
        self._clock = clock

    @classmethod
    def withCount(cls, countCallable: Callable[[int], object]) -> LoopingCall:
        """
        Make a loop that tells its function how many instants have come since
        the function was called last.

        The count is 1 as long as the loop keeps up, and more after instants
        were skipped: the number of frames which an animation should advance.
        It is always 1 when the interval is 0.
        """
        loop = cls(countCallable)
        loop._wantsCount = True
        return loop

    def start(self, interval: float, now: bool = True) -> Deferred[LoopingCall]:
        """
        Start the loop.

        Args:
            interval: seconds between calls; 0 calls as often as the clock can
                without keeping other events from their turn.
            now: call at once too, and not first after one interval.

        Returns: a Deferred that fires with this object when the loop is
            stopped, or fails when the function does.

        Raises:
            AssertionError: the loop is running already.
            ValueError: the interval is negative or not a number.
        """
        if self.running:
            raise AssertionError(f"{self!r} is running already: stop() it before start()")
        if not interval >= 0 or math.isinf(interval):
            raise ValueError(f"interval must be a number of seconds, 0 or more: {interval!r}")
        self.running = True
        self.interval = interval
        self.starttime = self._due = self.clock.seconds()
        # The deferred may be gone from the attribute by the time this returns.
        deferred = self.deferred = Deferred()
        if now:
            self._served = -1
            self._runOnce()
        else:
            self._served = 0
            self._scheduleNext()
        return deferred

    def stop(self) -> None:
        """
        Stop the loop.  A run that still waits for its Deferred is not
        interrupted: the Deferred of `start` fires when that run has ended.

        Raises:
            AssertionError: the loop is not running.
        """
        if not self.running:
            raise AssertionError(f"{self!r} is not running: there is nothing to stop()")
        self.running = False
        if self.call is not None:
            self.call.cancel()
            self.call = None
            self._end(self.deferred, self)

    def reset(self) -> None:
        """
        Begin the grid anew at the present time: the next call comes one whole
        interval from now.

        Raises:
            AssertionError: the loop is not running.
        """
        if not self.running or self.starttime is None:
            raise AssertionError(f"{self!r} is not running: there is nothing to reset()")
        now = self.clock.seconds()
        # Instants that were missed before the reset remain to be counted.
        self._served -= self._instantsUntil(max(now, self._due) if self.call is None else now)
        self.starttime = self._due = now
        if self.call is not None:
            self.call.cancel()
            self._scheduleNext()

    def _instantsUntil(self, when: float) -> int:
        """How many intervals have passed at `when`, exact at the instants themselves."""
        if not self.interval or self.starttime is None:
            return 0
        count = math.floor((when - self.starttime) / self.interval)
        # The quotient of two rounded numbers may miss its integer by one.
        if self.starttime + (count + 1) * self.interval <= when:
            count += 1
        elif self.starttime + count * self.interval > when:
            count -= 1
        return count

    def _scheduleNext(self) -> None:
        assert self.interval is not None and self.starttime is not None
        now = self.clock.seconds()
        reached = max(now, self._due)
        if self.interval:
            instant = self._instantsUntil(reached) + 1
            self._due = self.starttime + instant * self.interval
            if self._due <= reached:
                # The interval is smaller than the resolution of the clock's number.
                self._due = reached + self.interval
        else:
            self._due = reached
        self.call = self.clock.callLater(max(0.0, self._due - now), self._runOnce)

    def _takeCount(self) -> int:
        """Instants since the previous run; this run serves them all."""
        if not self.interval:
            return 1
        reached = self._instantsUntil(max(self.clock.seconds(), self._due))
        count = reached - self._served
        self._served = reached
        return max(1, count)

    def _runOnce(self) -> None:
        self.call = None
        deferred = self.deferred
        if self._wantsCount:
            run = maybeDeferred(self.f, self._takeCount())
        else:
            run = maybeDeferred(self.f, *self.a, **self.kw)
        run.addCallbacks(self._ran, self._failed, callbackArgs=(deferred,), errbackArgs=(deferred,))

    def _ran(self, result: object, deferred: Deferred[LoopingCall]) -> None:
        # Another deferred means that the loop was stopped and started again while
        # this run was waiting; the new start has a schedule of its own.
        if self.running and self.deferred is deferred:
            self._scheduleNext()
        else:
            self._end(deferred, self)

    def _failed(self, failure: Failure, deferred: Deferred[LoopingCall]) -> None:
        if self.deferred is deferred:
            self.running = False
        self._end(deferred, failure)

    def _end(self, deferred: Deferred[LoopingCall] | None, result: LoopingCall | Failure) -> None:
        assert deferred is not None
        if self.deferred is deferred:
            self.deferred = None
        if isinstance(result, Failure):
            deferred.errback(result)
        else:
            deferred.callback(result)

    def __repr__(self) -> str:
        try:
            name = fullyQualifiedName(self.f)
        except AttributeError:
            name = repr(self.f)
        parts: list[Any] = [repr(value) for value in self.a]
        parts += [f"{key}={value!r}" for key, value in self.kw.items()]
        return f"LoopingCall<{self.interval!r}>({', '.join([name, *parts])})"
