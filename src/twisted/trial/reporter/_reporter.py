"""The reporter that the others are made from: tracebacks and a summary at the end."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any, Final

from zope.interface import implementer

from twisted.python.failure import Failure
from twisted.trial import itrial
from twisted.trial._broken import BrokenTestCaseWarning
from twisted.trial.reporter import _tracebacks
from twisted.trial.reporter._result import TestResult

WIDTH: Final = 79


class SafeStream:
    """Writes to another stream, again when a signal has interrupted it.

    Args:
        original: The stream; its other attributes are those of this object.
    """

    __module__ = "twisted.trial.reporter"

    def __init__(self, original: Any) -> None:
        self.original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def write(self, *a: Any, **kw: Any) -> Any:
        """Write, as the other stream does."""
        while True:
            try:
                return self.original.write(*a, **kw)
            except InterruptedError:
                continue


@implementer(itrial.IReporterWithDurations)
class Reporter(TestResult):
    """Writes nothing while tests run, and tracebacks and a summary when they are done.

    Args:
        stream: Where to write text.
        tbformat: How to show tracebacks: ``default``, ``brief`` or ``verbose``.
        realtime: Also show each traceback as soon as it occurs.
        publisher: A log publisher; warnings that it hears of are written too.
    """

    __module__ = "twisted.trial.reporter"

    _separator = "-" * WIDTH
    _doubleSeparator = "=" * WIDTH

    def __init__(
        self,
        stream: Any = sys.stdout,
        tbformat: str = "default",
        realtime: bool = False,
        publisher: Any = None,
    ) -> None:
        super().__init__()
        self._stream = SafeStream(stream)
        self.tbformat = tbformat
        self.realtime = realtime
        self._publisher = publisher
        self._startTime: float | None = None
        self._testStarted = 0.0
        self._inLine = False
        self._shownWarnings: set[tuple[Any, ...]] = set()
        if publisher is not None:
            publisher.addObserver(self._observeWarnings)

    def _observeWarnings(self, event: dict[str, Any]) -> None:
        if event.get("warning") is None:
            return
        category = event["category"]
        name = category if isinstance(category, str) else category.__name__
        shown = (str(event["warning"]), name, event["filename"], event["lineno"])
        if shown not in self._shownWarnings:
            self._shownWarnings.add(shown)
            self._freshLine()
            self._write(f"{shown[2]}:{shown[3]}: {name.rpartition('.')[2]}: {shown[0]}\n")

    # Being told.

    def startTest(self, test: Any) -> None:
        """`test` is about to run."""
        super().startTest(test)
        now = time.monotonic()
        if self._startTime is None:
            self._startTime = now
        self._testStarted = now

    def _secondsOfTest(self, test: Any) -> float:
        """How long `test` took, which one that ran in another process knows itself."""
        seconds: float = getattr(test, "secondsElsewhere", time.monotonic() - self._testStarted)
        return seconds

    def addFailure(self, test: Any, fail: Any) -> None:
        """An assertion of `test` failed."""
        super().addFailure(test, fail)
        self._showNow(self.failures[-1][1])

    def addError(self, test: Any, error: Any) -> None:
        """`test` raised something that is not an assertion."""
        super().addError(test, error)
        self._showNow(self.errors[-1][1])

    def _showNow(self, failure: Failure) -> None:
        if self.realtime:
            self._write(self._formatFailureTraceback(failure))

    def upDownError(
        self, method: Any, error: Any, warn: bool = True, printStatus: bool = True
    ) -> None:
        """A fixture of a class or module failed.

        Args:
            method: Its name.
            error: With what.
            warn: Whether to warn that the tests after it may be affected.
            printStatus: Whether to write a line about it.
        """
        if warn:
            warnings.warn(
                f"{method} failed: tests that depend on it may fail as well",
                BrokenTestCaseWarning,
                stacklevel=2,
            )
        if printStatus:
            self._writeln("%s: %s", method, self._getFailure(error).getErrorMessage())

    def cleanupErrors(self, errs: Any) -> None:
        """The reactor could not be cleaned up."""
        warnings.warn(
            f"REACTOR UNCLEAN: {self._getFailure(errs).getErrorMessage()}",
            BrokenTestCaseWarning,
            stacklevel=2,
        )

    # Writing.

    def _write(self, format: str, *args: Any) -> None:
        text = format % args if args else format
        self._inLine = not text.endswith("\n")
        self._stream.write(text)
        self._stream.flush()

    def _freshLine(self) -> None:
        """Go on at the beginning of a line."""
        if self._inLine:
            self._write("\n")

    def _writeln(self, format: str, *args: Any) -> None:
        self._write(format, *args)
        self._write("\n")

    def _formatFailureTraceback(self, fail: Any) -> str:
        if isinstance(fail, str):
            return fail.rstrip() + "\n"
        return _tracebacks.format(fail, self.tbformat)

    def _told(self, failure: Failure) -> str:
        """A traceback, and before it what is most often enough: what went wrong, and where."""
        headline = _tracebacks.headline(failure)
        text = self._formatFailureTraceback(failure)
        return text if headline is None else f"{headline}\n\n{text}"

    def _printGroups(self, flavour: str, entries: Iterable[tuple[str, Any]]) -> None:
        # Tests with the same thing to tell are told of together.
        groups: dict[str, list[Any]] = {}
        for text, test in entries:
            groups.setdefault(text, []).append(test)
        for text, tests in groups.items():
            names = "".join(f"{test.id()}\n" for test in tests)
            self._write(f"{self._doubleSeparator}\n{flavour}\n{text.rstrip()}\n\n{names}")

    def _printErrors(self) -> None:
        trace = self._formatFailureTraceback
        self._printGroups("[SKIPPED]", ((str(why), test) for test, why in self.skips))
        self._printGroups(
            "[TODO]",
            (
                (f"Reason: {todo.reason!r}\n{trace(failure)}", test)
                for test, failure, todo in self.expectedFailures
            ),
        )
        self._printGroups("[FAIL]", ((self._told(fail), test) for test, fail in self.failures))
        self._printGroups("[ERROR]", ((self._told(error), test) for test, error in self.errors))
        self._printGroups(
            "[SUCCESS!?!]",
            ((f"Reason: {todo.reason!r}", test) for test, todo in self.unexpectedSuccesses),
        )

    def _counts(self) -> str:
        counts = [
            ("skips", len(self.skips)),
            ("expectedFailures", len(self.expectedFailures)),
            ("failures", len(self.failures)),
            ("errors", len(self.errors)),
            ("unexpectedSuccesses", len(self.unexpectedSuccesses)),
            ("successes", self.successes),
        ]
        told = ", ".join(f"{name}={count}" for name, count in counts if count)
        return f" ({told})" if told else ""

    def _printStatus(self, write: Callable[[str], None]) -> None:
        write("PASSED" if self.wasSuccessful() else "FAILED")

    def _printSummary(self) -> None:
        seconds = 0.0 if self._startTime is None else time.monotonic() - self._startTime
        tests = "test" if self.testsRun == 1 else "tests"
        self._write(f"{self._separator}\nRan {self.testsRun} {tests} in {seconds:.3f}s\n\n")
        self._printStatus(self._write)
        self._write(f"{self._counts()}\n")

    def _ignoreWarnings(self) -> None:
        if self._publisher is not None:
            self._publisher.removeObserver(self._observeWarnings)

    def done(self) -> None:
        """The run is over: write the tracebacks and the summary."""
        self._ignoreWarnings()
        self._write("\n")
        self._printErrors()
        self._printSummary()
