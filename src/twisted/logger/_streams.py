"""A file whose lines are events."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from io import UnsupportedOperation
from typing import Any, NoReturn

from constantly import NamedConstant

from twisted.logger import _levels
from twisted.logger._logger import Logger


class LoggingFile:
    """
    A file for writing whose lines become events of *logger*, of level *level*.

    Text without a newline waits for one.  Bytes are decoded by *encoding*, which is
    that of standard output by default; what it cannot decode is shown escaped.

    An observer that prints would be told about its own printing, and so on for
    ever: what is written by the thread which is just logging a line of this file
    goes to the real standard error.
    """

    softspace = 0
    mode = "w"
    newlines = None

    def __init__(
        self, logger: Logger, level: NamedConstant = _levels.info, encoding: str | None = None
    ) -> None:
        self.level = level
        self.log = logger
        self._encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
        self._pending = ""
        self._closed = False
        # Reentrant: an object that is collected meanwhile may have something to say.
        self._lock = threading.RLock()
        self._writers: set[int] = set()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def encoding(self) -> str:
        """How bytes that are written are decoded."""
        return self._encoding

    @property
    def name(self) -> str:
        """Words that show what this is, where another file has its name."""
        return f"<{self.__class__.__name__} {self.log.namespace}#{self.level.name}>"

    def close(self) -> None:
        """Accept no more text; a line that waits for its end is logged."""
        with self._lock:
            rest, self._pending = self._pending, ""
        self._closed = True
        if rest:
            self._emit([rest])

    def flush(self) -> None:
        """Do nothing: a line is logged when it is whole."""

    def fileno(self) -> NoReturn:
        """Raises `io.UnsupportedOperation`: the operating system knows no such file."""
        raise UnsupportedOperation(f"{self.name} has no file descriptor")

    def isatty(self) -> bool:
        """False."""
        return False

    def write(self, message: str | bytes) -> int:
        """
        Log the lines of *message* that are whole; returns its length.

        Raises `ValueError` when the file is closed.
        """
        if self._closed:
            raise ValueError("I/O operation on closed file")
        length = len(message)
        if isinstance(message, bytes):
            message = message.decode(self._encoding, "backslashreplace")
        if threading.get_ident() in self._writers:
            if sys.__stderr__ is not None:
                sys.__stderr__.write(message)
            return length
        with self._lock:
            *lines, self._pending = (self._pending + message).split("\n")
        if lines:
            self._emit(lines)
        return length

    def writelines(self, lines: Iterable[str | bytes]) -> None:
        """Write *lines* one after the other; their newlines are part of them."""
        for line in lines:
            self.write(line)

    def _emit(self, lines: list[str]) -> None:
        thread = threading.get_ident()
        self._writers.add(thread)
        try:
            for line in lines:
                self.log.emit(self.level, "{log_io}", log_io=line)
        finally:
            self._writers.discard(thread)

    def _cannotRead(self, *args: Any) -> NoReturn:
        raise OSError(f"{self.name} is for writing lines to the log; it can do nothing else")

    read = _cannotRead
    next = _cannotRead
    readline = _cannotRead
    readlines = _cannotRead
    xreadlines = _cannotRead
    seek = _cannotRead
    tell = _cannotRead
    truncate = _cannotRead
