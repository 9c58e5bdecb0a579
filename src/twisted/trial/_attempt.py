"""One run of one test, and what is heard from its parts."""

from __future__ import annotations

import inspect
import unittest
from collections.abc import Callable
from typing import Any

from twisted.python.failure import Failure

_NO_MESSAGE = getattr(unittest.case, "_subtest_msg_sentinel", None)


class SubTest:
    """The part of a test inside one ``with self.subTest(...)``, as reporters see it."""

    failureException = AssertionError
    skip = None

    def __init__(self, case: Any, message: Any, params: dict[str, Any]) -> None:
        self.test_case = case
        self.params = params
        # By this name, and with this value for none, runners look for it.
        self._message = _NO_MESSAGE if message is None else message
        words = [f"[{message}]"] if message is not None else []
        if params:
            words.append("(" + ", ".join(f"{k}={v!r}" for k, v in params.items()) + ")")
        self._description = " ".join(words) or "(<subtest>)"

    def id(self) -> str:
        return f"{self.test_case.id()} {self._description}"

    def shortDescription(self) -> str | None:
        description: str | None = self.test_case.shortDescription()
        return description

    def countTestCases(self) -> int:
        return 0

    def __str__(self) -> str:
        return f"{self.test_case} {self._description}"


class Attempt:
    """One run of one test: hears of each failure, and tells the reporter."""

    def __init__(self, case: Any, reporter: Any) -> None:
        self._case = case
        self._reporter = reporter
        self._todo = case.getTodo()
        self.clean = True

    def heard(self, failure: Failure, test: Any = None) -> None:
        """A stage, or a part of one, ended like this."""
        self.clean = False
        test = self._case if test is None else test
        reporter = self._reporter
        if failure.check(unittest.SkipTest):
            reporter.addSkip(test, _reasonOf(failure))
        elif failure.check(KeyboardInterrupt):
            reporter.addError(test, failure)
            stop = getattr(reporter, "stop", None)
            if stop is not None:
                stop()
        elif self._todo is not None and self._todo.expected(failure):
            reporter.addExpectedFailure(test, failure, self._todo)
        elif failure.check(AssertionError, self._case.failureException):
            reporter.addFailure(test, failure)
        else:
            reporter.addError(test, failure)

    def close(self) -> None:
        """Nothing more can be heard."""
        if self.clean:
            if self._todo is not None:
                self._reporter.addUnexpectedSuccess(self._case, self._todo)
            else:
                self._reporter.addSuccess(self._case)


def _reasonOf(skip: Failure) -> str:
    return str(skip.value.args[0]) if skip.value.args else "no reason given"


def neverRuns(function: Callable[..., Any]) -> str | None:
    """Why a call of `function` would do nothing at all, if that is so."""
    if inspect.isgeneratorfunction(function):
        return (
            f"{function!r} is a generator function and therefore will never run: "
            f"decorate it with twisted.internet.defer.inlineCallbacks"
        )
    if inspect.isasyncgenfunction(function):
        return f"{function!r} is an asynchronous generator and therefore will never run"
    return None
