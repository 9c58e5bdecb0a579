"""A client's end: many requests at a time on one connection, and their responses.

It has the interface of `twisted.web.client`'s connections of HTTP/1.1, and takes what these do:
pools and agents need not know which one they have. What there breaks the connection off, resets a
stream here.

A response is given to the program when all that has come with it was looked at, so that one that is
complete is so from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from h2.errors import ErrorCodes

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.error import ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web._h1 import LocalError
from twisted.web._http2._connection import Connection
from twisted.web._http2._errors import StreamReset, code_name
from twisted.web._http2._events import Body, Ended, Event, GoAway, Head, Reset
from twisted.web._http2._hpack import Field
from twisted.web._http2._inbox import Inbox
from twisted.web._http2._messages import HeaderMap, sent_fields
from twisted.web._http2._outbox import Outbox
from twisted.web._http2._streams import Stream
from twisted.web._limits import HTTP2Limits, Limits
from twisted.web.client._connection import MAX_INTERIM, _Exchange
from twisted.web.client._errors import RequestGenerationFailed, RequestNotSent
from twisted.web.client._response import BodyTransport, Response
from twisted.web.client._sending import ClientRequest, Upload
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH

VERSION = (b"HTTP", 2, 0)

#: What a server may send. All responses that there may be at a time fit into the window of the
#: connection: one that the program does not read yet does not hold up the one that it waits for.
CLIENT_LIMITS = Limits(
    headerBytes=2**18,
    bodyBytes=None,
    http2=HTTP2Limits(connectionWindow=32 * 1024 * 1024),
)

#: What a request says by its first fields, and by the frames of its body.
_SAID_OTHERWISE = frozenset([b"host", b"content-length", b"te"])


def fields_of_request(request: ClientRequest) -> list[Field]:
    """A request as it is sent.

    Raises:
        LocalError: it cannot be.
    """
    scheme = request.absoluteURI.partition(b"://")[0].lower()
    authority: Any = request.headers.getRawHeaders(b"host", [b""])[-1]
    fields = [
        (b":method", request.method),
        (b":scheme", scheme),
        (b":authority", authority),
        (b":path", request.target),
    ]
    fields += sent_fields(
        (name, value)
        for name, values in request.headers.getAllRawHeaders()
        if name.lower() not in _SAID_OTHERWISE
        for value in values
    )
    length = 0 if request.bodyProducer is None else request.bodyProducer.length
    if length != UNKNOWN_LENGTH and (length or request.method in (b"POST", b"PUT", b"PATCH")):
        fields.append((b"content-length", b"%d" % length))
    return fields


class _Body:
    """What an `Upload` needs to know of a request: bodies are not framed as in HTTP/1.1."""

    head = b""

    def __init__(self, producer: Any) -> None:
        self.bodyProducer = producer
        self.writer = self
        length = producer.length
        self._left: int | None = None if length == UNKNOWN_LENGTH else length

    def body(self, data: bytes) -> bytes:
        """A piece of it."""
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise LocalError(f"the body is {-self._left} bytes longer than its length")
        return data

    def end(self) -> bytes:
        """All of it."""
        if self._left:
            raise LocalError(f"{self._left} bytes of the body are missing")
        return b""


class ClientStream(Outbox):
    """A request and its response, while they are under way."""

    def __init__(
        self, connection: ClientConnection, stream: Stream, request: ClientRequest
    ) -> None:
        super().__init__(connection, stream)
        self.result: Deferred[Response] = Deferred(self._cancelled)
        self.exchange = _Exchange(request, self.result)
        self.inbox = Inbox(self._deliver, self._consumed, self._complete)
        self.trailers: HeaderMap = {}

    # The body of the request; this is the transport of its `Upload`.

    def upload(self) -> None:
        """Send the body."""
        body: Any = _Body(self.exchange.request.bodyProducer)
        self.exchange.upload = Upload(body, self, self._uploaded)
        self.exchange.upload.start()

    def _uploaded(self, reason: Failure | None) -> None:
        self.exchange.upload = None
        if reason is None:
            self._connection.end(self.stream, [])
        else:
            self._giveUp(Failure(RequestGenerationFailed([reason])), reason)

    def write(self, data: bytes) -> None:
        """Send a piece."""
        if data and self.stream.sending:
            self._connection.send(self.stream, data)
            self._slowDown()

    # The response; this is what stops and goes on with its body.

    def _deliver(self, data: bytes) -> None:
        response = self.exchange.response
        if response is not None:
            response._bodyDataReceived(data)

    def _consumed(self, length: int) -> None:
        self._connection.consumed(self.stream, length)

    def _complete(self) -> None:
        """All of the response is here."""
        self._connection.done(self)
        upload, self.exchange.upload = self.exchange.upload, None
        if upload is not None:
            # The server has said what it has to say, and may not read the rest.
            upload.stop()
        response = self.exchange.response
        if response is not None:
            response._bodyDataFinished()

    def headReceived(self, head: Any) -> None:
        """The headers of the response are there."""
        headers = Headers._fromParsed(head.headers)
        transport = BodyTransport(self, self._connection.transport)
        response = Response(VERSION, head.status, b"", headers, transport)
        response.request = self.exchange.request
        if head.length is not None:
            response.length = head.length
        self.exchange.response = response

    def announce(self) -> None:
        """Give the program the response."""
        exchange = self.exchange
        result, response = exchange.result, exchange.response
        if result is not None and response is not None:
            exchange.result = None
            result.callback(response)
            if response._unwanted:
                self.inbox.hold()

    def pauseReading(self) -> None:
        """Deliver nothing for now."""
        self.inbox.hold()

    def resumeReading(self) -> None:
        """Go on delivering."""
        self.inbox.release()

    def loseConnection(self) -> None:
        """The rest is not wanted."""
        self.abort()

    def abort(self) -> None:
        """The rest is not wanted: break the stream off."""
        self._connection.reset(self, ErrorCodes.CANCEL)

    # The end.

    def _cancelled(self, result: Deferred[Response]) -> None:
        if self.exchange.result is result:
            reason = Failure(CancelledError())
            self._giveUp(self.exchange.neverReceived(reason), reason)

    def _giveUp(self, failure: Failure, incomplete: Failure) -> None:
        exchange = self.exchange
        self.forget()
        self.inbox.drop()
        self._connection.drop(self)
        exchange.fail(failure, [incomplete])

    def lost(self, reason: Failure) -> None:
        """The stream is gone: tell the program."""
        self.forget()
        if self.inbox.ended:
            # All of it was there, and only the program was not.
            self.inbox.release()
            return
        self.inbox.drop()
        error = reason.value
        if isinstance(error, StreamReset) and error.code == ErrorCodes.REFUSED_STREAM:
            failure = Failure(RequestNotSent(str(error)))
        else:
            failure = self.exchange.neverReceived(reason)
        self.exchange.fail(failure, [reason])


def _ignore(connection: Any) -> None:
    """Nobody wants to know."""


class ClientConnection(Connection):
    """Speaks HTTP/2 to a server.

    Args:
        quiescent: called with this when the last response is complete.
        limits: what the server may send.
        reactor: has the clock; the installed one by default.

    Attributes:
        lost: called with this when the connection is lost.
        served: how many requests it has taken.
        multiplexes: that it takes more than one at a time.
    """

    multiplexes = True

    def __init__(
        self,
        quiescent: Callable[[Any], None] = _ignore,
        limits: Limits = CLIENT_LIMITS,
        reactor: Any = None,
    ) -> None:
        clock = installedReactor() if reactor is None else reactor
        super().__init__(True, limits, clock.seconds, clock.callLater)
        self._quiescent = quiescent
        self.lost: Callable[[Any], None] = _ignore
        self.served = 0
        self._since = 0.0
        self._lost = False
        self._news: list[ClientStream] = []
        self._waiting: list[Deferred[None]] = []

    @property
    def usable(self) -> bool:
        """Whether it can take a request now."""
        return not self._ended and not self._engine.parting and self._engine.room > 0

    @property
    def since(self) -> float:
        """When it became free; while it is not, that is never."""
        return inf if self.channels else self._since

    @since.setter
    def since(self, now: float) -> None:
        self._since = now

    # Requests.

    def request(self, request: ClientRequest) -> Deferred[Response]:
        """Make a request.

        Returns:
            Fires with the response when its headers are there. Fails with `RequestNotSent` if it
            cannot be made here, and nothing was done for it; with `RequestGenerationFailed`,
            `RequestTransmissionFailed`, `ResponseNeverReceived` or `ResponseFailed`. Cancelling
            it breaks the stream off; other requests go on.
        """
        if not self.usable:
            return fail(RequestNotSent(f"{self!r} cannot take a request now"))
        bodiless = request.bodyProducer is None
        try:
            fields = fields_of_request(request)
            stream = self._engine.open(request.method, fields, bodiless)
        except LocalError as error:
            return fail(RequestNotSent(str(error)))
        self.served += 1
        channel = self.channels[stream.number] = ClientStream(self, stream, request)
        result = channel.result
        if not bodiless:
            channel.upload()
        self.flush(outside=True)
        return result

    # Responses.

    def dataReceived(self, data: bytes) -> None:
        """Read what the server has sent."""
        super().dataReceived(data)
        news, self._news = self._news, []
        for channel in news:
            channel.announce()

    def _handle(self, event: Event) -> None:
        if isinstance(event, GoAway):
            self._parting(event)
            return
        channel = self.channels.get(event.number)
        if channel is None:
            if type(event) is Body:
                self._engine.consumed(event.number, len(event.data))
            return
        channel.exchange.heard = True
        if type(event) is Head:
            self._headReceived(channel, event)
        elif type(event) is Body:
            channel.inbox.receive(event.data)
        elif type(event) is Ended:
            channel.trailers = event.trailers
            channel.inbox.finish()
        elif type(event) is Reset:
            del self.channels[event.number]
            self._news = [one for one in self._news if one is not channel]
            channel.announce()
            channel.lost(Failure(event.reason))

    def _headReceived(self, channel: ClientStream, event: Head) -> None:
        head: Any = event.head
        if not head.final:
            channel.exchange.interim += 1
            if channel.exchange.interim > MAX_INTERIM:
                message = f"more than {MAX_INTERIM} responses before the response"
                self.reset(channel, ErrorCodes.ENHANCE_YOUR_CALM, message)
            return
        channel.headReceived(head)
        self._news.append(channel)
        if event.ended:
            channel.inbox.finish()

    def _parting(self, event: GoAway) -> None:
        """The server takes no more requests; of those after the last it has looked at none."""
        self._engine.parting = True
        why = f"the server takes no more requests: {code_name(event.code)} {event.message!r}"
        for number, channel in list(self.channels.items()):
            if number > event.last:
                self._engine.reset(number, ErrorCodes.CANCEL)
                del self.channels[number]
                refused = StreamReset(why, ErrorCodes.REFUSED_STREAM, byPeer=True)
                channel.lost(Failure(refused))

    # The end.

    def done(self, channel: ClientStream) -> None:
        """A response is complete."""
        number = channel.stream.number
        self.channels.pop(number, None)
        # If the request is not: the rest is of no use.
        self._engine.reset(number, ErrorCodes.NO_ERROR)
        if not self.channels and self.usable:
            self._quiescent(self)

    def drop(self, channel: ClientStream) -> None:
        """A request was given up."""
        number = channel.stream.number
        self.channels.pop(number, None)
        if not self._ended:
            self._engine.reset(number, ErrorCodes.CANCEL)
            self.flush(outside=True)

    def _flushed(self) -> None:
        if self._engine.parting and not self.channels:
            self.goodbye()

    def loseConnection(self) -> None:
        """Close the connection when the responses that are under way are complete."""
        if self.channels:
            self._engine.parting = True
        else:
            self.goodbye(reason=Failure(ConnectionLost("the connection was closed")))

    def whenLost(self) -> Deferred[None]:
        """Fires when the connection is lost."""
        result: Deferred[None] = Deferred()
        if self._lost:
            result.callback(None)
        else:
            self._waiting.append(result)
        return result

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell who waits for a response that there will be no more of it."""
        self._lost = True
        self.lost(self)
        super().connectionLost(reason)
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)
