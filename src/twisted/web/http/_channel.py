"""The connection of a server: requests in, responses out, in the same order.

Theory of operation. The reader stops after each request, and the next is read when the response to
it is finished: there is one request at a time, so that responses cannot overtake each other. What
the client sends meanwhile waits in the reader, and past a limit in the kernel. In the same way, a
client that does not take its responses gets no more of them: nothing is read from it until it has.

One timer watches each connection. It is not wound up for each request, which would cost more than
reading one; it looks at the time when something has last happened, and is set to the rest.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable
from enum import Enum, auto
from html import escape
from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import IAddress, IPushProducer, ISSLTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from twisted.web import _h1
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.http import _request
from twisted.web.http._statuses import (
    INSUFFICIENT_STORAGE_SPACE,
    REQUEST_TIMEOUT,
    RESPONSES,
    SERVICE_UNAVAILABLE,
)

__name__ = "twisted.web.http"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.http")

#: Headers that the channel has a word in.
_FRAMING = frozenset([b"content-length", b"connection", b"transfer-encoding"])
_VERSIONS = (b"HTTP/1.0", b"HTTP/1.1")
#: How much of a body that nobody wants is read before the connection is closed all the same. The
#: response would be lost if it were closed at once, with bytes unread.
_LINGER_BYTES = 1024 * 1024
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class _Phase(Enum):
    """What the client is waited for, if it is."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    RESPONSE = auto()
    LINGER = auto()


def refusal(status: int, explanation: str) -> bytes:
    """A whole response that says no and closes; the explanation may quote the request."""
    reason = RESPONSES.get(status, b"")
    body = b"<!DOCTYPE html>\n<title>%d %b</title>\n<h1>%b</h1>\n<p>%b</p>\n" % (
        status,
        reason,
        reason,
        escape(explanation).encode("utf-8"),
    )
    fields = [(b"Content-Type", b"text/html; charset=utf-8")]
    writer = _h1.ResponseWriter()
    head = writer.head(status, reason, fields, len(body), close=True)
    return head + writer.body(body) + writer.end()


