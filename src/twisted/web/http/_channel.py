"""The connection of a server: requests in, responses out, in the same order.

Theory of operation. The reader stops after each request, and the next is read when the response to
it is finished: there is one request at a time, so that responses cannot overtake each other. What
the client sends meanwhile waits in the reader, and past a limit in the kernel. In the same way, a
client that does not take its responses gets no more of them: nothing is read from it until it has.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable
from functools import lru_cache
from inspect import Parameter, signature
from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import _h1
from twisted.web._limits import DEFAULT_LIMITS
from twisted.web.http import _request
from twisted.web.http._lifetime import Lifetime, Phase
from twisted.web.http._refusal import refusal
from twisted.web.http._statuses import (
    INSUFFICIENT_STORAGE_SPACE,
    REQUEST_TIMEOUT,
    SERVICE_UNAVAILABLE,
    SWITCHING,
)

__name__ = "twisted.web.http"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.http")

#: Headers that the channel has a word in.
_FRAMING = frozenset([b"content-length", b"connection", b"transfer-encoding"])
_VERSIONS = (b"HTTP/1.0", b"HTTP/1.1")
#: What a client that speaks HTTP/2 says first (RFC 9113, 3.4).
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#: What a subclass of `HTTPChannel` may override to look at requests and responses that pass.
_STEPS = (
    "allHeadersReceived",
    "allContentReceived",
    "checkPersistence",
    "requestDone",
    "write",
    "writeHeaders",
    "writeSequence",
)
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


# Benchmark http-hello: to ask an Enum for a member takes longer than to ask a module.
_IDLE, _RESPONSE = Phase.IDLE, Phase.RESPONSE


@lru_cache(64)
def _takingChannel(factory: Callable[..., Any]) -> Callable[[Any], Any]:
    """A factory of requests as it is called here: with the channel, and nothing else.

    Programs have some that want to be told, too, whether the request has to wait for others. Here
    none has to.
    """
    try:
        wanted = signature(factory).parameters.values()
    except (TypeError, ValueError):  # it does not tell
        return factory
    places = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    needed = [one for one in wanted if one.kind in places and one.default is Parameter.empty]
    return factory if len(needed) < 2 else lambda channel: factory(channel, False)


class HTTPChannel(Lifetime):
    """Serves one client.

    Attributes:
        requestFactory: called with the channel, makes a request; with the channel and False, if it
            has two parameters.
        factory: what has built this, such as a `Site`.
        maxHeaders: how many headers a request may have.
        totalHeadersSize: how many bytes these may be.
        length: of the body of the request that is read now; None if that is not known.
        http2: makes what takes over from a channel when the client speaks HTTP/2; called with the
            channel. None where HTTP/2 is not offered.
    """

    requestFactory: Callable[..., Any] = _request.Request
    site: Any = None
    maxHeaders = DEFAULT_LIMITS.headerCount
    totalHeadersSize = DEFAULT_LIMITS.headerBytes
    length: int | None = 0
    http2: Callable[[Any], Any] | None = None

    #: Whether a request can be read, and a response be sent, in one go: for `Request`.
    sendsWhole = True

    _began = 0.0  # when the first byte of the request was there
    _delivering = False
    _responded = False
    _pendingHead = b""
    _greeting = b""  # what may become the preface of HTTP/2
    _continueDue = False
    _served = 0
    _head: _h1.RequestHead

    def __init__(self) -> None:
        super().__init__()
        self._writer = _h1.ResponseWriter()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Who overrides one of the steps wants to see all requests.
        cls.sendsWhole = all(getattr(cls, n) is getattr(HTTPChannel, n) for n in _STEPS)

    def connectionMade(self) -> None:
        """Wait for the first request."""
        limits = self.limits
        self._reader = _h1.RequestReader(limits.forHeaders(self.maxHeaders, self.totalHeadersSize))
        self.requestFactory = _takingChannel(self.requestFactory)
        self._idleSeconds = self.timeOut
        self._since = self._seconds()
        self.setTimeout(self._idleSeconds)
        self._watchQueue()
        self._connections.opened(self)
        most = limits.connections
        if most is not None and len(self._connections) > most:
            self.transport.write(refusal(SERVICE_UNAVAILABLE, "There are too many connections."))
            self._linger()

    # --- Reading ---

    def dataReceived(self, data: bytes) -> None:
        """Read what the client has sent."""
        if self._phase is _IDLE and self.sendsWhole and not self._stopped:
            # Benchmark http-hello: a request like the one before is served in one go.
            head = self._reader.feed_whole(data)
            if head is not None:
                self._serveWhole(head)
                return
        self._read(data)

    def _read(self, data: bytes) -> None:
        if self._stopped:
            if self._successor is not None:
                self._successor.dataReceived(data)
            else:
                self._discard(data)
            return
        if not self._served and self.http2 is not None:
            data = self._greeting + data
            if _PREFACE.startswith(data[: len(_PREFACE)]):
                self._greet(data)
                return
            self._greeting = b""
        try:
            events = self._reader.feed(data)
        except _h1.RemoteError as error:
            self._refuse(error.status, str(error))
            return
        if events:
            self._deliver(events)
        elif self._phase is _IDLE:
            self._enter(Phase.HEAD)
            self._began = self._since
        elif self._phase is _RESPONSE and self._reader.waiting > self.limits.pipelinedBytes:
            self._pauseReading()

    def _serveWhole(self, head: _h1.RequestHead | None) -> None:
        """Serve requests that are there whole, as long as they are answered."""
        most = self.limits.requestsPerConnection
        reader = self._reader
        while head is not None:
            self._delivering = True
            self._served += 1
            self._head = head
            self._phase = _RESPONSE
            self.length = head.length
            self.persistent = head.keep_alive and (most is None or self._served < most)
            request = self.requestFactory(self)
            request._head = head
            self.requests.append(request)
            try:
                if head.length == 0:
                    request.requestReceived(head.method, head.target, _VERSIONS[head.minor])
                else:
                    self._began = self._since
                    self._bodyReceived(reader.whole_body)
            finally:
                self._delivering = False
            if not self._responded or self._slow or self._stopped:
                return
            self._responded = False
            head = reader.next_whole()
        if reader.waiting:
            self._responded = True
            self._followUp()

    def _bodyReceived(self, body: bytes) -> None:
        """The body is there together with the headers."""
        self.allHeadersReceived()
        self._contentReceived(body)
        self.allContentReceived()

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
            self._enter(Phase.HEAD)
            self._began = self._since
        self._resumeReading()
        return events

    def _headReceived(self, head: _h1.RequestHead) -> None:
        self._head = head
        self._served += 1
        request = self.requestFactory(self)
        request._head = head
        self.requests.append(request)
        if self._phase is not Phase.HEAD:
            self._began = self._since
        most = self.limits.requestsPerConnection
        self.persistent = head.keep_alive and (most is None or self._served < most)
        self.length = head.length
        if not self.sendsWhole and self.persistent:
            self.persistent = self.checkPersistence(request, _VERSIONS[head.minor])
        if head.length != 0 or not self.sendsWhole:
            self._enter(Phase.BODY)
            self.allHeadersReceived()

    def allHeadersReceived(self) -> None:
        """A body follows: make room for it, and tell the client to send it if it waits for that."""
        request = self.requests[-1]
        try:
            request.gotLength(self.length)
        except OSError as error:
            self._cannotKeep(error)
            return
        request._hasBody = True  # even if a subclass has its own gotLength
        self._continueDue = self._head.expects_continue
        if getattr(request, "_stream", None) is not None:
            head = self._head
            request._beginStreaming(head.method, head.target, _VERSIONS[head.minor])
        else:
            self.resumeBody(request)

    def pauseBody(self, request: Any) -> None:
        """Read no more of the body of a request until `resumeBody`."""
        if self.requests and request is self.requests[-1]:
            self._bodyHeld = True
            self._pauseReading()

    def resumeBody(self, request: Any) -> None:
        """Read the body of a request; a client that waits to be told so is told."""
        if not self.requests or request is not self.requests[-1]:
            return
        if self._continueDue:
            self._continueDue = False
            if self._writer.fresh:
                self.transport.write(self._writer.head(100, b"Continue", []))
        if self._bodyHeld:
            self._bodyHeld = False
            self._since = self._seconds()
            self._resumeReading()

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
        self._phase = _RESPONSE
        self._bodyHeld = False
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
        if self._phase is not _RESPONSE:
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

    @property
    def bodyLeft(self) -> int:
        """How many bytes of the body were announced and not sent."""
        return self._writer.left

    def sendFile(self, fileno: int, offset: int) -> int | None:
        """Send the next part of a body of known length from a file, without reading it.

        Args:
            fileno: the descriptor of the file.
            offset: where the rest of the body begins in it.

        Returns:
            As `sendFile` of the transport: how many bytes were sent, None if that cannot be done,
            -1 if the file has ended.
        """
        send = getattr(self.transport, "sendFile", None)
        left = self._writer.left
        if send is None or not left:
            return None
        if self._pendingHead:
            self.transport.write(self._pendingHead)
            self._pendingHead = b""
        sent: int | None = send(fileno, offset, left)
        if sent is not None and sent > 0:
            self._writer.sent(sent)
        return sent

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send pieces of the body of the response."""
        self.write(b"".join(iovec))

    def logRequest(self, request: Any) -> None:
        """A response is complete: tell the factory, if it has an access log."""
        log = getattr(self.factory, "log", None)
        if log is not None:
            try:
                log(request)
            except Exception:
                # Such as a full disk: the client gets its response all the same.
                _log.failure("Cannot log the request for {uri!r}", uri=request.uri)

    def whole(self, request: Any, code: int, reason: bytes, lines: bytes, body: bytes) -> bytes:
        """A whole response, for `respond`; nothing is sent of it.

        Args:
            request: is answered.
            code: the status.
            reason: what is said of it.
            lines: the headers, as `_h1.field_lines` makes them.
            body: all of it.

        Raises:
            LocalError: this cannot be sent.
        """
        self._mustServe(request)
        closes = not self.persistent or self._phase is not _RESPONSE
        return self._writer.whole(code, reason, lines, body, self._head.minor, closes)

    def respond(self, request: Any, response: bytes) -> None:
        """Send what `whole` has made; the request is done."""
        # Benchmark http-hello: instead of writeHeaders, write and requestDone.
        self.transport.write(response)
        self._responseSent()

    def requestDone(self, request: Any) -> None:
        """The response to a request is complete."""
        self._mustServe(request)
        if self._writer.fresh:
            # The program has written to the transport by itself, and said so by `startedWriting`:
            # only the end of the connection can tell the client that this was all.
            del self.requests[0]
            self.loseConnection()
            return
        try:
            rest = self._pendingHead + self._writer.end()
        except _h1.LocalError:
            # The client waits for more than there is; what there is, it gets.
            self.write(b"")
            self.loseConnection()
            raise
        self._pendingHead = b""
        if rest:
            self.transport.write(rest)
        self._writer.next_message()
        self._responseSent()

    def _mustServe(self, request: Any) -> None:
        if not self.requests or request is not self.requests[0]:
            raise TypeError(f"{request!r} is not what this channel serves")

    def _responseSent(self) -> None:
        del self.requests[0]
        self._since = self._seconds()
        if self._phase is not _RESPONSE:
            self._linger()
        elif not self.persistent:
            self.loseConnection()
        else:
            self._phase = _IDLE
            self._responded = True
            if not self._delivering:
                self._followUp()

    def _followUp(self) -> None:
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

    def _drained(self) -> None:
        if self._responded and not self._delivering:
            self._followUp()

    # --- Other protocols ---

    def switchProtocols(
        self, request: Any, protocol: Any, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Answer that another protocol is spoken from now on (RFC 9110, 15.2.2).

        Args:
            request: has asked for it.
            protocol: speaks it: `makeConnection` is called with the transport, and then it gets
                what arrives.
            headers: of the response, with `Upgrade`.

        Raises:
            ValueError: the request does not ask for an upgrade, or a response has begun.
            LocalError: a header cannot be sent.
        """
        self._mustServe(request)
        if not self._head.upgrade or not self._writer.fresh or self._phase is not _RESPONSE:
            raise ValueError(f"{request!r} does not ask for another protocol, or has a response")
        fields = [*headers, (b"Connection", b"Upgrade")]
        self.transport.write(self._writer.head(SWITCHING, b"Switching Protocols", fields))
        self.requests.clear()
        self._handOver(protocol, self._reader.switch())

    def _greet(self, data: bytes) -> None:
        """The client may speak HTTP/2."""
        if len(data) < len(_PREFACE):
            self._greeting = data
            if self._phase is _IDLE:
                self._enter(Phase.HEAD)
                self._began = self._since
        elif self.http2 is not None:
            self._handOver(self.http2(self), data)

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
