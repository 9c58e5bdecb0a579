"""What a peer may ask of a WebSocket connection, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebSocketLimits:
    """What one connection may cost. Sizes are in bytes, times in seconds.

    Give one to `WebSocketResource` or `WebSocketClientEndpoint` as `limits`.

    Attributes:
        messageBytes: a message, after it was inflated; the peer is told 1009. The default is
            what other servers in Python take.
        frameBytes: what one frame carries, as it is sent; 1009. None for `messageBytes`, and what
            deflate may add to that.
        slowBytes: how much may wait for a peer that does not take what it is sent, before nothing
            more is read from it: what it asks for is not answered faster than it takes the answers.
        unsentBytes: how much may wait for such a peer at all; then the connection is broken off.
        stallSeconds: how long it may go on taking nothing; then the connection is broken off.
            None for ever.
        pingSeconds: after so long without a byte from the peer it is sent a ping, which also keeps
            proxies from forgetting the connection; None for never. Many forget after a minute.
        pongSeconds: how long it may then be silent; the connection is broken off.
        closeSeconds: how long it may take to answer when the connection is to be closed.
        handshakeSeconds: how long a server may take to answer a client's request.
    """

    messageBytes: int = 4 * 1024 * 1024
    frameBytes: int | None = None
    slowBytes: int = 256 * 1024
    unsentBytes: int = 16 * 1024 * 1024
    stallSeconds: float | None = 300
    pingSeconds: float | None = 30
    pongSeconds: float = 30
    closeSeconds: float = 10
    handshakeSeconds: float = 30


# The public path, for pickles and messages; `dataclass` would look for the module.
WebSocketLimits.__module__ = "twisted.web.websocket"

#: What holds unless something else is said.
DEFAULT_LIMITS = WebSocketLimits()
