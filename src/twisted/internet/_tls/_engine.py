"""One TLS connection that moves no bytes itself: ciphertext in, plaintext out, and back.

Theory of operation
-------------------
A back-end encrypts and decrypts in memory.  What the engine adds is in which order things
may happen, as a table: whatever the back-end tells and whatever we are asked is an event;
a pair of state and event that is missing from the table changes nothing.

The engine never raises for what a peer has sent: it goes to `State.FAILED`, keeps the
reason in `fault`, and what it leaves to be sent is the alert that tells the peer.  What
the peer sent before its offence is still delivered.

RFC 8446 section 6.1: each side ends its own direction, by an alert called close_notify.
An end without it may be the work of an attacker who cut the connection short.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Protocol


class State(Enum):
    """Which directions are open."""

    HANDSHAKE = "not agreed yet"
    OPEN = "both directions are open"
    SEND_ONLY = "the peer has ended its direction"
    RECEIVE_ONLY = "we have ended our direction"
    CLOSED = "both directions have ended"
    FAILED = "broken"


class Event(Enum):
    """What changes the state."""

    AGREED = "the handshake is done"
    PEER_CLOSED = "the peer sends no more"
    WE_CLOSED = "we send no more"
    FAULT = "the peer, or what it presents, is not acceptable"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.HANDSHAKE, Event.AGREED): State.OPEN,
    (State.HANDSHAKE, Event.WE_CLOSED): State.CLOSED,
    (State.HANDSHAKE, Event.FAULT): State.FAILED,
    (State.OPEN, Event.PEER_CLOSED): State.SEND_ONLY,
    (State.OPEN, Event.WE_CLOSED): State.RECEIVE_ONLY,
    (State.OPEN, Event.FAULT): State.FAILED,
    (State.SEND_ONLY, Event.WE_CLOSED): State.CLOSED,
    (State.SEND_ONLY, Event.FAULT): State.FAILED,
    (State.RECEIVE_ONLY, Event.PEER_CLOSED): State.CLOSED,
    (State.RECEIVE_ONLY, Event.FAULT): State.FAILED,
}

# A member is looked up by way of its class's metaclass, which takes longer than a
# comparison of states does; see `abstract`.
HANDSHAKE = State.HANDSHAKE
OPEN = State.OPEN
SEND_ONLY = State.SEND_ONLY
RECEIVE_ONLY = State.RECEIVE_ONLY

#: The most plaintext that one record holds (RFC 8446 section 5.1).
RECORD_SIZE = 1 << 14
#: So many messages in a row may ask for an answer and bring no data: more than an honest
#: peer has to say (new keys, a refused renegotiation), and too few to fill a queue that the
#: peer does not empty.
MAX_REPLIES = 32


class TooManyRequests(Exception):
    """The peer goes on to renegotiate, or to ask for new keys, and sends no data."""

    def __str__(self) -> str:
        return "the peer asked for a renegotiation or for new keys again and again"


class Backend(Protocol):
    """What encrypts in memory.  None of these methods raises for what a peer has sent."""

    #: Why the connection cannot go on, once it cannot.
    fault: Exception | None
    #: Whether the peer has ended its direction.
    peer_closed: bool
    #: The library's own object.
    handle: Any

    def handshake(self) -> bool:
        """Go on with the handshake; whether it is done."""

    def feed(self, ciphertext: bytes) -> None:
        """Keep what has arrived for `handshake` and `decrypt`."""

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The plaintext of what was kept and of this, as far as its records are complete."""

    def encrypt(self, plaintext: bytes) -> bytes:
        """Records of `plaintext`, after all else that is to be sent."""

    def shutdown(self) -> None:
        """End our direction."""

    def drain(self) -> bytes:
        """What is to be sent to the peer."""

    def peer_certificate(self) -> Any:
        """What the peer presented; None if nothing."""

    def negotiated_protocol(self) -> bytes | None:
        """What was agreed by ALPN; None if nothing."""

    def release(self) -> None:
        """The connection is over: know of nobody who knows of it."""


class Engine:
    """The state of a connection; see this module.

    Args:
        backend: encrypts.

    Attributes:
        state: which directions are open.
        fault: why the state is FAILED.
        replies: what is to be sent besides data; see `take`.
    """

    __slots__ = ("replies", "_requests_left", "backend", "fault", "state")

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.state = HANDSHAKE
        self.fault: Exception | None = None
        self.replies: list[bytes] = []
        self._requests_left = MAX_REPLIES

    def _step(self, event: Event) -> None:
        self.state = TRANSITIONS.get((self.state, event), self.state)

    def fail(self, fault: Exception) -> None:
        """Go no further, because of `fault`; nothing but an alert is sent any more."""
        if self.fault is None:
            self.fault = fault
            self._step(Event.FAULT)

    def start(self) -> None:
        """Say what is to be said first: a client begins."""
        self._shake_hands()

    def _shake_hands(self) -> None:
        backend = self.backend
        if backend.handshake() and self.fault is None:
            self._step(Event.AGREED)
        out = backend.drain()
        if backend.fault is not None:
            self.fail(backend.fault)
        elif self.fault is not None:
            # Somebody else found fault with the peer, which must not take us for agreed.
            return
        if out:
            self.replies.append(out)

    def receive(self, ciphertext: bytes) -> bytes:
        """Take what has arrived; the state and `take` tell what else came of it.

        Returns:
            the plaintext that the peer has sent.
        """
        # Benchmark tls-echo: the first test is all that most calls need.
        backend = self.backend
        if self.state is not OPEN:
            if self.state is HANDSHAKE:
                backend.feed(ciphertext)
                self._shake_hands()
                if self.state is not OPEN:
                    return b""
                ciphertext = b""
            elif self.state is not SEND_ONLY and self.state is not RECEIVE_ONLY:
                return b""
        plaintext = backend.decrypt(ciphertext)
        if not plaintext or backend.fault is not None or backend.peer_closed:
            self._noticed(plaintext)
        else:
            self._requests_left = MAX_REPLIES
        return plaintext

    def _noticed(self, plaintext: bytes) -> None:
        """There was more, or less, than plaintext."""
        backend = self.backend
        if backend.peer_closed:
            self._step(Event.PEER_CLOSED)
        if backend.fault is not None:
            self.fail(backend.fault)
        out = backend.drain()
        if not out:
            return
        self.replies.append(out)
        if not plaintext and backend.fault is None:
            self._requests_left -= 1
            if not self._requests_left:
                self.fail(TooManyRequests())

    def send(self, plaintext: bytes) -> bytes:
        """The ciphertext of `plaintext`; to be called in states that let us send."""
        out = self.backend.encrypt(plaintext)
        if self.replies:
            out = self.take() + out
        if self.backend.fault is not None:
            self.fail(self.backend.fault)
        return out

    def close(self) -> None:
        """End our direction."""
        if self.state is OPEN or self.state is SEND_ONLY:
            self.backend.shutdown()
            self.replies.append(self.backend.drain())
        self._step(Event.WE_CLOSED)

    def take(self) -> bytes:
        """What is to be sent besides data: handshakes, alerts."""
        out = b"".join(self.replies)
        self.replies.clear()
        return out

    @property
    def can_send(self) -> bool:
        """Whether our direction is open."""
        return self.state is OPEN or self.state is SEND_ONLY
