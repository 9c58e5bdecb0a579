"""What an application may send when: the messages of ASGI about one response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Any

__name__ = "twisted.web.asgi"  # the public path, for pickles and messages
__all__ = [
    "Event",
    "Head",
    "MessageError",
    "Phase",
    "Piece",
    "Response",
    "STEPS",
    "Session",
    "State",
    "Step",
    "TRANSITIONS",
    "read_fields",
    "read_text",
]


class MessageError(Exception):
    """The application has sent what is no message of ASGI, or not at this time."""


class State(Enum):
    """What has been sent of a response."""

    __hash__ = object.__hash__  # Benchmark asgi-hello: that of Enum is in Python.

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()
    COMPLETE = auto()


class Event(Enum):
    """What the application sends."""

    __hash__ = object.__hash__  # Benchmark asgi-hello: that of Enum is in Python.

    START = auto()
    PIECE = auto()
    LAST = auto()


TRANSITIONS = {
    (State.NOTHING, Event.START): State.HEAD,
    (State.HEAD, Event.PIECE): State.BODY,
    (State.HEAD, Event.LAST): State.COMPLETE,
    (State.BODY, Event.PIECE): State.BODY,
    (State.BODY, Event.LAST): State.COMPLETE,
}


#: Values by names in small letters, as `Headers` has them.
Fields = dict[bytes, list[bytes]]


#: How a response begins: the status, and the headers.
Head = tuple[int, Fields]
#: The head, if it goes out with this; a piece of the body; and whether that is the last.
# Benchmark asgi-hello: plain tuples are made in no time.
Piece = tuple[Head | None, bytes, bool]


class Response:
    """Follows what an application sends in answer to one request.

    Attributes:
        state: what has been sent.
    """

    __slots__ = ("_head", "state")

    def __init__(self) -> None:
        self.state = State.NOTHING
        self._head: Head | None = None

    def send(self, message: Mapping[str, Any]) -> Piece | None:
        """Take a message.

        Returns:
            What is to be sent now; None if nothing is, as the head goes with the first piece.

        Raises:
            MessageError: it is none, or not at this time.
        """
        kind = _kind(message)
        if kind == "http.response.body":
            last = not message.get("more_body", False)
            self._go(Event.LAST if last else Event.PIECE, kind)
            body = message.get("body", b"")
            if type(body) is not bytes:
                body = _bytes(body, "body")
            head, self._head = self._head, None
            return head, body, last
        if kind == "http.response.start":
            head = _read_head(message)
            self._go(Event.START, kind)
            self._head = head
            return None
        raise MessageError(f"an answer to a request of HTTP has no message {kind!r}")

    def _go(self, event: Event, kind: str) -> None:
        state = TRANSITIONS.get((self.state, event))
        if state is None:
            raise MessageError(f"{kind!r} cannot be sent now: {_SENT[self.state]}")
        self.state = state


_SENT = {
    State.NOTHING: "the first message is 'http.response.start'",
    State.HEAD: "after 'http.response.start' comes 'http.response.body'",
    State.BODY: "more of the body has to come",
    State.COMPLETE: "the response is complete",
}


def _kind(message: Mapping[str, Any]) -> str:
    try:
        kind = message["type"]
    except (TypeError, KeyError, IndexError):
        raise MessageError(f"a message is a dict with a 'type', not {message!r:.100}")
    if not isinstance(kind, str):
        raise MessageError(f"the type of a message is a str, not {kind!r:.100}")
    return kind


def _bytes(value: object, what: str) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise MessageError(f"the {what} is bytes, not {type(value).__name__}")


def _read_head(message: Mapping[str, Any]) -> Head:
    status = message.get("status")
    if not isinstance(status, int) or not 200 <= status <= 999:
        raise MessageError(f"the status is a number such as 200, not {status!r:.100}")
    return status, read_fields(message.get("headers", ()))


def read_fields(headers: Iterable[Any]) -> Fields:
    """The headers of a message.

    Raises:
        MessageError: they are no pairs of bytes.
    """
    fields: Fields = {}
    try:
        for name, value in headers:
            if type(name) is not bytes or type(value) is not bytes:
                raise TypeError
            key = name.lower()
            if key in fields:
                fields[key].append(value)
            else:
                fields[key] = [value]
    except (TypeError, ValueError):
        raise MessageError(f"headers are pairs of bytes, not {headers!r:.100}")
    return fields


class Phase(Enum):
    """How far a connection of WebSocket is, as the application sees it."""

    __hash__ = object.__hash__  # Benchmark asgi-hello: that of Enum is in Python.

    CONNECTING = auto()
    OPEN = auto()
    CLOSED = auto()


class Step(Enum):
    """What brings it further."""

    __hash__ = object.__hash__  # Benchmark asgi-hello: that of Enum is in Python.

    ACCEPT = auto()
    MESSAGE = auto()
    CLOSE = auto()


STEPS = {
    (Phase.CONNECTING, Step.ACCEPT): Phase.OPEN,
    (Phase.CONNECTING, Step.CLOSE): Phase.CLOSED,
    (Phase.OPEN, Step.MESSAGE): Phase.OPEN,
    (Phase.OPEN, Step.CLOSE): Phase.CLOSED,
}

_STEPS = {
    "websocket.accept": Step.ACCEPT,
    "websocket.send": Step.MESSAGE,
    "websocket.close": Step.CLOSE,
}


class Session:
    """Follows what an application sends over one connection of WebSocket.

    Attributes:
        phase: how far the connection is.
    """

    __slots__ = ("phase",)

    def __init__(self) -> None:
        self.phase = Phase.CONNECTING

    def send(self, message: Mapping[str, Any]) -> Step:
        """Take a message; what it is.

        Raises:
            MessageError: it is none, or not at this time.
        """
        kind = _kind(message)
        step = _STEPS.get(kind)
        if step is None:
            raise MessageError(f"a connection of WebSocket has no message {kind!r}")
        phase = STEPS.get((self.phase, step))
        if phase is None:
            raise MessageError(f"{kind!r} cannot be sent now: it is {self.phase.name.lower()}")
        self.phase = phase
        return step


def read_text(message: Mapping[str, Any]) -> str | bytes:
    """What a message of WebSocket carries.

    Raises:
        MessageError: it is not just one of text and bytes.
    """
    text, data = message.get("text"), message.get("bytes")
    if isinstance(text, str) and data is None:
        return text
    if text is None and data is not None:
        return _bytes(data, "bytes of a message")
    raise MessageError("a message of WebSocket has either a text, str, or bytes")
