"""Who is to blame."""

from __future__ import annotations

from twisted.web._h1._events import Event


class RemoteError(Exception):
    """The peer has sent what is not HTTP, or is too much.

    Args:
        message: what was wrong.
        status: what a server answers.

    Attributes:
        events: what was found in the bytes before the error.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.events: list[Event] = []


class LocalError(Exception):
    """Our side has asked for what cannot be sent; nothing was."""
