"""What a peer may ask of an HTTP server, in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class HTTP2Limits:
    """What one connection of HTTP/2 may cost, beside what `Limits` says of requests.

    Past a limit of one request, that stream is reset; past one of the connection, it ends with
    ``ENHANCE_YOUR_CALM``. Sizes are in bytes, times in seconds.

    Attributes:
        streams: requests at a time; more are refused. RFC 9113 wants no fewer than 100.
        streamWindow: how much of one body may be on its way, or wait for who reads it.
        connectionWindow: the same of all bodies together; while some wait, others go on.
        queuedBytes: how much of one body of ours waits for the peer's windows, before who
            writes it is paused.
        controlBytes: how much is answered to a peer that does not read, before nothing is read
            from it either. That is headers, and answers to frames that ask for one.
        continuations: how many frames may go on with the headers of one message.
        controlFrames: how many frames a peer may send that carry nothing: pings, settings,
            windows, priorities, empty ones. Data that we send earns a frame for each kilobyte.
        controlFramesPerSecond: how many of these are forgotten each second.
        resets: how many requests may be begun and broken off, by either side, if the peer is
            to blame. A browser that leaves a page of pictures breaks off all at once.
        resetsPerSecond: how many of these are forgotten each second.
        stallSeconds: for how long a response waits for a peer that opens no window, before it
            is broken off; a paused film does that. None for no limit.
    """

    streams: int = 100
    streamWindow: int = 256 * 1024
    connectionWindow: int = 8 * 1024 * 1024
    queuedBytes: int = 65536
    controlBytes: int = 65536
    continuations: int = 16
    controlFrames: int = 1000
    controlFramesPerSecond: float = 50
    resets: int = 200
    resetsPerSecond: float = 30
    stallSeconds: float | None = 300


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
        graceSeconds: how long responses may take to their end when the reactor shuts down.
        http2: what else holds for HTTP/2.
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
    graceSeconds: float = 5
    http2: HTTP2Limits = HTTP2Limits()

    def forHeaders(self, count: int, size: int) -> Limits:
        """The same limits but for headers, where others are given than the defaults."""
        if (count, size) == (DEFAULT_LIMITS.headerCount, DEFAULT_LIMITS.headerBytes):
            return self
        return replace(
            self,
            headerCount=self.headerCount if count == DEFAULT_LIMITS.headerCount else count,
            headerBytes=self.headerBytes if size == DEFAULT_LIMITS.headerBytes else size,
        )


# The public path, for pickles and messages; `dataclass` would look for the module.
Limits.__module__ = HTTP2Limits.__module__ = "twisted.web.http"

#: What holds unless something else is said.
DEFAULT_LIMITS = Limits()
