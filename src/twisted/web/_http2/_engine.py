"""One connection of HTTP/2 without input and output: bytes in, events out; and what to send.

h2 keeps the states and the windows of streams, and makes the frames. What is done here besides:

- what a peer sends passes `FrameGuard` first, and headers are read by `_messages`, not by h2, so
  that a malformed message ends its stream and not the connection;
- bodies that we send wait here until the windows of the peer are open, stream by stream in turn;
- streams that are broken off because of the peer are counted, whichever side has done it.

What does not work: to let h2 check lengths of bodies, and names of headers. It ends the connection
for these, and with it the streams of others, if the peer is a proxy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h2 import events as h2_events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import H2Error, ProtocolError
from h2.settings import SettingCodes, Settings

from twisted.web._h1 import LocalError, RequestHead, ResponseHead
from twisted.web._http2 import _messages
from twisted.web._http2._budget import Budget
from twisted.web._http2._errors import ConnectionFault, MalformedMessage, Refusal, StreamReset
from twisted.web._http2._events import Body, Ended, Event, Head, Refused, Reset
from twisted.web._http2._frames import PREFACE, FrameGuard, go_away
from twisted.web._http2._hpack import BlockDecoder, Field, FieldEncoder
from twisted.web._http2._streams import Step, Stream
from twisted.web._limits import Limits

#: The windows that a connection begins with (RFC 9113, 6.9.2).
_FIRST_WINDOW = 65535
#: The highest number of a stream.
_LAST_STREAM = 2**31 - 1
#: How much of a request that is answered already is read, before its stream is reset.
_LINGER_BYTES = 1024 * 1024
#: Frames of data shorter than that, because the peer has opened its window by so little, are at
#: its cost; and for as much data as that it may send a frame that carries nothing.
_SMALL = 1024
#: How long a frame may be that we send, whatever the peer would take; others have their turn then.
_MOST = 65536


#: What h2 is shown of a request that is sent.
_HIDDEN: list[Field] = [(b"", b"")]


class _Silence:
    """What h2 would log; it asks many times for each frame."""

    def debug(self, *values: object) -> None:
        """Log nothing."""

    trace = debug


class Engine:
    """One end of a connection.

    Args:
        client: whether it is that of the client.
        limits: what the peer may do.
        seconds: tells the time.

    Attributes:
        streams: those that are open, by number.
        highest: the number of the last stream that the peer has begun.
        parting: whether we have told the peer to begin no more streams.
        starved: since when the peer has closed the window of the connection, and taken nothing of
            what waits for it; None if that is not so.
    """

    def __init__(self, client: bool, limits: Limits, seconds: Callable[[], float]) -> None:
        self._client = client
        self._limits = limits
        self._seconds = seconds
        more = limits.http2
        controls = Budget(more.controlFrames, more.controlFramesPerSecond, seconds)
        self._controls = controls
        self._resets = Budget(more.resets, more.resetsPerSecond, seconds)
        preface = 0 if client else len(PREFACE)
        self._guard = FrameGuard(limits.headerBytes, more.continuations, controls, preface)
        self._h2 = H2Connection(
            H2Configuration(
                client_side=client,
                validate_inbound_headers=False,
                normalize_inbound_headers=False,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
                logger=_Silence(),  # type: ignore[arg-type]  # has what h2 calls
            )
        )
        # A block may be twice as long as is allowed, and is then answered with 431.
        self._h2.decoder = BlockDecoder(2 * limits.headerBytes)
        self._h2.encoder = self._encoder = FieldEncoder()
        self._h2.local_settings = Settings(
            client=client,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: more.streams,
                SettingCodes.MAX_HEADER_LIST_SIZE: limits.headerBytes,
                SettingCodes.INITIAL_WINDOW_SIZE: more.streamWindow,
                SettingCodes.ENABLE_PUSH: 0,
            },
        )
        self.streams: dict[int, Stream] = {}
        self.highest = 0
        self.parting = False
        self.starved: float | None = None
        self._ready: dict[int, Stream] = {}
        self._blocked: dict[int, Stream] = {}
        self._extra = b""
        self._found: list[Event] = []

    def begin(self) -> None:
        """Have the settings sent, and at a client what comes before."""
        self._h2.initiate_connection()
        more = self._limits.http2.connectionWindow - _FIRST_WINDOW
        if more > 0:
            self._h2.increment_flow_control_window(more)

    @property
    def within(self) -> bool:
        """Whether a frame of the peer, or headers, have begun and are not complete."""
        return self._guard.within

    @property
    def room(self) -> int:
        """How many more streams a client may begin now."""
        most = self._h2.remote_settings.max_concurrent_streams
        return max(0, most - len(self.streams))

    # --- Receiving ---

    def feed(self, data: bytes) -> list[Event]:
        """What is in `data`.

        Raises:
            ConnectionFault: what ends the connection; `take` has what tells the peer.
        """
        found = self._found = []
        try:
            data, partings = self._guard.scan(data)
            for event in self._h2.receive_data(data) if data else ():
                _HANDLERS.get(type(event), Engine._ignored)(self, event)
        except ProtocolError as error:
            raise ConnectionFault(str(error), error.error_code) from error
        except ConnectionFault as fault:
            self.close(fault.code)
            raise
        found.extend(partings)
        return found

    def _ignored(self, event: Any) -> None:
        """Nothing is to be done for it, or h2 has done it."""

    def _request(self, event: h2_events.RequestReceived) -> None:
        number = event.stream_id
        self.highest = number
        ended = event.stream_ended is not None
        block: Any = event.headers[0][1]
        stream = self.streams[number] = Stream(number, b"")
        if ended:
            stream.step(Step.PEER_ENDS)
        if self.parting:
            self.reset(number, ErrorCodes.REFUSED_STREAM)
            return
        try:
            head = _messages.request_head(block, self._limits)
        except MalformedMessage as error:
            self._blame(stream, str(error))
            return
        except Refusal as refusal:
            stream.method = b"GET"
            self._found.append(Refused(number, refusal))
            return
        stream.method = head.method
        if self._begin_body(stream, head, ended):
            self._found.append(Head(number, head, ended))

    def _response(self, event: h2_events.ResponseReceived) -> None:
        stream = self.streams.get(event.stream_id)
        if stream is None:
            return
        head = self._response_head(stream, event)
        ended = event.stream_ended is not None
        if head is None:
            return
        if ended:
            stream.step(Step.PEER_ENDS)
        if self._begin_body(stream, head, ended):
            self._found.append(Head(stream.number, head, ended))
        self._drop_closed(stream)

    def _interim(self, event: h2_events.InformationalResponseReceived) -> None:
        # An endless series of these would be as good as a flood of pings.
        self._guard.charge()
        stream = self.streams.get(event.stream_id)
        head = None if stream is None else self._response_head(stream, event)
        if head is not None:
            self._found.append(Head(event.stream_id, head, False))

    def _response_head(self, stream: Stream, event: Any) -> ResponseHead | None:
        block: Any = event.headers[0][1]
        try:
            if block.size > self._limits.headerBytes:
                raise MalformedMessage("too many headers")
            return _messages.response_head(block, stream.method)
        except MalformedMessage as error:
            self._blame(stream, str(error))
            return None

    def _begin_body(self, stream: Stream, head: Any, ended: bool) -> bool:
        """Whether the length that is said can be that of the body."""
        stream.expected = head.length
        if not ended:
            return True
        if head.length:
            self._blame(stream, "the body is not as long as it was said to be")
            return False
        head.length = 0
        if isinstance(head, RequestHead):
            head.expects_continue = False
        return True

    def _trailers(self, event: h2_events.TrailersReceived) -> None:
        stream = self.streams.get(event.stream_id)
        if stream is None:
            return
        block: Any = event.headers[0][1]
        if stream.lingers is not None:
            self._discard(stream, 0, True)
            return
        try:
            if len(block.fields) > self._limits.headerCount:
                raise MalformedMessage("too many trailers")
            found = _messages.trailers(block)
        except MalformedMessage as error:
            stream.step(Step.PEER_ENDS)
            self._blame(stream, str(error))
            return
        self._end(stream, found)

    def _data(self, event: h2_events.DataReceived) -> None:
        number, data = event.stream_id, event.data
        length, ended = len(data), event.stream_ended is not None
        padding = event.flow_controlled_length - length
        if padding:
            self.consumed(number, padding)
        if not data and not ended:
            self._guard.charge()
        stream = self.streams.get(number)
        if stream is None:
            self.consumed(number, length)
            return
        if stream.lingers is not None:
            self._discard(stream, length, ended)
            return
        if stream.expected is not None:
            stream.expected -= length
            if stream.expected < 0 or (ended and stream.expected):
                self.consumed(number, length)
                if ended:
                    stream.step(Step.PEER_ENDS)
                self._blame(stream, "the body is not as long as it was said to be")
                return
        if data:
            self._found.append(Body(number, data))
        if ended:
            self._end(stream, {})

    def _discard(self, stream: Stream, length: int, ended: bool) -> None:
        """More of a request has come that is answered already."""
        self.consumed(stream.number, length)
        stream.unwanted += length
        if ended:
            stream.step(Step.PEER_ENDS)
            self._forget(stream)
        elif stream.unwanted > _LINGER_BYTES:
            self.reset(stream.number, ErrorCodes.NO_ERROR)

    def _end(self, stream: Stream, found: _messages.HeaderMap) -> None:
        stream.step(Step.PEER_ENDS)
        if stream.expected:
            self._blame(stream, "the body is not as long as it was said to be")
            return
        self._found.append(Ended(stream.number, found))
        self._drop_closed(stream)

    def _broken_off(self, event: h2_events.StreamReset) -> None:
        """A stream was reset: by the peer, or by h2 because of the peer."""
        stream = self.streams.get(event.stream_id)
        if stream is None:
            self._guard.charge()
            return
        self._forget(stream)
        # A server tells a client so that has sent too much, and its response is complete.
        by_peer = bool(event.remote_reset)
        reason = "the peer has broken the stream off" if by_peer else "the peer was at fault"
        self._found.append(
            Reset(stream.number, StreamReset(reason, int(event.error_code), by_peer))
        )
        self._count_reset()

    def _count_reset(self) -> None:
        if not self._resets.spend():
            raise ConnectionFault(
                "too many streams that were broken off", ErrorCodes.ENHANCE_YOUR_CALM
            )

    def _blame(self, stream: Stream, message: str) -> None:
        """Reset a stream, because of what the peer has sent on it."""
        code = ErrorCodes.PROTOCOL_ERROR
        self.reset(stream.number, code)
        self._found.append(Reset(stream.number, StreamReset(message, code)))
        self._count_reset()

    def _window(self, event: h2_events.WindowUpdated) -> None:
        number = event.stream_id
        if number:
            stream = self._blocked.pop(number, None)
            if stream is not None:
                stream.stuck = None
                self._ready[number] = stream

    def _settings(self, event: h2_events.RemoteSettingsChanged) -> None:
        if SettingCodes.INITIAL_WINDOW_SIZE in event.changed_settings:
            for number, stream in self._blocked.items():
                stream.stuck = None
                self._ready[number] = stream
            self._blocked.clear()

    def consumed(self, number: int, length: int) -> None:
        """Some of what has come on a stream is out of the way; more may come."""
        if length:
            self._h2.acknowledge_received_data(length, number)

    # --- Sending ---

    def take(self) -> bytes:
        """What is to be sent."""
        data = self._h2.data_to_send()
        if self._extra:
            data, self._extra = self._extra + data, b""
        return data

    def open(self, method: bytes, fields: list[Field], ended: bool) -> Stream:
        """Begin a stream with a request, at a client.

        Args:
            method: of the request.
            fields: all of it, as `_messages` makes them.
            ended: whether it has no body.

        Raises:
            LocalError: there can be no more streams.
        """
        try:
            number = self._h2.get_next_available_stream_id()
            self._send_fields(number, fields, ended)
        except H2Error as error:
            raise LocalError(f"no more streams can be begun: {error}") from error
        stream = self.streams[number] = Stream(number, method)
        if ended:
            stream.step(Step.WE_END)
        return stream

    def answer(self, stream: Stream, fields: list[Field], ended: bool = False) -> None:
        """Begin a response, or an interim one.

        Args:
            stream: the stream.
            fields: all of it.
            ended: whether it has no body.
        """
        self._send_fields(stream.number, fields, ended)
        if ended:
            self._we_end(stream)

    def _send_fields(self, number: int, fields: list[Field], ended: bool) -> None:
        self._encoder.message = fields
        # Of a response it needs the status. Knowing that a request is HEAD, it would end the
        # connection when that is answered with a body.
        self._h2.send_headers(number, _HIDDEN if self._client else fields[:1], ended)

    def send(self, stream: Stream, data: bytes) -> None:
        """Queue a piece of a body; `pump` has it sent.

        Raises:
            LocalError: it is more than was announced.
        """
        stream.put(data)
        if stream.announced == 0:
            stream.ending = True
        if stream.number not in self._blocked:
            self._ready[stream.number] = stream

    def end(self, stream: Stream, trailers: list[Field] | None = None) -> None:
        """What was queued is all of the body.

        Raises:
            LocalError: some of what was announced is missing; the stream was reset.
        """
        if not stream.sending:
            return
        if stream.announced:
            self.reset(stream.number, ErrorCodes.INTERNAL_ERROR)
            raise LocalError(f"{stream.announced} bytes of the body are missing")
        stream.ending = True
        if trailers:
            stream.trailers = trailers
        if stream.number not in self._blocked:
            self._ready[stream.number] = stream

    def pump(self, most: int) -> list[Stream]:
        """Make frames of what is queued, as far as the peer lets us.

        Args:
            most: about how many bytes.

        Returns:
            The streams that have nothing queued any more.
        """
        # Benchmark http2-hello: as a rule one stream, and one frame that ends it.
        drained: list[Stream] = []
        ready = self._ready
        if not ready:
            self.starved = None
        while ready and most > 0:
            number, stream = next(iter(ready.items()))
            del ready[number]
            waiting = stream.waiting
            length = waiting
            if waiting:
                window = self._h2.local_flow_control_window(number)
                length = min(waiting, window, self._h2.max_outbound_frame_size, _MOST)
                if length <= 0:
                    if self._h2.outbound_flow_control_window <= 0:
                        ready[number] = stream
                        if self.starved is None:
                            self.starved = self._seconds()
                        break
                    self._wait(stream)
                    continue
            self._send_frame(stream, length)
            most -= length
            if stream.waiting:
                ready[number] = stream
            elif waiting and not stream.ending:
                drained.append(stream)
        return drained

    def _send_frame(self, stream: Stream, length: int) -> None:
        number = stream.number
        data = stream.take(length)
        last = stream.ending and not stream.waiting
        if data or (last and not stream.trailers):
            self._h2.send_data(number, data, last and not stream.trailers)
            self.starved = None
            if length < _SMALL and stream.waiting:
                self._guard.charge()
            else:
                self._controls.earn(length / _SMALL)
        if last:
            if stream.trailers:
                self._send_fields(number, stream.trailers, True)
            self._we_end(stream)

    def _wait(self, stream: Stream) -> None:
        """The peer has closed the window of a stream."""
        stream.stuck = self._seconds()
        self._blocked[stream.number] = stream

    @property
    def pending(self) -> bool:
        """Whether there is something that `pump` could send, if the window lets it."""
        return bool(self._ready) and self._h2.outbound_flow_control_window > 0

    @property
    def busy(self) -> bool:
        """Whether there are streams on which something is still to be sent."""
        return any(stream.lingers is None for stream in self.streams.values())

    def _we_end(self, stream: Stream) -> None:
        stream.step(Step.WE_END)
        if self._client:
            self._drop_closed(stream)
            return
        self._controls.earn(1)
        if stream.receiving:
            # The rest of the request is of no use; but there are clients, curl among them, that do
            # not look at a response any more when their stream is reset (RFC 9113, 8.1).
            stream.lingers = self._seconds()
        else:
            self._forget(stream)

    def _drop_closed(self, stream: Stream) -> None:
        if not stream.sending and not stream.receiving:
            self._forget(stream)

    def reset(self, number: int, code: int) -> None:
        """Break a stream off, if it is open."""
        stream = self.streams.get(number)
        if stream is None:
            return
        self._forget(stream)
        try:
            self._h2.reset_stream(number, code)
        except H2Error:
            # The peer has reset it, in what is being looked at now.
            pass

    def _forget(self, stream: Stream) -> None:
        number = stream.number
        if stream.sending or stream.receiving:
            stream.step(Step.RESET)
        stream.clear()
        self.streams.pop(number, None)
        self._ready.pop(number, None)
        self._blocked.pop(number, None)

    def ping(self, payload: bytes) -> None:
        """Ask whether the peer is there.

        Args:
            payload: eight bytes.
        """
        self._h2.ping(payload)

    def part(self) -> None:
        """Tell the peer to begin no more streams; those that are open go on."""
        if not self.parting:
            self.parting = True
            before = self.take()
            self._extra = before + go_away(self.highest, ErrorCodes.NO_ERROR)

    def close(self, code: int = ErrorCodes.NO_ERROR) -> None:
        """Tell the peer that this is the end."""
        self._h2.close_connection(code, last_stream_id=self.highest)


_HANDLERS: dict[type[h2_events.Event], Callable[[Engine, Any], None]] = {
    h2_events.RequestReceived: Engine._request,
    h2_events.ResponseReceived: Engine._response,
    h2_events.InformationalResponseReceived: Engine._interim,
    h2_events.TrailersReceived: Engine._trailers,
    h2_events.DataReceived: Engine._data,
    h2_events.StreamReset: Engine._broken_off,
    h2_events.WindowUpdated: Engine._window,
    h2_events.RemoteSettingsChanged: Engine._settings,
}
