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

# What `Receiver._recvState` can be.
OPEN = 0  # Nothing is held back but `_recvKept`: the next piece may be delivered the short way.
HOLDING = 1  # Something is held back.
CALLING = 2  # The short way is in a callback, and nothing has come meanwhile.
BUSY = 3  # A callback is under way, and what has come must wait for its end.

# To copy this much costs less than what would avoid it: benchmarks/parser_cases.py, "Halves".
SHORT = 1024


class Receiver(Protocol):
    """Keeps the part of the stream that has not been delivered.

    That part is `_recvKept`, or ``_recvData[_recvPos:]`` followed by `_recvLate`. Between calls,
    unless delivery is paused, `_recvData` is empty, and the other two hold no complete message.

    There are two ways of delivery. The short way is a subclass's `dataReceived`, for pieces that
    come while the state is `OPEN`; it keeps fewer than `SHORT` bytes, in `_recvKept`. Whatever is
    not so simple goes the long way, `_recvLongWay`, which copes with everything.

    What the short way looks up for each piece, `makeConnection` makes the instance's own, where it
    is found five times faster than on the class.

    Programs subclass the public classes, hence the prefix of all private names.
    """

    # On the class, since subclasses need not call __init__, and idle connections cost nothing.
    _recvState: int = OPEN
    _recvKept: bytes = b""
    _recvData: bytes = b""
    _recvPos: int = 0
    _recvLate: bytearray | None = None
    # How much is still to come of a message that was refused.
    _recvSkipping: int = 0
    paused: bool = False

    def dataReceived(self, data: bytes) -> None:
        """Deliver the messages that `data` completes, and keep the rest."""
        self._recvLongWay(data)

    def _recvLongWay(self, data: bytes) -> None:
        """Deliver the messages that `data` completes, and keep the rest: the long way."""
        if self._recvKept:
            data = self._recvKept + data
            self._recvKept = b""
        late = self._recvLate
        if self._recvState >= CALLING or self.paused or self._recvData:
            if late is None:
                self._recvLate = bytearray(data)
            else:
                late += data
            if self._recvState >= CALLING:
                self._recvState = BUSY
                return
        elif late:
            before = len(late)
            late += data
            if not self._recvIsWorthParsing(late, before):
                return
            self._recvData = bytes(late)
            late.clear()
        else:
            self._recvData = data
        watched: Any = self.transport
        closing = getattr(watched, "disconnecting", None)
        if closing is None:
            watched = _NEVER_CLOSING
        elif closing:
            self._recvTake()
            return
        self._recvParseAll(watched)

    def _recvParseAll(self, watched: Any) -> None:
        """Deliver the messages of `_recvData`, and of what comes meanwhile, and keep the rest."""
        self._recvState = BUSY
        try:
            while self._recvParse(watched):
                rest = self._recvData[self._recvPos :]
                self._recvPos = 0
                if not self._recvLate:
                    self._recvData = b""
                    if len(rest) < SHORT:
                        self._recvKept = rest
                    else:
                        self._recvLate = bytearray(rest)
                    return
                self._recvData = rest + self._recvLate
                self._recvLate.clear()
        finally:
            self._recvState = (
                HOLDING if self._recvData or self._recvLate or self._recvSkipping else OPEN
            )

    def _recvDeliver(self) -> None:
        """Deliver what could not be before."""
        if self._recvLate and not self._recvData and self._recvState < CALLING:
            # Nobody has looked at what came in meanwhile.
            self._recvData = bytes(self._recvLate)
            self._recvLate.clear()
        self._recvLongWay(b"")

    def _recvParse(self, watched: Any) -> bool:
        """Deliver messages from `_recvData` on from `_recvPos`, keeping both up to date.

        Args:
            watched: its `disconnecting` tells whether a callback has hung up; if so, all that
                has not been delivered is to be dropped.

        Returns:
            Whether it stopped for want of bytes, and not because it must not go on.
        """
        raise NotImplementedError

    def _recvIsWorthParsing(self, unread: bytearray, before: int) -> bool:
        """Whether a message may be complete, of which there were `before` bytes till now."""
        raise NotImplementedError

    def _recvTake(self) -> bytes:
        """Empty the buffer, and return what was in it."""
        unread = self._recvKept + self._recvData[self._recvPos :]
        if self._recvLate:
            unread += self._recvLate
        self._recvKept = b""
        self._recvData = b""
        self._recvPos = 0
        self._recvLate = None
        return unread


class _PauseableMixin:
    """Lets a protocol stop and resume both its transport and its own delivery."""

    transport: Any
    paused: bool = False
    _recvDeliver: Callable[[], None]

    def pauseProducing(self) -> None:
        """Deliver nothing more, not even what has been received already."""
        self.paused = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Deliver what has been held back, and go on."""
        self.paused = False
        self.transport.resumeProducing()
        self._recvDeliver()

    def stopProducing(self) -> None:
        """Deliver nothing more, for ever."""
        self.paused = True
        self.transport.stopProducing()
