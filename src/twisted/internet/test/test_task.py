"""`twisted.internet.task`: looping calls, delayed calls with results, the clock."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from twisted.internet import task
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IReactorTime
from twisted.trial import unittest


class ClockTests(unittest.SynchronousTestCase):
    """The clock that tests advance by hand."""

    def setUp(self) -> None:
        self.clock = task.Clock()
        self.seen: list[object] = []

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IReactorTime, self.clock))

    def test_timePassesOnlyWhenAdvanced(self) -> None:
        self.assertEqual(self.clock.seconds(), 0)
        self.clock.advance(2.5)
        self.assertEqual(self.clock.seconds(), 2.5)
        self.assertEqual(self.clock.rightNow, 2.5)

    def test_callsAreMadeWhenDueAndInOrder(self) -> None:
        for name, delay in [("c", 3), ("a", 1), ("b", 2), ("also a", 1)]:
            self.clock.callLater(delay, self.seen.append, name)
        self.clock.advance(0.999)
        self.assertEqual(self.seen, [])
        self.clock.advance(0.001)
        self.assertEqual(self.seen, ["a", "also a"])
        self.clock.advance(5)
        self.assertEqual(self.seen, ["a", "also a", "b", "c"])

    def test_argumentsArePassed(self) -> None:
        self.clock.callLater(0, lambda *a, **kw: self.seen.append((a, kw)), 1, key=2)
        self.clock.advance(0)
        self.assertEqual(self.seen, [((1,), {"key": 2})])

    def test_callMadeByACallForAtOnce(self) -> None:
        self.clock.callLater(1, lambda: self.clock.callLater(0, self.seen.append, "inner"))
        self.clock.advance(1)
        self.assertEqual(self.seen, ["inner"])

    def test_cancel(self) -> None:
        call = self.clock.callLater(1, self.seen.append, "never")
        call.cancel()
        self.assertFalse(call.active())
        self.clock.advance(2)
        self.assertEqual(self.seen, [])
        self.assertRaises(AlreadyCancelled, call.cancel)

    def test_cancelAfterTheCall(self) -> None:
        call = self.clock.callLater(1, self.seen.append, "made")
        self.clock.advance(1)
        self.assertFalse(call.active())
        self.assertRaises(AlreadyCalled, call.cancel)
        self.assertRaises(AlreadyCalled, call.reset, 1)

    def test_resetAndDelay(self) -> None:
        earlier = self.clock.callLater(10, self.seen.append, "earlier")
        later = self.clock.callLater(1, self.seen.append, "later")
        earlier.reset(2)
        later.delay(3)
        self.assertEqual([earlier.getTime(), later.getTime()], [2, 4])
        self.clock.advance(2)
        self.assertEqual(self.seen, ["earlier"])
        self.clock.advance(2)
        self.assertEqual(self.seen, ["earlier", "later"])

    def test_getDelayedCalls(self) -> None:
        second = self.clock.callLater(2, self.seen.append, None)
        first = self.clock.callLater(1, self.seen.append, None)
        self.clock.callLater(1.5, self.seen.append, None).cancel()
        self.assertEqual(self.clock.getDelayedCalls(), [first, second])
        self.assertEqual(self.clock.calls, [first, second])
        self.clock.advance(1)
        self.assertEqual(self.clock.getDelayedCalls(), [second])

    def test_pump(self) -> None:
        times: list[float] = []

        def again() -> None:
            times.append(self.clock.seconds())
            self.clock.callLater(1, again)

        self.clock.callLater(1, again)
        self.clock.pump([0.5, 0.5, 1, 0.25, 0.75])
        self.assertEqual(times, [1, 2, 3])

    def test_exceptionsComeOutOfAdvance(self) -> None:
        self.clock.callLater(1, lambda: 1 // 0)
        self.clock.callLater(1, self.seen.append, "next")
        self.assertRaises(ZeroDivisionError, self.clock.advance, 1)
        self.clock.advance(0)
        self.assertEqual(self.seen, ["next"])

    def test_badCallsFailAtOnce(self) -> None:
        self.assertRaises(ValueError, self.clock.callLater, -1, self.seen.append)
        self.assertRaises(ValueError, self.clock.callLater, float("nan"), self.seen.append)
        self.assertRaises(TypeError, self.clock.callLater, 1, "not a function")
        self.assertEqual(self.clock.getDelayedCalls(), [])


class LoopingCallTests(unittest.SynchronousTestCase):
    """Functions that are called again and again."""

    def setUp(self) -> None:
        self.clock = task.Clock()
        self.times: list[float] = []

    def loop(self, f: Callable[..., object] | None = None, *a: object) -> task.LoopingCall:
        loop = task.LoopingCall(f or self.note, *a)
        loop.clock = self.clock
        return loop

    def note(self) -> None:
        self.times.append(self.clock.seconds())

    def test_callsAtIntervals(self) -> None:
        loop = self.loop()
        done = loop.start(2)
        self.clock.pump([1] * 5)
        self.assertEqual(self.times, [0, 2, 4])
        self.assertTrue(loop.running)
        self.assertEqual(loop.interval, 2)
        self.assertEqual(loop.starttime, 0)
        self.assertIs(loop.deferred, done)
        self.assertNoResult(done)
        loop.stop()
        self.assertFalse(loop.running)
        self.assertIs(self.successResultOf(done), loop)
        self.assertIsNone(loop.call)
        self.assertIsNone(loop.deferred)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_notAtOnce(self) -> None:
        self.loop().start(2, now=False)
        self.assertEqual(self.times, [])
        self.clock.pump([1] * 4)
        self.assertEqual(self.times, [2, 4])

    def test_argumentsArePassed(self) -> None:
        seen: list[object] = []
        loop = task.LoopingCall(lambda *a, **kw: seen.append((a, kw)), 1, key=2)
        loop.clock = self.clock
        loop.start(1)
        self.assertEqual(seen, [((1,), {"key": 2})])

    def test_lateCallsDoNotShiftTheFollowing(self) -> None:
        self.loop().start(1)
        self.clock.pump([1.1, 0.9, 1.3, 0.7])
        self.assertEqual(self.times, [0, 1.1, 2.0, 3.3, 4.0])

    def test_missedInstantsAreSkipped(self) -> None:
        self.loop().start(1)
        self.clock.advance(5.5)
        self.assertEqual(self.times, [0, 5.5])
        self.clock.advance(0.5)
        self.assertEqual(self.times, [0, 5.5, 6])

    def test_slowFunctionIsNotCalledTwiceForOneInstant(self) -> None:
        def slow() -> None:
            self.note()
            self.clock.rightNow += 1.5

        self.loop(slow).start(1)
        self.clock.advance(10 - self.clock.seconds())
        self.assertEqual(self.times[:2], [0, 10])

    @settings(max_examples=60, deadline=None)
    @given(
        st.floats(1e-3, 1e3), st.floats(0, 2e9), st.lists(st.floats(0, 2), min_size=1, max_size=20)
    )
    def test_property_onTheGridAndNeverTwice(
        self, interval: float, origin: float, steps: list[float]
    ) -> None:
        clock = task.Clock()
        clock.rightNow = origin
        due: list[float] = []
        loop = task.LoopingCall(lambda: due.append(loop._due))
        loop.clock = clock
        loop.start(interval)
        for step in steps:
            assert loop.call is not None
            target = max(loop.call.getTime(), clock.seconds() + step * interval)
            clock.advance(target - clock.seconds())
        for earlier, later in pairwise(due):
            count = round((later - earlier) / interval)
            self.assertGreaterEqual(count, 1)
            self.assertAlmostEqual((later - earlier) / interval, count, delta=1e-3)

    def test_zeroIntervalGivesOthersTheirTurn(self) -> None:
        def thrice() -> None:
            self.note()
            if len(self.times) == 3:
                loop.stop()

        loop = self.loop(thrice)
        done = loop.start(0)
        self.assertEqual(len(self.times), 1)
        self.clock.advance(0)
        self.assertEqual(len(self.times), 3)
        self.successResultOf(done)

    def test_stopFromWithin(self) -> None:
        loop = self.loop()
        loop.f = loop.stop
        self.assertIs(self.successResultOf(loop.start(1)), loop)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_exceptionEndsTheLoop(self) -> None:
        loop = self.loop(lambda: 1 // 0)
        self.failureResultOf(loop.start(1), ZeroDivisionError)
        self.assertFalse(loop.running)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertRaises(AssertionError, loop.stop)

    def test_failedDeferredEndsTheLoop(self) -> None:
        loop = self.loop(lambda: fail(KeyError("no")))
        self.failureResultOf(loop.start(1), KeyError)
        self.assertFalse(loop.running)

    def test_waitsForADeferred(self) -> None:
        waits: list[Deferred[None]] = []

        def start() -> Deferred[None]:
            self.note()
            waits.append(Deferred())
            return waits[-1]

        self.loop(start).start(1)
        self.clock.advance(2.5)
        self.assertEqual(self.times, [0])
        waits[0].callback(None)
        self.assertEqual(self.times, [0])
        self.clock.advance(0.5)
        self.assertEqual(self.times, [0, 3])

    def test_waitsForACoroutine(self) -> None:
        wait: Deferred[None] = Deferred()

        async def work() -> None:
            self.note()
            await wait

        self.loop(work).start(1)
        self.clock.advance(3)
        self.assertEqual(self.times, [0])
        wait.callback(None)
        self.clock.advance(1)
        self.assertEqual(self.times, [0, 4])

    def test_stopWhileWaiting(self) -> None:
        wait: Deferred[None] = Deferred()
        loop = self.loop(lambda: wait)
        done = loop.start(1)
        loop.stop()
        self.assertFalse(loop.running)
        self.assertNoResult(done)
        wait.callback(None)
        self.assertIs(self.successResultOf(done), loop)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_restartWhileTheLastRunWaits(self) -> None:
        waits = [Deferred[None](), Deferred[None]()]
        runs = iter(waits)
        loop = self.loop(lambda: next(runs))
        first = loop.start(1)
        loop.stop()
        second = loop.start(1)
        waits[0].callback(None)
        self.successResultOf(first)
        self.assertNoResult(second)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        waits[1].callback(None)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_startAgain(self) -> None:
        loop = self.loop()
        loop.start(1)
        loop.stop()
        self.clock.advance(10)
        loop.start(3)
        self.clock.advance(3)
        self.assertEqual(self.times, [0, 10, 13])

    def test_reset(self) -> None:
        loop = self.loop()
        loop.start(2)
        self.clock.advance(1.5)
        loop.reset()
        self.clock.pump([0.5] * 8)
        self.assertEqual(self.times, [0, 3.5, 5.5])

    def test_resetWhileWaiting(self) -> None:
        wait: Deferred[None] = Deferred()

        def run() -> Deferred[None]:
            self.note()
            return wait

        loop = self.loop(run)
        loop.start(2)
        self.clock.advance(1.5)
        loop.reset()
        wait.callback(None)
        self.clock.pump([0.5] * 4)
        self.assertEqual(self.times, [0, 3.5])

    def test_intervalChangedWhileRunning(self) -> None:
        loop = self.loop()
        loop.start(1)
        self.clock.advance(1)
        loop.interval = 4
        self.clock.pump([1] * 8)
        # The call that was planned already, then the new grid.
        self.assertEqual(self.times, [0, 1, 2, 4, 8])

    def test_misuse(self) -> None:
        self.assertRaises(TypeError, task.LoopingCall, "not a function")
        loop = self.loop()
        self.assertRaises(ValueError, loop.start, -1)
        self.assertRaises(ValueError, loop.start, float("nan"))
        self.assertFalse(loop.running)
        self.assertRaises(AssertionError, loop.stop)
        self.assertRaises(AssertionError, loop.reset)
        loop.start(1)
        self.assertRaises(AssertionError, loop.start, 1)

    def test_repr(self) -> None:
        loop = task.LoopingCall(_named, 1, key="two")
        self.assertIn("_named", repr(loop))
        self.assertIn("1, key='two'", repr(loop))


def _named() -> None:
    pass


class WithCountTests(unittest.SynchronousTestCase):
    """Looping calls that are told how many instants they serve."""

    def setUp(self) -> None:
        self.clock = task.Clock()
        self.counts: list[int] = []
        self.loop = task.LoopingCall.withCount(self.counts.append)
        self.loop.clock = self.clock

    def test_oneWhileItKeepsUp(self) -> None:
        # No multiple of a tenth is exact; each call comes at the time it was planned for.
        self.loop.start(0.1)
        for _ in range(1000):
            assert self.loop.call is not None
            self.clock.rightNow = self.loop.call.getTime()
            self.clock.advance(0)
        self.assertEqual(self.counts, [1] * 1001)

    def test_firstCountIsOneEvenIfNotNow(self) -> None:
        self.loop.start(1, now=False)
        self.clock.advance(1)
        self.assertEqual(self.counts, [1])

    def test_skippedInstantsAreCounted(self) -> None:
        self.loop.start(1)
        self.clock.advance(3.5)
        self.clock.advance(0.5)
        self.clock.advance(10)
        self.assertEqual(self.counts, [1, 3, 1, 10])

    def test_zeroInterval(self) -> None:
        def thrice(count: int) -> None:
            self.counts.append(count)
            if len(self.counts) == 3:
                self.loop.stop()

        self.loop.f = thrice
        self.loop.start(0)
        self.clock.advance(1)
        self.assertEqual(self.counts, [1, 1, 1])

    def test_afterReset(self) -> None:
        self.loop.start(1)
        self.clock.advance(0.5)
        self.loop.reset()
        self.clock.advance(1)
        self.clock.advance(3)
        self.assertEqual(self.counts, [1, 1, 3])

    def test_waitingForADeferred(self) -> None:
        wait: Deferred[None] = Deferred()

        def run(count: int) -> Deferred[None]:
            self.counts.append(count)
            return wait

        self.loop.f = run
        self.loop.start(1)
        self.clock.advance(4.5)
        wait.callback(None)
        self.clock.advance(0.5)
        self.assertEqual(self.counts, [1, 5])

    @settings(max_examples=60, deadline=None)
    @given(st.floats(1e-3, 10), st.lists(st.floats(0, 5), max_size=30))
    def test_property_noInstantIsLost(self, interval: float, steps: list[float]) -> None:
        clock = task.Clock()
        counts: list[int] = []
        loop = task.LoopingCall.withCount(counts.append)
        loop.clock = clock
        loop.start(interval)
        clock.pump([step * interval for step in steps])
        assert loop.call is not None
        # All instants up to the present were announced, at most a rounding apart.
        self.assertAlmostEqual(sum(counts), clock.seconds() / interval + 0.5, delta=0.5001)


class DeferLaterTests(unittest.SynchronousTestCase):
    """Delayed calls with a result."""

    def setUp(self) -> None:
        self.clock = task.Clock()

    def test_result(self) -> None:
        result = task.deferLater(self.clock, 2, lambda *a, **kw: (a, kw), 1, key=2)
        self.clock.advance(1.9)
        self.assertNoResult(result)
        self.clock.advance(0.1)
        self.assertEqual(self.successResultOf(result), ((1,), {"key": 2}))

    def test_withoutFunction(self) -> None:
        result = task.deferLater(self.clock, 2)
        self.clock.advance(2)
        self.assertIsNone(self.successResultOf(result))

    def test_exception(self) -> None:
        result = task.deferLater(self.clock, 0, lambda: 1 // 0)
        self.clock.advance(0)
        self.failureResultOf(result, ZeroDivisionError)

    def test_deferredResultIsWaitedFor(self) -> None:
        result: Deferred[Any] = task.deferLater(self.clock, 0, succeed, "late")
        self.clock.advance(0)
        self.assertEqual(self.successResultOf(result), "late")

    def test_cancel(self) -> None:
        called: list[None] = []
        result = task.deferLater(self.clock, 1, called.append, None)
        result.cancel()
        self.failureResultOf(result, CancelledError)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.clock.advance(2)
        self.assertEqual(called, [])

    def test_notCallable(self) -> None:
        bad: Any = "not a function"
        self.assertRaises(TypeError, task.deferLater, self.clock, 1, bad)
        self.assertEqual(self.clock.getDelayedCalls(), [])
