"""What a reader finds in the bytes. Pieces of a body are simply `bytes`."""

from __future__ import annotations

HeaderMap = dict[bytes, list[bytes]]


class RequestHead:
    """A request, as far as its headers.

    Attributes:
        method: as it was sent.
        target: what was asked for: a path with a query, as a rule.
        minor: 1 for HTTP/1.1, 0 for HTTP/1.0.
        headers: values in their order, by name in small letters; not to be changed.
        length: of the body; None if it is sent in chunks.
        keep_alive: whether the client lets the connection stay open.
        expects_continue: whether it waits for our word before it sends the body.
        upgrade: whether it would speak another protocol; see the header `Upgrade`.
    """

    __slots__ = (
        "expects_continue",
        "headers",
        "keep_alive",
        "length",
        "method",
        "minor",
        "target",
        "upgrade",
    )

    def __init__(self, method: bytes, target: bytes, minor: int, headers: HeaderMap) -> None:
        self.method = method
        self.target = target
        self.minor = minor
        self.headers = headers
        self.length: int | None = 0
        self.keep_alive = minor == 1
        self.expects_continue = False
        self.upgrade = False


class ResponseHead:
    """A response, as far as its headers.

    Attributes:
        status: the number.
        reason: what is said of it; may be empty.
        minor: 1 for HTTP/1.1, 0 for HTTP/1.0.
        headers: values in their order, by name in small letters.
        length: of the body; None if that is told by chunks or by the end of the connection.
        keep_alive: whether the connection can be used again.
        final: False if another response to the same request follows.
    """

    __slots__ = ("final", "headers", "keep_alive", "length", "minor", "reason", "status")

    def __init__(self, status: int, reason: bytes, minor: int, headers: HeaderMap) -> None:
        self.status = status
        self.reason = reason
        self.minor = minor
        self.headers = headers
        self.length: int | None = 0
        self.keep_alive = minor == 1
        self.final = True


class End:
    """The message is complete.

    Attributes:
        trailers: headers that came after a body in chunks.
    """

    __slots__ = ("trailers",)

    def __init__(self, trailers: HeaderMap) -> None:
        self.trailers = trailers


#: The end of a message without trailers, which nearly all are.
END = End({})

Event = RequestHead | ResponseHead | bytes | End
