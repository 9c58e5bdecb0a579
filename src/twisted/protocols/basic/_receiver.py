"""What receivers of messages have in common: the part of the stream not delivered yet.

How they work: the stream comes in pieces of any size, so each class here keeps what it has not
delivered yet and gives its parser another try when a piece arrives that can complete a message.
Every byte is copied a bounded number of times, however small the pieces and however long the
message; and the events are the same however the bytes were split.

Nothing more is delivered once the transport is disconnecting: what follows the message that made
us hang up was sent to somebody who has gone.

Two things may happen inside a callback, and both are taken care of: the callback may change how
the rest is to be read (mode, delimiter, pause), so the parser looks at these before each message;
and it may bring in more data (a transport in memory that answers at once), which is queued.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import Protocol

__name__ = "twisted.protocols.basic"  # the public path, for pickles and messages


def notBytes(method: str, data: object) -> TypeError:
    """The complaint about data that is not bytes."""
    if isinstance(data, str):
        fix = ' encode the text first, as in text.encode("utf-8").'
    else:
        fix = ""
    return TypeError(f"{method} takes bytes, not {type(data).__name__}:{fix}".rstrip(":"))


class _NeverClosing:
    """Stands for a transport that does not say whether it is disconnecting."""

    disconnecting = False


_NEVER_CLOSING = _NeverClosing()


class Receiver(Protocol):
    """Keeps the part of the stream that has not been delivered.

    That part is ``_data[_pos:]`` followed by `_late`. Between calls, unless delivery is paused,
    `_data` is empty, and `_late` holds no complete message.
    """

    # On the class, since subclasses need not call __init__, and idle connections cost nothing.
    _data: bytes = b""
    _pos: int = 0
    _late: bytearray | None = None
    _busy: bool = False
    paused: bool = False

    def dataReceived(self, data: bytes) -> None:
        """Deliver the messages that `data` completes, and keep the rest."""
        late = self._late
        if self._busy or self.paused or self._data:
            if late is None:
                self._late = bytearray(data)
            else:
                late += data
            if self._busy:
                return
        elif late:
            before = len(late)
            late += data
            if not self._isWorthParsing(late, before):
                return
            self._data = bytes(late)
            late.clear()
        else:
            self._data = data
        watched: Any = self.transport
        closing = getattr(watched, "disconnecting", None)
        if closing is None:
            watched = _NEVER_CLOSING
        elif closing:
            self._takeUnread()
            return
        self._busy = True
        try:
            while self._parse(watched):
                late = self._late
                rest = self._data[self._pos :]
                self._pos = 0
                if not late:
                    self._data = b""
                    if rest:
                        self._late = bytearray(rest)
                    return
                self._data = rest + late
                late.clear()
        finally:
            self._busy = False

    def _deliver(self) -> None:
        """Deliver what could not be before."""
        if self._late and not self._data and not self._busy:
            # Nobody has looked at what came in meanwhile.
            self._data = bytes(self._late)
            self._late.clear()
        Receiver.dataReceived(self, b"")

    def _parse(self, watched: Any) -> bool:
        """Deliver messages from `_data` on from `_pos`, keeping both up to date.

        Args:
            watched: its `disconnecting` tells whether a callback has hung up; if so, all that
                has not been delivered is to be dropped.

        Returns:
            Whether it stopped for want of bytes, and not because it must not go on.
        """
        raise NotImplementedError

    def _isWorthParsing(self, unread: bytearray, before: int) -> bool:
        """Whether a message may be complete, of which there were `before` bytes till now."""
        raise NotImplementedError

    def _takeUnread(self) -> bytes:
        """Empty the buffer, and return what was in it."""
        unread = self._data[self._pos :]
        if self._late:
            unread += self._late
        self._data = b""
        self._pos = 0
        self._late = None
        return unread


class _PauseableMixin:
    """Lets a protocol stop and resume both its transport and its own delivery."""

    transport: Any
    paused: bool = False
    _deliver: Callable[[], None]

    def pauseProducing(self) -> None:
        """Deliver nothing more, not even what has been received already."""
        self.paused = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Deliver what has been held back, and go on."""
        self.paused = False
        self.transport.resumeProducing()
        self._deliver()

    def stopProducing(self) -> None:
        """Deliver nothing more, for ever."""
        self.paused = True
        self.transport.stopProducing()
