"""How connections end, and fail to begin."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone, ConnectionLost

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages


class WebSocketClosed(ConnectionDone):
    """A connection was closed.

    Attributes:
        code: what the peer has given as the reason (RFC 6455, 7.4): 1000 if all is well, 1005 if
            it does not say, 1006 if it was not said at all that the connection would be closed.
        reason: the same in words, if the peer uses any.
    """

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return _sentence("The connection was closed", self.code, self.reason)


class WebSocketLost(ConnectionLost):
    """A connection has ended by a fault.

    Attributes:
        code: what the peer was told (RFC 6455, 7.4), such as 1002 if it has broken the rules, or
            1009 for a message that is too large; 1006 if it could not be told.
        reason: what was wrong.
    """

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return _sentence("The connection was lost", self.code, self.reason)


def _sentence(what: str, code: int, reason: str) -> str:
    return f"{what} ({code}): {reason}" if reason else f"{what} ({code})"


class WebSocketNotOpen(Exception):
    """A message was to be sent before the connection was open, or after it was closed."""


class HandshakeFailed(Exception):
    """What has answered a client is no server of WebSocket, or does not keep to the rules."""
