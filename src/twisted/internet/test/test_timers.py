"""Timers: delayed calls, and the queue that knows which of them are due."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from zope.interface.verify import verifyObject

from twisted.internet._timers import _COMPACT_FROM, DelayedCall, TimerQueue, checkDelay
from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IDelayedCall
from twisted.trial import unittest


def _nothing() -> None:
    pass


class _Time:
    """A clock and a queue, used as the reactor uses them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.queue = TimerQueue()

    def seconds(self) -> float:
        return self.now

    def later(
        self, delay: float, func: Callable[..., object] = _nothing, *args: Any
    ) -> DelayedCall:
        """Plan a call, as `callLater` does."""
        queue = self.queue
        call = DelayedCall(
            self.now + delay, func, args, {}, queue.cancelled, queue.rescheduled, self.seconds
        )
        queue.fresh.append(call)
        return call

    def due(self) -> list[DelayedCall]:
        """Take all that are due now, as a turn of the loop does."""
        found = []
        self.queue.nextTime()
        while (call := self.queue.popDue(self.now)) is not None:
            call.called = True
            found.append(call)
        return found


class DelayedCallTests(unittest.SynchronousTestCase):
    """`DelayedCall` with a clock that stands still, and no queue."""

    def setUp(self) -> None:
        self.now = 100.0
        self.told: list[tuple[str, DelayedCall]] = []
        self.call = self.make(110.0, _nothing)

    def make(
        self, time: float, func: Callable[..., object], *args: object, **kw: object
    ) -> DelayedCall:
        return DelayedCall(
            time,
            func,
            args,
            kw,
            lambda call: self.told.append(("cancel", call)),
            lambda call: self.told.append(("reset", call)),
            lambda: self.now,
        )

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IDelayedCall, self.call))

    def test_fresh(self) -> None:
        self.assertTrue(self.call.active())
        self.assertEqual(self.call.getTime(), 110.0)
        self.assertEqual(self.told, [])

    def test_cancel(self) -> None:
        self.call.cancel()
        self.assertFalse(self.call.active())
        self.assertEqual((self.call.cancelled, self.call.called), (True, False))
        self.assertEqual(self.told, [("cancel", self.call)])

    def test_cancelLetsGoOfWhatItWouldCall(self) -> None:
        call = self.make(1, self.fail, object(), key=object())
        call.cancel()
        self.assertEqual((call.func, call.args, call.kw), (None, (), {}))

    def test_reset(self) -> None:
        """Counts from now, earlier or later than planned."""
        for delay in (20.0, 1, 0):
            self.call.reset(delay)
            self.assertEqual(self.call.getTime(), self.now + delay)
        self.assertEqual(self.told, [("reset", self.call)] * 3)

    def test_delay(self) -> None:
        """Counts from when it was planned, in either direction."""
        self.call.delay(5)
        self.assertEqual(self.call.getTime(), 115.0)
        self.call.delay(-7.5)
        self.assertEqual(self.call.getTime(), 107.5)
        self.assertEqual(self.told, [("reset", self.call)] * 2)

    def test_afterTheCall(self) -> None:
        self.call.called = True
        self._assertRefuses(AlreadyCalled)

    def test_afterCancel(self) -> None:
        self.call.cancel()
        self.told.clear()
        self._assertRefuses(AlreadyCancelled)

    def _assertRefuses(self, error: type[Exception]) -> None:
        self.assertFalse(self.call.active())
        self.assertRaises(error, self.call.cancel)
        self.assertRaises(error, self.call.reset, 1)
        self.assertRaises(error, self.call.delay, 1)
        self.assertEqual(self.call.getTime(), 110.0)
        self.assertEqual(self.told, [])

    def test_impossibleResets(self) -> None:
        for delay in (-1, -1e-9, -math.inf, math.nan):
            wrong = self.assertRaises(ValueError, self.call.reset, delay)
            self.assertIn(repr(delay), str(wrong))
        self.assertEqual(self.call.getTime(), 110.0)
        self.assertEqual(self.told, [])

    def test_repr(self) -> None:
        call = self.make(102.5, _nothing, 1, b"two", three=3)
        self.assertIn("[2.500000s] active _nothing(1, b'two', three=3)", repr(call))
        call.called = True
        self.assertIn("called _nothing", repr(call))

    def test_reprOfACancelledCall(self) -> None:
        self.call.cancel()
        self.assertIn("[10.000000s] cancelled", repr(self.call))

    def test_reprOfAnOverdueCall(self) -> None:
        self.now = 111.0
        self.assertIn("[-1.000000s] active", repr(self.call))

    def test_reprOfMethodsAndObjects(self) -> None:
        class Callable:
            def method(self) -> None: ...
            def __call__(self) -> None: ...
            def __repr__(self) -> str:
                return "<a callable>"

        self.assertIn("Callable.method()", repr(self.make(1, Callable().method)))
        self.assertIn("<a callable>()", repr(self.make(1, Callable())))

    def test_creator(self) -> None:
        """With debugging on, the repr ends with the stack of who planned the call."""
        self.assertIs(self.call.creator, None)
        self.assertNotIn("traceback", repr(self.call))
        self.patch(DelayedCall, "debug", True)
        call = self.make(1, _nothing)
        self.assertIn("traceback at creation:", repr(call))
        self.assertIn("test_creator", repr(call))
        self.assertTrue(repr(call).endswith(">"))

    def test_debugKeepsWhatACancelledCallWouldCall(self) -> None:
        self.patch(DelayedCall, "debug", True)
        call = self.make(1, _nothing, "argument")
        call.cancel()
        self.assertIn("cancelled _nothing('argument')", repr(call))

    def test_checkDelay(self) -> None:
        for good in (0, -0.0, 5e-324, 1, 10**400, math.inf):
            checkDelay(good)
        for bad in (-1, -5e-324, -(10**400), math.nan):
            self.assertRaises(ValueError, checkDelay, bad)


