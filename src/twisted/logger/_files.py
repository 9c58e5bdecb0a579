"""Observers that write to a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from zope.interface import implementer

from twisted.logger._contracts import ILogObserver, LogEvent
from twisted.logger._text import formatEventAsClassicLogText, formatTime, timeFormatRFC3339


class TextFile(Protocol):
    """What is needed of a file to log to."""

    def write(self, data: Any, /) -> object: ...

    def flush(self) -> object: ...


class EntryWriter:
    """
    Writes entries to a file for text or for bytes (which are UTF-8), and flushes each.

    Characters that the file cannot encode are escaped.  When the operating system
    fails to write (a full disk, say), the first entry that this happens to raises
    the `OSError`; those that follow are lost without a word, until one is written.
    """

    def __init__(self, outFile: TextFile) -> None:
        self._file = outFile
        self._failing = False
        self._write = self._writeText

    def __call__(self, entry: str) -> None:
        try:
            self._write(entry)
            self._file.flush()
        except OSError:
            if not self._failing:
                self._failing = True
                raise
        else:
            self._failing = False

    def _writeText(self, entry: str) -> None:
        try:
            self._file.write(entry)
        except UnicodeEncodeError:
            encoding = getattr(self._file, "encoding", None) or "ascii"
            self._file.write(entry.encode(encoding, "backslashreplace").decode(encoding))
        except TypeError:
            # Such is the answer of a file for bytes, and of no other in the library.
            self._writeBytes(entry)
            self._write = self._writeBytes

    def _writeBytes(self, entry: str) -> None:
        self._file.write(entry.encode("utf-8", "backslashreplace"))


@implementer(ILogObserver)
class FileLogObserver:
    """
    An observer that writes what *formatEvent* makes of an event to *outFile*.

    Nothing is written when that is None or "".  The file may be one for text or
    for bytes, which are then UTF-8; characters that it cannot encode are escaped.

    A file that cannot be written is reported once to the other observers, and
    again only after it could be written in between.
    """

    def __init__(self, outFile: TextFile, formatEvent: Callable[[LogEvent], str | None]) -> None:
        self.formatEvent = formatEvent
        self._writeEntry = EntryWriter(outFile)

    def __call__(self, event: LogEvent) -> None:
        """Write *event* to the file, and flush it."""
        text = self.formatEvent(event)
        if text:
            self._writeEntry(text)


def textFileLogObserver(
    outFile: TextFile, timeFormat: str | None = timeFormatRFC3339
) -> FileLogObserver:
    """
    An observer that writes events as text to *outFile*, in the classic form.

    *timeFormat* is as for `formatTime`; see `formatEventAsClassicLogText`.
    """

    def showTime(when: float | None) -> str:
        return formatTime(when, timeFormat)

    def formatEvent(event: LogEvent) -> str | None:
        return formatEventAsClassicLogText(event, showTime)

    return FileLogObserver(outFile, formatEvent)
