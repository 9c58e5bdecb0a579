"""What becomes of a connection: bodies as they arrive, other protocols, halves, and the end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings, strategies

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.web import http, resource, server
from twisted.web.http._stream import HIGH_WATER
from twisted.web.test.test_server import GET, Page, SiteTestCase

CHUNKED = b"POST %b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
POST = b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%b\r\n"


class Upload(resource.Resource):
    """Takes bodies as they arrive."""

    isLeaf = True
    streaming = True

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Any] = []

    def render_POST(self, request: Any) -> int:
        """Begin."""
        self.requests.append(request)
        return server.NOT_DONE_YET


class Consumer:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.producer: Any = None
        self.data = b""

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        assert streaming
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def write(self, data: bytes) -> None:
        self.data += data


class StreamingTests(SiteTestCase):
    """`Resource.streaming` and `BodyStream`."""

    def setUp(self) -> None:
        super().setUp()
        self.upload = Upload()
        self.root.putChild(b"upload", self.upload)

    def begin(self, length: int, headers: bytes = b"") -> Any:
        """Send the headers of an upload."""
        self.send(POST % (b"/upload", length, headers))
        [request] = self.upload.requests
        return request

    def read(self, request: Any) -> tuple[list[bytes], Deferred[None]]:
        """Read the body, piece by piece."""
        pieces: list[bytes] = []

        async def read() -> None:
            async for piece in request.content:
                pieces.append(piece)

        return pieces, Deferred.fromCoroutine(read())

    def test_arrives(self) -> None:
        """The resource is rendered before the body is there, and reads it as it comes."""
        request = self.begin(6)
        pieces, done = self.read(request)
        self.assertEqual((request.method, request.path), (b"POST", b"/upload"))
        self.assertEqual(request.content.length, 6)
        self.send(b"abc")
        self.assertEqual(pieces, [b"abc"])
        self.send(b"def")
        self.assertEqual(pieces, [b"abc", b"def"])
        self.successResultOf(done)
        request.write(b"ok")
        request.finish()
        self.assertTrue(self.written().endswith(b"ok\r\n0\r\n\r\n"))
        self.assertTrue(self.get(b"/").endswith(b"root"))

    def test_wholeBodies(self) -> None:
        """Those that come together with the headers, the first and the next, are no exception."""
        for body in (b"abc", b"def"):
            self.send(POST % (b"/upload", 3, b"") + body)
            request = self.upload.requests.pop()
            self.assertEqual(
                self.successResultOf(Deferred.fromCoroutine(request.content.read())), body
            )
            request.finish()

    def test_empty(self) -> None:
        """A request without a body has an empty one."""
        for data in (POST % (b"/upload", 0, b""), b"POST /upload HTTP/1.1\r\nHost: a\r\n\r\n"):
            self.send(data)
            request = self.upload.requests.pop()
            pieces, done = self.read(request)
            self.successResultOf(done)
            self.assertEqual((pieces, request.content.length), ([], 0))
            consumer = Consumer()
            self.successResultOf(request.content.deliverTo(consumer))
            request.finish()

    def test_chunked(self) -> None:
        self.send(CHUNKED % b"/upload" + b"3\r\nabc\r\n")
        [request] = self.upload.requests
        self.assertIsNone(request.content.length)
        read = Deferred.fromCoroutine(request.content.read())
        self.assertNoResult(read)
        self.send(b"3\r\ndef\r\n0\r\n\r\n")
        self.assertEqual(self.successResultOf(read), b"abcdef")

    def test_slowResource(self) -> None:
        """A resource that does not read has the client wait; nothing piles up."""
        request = self.begin(10 * HIGH_WATER)
        sent = 0
        while self.transport.producerState == "producing":
            self.send(bytes(8192))
            sent += 8192
        self.assertLessEqual(sent, HIGH_WATER + 8192)
        pieces, done = self.read(request)
        self.assertEqual(self.transport.producerState, "producing")
        self.assertEqual(sum(map(len, pieces)), sent)
        self.send(bytes(10 * HIGH_WATER - sent))
        self.successResultOf(done)

    def test_waitingResourceIsNotALateClient(self) -> None:
        """The time does not run for a client that may not send."""
        request = self.begin(10 * HIGH_WATER)
        while self.transport.producerState == "producing":
            self.send(bytes(8192))
        self.clock.pump([30] * 10)
        self.assertFalse(self.transport.disconnecting)
        _, done = self.read(request)
        self.clock.pump([30] * 10)
        self.assertIn(b"HTTP/1.1 408 ", self.written())
        self.assertIn("in time", str(self.failureResultOf(done).value))

    def test_continue(self) -> None:
        """A client that asks whether it may send is told so when the body is wanted."""
        request = self.begin(3, b"Expect: 100-continue\r\n")
        self.assertEqual(self.written(), b"")
        self.read(request)
        self.assertEqual(self.written(), b"HTTP/1.1 100 Continue\r\n\r\n")

    def test_refused(self) -> None:
        """A body that is not wanted is not asked for, and the connection ends."""
        request = self.begin(3, b"Expect: 100-continue\r\n")
        request.setResponseCode(http.FORBIDDEN)
        request.finish()
        self.assertClosing(b"403", self.written())

    def test_finishedEarly(self) -> None:
        """Who reads a body after the response is told that there is no more."""
        request = self.begin(6)
        _, done = self.read(request)
        request.finish()
        self.failureResultOf(done, RuntimeError)

    def test_lost(self) -> None:
        """The client goes away in the middle."""
        request = self.begin(6)
        pieces, done = self.read(request)
        self.send(b"abc")
        self.lose()
        self.failureResultOf(done, ConnectionDone)
        self.assertEqual(pieces, [b"abc"])

    def test_deliverTo(self) -> None:
        """A consumer gets it, and can have it wait."""
        request = self.begin(9)
        consumer = Consumer()
        done = request.content.deliverTo(consumer)
        self.assertRaises(RuntimeError, request.content.deliverTo, consumer)
        self.send(b"abc")
        consumer.producer.pauseProducing()
        self.send(b"def")
        self.assertEqual(consumer.data, b"abc")
        consumer.producer.resumeProducing()
        self.assertEqual(consumer.data, b"abcdef")
        self.assertNoResult(done)
        self.send(b"ghi")
        self.successResultOf(done)
        self.assertEqual((consumer.data, consumer.producer), (b"abcdefghi", None))

    def test_deliveryFails(self) -> None:
        request = self.begin(9)
        consumer = Consumer()
        done = request.content.deliverTo(consumer)
        self.lose()
        self.failureResultOf(done, ConnectionDone)
        self.assertIsNone(consumer.producer)

    def test_consumerStops(self) -> None:
        """What follows is dropped."""
        request = self.begin(9)
        consumer = Consumer()
        done = request.content.deliverTo(consumer)
        consumer.producer.stopProducing()
        self.failureResultOf(done, RuntimeError)
        self.send(b"abcdefghi")
        self.assertEqual(consumer.data, b"")

    def test_belowOthers(self) -> None:
        """Children count that were put there; `getChild` is not asked before the body is there."""

        class Dynamic(resource.Resource):
            def getChild(self, path: bytes, request: Any) -> Any:
                self.seen = request.content.read()
                return upload

        upload = self.upload
        above, dynamic = resource.Resource(), Dynamic()
        self.root.putChild(b"a b", above)
        above.putChild(b"upload", upload)
        self.root.putChild(b"dynamic", dynamic)
        self.send(POST % (b"/a%20b/upload/x?y", 3, b""))
        self.assertEqual(len(upload.requests), 1)
        self.connect()
        self.send(POST % (b"/dynamic/upload", 3, b""))
        self.assertEqual(len(upload.requests), 1)
        self.send(b"abc")
        self.assertEqual((len(upload.requests), dynamic.seen), (2, b"abc"))


class Greeter(Protocol):
    """Another protocol."""

    def __init__(self) -> None:
        self.received = b""
        self.lost: Failure | None = None

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(b"hello")

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008
        self.lost = reason


UPGRADE = b"Connection: Upgrade\r\nUpgrade: greeting\r\n"


class SwitchingTests(SiteTestCase):
    """`HTTPChannel.switchProtocols`."""

    def setUp(self) -> None:
        super().setUp()
        self.greeter = Greeter()

    def switch(self, request: Any) -> int:
        fields = [(b"Upgrade", b"greeting")]
        request.channel.switchProtocols(request, self.greeter, fields)
        return server.NOT_DONE_YET

    def test_switches(self) -> None:
        """The client is told, and what it has sent, sends, and why it ends is the other's."""
        self.root.putChild(b"switch", Page(self.switch))
        sent = self.send(GET % (b"/switch", UPGRADE) + b"early")
        self.assertEqual(
            sent,
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: greeting\r\n"
            b"Connection: Upgrade\r\n\r\nhello",
        )
        self.send(b"late")
        self.assertEqual(self.greeter.received, b"earlylate")
        self.clock.pump([60] * 5)
        self.assertFalse(self.transport.disconnecting)
        self.lose()
        assert self.greeter.lost is not None
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_notAsked(self) -> None:
        """A client that has not asked for another protocol would not understand it."""
        self.ask(self.switch)
        [error] = self.flushLoggedErrors(ValueError)
        self.assertIn("does not ask", str(error.value))
        self.assertIn(b"HTTP/1.1 500 ", self.written())

    def test_badHeader(self) -> None:
        def switch(request: Any) -> int:
            request.channel.switchProtocols(request, self.greeter, [(b"a", b"b\r\nc: d")])
            return server.NOT_DONE_YET

        sent = self.ask(switch, UPGRADE)
        self.flushLoggedErrors()
        self.assertIn(b"HTTP/1.1 500 ", sent)
        self.assertNotIn(b"c: d", sent)

    def test_ignored(self) -> None:
        """An upgrade that nobody makes is a request like others."""
        self.assertTrue(self.get(b"/", UPGRADE).endswith(b"root"))
        self.assertTrue(self.get(b"/", b"").endswith(b"root"))


