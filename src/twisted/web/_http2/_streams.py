"""One stream: its state, and what waits to be sent on it."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto

from twisted.web._h1 import LocalError
from twisted.web._http2._hpack import Field


class State(Enum):
    """Who may still send (RFC 9113, 5.1)."""

    __hash__ = object.__hash__  # Benchmark http2-hello: a method of Enum, in Python, otherwise.

    OPEN = auto()
    WE_ENDED = auto()
    PEER_ENDED = auto()
    CLOSED = auto()


class Step(Enum):
    """What changes that."""

    __hash__ = object.__hash__  # Benchmark http2-hello: a method of Enum, in Python, otherwise.

    WE_END = auto()
    PEER_ENDS = auto()
    RESET = auto()


STATES: dict[tuple[State, Step], State] = {
    (State.OPEN, Step.WE_END): State.WE_ENDED,
    (State.OPEN, Step.PEER_ENDS): State.PEER_ENDED,
    (State.OPEN, Step.RESET): State.CLOSED,
    (State.WE_ENDED, Step.PEER_ENDS): State.CLOSED,
    (State.WE_ENDED, Step.RESET): State.CLOSED,
    (State.PEER_ENDED, Step.WE_END): State.CLOSED,
    (State.PEER_ENDED, Step.RESET): State.CLOSED,
}


class Stream:
    """What is known of a stream, beside what h2 knows.

    Attributes:
        number: its identifier.
        state: who may still send.
        method: of the request.
        expected: how much of the peer's body is still to come; None if that was not said.
        announced: how much of our body is still to come; None if that was not said.
        waiting: how much of it is queued.
        ending: whether that is all.
        trailers: what is sent after it.
        final: whether the response has begun to arrive, at a client.
        stuck: since when the peer has opened no window; None if it has.
        lingers: since when our response is complete but the request is not; None otherwise.
        unwanted: how much of such a request has come.
    """

    __slots__ = (
        "_pieces",
        "announced",
        "ending",
        "expected",
        "final",
        "lingers",
        "method",
        "number",
        "state",
        "stuck",
        "trailers",
        "unwanted",
        "waiting",
    )

    def __init__(self, number: int, method: bytes) -> None:
        self.number = number
        self.method = method
        self.state = State.OPEN
        self.expected: int | None = None
        self.announced: int | None = None
        self.waiting = 0
        self.ending = False
        self.final = False
        self.trailers: list[Field] = []
        self.stuck: float | None = None
        self.lingers: float | None = None
        self.unwanted = 0
        self._pieces: deque[bytes] | None = None

    def step(self, step: Step) -> None:
        """Change the state."""
        self.state = STATES[self.state, step]

    @property
    def sending(self) -> bool:
        """Whether we may still send."""
        return self.state is State.OPEN or self.state is State.PEER_ENDED

    @property
    def receiving(self) -> bool:
        """Whether the peer may still send."""
        return self.state is State.OPEN or self.state is State.WE_ENDED

    def put(self, data: bytes) -> None:
        """Queue a piece of our body.

        Raises:
            LocalError: it is more than was announced.
        """
        if self.announced is not None:
            if len(data) > self.announced:
                raise LocalError(
                    f"the body is {len(data) - self.announced} bytes longer than its length"
                )
            self.announced -= len(data)
        if data:
            if self._pieces is None:
                self._pieces = deque()
            self._pieces.append(data)
            self.waiting += len(data)

    def take(self, most: int) -> bytes | memoryview:
        """What is queued, up to `most` bytes, which is above zero."""
        pieces = self._pieces
        if not pieces:
            return b""
        if self.waiting <= most:
            data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            pieces.clear()
            self.waiting = 0
            return data
        taken: list[bytes | memoryview] = []
        room = most
        while room:
            piece = pieces.popleft()
            if len(piece) > room:
                # A view of it, so that what is large is not copied once for each frame.
                pieces.appendleft(memoryview(piece)[room:])  # type: ignore[arg-type]  # joined later
                piece = memoryview(piece)[:room]  # type: ignore[assignment]  # the same
            taken.append(piece)
            room -= len(piece)
        self.waiting -= most
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def clear(self) -> None:
        """Forget what is queued."""
        self._pieces = None
        self.waiting = 0
