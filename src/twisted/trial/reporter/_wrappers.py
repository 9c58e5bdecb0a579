"""Reporters around other reporters."""

from __future__ import annotations

import warnings
from typing import Any

from twisted.python.components import proxyForInterface
from twisted.python.failure import Failure
from twisted.trial import itrial
from twisted.trial._cleanup import DirtyReactorAggregateError


class TestResultDecorator(proxyForInterface(itrial.IReporterWithDurations, "_originalReporter")):  # type: ignore[misc]  # a class made at run time
    """Passes everything on to another reporter; the base of those that change some of it.

    Args:
        original: The other reporter.
    """

    __module__ = "twisted.trial.reporter"

    _originalReporter: Any

    def __getattr__(self, name: str) -> Any:
        # What is not in the interface: `stop`, and what suites of the standard library ask for.
        if name == "_originalReporter":
            raise AttributeError(name)
        return getattr(self._originalReporter, name)


class UncleanWarningsReporterWrapper(TestResultDecorator):
    """Warns of an unclean reactor, where the test would have failed."""

    __module__ = "twisted.trial.reporter"

    def addError(self, test: Any, error: Any) -> None:
        """`test` raised something; a `DirtyReactorAggregateError` becomes a warning."""
        failure = error if isinstance(error, Failure) else Failure(error[1], error[0], error[2])
        if failure.check(DirtyReactorAggregateError):
            warnings.warn(f"{test.id()}: {failure.getErrorMessage()}", stacklevel=2)
        else:
            self._originalReporter.addError(test, error)


class ExitFirst(TestResultDecorator):
    """Ends the run after the first test that fails."""

    def addError(self, test: Any, error: Any) -> None:
        """`test` raised something: it is the last."""
        self._originalReporter.stop()
        self._originalReporter.addError(test, error)

    def addFailure(self, test: Any, failure: Any) -> None:
        """An assertion of `test` failed: it is the last."""
        self._originalReporter.stop()
        self._originalReporter.addFailure(test, failure)


class Both(TestResultDecorator):
    """Tells a second reporter of all that it tells the first, whose answers count.

    Args:
        original: The first reporter.
        second: The second one.
    """

    def __init__(self, original: Any, second: Any) -> None:
        super().__init__(original)
        self._second = second

    def startTest(self, test: Any) -> None:
        """`test` is about to run."""
        self._originalReporter.startTest(test)
        self._second.startTest(test)

    def stopTest(self, test: Any) -> None:
        """`test` has ended."""
        self._originalReporter.stopTest(test)
        self._second.stopTest(test)

    def addSuccess(self, test: Any) -> None:
        """`test` passed."""
        self._originalReporter.addSuccess(test)
        self._second.addSuccess(test)

    def addError(self, test: Any, error: Any) -> None:
        """`test` raised something that is not an assertion."""
        self._originalReporter.addError(test, error)
        self._second.addError(test, error)

    def addFailure(self, test: Any, failure: Any) -> None:
        """An assertion of `test` failed."""
        self._originalReporter.addFailure(test, failure)
        self._second.addFailure(test, failure)

    def addSkip(self, test: Any, reason: Any) -> None:
        """`test` was not run."""
        self._originalReporter.addSkip(test, reason)
        self._second.addSkip(test, reason)

    def addExpectedFailure(self, test: Any, failure: Any, todo: Any = None) -> None:
        """`test` failed as expected."""
        self._originalReporter.addExpectedFailure(test, failure, todo)
        self._second.addExpectedFailure(test, failure, todo)

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        """`test` passed, unexpectedly."""
        self._originalReporter.addUnexpectedSuccess(test, todo)
        self._second.addUnexpectedSuccess(test, todo)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """A part of a plain `unittest.TestCase` test has ended."""
        self._originalReporter.addSubTest(test, subtest, err)
        self._second.addSubTest(test, subtest, err)

    def addDuration(self, test: Any, elapsed: float) -> None:
        """`test` took `elapsed` seconds."""
        self._originalReporter.addDuration(test, elapsed)
        self._second.addDuration(test, elapsed)

    def done(self) -> None:
        """The run is over."""
        self._originalReporter.done()
        self._second.done()
