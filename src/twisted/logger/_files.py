"""Observers that write to a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

from zope.interface import implementer

from twisted.logger._contracts import ILogObserver, LogEvent
from twisted.logger._text import formatEventAsClassicLogText, formatTime, timeFormatRFC3339


@implementer(ILogObserver)
class FileLogObserver:
    """
    An observer that writes what *formatEvent* makes of an event to *outFile*.

    Nothing is written when that is None or "".  The file may be one for text or
    for bytes, which are then UTF-8; characters that it cannot encode are escaped.
    """

    def __init__(self, outFile: IO[Any], formatEvent: Callable[[LogEvent], str | None]) -> None:
        self._outFile = outFile
        self.formatEvent = formatEvent
        self._binary = not _takesText(outFile)

    def __call__(self, event: LogEvent) -> None:
        """Write *event* to the file, and flush it."""
        text = self.formatEvent(event)
        if not text:
            return
        out = self._outFile
        if self._binary:
            out.write(text.encode("utf-8", "backslashreplace"))
        else:
            try:
                out.write(text)
            except UnicodeEncodeError:
                encoding = getattr(out, "encoding", None) or "ascii"
                out.write(text.encode(encoding, "backslashreplace").decode(encoding))
        out.flush()


def _takesText(outFile: IO[Any]) -> bool:
    """Whether *outFile* is one for text: asked by writing nothing to it."""
    try:
        outFile.write("")
    except TypeError:
        return False
    return True


def textFileLogObserver(
    outFile: IO[Any], timeFormat: str | None = timeFormatRFC3339
) -> FileLogObserver:
    """
    An observer that writes events as text to *outFile*, in the classic form.

    *timeFormat* is as for `formatTime`; see `formatEventAsClassicLogText`.
    """

    def formatEvent(event: LogEvent) -> str | None:
        return formatEventAsClassicLogText(event, lambda when: formatTime(when, timeFormat))

    return FileLogObserver(outFile, formatEvent)
