"""What both ends of a connection have in common: an engine on a transport.

Theory of operation. What the engine has to send is written once after each piece that was received,
and once after each call from outside of that; see `flush`. Bodies are made into frames only as long
as the transport takes them: so they wait in the engine, where each stream has its measure, and its
producer is paused past that.

A peer that does not read gets no more bodies. It could still have itself sent headers and answers
to pings: past a measure of these, nothing is read from it until it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h2.errors import ErrorCodes
from zope.interface import implementer

from twisted.internet.error import ConnectionAborted
from twisted.internet.interfaces import IDelayedCall, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web._http2._engine import Engine
from twisted.web._http2._errors import ConnectionFault, StreamReset, code_name
from twisted.web._http2._events import Event
from twisted.web._http2._streams import Stream
from twisted.web._limits import Limits

#: How much is made into frames before it is given to the transport, which then says if it is much.
_BATCH_BYTES = 65536


@implementer(IPushProducer)
class Connection(Protocol):
    """An engine on a transport.

    Args:
        client: whether this is the end of the client.
        limits: what the peer may do.
        seconds: tells the time.
        callLater: calls a function after so many seconds.

    Attributes:
        limits: what the peer may do.
        channels: who serves the streams, by number.
        slow: whether the transport takes no more for now.
        abortTimeout: so many seconds after it was closed the connection is broken off, if the
            peer has not taken the rest; None for never.
    """

    transport: Any
    abortTimeout: float | None = 15

    def __init__(
        self,
        client: bool,
        limits: Limits,
        seconds: Callable[[], float],
        callLater: Callable[..., Any],
    ) -> None:
        self.limits = limits
        self.slow = False
        self.channels: dict[int, Any] = {}
        self._seconds = seconds
        self._callLater = callLater
        self._engine = Engine(client, limits, seconds)
        self._receiving = False
        self._flushing = False
        self._ended = False
        self._deaf = False
        self._unread = 0
        self._slowSince = 0.0
        self._abortCall: IDelayedCall | None = None
        self._resumeCall: IDelayedCall | None = None
        self._wanting: list[Any] = []  # the channels whose producers may write

    def connectionMade(self) -> None:
        """Send the settings."""
        self._engine.begin()
        self.transport.registerProducer(self, True)
        self.flush()

    # --- What arrives ---

    def dataReceived(self, data: bytes) -> None:
        """Read what the peer has sent."""
        if self._ended:
            return
        self._receiving = True
        try:
            for event in self._engine.feed(data):
                self._handle(event)
        except ConnectionFault as fault:
            self._receiving = False
            self._atFault(fault)
            return
        finally:
            self._receiving = False
        self.flush()

    def _handle(self, event: Event) -> None:
        """Something was received."""
        raise NotImplementedError

    def _atFault(self, fault: ConnectionFault) -> None:
        """The peer has done what ends the connection."""
        reason = StreamReset(f"the peer was at fault: {fault}", fault.code)
        self._say()
        self._end(Failure(reason))

    # --- What is sent ---

    def flush(self, outside: bool = False) -> None:
        """Send what there is, as far as the peer and the transport take it.

        Args:
            outside: whether a producer may be what calls; it is not called back at once, then.
        """
        # Benchmark http2-hello: once for all that one piece has brought.
        if self._receiving or self._flushing or self._ended:
            return
        engine = self._engine
        self._flushing = True
        try:
            while True:
                drained = engine.pump(_BATCH_BYTES) if not self.slow else ()
                self._say()
                for stream in drained:
                    self._note(stream)
                if self.slow or (outside and not engine.pending):
                    break
                if not outside:
                    self._resume()
                if not engine.pending and not self._wanting:
                    break
        except ConnectionFault as fault:
            engine.close(fault.code)
            self._atFault(fault)
            return
        finally:
            self._flushing = False
        if self._wanting and not self.slow and self._resumeCall is None:
            self._resumeCall = self._callLater(0, self._resumeNow)
        self._flushed()

    def _flushed(self) -> None:
        """All has been sent that could be."""

    def _say(self) -> None:
        data = self._engine.take()
        if not data:
            return
        unread = self.slow
        self.transport.write(data)
        if unread:
            self._unread += len(data)
            if self._unread > self.limits.http2.controlBytes and not self._deaf:
                self._deaf = True
                self.transport.pauseProducing()

    def _resume(self) -> None:
        """Tell producers that what they have written has been sent."""
        wanting, self._wanting = self._wanting, []
        for channel in wanting:
            channel.resume()

    def _note(self, stream: Stream) -> None:
        """All that was queued on a stream has been sent: remember who may want to write more."""
        channel = self.channels.get(stream.number)
        if channel is not None and channel.wanting:
            self._wanting.append(channel)

    def _resumeNow(self) -> None:
        self._resumeCall = None
        self.flush()

    def pauseProducing(self) -> None:
        """The peer does not take what was written."""
        self.slow = True
        self._unread = 0
        self._slowSince = self._seconds()

    def resumeProducing(self) -> None:
        """The peer has taken all."""
        self.slow = False
        if self._deaf:
            self._deaf = False
            self.transport.resumeProducing()
        self._wanting = [channel for channel in self.channels.values() if channel.wanting]
        self.flush()

    def stopProducing(self) -> None:
        """The connection is lost; `connectionLost` follows."""

    # --- What channels ask for ---

    def answer(self, stream: Stream, fields: list[tuple[bytes, bytes]], ended: bool) -> None:
        """Send headers."""
        if not self._ended and stream.sending:
            self._engine.answer(stream, fields, ended)
            self.flush(outside=True)

    def send(self, stream: Stream, data: bytes) -> None:
        """Send a piece of a body."""
        if not self._ended:
            self._engine.send(stream, data)
            self.flush(outside=True)

    def end(self, stream: Stream, trailers: list[tuple[bytes, bytes]]) -> None:
        """A body is complete."""
        if not self._ended:
            try:
                self._engine.end(stream, trailers)
            finally:
                self.flush(outside=True)

    def consumed(self, stream: Stream, length: int) -> None:
        """A piece of a body is out of the way."""
        if not self._ended:
            self._engine.consumed(stream.number, length)
            self.flush(outside=True)

    def reset(self, channel: Any, code: int, reason: str = "the stream was broken off") -> None:
        """Break a stream off, and tell who serves it."""
        number = channel.stream.number
        if not self._ended:
            self._engine.reset(number, code)
        if self.channels.pop(number, None) is not None:
            channel.lost(Failure(StreamReset(f"{reason}: {code_name(code)}", code)))
        self.flush(outside=True)

    # --- The end ---

    def goodbye(self, code: int = ErrorCodes.NO_ERROR, reason: Failure = connectionDone) -> None:
        """Tell the peer that this is the end, and close the connection."""
        if not self._ended:
            self._engine.close(code)
            self._say()
            self._end(reason)

    def _end(self, reason: Failure) -> None:
        if self._ended:
            return
        self._ended = True
        self._lose(reason)
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        if self.abortTimeout is not None:
            self._abortCall = self._callLater(self.abortTimeout, self._abort)

    def _abort(self) -> None:
        self._abortCall = None
        self.transport.abortConnection()

    def _lose(self, reason: Failure) -> None:
        """Tell everybody that the streams are gone."""
        channels, self.channels = self.channels, {}
        for channel in channels.values():
            channel.lost(reason)

    def abort(self) -> None:
        """Break the connection off."""
        self._ended = True
        self._lose(Failure(ConnectionAborted()))
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is no more."""
        self._ended = True
        for call in (self._abortCall, self._resumeCall):
            if call is not None:
                call.cancel()
        self._abortCall = self._resumeCall = None
        self._lose(reason)
