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
