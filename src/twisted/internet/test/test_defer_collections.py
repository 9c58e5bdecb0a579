"""Tests for several Deferreds as one: `DeferredList`, `gatherResults` and `race`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twisted.internet.defer import (
    FAILURE,
    SUCCESS,
    CancelledError,
    Deferred,
    DeferredList,
    FailureGroup,
    FirstError,
    fail,
    gatherResults,
    race,
    succeed,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class SomeError(Exception):
    """What goes wrong in these tests."""


def three(cancelled: list[Deferred[int]] | None = None) -> list[Deferred[int]]:
    canceller = None if cancelled is None else cancelled.append
    return [Deferred(canceller) for _ in range(3)]


def broken(d: Deferred[int]) -> None:
    raise SomeError("in the canceller")


class ManyTestCase(SynchronousTestCase):
    def firstError(self, d: Deferred[Any]) -> FirstError:
        error = self.failureResultOf(d, FirstError).value
        assert isinstance(error, FirstError)
        return error

    def failureGroup(self, d: Deferred[Any]) -> FailureGroup:
        error = self.failureResultOf(d, FailureGroup).value
        assert isinstance(error, FailureGroup)
        return error


class Lists(ManyTestCase):
    """DeferredList."""

    def test_constants(self) -> None:
        self.assertIs(SUCCESS, True)
        self.assertIs(FAILURE, False)

    def test_all(self) -> None:
        """It fires when all have, with their results in the order of the list."""
        ds = three()
        dl = DeferredList(ds)
        for d, result in zip(reversed(ds), (3, 2, 1), strict=True):
            self.assertNoResult(dl)
            d.callback(result)
        self.assertEqual(self.successResultOf(dl), [(SUCCESS, 1), (SUCCESS, 2), (SUCCESS, 3)])

    def test_failures(self) -> None:
        """Failures are results too, as failures."""
        one, two, last = three()
        dl = DeferredList([one, two, last], consumeErrors=True)
        one.callback(1)
        two.errback(SomeError("bang"))
        last.callback(3)
        results = self.successResultOf(dl)
        self.assertEqual([success for success, _ in results], [True, False, True])
        self.assertEqual(results[1][1].getErrorMessage(), "bang")

    def test_resultsStay(self) -> None:
        """Each Deferred keeps its own result."""
        one, two, last = three()
        DeferredList([one, two, last])
        one.callback(1)
        two.errback(SomeError())
        self.assertEqual(self.successResultOf(one), 1)
        self.failureResultOf(two, SomeError)

    def test_unhandled(self) -> None:
        """A failure that is not consumed is unhandled in the Deferred that it came from."""
        dl = DeferredList([fail(SomeError())])
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.successResultOf(dl)

    def test_consumeErrors(self) -> None:
        d = fail(SomeError())
        self.successResultOf(DeferredList([d], consumeErrors=True))
        self.assertIsNone(self.successResultOf(d))

    def test_consumeErrorsKeepsResults(self) -> None:
        d = succeed(3)
        DeferredList([d], consumeErrors=True)
        self.assertEqual(self.successResultOf(d), 3)

    def test_laterCallbacks(self) -> None:
        """What counts is the result at the time when the Deferred was put on the list."""
        before, after = Deferred[int](), Deferred[int]()
        before.addCallback(lambda number: number + 10)
        dl = DeferredList([before, after])
        after.addCallback(lambda number: number + 10)
        before.callback(1)
        after.callback(2)
        self.assertEqual(self.successResultOf(dl), [(True, 11), (True, 2)])

    def test_fired(self) -> None:
        dl = DeferredList([succeed(1), fail(SomeError())], consumeErrors=True)
        self.assertEqual(self.successResultOf(dl)[0], (True, 1))

    def test_empty(self) -> None:
        self.assertEqual(self.successResultOf(DeferredList([])), [])
        self.assertEqual(self.successResultOf(DeferredList([], fireOnOneErrback=True)), [])

    def test_emptyFireOnOneCallback(self) -> None:
        """There is no first result, and never will be."""
        self.assertNoResult(DeferredList([], fireOnOneCallback=True))

    def test_iterator(self) -> None:
        def each() -> Iterator[Deferred[int]]:
            yield succeed(1)
            yield succeed(2)

        self.assertEqual(self.successResultOf(DeferredList(each())), [(True, 1), (True, 2)])

    def test_listIsNotChanged(self) -> None:
        """The caller's list may be changed afterward."""
        ds = three()
        dl = DeferredList(ds)
        first, second, third = ds
        ds.clear()
        for d in (first, second, third):
            d.callback(0)
        self.assertEqual(len(self.successResultOf(dl)), 3)

    def test_fireOnOneCallback(self) -> None:
        """The first result comes with its place; others are ignored."""
        ds = three()
        dl = DeferredList(ds, fireOnOneCallback=True)
        ds[2].errback(SomeError())
        self.assertNoResult(dl)
        ds[1].callback(5)
        self.assertEqual(self.successResultOf(dl), (5, 1))
        ds[0].callback(6)
        self.failureResultOf(ds[2], SomeError)

    def test_fireOnOneCallbackAllFail(self) -> None:
        """If none succeeds, it fires with all the failures."""
        dl = DeferredList(
            [fail(SomeError()), fail(SomeError())], fireOnOneCallback=True, consumeErrors=True
        )
        self.assertEqual([success for success, _ in self.successResultOf(dl)], [False, False])

    def test_fireOnOneErrback(self) -> None:
        ds = three()
        dl = DeferredList(ds, fireOnOneErrback=True, consumeErrors=True)
        ds[0].callback(1)
        self.assertNoResult(dl)
        f = Failure(SomeError("x"))
        ds[2].errback(f)
        first = self.firstError(dl)
        self.assertIs(first.subFailure, f)
        self.assertEqual(first.index, 2)
        ds[1].errback(SomeError())

    def test_fireOnOneErrbackAllSucceed(self) -> None:
        dl = DeferredList([succeed(1), succeed(2)], fireOnOneErrback=True)
        self.assertEqual(self.successResultOf(dl), [(True, 1), (True, 2)])

    def test_bothFlags(self) -> None:
        """Whichever comes first."""
        one, two, _ = three()
        dl = DeferredList([one, two], fireOnOneCallback=True, fireOnOneErrback=True)
        one.callback(1)
        self.assertEqual(self.successResultOf(dl), (1, 0))
        dl = DeferredList([fail(SomeError()), two], True, True, True)
        self.failureResultOf(dl, FirstError)

    def test_attributes(self) -> None:
        dl = DeferredList([], fireOnOneErrback=True)
        self.assertTrue(dl.fireOnOneErrback)
        self.assertFalse(dl.fireOnOneCallback)

    def test_awaited(self) -> None:
        async def work() -> list[tuple[bool, int]]:
            result: list[tuple[bool, int]] = await DeferredList([succeed(1)])
            return result

        self.assertEqual(self.successResultOf(Deferred.fromCoroutine(work())), [(True, 1)])

    def test_subclass(self) -> None:
        class Mine(DeferredList):
            def __init__(self, ds: list[Deferred[Any]]) -> None:
                DeferredList.__init__(self, ds)
                self.mine = len(ds)

        mine = Mine([succeed(1)])
        self.assertEqual((mine.mine, self.successResultOf(mine)), (1, [(True, 1)]))

    def test_cancel(self) -> None:
        """Cancelling the list cancels what is on it."""
        cancelled: list[Deferred[int]] = []
        ds = three(cancelled)
        dl = DeferredList(ds, consumeErrors=True)
        ds[0].callback(1)
        dl.cancel()
        self.assertEqual(cancelled, ds[1:])
        results = self.successResultOf(dl)
        self.assertEqual(results[0], (True, 1))
        self.assertIs(results[2][1].type, CancelledError)

    def test_cancelFireOnOneErrback(self) -> None:
        cancelled: list[Deferred[int]] = []
        ds = three(cancelled)
        dl = DeferredList(ds, fireOnOneErrback=True, consumeErrors=True)
        dl.cancel()
        self.assertEqual(cancelled, ds)
        self.assertIs(self.firstError(dl).subFailure.type, CancelledError)

    def test_cancelAfterFiring(self) -> None:
        """A list that has its result leaves the rest alone."""
        cancelled: list[Deferred[int]] = []
        ds = three(cancelled)
        dl = DeferredList(ds, fireOnOneCallback=True)
        ds[0].callback(1)
        dl.cancel()
        self.assertEqual(cancelled, [])

    def test_cancelThatWaits(self) -> None:
        """One that has fired and waits for another Deferred cancels that."""
        cancelled: list[Deferred[int]] = []
        inner: Deferred[int] = Deferred(cancelled.append)
        dl = DeferredList([succeed(1)]).addCallback(lambda _: inner)
        dl.cancel()
        self.assertEqual(cancelled, [inner])
        self.failureResultOf(dl, CancelledError)

    def test_cancellerFails(self) -> None:
        """One bad canceller does not keep the others from being called; it is logged."""
        cancelled: list[Deferred[int]] = []
        bad: Deferred[int] = Deferred(broken)
        good: Deferred[int] = Deferred(cancelled.append)
        dl = DeferredList([bad, good], consumeErrors=True)
        dl.cancel()
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertEqual(cancelled, [good])
        self.assertNoResult(dl)
        bad.callback(1)
        self.assertEqual(self.successResultOf(dl)[0], (True, 1))