class TimerQueueTests(unittest.SynchronousTestCase):
    """`TimerQueue`: which call is next, and which are due."""

    def setUp(self) -> None:
        self.time = _Time()
        self.queue = self.time.queue

    def test_empty(self) -> None:
        self.assertIs(self.queue.nextTime(), None)
        self.assertIs(self.queue.popDue(math.inf), None)
        self.assertEqual(self.queue.pending(), [])

    def test_order(self) -> None:
        calls = [self.time.later(delay) for delay in (3, 1, 2)]
        self.assertEqual(self.queue.nextTime(), 1)
        self.time.now = 3
        self.assertEqual(self.time.due(), [calls[1], calls[2], calls[0]])

    def test_notBeforeItsTime(self) -> None:
        call = self.time.later(1)
        self.time.now = math.nextafter(1, 0)
        self.assertEqual(self.time.due(), [])
        self.time.now = 1
        self.assertEqual(self.time.due(), [call])
        self.assertIs(self.queue.nextTime(), None)

    def test_equalTimes(self) -> None:
        """In the order in which they were made, cancelled ones aside."""
        calls = [self.time.later(1) for _ in range(100)]
        for call in calls[::3]:
            call.cancel()
        del calls[::3]
        self.time.now = 1
        self.assertEqual(self.time.due(), calls)

    def test_equalTimesOfSeveralTurns(self) -> None:
        first = self.time.later(1)
        self.assertEqual(self.queue.nextTime(), 1)
        second = self.time.later(1)
        self.time.now = 1
        self.assertEqual(self.time.due(), [first, second])

    def test_callsThatCannotBeCompared(self) -> None:
        """The order of equal times does not ask the calls, nor what they call."""
        for _ in range(20):
            self.time.later(1, object(), {}, [], object())  # type: ignore[arg-type]  # not called
        self.time.now = 1
        self.assertEqual(len(self.time.due()), 20)

    def test_infinitelyFar(self) -> None:
        call = self.time.later(math.inf)
        sooner = self.time.later(1e300)
        self.assertEqual(self.queue.nextTime(), 1e300)
        self.time.now = 1e308
        self.assertEqual(self.time.due(), [sooner])
        call.reset(0)
        self.assertEqual(self.time.due(), [call])

    def test_popDueLooksNotAtFreshCalls(self) -> None:
        """One that plans another for at once gives others their turn first."""
        first = self.time.later(0)
        self.queue.admit()
        second = self.time.later(0)
        self.assertEqual(self.queue.popDue(0), first)
        self.assertIs(self.queue.popDue(0), None)
        self.assertEqual(self.queue.nextTime(), 0)
        self.assertEqual(self.queue.popDue(0), second)

    def test_cancelBeforeTheLoopLooks(self) -> None:
        call = self.time.later(1)
        call.cancel()
        self.assertIs(self.queue.nextTime(), None)
        self.assertEqual(self.queue.pending(), [])

    def test_cancelTheNext(self) -> None:
        first, second = self.time.later(1), self.time.later(2)
        self.assertEqual(self.queue.nextTime(), 1)
        first.cancel()
        self.assertEqual(self.queue.nextTime(), 2)
        self.assertEqual(self.queue.pending(), [second])

    def test_resetToLater(self) -> None:
        call, other = self.time.later(1), self.time.later(2)
        self.assertEqual(self.queue.nextTime(), 1)
        call.reset(5)
        self.assertEqual(self.queue.nextTime(), 2)
        self.time.now = 4
        self.assertEqual(self.time.due(), [other])
        self.time.now = 5
        self.assertEqual(self.time.due(), [call])

    def test_resetToLaterOfACallThatIsDue(self) -> None:
        call = self.time.later(1)
        self.queue.admit()
        call.delay(1)
        self.assertIs(self.queue.popDue(1.5), None)
        self.assertEqual(self.queue.popDue(2), call)

    def test_orderOfMovedCallsWhenTheLoopIsLate(self) -> None:
        calls = [self.time.later(delay) for delay in (2, 2.5, 3)]
        self.queue.admit()
        calls[1].reset(4)
        self.time.now = 5
        self.assertEqual(self.time.due(), [calls[0], calls[2], calls[1]])

    def test_resetToEarlier(self) -> None:
        self.time.later(3)
        call = self.time.later(5)
        self.assertEqual(self.queue.nextTime(), 3)
        call.reset(1)
        self.assertEqual(self.queue.nextTime(), 1)
        self.time.now = 1
        self.assertEqual(self.time.due(), [call])
        self.time.now = 10
        self.assertNotIn(call, self.time.due())

    def test_laterAndThenEarlier(self) -> None:
        """The entry that it has in the heap still serves."""
        call = self.time.later(5)
        self.queue.admit()
        call.reset(10)
        call.reset(7)
        self.assertEqual(self.queue.nextTime(), 7)
        call.reset(3)
        self.assertEqual(self.queue.nextTime(), 3)
        self.time.now = 10
        self.assertEqual(self.time.due(), [call])

    def test_laterLookedAtAndThenEarlier(self) -> None:
        """Earlier than it was to be, though later than it was once."""
        for look in (self.queue.nextTime, lambda: self.queue.popDue(2)):
            call = self.time.later(1)
            self.queue.admit()
            call.reset(10)
            look()
            call.reset(5)
            self.assertEqual(self.queue.nextTime(), 5)
            call.cancel()

    def test_laterBeforeTheLoopLooksAndThenEarlier(self) -> None:
        call = self.time.later(1)
        call.reset(10)
        self.assertEqual(self.queue.nextTime(), 10)
        call.reset(5)
        self.assertEqual(self.queue.nextTime(), 5)

    def test_manyMovedToOneMoment(self) -> None:
        """With new ones of that moment among them; each comes once."""
        calls = [self.time.later(1) for _ in range(10)]
        self.queue.admit()
        for call in calls:
            call.reset(5)
        calls += [self.time.later(5) for _ in range(10)]
        self.time.now = 2
        self.assertEqual(self.time.due(), [])
        calls += [self.time.later(3) for _ in range(10)]
        self.time.now = 5
        due = self.time.due()
        self.assertEqual((set(due), len(due)), (set(calls), 30))

    def test_earlierInTheMiddleOfARound(self) -> None:
        """By one that was due before it: it comes once."""
        first, second = self.time.later(1), self.time.later(2)
        self.queue.admit()
        self.assertIs(self.queue.popDue(3), first)
        second.delay(-0.5)
        self.time.now = 3
        found = []
        while (call := self.queue.popDue(3)) is not None:
            found.append(call)
        self.assertEqual(found + self.time.due(), [second])

    def test_earlierTwiceAndCancelled(self) -> None:
        call = self.time.later(5)
        self.queue.admit()
        call.reset(4)
        call.reset(3)
        call.cancel()
        self.assertIs(self.queue.nextTime(), None)
        self.time.now = 10
        self.assertEqual(self.time.due(), [])

    def test_laterAndThenCancelled(self) -> None:
        call = self.time.later(5)
        self.queue.admit()
        call.reset(7)
        call.cancel()
        self.time.now = 10
        self.assertEqual(self.time.due(), [])

    def test_pending(self) -> None:
        kept, moved, cancelled, fresh = (self.time.later(delay) for delay in (1, 2, 3, 4))
        self.queue.admit()
        moved.reset(0.5)
        cancelled.cancel()
        moved.reset(9)
        self.assertEqual(set(self.queue.pending()), {kept, moved, fresh})
        self.assertEqual(len(self.queue.pending()), 3)

    def test_movedWhileItIsTaken(self) -> None:
        """A call in progress is in the queue no more: others may not find it there."""
        call = self.time.later(1)
        self.queue.admit()
        self.assertIs(self.queue.popDue(1), call)
        self.assertEqual(self.queue.pending(), [])


