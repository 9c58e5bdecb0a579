"""What a request of HTTP/2 has for a channel: its stream.

The methods are those of `http.HTTPChannel` that a request and a resource call; so the same
resources serve both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from h2.errors import ErrorCodes

from twisted.internet.interfaces import IAddress, ISSLTransport
from twisted.python.failure import Failure
from twisted.web._h1 import LocalError, RequestHead
from twisted.web._http2._hpack import Field
from twisted.web._http2._inbox import Inbox
from twisted.web._http2._messages import HeaderMap, fields_of, sent_field, sent_fields
from twisted.web._http2._outbox import Outbox
from twisted.web._http2._streams import Stream
from twisted.web.http._statuses import NO_BODY_CODES

if TYPE_CHECKING:
    from twisted.web._http2._server import ServerConnection

#: What requests say of themselves, and the access log.
VERSION = b"HTTP/2"


class StreamChannel(Outbox):
    """Serves one request.

    Attributes:
        trailers: headers that have followed the body of the request.
        request: the request, until its response is complete.
        inbox: its body, if it has one.
        received: how much there has been of its body.
        began: when its headers were there.
        heard: when something of it has last come.
    """

    __slots__ = (
        "_bodiless",
        "_continueDue",
        "_head",
        "_trailers",
        "began",
        "heard",
        "inbox",
        "received",
        "request",
        "trailers",
    )

    sendsWhole = True  # see HTTPChannel

    def __init__(self, connection: ServerConnection, stream: Stream, now: float) -> None:
        super().__init__(connection, stream)
        self.began = self.heard = now
        self.received = 0
        self.request: Any = None
        self.inbox: Inbox | None = None
        self.trailers: HeaderMap = {}
        self._bodiless = False
        self._head: list[Field] | None = None
        self._trailers: list[Field] = []
        self._continueDue = False

    # What belongs to the connection.

    @property
    def site(self) -> Any:
        """The site, if there is one."""
        return self._connection.site

    @property
    def factory(self) -> Any:
        """What has built the connection."""
        return self._connection.factory

    @property
    def limits(self) -> Any:
        """What a client may send."""
        return self._connection.limits

    @property
    def transport(self) -> Any:
        """The connection that all streams share."""
        return self._connection.transport

    def getPeer(self) -> IAddress:
        """The address of the client."""
        peer: IAddress = self._connection.transport.getPeer()
        return peer

    def getHost(self) -> IAddress:
        """The address of our end."""
        host: IAddress = self._connection.transport.getHost()
        return host

    def isSecure(self) -> bool:
        """Whether the connection is under TLS."""
        return ISSLTransport.providedBy(self._connection.transport)

    def logRequest(self, request: Any) -> None:
        """A response is complete: tell the factory, if it has an access log."""
        log = getattr(self._connection.factory, "log", None)
        if log is not None:
            log(request)

    # The response.

    def writeHeaders(
        self,
        version: bytes,
        code: bytes | int,
        reason: bytes,
        headers: Iterable[tuple[bytes, bytes]],
    ) -> None:
        """Begin a response; what is sent goes with the first `write`.

        Args:
            version: is not used: there is one.
            code: the status.
            reason: is not sent: HTTP/2 has none.
            headers: pairs of a name and a value; those that belong to HTTP/1 are left out.

        Raises:
            LocalError: one of them cannot be sent.
        """
        status = int(code)
        if not 100 <= status <= 999 or status == 101:
            raise LocalError(f"{status} is no status of HTTP/2")
        fields = [(b":status", b"%d" % status)]
        length: int | None = None
        for name, value in headers:
            field = sent_field(name, value)
            if field is not None:
                fields.append(field)
                if field[0] == b"content-length":
                    length = int(value)
        stream = self.stream
        if not stream.sending:
            return
        if status < 200:
            self._connection.answer(stream, fields, False)
            return
        if self._head is not None or stream.final:
            raise LocalError("the response has begun")
        self._head = fields
        self._bodiless = stream.method == b"HEAD" or status in NO_BODY_CODES
        if not self._bodiless:
            stream.announced = length

    def _begin(self, ended: bool) -> None:
        head, self._head = self._head, None
        if head is not None:
            self.stream.final = True
            self._connection.answer(self.stream, head, ended)

    def write(self, data: bytes) -> None:
        """Send a piece of the body of the response."""
        stream = self.stream
        if not stream.sending:
            return
        if self._bodiless:
            self._begin(True)
            return
        if self._head is not None:
            self._begin(False)
        if data:
            self._connection.send(stream, data)
            self._slowDown()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send pieces of the body of the response."""
        self.write(b"".join(iovec))

    def writeTrailers(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Have headers sent after the body, when the response is complete.

        Raises:
            LocalError: one of them cannot be sent.
        """
        self._trailers += sent_fields(headers)

    def requestDone(self, request: Any) -> None:
        """The response to a request is complete.

        Raises:
            LocalError: some of the body that was announced is missing.
        """
        self._mustServe(request)
        stream = self._done()
        if self._head is not None and (self._bodiless or not self._trailers):
            missing = stream.announced
            if missing:
                self._head = None
                self._connection.reset(self, ErrorCodes.INTERNAL_ERROR)
                raise LocalError(f"{missing} bytes of the body are missing")
            self._begin(True)
        else:
            self._begin(False)
            self._connection.end(stream, self._trailers)

    def _mustServe(self, request: Any) -> None:
        if request is not self.request:
            raise TypeError(f"{request!r} is not what this channel serves")

    def _done(self) -> Stream:
        self.request = None
        self.forget()
        self._dropBody()
        self._connection.done(self.stream)
        return self.stream

    def whole(
        self, request: Any, code: int, reason: bytes, lines: bytes, body: bytes
    ) -> tuple[list[Field], bytes]:
        """A whole response, for `respond`; nothing is sent of it.

        Args:
            request: is answered.
            code: the status.
            reason: is not sent.
            lines: the headers, as `_h1.field_lines` makes them.
            body: all of it.
        """
        self._mustServe(request)
        fields = [(b":status", b"%d" % code), *fields_of(lines)]
        fields.append((b"content-length", b"%d" % len(body)))
        return fields, body

    def respond(self, request: Any, response: tuple[list[Field], bytes]) -> None:
        """Send what `whole` has made; the request is done."""
        # Benchmark http2-hello: instead of writeHeaders, write and requestDone.
        stream = self._done()
        if stream.sending:
            self._connection.respond(stream, *response)

    @property
    def begun(self) -> bool:
        """Whether there is something of a response already."""
        return self._head is not None or self.stream.final

    # The body of the request.

    def expectBody(self, head: RequestHead) -> None:
        """The headers are there, and a body follows.

        Raises:
            OSError: there is no room for it.
        """
        request = self.request
        self.inbox = Inbox(self._deliver, self._consumed, self._complete)
        request.gotLength(head.length)
        request._hasBody = True  # even if a subclass has its own gotLength
        self._continueDue = head.expects_continue
        if getattr(request, "_stream", None) is not None:
            request._beginStreaming(head.method, head.target, VERSION)
        else:
            self.resumeBody(request)

    def receive(self, data: bytes) -> None:
        """A piece of the body has come."""
        if self.inbox is not None:
            self.inbox.receive(data)

    def finish(self) -> None:
        """All of the body has come."""
        if self.inbox is not None:
            self.inbox.finish()

    def _deliver(self, data: bytes) -> None:
        self.request.handleContentChunk(data)

    def _consumed(self, length: int) -> None:
        self._connection.consumed(self.stream, length)

    def _complete(self) -> None:
        self._connection.complete(self)

    def pauseBody(self, request: Any) -> None:
        """Give the request no more of its body for now; the client fills its window, and stops."""
        if self.inbox is not None:
            self.inbox.hold()

    def resumeBody(self, request: Any) -> None:
        """Give the request more of its body; a client that waits to be told so is told."""
        if self._continueDue:
            self._continueDue = False
            if not self.begun:
                self._connection.answer(self.stream, [(b":status", b"100")], False)
        if self.inbox is not None:
            self.inbox.release()

    def _dropBody(self) -> None:
        """Nobody wants the rest of the body."""
        inbox, self.inbox = self.inbox, None
        if inbox is not None:
            inbox.drop()

    # The end.

    def switchProtocols(self, request: Any, protocol: Any, headers: Any = ()) -> None:
        """HTTP/2 has no upgrades.

        Raises:
            ValueError: always.
        """
        raise ValueError("a request of HTTP/2 cannot ask for another protocol (RFC 9113, 8.6)")

    def loseConnection(self) -> None:
        """Break the response off, if it is not complete; the other streams go on."""
        self._connection.reset(self, ErrorCodes.CANCEL)

    def forceAbortClient(self) -> None:
        """Break the response off, so that the client sees that it is not all."""
        self._connection.reset(self, ErrorCodes.INTERNAL_ERROR)

    def lost(self, reason: Failure) -> None:
        """The stream is gone: tell the request."""
        request, self.request = self.request, None
        producer = self.forget()
        self._dropBody()
        if request is not None:
            request.connectionLost(reason)
        elif producer is not None:
            producer.stopProducing()
