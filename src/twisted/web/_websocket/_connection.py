"""A connection after its handshake: bytes in, events out; messages in, bytes out.

Theory of operation. `STATES` says what the connection is doing, and `MESSAGES` which frames may
follow which; nothing else changes these. What has arrived of a message is taken off its mask,
inflated, and looked at at once, frame by frame and piece by piece, so that an error is told when
its first byte is there, and nothing is kept twice. A message that is all there in one frame, as
nearly all are, is read without any of that.

`feed` stops after a batch, so that what one read of a socket inflates to is not in memory at once:
call it again, with nothing, while `waiting` is true.
"""

from __future__ import annotations

import codecs
import os
from enum import Enum, auto
from typing import Any

from twisted.web._websocket._deflate import Deflate, Deflater, Inflater
from twisted.web._websocket._errors import LocalError, RemoteError
from twisted.web._websocket._events import Close, Event, Ping, Pong
from twisted.web._websocket._limits import DEFAULT_LIMITS, WebSocketLimits
from twisted.web._websocket._masking import masked, rotated

#: Some of the codes of RFC 6455, 7.4.1.
NO_CODE = 1005
_TOO_LARGE = 1009
_NOT_TEXT = 1007

#: After so many bytes of messages `feed` stops: about what comes in at once without deflate.
_BATCH_BYTES = 64 * 1024
#: What deflate may add to what it cannot make smaller, which is five bytes for each 16 KiB or less.
_DEFLATE_ADDS = 1024
_MOST_CONTROL_BYTES = 125

# The bits of a frame's first two bytes (RFC 6455, 5.2), and what is told by the length.
_FINAL, _COMPRESSED, _RESERVED, _CONTROL, _OPCODE = 0x80, 0x40, 0x70, 0x08, 0x0F
_MASKED, _TWO_BYTES, _EIGHT_BYTES = 0x80, 126, 127
#: A short frame of a client begins with so many bytes: these two, and the mask.
_SHORT_HEADER = 6
#: The least length that is told in so many bytes.
_LEAST = {2: 126, 8: 1 << 16}
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_WHOLE_TEXT, _WHOLE_BINARY = _FINAL | _TEXT, _FINAL | _BINARY
#: How short texts begin that are not masked.
_SHORT_TEXTS = [bytes((_WHOLE_TEXT, size)) for size in range(_MOST_CONTROL_BYTES + 1)]


class State(Enum):
    """What a connection is doing."""

    __hash__ = object.__hash__  # Benchmark websocket-echo: a method of Enum, in Python, otherwise.

    OPEN = auto()
    CLOSING = auto()
    ANSWERING = auto()
    FAILED = auto()
    CLOSED = auto()


class Did(Enum):
    """What changes that."""

    __hash__ = object.__hash__  # Benchmark websocket-echo: a method of Enum, in Python, otherwise.

    SEND_CLOSE = auto()
    RECEIVE_CLOSE = auto()
    ERROR = auto()


#: In CLOSING, we have said that we close; in ANSWERING, the peer has; in FAILED, it has broken the
#: rules, and has not been told. In CLOSED there is nothing left to say.
STATES: dict[tuple[State, Did], State] = {
    (State.OPEN, Did.SEND_CLOSE): State.CLOSING,
    (State.OPEN, Did.RECEIVE_CLOSE): State.ANSWERING,
    (State.OPEN, Did.ERROR): State.FAILED,
    (State.CLOSING, Did.RECEIVE_CLOSE): State.CLOSED,
    (State.CLOSING, Did.ERROR): State.CLOSED,
    (State.ANSWERING, Did.SEND_CLOSE): State.CLOSED,
    (State.FAILED, Did.SEND_CLOSE): State.CLOSED,
}
_OPEN = State.OPEN
_READING = (State.OPEN, State.CLOSING)
#: What was begun before the peer closes may be finished (RFC 6455, 5.5.1).
_SENDING = (State.OPEN, State.ANSWERING, State.FAILED)