class HalfCloseTests(SiteTestCase):
    """Clients that send no more, and may still read."""

    def test_answered(self) -> None:
        """What was written is sent, and the connection ends."""
        self.get(b"/")
        self.channel.readConnectionLost()
        self.assertTrue(self.transport.disconnecting)

    def test_notBegun(self) -> None:
        """Most that close have left: nothing is made for them."""
        self.get(b"/later")
        self.channel.readConnectionLost()
        self.assertTrue(self.transport.disconnecting)

    def test_beingSent(self) -> None:
        """What is being sent is sent to its end."""

        class Producer:
            def resumeProducing(self) -> None:
                """Nothing yet."""

            def stopProducing(self) -> None:
                """The end."""

        self.get(b"/later")
        [request] = self.requests
        request.write(b"some")
        request.registerProducer(Producer(), False)
        self.channel.readConnectionLost()
        self.assertFalse(self.transport.disconnecting)
        request.unregisterProducer()
        request.finish()
        self.assertTrue(self.transport.disconnecting)


class DrainingTests(SiteTestCase):
    """A reactor that shuts down."""

    def setUp(self) -> None:
        super().setUp()
        self.reactor = MemoryReactorClock()
        self.site = server.Site(self.root, reactor=self.reactor)
        self.channels: list[tuple[Any, StringTransport]] = []

    def open(self, path: bytes) -> tuple[Any, StringTransport]:
        """A connection with a request."""
        transport = StringTransport(lenient=True)
        channel = self.site.buildProtocol(None)
        assert channel is not None
        channel.makeConnection(transport)
        channel.dataReceived(GET % (path, b""))
        return channel, transport

    def shutDown(self) -> Deferred[None]:
        """What the reactor does."""
        [(call, args, kwargs)] = self.reactor.triggers["before"]["shutdown"]
        done: Deferred[None] = call(*args, **kwargs)
        return done

    def end(self, *channels: Any) -> None:
        for channel in channels:
            channel.connectionLost(Failure(ConnectionDone()))

    def test_grace(self) -> None:
        """Idle connections end at once, others after their response; then the reactor stops."""
        idle, idleTransport = self.open(b"/")
        busy, busyTransport = self.open(b"/later")
        done = self.shutDown()
        self.assertTrue(idleTransport.disconnecting)
        self.assertFalse(busyTransport.disconnecting)
        self.end(idle)
        self.assertNoResult(done)
        self.requests[0].write(b"late")
        self.requests[0].finish()
        self.assertTrue(busyTransport.disconnecting)
        self.end(busy)
        self.successResultOf(done)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_patienceEnds(self) -> None:
        """A hundred responses that do not end are broken off."""
        opened = [self.open(b"/later") for _ in range(100)]
        done = self.shutDown()
        self.reactor.advance(self.site.limits.graceSeconds - 1)
        self.assertFalse(any(transport.aborting for _, transport in opened))
        self.reactor.advance(1)
        self.assertTrue(all(transport.aborting for _, transport in opened))
        self.end(*(channel for channel, _ in opened))
        self.successResultOf(done)

    def test_forgotten(self) -> None:
        """Nothing is left of a site that has no connections."""
        first, _ = self.open(b"/")
        second, _ = self.open(b"/")
        self.end(first)
        self.assertEqual(len(self.reactor.triggers["before"]["shutdown"]), 1)
        self.end(second)
        self.assertEqual(self.reactor.triggers["before"]["shutdown"], [])


