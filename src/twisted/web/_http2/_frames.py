"""What is looked at before h2 sees it: the first nine bytes of each frame.

Theory of operation. h2 keeps the states and the windows of streams. Here is what it leaves to its
user, or does too late:

- It holds a frame of any announced length until all of it is there, and 64 frames of headers before
  it decodes the first byte. Both are refused here as soon as they are announced.
- It answers pings and settings without end. Frames of that kind have a budget.
- A GOAWAY, received or sent, is the end of everything for it; but streams that have begun before go
  on (RFC 9113, 6.8). So these frames are taken out here, and made here.

A frame is counted when its first nine bytes are there; what is in it is h2's to judge.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from h2.errors import ErrorCodes
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PushPromiseFrame,
)

from twisted.web._http2._budget import Budget
from twisted.web._http2._errors import ConnectionFault

#: What a client sends first (RFC 9113, 3.4).
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

#: How long a frame may be; h2 tells the peer so, and RFC 9113 has no smaller one.
MAX_FRAME_BYTES = 16384

_HEAD_BYTES = 9
_END_HEADERS = 0x4
_head = struct.Struct(">HBBB").unpack_from  # length in two parts, kind, flags
_STREAM_AT = 5
_parting = struct.Struct(">LLL")  # the stream, the last stream, the code
#: The bits of a stream's number; the one before them means nothing.
_NUMBER = 0x7FFFFFFF

_DATA = DataFrame.type
_HEADERS = HeadersFrame.type
_CONTINUATION = ContinuationFrame.type
_GOAWAY = GoAwayFrame.type
_PUSH_PROMISE = PushPromiseFrame.type


class GoAway(NamedTuple):
    """The peer takes no more streams.

    Attributes:
        last: streams above this were not looked at.
        code: why.
        message: what else it says.
    """

    last: int
    code: int
    message: bytes


def go_away(last: int, code: int) -> bytes:
    """The frame that says so."""
    frame = GoAwayFrame(0, last_stream_id=last, error_code=code)
    return frame.serialize()


class FrameGuard:
    """Looks at the frames in what a peer sends.

    Args:
        header_bytes: how long headers may be, as they are sent.
        continuations: in how many frames after the first.
        budget: for frames that carry nothing.
        preface: how many bytes come before the first frame.
    """

    def __init__(self, header_bytes: int, continuations: int, budget: Budget, preface: int) -> None:
        self._header_bytes = header_bytes
        self._continuations = continuations
        self._budget = budget
        self._skip = preface  # of what has begun, and ends in what is still to come
        self._rest = b""
        self._in_data = False
        self._block = -1  # bytes of headers that have begun; -1 between messages
        self._pieces = 0

    @property
    def within(self) -> bool:
        """Whether headers, or a frame that is not data, have begun and are not complete."""
        begun = self._skip > 0 or bool(self._rest)
        return self._block >= 0 or (begun and not self._in_data)

    def scan(self, data: bytes) -> tuple[bytes, list[GoAway]]:
        """Look at what has arrived.

        Returns:
            What h2 is to be given, and the frames that were taken out.

        Raises:
            ConnectionFault: it is too much.
        """
        # Benchmark http2-hello: once for each frame; nothing is copied as a rule.
        if self._rest:
            data, self._rest = self._rest + data, b""
        position, size = self._skip, len(data)
        kept, start = b"", 0
        found: list[GoAway] = []
        while position + _HEAD_BYTES <= size:
            high, low, kind, flags = _head(data, position)
            length = high << 8 | low
            if length > MAX_FRAME_BYTES:
                raise ConnectionFault(
                    f"a frame of {length} bytes; {MAX_FRAME_BYTES} were allowed",
                    ErrorCodes.FRAME_SIZE_ERROR,
                )
            end = position + _HEAD_BYTES + length
            if kind == _HEADERS:
                self._begin_block(length, flags)
            elif kind == _GOAWAY:
                if end > size:
                    break
                found.append(self._take(data[position:end]))
                kept += data[start:position]
                start = end
            elif kind != _DATA:
                self._count(kind, length, flags)
            self._in_data = kind == _DATA
            position = end
        if position < size:
            # The beginning of a frame's first nine bytes, or of one that will be taken out.
            self._rest, self._skip = data[position:], 0
            return kept + data[start:position], found
        self._skip = position - size
        return (kept + data[start:] if start else data), found

    def _begin_block(self, length: int, flags: int) -> None:
        if length > self._header_bytes:
            self._too_long()
        if not flags & _END_HEADERS:
            self._block, self._pieces = length, 0

    def _count(self, kind: int, length: int, flags: int) -> None:
        if kind == _CONTINUATION and self._block >= 0:
            self._block += length
            self._pieces += 1
            if self._block > self._header_bytes or self._pieces > self._continuations:
                self._too_long()
            if flags & _END_HEADERS:
                self._block = -1
        elif kind == _PUSH_PROMISE:
            raise ConnectionFault("a promise, which was not asked for")
        else:
            self.charge()

    def _too_long(self) -> None:
        raise ConnectionFault(
            f"headers of more than {self._header_bytes} bytes, or in more than"
            f" {self._continuations} frames after the first",
            ErrorCodes.ENHANCE_YOUR_CALM,
        )

    def charge(self) -> None:
        """Count something that carries nothing.

        Raises:
            ConnectionFault: there was too much of it.
        """
        if not self._budget.spend():
            raise ConnectionFault(
                "too many frames that carry nothing", ErrorCodes.ENHANCE_YOUR_CALM
            )

    def _take(self, frame: bytes) -> GoAway:
        if len(frame) < _STREAM_AT + _parting.size:
            raise ConnectionFault("a short GOAWAY", ErrorCodes.FRAME_SIZE_ERROR)
        self.charge()
        stream, last, code = _parting.unpack_from(frame, _STREAM_AT)
        if self._block >= 0 or stream & _NUMBER:
            raise ConnectionFault("a GOAWAY on a stream, or within headers")
        return GoAway(last & _NUMBER, code, frame[_HEAD_BYTES + 8 :])
