"""The moment in which a program begins to log, and the time before."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from types import ModuleType
from typing import IO, Any, Protocol

from twisted.logger import _levels
from twisted.logger._contracts import LogEvent, LogObserver
from twisted.logger._files import FileLogObserver, TextFile
from twisted.logger._filters import FilteringLogObserver, LogLevelFilterPredicate
from twisted.logger._history import LimitedHistoryLogObserver
from twisted.logger._logger import Logger
from twisted.logger._publisher import LogPublisher, globalLogPublisher
from twisted.logger._stdlib import findCaller
from twisted.logger._streams import LoggingFile
from twisted.logger._text import eventAsText

# What a program logs while it starts; a program that never begins to log keeps
# no more than this of what it says.
INITIAL_BUFFER_SIZE = 200

SELECTED_TWICE = (
    "Warning: primary log target selected twice at <{fileNow}:{lineNow}> - "
    "previously selected at <{fileThen}:{lineThen}>.  "
    "Remove one of the calls to beginLoggingTo."
)


class StandardStreams(Protocol):
    """What is replaced when printing goes to the log: the module `sys`, or a stand-in."""

    stdout: Any
    stderr: Any


class LogBeginner:
    """
    What a program's log does before it is told where to go, and how it is told.

    Until `beginLoggingTo`, the last *initialBufferSize* events of *publisher* are
    kept, and events of level `critical` are written to *errorStream*.

    *stdio* is the module `sys` and *warningsModule* the module `warnings`, or
    stand-ins for them.
    """

    def __init__(
        self,
        publisher: LogPublisher,
        errorStream: TextFile,
        stdio: StandardStreams | ModuleType,
        warningsModule: Any,
        initialBufferSize: int | None = None,
    ) -> None:
        size = INITIAL_BUFFER_SIZE if initialBufferSize is None else initialBufferSize
        self._log = Logger(namespace="twisted.logger", observer=publisher)
        self._publisher = publisher
        self._stdio: Any = stdio
        self._warningsModule = warningsModule
        self._originalShowwarning = warningsModule.showwarning
        self._begunAt: tuple[str, int] | None = None
        self._history = LimitedHistoryLogObserver(size)
        self._temporary = LogPublisher(
            self._history,
            FilteringLogObserver(
                FileLogObserver(errorStream, _asErrorText),
                [LogLevelFilterPredicate(defaultLogLevel=_levels.critical)],
            ),
        )
        publisher.addObserver(self._temporary)

    @property
    def begun(self) -> bool:
        """Whether `beginLoggingTo` was called."""
        return self._begunAt is not None

    def beginLoggingTo(
        self,
        observers: Iterable[LogObserver],
        discardBuffer: bool = False,
        redirectStandardIO: bool = True,
    ) -> None:
        """
        Begin to log to *observers*; a program does this once, when it starts.

        They are first told what was logged so far, unless *discardBuffer*.  With
        *redirectStandardIO*, what is printed becomes events: namespace `stdout`, level
        info, and `stderr`, level error.  Warnings (`warnings.warn`) are logged too.

        A second call logs a warning that names the place of the first, and adds
        its observers.
        """
        here = _placeOfCaller()
        observers = tuple(observers)
        for observer in observers:
            self._publisher.addObserver(observer)
        if self._begunAt is None:
            self._begunAt = here
            self._publisher.removeObserver(self._temporary)
            if not discardBuffer:
                self._history.replayTo(LogPublisher(*observers))
            self._history = LimitedHistoryLogObserver(0)
            self._warningsModule.showwarning = self.showwarning
        else:
            fileThen, lineThen = self._begunAt
            self._log.warn(
                SELECTED_TWICE,
                fileNow=here[0],
                lineNow=here[1],
                fileThen=fileThen,
                lineThen=lineThen,
            )
        if redirectStandardIO:
            self._redirect()

    def _redirect(self) -> None:
        for name, level in (("stdout", _levels.info), ("stderr", _levels.error)):
            old = getattr(self._stdio, name)
            stream = LoggingFile(
                Logger(namespace=name, observer=self._publisher),
                level,
                getattr(old, "encoding", None),
            )
            setattr(self._stdio, name, stream)

    def showwarning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: IO[str] | None = None,
        line: str | None = None,
    ) -> None:
        """
        Log a warning; this stands in for `warnings.showwarning` while logging.

        A warning for a *file* of its own goes there, as it would have before.
        """
        if file is not None:
            self._originalShowwarning(message, category, filename, lineno, file, line)
            return
        self._log.warn(
            "{filename}:{lineno}: {category}: {warning}",
            warning=message,
            category=f"{category.__module__}.{category.__qualname__}",
            filename=filename,
            lineno=lineno,
        )


def _asErrorText(event: LogEvent) -> str:
    text = eventAsText(event, includeTimestamp=False, includeSystem=False)
    return text if text.endswith("\n") else text + "\n"


def _placeOfCaller() -> tuple[str, int]:
    """The file and line of the program that begins to log."""
    # Through `log.startLogging`: a program wants to be shown its own lines.
    frame = findCaller(sys._getframe(1))
    return frame.f_code.co_filename, frame.f_lineno


globalLogBeginner = LogBeginner(globalLogPublisher, sys.stderr, sys, warnings)
