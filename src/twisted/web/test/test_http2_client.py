"""A client's connection over HTTP/2, with the library h2 for a server."""

from __future__ import annotations

import os
from dataclasses import replace
from io import BytesIO
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import Clock, Cooperator
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, SynchronousTestCase
from twisted.web.client import (
    FileBodyProducer,
    RequestGenerationFailed,
    RequestNotSent,
    RequestTransmissionFailed,
    ResponseDone,
    ResponseFailed,
    ResponseNeverReceived,
    WrongBodyLength,
    readBody,
)
from twisted.web.client._sending import ClientRequest
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IBodyProducer
from twisted.web.test._http2 import SKIP, Answer, Peer, SettingCodes, Transport

if not SKIP:
    from twisted.web._http2._client import CLIENT_LIMITS, ClientConnection

NO_ERROR, PROTOCOL_ERROR, REFUSED_STREAM, CANCEL, CALM = 0, 1, 7, 8, 11


class Collector(Protocol):
    """Keeps a body, and why it ended."""

    def __init__(self) -> None:
        self.body = b""
        self.reason: Failure | None = None

    def dataReceived(self, data: bytes) -> None:
        """Keep a piece."""
        self.body += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Keep the reason."""
        self.reason = reason


@implementer(IBodyProducer)
class Body:
    """A body that is written when the test says so."""

    def __init__(self, length: Any = UNKNOWN_LENGTH) -> None:
        self.length = length
        self.stopped = False
        self.paused = False

    def startProducing(self, consumer: Any) -> Deferred[None]:
        """Keep the consumer."""
        self.consumer = consumer
        self.finished: Deferred[None] = Deferred()
        return self.finished

    def stopProducing(self) -> None:
        """Note it."""
        self.stopped = True

    def pauseProducing(self) -> None:
        """Note it."""
        self.paused = True

    def resumeProducing(self) -> None:
        """Note it."""
        self.paused = False


class ClientTestCase(SynchronousTestCase):
    """Tests with a connection to a scripted server."""

    def setUp(self) -> None:
        if SKIP:
            raise SkipTest(SKIP)
        self.clock = Clock()
        self.connect()

    def connect(self, settings: dict[Any, int] | None = None, limits: Any = None) -> None:
        """Begin a new connection."""
        self.quiet: list[Any] = []
        self.connection = ClientConnection(
            self.quiet.append, limits or CLIENT_LIMITS, reactor=self.clock
        )
        self.transport = Transport(lenient=True)
        self.connection.makeConnection(self.transport)
        self.peer = Peer(self.connection, False, self.clock, settings)
        self.peer.exchange()

    def request(self, method: bytes = b"GET", body: Any = None, **headers: Any) -> Deferred[Any]:
        """Make a request."""
        return self.connection.request(
            ClientRequest(
                method,
                b"https://example.com/a?b",
                b"/a?b",
                Headers({"host": ["example.com"], **{k: [v] for k, v in headers.items()}}),
                body,
                True,
            )
        )

    @property
    def number(self) -> int:
        """Of the last request."""
        return max(self.peer.answers)

    @property
    def received(self) -> Answer:
        """The last request."""
        return self.peer.answers[self.number]

    def reply(self, body: bytes | None = b"", number: int = 0, **headers: Any) -> None:
        """Answer a request, the last unless it is said; without a body, only its headers."""
        number = number or self.number
        fields = [(b":status", b"200")]
        for name, value in headers.items():
            fields.append((name.replace("_", "-").encode(), value.encode()))
        self.peer.h2.send_headers(number, fields)
        if body is not None:
            self.peer.h2.send_data(number, body, end_stream=True)
        self.peer.exchange()

    def ask(self, *args: Any, **headers: Any) -> Deferred[Any]:
        """Make a request that is received."""
        asked = self.request(*args, **headers)
        self.peer.exchange()
        return asked


class RequestTests(ClientTestCase):
    """Requests, and their responses."""

    def test_get(self) -> None:
        """What is sent, and what is made of the response."""
        asked = self.ask(b"GET", None, accept="text/html")
        self.assertEqual(
            self.received.headers,
            {
                b":method": b"GET",
                b":scheme": b"https",
                b":authority": b"example.com",
                b":path": b"/a?b",
                b"accept": b"text/html",
            },
        )
        self.assertTrue(self.received.ended)
        self.reply(b"hello", content_type="text/plain", content_length="5")
        response = self.successResultOf(asked)
        self.assertEqual((response.version, response.code), ((b"HTTP", 2, 0), 200))
        self.assertEqual(response.length, 5)
        self.assertEqual(response.headers.getRawHeaders("content-type"), ["text/plain"])
        self.assertEqual(response.request.absoluteURI, b"https://example.com/a?b")
        self.assertEqual(self.successResultOf(readBody(response)), b"hello")
        self.assertEqual(self.quiet, [self.connection])

    def test_bytewise(self) -> None:
        """What comes a byte at a time means the same."""
        asked = self.ask()
        self.peer.piece = 1
        self.reply(b"hello")
        self.assertEqual(self.successResultOf(readBody(self.successResultOf(asked))), b"hello")

    def test_connectionHeaders(self) -> None:
        """What belongs to HTTP/1 is not sent."""
        self.ask(b"GET", None, connection="close", te="gzip", upgrade="x")
        self.assertEqual(set(self.received.headers) & {b"connection", b"te", b"upgrade"}, set())

    def test_many(self) -> None:
        """Requests share the connection, and responses come in any order."""
        asked = [self.ask() for _ in range(50)]
        self.assertTrue(self.connection.usable)
        numbers = sorted(self.peer.answers)
        for number in reversed(numbers):
            self.reply(b"%d" % number, number)
        bodies = [self.successResultOf(readBody(self.successResultOf(one))) for one in asked]
        self.assertEqual(bodies, [b"%d" % number for number in numbers])
        self.assertEqual(len(self.quiet), 1)

    def test_serversLimit(self) -> None:
        """No more at a time than the server takes."""
        self.connect({SettingCodes.MAX_CONCURRENT_STREAMS: 1})
        first = self.ask()
        self.assertFalse(self.connection.usable)
        self.failureResultOf(self.request(), RequestNotSent)
        self.reply()
        self.successResultOf(first)
        self.assertTrue(self.connection.usable)

    def test_interim(self) -> None:
        """Responses before the response are passed over; too many are an error."""
        asked = self.ask()
        self.peer.h2.send_headers(self.number, [(b":status", b"103")])
        self.reply(b"x")
        self.assertEqual(self.successResultOf(asked).code, 200)
        asked = self.ask()
        for _ in range(21):
            self.peer.h2.send_headers(self.number, [(b":status", b"100")])
        self.peer.exchange()
        self.failureResultOf(asked, ResponseFailed)
        self.assertEqual(self.received.reset, CALM)
        self.assertTrue(self.connection.usable)

    def test_head(self) -> None:
        """A response to HEAD has a length, and no body."""
        asked = self.ask(b"HEAD")
        fields = [(b":status", b"200"), (b"content-length", b"5")]
        self.peer.h2.send_headers(self.number, fields, end_stream=True)
        self.peer.exchange()
        self.assertEqual(self.successResultOf(readBody(self.successResultOf(asked))), b"")

    def test_headWithBody(self) -> None:
        """A body there is the server's fault, and costs it this stream only."""
        other = self.ask()
        asked = self.ask(b"HEAD")
        self.reply(b"body")
        collector = Collector()
        self.successResultOf(asked).deliverBody(collector)
        assert collector.reason is not None
        self.assertTrue(collector.reason.check(ResponseFailed))
        self.reply(b"", 1)
        self.assertEqual(self.successResultOf(other).code, 200)

    def test_malformed(self) -> None:
        """A response that is none fails its request alone."""
        other = self.ask()
        for fields in (
            [(b"a", b"b")],
            [(b":status", b"abc")],
            [(b":status", b"200"), (b"connection", b"x")],
            [(b":status", b"200"), (b"a", b"b\r\nc")],
            [(b":status", b"101")],
        ):
            asked = self.ask()
            self.peer.h2.send_headers(self.number, fields)
            self.peer.exchange()
            self.failureResultOf(asked, ResponseFailed)
            self.assertEqual(self.received.reset, PROTOCOL_ERROR)
        self.reply(b"", 1)
        self.assertEqual(self.successResultOf(other).code, 200)

    def test_wrongLength(self) -> None:
        """A body of another length than was said fails."""
        for body in (b"1234", b"123456"):
            asked = self.ask()
            self.reply(body, content_length="5")
            collector = Collector()
            self.successResultOf(asked).deliverBody(collector)
            assert collector.reason is not None
            self.assertTrue(collector.reason.check(ResponseFailed))

    def test_reset(self) -> None:
        """A stream that the server resets fails before, and after, its headers."""
        asked = self.ask()
        self.peer.h2.reset_stream(self.number, PROTOCOL_ERROR)
        self.peer.exchange()
        self.failureResultOf(asked, ResponseFailed)
        asked = self.ask()
        self.reply(None)
        collector = Collector()
        self.successResultOf(asked).deliverBody(collector)
        self.peer.h2.reset_stream(self.number, PROTOCOL_ERROR)
        self.peer.exchange()
        assert collector.reason is not None
        self.assertTrue(collector.reason.check(ResponseFailed))
        self.assertTrue(self.connection.usable)

    def test_refused(self) -> None:
        """What the server has not looked at was not sent, for who may send it again."""
        asked = self.ask()
        self.peer.h2.reset_stream(self.number, REFUSED_STREAM)
        self.peer.exchange()
        self.failureResultOf(asked, RequestNotSent)

    def test_cancel(self) -> None:
        """Cancelling resets the stream, and nothing else."""
        other, asked = self.ask(), self.ask()
        asked.cancel()
        failure = self.failureResultOf(asked, ResponseNeverReceived)
        reason: Any = failure.value
        self.assertTrue(reason.reasons[0].check(CancelledError))
        self.peer.exchange()
        self.assertEqual(self.received.reset, CANCEL)
        self.reply(b"", 1)
        self.assertEqual(self.successResultOf(other).code, 200)

    def test_lost(self) -> None:
        """When the connection is lost, all fail, and who asked is told."""
        lost: list[Any] = []
        self.connection.lost = lost.append
        waiting = self.connection.whenLost()
        asked, begun = self.ask(), self.ask()
        self.reply(None)
        collector = Collector()
        self.successResultOf(begun).deliverBody(collector)
        self.connection.connectionLost(Failure(ConnectionDone()))
        self.failureResultOf(asked, ResponseNeverReceived)
        assert collector.reason is not None
        self.assertTrue(collector.reason.check(ResponseFailed))
        self.assertEqual(lost, [self.connection])
        self.successResultOf(waiting)
        self.successResultOf(self.connection.whenLost())
        self.assertFalse(self.connection.usable)
        self.failureResultOf(self.request(), RequestNotSent)

    def test_loseConnection(self) -> None:
        """Closing says goodbye."""
        self.connection.loseConnection()
        self.assertTrue(self.transport.disconnecting)
        self.peer.exchange()
        self.assertEqual(self.peer.gone.error_code, NO_ERROR)
        self.clock.advance(20)
        self.assertTrue(self.transport.aborting)

    def test_abort(self) -> None:
        """Aborting does not."""
        asked = self.ask()
        self.connection.abort()
        self.assertTrue(self.transport.aborting)
        self.failureResultOf(asked, ResponseNeverReceived)

    def test_goaway(self) -> None:
        """What the server will not look at can be sent elsewhere; the rest is answered."""
        first, second = self.ask(), self.ask()
        self.connection.dataReceived(
            bytes.fromhex("000008070000000000") + (1).to_bytes(4, "big") + bytes(4)
        )
        self.failureResultOf(second, RequestNotSent)
        self.assertFalse(self.connection.usable)
        self.assertFalse(self.transport.disconnecting)
        self.reply(b"last", 1)
        self.assertEqual(self.successResultOf(readBody(self.successResultOf(first))), b"last")
        self.assertTrue(self.transport.disconnecting)

    def test_flood(self) -> None:
        """A server that floods is left."""
        limits = replace(CLIENT_LIMITS, http2=replace(CLIENT_LIMITS.http2, controlFrames=20))
        self.connect(limits=limits)
        asked = self.ask()
        self.connection.dataReceived(bytes.fromhex("000008060000000000") + bytes(8) + b"")
        for _ in range(80):
            self.peer.h2.ping(bytes(8))
        self.peer.give(self.peer.h2.data_to_send())
        self.assertTrue(self.transport.disconnecting)
        self.failureResultOf(asked, ResponseFailed)

    def test_promise(self) -> None:
        """A server does not push."""
        asked = self.ask()
        self.connection.dataReceived(bytes.fromhex("000005050400000001") + b"\0\0\0\2\x82")
        self.assertTrue(self.transport.disconnecting)
        self.failureResultOf(asked, ResponseFailed)