class FirstErrors(SynchronousTestCase):
    """The exception of a list that fails."""

    def test_text(self) -> None:
        f = Failure(SomeError("why"))
        error = FirstError(f, 3)
        self.assertEqual(repr(error), f"FirstError[#3, {f!r}]")
        self.assertIn("why", str(error))
        self.assertIn("#3", str(error))

    def test_equality(self) -> None:
        f, g = Failure(SomeError()), Failure(SomeError())
        self.assertEqual(FirstError(f, 1), FirstError(f, 1))
        self.assertEqual(hash(FirstError(f, 1)), hash(FirstError(f, 1)))
        self.assertNotEqual(FirstError(f, 1), FirstError(f, 2))
        self.assertNotEqual(FirstError(f, 1), FirstError(g, 1))
        self.assertNotEqual(FirstError(f, 1), 1)


class Gathering(ManyTestCase):
    """gatherResults."""

    def test_results(self) -> None:
        ds = three()
        d = gatherResults(ds)
        for number, each in enumerate(ds):
            self.assertNoResult(d)
            each.callback(number)
        self.assertEqual(self.successResultOf(d), [0, 1, 2])

    def test_empty(self) -> None:
        self.assertEqual(self.successResultOf(gatherResults([])), [])

    def test_failure(self) -> None:
        ds = three()
        d = gatherResults(ds)
        ds[1].errback(SomeError())
        self.assertEqual(self.firstError(d).index, 1)
        self.failureResultOf(ds[1], SomeError)

    def test_consumeErrors(self) -> None:
        ds = three()
        d = gatherResults(ds, consumeErrors=True)
        for each in ds:
            each.errback(SomeError())
        self.failureResultOf(d, FirstError)
        self.assertIsNone(self.successResultOf(ds[1]))

    def test_cancel(self) -> None:
        cancelled: list[Deferred[int]] = []
        ds = three(cancelled)
        d = gatherResults(ds, consumeErrors=True)
        d.cancel()
        self.assertEqual(cancelled, ds)
        self.failureResultOf(d, FirstError)


