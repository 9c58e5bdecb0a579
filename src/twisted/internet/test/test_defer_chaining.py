"""Tests for Deferreds that wait for each other, or are paused."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

from twisted.internet.defer import (
    Deferred,
    fail,
    succeed,
)
from twisted.internet.test._deferreds import (
    SomeError,
    returned,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class Chaining(SynchronousTestCase):
    """Deferreds that wait for Deferreds."""

    def test_waits(self) -> None:
        """A callback that returns a Deferred holds up the chain until that fires."""
        inner: Deferred[str] = Deferred()
        got: list[str] = []
        outer = succeed(1).addCallback(returned(inner)).addCallback(got.append)
        self.assertEqual(got, [])
        self.assertIs(outer.result, inner)
        self.assertEqual(outer.paused, 1)
        inner.callback("late")
        self.assertEqual(got, ["late"])
        self.assertEqual(outer.paused, 0)

    def test_waitsForFailure(self) -> None:
        inner: Deferred[str] = Deferred()
        outer = succeed(1).addCallback(returned(inner))
        inner.errback(SomeError())
        self.failureResultOf(outer, SomeError)

    def test_hasFired(self) -> None:
        """The result of one that has fired already is taken at once."""
        self.assertEqual(self.successResultOf(succeed(1).addCallback(returned(succeed(2)))), 2)
        failed = succeed(1).addCallback(returned(fail(SomeError())))
        self.failureResultOf(failed, SomeError)

    def test_takesTheResult(self) -> None:
        """The result goes over: the inner Deferred has none any more, and no unhandled error."""
        for inner in (succeed(1), fail(SomeError())):
            succeed(1).addCallback(returned(inner)).addErrback(returned(None))
            self.assertEqual(self.successResultOf(inner), None)
        later: Deferred[int] = Deferred()
        got: list[object] = []
        succeed(1).addCallback(returned(later)).addCallback(got.append)
        later.addCallback(got.append)
        later.callback(3)
        self.assertEqual(got, [3, None])

    def test_inErrback(self) -> None:
        inner: Deferred[str] = Deferred()
        outer = fail(SomeError()).addErrback(returned(inner))
        self.assertNoResult(outer)
        inner.callback("repaired")
        self.assertEqual(self.successResultOf(outer), "repaired")

    def test_resultAtThatPoint(self) -> None:
        """What counts is the end of the inner chain as it was when it was returned."""
        inner: Deferred[int] = Deferred()
        inner.addCallback(lambda number: number + 1)
        outer = succeed(0).addCallback(returned(inner))
        got: list[object] = []
        inner.addCallback(got.append)
        inner.callback(1)
        self.assertEqual(self.successResultOf(outer), 2)
        self.assertEqual(got, [None])

    def test_order(self) -> None:
        """Whoever waits goes on as soon as there is a result, before what was added later."""
        order: list[str] = []
        inner: Deferred[None] = Deferred()
        outer = succeed(None).addCallback(returned(inner))
        outer.addCallback(lambda _: order.append("outer 1"))
        inner.addCallback(lambda _: order.append("inner"))
        outer.addCallback(lambda _: order.append("outer 2"))
        inner.callback(None)
        self.assertEqual(order, ["outer 1", "outer 2", "inner"])

    def test_severalWait(self) -> None:
        """The first of several that wait gets the result."""
        inner: Deferred[int] = Deferred()
        first = succeed(1).addCallback(returned(inner))
        second = succeed(1).addCallback(returned(inner))
        inner.callback(7)
        self.assertEqual(self.successResultOf(first), 7)
        self.assertEqual(self.successResultOf(second), None)

    def test_innerWaitsToo(self) -> None:
        last: Deferred[int] = Deferred()
        middle = succeed(1).addCallback(returned(last))
        outer = succeed(1).addCallback(returned(middle))
        last.callback(5)
        self.assertEqual(self.successResultOf(outer), 5)

    def test_innerIsPaused(self) -> None:
        """One that has fired but is paused is waited for."""
        inner = succeed(2)
        inner.pause()
        outer = succeed(1).addCallback(returned(inner))
        self.assertNoResult(outer)
        inner.unpause()
        self.assertEqual(self.successResultOf(outer), 2)

    def test_innerIsRunning(self) -> None:
        """One whose chain is running just now is waited for."""
        inner: Deferred[int] = Deferred()
        outer: list[Deferred[int]] = []

        def wait(result: int) -> int:
            outer.append(succeed(1).addCallback(returned(inner)))
            return result + 1

        inner.addCallback(wait)
        inner.addCallback(lambda number: number * 10)
        inner.callback(1)
        self.assertEqual(self.successResultOf(outer[0]), 20)

    def test_waitsForItself(self) -> None:
        """A Deferred that would wait for itself for ever fails instead, and says so."""
        d: Deferred[Any] = Deferred()
        d.addCallback(returned(d))
        d.callback(1)
        f = self.failureResultOf(d, RuntimeError)
        self.assertIn("added to", f.getErrorMessage())

    def test_waitsForItselfIsHandled(self) -> None:
        """The errbacks that follow get that failure."""
        d: Deferred[Any] = Deferred()
        d.addCallback(returned(d)).addErrback(lambda f: f.type)
        d.callback(1)
        self.assertIs(self.successResultOf(d), RuntimeError)

    def test_chainDeferred(self) -> None:
        one: Deferred[int] = Deferred()
        two: Deferred[int] = Deferred()
        one.addCallback(lambda number: number + 1)
        one.chainDeferred(two)
        one.callback(1)
        self.assertEqual(self.successResultOf(two), 2)
        self.assertEqual(self.successResultOf(one), None)

    def test_chainDeferredFailure(self) -> None:
        one: Deferred[int] = Deferred()
        two: Deferred[int] = Deferred()
        one.chainDeferred(two)
        one.errback(SomeError())
        self.failureResultOf(two, SomeError)
        self.assertEqual(self.successResultOf(one), None)


class Depth(SynchronousTestCase):
    """Long chains of Deferreds do not need a deep stack."""

    many = 10000

    def setUp(self) -> None:
        self.depths: set[int] = set()

    def measure(self, result: Any) -> Any:
        frame: Any = sys._getframe()
        depth = 0
        while frame is not None:
            depth, frame = depth + 1, frame.f_back
        self.depths.add(depth)
        return result

    def test_returnedBeforeFiring(self) -> None:
        """Each waits for the next, and the last fires: all of them go on."""
        ds: list[Deferred[int]] = [Deferred() for _ in range(self.many)]
        for outer, inner in pairwise(ds):
            outer.addCallback(returned(inner)).addCallback(self.measure)
        for d in ds[:-1]:
            d.callback(0)
        ds[-1].callback(1)
        self.assertEqual(self.successResultOf(ds[0]), 1)
        self.assertEqual(len(self.depths), 1)

    def test_returnedInReverse(self) -> None:
        """Each gets the next as its result when that has fired."""
        ds: list[Deferred[int]] = [Deferred() for _ in range(self.many)]
        for outer, inner in pairwise(ds):
            outer.addCallback(returned(inner)).addCallback(self.measure)
        for d in reversed(ds):
            d.callback(1)
        self.assertEqual(self.successResultOf(ds[0]), 1)
        self.assertEqual(len(self.depths), 1)

    def test_withMoreToDo(self) -> None:
        """All have more to do after they have handed on their results."""
        after: list[int] = []
        ds: list[Deferred[Any]] = [Deferred() for _ in range(self.many)]
        for outer, inner in pairwise(ds):
            outer.addCallback(returned(inner))
        for number, (outer, inner) in enumerate(pairwise(ds)):
            outer.callback(0)
            inner.addBoth(lambda _, number: after.append(number), number)
            inner.addCallback(self.measure)
        ds[-1].callback(1)
        self.assertEqual(after, list(range(self.many - 1)))
        self.assertEqual(len(self.depths), 1)

    def test_oneAfterAnother(self) -> None:
        """A callback that returns a new Deferred again and again."""
        d = succeed(0)
        for _ in range(self.many):
            d.addCallback(lambda number: succeed(number + 1)).addCallback(self.measure)
        self.assertEqual(self.successResultOf(d), self.many)
        self.assertEqual(len(self.depths), 1)

    def test_failures(self) -> None:
        ds: list[Deferred[int]] = [Deferred() for _ in range(self.many)]
        for outer, inner in pairwise(ds):
            outer.addCallback(returned(inner))
        for d in ds[:-1]:
            d.callback(0)
        ds[-1].errback(SomeError())
        self.failureResultOf(ds[0], SomeError)


class Pausing(SynchronousTestCase):
    """pause and unpause."""

    def test_pausedBeforeFiring(self) -> None:
        got: list[int] = []
        d: Deferred[int] = Deferred()
        d.pause()
        d.addCallback(got.append)
        d.callback(1)
        self.assertEqual(got, [])
        self.assertEqual(d.paused, 1)
        d.unpause()
        self.assertEqual(got, [1])

    def test_pausedAfterFiring(self) -> None:
        got: list[int] = []
        d = succeed(1)
        d.pause()
        d.addCallback(got.append)
        self.assertEqual(got, [])
        d.unpause()
        self.assertEqual(got, [1])

    def test_nested(self) -> None:
        d = succeed(1)
        got: list[int] = []
        d.pause()
        d.pause()
        d.addCallback(got.append)
        d.unpause()
        self.assertEqual(got, [])
        d.unpause()
        self.assertEqual(got, [1])

    def test_unpausedBeforeFiring(self) -> None:
        got: list[int] = []
        d: Deferred[int] = Deferred()
        d.pause()
        d.addCallback(got.append)
        d.unpause()
        self.assertEqual(got, [])
        d.callback(1)
        self.assertEqual(got, [1])

    def test_tooOften(self) -> None:
        d = succeed(1)
        self.assertRaises(RuntimeError, d.unpause)
        self.assertEqual(self.successResultOf(d), 1)

    def test_byItsOwnCallback(self) -> None:
        """A callback can pause its own Deferred; what follows it waits."""
        got: list[int] = []
        d: Deferred[int] = Deferred()

        def stop(result: int) -> int:
            d.pause()
            return result + 1

        d.addCallback(stop)
        d.addCallback(got.append)
        d.callback(1)
        self.assertEqual((got, d.paused, d.result, len(d.callbacks)), ([], 1, 2, 1))
        d.unpause()
        self.assertEqual(got, [2])

    def test_brieflyByItsOwnCallback(self) -> None:
        """One that pauses and unpauses it does not run the chain out of order."""
        order: list[str] = []
        d: Deferred[None] = Deferred()

        def briefly(_: object) -> None:
            d.pause()
            d.unpause()
            order.append("first")

        d.addCallback(briefly)
        d.addCallback(lambda _: order.append("second"))
        d.callback(None)
        self.assertEqual(order, ["first", "second"])

    def test_whileWaiting(self) -> None:
        """One that waits for another Deferred and is paused besides, waits for both."""
        inner: Deferred[int] = Deferred()
        got: list[int] = []
        d = succeed(1).addCallback(returned(inner)).addCallback(got.append)
        d.pause()
        inner.callback(2)
        self.assertEqual(got, [])
        d.unpause()
        self.assertEqual(got, [2])

    def test_whileWaitingAndBack(self) -> None:
        inner: Deferred[int] = Deferred()
        got: list[int] = []
        d = succeed(1).addCallback(returned(inner)).addCallback(got.append)
        d.pause()
        d.unpause()
        self.assertEqual(got, [])
        inner.callback(2)
        self.assertEqual(got, [2])

    def test_byTheOneThatWaited(self) -> None:
        """A Deferred is paused by one that goes on in the middle of its chain."""
        order: list[str] = []
        inner: Deferred[None] = Deferred()
        outer = succeed(None).addCallback(returned(inner))
        outer.addCallback(lambda _: inner.pause())
        inner.addCallback(lambda _: order.append("rest"))
        inner.callback(None)
        self.assertEqual(order, [])
        inner.unpause()
        self.assertEqual(order, ["rest"])

    def test_failureForPausedIsReported(self) -> None:
        """So it is if it came from a Deferred that the paused one waited for."""
        inner: Deferred[int] = Deferred()
        outer = succeed(1).addCallback(returned(inner))
        outer.pause()
        inner.errback(SomeError())
        del outer, inner
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)

    def test_failureOfPausedIsReported(self) -> None:
        """A failure that no errback has even seen is not lost."""
        for fire in (Deferred.errback, Deferred.callback):
            d: Deferred[int] = Deferred()
            d.pause()
            fire(d, Failure(SomeError()))
            del d
            self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
