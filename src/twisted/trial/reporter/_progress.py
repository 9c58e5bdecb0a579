"""How far a long run has come, on a terminal.

Theory of operation
-------------------
The words are written to the right of where the cursor is, and the cursor is put back; what the
reporter writes next first clears the rest of the line.  So a reporter need not know of it, and
nothing of it is left in what it has written.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import Any, Final

from twisted.trial.reporter._wrappers import TestResultDecorator

# A run that is over sooner needs no word about how far it is.
_LONG_SECONDS: Final = 3.0

_SAVE_CURSOR: Final = "\x1b7"
_RESTORE_CURSOR: Final = "\x1b8"
_CLEAR_REST: Final = "\x1b[K"


def movesItsCursor(stream: Any) -> bool:
    """Whether the stream is a terminal that understands more than lines."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and os.environ.get("TERM", "") not in ("", "dumb")


class RightOfCursor:
    """A stream on a terminal, and words beside what is written to it.

    Args:
        terminal: The stream; its other attributes are those of this object.
    """

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal
        self._column = 0
        self._shown = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terminal, name)

    def write(self, text: str) -> Any:
        """Write, as the other stream does."""
        _, newline, rest = text.rpartition("\n")
        self._column = len(rest) if newline else self._column + len(rest)
        if self._shown:
            self._shown = False
            text = _CLEAR_REST + text
        return self._terminal.write(text)

    def show(self, words: str) -> None:
        """Show `words` until something else is written, if the line has room for them."""
        words = words.rjust(len(words) + 2)
        # The last column stays free: some terminals begin a line when it is filled.
        gap = shutil.get_terminal_size().columns - 1 - self._column - len(words)
        if gap < 0:
            return
        self._shown = True
        self._terminal.write(f"{_SAVE_CURSOR}{' ' * gap}{words}{_RESTORE_CURSOR}")
        self._terminal.flush()


class Progress(TestResultDecorator):
    """Shows how far a run has come, once it has lasted a while.

    Args:
        original: The reporter, which writes to `stream`.
        stream: Where to show it.
        total: How many tests there are.
    """

    def __init__(self, original: Any, stream: RightOfCursor, total: int) -> None:
        super().__init__(original)
        self._stream = stream
        self._total = total
        self._bad = 0
        self._began = time.monotonic()

    def _words(self, seconds: float) -> str:
        minutes, rest = divmod(int(seconds), 60)
        bad = f", {self._bad} bad" if self._bad else ""
        return f"{self._originalReporter.testsRun}/{self._total}{bad}, {minutes}:{rest:02}"

    def startTest(self, test: Any) -> None:
        """`test` is about to run."""
        self._originalReporter.startTest(test)
        seconds = time.monotonic() - self._began
        if seconds >= _LONG_SECONDS:
            self._stream.show(self._words(seconds))

    def addError(self, test: Any, error: Any) -> None:
        """`test` raised something that is not an assertion."""
        self._bad += 1
        self._originalReporter.addError(test, error)

    def addFailure(self, test: Any, failure: Any) -> None:
        """An assertion of `test` failed."""
        self._bad += 1
        self._originalReporter.addFailure(test, failure)
