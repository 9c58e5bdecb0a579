"""Tests for generators that wait for Deferreds: `inlineCallbacks`."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from twisted.internet.defer import (
    CancelledError,
    Deferred,
    fail,
    inlineCallbacks,
    returnValue,
    succeed,
)
from twisted.internet.test._deferreds import (
    SomeError,
    depth,
    waitInCoroutine,
    waitInGenerator,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class Generators(SynchronousTestCase):
    """inlineCallbacks."""

    def test_severalYields(self) -> None:
        d: Deferred[int] = Deferred()

        @inlineCallbacks
        def work(first: int) -> Generator[Deferred[int], int, int]:
            second = yield succeed(2)
            third = yield d
            return first + second + third

        result = work(1)
        d.callback(3)
        self.assertEqual(self.successResultOf(result), 6)

    def test_exceptionInGenerator(self) -> None:
        """An exception of a Deferred can be caught where it was waited for."""

        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, str]:
            try:
                yield fail(SomeError("x"))
            except SomeError as error:
                return f"caught {error}"
            return "nothing"

        self.assertEqual(self.successResultOf(work()), "caught x")

    def test_returnValue(self) -> None:
        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, int]:
            result = yield succeed(3)
            returnValue(result + 1)

        self.assertEqual(self.successResultOf(work()), 4)

    def test_returnValueAfterWaiting(self) -> None:
        @inlineCallbacks
        def work(d: Deferred[int]) -> Generator[Deferred[int], int, int]:
            returnValue((yield d))

        d: Deferred[int] = Deferred()
        result = work(d)
        d.callback(5)
        self.assertEqual(self.successResultOf(result), 5)

    def test_returnValueIsNotAnException(self) -> None:
        """An `except Exception` around it does not catch it."""

        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, int]:
            try:
                result = yield succeed(3)
                returnValue(result)
            except Exception:
                returnValue(-1)

        self.assertEqual(self.successResultOf(work()), 3)

    def test_plainValues(self) -> None:
        """Whatever else is yielded comes back at once."""

        @inlineCallbacks
        def work() -> Generator[Any, Any, list[Any]]:
            one = yield 1
            none = yield None
            f = yield [2]
            return [one, none, f]

        self.assertEqual(self.successResultOf(work()), [1, None, [2]])

    def test_yieldedFailure(self) -> None:
        """A failure that is yielded is raised."""

        @inlineCallbacks
        def work() -> Generator[Any, Any, str]:
            try:
                yield Failure(SomeError())
            except SomeError:
                return "raised"
            return "not raised"

        self.assertEqual(self.successResultOf(work()), "raised")

    def test_yieldedCoroutine(self) -> None:
        d: Deferred[int] = Deferred()

        @inlineCallbacks
        def work() -> Generator[Any, Any, int]:
            result: int = yield waitInCoroutine(d)
            return result + 1

        result = work()
        d.callback(1)
        self.assertEqual(self.successResultOf(result), 2)

    def test_returnedDeferred(self) -> None:
        """A Deferred that is returned is waited for."""
        inner: Deferred[int] = Deferred()

        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, Deferred[int]]:
            yield succeed(1)
            return inner

        result = work()
        self.assertNoResult(result)
        inner.callback(3)
        self.assertEqual(self.successResultOf(result), 3)

    def test_returnedFailure(self) -> None:
        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, Failure]:
            yield succeed(1)
            return Failure(SomeError())

        self.failureResultOf(work(), SomeError)

    def test_method(self) -> None:
        test = self

        class Something:
            @inlineCallbacks
            def double(self, number: int = 4) -> Generator[Deferred[int], int, int]:
                test.assertIsInstance(self, Something)
                return 2 * (yield succeed(number))

        self.assertEqual(self.successResultOf(Something().double()), 8)
        self.assertEqual(self.successResultOf(Something().double(number=2)), 4)

    def test_looksLikeTheFunction(self) -> None:
        self.assertEqual(waitInGenerator.__name__, "waitInGenerator")

    def test_noGenerator(self) -> None:
        """A function without a yield is refused when it is called, by name."""

        def plain() -> int:
            return 3

        wrong: Any = inlineCallbacks
        error = self.assertRaises(TypeError, wrong(plain))
        self.assertIn("plain", str(error))

    def test_wrongArguments(self) -> None:
        """A bad call is the caller's error, at once."""
        wrong: Any = waitInGenerator
        self.assertRaises(TypeError, wrong)

    def test_manyFired(self) -> None:
        """Waiting for what has fired does not grow the stack."""
        depths = set()

        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, int]:
            total = 0
            for _ in range(10000):
                total += yield succeed(1)
                depths.add(depth())
            return total

        self.assertEqual(self.successResultOf(work()), 10000)
        self.assertEqual(len(depths), 1)

    def test_generatorExit(self) -> None:
        """An abandoned generator is closed as Python does it: finally clauses run."""
        closed = []

        @inlineCallbacks
        def work(d: Deferred[None]) -> Generator[Deferred[None], Any, None]:
            try:
                yield d
            finally:
                closed.append(True)

        result = work(Deferred())
        result.cancel()
        self.failureResultOf(result, CancelledError)
        self.assertEqual(closed, [True])