class BodyTests(ClientTestCase):
    """Bodies of both."""

    def test_upload(self) -> None:
        """A body of a known length, and one that is not known, larger than the windows."""
        data = os.urandom(500_000)
        for length in (len(data), UNKNOWN_LENGTH):
            body = Body(length)
            asked = self.ask(b"POST", body)
            for at in range(0, len(data), 50_000):
                body.consumer.write(data[at : at + 50_000])
                self.peer.exchange()
            body.finished.callback(None)
            self.peer.exchange()
            self.assertEqual(self.received.body, data)
            self.assertTrue(self.received.ended)
            said = self.received.headers.get(b"content-length")
            self.assertEqual(said, b"500000" if length == len(data) else None)
            self.reply()
            self.successResultOf(asked)

    def test_file(self) -> None:
        """A file is read as it is taken."""
        cooperator = Cooperator(scheduler=lambda call: self.clock.callLater(0.1, call))
        file = BytesIO(b"x" * 300_000)
        asked = self.ask(b"PUT", FileBodyProducer(file, cooperator))
        for _ in range(30):
            self.clock.advance(0.1)
            self.peer.exchange()
        self.assertEqual(len(self.received.body), 300_000)
        self.reply()
        self.successResultOf(asked)

    def test_slowServer(self) -> None:
        """The producer is paused when enough is queued, and goes on when it was taken."""
        self.peer.takes = False
        body = Body()
        self.ask(b"POST", body)
        written = 0
        while not body.paused:
            body.consumer.write(b"x" * 10_000)
            written += 10_000
            self.assertLess(written, 300_000)
        self.peer.exchange()
        self.assertTrue(body.paused)
        self.peer.h2.increment_flow_control_window(1_000_000)
        self.peer.h2.increment_flow_control_window(1_000_000, self.number)
        self.peer.exchange()
        self.assertFalse(body.paused)
        self.assertEqual(len(self.received.body), written)

    def test_wrongUpload(self) -> None:
        """A body that is not as long as it says fails, and its stream is reset."""
        for data in (b"1234", b"123456"):
            body = Body(5)
            asked = self.ask(b"POST", body)
            body.consumer.write(data)
            body.finished.callback(None)
            failure = self.failureResultOf(asked, RequestGenerationFailed)
            reason: Any = failure.value
            self.assertTrue(reason.reasons[0].check(WrongBodyLength))
            self.peer.exchange()
            self.assertEqual(self.received.reset, CANCEL)

    def test_failedUpload(self) -> None:
        """So does one whose producer fails."""
        body = Body()
        asked = self.ask(b"POST", body)
        body.finished.errback(Failure(ValueError("no more")))
        self.failureResultOf(asked, RequestGenerationFailed)

    def test_lostUpload(self) -> None:
        """When the connection is lost while the body is sent, the producer is stopped."""
        body = Body()
        asked = self.ask(b"POST", body)
        self.connection.connectionLost(Failure(ConnectionDone()))
        self.failureResultOf(asked, RequestTransmissionFailed)
        self.assertTrue(body.stopped)

    def test_answeredEarly(self) -> None:
        """A response that is complete before the request ends it."""
        body = Body()
        asked = self.ask(b"POST", body)
        self.reply(b"enough")
        self.assertEqual(self.successResultOf(readBody(self.successResultOf(asked))), b"enough")
        self.assertTrue(body.stopped)
        self.peer.exchange()
        self.assertEqual(self.received.reset, NO_ERROR)

    def test_emptyPost(self) -> None:
        """POST without a body says so."""
        self.ask(b"POST")
        self.assertEqual(self.received.headers[b"content-length"], b"0")

    def test_download(self) -> None:
        """A body larger than the windows."""
        asked = self.ask()
        data = os.urandom(3_000_000)
        self.reply(None)
        collector = Collector()
        self.successResultOf(asked).deliverBody(collector)
        self.feed(data, self.number)
        self.peer.h2.end_stream(self.number)
        self.peer.exchange()
        self.assertEqual(collector.body, data)
        assert collector.reason is not None
        self.assertTrue(collector.reason.check(ResponseDone))

    def feed(self, data: bytes, number: int) -> int:
        """Send as much as the client lets us; how much that was."""
        sent = 0
        while room := min(self.peer.h2.local_flow_control_window(number), 16384, len(data) - sent):
            self.peer.h2.send_data(number, data[sent : sent + room])
            sent += room
            self.peer.exchange()
        return sent

    def test_unread(self) -> None:
        """A body that the program does not ask for fills its window; others go on."""
        asked = self.ask()
        first = self.number
        self.reply(None)
        response = self.successResultOf(asked)
        data = os.urandom(1_000_000)
        sent = self.feed(data, first)
        self.assertEqual(sent, CLIENT_LIMITS.http2.streamWindow)
        other = self.ask()
        self.reply(b"other")
        self.assertEqual(self.successResultOf(readBody(self.successResultOf(other))), b"other")
        collector = Collector()
        response.deliverBody(collector)
        self.assertEqual(collector.body, data[:sent])
        self.peer.exchange()
        self.assertEqual(self.feed(data[sent:], first), 1_000_000 - sent)
        self.assertEqual(collector.body, data)

    def test_manyUnread(self) -> None:
        """As many as there may be do not use up the window of the connection."""
        numbers = []
        for _ in range(100):
            asked = self.ask()
            numbers.append(self.number)
            self.reply(None)
            self.successResultOf(asked)
        data = bytes(300_000)
        self.assertEqual(
            {self.feed(data, number) for number in numbers}, {CLIENT_LIMITS.http2.streamWindow}
        )
        self.assertFalse(self.connection.usable)

    def test_pause(self) -> None:
        """A protocol that pauses gets nothing until it goes on."""
        asked = self.ask()
        self.reply(None)
        collector = Collector()
        self.successResultOf(asked).deliverBody(collector)
        transport: Any = collector.transport
        transport.pauseProducing()
        self.peer.h2.send_data(self.number, b"later", end_stream=True)
        self.peer.exchange()
        self.assertEqual((collector.body, collector.reason), (b"", None))
        transport.resumeProducing()
        self.assertEqual(collector.body, b"later")
        self.assertIsNot(collector.reason, None)

    def test_stop(self) -> None:
        """A protocol that wants no more has its stream reset."""
        asked = self.ask()
        self.reply(None)
        collector = Collector()
        self.successResultOf(asked).deliverBody(collector)
        transport: Any = collector.transport
        transport.abortConnection()
        self.peer.exchange()
        self.assertEqual(self.received.reset, CANCEL)
        self.assertTrue(self.connection.usable)

    def test_wholeThenLost(self) -> None:
        """A response that was there whole is not lost with the connection."""
        asked = self.ask()
        self.reply(None)
        response = self.successResultOf(asked)
        self.peer.h2.send_data(self.number, b"all", end_stream=True)
        self.peer.exchange()
        self.connection.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.successResultOf(readBody(response)), b"all")

    def test_trailers(self) -> None:
        """Headers that follow a body do not disturb it."""
        asked = self.ask()
        self.peer.h2.send_headers(self.number, [(b":status", b"200")])
        self.peer.h2.send_data(self.number, b"body")
        self.peer.h2.send_headers(self.number, [(b"x-sum", b"4")], end_stream=True)
        self.peer.exchange()
        self.assertEqual(self.successResultOf(readBody(self.successResultOf(asked))), b"body")


class Instant(Body):
    """A body that is written at once."""

    def startProducing(self, consumer: Any) -> Deferred[None]:
        """Write it."""
        consumer.write(b"12345")
        return succeed(None)


class InstantTests(ClientTestCase):
    """Bodies in one go."""

    def test_upload(self) -> None:
        """A body that is there at once goes with the headers."""
        self.ask(b"POST", Instant(5))
        self.assertEqual((self.received.body, self.received.ended), (b"12345", True))
