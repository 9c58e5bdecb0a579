"""The half of a connection that we send: what is to be said in, bytes out.

A mistake of ours is a `LocalError`, and nothing is sent of it: header values with line ends in
them, more of a body than was announced, anything after the end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from enum import Enum, auto
from typing import TypeVar

from twisted.web._h1 import _grammar
from twisted.web._h1._errors import LocalError

#: How many lines are kept for the next responses, and of what length.
_MAX_KNOWN = 512
_KNOWN_LENGTH = 128

_K = TypeVar("_K")
Fields = Iterable[tuple[bytes, bytes]]


class State(Enum):
    """What can be sent next."""

    __hash__ = object.__hash__  # Benchmark http-hello: a method of Enum, in Python, otherwise.

    HEAD = auto()
    LENGTH = auto()
    CHUNKED = auto()
    TO_THE_END = auto()
    NO_BODY = auto()
    DONE = auto()


class Sent(Enum):
    """What changes the state."""

    __hash__ = object.__hash__  # Benchmark http-hello: a method of Enum, in Python, otherwise.

    LENGTH = auto()
    CHUNKED = auto()
    UNBOUNDED = auto()
    NO_BODY = auto()
    INTERIM = auto()
    END = auto()
    NEXT = auto()


STATES: dict[tuple[State, Sent], State] = {
    (State.HEAD, Sent.INTERIM): State.HEAD,
    (State.HEAD, Sent.LENGTH): State.LENGTH,
    (State.HEAD, Sent.CHUNKED): State.CHUNKED,
    (State.HEAD, Sent.UNBOUNDED): State.TO_THE_END,
    (State.HEAD, Sent.NO_BODY): State.NO_BODY,
    (State.LENGTH, Sent.END): State.DONE,
    (State.CHUNKED, Sent.END): State.DONE,
    (State.TO_THE_END, Sent.END): State.DONE,
    (State.NO_BODY, Sent.END): State.DONE,
    (State.DONE, Sent.NEXT): State.HEAD,
}


def _field_line(field: tuple[bytes, bytes]) -> bytes:
    name, value = field
    if not _grammar.token(name) or not _grammar.field_value(value):
        raise LocalError(f"{name!r}: {value!r} cannot be sent as a header")
    return b"%b: %b\r\n" % field


def _status_line(status: tuple[int, bytes]) -> bytes:
    code, reason = status
    if not 100 <= code <= 999 or not _grammar.field_value(reason):
        raise LocalError(f"not a status: {code} {reason!r}")
    return b"HTTP/1.1 %d %b\r\n" % status


class _Known(dict[_K, bytes]):
    """Lines that were looked at and made before: servers say much the same in each response."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[_K], bytes]) -> None:
        self._make = make

    def __missing__(self, key: _K) -> bytes:
        line = self._make(key)
        if len(line) <= _KNOWN_LENGTH:
            if len(self) >= _MAX_KNOWN:
                self.clear()
            self[key] = line
        return line


# Benchmark http-hello: three lookups instead of as many looks and formats.
_field_lines = _Known(_field_line)
_status_lines = _Known(_status_line)


def field_lines(fields: Fields) -> bytes:
    """Headers as they are sent.

    Raises:
        LocalError: one of them cannot be.
    """
    return b"".join([_field_lines[field] for field in fields])


class _Writer:
    """What requests and responses have in common: everything but the head."""

    __slots__ = ("_left", "_state")

    def __init__(self) -> None:
        self._state = State.HEAD
        self._left = 0

    @property
    def state(self) -> State:
        """What can be sent next."""
        return self._state

    @property
    def fresh(self) -> bool:
        """Whether nothing has been sent of a message."""
        return self._state is State.HEAD

    @property
    def closes(self) -> bool:
        """Whether the message is one that ends with the connection."""
        return self._state is State.TO_THE_END

    def _sent(self, what: Sent) -> None:
        try:
            self._state = STATES[self._state, what]
        except KeyError:
            raise LocalError(f"{what.name.lower()} cannot be sent in state {self._state.name}")

    def _framing(self, length: int | None, chunks: bool) -> bytes:
        """Enter the state in which the body is sent, and say how it will be."""
        if length is not None:
            self._sent(Sent.LENGTH)
            self._left = length
            return b"Content-Length: %d\r\n" % length
        self._sent(Sent.CHUNKED if chunks else Sent.UNBOUNDED)
        return b"Transfer-Encoding: chunked\r\n" if chunks else b""

    def body(self, data: bytes) -> bytes:
        """A piece of the body as it is sent.

        Raises:
            LocalError: it is more than was announced, or there is no body now.
        """
        state = self._state
        if state is State.LENGTH:
            if len(data) > self._left:
                raise LocalError(
                    f"the body is {len(data) - self._left} bytes longer than its length"
                )
            self._left -= len(data)
            return data
        if state is State.CHUNKED:
            return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
        if state is State.TO_THE_END:
            return data
        if state is State.NO_BODY:
            return b""
        raise LocalError(f"a body cannot be sent in state {state.name}")

    @property
    def left(self) -> int:
        """How many bytes of an announced body were not sent; 0 if it is sent otherwise."""
        return self._left if self._state is State.LENGTH else 0

    def sent(self, count: int) -> None:
        """So many bytes of an announced body were sent by somebody else."""
        if not 0 <= count <= self.left:
            raise LocalError(f"{count} bytes were sent, of {self.left}")
        self._left -= count

    def end(self, trailers: Collection[tuple[bytes, bytes]] = ()) -> bytes:
        """The message is complete.

        Args:
            trailers: headers after the body, if that is sent in chunks.

        Raises:
            LocalError: it is not: some of the announced body is missing.
        """
        state = self._state
        lines = b""
        if trailers:
            if state is not State.CHUNKED:
                raise LocalError("there are trailers only after a body in chunks")
            lines = field_lines(trailers)
        if state is State.LENGTH and self._left:
            raise LocalError(f"{self._left} bytes of the body are missing")
        self._sent(Sent.END)
        return b"0\r\n%b\r\n" % lines if state is State.CHUNKED else b""

    def next_message(self) -> None:
        """Begin anew, after a message was complete."""
        self._sent(Sent.NEXT)


