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
from twisted.web._http2._messages import HeaderMap, fields_of, sent_field, sent_fields
from twisted.web._http2._streams import Stream
from twisted.web.http._statuses import NO_BODY_CODES

if TYPE_CHECKING:
    from twisted.web._http2._server import ServerConnection

#: What requests say of themselves, and the access log.
VERSION = b"HTTP/2"


class StreamChannel:
    """Serves one request.

    Attributes:
        trailers: headers that have followed the body of the request.
        request: the request, until its response is complete.
        received: how much there has been of its body.
        began: when its headers were there.
        heard: when something of it has last come.
    """

    __slots__ = (
        "_bodiless",
        "_connection",
        "_continueDue",
        "_head",
        "_held",
        "_heldBytes",
        "_holding",
        "_paused",
        "_producer",
        "_streaming",
        "_trailers",
        "began",
        "ended",
        "heard",
        "received",
        "request",
        "stream",
        "trailers",
    )

    def __init__(self, connection: ServerConnection, stream: Stream, now: float) -> None:
        self._connection = connection
        self.stream = stream
        self.began = self.heard = now
        self.received = 0
        self.ended = False
        self.request: Any = None
        self.trailers: HeaderMap = {}
        self._bodiless = False
        self._head: list[Field] | None = None
        self._trailers: list[Field] = []
        self._producer: Any = None
        self._streaming = False
        self._paused = False
        self._continueDue = False
        self._holding = False
        self._held: list[bytes] = []
        self._heldBytes = 0

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
            if self._producer is not None and self._streaming and not self._paused:
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
        self.request = self._producer = None
        self._dropHeld()
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

    # Producers.

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let `producer` write the body of the response; see `IConsumer`."""
        if self._producer is not None:
            raise RuntimeError(f"cannot register {producer!r}: {self._producer!r} is registered")
        if not self.stream.sending:
            producer.stopProducing()
            return
        self._producer = producer
        self._streaming = streaming
        self._paused = False
        if streaming:
            self._slowDown()
        else:
            self.resume()

    def unregisterProducer(self) -> None:
        """The producer has written all."""
        self._producer = None

    @property
    def begun(self) -> bool:
        """Whether there is something of a response already."""
        return self._head is not None or self.stream.final

    def _slowDown(self) -> None:
        connection = self._connection
        if connection.slow or self.stream.waiting > connection.limits.http2.queuedBytes:
            self._paused = True
            self._producer.pauseProducing()

    @property
    def wanting(self) -> bool:
        """Whether there is a producer that waits to be told to write."""
        return self._producer is not None and (self._paused or not self._streaming)

    def resume(self) -> None:
        """What was queued has been sent: let the producer write more."""
        if self.wanting and not self.stream.waiting and not self._connection.slow:
            self._paused = False
            self._producer.resumeProducing()

    # The body of the request.

    def expectBody(self, head: RequestHead) -> None:
        """The headers are there, and a body follows.

        Raises:
            OSError: there is no room for it.
        """
        request = self.request
        request.gotLength(head.length)
        self._continueDue = head.expects_continue
        if getattr(request, "_stream", None) is not None:
            request._beginStreaming(head.method, head.target, VERSION)
        else:
            self.resumeBody(request)

    def receive(self, data: bytes) -> None:
        """A piece of the body has come."""
        if self._holding:
            self._held.append(data)
            self._heldBytes += len(data)
            return
        self.request.handleContentChunk(data)
        self._connection.consumed(self.stream, len(data))

    def pauseBody(self, request: Any) -> None:
        """Give the request no more of its body for now; the client fills its window, and stops."""
        self._holding = True

    def resumeBody(self, request: Any) -> None:
        """Give the request more of its body; a client that waits to be told so is told."""
        if self._continueDue:
            self._continueDue = False
            if not self.begun:
                self._connection.answer(self.stream, [(b":status", b"100")], False)
        self._holding = False
        held, self._held = self._held, []
        for at, data in enumerate(held):
            if self.request is None:
                break
            if self._holding:
                self._held[:0] = held[at:]
                break
            self._heldBytes -= len(data)
            self.request.handleContentChunk(data)
            self._connection.consumed(self.stream, len(data))
        if self.ended and not self._held and not self._holding and self.request is not None:
            self.ended = False
            self._connection.complete(self)

    def _dropHeld(self) -> None:
        """Nobody wants the rest of the body; other streams want its place."""
        self._held.clear()
        if self._heldBytes:
            self._connection.consumed(self.stream, self._heldBytes)
            self._heldBytes = 0

    @property
    def holding(self) -> bool:
        """Whether some of the body waits for the request."""
        return self._holding or bool(self._held)

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
        producer, self._producer = self._producer, None
        self._dropHeld()
        if request is not None:
            request.connectionLost(reason)
        elif producer is not None:
            producer.stopProducing()
