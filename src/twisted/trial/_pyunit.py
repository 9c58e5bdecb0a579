"""Test cases of trial under the runners of the standard library."""

from __future__ import annotations

import inspect
from typing import Any

from zope.interface import implementer

from twisted.trial import itrial, util
from twisted.trial._attempt import SubTest
from twisted.trial._lines import tracebackOf


def _excInfo(test: Any, error: itrial.ErrorLike) -> itrial.ExcInfo:
    """What `sys.exc_info` would have returned, with a traceback in any case.

    What did not happen on any line, such as a timeout, happened in the test: other runners make
    little of an exception that was never raised.
    """
    kind, value, tb = util.excInfoOrFailureToExcInfo(error)
    if tb is None:
        code = inspect.unwrap(getattr(test, test._testMethodName)).__code__
        tb = tracebackOf(value, code.co_filename, code.co_firstlineno, code.co_name)
    return kind, value, tb


@implementer(itrial.IReporter)
class PyUnitResultAdapter:
    """Tells a standard `unittest.TestResult` what a trial test case reports.

    Args:
        original: The standard result.
    """

    __module__ = "twisted.trial.unittest"

    def __init__(self, original: Any) -> None:
        self.original = original

    @property
    def shouldStop(self) -> bool:
        return bool(self.original.shouldStop)

    @property
    def testsRun(self) -> int:
        return int(self.original.testsRun)

    def stop(self) -> None:
        self.original.stop()

    def startTest(self, method: Any) -> None:
        self.original.startTest(method)

    def stopTest(self, method: Any) -> None:
        self.original.stopTest(method)

    def addSuccess(self, test: Any) -> None:
        self.original.addSuccess(test)

    def addError(self, test: Any, error: itrial.ErrorLike) -> None:
        if isinstance(test, SubTest):
            self.original.addSubTest(test.test_case, test, _excInfo(test.test_case, error))
        else:
            self.original.addError(test, _excInfo(test, error))

    def addFailure(self, test: Any, fail: itrial.ErrorLike) -> None:
        if isinstance(test, SubTest):
            self.original.addSubTest(test.test_case, test, _excInfo(test.test_case, fail))
        else:
            self.original.addFailure(test, _excInfo(test, fail))

    def addExpectedFailure(self, test: Any, error: itrial.ErrorLike, todo: Any = None) -> None:
        self.original.addExpectedFailure(test, _excInfo(test, error))

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        self.original.addUnexpectedSuccess(test)

    def addSkip(self, test: Any, reason: Any) -> None:
        self.original.addSkip(test, str(reason))

    def upDownError(
        self, method: Any, error: itrial.ErrorLike, warn: bool, printStatus: bool
    ) -> None:
        """A class or module fixture failed; `addError` follows, which says so."""

    def wasSuccessful(self) -> bool:
        return bool(self.original.wasSuccessful())

    def done(self) -> None:
        """The run is over; whoever made the standard result writes its summary."""
