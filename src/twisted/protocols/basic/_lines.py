"""Receivers of lines."""

from __future__ import annotations

from typing import Any

from twisted.protocols.basic._receiver import Receiver, _PauseableMixin, notBytes

__name__ = "twisted.protocols.basic"  # the public path, for pickles and messages


class _Lines(Receiver):
    """What the two receivers of lines have in common."""

    delimiter: bytes = b"\r\n"
    MAX_LENGTH: int = 16384
    line_mode: int = 1

    # What the bytes in `_late` have been searched for, in vain.
    _sought: bytes = b""

    def lineReceived(self, line: bytes) -> None:
        """A line has arrived. Override this.

        Args:
            line: the line, without the delimiter.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has to define lineReceived(self, line) to receive lines."
        )

    def lineLengthExceeded(self, line: bytes) -> None:
        """A line is longer than `MAX_LENGTH`. This closes the connection.

        Args:
            line: everything received and not delivered: at least the beginning of the line,
                and perhaps more than the line. It is dropped when this returns.
        """
        self.transport.loseConnection()

    def sendLine(self, line: bytes) -> None:
        """Send a line.

        Args:
            line: without the delimiter, which this adds.

        Raises:
            TypeError: `line` is a `str`.
        """
        try:
            data = b"".join((line, self.delimiter))
        except TypeError:
            raise notBytes("sendLine", line)
        self.transport.write(data)

    def dataReceived(self, data: bytes) -> None:
        """Deliver the lines that `data` completes, and keep the rest."""
        # Most pieces are just a line, and then there is nothing to keep track of:
        # benchmarks/parser_cases.py, "One".
        size = len(data) - len(self.delimiter)
        if (
            data.find(self.delimiter) != size
            or self._late
            or self._data
            or self._busy
            or self.paused
            or not self.line_mode
            or not 0 <= size <= self.MAX_LENGTH
            or getattr(self.transport, "disconnecting", False)
        ):
            super().dataReceived(data)
            return
        self._busy = True
        try:
            self.lineReceived(data[:size])
        finally:
            self._busy = False
        if self._late or self._data:
            self._deliver()

    def _checkedDelimiter(self) -> bytes:
        if not self.delimiter:
            raise ValueError(f"{type(self).__name__}.delimiter is empty: no line would ever end.")
        return self.delimiter

    def _isWorthParsing(self, unread: bytearray, before: int) -> bool:
        delimiter = self.delimiter
        return (
            not self.line_mode
            or delimiter != self._sought
            or unread.find(delimiter, max(0, before - len(delimiter) + 1)) >= 0
            or len(unread) >= self.MAX_LENGTH + len(delimiter)
        )


class LineOnlyReceiver(_Lines):
    """Receives lines and nothing else.

    Attributes:
        delimiter: what ends a line; may be changed at any time.
        MAX_LENGTH: the longest line, in bytes without the delimiter. A longer one goes to
            `lineLengthExceeded`, and is never held in memory.
    """

    def _parse(self, watched: Any) -> bool:
        # With no modes to look out for, one `split` finds all lines: benchmarks/parser_cases.py.
        while True:
            delimiter = self._checkedDelimiter()
            lines = self._data.split(delimiter)
            rest = lines.pop()
            ahead = iter(lines)
            try:
                for line in ahead:
                    if len(line) <= self.MAX_LENGTH:
                        self.lineReceived(line)
                    else:
                        self._data = delimiter.join((line, *ahead, rest))
                        rest = b""
                        self.lineLengthExceeded(self._takeUnread())
                    if watched.disconnecting:
                        break
                    if self.delimiter is not delimiter and self.delimiter != delimiter:
                        break
            finally:
                self._data = delimiter.join((*ahead, rest))
            if watched.disconnecting:
                self._takeUnread()
                return False
            if self.delimiter == delimiter:
                if len(rest) < self.MAX_LENGTH + len(delimiter):
                    self._sought = delimiter
                    return True
                self.lineLengthExceeded(self._takeUnread())


class LineReceiver(_Lines, _PauseableMixin):
    """Receives lines, and raw data in between.

    Override `lineReceived`, and `rawDataReceived` if `setRawMode` is used.

    Attributes:
        delimiter: what ends a line; may be changed at any time.
        MAX_LENGTH: the longest line, in bytes without the delimiter. A longer one goes to
            `lineLengthExceeded`, and is never held in memory.
        line_mode: whether lines are received now, and not raw data.
    """

    def rawDataReceived(self, data: bytes) -> None:
        """Data has arrived that is not in lines; see `setRawMode`."""
        raise NotImplementedError(
            f"{type(self).__name__} has to define rawDataReceived(self, data) to use raw mode."
        )

    def _parse(self, watched: Any) -> bool:
        # One function, and one `find` and one slice for each line: benchmarks/parser_cases.py.
        while not self.paused:
            data = self._data
            pos = self._pos
            if pos == len(data):
                return True
            if self.line_mode:
                delimiter = self.delimiter
                end = data.find(delimiter, pos)
                if end >= 0:
                    if end - pos <= self.MAX_LENGTH:
                        self._pos = end + len(delimiter or self._checkedDelimiter())
                        self.lineReceived(data[pos:end])
                    else:
                        self.lineLengthExceeded(self._takeUnread())
                elif len(data) - pos < self.MAX_LENGTH + len(delimiter):
                    self._sought = delimiter
                    return True
                else:
                    self.lineLengthExceeded(self._takeUnread())
            else:
                self._data = b""
                self._pos = 0
                self.rawDataReceived(data[pos:])
            if watched.disconnecting:
                self._takeUnread()
                return False
        return False

    def setRawMode(self) -> None:
        """Receive everything that follows in `rawDataReceived`, as it comes.

        Called from `lineReceived`, this takes effect right behind that line.
        """
        self.line_mode = 0

    def setLineMode(self, extra: bytes = b"") -> None:
        """Receive lines.

        Args:
            extra: the part of the raw data that was not raw; its lines are delivered first.
        """
        self.line_mode = 1
        if extra:
            self._data = extra + self._data[self._pos :]
            self._pos = 0
            self._deliver()

    def clearLineBuffer(self) -> bytes:
        """Forget what has been received and not delivered.

        Returns:
            What has been forgotten.
        """
        return self._takeUnread()
