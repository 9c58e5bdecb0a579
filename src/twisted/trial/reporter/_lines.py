"""Reporters that write a letter or a line for each test, without colours."""

from __future__ import annotations

import time
from typing import Any

from twisted.trial.reporter._reporter import Reporter


class MinimalReporter(Reporter):
    """Writes one line: seconds, tests, tests run, errors, failures, skips."""

    __module__ = "twisted.trial.reporter"

    def _printSummary(self) -> None:
        seconds = 0.0 if self._startTime is None else time.monotonic() - self._startTime
        ran = self.testsRun
        bad = f"{len(self.errors)} {len(self.failures)} {len(self.skips)}"
        self._write(f"{seconds:.3f} {ran} {ran} {bad}\n")

    def done(self) -> None:
        """The run is over: write the line."""
        self._ignoreWarnings()
        self._printSummary()


class TextReporter(Reporter):
    """Writes a letter for each test."""

    __module__ = "twisted.trial.reporter"

    def addSuccess(self, test: Any) -> None:
        """`test` passed."""
        super().addSuccess(test)
        self._write(".")

    def addError(self, *args: Any) -> None:
        """A test raised something that is not an assertion."""
        super().addError(*args)
        self._write("E")

    def addFailure(self, *args: Any) -> None:
        """An assertion of a test failed."""
        super().addFailure(*args)
        self._write("F")

    def addSkip(self, *args: Any) -> None:
        """A test was not run."""
        super().addSkip(*args)
        self._write("S")

    def addExpectedFailure(self, *args: Any) -> None:
        """A test failed as expected."""
        super().addExpectedFailure(*args)
        self._write("T")

    def addUnexpectedSuccess(self, *args: Any) -> None:
        """A test passed, unexpectedly."""
        super().addUnexpectedSuccess(*args)
        self._write("!")


class VerboseTextReporter(Reporter):
    """Writes a line for each test: its full name, and what came of it."""

    __module__ = "twisted.trial.reporter"

    def startTest(self, tm: Any) -> None:
        """`tm` is about to run."""
        self._write(f"{tm.id()} ... ")
        super().startTest(tm)

    def stopTest(self, test: Any) -> None:
        """`test` has ended."""
        super().stopTest(test)
        # It has ended already if there was a warning.
        self._freshLine()

    def addSuccess(self, test: Any) -> None:
        """`test` passed."""
        super().addSuccess(test)
        self._write("[OK]")

    def addError(self, *args: Any) -> None:
        """A test raised something that is not an assertion."""
        super().addError(*args)
        self._write("[ERROR]")

    def addFailure(self, *args: Any) -> None:
        """An assertion of a test failed."""
        super().addFailure(*args)
        self._write("[FAILURE]")

    def addSkip(self, *args: Any) -> None:
        """A test was not run."""
        super().addSkip(*args)
        self._write("[SKIPPED]")

    def addExpectedFailure(self, *args: Any) -> None:
        """A test failed as expected."""
        super().addExpectedFailure(*args)
        self._write("[TODO]")

    def addUnexpectedSuccess(self, *args: Any) -> None:
        """A test passed, unexpectedly."""
        super().addUnexpectedSuccess(*args)
        self._write("[SUCCESS!?!]")


class TimingTextReporter(VerboseTextReporter):
    """Writes a line for each test, with the seconds that it took."""

    __module__ = "twisted.trial.reporter"

    def stopTest(self, method: Any) -> None:
        """`method` has ended."""
        self._write(f" ({self._secondsOfTest(method):.3f} secs)")
        super().stopTest(method)
