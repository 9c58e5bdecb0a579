"""Who is to blame."""

from __future__ import annotations

from twisted.web._websocket._events import Event


class RemoteError(Exception):
    """The peer has sent what is not WebSocket, or is too much.

    Args:
        message: what was wrong.
        code: what it is told (RFC 6455, 7.4.1).

    Attributes:
        events: what was found in the bytes before the error.
    """

    def __init__(self, message: str, code: int = 1002) -> None:
        super().__init__(message)
        self.code = code
        self.events: list[Event] = []


class LocalError(Exception):
    """Our side has asked for what cannot be sent; nothing was."""


class HandshakeError(Exception):
    """The peer has not asked for WebSocket, or has not agreed to it, as it should.

    Args:
        message: what was wrong.
        status: what a server answers.
        headers: what it adds to its answer.
    """

    def __init__(
        self, message: str, status: int = 400, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
