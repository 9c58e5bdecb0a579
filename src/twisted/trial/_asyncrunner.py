"""Suites, and things put around the tests in them."""

from __future__ import annotations

import gc
import unittest
from collections.abc import Callable, Iterator
from typing import Any

from zope.interface import implementer

from twisted.python.components import proxyForInterface
from twisted.trial import itrial


class TestSuite(unittest.TestSuite):
    """Tests that are run one after the other, until the result says to stop.

    Class and module fixtures of the standard library are run where they are due.
    """

    __module__ = "twisted.trial.unittest"

    # The standard suite forgets its tests as it goes, and could not be run again.
    _cleanup = False

    def run(self, result: Any, debug: bool = False) -> Any:
        """Run each test with `result`; return `result`."""
        return super().run(result, debug)


class TestDecorator(proxyForInterface(itrial.ITestCase, "_originalTest")):  # type: ignore[misc]  # a class made at run time
    """Stands in the place of a test, to do something around it.

    Subclasses override `run`, and pass on to the one of this class.

    Args:
        original: The test case.
    """

    __module__ = "twisted.trial.unittest"

    _originalTest: Any

    def __call__(self, result: Any) -> Any:
        return self.run(result)

    def run(self, result: Any) -> Any:
        """Run the test; the reporter sees this object in its place."""
        return self._originalTest.run(_Substituting(result, self._originalTest, self))


@implementer(itrial.IReporter)
class _Substituting:
    """A reporter that hears the decorated test's events under the decorator's name."""

    def __init__(self, reporter: Any, original: Any, decorated: Any) -> None:
        self._reporter = reporter
        self._original = original
        self._decorated = decorated

    def _named(self, test: Any) -> Any:
        return self._decorated if test is self._original else test

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reporter, name)

    def startTest(self, test: Any) -> None:
        self._reporter.startTest(self._named(test))

    def stopTest(self, test: Any) -> None:
        self._reporter.stopTest(self._named(test))

    def addSuccess(self, test: Any) -> None:
        self._reporter.addSuccess(self._named(test))

    def addError(self, test: Any, error: itrial.ErrorLike) -> None:
        self._reporter.addError(self._named(test), error)

    def addFailure(self, test: Any, failure: itrial.ErrorLike) -> None:
        self._reporter.addFailure(self._named(test), failure)

    def addExpectedFailure(self, test: Any, failure: itrial.ErrorLike, todo: Any = None) -> None:
        self._reporter.addExpectedFailure(self._named(test), failure, todo)

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        self._reporter.addUnexpectedSuccess(self._named(test), todo)

    def addSkip(self, test: Any, reason: Any) -> None:
        self._reporter.addSkip(self._named(test), reason)


class ForcedGarbageCollection(TestDecorator):
    """Collects garbage before a test and at its very end, so that errors show where they belong."""

    def run(self, result: Any) -> Any:
        gc.collect()
        # The first cleanup to be added is the last to be called.
        self._originalTest.addCleanup(gc.collect)
        return super().run(result)


def eachTest(suite: Any) -> Iterator[Any]:
    """Each test case of a suite of tests and suites, in its order."""
    if isinstance(suite, unittest.BaseTestSuite):
        for each in suite:
            yield from eachTest(each)
    else:
        yield suite


def decorate(test: Any, decorator: Callable[[Any], Any]) -> Any:
    """Put a decorator around every test case.

    Args:
        test: A test case, or a suite of tests and suites.
        decorator: Called with each test case; what it returns takes its place.

    Returns:
        The decorated test case, or the suite, changed in place.
    """
    if not isinstance(test, unittest.BaseTestSuite):
        return decorator(test)
    decorated = [decorate(each, decorator) for each in test]
    test._tests[:] = decorated
    return test
