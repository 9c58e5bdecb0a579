"""The interfaces of trial: what a test is, and who is told how it went."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from twisted.python.failure import Failure

__all__ = ["IReporter", "IReporterWithDurations", "ITestCase"]

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]
ErrorLike: TypeAlias = "Failure | tuple[type[BaseException], BaseException, TracebackType | None]"


class ITestCase(Interface):
    """One test, or something that stands in the place of one."""

    failureException = Attribute("The exception class whose instances mean: the test failed.")
    skip = Attribute("The reason not to run the test; None to run it.")

    def __call__(result: Any) -> Any:
        """Run the test, as `run` does."""

    def countTestCases() -> int:
        """Return how many tests this is; 1 for one test."""

    def id() -> str:
        """Return a name of the test that no other test of the run has."""

    def run(result: Any) -> Any:
        """Run the test, reporting to `result`, an `IReporter` or `unittest.TestResult`."""

    def shortDescription() -> str | None:
        """Return one line about the test, or None."""


class IReporter(Interface):
    """Told of each step of a run, and what came of it.

    An *error* argument is a `twisted.python.failure.Failure` or what
    `sys.exc_info` returns.
    """

    shouldStop = Attribute("True once the run is to end after the current test.")
    testsRun = Attribute("How many tests were started.")

    def startTest(test: Any) -> None:
        """`test` is about to run."""

    def stopTest(test: Any) -> None:
        """`test` has ended, whatever came of it."""

    def addSuccess(test: Any) -> None:
        """`test` passed."""

    def addError(test: Any, error: ErrorLike) -> None:
        """`test` raised something that is not an assertion."""

    def addFailure(test: Any, failure: ErrorLike) -> None:
        """An assertion of `test` failed."""

    def addExpectedFailure(test: Any, failure: ErrorLike, todo: Any = None) -> None:
        """`test` failed, as its `todo` said that it would."""

    def addUnexpectedSuccess(test: Any, todo: Any = None) -> None:
        """`test` passed, though its `todo` said that it would fail."""

    def addSkip(test: Any, reason: Any) -> None:
        """`test` was not run, or gave up, because of `reason`."""

    def wasSuccessful() -> bool:
        """Whether nothing failed so far."""

    def done() -> None:
        """The run is over: write the summary."""


class IReporterWithDurations(IReporter):
    """A reporter that hears how long each test took (Python 3.12 and newer)."""

    collectedDurations = Attribute("A list of (name of a test, seconds).")

    def addDuration(test: Any, elapsed: float) -> None:
        """`test` took `elapsed` seconds."""


ITestCaseVar = TypeVar("ITestCaseVar", bound=Any)
