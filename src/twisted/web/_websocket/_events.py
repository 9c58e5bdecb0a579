"""What is found in the bytes. Messages are simply `str` and `bytes`."""

from __future__ import annotations


class Ping:
    """The peer wants a pong with the same payload."""

    __slots__ = ("payload",)

    def __init__(self, payload: bytes) -> None:
        self.payload = payload


class Pong:
    """The peer has had a ping with this payload, or says so unasked."""

    __slots__ = ("payload",)

    def __init__(self, payload: bytes) -> None:
        self.payload = payload


class Close:
    """The peer will send nothing more.

    Attributes:
        code: why (RFC 6455, 7.4); 1005 if it does not say.
        reason: the same in words; may be empty.
    """

    __slots__ = ("code", "reason")

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason


Event = str | bytes | Ping | Pong | Close