class ResponseWriter(_Writer):
    """Writes what a server sends."""

    __slots__ = ()

    def head(
        self,
        status: int,
        reason: bytes,
        fields: Fields,
        length: int | None = None,
        method: bytes = b"GET",
        minor: int = 1,
        close: bool = False,
    ) -> bytes:
        """The head of a response.

        Args:
            status: the number; below 200, but for 101, another response follows.
            reason: what is said of it.
            fields: headers; not those about the length and the connection, which this adds.
            length: of the body, if it is known.
            method: of the request.
            minor: of the request: 0 if it was HTTP/1.0, where there are no chunks.
            close: whether the connection ends after this.
        """
        lines = [_field_lines[field] for field in fields]
        lines.insert(0, _status_lines[status, reason])
        if status < 200:
            self._sent(Sent.NO_BODY if status == 101 else Sent.INTERIM)
            lines.append(b"\r\n")
            return b"".join(lines)
        if method == b"HEAD" or status in (204, 304) or (method == b"CONNECT" and status < 300):
            self._sent(Sent.NO_BODY)
            framing = b"Content-Length: %d\r\n" % length if length and status != 204 else b""
        else:
            framing = self._framing(length, minor > 0)
            close = close or self._state is State.TO_THE_END
        lines.append(framing)
        if close:
            lines.append(b"Connection: close\r\n")
        elif not minor:
            lines.append(b"Connection: keep-alive\r\n")
        lines.append(b"\r\n")
        return b"".join(lines)

    def whole(
        self,
        status: int,
        reason: bytes,
        lines: bytes,
        body: bytes,
        minor: int = 1,
        close: bool = False,
    ) -> bytes:
        """A whole response to a request that is not HEAD or CONNECT.

        Args:
            status: the number; one that has a body.
            reason: what is said of it.
            lines: headers as `field_lines` makes them; not those about length and connection.
            body: all of it.
            minor: of the request: 0 if it was HTTP/1.0.
            close: whether the connection ends after this.
        """
        # Benchmark http-hello: all at once, and without a look at the table: the state in which
        # something is sent is entered and left again here.
        if self._state is not State.HEAD:
            raise LocalError(f"a response cannot be sent in state {self._state.name}")
        if close:
            lines += b"Connection: close\r\n"
        elif not minor:
            lines += b"Connection: keep-alive\r\n"
        return b"%b%bContent-Length: %d\r\n\r\n%b" % (
            _status_lines[status, reason],
            lines,
            len(body),
            body,
        )


class RequestWriter(_Writer):
    """Writes what a client sends."""

    __slots__ = ()

    def head(self, method: bytes, target: bytes, fields: Fields, length: int | None = 0) -> bytes:
        """The head of a request.

        Args:
            method: such as ``b"GET"``.
            target: such as ``b"/index.html"``.
            fields: headers, with the `Host`; not those about the length, which this adds.
            length: of the body; None if it is not known, and sent in chunks.

        Raises:
            LocalError: one of these cannot be sent, such as a target with a space in it.
        """
        if not _grammar.token(method):
            raise LocalError(f"not a method: {method!r}")
        if not _grammar.request_target(target):
            raise LocalError(f"{target!r} cannot be asked for: quote what is no visible ASCII")
        lines = field_lines(fields)
        if length == 0 and method not in (b"POST", b"PUT", b"PATCH"):
            self._sent(Sent.NO_BODY)
            framing = b""
        else:
            framing = self._framing(length, True)
        return b"%b %b HTTP/1.1\r\n%b%b\r\n" % (method, target, lines, framing)
