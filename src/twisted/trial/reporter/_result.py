"""What came of a run of tests, counted and kept."""

from __future__ import annotations

import unittest
from typing import Any

from zope.interface import implementer

from twisted.python.failure import Failure
from twisted.trial import itrial
from twisted.trial._todo import Todo, makeTodo


def tellOfSubTest(reporter: Any, test: Any, subtest: Any, err: Any) -> None:
    """Tell a reporter of a part of a test, as the standard library puts it, if that went wrong."""
    if err is None:
        return
    if issubclass(err[0], test.failureException):
        reporter.addFailure(subtest, err)
    else:
        reporter.addError(subtest, err)


@implementer(itrial.IReporterWithDurations)
class TestResult(unittest.TestResult):
    """Keeps what came of each test.

    Attributes:
        successes: How many tests passed.
        failures, errors: Pairs of a test and its `Failure`.
        skips: Pairs of a test and the reason.
        expectedFailures: Triples of a test, its `Failure` and its `Todo`.
        unexpectedSuccesses: Pairs of a test and its `Todo`.
        collectedDurations: Pairs of the name of a test and its seconds.
    """

    __module__ = "twisted.trial.reporter"

    # The standard result keeps text where this one keeps failures.
    failures: list[tuple[Any, Failure]]  # type: ignore[assignment]
    errors: list[tuple[Any, Failure]]  # type: ignore[assignment]
    expectedFailures: list[tuple[Any, Failure, Todo]]  # type: ignore[assignment]
    unexpectedSuccesses: list[tuple[Any, Todo]]  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.skips: list[tuple[Any, Any]] = []
        self.successes = 0
        self.collectedDurations: list[tuple[str, float]] = []

    def __repr__(self) -> str:
        return (
            f"<{type(self).__module__}.{type(self).__qualname__} run={self.testsRun} "
            f"errors={len(self.errors)} failures={len(self.failures)} "
            f"todos={len(self.expectedFailures)} dones={len(self.unexpectedSuccesses)} "
            f"skips={len(self.skips)}>"
        )

    def _getFailure(self, error: itrial.ErrorLike) -> Failure:
        if isinstance(error, Failure):
            return error
        kind, value, tb = error
        return Failure(value, kind, tb)

    def _getTodo(self, todo: Any) -> Todo:
        if isinstance(todo, Todo):
            return todo
        return makeTodo(todo if todo is not None else "marked with unittest.expectedFailure")

    def addError(self, test: Any, error: Any) -> None:
        """`test` raised something that is not an assertion."""
        self.errors.append((test, self._getFailure(error)))

    def addFailure(self, test: Any, fail: Any) -> None:
        """An assertion of `test` failed."""
        self.failures.append((test, self._getFailure(fail)))

    def addSkip(self, test: Any, reason: Any) -> None:
        """`test` was not run, because of `reason`."""
        self.skips.append((test, reason))

    def addSuccess(self, test: Any) -> None:
        """`test` passed."""
        self.successes += 1

    def addExpectedFailure(self, test: Any, error: Any, todo: Any = None) -> None:
        """`test` failed, as `todo` said that it would."""
        self.expectedFailures.append((test, self._getFailure(error), self._getTodo(todo)))

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        """`test` passed, though `todo` said that it would fail."""
        self.unexpectedSuccesses.append((test, self._getTodo(todo)))

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """A part of a plain `unittest.TestCase` test has ended."""
        tellOfSubTest(self, test, subtest, err)

    def addDuration(self, test: Any, elapsed: float) -> None:
        """`test` took `elapsed` seconds."""
        self.collectedDurations.append((str(test), elapsed))

    def wasSuccessful(self) -> bool:
        """Whether there was no failure and no error."""
        return not self.failures and not self.errors

    def done(self) -> None:
        """The run is over."""