#: What kind of message is being received (0 for none), a frame, whether that is the last of its
#: message: what is being received then.
MESSAGES: dict[tuple[int, int, bool], int] = {
    (0, _TEXT, True): 0,
    (0, _TEXT, False): _TEXT,
    (0, _BINARY, True): 0,
    (0, _BINARY, False): _BINARY,
    (_TEXT, _CONTINUATION, True): 0,
    (_TEXT, _CONTINUATION, False): _TEXT,
    (_BINARY, _CONTINUATION, True): 0,
    (_BINARY, _CONTINUATION, False): _BINARY,
    **{
        (kind, control, True): kind
        for kind in (0, _TEXT, _BINARY)
        for control in (_CLOSE, _PING, _PONG)
    },
}

_Decoder = codecs.getincrementaldecoder("utf-8")


def may_be_sent(code: int) -> bool:
    """Whether a peer can be told this as the reason why the connection is closed (7.4)."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise RemoteError("a text that is not UTF-8", _NOT_TEXT)


def _close_event(payload: bytes) -> Close:
    if not payload:
        return Close(NO_CODE, "")
    code = int.from_bytes(payload[:2])
    if len(payload) < 2 or not may_be_sent(code):
        raise RemoteError(f"closed with the code {payload[:2]!r}, which there is not")
    try:
        return Close(code, payload[2:].decode("utf-8"))
    except UnicodeDecodeError:
        raise RemoteError("closed with a reason that is not UTF-8", _NOT_TEXT)


class Connection:
    """One side of a connection.

    Args:
        client: which side.
        limits: what the peer may send.
        deflate: how messages are made small, if they are.

    Attributes:
        waiting: whether `feed` has stopped before everything was read.
    """

    def __init__(
        self,
        client: bool,
        limits: WebSocketLimits = DEFAULT_LIMITS,
        deflate: Deflate | None = None,
    ) -> None:
        self._client = client
        self._state = State.OPEN
        self._most = most = limits.messageBytes
        added = 0 if deflate is None else _DEFLATE_ADDS + most // _DEFLATE_ADDS
        self._most_in_frame = most + added if limits.frameBytes is None else limits.frameBytes
        self._most_at_once = min(most, self._most_in_frame)
        self._mask_bit = 0 if client else _MASKED
        self._plain = deflate is None and not client
        self._deflater = None if deflate is None else Deflater(deflate)
        self._inflater = None if deflate is None else Inflater(deflate)
        self._short = _SHORT_HEADER + min(_MOST_CONTROL_BYTES, self._most_at_once)
        self._between = not client  # whether the next byte of a client begins a message
        self._data = b""  # what was not read
        self.waiting = False
        # Of the frame whose payload is being read, if one is:
        self._in_frame = False
        self._left = 0
        self._key = b""
        # Of the message:
        self._receiving = 0  # as in MESSAGES
        self._kind = 0
        self._message = bytearray()
        self._compressed = False
        self._decoder: Any = None

    @property
    def state(self) -> State:
        """What the connection is doing."""
        return self._state

    def _did(self, what: Did) -> None:
        try:
            self._state = STATES[self._state, what]
        except KeyError:
            raise LocalError(f"a connection that is {self._state.name.lower()} cannot be closed")

    # --- Receiving ---

    def feed(self, data: bytes) -> list[Event]:
        """Read what has arrived.

        Returns:
            The events, up to a batch; none after the peer has said that it closes.

        Raises:
            RemoteError: this is not WebSocket, or too much of it. What was found before it is in
                its `events`.
        """
        # Benchmark websocket-echo: a short message of a client, and nothing else, is read here.
        size = len(data)
        if (
            self._between
            and _SHORT_HEADER <= size <= self._short
            and data[1] == size - _SHORT_HEADER + _MASKED
            and (data[0] == _WHOLE_TEXT or data[0] == _WHOLE_BINARY)
        ):
            payload = masked(data[_SHORT_HEADER:], data[2:_SHORT_HEADER])
            if data[0] == _WHOLE_BINARY:
                return [payload]
            try:
                return [payload.decode()]
            except UnicodeDecodeError:
                pass  # read it again, as an offence
        events: list[Event] = []
        if self._state not in _READING:
            return events
        if self._data:
            data = self._data + data
        try:
            read = self._read(data, events)
        except RemoteError as error:
            self._did(Did.ERROR)
            self._forget()
            error.events = events
            raise
        if self._state in _READING:
            self._data = data[read:]
            self._between = not (self._client or self._data or self._receiving or self._in_frame)
        else:
            self._forget()
        return events

    def _forget(self) -> None:
        self._between = False
        self._data = b""
        self._message.clear()
        self.waiting = False

    def _read(self, data: bytes, events: list[Event]) -> int:
        """Read frames up to a batch, and say how far that was."""
        at, size, room = 0, len(data), _BATCH_BYTES
        while room > 0:
            if not self._in_frame:
                if size - at < 2:
                    break
                first, second = data[at], data[at + 1]
                length = second & ~_MASKED
                start = at + 2
                if length > _MOST_CONTROL_BYTES:
                    width = 2 if length == _TWO_BYTES else 8
                    start += width
                    if size < start:
                        break
                    length = int.from_bytes(data[start - width : start])
                    if length < _LEAST[width] or length >> 63:
                        raise RemoteError("the length of a frame is not told as it should be")
                if second & _MASKED:
                    start += 4
                    if size < start:
                        break
                stop = start + length
                # Benchmark websocket-echo: a message that is all there takes a short way.
                if (
                    first in (_WHOLE_TEXT, _WHOLE_BINARY)
                    and stop <= size
                    and not self._receiving
                    and second & _MASKED == self._mask_bit
                    and length <= self._most_at_once
                ):
                    payload = data[start:stop]
                    if second & _MASKED:
                        payload = masked(payload, data[start - 4 : start])
                    events.append(payload if first == _WHOLE_BINARY else _text(payload))
                    room -= length
                    at = stop
                    continue
                self._check_header(first, second, length)
                self._key = data[start - 4 : start] if second & _MASKED else b""
                if first & _CONTROL:
                    if size < stop:
                        break
                    events.append(self._control(first & _OPCODE, data[start:stop]))
                    at = stop
                    if self._state not in _READING:
                        break
                    continue
                self._begin_frame(first, length)
                at = start
            at = self._read_payload(data, at, events)
            if self._in_frame:
                break
            if not self._receiving:
                last = events[-1]
                room -= len(last) if isinstance(last, str | bytes) else 0
        self.waiting = room <= 0 and at < size
        return at

    def _check_header(self, first: int, second: int, length: int) -> None:
        """Look whether a frame may come now, and be like this."""
        opcode = first & _OPCODE
        reserved = first & _RESERVED
        if second & _MASKED != self._mask_bit:
            raise RemoteError(
                "a frame of a server with a mask" if self._client else "a frame without a mask"
            )
        if reserved and (
            reserved != _COMPRESSED or self._inflater is None or opcode not in (_TEXT, _BINARY)
        ):
            raise RemoteError("a frame with a reserved bit that nobody has asked for")
        if (self._receiving, opcode, first >= _FINAL) not in MESSAGES:
            raise RemoteError(f"a frame of kind {opcode} where there may be none like it")
        if opcode & _CONTROL:
            if length > _MOST_CONTROL_BYTES:
                raise RemoteError(f"a control frame of {length} bytes")
        elif length > self._most_in_frame:
            raise RemoteError(f"a frame of more than {self._most_in_frame} bytes", _TOO_LARGE)

    def _begin_frame(self, first: int, length: int) -> None:
        opcode = first & _OPCODE
        self._receiving = MESSAGES[self._receiving, opcode, first >= _FINAL]
        if opcode != _CONTINUATION:
            self._kind = opcode
            self._compressed = bool(first & _COMPRESSED)
            self._decoder = None
        if not self._compressed and len(self._message) + length > self._most:
            raise RemoteError(f"a message of more than {self._most} bytes", _TOO_LARGE)
        self._left = length
        self._in_frame = True

    def _read_payload(self, data: bytes, at: int, events: list[Event]) -> int:
        """Read what there is of a frame, and say up to where; it may be all, or nothing."""
        piece = data[at : at + self._left]
        size = len(piece)
        self._left -= size
        if self._key:
            piece = masked(piece, self._key)
            self._key = rotated(self._key, size)
        self._in_frame = bool(self._left)
        last = not self._in_frame and not self._receiving
        if self._compressed and self._inflater is not None:
            piece = self._inflater.inflate(piece, self._message, self._most, last)
        if last and not self._message:
            events.append(_text(piece) if self._kind == _TEXT else piece)
            return at + size
        if self._kind == _TEXT:
            self._check_text(piece, last)
        self._message += piece
        if last:
            message = bytes(self._message)
            self._message = bytearray()
            events.append(str(message, "utf-8") if self._kind == _TEXT else message)
        return at + size

    def _check_text(self, piece: bytes, last: bool) -> None:
        """Look whether a part of a text is one; the whole is decoded when it is there."""
        if self._decoder is None:
            self._decoder = _Decoder()
        try:
            self._decoder.decode(piece, last)
        except UnicodeDecodeError:
            raise RemoteError("a text that is not UTF-8", _NOT_TEXT)

    def _control(self, opcode: int, payload: bytes) -> Event:
        if self._key:
            payload = masked(payload, self._key)
        if opcode == _PING:
            return Ping(payload)
        if opcode == _PONG:
            return Pong(payload)
        event = _close_event(payload)
        self._did(Did.RECEIVE_CLOSE)
        return event

    # --- Sending ---

    def text(self, text: str) -> bytes:
        """A message of text as it is sent.

        Raises:
            LocalError: the connection is no longer open.
            UnicodeEncodeError: there is half of a surrogate pair in it, which is no text.
        """
        payload = text.encode()
        # Benchmark websocket-echo: a short message of a server takes a short way.
        if self._plain and len(payload) <= _MOST_CONTROL_BYTES and self._state is _OPEN:
            return _SHORT_TEXTS[len(payload)] + payload
        return self._data_frame(_WHOLE_TEXT, payload)

    def binary(self, data: bytes) -> bytes:
        """A message of bytes as it is sent.

        Raises:
            LocalError: the connection is no longer open.
        """
        return self._data_frame(_WHOLE_BINARY, data)

    def ping(self, payload: bytes) -> bytes:
        """A ping as it is sent.

        Raises:
            LocalError: the connection is no longer open.
            ValueError: the payload is longer than 125 bytes.
        """
        return self._control_frame(_PING, payload)

    def pong(self, payload: bytes) -> bytes:
        """The answer to a ping as it is sent; see `ping`."""
        return self._control_frame(_PONG, payload)

    def close(self, code: int, reason: str = "") -> bytes:
        """Say that nothing more will be sent, or answer the peer that has said so.

        Args:
            code: why; 1005 to say nothing about that.
            reason: the same in words; what is too long of it is left out.

        Raises:
            LocalError: this was said before.
            ValueError: no peer can be told this code.
        """
        if code == NO_CODE:
            payload = b""
        elif may_be_sent(code):
            words = reason.encode("utf-8")[: _MOST_CONTROL_BYTES - 2]
            payload = code.to_bytes(2) + words.decode("utf-8", "ignore").encode("utf-8")
        else:
            raise ValueError(f"{code} is not a code to close with: use 1000, or 3000 to 4999")
        self._did(Did.SEND_CLOSE)
        return self._frame(_FINAL | _CLOSE, payload)

    def _control_frame(self, opcode: int, payload: bytes) -> bytes:
        if len(payload) > _MOST_CONTROL_BYTES:
            raise ValueError(
                f"a ping carries up to {_MOST_CONTROL_BYTES} bytes, not {len(payload)}"
            )
        if self._state not in _SENDING:
            raise LocalError(f"nothing can be sent: the connection is {self._state.name.lower()}")
        return self._frame(_FINAL | opcode, payload)

    def _data_frame(self, first: int, payload: bytes) -> bytes:
        if self._state not in _SENDING:
            raise LocalError(f"nothing can be sent: the connection is {self._state.name.lower()}")
        if self._deflater is not None:
            small = self._deflater.deflate(payload)
            if small is not None:
                payload = small
                first |= _COMPRESSED
        return self._frame(first, payload)

    def _frame(self, first: int, payload: bytes) -> bytes:
        # Benchmark websocket-echo: every message that is sent comes down here.
        size = len(payload)
        mask = 0 if self._mask_bit else _MASKED
        if size <= _MOST_CONTROL_BYTES:
            header = bytes((first, mask | size))
        elif size < 1 << 16:
            header = bytes((first, mask | _TWO_BYTES, size >> 8, size & 0xFF))
        else:
            header = bytes((first, mask | _EIGHT_BYTES)) + size.to_bytes(8)
        if not mask:
            return header + payload
        # Fresh, and not to be foreseen by whoever chooses the payload (RFC 6455, 10.3).
        key = os.urandom(4)
        return header + key + masked(payload, key)
