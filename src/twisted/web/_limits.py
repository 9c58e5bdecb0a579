"""What a peer may ask of an HTTP server, in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may cost. Past a limit, a request is answered with the status named.

    Give one to `HTTPFactory` or `Site` as `limits`. Sizes are in bytes, times in seconds.

    Attributes:
        lineBytes: the request line; 414. Browsers stop at 2 to 64 KiB, servers at 8.
        headerCount: how many headers, and how many trailers; 431.
        headerBytes: all headers together, with the request line, and all trailers; 431.
        bodyBytes: the body of a request; 413. None for no limit.
        chunkLineBytes: the size and the extensions of a chunk; 400. Nobody uses extensions.
        memoryBytes: how much of a body is kept in memory; what is longer goes to a file.
        formBytes: the body of a form that is parsed; 413. What it holds is in memory.
        formFields: how many fields a form may have; 413.
        partHeaderBytes: the headers of one part of a form in several parts; 400.
        pipelinedBytes: what is read ahead, of later requests or of a body that nobody takes.
        requestsPerConnection: after so many the connection is closed. None for no limit.
        connections: how many there may be at a time; more are told 503. None for no limit.
        headerSeconds: from the first byte of a request to the end of its headers; 408.
        bodySeconds: between two pieces of a body; 408.
        totalSeconds: from the first byte of a request to the last of its body; 408. None for
            no limit.
    """

    lineBytes: int = 16384
    headerCount: int = 500
    headerBytes: int = 16384 * 2
    bodyBytes: int | None = 256 * 1024 * 1024
    chunkLineBytes: int = 1024
    memoryBytes: int = 100_000
    formBytes: int = 16 * 1024 * 1024
    formFields: int = 1000
    partHeaderBytes: int = 8192
    pipelinedBytes: int = 65536
    requestsPerConnection: int | None = None
    connections: int | None = None
    headerSeconds: float = 60
    bodySeconds: float = 60
    totalSeconds: float | None = None

    def forHeaders(self, count: int, size: int) -> Limits:
        """The same limits but for headers."""
        if count == self.headerCount and size == self.headerBytes:
            return self
        return replace(self, headerCount=count, headerBytes=size)


# The public path, for pickles and messages; `dataclass` would look for the module.
Limits.__module__ = "twisted.web.http"

#: What holds unless something else is said.
DEFAULT_LIMITS = Limits()
