"""A server's end: the requests on a connection, and the time that they may take.

One timer watches a connection and its streams: it is set to what is the first to be late, or to the
shortest time that any of them has, so that nothing is wound up for each request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from errno import EDQUOT, ENOSPC
from typing import Any

from h2.errors import ErrorCodes

from twisted.internet.error import TimeoutError
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web._h1 import RemoteError
from twisted.web._http2._channel import VERSION, StreamChannel
from twisted.web._http2._connection import Connection
from twisted.web._http2._events import Body, Ended, Event, GoAway, Head, Refused, Reset
from twisted.web._http2._hpack import Field
from twisted.web._http2._streams import Stream
from twisted.web.http._refusal import refusalPage
from twisted.web.http._request import BadForm
from twisted.web.http._statuses import (
    INSUFFICIENT_STORAGE_SPACE,
    INTERNAL_SERVER_ERROR,
    REQUEST_ENTITY_TOO_LARGE,
    REQUEST_TIMEOUT,
)

_log = Logger(namespace="twisted.web.http")

_NO_SPACE = (ENOSPC, EDQUOT)


class ServerConnection(Connection):
    """Serves one client.

    Args:
        channel: of HTTP/1.1, from which this takes over: its site, its factory, its limits and its
            clock.

    Attributes:
        site: whose resources are served.
        factory: what has built the channel.
        requestFactory: makes a request of a channel, which is a stream here.
        timeOut: after so many seconds without a request the connection is closed; None for never.
    """

    def __init__(self, channel: Any) -> None:
        super().__init__(False, channel.limits, channel._seconds, channel.callLater)
        self.site = channel.site
        self.factory = channel.factory
        self.requestFactory: Callable[..., Any] = channel.requestFactory
        self.timeOut: float | None = channel.timeOut
        self.abortTimeout = channel.abortTimeout
        self._served = 0
        self._now = self._idleSince = self._seconds()
        self._within: float | None = self._now
        self._timer: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Send the settings, and begin to look at the time."""
        super().connectionMade()
        self._wind(self._now + self._shortest())

    def dataReceived(self, data: bytes) -> None:
        """Read what the client has sent."""
        self._now = self._seconds()
        super().dataReceived(data)
        if not self._engine.within:
            self._within = None
        elif self._within is None:
            self._within = self._now

    # --- Requests ---

    def _handle(self, event: Event) -> None:
        # Benchmark http2-hello: a request without a body comes down here once.
        if type(event) is Head:
            stream = self._engine.streams.get(event.number)
            if stream is not None:
                self._begin(stream, event)
        elif type(event) is Body:
            self._bodyReceived(event.number, event.data)
        elif type(event) is Ended:
            self._bodyEnded(event)
        elif type(event) is Reset:
            channel = self.channels.pop(event.number, None)
            if channel is not None:
                channel.lost(Failure(event.reason))
        elif type(event) is Refused:
            stream = self._engine.streams.get(event.number)
            if stream is not None:
                self._sayNo(stream, event.refusal.status, str(event.refusal))
        elif type(event) is GoAway:
            # It begins no more; what it has begun is answered.
            self._engine.part()

    def _begin(self, stream: Stream, event: Head) -> None:
        channel = StreamChannel(self, stream, self._now)
        self.channels[stream.number] = channel
        self._served += 1
        most = self.limits.requestsPerConnection
        if most is not None and self._served >= most:
            self._engine.part()
        head: Any = event.head
        try:
            request = channel.request = self.requestFactory(channel)
            request._head = head
            if event.ended:
                request.requestReceived(head.method, head.target, VERSION)
            else:
                channel.expectBody(head)
        except Exception as error:  # of the program; it ends this stream and no other
            if isinstance(error, OSError) and not event.ended:
                self._cannotKeep(channel, error)
            else:
                self._failed(channel)

    def _bodyReceived(self, number: int, data: bytes) -> None:
        channel = self.channels.get(number)
        if channel is None:
            self._engine.consumed(number, len(data))
            return
        channel.heard = self._now
        channel.received += len(data)
        most = self.limits.bodyBytes
        if most is not None and channel.received > most:
            self._engine.consumed(number, len(data))
            self._refuse(channel, REQUEST_ENTITY_TOO_LARGE, f"More than {most} bytes.")
            return
        try:
            channel.receive(data)
        except OSError as error:
            self._cannotKeep(channel, error)
        except Exception:  # of the program
            self._failed(channel)

    def _bodyEnded(self, event: Ended) -> None:
        channel = self.channels.get(event.number)
        if channel is not None:
            channel.trailers = event.trailers
            try:
                channel.finish()
            except Exception:  # of the program
                self._failed(channel)

    def complete(self, channel: StreamChannel) -> None:
        """All of the body was given to a request."""
        request = channel.request
        head = request._head
        try:
            request.requestReceived(head.method, head.target, VERSION)
        except BadForm as error:
            self._refuse(channel, error.status, str(error))
        except Exception:  # of the program
            self._failed(channel)

    def respond(self, stream: Stream, fields: list[Field], body: bytes) -> None:
        """Send a whole response."""
        if self._ended:
            return
        engine = self._engine
        if body:
            engine.answer(stream, fields)
            engine.send(stream, body)
            engine.end(stream)
        else:
            engine.answer(stream, fields, True)
        self.flush(outside=True)

    def done(self, stream: Stream) -> None:
        """The response of a request is complete, but for what waits to be sent."""
        self.channels.pop(stream.number, None)

    # --- What goes wrong ---

    def _failed(self, channel: StreamChannel) -> None:
        _log.failure("Cannot answer {request!r}", failure=Failure(), request=channel.request)
        self.reset(channel, ErrorCodes.INTERNAL_ERROR)

    def _cannotKeep(self, channel: StreamChannel, error: OSError) -> None:
        """There is no room for a body."""
        _log.error("Cannot keep the body of a request: {error}", error=error)
        full = error.errno in _NO_SPACE
        status = INSUFFICIENT_STORAGE_SPACE if full else INTERNAL_SERVER_ERROR
        self._refuse(channel, status, "There is no room for what you send.")

    def _refuse(self, channel: StreamChannel, status: int, explanation: str) -> None:
        """Answer in the place of a request, if it has not begun to answer."""
        stream = channel.stream
        self.channels.pop(stream.number, None)
        begun = channel.begun
        channel.lost(Failure(RemoteError(explanation, status)))
        if begun:
            self._engine.reset(stream.number, ErrorCodes.CANCEL)
            self.flush()
        elif stream.sending:
            self._sayNo(stream, status, explanation)

    def _sayNo(self, stream: Stream, status: int, explanation: str) -> None:
        page = refusalPage(status, explanation)
        fields = [
            (b":status", b"%d" % status),
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(page)),
        ]
        bodiless = stream.method == b"HEAD"
        self.answer(stream, fields, bodiless)
        if not bodiless:
            self.send(stream, page)
            self.end(stream, [])

    # --- Time ---

    def _periods(self) -> Iterator[float]:
        limits = self.limits
        yield limits.headerSeconds
        yield limits.bodySeconds
        for period in (self.timeOut, limits.totalSeconds, limits.http2.stallSeconds):
            if period is not None:
                yield period

    def _shortest(self) -> float:
        return min(self._periods())

    def _wind(self, when: float) -> None:
        self._timer = self._callLater(max(0, when - self._seconds()), self._look)

    def _look(self) -> None:
        """See who is late."""
        self._timer = None
        now = self._now = self._seconds()
        if self._isLate(now):
            return
        for channel in list(self.channels.values()):
            self._hurry(channel, now)
        self._dropStuck(now)
        self.flush()
        if not self._ended:
            self._wind(now + self._shortest())

    def _isLate(self, now: float) -> bool:
        """Whether the whole connection was closed, or broken off, as it was late."""
        limits = self.limits
        stall = limits.http2.stallSeconds
        late = Failure(TimeoutError("the client was late"))
        if self._within is not None and now >= self._within + limits.headerSeconds:
            self.goodbye(ErrorCodes.ENHANCE_YOUR_CALM, late)
        elif stall is not None and self.slow and now >= self._slowSince + stall:
            self._lose(late)
            self.abort()
        elif (
            stall is not None
            and self._engine.starved is not None
            and now >= self._engine.starved + stall
        ):
            self.goodbye(ErrorCodes.ENHANCE_YOUR_CALM, late)
        elif (
            self.timeOut is not None
            and not self._engine.streams
            and now >= self._idleSince + self.timeOut
        ):
            self.goodbye()
        return self._ended

    def _hurry(self, channel: StreamChannel, now: float) -> None:
        """Refuse a request whose body does not come."""
        if not channel.stream.receiving or channel.request is None:
            return
        limits = self.limits
        total = limits.totalSeconds
        if channel.inbox is not None and channel.inbox.waiting:
            channel.heard = now
        if now >= channel.heard + limits.bodySeconds or (
            total is not None and now >= channel.began + total
        ):
            self._refuse(channel, REQUEST_TIMEOUT, "The request was not complete in time.")

    def _dropStuck(self, now: float) -> None:
        """Break off responses that the client does not take, and answered requests that go on."""
        stall = self.limits.http2.stallSeconds
        for stream in list(self._engine.streams.values()):
            if stream.lingers is not None and now >= stream.lingers + self.limits.bodySeconds:
                self._engine.reset(stream.number, ErrorCodes.NO_ERROR)
            elif stall is not None and stream.stuck is not None and now >= stream.stuck + stall:
                channel = self.channels.pop(stream.number, None)
                self._engine.reset(stream.number, ErrorCodes.CANCEL)
                if channel is not None:
                    channel.lost(Failure(TimeoutError("the client was late")))

    # --- The end ---

    def _flushed(self) -> None:
        engine = self._engine
        if not engine.streams:
            self._idleSince = self._now
        if engine.parting and not engine.busy:
            self.goodbye()

    def drain(self) -> None:
        """Begin no more requests; close the connection when those that have begun are answered."""
        if not self._ended:
            self._engine.part()
            self.flush()

    def _end(self, reason: Failure) -> None:
        super()._end(reason)
        self._stopTimer()

    def _stopTimer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the requests that nobody waits for their responses."""
        self._stopTimer()
        super().connectionLost(reason)