PIECES = strategies.lists(
    strategies.sampled_from(
        [
            GET % (b"/", b""),
            GET % (b"/path/x", b""),
            GET % (b"/path/y", b"Accept: */*\r\n"),
            POST % (b"/args", 3, b"Content-Type: application/x-www-form-urlencoded\r\n") + b"a=b",
            POST % (b"/args", 3, b"Content-Type: application/x-www-form-urlencoded\r\n") + b"c=d",
            b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
            CHUNKED % b"/args" + b"1\r\na\r\n0\r\n\r\n",
        ]
    ),
    max_size=8,
)


class WholeTests(SiteTestCase):
    """Requests that come in one piece go another way than those in several: the same comes back."""

    @settings(deadline=None, max_examples=150)
    @given(PIECES, strategies.lists(strategies.integers(0, 800), max_size=5))
    def test_anySplit(self, requests: list[bytes], cuts: list[int]) -> None:
        data = b"".join(requests)
        answers = []
        ends = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
        splits = [
            requests,
            [data],
            [data[i : i + 1] for i in range(len(data))],
            [data[a:b] for a, b in pairwise(ends)],
        ]
        for pieces in splits:
            self.connect()
            self.transport.clear()
            for piece in pieces:
                if piece:
                    self.channel.dataReceived(piece)
            answers.append(self.written())
            self.lose()
        for answer in answers[1:]:
            self.assertEqual(answer, answers[0])

    def test_limitsHoldForTheNext(self) -> None:
        """A request like the one before, but longer than is allowed, is refused."""
        self.connect(limits=http.Limits(lineBytes=40))
        self.assertTrue(self.get(b"/").endswith(b"root"))
        self.assertClosing(b"414", self.get(b"/path/" + b"x" * 40))
