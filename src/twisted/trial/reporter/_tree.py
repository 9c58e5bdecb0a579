"""The default reporter: modules, classes and tests as a tree, in colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Final

from twisted.trial.reporter._progress import movesItsCursor
from twisted.trial.reporter._reporter import WIDTH, Reporter

_COLORS: Final = {"red": 31, "green": 32, "blue": 34}


def _showsColors(stream: Any) -> bool:
    """Whether the stream is a terminal that has colours, and they are wanted."""
    # See https://no-color.org
    return movesItsCursor(stream) and not os.environ.get("NO_COLOR")


class TreeReporter(Reporter):
    """Writes a line for each test, under its class, under its module.

    On a terminal that has colours, what came of the test is coloured.
    """

    __module__ = "twisted.trial.reporter"

    FAILURE = "[FAIL]"
    ERROR = "[ERROR]"
    SKIP = "[SKIPPED]"
    TODO = "[TODO]"
    TODONE = "[SUCCESS!?!]"
    SUCCESS = "[OK]"

    indent = "  "
    columns = WIDTH
    currentLine = ""

    def __init__(self, stream: Any = sys.stdout, *args: Any, **kwargs: Any) -> None:
        super().__init__(stream, *args, **kwargs)
        self._colored = _showsColors(stream)
        self._headings: list[str] = []

    def getDescription(self, test: Any) -> str:
        """Return what to call `test` below its class: the name of the method."""
        return str(test.id().split(".")[-1])

    def _headingsOf(self, test: Any) -> list[str]:
        # "package.module.Class.test_method": the name of a module may have dots.
        return [each for each in test.id().rsplit(".", 2)[:-1] if each]

    def startTest(self, test: Any) -> None:
        """`test` is about to run."""
        headings = self._headingsOf(test)
        changed = False
        for level, heading in enumerate(headings):
            changed = changed or self._headings[level : level + 1] != [heading]
            if changed:
                self._write(f"{self.indent * level}{heading}\n")
        self._headings = headings
        self.currentLine = f"{self.indent * len(headings)}{self.getDescription(test)} ... "
        self._write(self.currentLine)
        super().startTest(test)

    def _colorize(self, text: str, color: str) -> str:
        return f"\x1b[{_COLORS[color]};1m{text}\x1b[0m" if self._colored else text

    def endLine(self, message: str, color: str) -> None:
        """Write `message` at the right end of the line of the current test.

        Args:
            message: What came of it.
            color: ``red``, ``green`` or ``blue``.
        """
        gap = self.columns - len(self.currentLine) - len(message)
        self._write(f"{' ' * gap}{self._colorize(message, color)}\n")
        self.currentLine = ""

    def _tell(self, test: Any, message: str, color: str) -> None:
        if not self.currentLine:
            # A second outcome of a test, a part of one, or a fixture that failed.
            self.currentLine = f"{self.indent * len(self._headings)}{test.id()} ... "
            self._write(self.currentLine)
        self.endLine(message, color)

    def addSuccess(self, test: Any) -> None:
        """`test` passed."""
        super().addSuccess(test)
        self._tell(test, self.SUCCESS, "green")

    def addError(self, *args: Any) -> None:
        """A test raised something that is not an assertion."""
        self._tell(args[0], self.ERROR, "red")
        super().addError(*args)

    def addFailure(self, *args: Any) -> None:
        """An assertion of a test failed."""
        self._tell(args[0], self.FAILURE, "red")
        super().addFailure(*args)

    def addSkip(self, *args: Any) -> None:
        """A test was not run."""
        super().addSkip(*args)
        self._tell(args[0], self.SKIP, "blue")

    def addExpectedFailure(self, *args: Any) -> None:
        """A test failed as expected."""
        super().addExpectedFailure(*args)
        self._tell(args[0], self.TODO, "blue")

    def addUnexpectedSuccess(self, *args: Any) -> None:
        """A test passed, unexpectedly."""
        super().addUnexpectedSuccess(*args)
        self._tell(args[0], self.TODONE, "red")

    def upDownError(
        self, method: Any, error: Any, warn: bool = True, printStatus: bool = True
    ) -> None:
        """A fixture of a class or module failed."""
        self._write(self._colorize(f"  {method}", "red"))
        if printStatus:
            self.endLine(self.ERROR, "red")
        super().upDownError(method, error, warn, False)

    def cleanupErrors(self, errs: Any) -> None:
        """The reactor could not be cleaned up."""
        self._write(self._colorize("    cleanup errors", "red"))
        self.endLine(self.ERROR, "red")
        super().cleanupErrors(errs)

    def _printStatus(self, write: Callable[[str], None]) -> None:
        if self.wasSuccessful():
            write(self._colorize("PASSED", "green"))
        else:
            write(self._colorize("FAILED", "red"))