class Races(ManyTestCase):
    """race."""

    def test_first(self) -> None:
        """The winner's place and result; the others are cancelled."""
        cancelled: list[Deferred[int]] = []
        ds = three(cancelled)
        d = race(ds)
        self.assertNoResult(d)
        ds[1].callback(5)
        self.assertEqual(self.successResultOf(d), (1, 5))
        self.assertEqual(cancelled, [ds[0], ds[2]])
        self.assertEqual([self.successResultOf(each) for each in ds], [None, None, None])

    def test_fired(self) -> None:
        cancelled: list[Deferred[int]] = []
        ds = [Deferred(cancelled.append), succeed(2), succeed(3)]
        self.assertEqual(self.successResultOf(race(ds)), (1, 2))
        self.assertEqual(cancelled, ds[:1])

    def test_failuresDoNotWin(self) -> None:
        ds = three()
        d = race(ds)
        ds[0].errback(SomeError())
        self.assertNoResult(d)
        ds[2].callback(3)
        self.assertEqual(self.successResultOf(d), (2, 3))

    def test_allFail(self) -> None:
        """All failures, in the order of the list."""
        ds = three()
        d = race(ds)
        failures = [Failure(SomeError(number)) for number in range(3)]
        for number in (2, 0, 1):
            ds[number].errback(failures[number])
        group = self.failureGroup(d)
        self.assertEqual(group.failures, failures)
        self.assertEqual(str(group), "SomeError: 0; SomeError: 1; SomeError: 2")

    def test_cancel(self) -> None:
        cancelled: list[Deferred[int]] = []
        ds = three(cancelled)
        d = race(ds)
        ds[0].errback(SomeError())
        d.cancel()
        self.assertEqual(cancelled, ds[1:])
        group = self.failureGroup(d)
        self.assertEqual(
            [each.type for each in group.failures], [SomeError, CancelledError, CancelledError]
        )

    def test_cancelIntoResult(self) -> None:
        """A runner that answers cancellation with a result has won."""
        d = race([Deferred(lambda d: d.callback(7)), Deferred[int]()])
        d.cancel()
        self.assertEqual(self.successResultOf(d), (0, 7))

    def test_stubbornLoser(self) -> None:
        """A loser that still gets a result, or another error, changes nothing any more."""
        losers: list[Deferred[int]] = [
            Deferred(lambda d: d.callback(7)),
            Deferred(lambda d: d.errback(SomeError())),
        ]
        winner: Deferred[int] = Deferred()
        d = race([*losers, winner])
        winner.callback(1)
        self.assertEqual(self.successResultOf(d), (2, 1))

    def test_loserWhoseCancellerFails(self) -> None:
        cancelled: list[Deferred[int]] = []
        ds: list[Deferred[int]] = [Deferred(), Deferred(broken), Deferred(cancelled.append)]
        d = race(ds)
        ds[0].callback(1)
        self.assertEqual(self.successResultOf(d), (0, 1))
        self.assertEqual(cancelled, ds[2:])
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)

    def test_nobody(self) -> None:
        self.assertRaises(ValueError, race, [])