class Counter:
    """How many connections there are."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


@implementer(IPushProducer)
class HTTPChannel(Protocol, TimeoutMixin):
    """Serves one client.

    Attributes:
        requestFactory: called with the channel, makes a request.
        factory: what has built this, such as a `Site`.
        timeOut: after so many seconds without a request the connection is closed; None for never.
        abortTimeout: so many seconds after it was closed it is broken off, if the client has not
            taken the rest. None for never.
        maxHeaders: how many headers a request may have.
        totalHeadersSize: how many bytes these may be.
        length: of the body of the request that is read now; None if that is not known.
        persistent: whether there may be another request.
        requests: the request that is served now, if any.
        limits: what else a client may send.
    """

    transport: Any
    requestFactory: Callable[..., Any] = _request.Request
    site: Any = None
    abortTimeout: float | None = 15
    maxHeaders = DEFAULT_LIMITS.headerCount
    totalHeadersSize = DEFAULT_LIMITS.headerBytes
    length: int | None = 0
    persistent = True
    limits: Limits = DEFAULT_LIMITS
    timeOut: float | None = 60

    _phase = _Phase.IDLE
    _since = 0.0  # when what is waited for has begun
    _began = 0.0  # when the first byte of the request was there
    _delivering = False
    _responded = False
    _pendingHead = b""
    _producing: Any = None
    _slow = False
    _registered = False
    _readingPaused = False
    _stopped = False
    _served = 0
    _lingered = 0
    _head: _h1.RequestHead
    _abortCall: Any = None

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self._writer = _h1.ResponseWriter()
        self._counter = Counter()

    def connectionMade(self) -> None:
        """Wait for the first request."""
        limits = self.limits
        self._reader = _h1.RequestReader(limits.forHeaders(self.maxHeaders, self.totalHeadersSize))
        self._idleSeconds = self.timeOut
        self._since = self._seconds()
        self.setTimeout(self._idleSeconds)
        self._watchQueue()
        self._counter.count += 1
        most = limits.connections
        if most is not None and self._counter.count > most:
            self.transport.write(refusal(SERVICE_UNAVAILABLE, "There are too many connections."))
            self.loseConnection()

    def _seconds(self) -> float:
        """The time; a factory gives that of its reactor."""
        return _request.monotonic()

    # --- Reading ---

    def dataReceived(self, data: bytes) -> None:
        """Read what the client has sent."""
        # Benchmark http-hello: a request in one piece comes down here without a timer.
        if self._stopped:
            self._discard(data)
            return
        try:
            events = self._reader.feed(data)
        except _h1.RemoteError as error:
            self._refuse(error.status, str(error))
            return
        if events:
            self._deliver(events)
        elif self._phase is _Phase.IDLE:
            self._enter(_Phase.HEAD)
            self._began = self._since
        elif self._reader.waiting > self.limits.pipelinedBytes:
            self._pauseReading()

    def _deliver(self, events: list[_h1.Event]) -> None:
        while True:
            self._delivering = True
            try:
                for event in events:
                    if type(event) is bytes:
                        self._contentReceived(event)
                    elif type(event) is _h1.RequestHead:
                        self._headReceived(event)
                    else:
                        self.allContentReceived()
            finally:
                self._delivering = False
            if not self._responded:
                return
            following = self._goOn()
            if not following:
                return
            events = following

    def _goOn(self) -> list[_h1.Event] | None:
        """After a response: what is there of the next request."""
        if self._slow or self._stopped:
            return None
        self._responded = False
        reader = self._reader
        try:
            events = reader.next_message()
        except _h1.RemoteError as error:
            self._refuse(error.status, str(error))
            return None
        if not events and reader.waiting:
            self._enter(_Phase.HEAD)
            self._began = self._since
        self._resumeReading()
        return events

    def _headReceived(self, head: _h1.RequestHead) -> None:
        self._head = head
        self._served += 1
        request = self.requestFactory(self)
        request._head = head
        self.requests.append(request)
        if self._phase is not _Phase.HEAD:
            self._began = self._since
        most = self.limits.requestsPerConnection
        self.persistent = head.keep_alive and (most is None or self._served < most)
        self.length = head.length
        if head.length != 0:
            self._enter(_Phase.BODY)
            self.allHeadersReceived()

    def allHeadersReceived(self) -> None:
        """A body follows: make room for it, and tell the client to send it if it waits for that."""
        request = self.requests[-1]
        try:
            request.gotLength(self.length)
        except OSError as error:
            self._cannotKeep(error)
            return
        if self._head.expects_continue:
            self.transport.write(self._writer.head(100, b"Continue", []))

    def _contentReceived(self, data: bytes) -> None:
        if not self.requests or self._stopped:
            return
        self._since = self._seconds()
        total = self.limits.totalSeconds
        if total is not None and self._since - self._began > total:
            self._refuse(REQUEST_TIMEOUT, "The body took too long.")
            return
        try:
            self.requests[-1].handleContentChunk(data)
        except OSError as error:
            self._cannotKeep(error)

    def _cannotKeep(self, error: OSError) -> None:
        """There is no room for the body."""
        _log.error("Cannot keep the body of a request: {error}", error=error)
        status = INSUFFICIENT_STORAGE_SPACE if error.errno in _NO_SPACE else 500
        self._refuse(status, "There is no room for what you send.")

    def allContentReceived(self) -> None:
        """The request is complete: serve it."""
        if self._stopped or not self.requests:
            return
        self._phase = _Phase.RESPONSE
        head = self._head
        request = self.requests[-1]
        try:
            request.requestReceived(head.method, head.target, _VERSIONS[head.minor])
        except _request.BadForm as error:
            self._refuse(error.status, str(error))

    def lineReceived(self, line: bytes) -> None:
        """Read a line, without its end, as if it had come from the client."""
        self.dataReceived(line + b"\r\n")

    def headerReceived(self, line: bytes) -> bool:
        """Read a header, without its end, as if it had come from the client.

        Returns:
            Whether the connection goes on.
        """
        self.lineReceived(line)
        return not self._stopped

    def rawDataReceived(self, data: bytes) -> None:
        """Read bytes, as if they had come from the client."""
        self.dataReceived(data)

    # --- Writing ---

    def writeHeaders(
        self,
        version: bytes,
        code: bytes | int,
        reason: bytes,
        headers: Iterable[tuple[bytes, bytes]],
    ) -> None:
        """Begin a response; what is sent goes with the first `write`.

        Args:
            version: is not used: servers say the version that they know.
            code: the status.
            reason: what is said of it.
            headers: pairs of a name and a value.

        Raises:
            LocalError: one of them cannot be sent.
        """
        length, fields = None, []
        for field in headers:
            name = field[0].lower()
            if name not in _FRAMING:
                fields.append(field)
            elif name == b"content-length":
                length = int(field[1])
            elif name == b"connection":
                if field[1].lower() == b"close":
                    self.persistent = False
                elif self._head.upgrade:
                    fields.append(field)
        head = self._head
        if self._phase is not _Phase.RESPONSE:
            # The client is still sending what will not be read.
            self.persistent = False
        self._pendingHead += self._writer.head(
            int(code), reason, fields, length, head.method, head.minor, not self.persistent
        )
        if self._writer.closes:
            self.persistent = False

    def write(self, data: bytes) -> None:
        """Send a piece of the body of the response."""
        piece = self._writer.body(data)
        if self._pendingHead:
            piece = self._pendingHead + piece
            self._pendingHead = b""
        if piece:
            self.transport.write(piece)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send pieces of the body of the response."""
        self.write(b"".join(iovec))

    def logRequest(self, request: Any) -> None:
        """A response is complete: tell the factory, if it has an access log."""
        log = getattr(self.factory, "log", None)
        if log is not None:
            log(request)

    def requestDone(self, request: Any) -> None:
        """The response to a request is complete."""
        if not self.requests or request is not self.requests[0]:
            raise TypeError(f"{request!r} is not what this channel serves")
        rest = self._pendingHead + self._writer.end()
        self._pendingHead = b""
        if rest:
            self.transport.write(rest)
        del self.requests[0]
        self._since = self._seconds()
        if self._phase is not _Phase.RESPONSE:
            self._linger()
        elif not self.persistent:
            self.loseConnection()
        else:
            self._phase = _Phase.IDLE
            self._writer.next_message()
            self._responded = True
            if not self._delivering:
                following = self._goOn()
                if following:
                    self._deliver(following)

    def _refuse(self, status: int, explanation: str) -> None:
        """Answer what is no request, and read no more."""
        self._stopped = True
        requests, self.requests = self.requests, []
        for request in requests:
            request.connectionLost(Failure(_h1.RemoteError(explanation, status)))
        if self._writer.fresh:
            self.transport.write(refusal(status, explanation))
            self._linger()
        else:
            self.loseConnection()

    # --- Ending ---

    def _linger(self) -> None:
        """Let the client read the response before the connection closes on what it still sends."""
        self._stopped = True
        self._enter(_Phase.LINGER)
        self.setTimeout(self.abortTimeout)
        self._unregister()
        half = getattr(self.transport, "loseWriteConnection", None)
        if half is None:
            self.loseConnection()
        else:
            half()

    def _discard(self, data: bytes) -> None:
        self._lingered += len(data)
        if self._lingered > _LINGER_BYTES:
            self.loseConnection()

    def loseConnection(self) -> None:
        """Close the connection, after what was written has been sent."""
        self._stopped = True
        self.setTimeout(None)
        self._unregister()
        self.transport.loseConnection()
        if self.abortTimeout is not None and self._abortCall is None:
            self._abortCall = self.callLater(self.abortTimeout, self._abort)

    def _abort(self) -> None:
        self._abortCall = None
        self.forceAbortClient()

    def forceAbortClient(self) -> None:
        """Break the connection off: the client has not taken the rest in time."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the request that nobody waits for its response."""
        self._counter.count -= 1
        self.setTimeout(None)
        if self._abortCall is not None:
            self._abortCall.cancel()
            self._abortCall = None
        self._stopped = True
        requests, self.requests = self.requests, []
        for request in requests:
            request.connectionLost(reason)
        self._producing = None

    # --- Time ---

    def _enter(self, phase: _Phase) -> None:
        self._phase = phase
        self._since = self._seconds()
        if phase is not _Phase.LINGER:
            self._watch()

    def _watch(self) -> None:
        """Have the timer look when the present phase may be over."""
        period = self._period()
        if period is not None:
            self.setTimeout(period)

    def _period(self) -> float | None:
        if self._phase is _Phase.HEAD:
            return self.limits.headerSeconds
        if self._phase is _Phase.BODY:
            return self.limits.bodySeconds
        return self._idleSeconds

    def timeoutConnection(self) -> None:
        """Look whether the client is late; the answer is 408 in the middle of a request."""
        phase = self._phase
        if phase is _Phase.LINGER:
            self.loseConnection()
            return
        period = self._period()
        if phase is _Phase.RESPONSE or period is None:
            self.setTimeout(self._idleSeconds)
            return
        left = self._since + period - self._seconds()
        if left > 0:
            self.setTimeout(left)
        elif phase is _Phase.IDLE:
            self.loseConnection()
        else:
            self._refuse(REQUEST_TIMEOUT, "The request was not complete in time.")

    # --- Flow ---

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let `producer` write the body of the response; see `IConsumer`."""
        if self._producing is not None:
            raise RuntimeError(f"cannot register {producer!r}: {self._producing!r} is registered")
        self._producing = producer
        self._unregister()
        self.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """The producer has written all."""
        if self._producing is None:
            return
        self._producing = None
        self.transport.unregisterProducer()
        if not self._stopped:
            self._watchQueue()

    def _watchQueue(self) -> None:
        """Be told when the client does not take what was written."""
        if not self._registered and hasattr(self.transport, "registerProducer"):
            self._registered = True
            self.transport.registerProducer(self, True)

    def _unregister(self) -> None:
        if self._registered:
            self._registered = False
            self.transport.unregisterProducer()

    def _pauseReading(self) -> None:
        if not self._readingPaused:
            self._readingPaused = True
            self.transport.pauseProducing()

    def _resumeReading(self) -> None:
        if self._readingPaused and not self._slow:
            self._readingPaused = False
            self.transport.resumeProducing()

    def pauseProducing(self) -> None:
        """The client does not take what was written: serve it nothing more for now."""
        self._slow = True
        self._pauseReading()

    def resumeProducing(self) -> None:
        """The client has taken all."""
        self._slow = False
        self._resumeReading()
        if self._responded and not self._delivering:
            following = self._goOn()
            if following:
                self._deliver(following)

    def stopProducing(self) -> None:
        """The connection is lost."""
        self._stopped = True

    # --- Addresses ---

    def getPeer(self) -> IAddress:
        """The address of the client."""
        peer: IAddress = self.transport.getPeer()
        return peer

    def getHost(self) -> IAddress:
        """The address of our end."""
        host: IAddress = self.transport.getHost()
        return host

    def isSecure(self) -> bool:
        """Whether the connection is under TLS."""
        return ISSLTransport.providedBy(self.transport)

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        """Whether the connection stays open after a request.

        Args:
            request: the request.
            version: its version, such as ``b"HTTP/1.1"``.
        """
        options = b",".join(request.requestHeaders.getRawHeaders(b"connection", [])).lower()
        named = {option.strip() for option in options.split(b",")}
        if b"close" in named:
            return False
        return version == b"HTTP/1.1" or b"keep-alive" in named
