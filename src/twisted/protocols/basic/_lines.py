"""Receivers of lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twisted.protocols.basic._receiver import (
    CALLING,
    HOLDING,
    OPEN,
    SHORT,
    Receiver,
    _PauseableMixin,
    notBytes,
)

__name__ = "twisted.protocols.basic"  # the public path, for pickles and messages


def _areShort(data: bytes, delimiter: bytes, limit: int) -> bool:
    """Whether no line in `data` is longer than `limit`; in doubt, no.

    Looks at a few lines that are nearly `limit` bytes apart, and not at each.
    """
    at = 0
    width = len(delimiter)
    if not 0 < width <= limit:
        return False
    while len(data) - at > limit - width:
        found = data.rfind(delimiter, at, at + limit)
        if found < 0:
            return False
        at = found + width
    return True


class _Lines(Receiver):
    """What the two receivers of lines have in common."""

    delimiter: bytes = b"\r\n"
    MAX_LENGTH: int = 16384
    line_mode: int = 1
    rawDataReceived: Callable[[bytes], None]

    # What the bytes in `_recvLate` have been searched for, in vain.
    _recvSought: bytes = b""

    def makeConnection(self, transport: Any) -> None:
        """Remember the transport and call `connectionMade`."""
        self._recvState = self._recvState
        self._recvKept = self._recvKept
        self.paused = self.paused
        self.line_mode = self.line_mode
        try:
            self.MAX_LENGTH = self.MAX_LENGTH
            self.delimiter = self.delimiter
        except AttributeError:
            pass  # One is a property.
        super().makeConnection(transport)

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

    def _recvCheckedDelimiter(self) -> bytes:
        if not self.delimiter:
            raise ValueError(f"{type(self).__name__}.delimiter is empty: no line would ever end.")
        return self.delimiter

    def _recvIsWorthParsing(self, unread: bytearray, before: int) -> bool:
        delimiter = self.delimiter
        return (
            not self.line_mode
            or delimiter != self._recvSought
            or unread.find(delimiter, max(0, before - len(delimiter) + 1)) >= 0
            or len(unread) >= self.MAX_LENGTH + len(delimiter)
        )

    def _recvParse(self, watched: Any) -> bool:
        while not self.paused:
            data = self._recvData
            pos = self._recvPos
            if pos == len(data):
                return True
            if self.line_mode:
                delimiter = self.delimiter
                end = data.find(delimiter, pos)
                if end >= 0:
                    if end - pos <= self.MAX_LENGTH:
                        self._recvPos = end + len(delimiter or self._recvCheckedDelimiter())
                        self.lineReceived(data[pos:end])
                    else:
                        self.lineLengthExceeded(self._recvTake())
                elif len(data) - pos < self.MAX_LENGTH + len(delimiter):
                    self._recvSought = delimiter
                    return True
                else:
                    self.lineLengthExceeded(self._recvTake())
            else:
                self._recvData = b""
                self._recvPos = 0
                self.rawDataReceived(data[pos:])
            if watched.disconnecting:
                self._recvTake()
                return False
        return False


class LineOnlyReceiver(_Lines):
    """Receives lines and nothing else.

    Attributes:
        delimiter: what ends a line; may be changed at any time.
        MAX_LENGTH: the longest line, in bytes without the delimiter. A longer one goes to
            `lineLengthExceeded`, and is never held in memory.
    """

    def dataReceived(self, data: bytes) -> None:
        """Deliver the lines that `data` completes, and keep the rest."""
        # One function for the sake of benchmarks/parser_cases.py; each case takes one branch.
        kept = self._recvKept
        if kept:  # The state is OPEN.
            data = kept + data
            self._recvKept = b""
        elif self._recvState:
            self._recvLongWay(data)
            return
        delimiter = self.delimiter
        size = len(data)
        try:
            if self.transport.disconnecting or (  # type: ignore[attr-defined]  # most have it
                size > self.MAX_LENGTH and not _areShort(data, delimiter, self.MAX_LENGTH)
            ):
                count = 0
            else:
                lines = data.split(delimiter)
                count = len(lines)
        except (AttributeError, ValueError):
            # The transport does not say whether it is closing, or the delimiter is empty.
            count = 0
        if count == 2 and not lines[1]:
            self._recvState = CALLING
            try:
                self.lineReceived(lines[0])
            except BaseException:
                self._recvState = HOLDING
                raise
            if self._recvState == CALLING:
                self._recvState = OPEN
            else:
                self._recvState = HOLDING
                self._recvDeliver()
        elif count == 1 and size < SHORT:
            self._recvKept = data
        elif count > 1:
            transport: Any = self.transport
            limit = self.MAX_LENGTH
            rest = lines.pop()
            ahead = iter(lines)
            self._recvState = CALLING
            try:
                for line in ahead:
                    self.lineReceived(line)
                    if (
                        transport.disconnecting
                        or self.delimiter is not delimiter
                        or self.MAX_LENGTH is not limit
                    ):
                        break
                else:
                    if self._recvState == CALLING and len(rest) < SHORT:
                        self._recvKept = rest
                        self._recvState = OPEN
            finally:
                if self._recvState:
                    self._recvData = delimiter.join((*ahead, rest))
                    self._recvState = HOLDING
            if self._recvState:
                self._recvDeliver()
        else:
            self._recvLongWay(data)


class LineReceiver(_Lines, _PauseableMixin):
    """Receives lines, and raw data in between.

    Override `lineReceived`, and `rawDataReceived` if `setRawMode` is used.

    Attributes:
        delimiter: what ends a line; may be changed at any time.
        MAX_LENGTH: the longest line, in bytes without the delimiter. A longer one goes to
            `lineLengthExceeded`, and is never held in memory.
        line_mode: whether lines are received now, and not raw data.
    """

    # The lines that the short way is about to deliver before `_recvData`, and what ended them.
    _recvAhead: Iterator[bytes] = iter(())
    _recvSplitAt: bytes = b""

    def rawDataReceived(self, data: bytes) -> None:
        """Data has arrived that is not in lines; see `setRawMode`."""
        raise NotImplementedError(
            f"{type(self).__name__} has to define rawDataReceived(self, data) to use raw mode."
        )

    def dataReceived(self, data: bytes) -> None:
        """Deliver the lines that `data` completes, or raw data, and keep the rest."""
        # One function for the sake of benchmarks/parser_cases.py; each case takes one branch.
        kept = self._recvKept
        if kept:  # The state is OPEN.
            data = kept + data
            self._recvKept = b""
        elif self._recvState:
            self._recvLongWay(data)
            return
        transport: Any = self.transport
        size = len(data)
        count = 0
        try:
            if not transport.disconnecting and not self.paused:
                if self.line_mode:
                    delimiter = self.delimiter
                    limit = self.MAX_LENGTH
                    if size <= limit or _areShort(data, delimiter, limit):
                        lines = data.split(delimiter)
                        count = len(lines)
                elif size:
                    count = -1
        except (AttributeError, ValueError):
            pass  # The transport does not say whether it is closing, or the delimiter is empty.
        if count == 2 and not lines[1]:
            self._recvState = CALLING
            try:
                self.lineReceived(lines[0])
            except BaseException:
                self._recvState = HOLDING
                raise
            if self._recvState == CALLING:
                self._recvState = OPEN
            else:
                self._recvState = HOLDING
                self._recvDeliver()
        elif count < 0:
            self._recvState = CALLING
            try:
                self.rawDataReceived(data)
            except BaseException:
                self._recvState = HOLDING
                raise
            if self._recvState == CALLING:
                self._recvState = OPEN
            else:
                self._recvState = HOLDING
                self._recvDeliver()
        elif count == 1 and size < SHORT:
            self._recvKept = data
        elif count > 1:
            self._recvData = lines.pop()
            self._recvSplitAt = delimiter
            self._recvAhead = ahead = iter(lines)
            self._recvState = CALLING
            try:
                for line in ahead:
                    self.lineReceived(line)
                    if (
                        transport.disconnecting
                        or self.paused
                        or not self.line_mode
                        or self.delimiter is not delimiter
                        or self.MAX_LENGTH is not limit
                    ):
                        break
                else:
                    if self._recvState == CALLING and len(self._recvData) < SHORT:
                        self._recvKept = self._recvData
                        self._recvData = b""
                        self._recvState = OPEN
            finally:
                if self._recvState:
                    self._recvHalt()
                    self._recvState = HOLDING
            if self._recvState:
                self._recvDeliver()
        else:
            self._recvLongWay(data)

    def _recvHalt(self) -> None:
        """Put what the short way was about to deliver where the long way finds it."""
        self._recvData = self._recvSplitAt.join((*self._recvAhead, self._recvData))

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
            self._recvHalt()
            self._recvData = extra + self._recvTake()
            self._recvDeliver()

    def clearLineBuffer(self) -> bytes:
        """Forget what has been received and not delivered.

        Returns:
            What has been forgotten.
        """
        self._recvHalt()
        return self._recvTake()
