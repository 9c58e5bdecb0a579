"""The half of a connection that arrives: bytes in, events out.

Theory of operation. `STATES` says what may follow what; nothing else changes the state. A reader
stops after each message: what follows it is kept, unread, until `next_message`, so that whoever
answers requests in their order need only answer one at a time. After an error, nothing is read.

What the reader gives and when it raises does not depend on how the bytes are cut into pieces: a
head is looked at when its end is there, or when it can be told that it will be wrong. What is kept
for that is below the limits, so that joining it to the next piece costs a constant factor at most.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import ClassVar

from twisted.web._h1 import _grammar
from twisted.web._h1._errors import LocalError, RemoteError
from twisted.web._h1._events import END, End, Event, RequestHead
from twisted.web._limits import DEFAULT_LIMITS, Limits


class State(Enum):
    """What is read next."""

    __hash__ = object.__hash__  # Benchmark http-hello: a method of Enum, in Python, otherwise.

    HEAD = auto()
    LENGTH = auto()
    CHUNK_LINE = auto()
    CHUNK = auto()
    CHUNK_END = auto()
    TRAILERS = auto()
    TO_THE_END = auto()
    DONE = auto()
    SWITCHED = auto()
    CLOSED = auto()
    FAILED = auto()


class Found(Enum):
    """What changes the state."""

    __hash__ = object.__hash__  # Benchmark http-hello: a method of Enum, in Python, otherwise.

    NO_BODY = auto()
    LENGTH = auto()
    CHUNKED = auto()
    UNBOUNDED = auto()
    INTERIM = auto()
    CHUNK_LINE = auto()
    CHUNK = auto()
    BOUNDARY = auto()
    LAST_CHUNK = auto()
    END = auto()
    NEXT = auto()
    SWITCH = auto()
    EOF = auto()
    ERROR = auto()


STATES: dict[tuple[State, Found], State] = {
    (State.HEAD, Found.NO_BODY): State.DONE,
    (State.HEAD, Found.LENGTH): State.LENGTH,
    (State.HEAD, Found.CHUNKED): State.CHUNK_LINE,
    (State.HEAD, Found.UNBOUNDED): State.TO_THE_END,
    (State.HEAD, Found.INTERIM): State.HEAD,
    (State.LENGTH, Found.END): State.DONE,
    (State.CHUNK_LINE, Found.CHUNK_LINE): State.CHUNK,
    (State.CHUNK_LINE, Found.LAST_CHUNK): State.TRAILERS,
    (State.CHUNK, Found.CHUNK): State.CHUNK_END,
    (State.CHUNK_END, Found.BOUNDARY): State.CHUNK_LINE,
    (State.TRAILERS, Found.END): State.DONE,
    (State.DONE, Found.NEXT): State.HEAD,
    (State.DONE, Found.SWITCH): State.SWITCHED,
    (State.HEAD, Found.EOF): State.CLOSED,
    (State.DONE, Found.EOF): State.CLOSED,
    (State.TO_THE_END, Found.EOF): State.CLOSED,
    (State.CLOSED, Found.EOF): State.CLOSED,
    **{
        (state, Found.ERROR): State.FAILED
        for state in State
        if state not in (State.SWITCHED, State.CLOSED, State.FAILED)
    },
}


class _Reader:
    """What requests and responses have in common: everything but the head."""

    # Benchmark http-idle-memory: there is one for each connection, and most wait.
    __slots__ = (
        "_at",
        "_body_size",
        "_data",
        "_late",
        "_late_size",
        "_left",
        "_limits",
        "_max_body",
        "_searched",
        "_state",
    )

    _STEPS: ClassVar[dict[State, str]] = {
        State.HEAD: "_read_head",
        State.LENGTH: "_read_length",
        State.CHUNK_LINE: "_read_chunk_line",
        State.CHUNK: "_read_chunk",
        State.CHUNK_END: "_read_chunk_end",
        State.TRAILERS: "_read_trailers",
        State.TO_THE_END: "_read_rest",
    }

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._max_body = limits.bodyBytes
        self._state = State.HEAD
        self._data = b""
        self._at = 0  # where in _data that begins which was not read
        self._searched = 0  # up to where in _data there is no end of a head
        # What has arrived since the message was complete; a list once there is something.
        self._late: list[bytes] | None = None
        self._late_size = 0
        self._left = 0  # of a body, or of a chunk
        self._body_size = 0  # of the chunks

    @property
    def state(self) -> State:
        """What is read next."""
        return self._state

    @property
    def waiting(self) -> int:
        """How many bytes have arrived and were not read."""
        return len(self._data) - self._at + self._late_size

    def _found(self, what: Found) -> None:
        self._state = STATES[self._state, what]

    def feed(self, data: bytes) -> list[Event]:
        """Read what has arrived.

        Returns:
            The events, up to the end of one message.

        Raises:
            RemoteError: this is not HTTP. What was found before it is in its `events`.
            LocalError: nothing can be read any more, and the caller knows.
        """
        state = self._state
        if state is State.HEAD and not self._data:
            self._data = data
        elif state is State.DONE:
            if self._late is None:
                self._late = []
            self._late.append(data)
            self._late_size += len(data)
            return []
        elif state in (State.FAILED, State.CLOSED, State.SWITCHED):
            raise LocalError(f"the connection is {state.name.lower()}: nothing more can be read")
        else:
            self._data = self._data[self._at :] + data if self._data else data
            self._searched -= self._at
            self._at = 0
        return self._read()

    def next_message(self) -> list[Event]:
        """Read the next message, after one was complete."""
        self._found(Found.NEXT)
        if self._late:
            self._data = self._data[self._at :] + b"".join(self._late)
            self._at = 0
            self._late = None
            self._late_size = 0
        self._searched = self._at
        return self._read() if self._at < len(self._data) else []

    def switch(self) -> bytes:
        """Read HTTP no more, after a message was complete: another protocol follows.

        Returns:
            What has arrived of it.
        """
        self._found(Found.SWITCH)
        rest = self._data[self._at :] + b"".join(self._late or ())
        self._data, self._at, self._late, self._late_size = b"", 0, None, 0
        return rest

    def feed_eof(self) -> list[Event]:
        """The peer will send no more.

        Raises:
            RemoteError: it has not finished what it began.
        """
        unread = self.waiting
        state = self._state
        if (state, Found.EOF) not in STATES or (state is State.HEAD and unread):
            if state is not State.FAILED:
                self._found(Found.ERROR)
            raise RemoteError("the connection was closed in the middle of a message")
        self._found(Found.EOF)
        return [END] if state is State.TO_THE_END else []

    def _read(self) -> list[Event]:
        events: list[Event] = []
        steps = self._STEPS
        try:
            while self._state in steps and getattr(self, steps[self._state])(events):
                pass
        except RemoteError as error:
            self._found(Found.ERROR)
            self._data, self._at = b"", 0
            error.events = events
            raise
        if self._at == len(self._data):
            self._data, self._at, self._searched = b"", 0, 0
        return events

    # --- Heads ---

    def _block(self) -> tuple[bytes, bytes] | None:
        """The first line without its end, and the others with theirs; None if some are missing."""
        data, at, limits = self._data, self._at, self._limits
        end = data.find(b"\r\n\r\n", max(at, self._searched - 3))
        line_end = data.find(b"\r\n", at, at + limits.lineBytes + 2)
        if line_end < 0 and len(data) - at > limits.lineBytes + 1:
            self._check_line_ends(data[at : at + limits.lineBytes])
            raise RemoteError(f"the first line is longer than {limits.lineBytes} bytes", 414)
        if (len(data) if end < 0 else end) - at > limits.headerBytes:
            self._check_line_ends(data[at : at + limits.headerBytes])
            raise RemoteError(f"the headers are longer than {limits.headerBytes} bytes", 431)
        if end < 0:
            self._check_line_ends(data, max(at, self._searched - 1))
            self._searched = len(data)
            return None
        self._at = end + 4
        return data[at:line_end], data[line_end + 2 : end + 2]

    def _check_line_ends(self, data: bytes, begin: int = 0) -> None:
        if _grammar.bare_line_end(data, begin):
            raise RemoteError("a line does not end with CR LF")

    def _begin_body(self, length: int | None, events: list[Event]) -> None:
        limit = self._max_body
        if length == 0:
            events.append(END)
            self._found(Found.NO_BODY)
        elif length is None:
            self._body_size = 0
            self._found(Found.CHUNKED)
        else:
            if limit is not None and length > limit:
                raise RemoteError(f"the body is longer than {limit} bytes", 413)
            self._left = length
            self._found(Found.LENGTH)

    # --- Bodies ---

    def _read_some(self, events: list[Event]) -> bool:
        """Take what there is of the bytes that are left, and say whether these were all."""
        data, at = self._data, self._at
        end = at + self._left
        if end >= len(data):
            end = len(data)
        if end > at:
            events.append(data[at:end])
            self._left -= end - at
            self._at = end
        return not self._left

    def _read_length(self, events: list[Event]) -> bool:
        if not self._read_some(events):
            return False
        events.append(END)
        self._found(Found.END)
        return True

    def _read_rest(self, events: list[Event]) -> bool:
        if self._at < len(self._data):
            events.append(self._data[self._at :])
            self._at = len(self._data)
        return False

    def _read_chunk_line(self, events: list[Event]) -> bool:
        data, at, limit = self._data, self._at, self._limits.chunkLineBytes
        match = _grammar.chunk_line(data, at)
        if match is None or match.end() - at > limit:
            unread = data[at : at + limit + 1]
            if b"\n" in unread or len(unread) > limit or not _is_prefix_of_chunk_line(unread):
                raise RemoteError("the size of a chunk is malformed, or too long")
            return False
        self._at = match.end()
        size = int(match.group(1), 16)
        if not size:
            self._searched = self._at
            self._found(Found.LAST_CHUNK)
            return True
        self._body_size += size
        if self._max_body is not None and self._body_size > self._max_body:
            raise RemoteError(f"the body is longer than {self._max_body} bytes", 413)
        self._left = size
        self._found(Found.CHUNK_LINE)
        return True

    def _read_chunk(self, events: list[Event]) -> bool:
        if not self._read_some(events):
            return False
        self._found(Found.CHUNK)
        return True

    def _read_chunk_end(self, events: list[Event]) -> bool:
        unread = self._data[self._at : self._at + 2]
        if unread == b"\r\n":
            self._at += 2
            self._found(Found.BOUNDARY)
            return True
        if unread not in (b"", b"\r"):
            raise RemoteError("a chunk is longer than its size")
        return False

    def _read_trailers(self, events: list[Event]) -> bool:
        data, at = self._data, self._at
        if data.startswith(b"\r\n", at):
            self._at += 2
            events.append(END)
            self._found(Found.END)
            return True
        end = data.find(b"\r\n\r\n", max(at, self._searched - 3))
        limit = self._limits.headerBytes
        if (len(data) if end < 0 else end) - at > limit:
            self._check_line_ends(data[at : at + limit])
            raise RemoteError(f"the trailers are longer than {limit} bytes", 431)
        if end < 0:
            self._check_line_ends(data, max(at, self._searched - 1))
            self._searched = len(data)
            return False
        trailers = _grammar.headers(data[at : end + 2], self._limits.headerCount)
        if not trailers.keys().isdisjoint(_NOT_IN_TRAILERS):
            raise RemoteError("a trailer that says where messages end")
        self._at = end + 4
        events.append(End(trailers))
        self._found(Found.END)
        return True


#: How many first lines are remembered with one set of headers, and of what length: a few kilobytes.
_MAX_SAME_LINES = 16
_MAX_SAME_LINE = 256

_NOT_IN_TRAILERS = (b"content-length", b"transfer-encoding", b"host")


def _is_prefix_of_chunk_line(unread: bytes) -> bool:
    """Whether a line that has no end yet may become one that tells the size of a chunk."""
    line = unread.removesuffix(b"\r")
    return (not line and not unread) or _grammar.chunk_line(line + b"\r\n") is not None


class RequestReader(_Reader):
    """Reads what a client sends.

    Args:
        limits: how much it may send.
    """

    __slots__ = ("_same", "_same_head", "_same_lines", "whole_body")

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__(limits)
        # Benchmark http-hello: a client says the same of itself in each request, and asks for few
        # things. The headers of the request before, with the empty line after them; what they
        # said; and the requests that had them, by their first line.
        self._same = b""
        self._same_head: RequestHead | None = None
        self._same_lines: dict[bytes, RequestHead] | None = None
        #: The body of the request that `feed_whole` or `next_whole` has given.
        self.whole_body = b""

    def _read_head(self, events: list[Event]) -> bool:
        lines = self._block()
        if lines is None:
            return False
        line, block = lines
        block += b"\r\n"
        if self._same_head is not None and self._same == block:
            head = _grammar.similar_head(line, self._same_head)
        else:
            head = _grammar.request_head(line, block[:-2], self._limits.headerCount)
            self._same, self._same_head = block, head
            self._same_lines = None
        events.append(head)
        self._begin_body(head.length, events)
        return True

    def feed_whole(self, data: bytes) -> RequestHead | None:
        """Read what has arrived if that begins with a request like the one before.

        That is one which is there whole, and has the same headers.

        Returns:
            The request, whose body is `whole_body`, and `next_whole` or `next_message` must
            follow; None if it is something else, of which nothing was read: give it to `feed`.
        """
        if self._data or self._state is not State.HEAD:
            return None
        return self._read_whole(data, 0)

    def next_whole(self) -> RequestHead | None:
        """Read the next request, after one was complete, if it is like the one before.

        Returns:
            As `feed_whole`. After None, `next_message` reads on, if something is `waiting`.
        """
        if self._late:
            return None
        if self._at < len(self._data):
            return self._read_whole(self._data, self._at)
        if self._data:
            self._data, self._at, self._searched = b"", 0, 0
        # Without a look at the table: (DONE, NEXT) is HEAD.
        self._state = State.HEAD
        return None

    def _read_whole(self, data: bytes, at: int) -> RequestHead | None:
        known = self._same_head
        line_end = data.find(b"\r\n", at)
        if known is None or not data.startswith(self._same, line_end + 2):
            return None
        end = line_end + 2 + len(self._same)
        length = known.length
        if length != 0:
            if length is None or known.expects_continue or len(data) - end < length:
                return None
            self.whole_body = data[end : end + length]
            end += length
        line = data[at:line_end]
        lines = self._same_lines
        if lines is None:
            lines = self._same_lines = {}
        head = lines.get(line)
        if head is None:
            limits = self._limits
            if (
                len(line) > min(_MAX_SAME_LINE, limits.lineBytes)
                or len(line) + len(self._same) > limits.headerBytes
                or len(lines) >= _MAX_SAME_LINES
            ):
                return None
            try:
                head = _grammar.similar_head(line, known)
            except RemoteError:
                return None  # which is found again, and told, when it is read the usual way
            lines[line] = head
        if end == len(data):
            if at:
                self._data, self._at = b"", 0
        else:
            self._data, self._at = data, end
        self._state = State.DONE
        return head


class ResponseReader(_Reader):
    """Reads what a server sends.

    Args:
        limits: how much it may send.
    """

    __slots__ = ("_method",)

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__(limits)
        self._method: bytes | None = None

    def expect(self, method: bytes) -> None:
        """A request of `method` has been sent, and the next response will be the one to it."""
        self._method = method

    def _read_head(self, events: list[Event]) -> bool:
        if self._method is None:
            raise RemoteError("a response without a request")
        block = self._block()
        if block is None:
            return False
        head, unbounded = _grammar.response_head(*block, self._limits.headerCount, self._method)
        events.append(head)
        if not head.final:
            self._searched = self._at
            self._found(Found.INTERIM)
        elif unbounded:
            self._method = None
            self._found(Found.UNBOUNDED)
        else:
            self._method = None
            self._begin_body(head.length, events)
        return True
