"""Test cases for event-driven code, on top of the standard `unittest`."""

from __future__ import annotations

import inspect
import os
import tempfile
import unittest as _pyunit
from collections.abc import Callable
from typing import Any
from unittest import SkipTest as SkipTest

from twisted.trial._assertions import Assertions, FailTest as FailTest


class SynchronousTestCase(Assertions):
    """A test case whose tests do not wait for the reactor."""

    def patch(self, obj: Any, attribute: str, value: Any) -> None:
        old = getattr(obj, attribute)
        setattr(obj, attribute, value)
        self.addCleanup(setattr, obj, attribute, old)

    def mktemp(self) -> str:
        return os.path.join(tempfile.mkdtemp(), "temp")

    def flushLoggedErrors(self, *errorTypes: type[BaseException]) -> list[Any]:
        from twisted.trial import _logcatch

        return _logcatch.flush(errorTypes)

    def _peek(self, deferred: Any) -> list[Any]:
        if inspect.iscoroutine(deferred):
            from twisted.internet.defer import ensureDeferred

            deferred = ensureDeferred(deferred)
        results: list[Any] = []
        deferred.addBoth(results.append)
        return results

    def successResultOf(self, deferred: Any) -> Any:
        results = self._peek(deferred)
        if not results:
            self.fail(f"Success result expected on {deferred!r}, found no result instead")
        if hasattr(results[0], "getErrorMessage"):
            self.fail(f"Success result expected on {deferred!r}, found {results[0].getTraceback()}")
        return results[0]

    def failureResultOf(self, deferred: Any, *expectedExceptionTypes: type[BaseException]) -> Any:
        results = self._peek(deferred)
        if not results:
            self.fail(f"Failure result expected on {deferred!r}, found no result instead")
        if not hasattr(results[0], "getErrorMessage"):
            self.fail(f"Failure result expected on {deferred!r}, found {results[0]!r}")
        if expectedExceptionTypes and not results[0].check(*expectedExceptionTypes):
            self.fail(f"Failure of {expectedExceptionTypes} expected, found {results[0].getTraceback()}")
        return results[0]

    def assertNoResult(self, deferred: Any) -> None:
        results: list[Any] = []

        def keep(result: Any) -> Any:
            results.append(result)
            return result

        deferred.addBoth(keep)
        if results:
            deferred.addErrback(lambda ignored: None)
            self.fail(f"No result expected on {deferred!r}, found {results[0]!r} instead")


class TestCase(SynchronousTestCase):
    """A test case whose tests may return Deferreds or be coroutines."""

    def _callTestMethod(self, method: Callable[[], Any]) -> None:
        self._wait(method())

    def _callSetUp(self) -> None:
        self._wait(self.setUp())

    def _callTearDown(self) -> None:
        self._wait(self.tearDown())

    def _callCleanup(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        self._wait(function(*args, **kwargs))

    def _wait(self, outcome: Any) -> None:
        if inspect.iscoroutine(outcome):
            from twisted.internet.defer import ensureDeferred

            outcome = ensureDeferred(outcome)
        if not hasattr(outcome, "addBoth"):
            return
        results: list[Any] = []
        outcome.addBoth(results.append)
        if not results:
            from twisted.internet import reactor

            outcome.addBoth(lambda ignored: reactor.crash())
            guard = reactor.callLater(120, reactor.crash)
            reactor.run()
            if guard.active():
                guard.cancel()
        if not results:
            self.fail("the test's Deferred did not fire")
        if hasattr(results[0], "raiseException"):
            results[0].raiseException()

    def assertFailure(self, deferred: Any, *expectedFailures: type[BaseException]) -> Any:
        def succeeded(result: Any) -> Any:
            self.fail(f"did not catch an error, instead got {result!r}")

        def failed(failure: Any) -> Any:
            if failure.check(*expectedFailures):
                return failure.value
            self.fail(f"\nExpected: {expectedFailures!r}\nGot:\n{failure}")

        return deferred.addCallbacks(succeeded, failed)

    failUnlessFailure = assertFailure


TestSuite = _pyunit.TestSuite
