"""Who is to blame, and what ends: a stream, or the connection."""

from __future__ import annotations

from h2.errors import ErrorCodes

from twisted.internet.error import ConnectionLost


def code_name(code: int) -> str:
    """The name of an error code, or its number."""
    try:
        return ErrorCodes(code).name
    except ValueError:
        return f"0x{code:x}"


class ConnectionFault(Exception):
    """The peer has done what ends the connection.

    Args:
        message: what.
        code: what it is told.
    """

    def __init__(self, message: str, code: int = ErrorCodes.PROTOCOL_ERROR) -> None:
        super().__init__(message)
        self.code = code


class MalformedMessage(Exception):
    """The peer has sent a message that is none: its stream is reset."""


class Refusal(Exception):
    """A request that is answered with a status without being looked at.

    Args:
        message: why.
        status: the status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class StreamReset(ConnectionLost):
    """A stream was broken off; the connection goes on.

    Args:
        message: why.
        code: the error code of RFC 9113, 7.
        byPeer: whether the peer has done it.
    """

    def __init__(self, message: str, code: int, byPeer: bool = False) -> None:
        super().__init__(f"{message} ({code_name(code)})")
        self.code = code
        self.byPeer = byPeer
