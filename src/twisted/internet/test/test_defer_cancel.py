"""Tests for giving up: `cancel`, and `addTimeout`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from twisted.internet import defer
from twisted.internet.defer import (
    AlreadyCalledError,
    CancelledError,
    Deferred,
    ensureDeferred,
    inlineCallbacks,
    succeed,
)
from twisted.internet.task import Clock
from twisted.internet.test._deferreds import (
    SomeError,
    Work,
    returned,
    startCoroutine,
    waitInGenerator,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class Cancelling(SynchronousTestCase):
    """cancel, at each stage."""

    def setUp(self) -> None:
        self.cancelled: list[Deferred[Any]] = []

    def cancelledResult(self, d: Deferred[Any]) -> None:
        self.failureResultOf(d, CancelledError)

    def test_withoutCanceller(self) -> None:
        d: Deferred[int] = Deferred()
        d.cancel()
        self.cancelledResult(d)

    def test_lateResult(self) -> None:
        """The result that comes all the same is thrown away; once."""
        late: Callable[[Deferred[int]], None]
        for late in (lambda d: d.callback(1), lambda d: d.errback(SomeError())):
            d: Deferred[int] = Deferred()
            d.cancel()
            self.cancelledResult(d)
            late(d)
            self.assertRaises(AlreadyCalledError, late, d)

    def test_lateResultFromErrback(self) -> None:
        """Even if it comes because of the cancellation."""
        d: Deferred[int] = Deferred()
        got: list[object] = []
        d.addErrback(lambda _: d.callback(1)).addBoth(got.append)
        d.cancel()
        self.assertEqual(got, [None])

    def test_canceller(self) -> None:
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.cancel()
        self.assertEqual(self.cancelled, [d])
        self.cancelledResult(d)

    def test_cancellerIsCalledOnce(self) -> None:
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.addErrback(returned(None))
        d.cancel()
        d.cancel()
        self.assertEqual(len(self.cancelled), 1)

    def test_lateResultWithCanceller(self) -> None:
        """A canceller must stop the operation: a late result is an error."""
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.addErrback(returned(None))
        d.cancel()
        self.assertRaises(AlreadyCalledError, d.callback, 1)

    def test_cancellerFires(self) -> None:
        d: Deferred[int] = Deferred(lambda d: d.callback(7))
        d.cancel()
        self.assertEqual(self.successResultOf(d), 7)
        d = Deferred(lambda d: d.errback(SomeError()))
        d.cancel()
        self.failureResultOf(d, SomeError)

    def test_cancellerFails(self) -> None:
        """The error of a canceller goes to whoever cancels; the Deferred has not fired."""

        def canceller(d: Deferred[int]) -> None:
            raise SomeError

        d: Deferred[int] = Deferred(canceller)
        self.assertRaises(SomeError, d.cancel)
        self.assertFalse(d.called)
        d.callback(1)
        self.assertEqual(self.successResultOf(d), 1)

    def test_afterFiring(self) -> None:
        """One that has its result keeps it."""
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.callback(1)
        d.cancel()
        self.assertEqual(self.cancelled, [])
        self.assertEqual(self.successResultOf(d), 1)

    def test_waiting(self) -> None:
        """One that waits for another passes it on to that."""
        inner: Deferred[int] = Deferred(self.cancelled.append)
        outer = succeed(1).addCallback(returned(inner))
        outer.cancel()
        self.assertEqual(self.cancelled, [inner])
        self.cancelledResult(outer)
        self.assertEqual(self.successResultOf(inner), None)

    def test_waitingForWaiting(self) -> None:
        last: Deferred[int] = Deferred(self.cancelled.append)
        middle = succeed(1).addCallback(returned(last))
        outer = succeed(1).addCallback(returned(middle))
        outer.cancel()
        self.assertEqual(self.cancelled, [last])
        self.cancelledResult(outer)

    def test_waitingForSubclass(self) -> None:
        """A class that cancels in its own way is asked to, however far down it is."""
        asked: list[str] = []

        class Mine(Deferred[int]):
            def cancel(self) -> None:
                asked.append("mine")
                super().cancel()

        last = Mine()
        middle = succeed(1).addCallback(returned(last))
        outer = succeed(1).addCallback(returned(middle))
        outer.cancel()
        self.assertEqual(asked, ["mine"])
        self.cancelledResult(outer)

    def test_waitingAndRepaired(self) -> None:
        """The inner one may make a result of it."""
        inner: Deferred[str] = Deferred()
        inner.addErrback(returned("instead"))
        outer = succeed(1).addCallback(returned(inner))
        outer.cancel()
        self.assertEqual(self.successResultOf(outer), "instead")

    def test_inItsOwnCallback(self) -> None:
        """Cancelling while the chain runs changes nothing."""
        d: Deferred[int] = Deferred(self.cancelled.append)

        def callback(result: int) -> int:
            d.cancel()
            return result + 1

        d.addCallback(callback)
        d.callback(1)
        self.assertEqual(self.successResultOf(d), 2)
        self.assertEqual(self.cancelled, [])

    def test_paused(self) -> None:
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.pause()
        d.cancel()
        self.assertEqual(self.cancelled, [d])
        d.unpause()
        self.cancelledResult(d)

    def test_pausedWithResult(self) -> None:
        d = succeed(1)
        d.pause()
        d.cancel()
        d.unpause()
        self.assertEqual(self.successResultOf(d), 1)

    def test_chainDeferred(self) -> None:
        """Chaining by hand is one way: the first is not cancelled with the second."""
        one: Deferred[int] = Deferred(self.cancelled.append)
        two: Deferred[int] = Deferred()
        one.chainDeferred(two)
        two.cancel()
        self.cancelledResult(two)
        self.assertEqual(self.cancelled, [])
        one.callback(1)
        self.assertEqual(self.successResultOf(one), None)


class Timeouts(SynchronousTestCase):
    """addTimeout."""

    def setUp(self) -> None:
        self.clock = Clock()

    def test_inTime(self) -> None:
        """A result in time stops the clock."""
        d: Deferred[int] = Deferred()
        self.assertIs(d.addTimeout(10, self.clock), d)
        self.clock.advance(9)
        d.callback(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.successResultOf(d), 1)

    def test_failureInTime(self) -> None:
        d: Deferred[int] = Deferred()
        d.addTimeout(10, self.clock)
        d.errback(SomeError())
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.failureResultOf(d, SomeError)

    def test_hasFired(self) -> None:
        self.assertEqual(self.successResultOf(succeed(1).addTimeout(1, self.clock)), 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_late(self) -> None:
        cancelled: list[object] = []
        d: Deferred[int] = Deferred(cancelled.append)
        d.addTimeout(10, self.clock)
        self.assertNoResult(d)
        self.clock.advance(10)
        self.assertEqual(cancelled, [d])
        f = self.failureResultOf(d, defer.TimeoutError)
        self.assertEqual(f.value.args, (10, "Deferred"))

    def test_cancellerHasAResult(self) -> None:
        d: Deferred[int] = Deferred(lambda d: d.callback(5))
        d.addTimeout(10, self.clock)
        self.clock.advance(10)
        self.assertEqual(self.successResultOf(d), 5)

    def test_cancellerHasAFailure(self) -> None:
        d: Deferred[int] = Deferred(lambda d: d.errback(SomeError()))
        d.addTimeout(10, self.clock)
        self.clock.advance(10)
        self.failureResultOf(d, SomeError)

    def test_ownCancellation(self) -> None:
        """Cancelled by somebody else, it is cancelled and not late."""
        d: Deferred[int] = Deferred()
        d.addTimeout(10, self.clock)
        d.cancel()
        self.failureResultOf(d, CancelledError)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_onTimeoutCancel(self) -> None:
        """What is made of the time being up can be chosen."""

        def choose(result: object, timeout: float) -> str:
            assert isinstance(result, Failure)
            result.trap(CancelledError)
            return f"nothing for {timeout} seconds"

        d: Deferred[int] = Deferred()
        e = d.addTimeout(2.5, self.clock, choose)
        self.clock.advance(3)
        self.assertEqual(self.successResultOf(e), "nothing for 2.5 seconds")

    def test_onTimeoutCancelInTime(self) -> None:
        d: Deferred[int] = Deferred()
        e = d.addTimeout(2.5, self.clock, lambda result, timeout: "late")
        d.callback(1)
        self.assertEqual(self.successResultOf(e), 1)

    def test_afterward(self) -> None:
        """Callbacks added later may take as long as they like."""
        slow: Deferred[str] = Deferred()
        d: Deferred[int] = Deferred()
        e = d.addTimeout(1, self.clock).addCallback(returned(slow))
        d.callback(1)
        self.clock.advance(5)
        slow.callback("slowly")
        self.assertEqual(self.successResultOf(e), "slowly")

    def test_before(self) -> None:
        """Callbacks added earlier are included in the time."""
        slow: Deferred[str] = Deferred()
        d: Deferred[int] = Deferred()
        e = d.addCallback(returned(slow)).addTimeout(1, self.clock)
        d.callback(1)
        self.clock.advance(5)
        self.failureResultOf(e, defer.TimeoutError)

    def test_two(self) -> None:
        """The shorter of two timeouts counts."""
        d: Deferred[int] = Deferred()
        d.addTimeout(10, self.clock)
        d.addTimeout(1, self.clock)
        self.clock.advance(1)
        self.failureResultOf(d, CancelledError, defer.TimeoutError)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class CancellingCoroutines(SynchronousTestCase):
    """Cancelling a coroutine or a generator cancels what it waits for."""

    def each(self) -> list[Work]:
        return [waitInGenerator, startCoroutine]

    def test_waiting(self) -> None:
        for work in self.each():
            cancelled: list[Deferred[int]] = []
            d: Deferred[int] = Deferred(cancelled.append)
            result = work(d)
            result.cancel()
            self.assertEqual(cancelled, [d])
            self.failureResultOf(result, CancelledError)

    def test_nested(self) -> None:
        for work in self.each():
            cancelled: list[Deferred[int]] = []
            d: Deferred[int] = Deferred(cancelled.append)
            result = work(work(work(d)))
            result.cancel()
            self.assertEqual(cancelled, [d])
            self.failureResultOf(result, CancelledError)

    def test_done(self) -> None:
        for work in self.each():
            result = work(succeed(1))
            result.cancel()
            self.assertEqual(self.successResultOf(result), 1)

    def test_deeplyNested(self) -> None:
        """However many wait for each other, cancelling needs no deep stack either."""

        def chain(d: Deferred[int]) -> Deferred[Any]:
            return succeed(None).addCallback(returned(d))

        for work in [*self.each(), chain]:
            cancelled: list[Deferred[int]] = []
            first: Deferred[int] = Deferred(cancelled.append)
            d: Deferred[Any] = first
            for _ in range(10000):
                d = work(d)
            d.cancel()
            self.assertEqual(cancelled, [first])
            self.failureResultOf(d, CancelledError)

    def test_resultWaits(self) -> None:
        """One that has ended, and whose callbacks wait for something, passes it on to that."""
        for work in self.each():
            cancelled: list[Deferred[int]] = []
            inner: Deferred[int] = Deferred(cancelled.append)
            result = work(succeed(1)).addCallback(returned(inner))
            result.cancel()
            self.assertEqual(cancelled, [inner])
            self.failureResultOf(result, CancelledError)

    def test_caught(self) -> None:
        """One that catches the error decides on the result."""

        @inlineCallbacks
        def generator(d: Deferred[int]) -> Generator[Deferred[int], int, str]:
            try:
                yield d
            except CancelledError:
                return "cleaned up"
            return "not cancelled"

        async def routine(d: Deferred[int]) -> str:
            try:
                await d
            except CancelledError:
                return "cleaned up"
            return "not cancelled"

        for work in (generator, lambda d: ensureDeferred(routine(d))):
            result = work(Deferred())
            result.cancel()
            self.assertEqual(self.successResultOf(result), "cleaned up")

    def test_waitsForCleaningUp(self) -> None:
        """It may wait for more before it ends; a second cancel hits that."""

        async def routine(d: Deferred[int], e: Deferred[str]) -> str:
            try:
                await d
            finally:
                await e
            return "unreached"

        cleaning: Deferred[str] = Deferred()
        result = ensureDeferred(routine(Deferred(), cleaning))
        result.cancel()
        self.assertNoResult(result)
        self.assertFalse(result.called)
        cleaning.callback("clean")
        self.failureResultOf(result, CancelledError)

        cancelled: list[Deferred[str]] = []
        cleaning = Deferred(cancelled.append)
        result = ensureDeferred(routine(Deferred(), cleaning))
        result.cancel()
        result.cancel()
        self.assertEqual(cancelled, [cleaning])
        self.failureResultOf(result, CancelledError)

    def test_cancellerHasAResult(self) -> None:
        """If what it waits for makes a result of it, it goes on with that."""
        for work in self.each():
            result = work(Deferred(lambda d: d.callback("instead")))
            result.cancel()
            self.assertEqual(self.successResultOf(result), "instead")

    def test_byItself(self) -> None:
        """One that cancels itself gets the error where it next waits."""
        holder: list[Deferred[Any]] = []

        async def work(first: Deferred[None], second: Deferred[None]) -> None:
            await first
            holder[0].cancel()
            await second

        first: Deferred[None] = Deferred()
        result = ensureDeferred(work(first, Deferred()))
        holder.append(result)
        first.callback(None)
        self.failureResultOf(result, CancelledError)

    def test_byItselfAtTheEnd(self) -> None:
        """If it waits no more, it has its result."""
        holder: list[Deferred[Any]] = []

        async def work(first: Deferred[None]) -> str:
            await first
            holder[0].cancel()
            return "done"

        first: Deferred[None] = Deferred()
        result = ensureDeferred(work(first))
        holder.append(result)
        first.callback(None)
        self.assertEqual(self.successResultOf(result), "done")

    def test_lateResultIsSwallowed(self) -> None:
        """What it waited for may still fire, without harm."""
        for work in self.each():
            d: Deferred[int] = Deferred()
            result = work(d)
            result.cancel()
            self.failureResultOf(result, CancelledError)
            d.callback(1)