class CompactionTests(unittest.SynchronousTestCase):
    """What is left in the heap of calls that were cancelled or moved."""

    def setUp(self) -> None:
        self.time = _Time()
        self.queue = self.time.queue

    def assertSmall(self, live: int) -> None:
        """The heap holds no more than twice what lives, but for what a sweep is worth."""
        self.assertLessEqual(len(self.queue._heap), 2 * live + _COMPACT_FROM + 1)

    def test_cancelledTimeouts(self) -> None:
        """A server whose every request has a timeout that is never reached."""
        keeper = self.time.later(1e6)
        for _ in range(20 * _COMPACT_FROM):
            call = self.time.later(1000)
            self.queue.nextTime()
            call.cancel()
            self.assertSmall(1)
        self.time.now = 1e6
        self.assertEqual(self.time.due(), [keeper])

    def test_movedToEarlier(self) -> None:
        call = self.time.later(1e6)
        for step in range(20 * _COMPACT_FROM):
            self.queue.nextTime()
            call.reset(1e6 - step - 1)
            self.assertSmall(1)
        self.assertEqual(self.queue.pending(), [call])

    def test_movedToLater(self) -> None:
        """An idle timeout: no entry is ever added."""
        call = self.time.later(10)
        for step in range(20 * _COMPACT_FROM):
            self.time.now = step * 0.01
            self.assertEqual(self.time.due(), [])
            call.reset(10)
            self.assertEqual(len(self.queue._heap), 1)

    def test_mostOfManyCancelled(self) -> None:
        calls = [self.time.later(delay % 97) for delay in range(3000)]
        self.queue.admit()
        alive = calls[::50]
        for call in set(calls) - set(alive):
            call.cancel()
        self.assertSmall(len(alive))
        self.time.now = 100
        self.assertEqual(self.time.due(), sorted(alive, key=DelayedCall.getTime))


