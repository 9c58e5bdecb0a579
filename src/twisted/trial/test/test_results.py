"""Deferreds that must, or must not, have a result by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial import unittest


class DeferredResultTests(unittest.SynchronousTestCase):
    """successResultOf, failureResultOf and assertNoResult."""

    def failing(self, assertion: Callable[..., Any], *args: Any) -> str:
        return str(self.assertRaises(unittest.FailTest, assertion, *args))

    def test_success(self) -> None:
        result = object()
        self.assertIs(self.successResultOf(succeed(result)), result)

    def test_successTakesTheResult(self) -> None:
        deferred = succeed(1)
        self.successResultOf(deferred)
        self.assertIs(self.successResultOf(deferred), None)

    def test_successOfFailure(self) -> None:
        text = self.failing(self.successResultOf, fail(ValueError("the value")))
        self.assertIn("found failure result instead", text)
        self.assertIn("the value", text)

    def test_successOfNothing(self) -> None:
        text = self.failing(self.successResultOf, Deferred())
        self.assertIn("found no result instead", text)

    def test_successOfCoroutine(self) -> None:
        async def four() -> int:
            return await succeed(4)

        self.assertEqual(self.successResultOf(four()), 4)

    def test_successOfFailingCoroutine(self) -> None:
        async def wrong() -> None:
            raise ValueError("x")

        self.assertIn("ValueError", self.failing(self.successResultOf, wrong()))

    def test_failure(self) -> None:
        failure = self.failureResultOf(fail(ValueError("x")))
        self.assertEqual(failure.type, ValueError)

    def test_failureOfType(self) -> None:
        self.failureResultOf(fail(ValueError("x")), KeyError, ValueError)
        text = self.failing(self.failureResultOf, fail(ValueError("x")), KeyError, OSError)
        self.assertIn("Failure of type (builtins.KeyError or builtins.OSError) expected", text)
        self.assertIn("found type builtins.ValueError", text)

    def test_failureOfSuccess(self) -> None:
        self.assertIn("found success result (3)", self.failing(self.failureResultOf, succeed(3)))

    def test_failureOfNothing(self) -> None:
        self.assertIn("found no result", self.failing(self.failureResultOf, Deferred()))

    def test_failureOfCoroutine(self) -> None:
        async def wrong() -> None:
            raise ValueError("x")

        self.failureResultOf(wrong(), ValueError)

    def test_noResult(self) -> None:
        """The result that comes later passes."""
        deferred: Deferred[int] = Deferred()
        self.assertNoResult(deferred)
        deferred.callback(5)
        self.assertEqual(self.successResultOf(deferred), 5)

    def test_noResultButSuccess(self) -> None:
        deferred = succeed(5)
        self.assertIn("found 5 instead", self.failing(self.assertNoResult, deferred))

    def test_noResultButFailure(self) -> None:
        """The failure is told of by the assertion, and not logged as well."""
        self.assertIn("ValueError", self.failing(self.assertNoResult, fail(ValueError("x"))))
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_noResultOfCoroutine(self) -> None:
        waiting: Deferred[None] = Deferred()

        async def wait() -> None:
            await waiting

        self.assertNoResult(wait())
        waiting.callback(None)