class _Model(RuleBasedStateMachine):
    """The queue does what a list does that is sorted whenever it is looked at."""

    delays = strategies.one_of(
        strategies.sampled_from([0.0, 1.0, 2.0, 5.0]), strategies.floats(0, 20, width=16)
    )
    picks = strategies.integers(0, 10**6)

    def __init__(self) -> None:
        super().__init__()
        self.time = _Time()
        #: Those that are to come, with their times as the model has them.
        self.planned: dict[DelayedCall, float] = {}

    def _pick(self, pick: int) -> DelayedCall:
        calls = list(self.planned)
        return calls[pick % len(calls)]

    @rule(times=strategies.lists(delays, min_size=1, max_size=6))
    def add(self, times: list[float]) -> None:
        for delay in times:
            call = self.time.later(delay)
            self.planned[call] = self.time.now + delay

    @rule(delay=delays, count=strategies.integers(100, 300))
    def addManyAndCancelThem(self, delay: float, count: int) -> None:
        calls = [self.time.later(delay) for _ in range(count)]
        self.time.queue.admit()
        for call in calls:
            call.cancel()

    @precondition(lambda self: self.planned)
    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        call = self._pick(pick)
        call.cancel()
        del self.planned[call]

    @precondition(lambda self: self.planned)
    @rule(moves=strategies.lists(strategies.tuples(picks, delays), min_size=1, max_size=4))
    def reset(self, moves: list[tuple[int, float]]) -> None:
        for pick, delay in moves:
            call = self._pick(pick)
            call.reset(delay)
            self.planned[call] = self.time.now + delay

    @precondition(lambda self: self.planned)
    @rule(pick=picks, by=strategies.floats(-20, 20, width=16))
    def delay(self, pick: int, by: float) -> None:
        call = self._pick(pick)
        call.delay(by)
        self.planned[call] += by

    @rule(step=delays)
    def turn(self, step: float) -> None:
        """Time passes, and the loop takes what is due, in the order of times."""
        self.time.now += step
        taken = self.time.due()
        due = {call for call, time in self.planned.items() if time <= self.time.now}
        assert set(taken) == due
        assert len(taken) == len(due)
        times = [self.planned.pop(call) for call in taken]
        assert times == sorted(times)

    @rule()
    def look(self) -> None:
        """The loop looks how long it may wait."""
        assert self.time.queue.nextTime() == min(self.planned.values(), default=None)

    @invariant()
    def timesAreKept(self) -> None:
        assert all(call.getTime() == time for call, time in self.planned.items())

    def teardown(self) -> None:
        pending = self.time.queue.pending()
        assert set(pending) == set(self.planned)
        assert len(pending) == len(self.planned)


class PropertyTests(unittest.SynchronousTestCase):
    """`TimerQueue` against a model."""

    def test_model(self) -> None:
        run_state_machine_as_test(
            _Model, settings=settings(deadline=None, max_examples=80, stateful_step_count=20)
        )
