"""What programs do with requests and channels: override, put in the place of, and mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from twisted.web import http, resource, server
from twisted.web._h1 import LocalError
from twisted.web._limits import DEFAULT_LIMITS
from twisted.web.test._serving import ServedTestCase, reactor
from twisted.web.test.test_server import GET, Page, SiteTestCase
from twisted.web.test.test_server_connection import POST, Upload


class ChannelTestCase(SiteTestCase):
    """Tests with channels of several kinds."""

    def speak(self, protocol: type[http.HTTPChannel]) -> None:
        """Connect with another kind of channel."""
        self.transport = StringTransport(lenient=True)
        self.site.protocol = protocol
        self.channel = self.site.buildProtocol(None)
        self.channel.makeConnection(self.transport)


class OverridingTests(ChannelTestCase):
    """Programs see what they override, and no fast way goes around it."""

    def test_request(self) -> None:
        """`write` and `finish`, in a subclass, in the class, and in one request."""
        seen: list[str] = []

        class Seeing(server.Request):
            def write(self, data: bytes) -> None:
                seen.append("write")
                super().write(data.upper())

            def finish(self) -> None:
                seen.append("finish")
                super().finish()

        def own(request: Any) -> bytes:
            request.write = lambda data: type(request).write(request, data.upper())
            return b"own"

        self.connect(requestFactory=Seeing)
        for _ in range(2):
            self.assertTrue(self.get(b"/").endswith(b"\r\n\r\nROOT"))
        self.assertEqual(seen, ["write", "finish"] * 2)
        self.connect()
        self.assertTrue(self.ask(own).endswith(b"\r\n\r\nOWN"))
        finish = http.Request.finish

        def finishSeen(request: Any) -> None:
            seen.append("all")
            finish(request)

        self.patch(http.Request, "finish", finishSeen)
        self.assertTrue(self.get(b"/").endswith(b"root"))
        self.assertEqual(seen[-1], "all")

    def test_queued(self) -> None:
        """Factories of requests of former times are told whether the request has to wait."""

        class Request(server.Request):
            def __init__(self, channel: Any, queued: bool) -> None:
                server.Request.__init__(self, channel, queued)

        def build(channel: Any, queued: bool) -> Any:
            return Request(channel, queued)

        for factory in (Request, build, lambda channel: Request(channel, False), server.Request):
            self.connect(requestFactory=factory)
            self.assertTrue(self.get(b"/").endswith(b"root"), factory)

    def test_buffers(self) -> None:
        """What is written may change afterwards."""

        def answer(request: Any) -> int:
            buffer = bytearray(b"abc")
            request.write(buffer)
            buffer[0] = 0x78
            request.write(memoryview(buffer)[:2])
            request.finish()
            return server.NOT_DONE_YET

        self.assertTrue(self.ask(answer).endswith(b"\r\n3\r\nabc\r\n2\r\nxb\r\n0\r\n\r\n"))

    def test_channel(self) -> None:
        """The steps of a channel, for each request, with a body or without."""
        seen: list[str] = []
        steps = "allHeadersReceived checkPersistence allContentReceived writeHeaders write"

        class Seeing(http.HTTPChannel):
            pass

        def see(name: str) -> Any:
            step = getattr(http.HTTPChannel, name)

            def seen_(*args: Any) -> Any:
                seen.append(name)
                return step(*args)

            return seen_

        for name in [*steps.split(), "requestDone"]:
            setattr(Seeing, name, see(name))
        Seeing.__init_subclass__()

        class Channel(Seeing):
            pass

        self.speak(Channel)
        for request in (GET % (b"/", b""), POST % (b"/", 3, b"") + b"abc"):
            for _ in range(2):
                seen.clear()
                self.assertTrue(self.send(request).endswith(b"root"))
                self.assertEqual(sorted(seen), sorted([*steps.split(), "requestDone"]))

    def test_persistence(self) -> None:
        """A channel may want no second request."""

        class Once(http.HTTPChannel):
            def checkPersistence(self, request: Any, version: bytes) -> bool:
                return False

        self.speak(Once)
        self.assertClosing(b"200", self.get(b"/"))

    def test_body(self) -> None:
        """Where the body of a request is kept."""
        kept: list[int | None] = []

        class Keeping(server.Request):
            def gotLength(self, length: int | None) -> None:
                kept.append(length)

        self.connect(requestFactory=Keeping)
        self.root.putChild(b"asked", Page(lambda request: request.content.read()))
        self.assertTrue(self.send(POST % (b"/asked", 3, b"") + b"abc").endswith(b"abc"))
        self.assertEqual(kept, [3])

    def test_log(self) -> None:
        """A log that fails, as on a full disk, costs nobody the response."""

        def full(request: Any) -> None:
            raise OSError("full")

        self.patch(self.site, "log", full)
        for answer in (lambda request: b"whole", lambda request: request.write(b"a") or b"whole"):
            self.assertIn(b"whole", self.ask(answer))
            self.assertIn(b"root", self.get(b"/"))
            self.assertEqual(len(self.flushLoggedErrors(OSError)), 2)


class MistakeTests(SiteTestCase):
    """Resources that are wrong."""

    def test_length(self) -> None:
        """The body that is returned counts, whatever length was said before."""

        def answer(request: Any) -> bytes:
            request.setHeader(b"content-length", b"10")
            return b"" if request.method == b"HEAD" else b"abc"

        self.assertIn(b"Content-Length: 3\r\n\r\nabc", self.ask(answer))
        head = self.send(b"HEAD /asked HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertIn(b"Content-Length: 10\r\n", head)
        self.assertIn(b"root", self.get(b"/"))

    def test_missing(self) -> None:
        """After a response that ends before its length the connection does too: no rest comes."""

        def answer(request: Any) -> int:
            request.setHeader(b"content-length", b"10")
            request.write(b"abc")
            request.finish()
            return server.NOT_DONE_YET

        self.assertTrue(self.ask(answer).endswith(b"\r\n\r\nabc"))
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(len(self.flushLoggedErrors(LocalError)), 1)

    def test_ownResponse(self) -> None:
        """One that a program writes by itself is sent as it is, and the connection ends."""

        def answer(request: Any) -> int:
            request.startedWriting = 1
            request.channel.transport.write(b"HTTP/1.1 200 Mine\r\n\r\nall")
            request.finish()
            self.requests.append(request)
            return server.NOT_DONE_YET

        self.assertEqual(self.ask(answer), b"HTTP/1.1 200 Mine\r\n\r\nall")
        self.assertTrue(self.transport.disconnecting)
        self.lose()
        self.assertEqual(self.requests[0].getClientIP(), "192.168.1.1")

    def test_badHeaders(self) -> None:
        """What cannot be sent is an error page, if nothing was sent before."""

        def header(request: Any) -> int:
            request.responseHeaders._rawHeaders[b"x"] = [b"a\r\nb: c"]
            request.write(b"abc")
            return server.NOT_DONE_YET

        def tag(request: Any) -> bytes:
            request.setETag(b'"a\r\nb"')
            return b"abc"

        for answer in (header, tag):
            sent = self.ask(answer)
            self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
            self.assertNotIn(b"abc", sent)
            self.assertEqual(len(self.flushLoggedErrors(LocalError)), 1)
            self.assertIn(b"root", self.get(b"/"))

    def test_oldTag(self) -> None:
        """An error page is no version of what could not be made."""

        def fail(request: Any) -> Any:
            request.setETag(b'"5"')
            request.setLastModified(1)
            raise ZeroDivisionError

        sent = self.ask(fail)
        self.assertNotIn(b"ETag", sent)
        self.assertNotIn(b"Last-Modified", sent)
        self.flushLoggedErrors(ZeroDivisionError)

    def test_producer(self) -> None:
        """A producer whose resource fails then is stopped, and the client told."""
        producer = Producer()

        def fail(request: Any) -> Any:
            request.registerProducer(producer, True)
            raise ZeroDivisionError

        sent = self.ask(fail)
        self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
        self.assertEqual(producer.stopped, 1)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertIn(b"root", self.get(b"/"))

    def test_emptyCompressed(self) -> None:
        """A length that was said of what is then compressed does not count."""

        def answer(request: Any) -> int:
            request.setHeader(b"content-length", b"0")
            request.finish()
            return server.NOT_DONE_YET

        encoders = [server.GzipEncoderFactory()]
        self.root.putChild(b"zip", resource.EncodingResourceWrapper(Page(answer), encoders))
        sent = self.get(b"/zip", b"Accept-Encoding: gzip\r\n")
        self.assertTrue(sent.endswith(b"\r\n0\r\n\r\n"), sent)


class Producer:
    """Writes nothing by itself."""

    stopped = 0

    def pauseProducing(self) -> None:
        """Nothing to pause."""

    def resumeProducing(self) -> None:
        """Nothing to go on with."""

    def stopProducing(self) -> None:
        """Count it."""
        self.stopped += 1


class AddressTests(SiteTestCase):
    """Programs ask who it was when the response is finished."""

    def test_finished(self) -> None:
        """The addresses stay."""
        self.send(GET % (b"/later", b"") * 2)
        [request] = self.requests
        request.finish()
        self.assertEqual(request.getClientIP(), "192.168.1.1")
        addresses = self.transport.getPeer(), self.transport.getHost()
        self.assertEqual((request.client, request.host), addresses)
        self.assertFalse(request.isSecure())
        gone: list[Any] = []
        self.requests[1].notifyFinish().addErrback(
            lambda reason: gone.append(self.requests[1].getClientIP())
        )
        self.lose()
        self.assertEqual(gone, ["192.168.1.1"])


class SlowClientTests(ChannelTestCase):
    """Clients that take long to read what was written."""

    def setUp(self) -> None:
        super().setUp()
        self.transport.dataBuffer = b""  # type: ignore[attr-defined]  # as real ones have it

    def test_producerAfterwards(self) -> None:
        """A producer is told that the client goes on, and the channel reads on after it."""
        self.send(GET % (b"/later", b"") + GET % (b"/", b""))
        [request] = self.requests
        request.write(b"much")
        self.channel.pauseProducing()
        producer = Producer()
        request.registerProducer(producer, True)
        self.assertIs(self.transport.producer, producer)
        request.unregisterProducer()
        request.finish()
        self.assertTrue(self.written().endswith(b"root"))
        self.assertEqual(self.transport.producerState, "producing")
        self.assertIn(b"root", self.get(b"/"))

    def test_notIdle(self) -> None:
        """A client that reads a long response is not idle, as long as it reads."""
        self.get(b"/")
        self.channel.pauseProducing()
        for left in range(5, 0, -1):
            self.transport.dataBuffer = b"a" * left  # type: ignore[attr-defined]  # see setUp
            self.clock.pump([20, 20, 20])
            self.assertFalse(self.transport.disconnecting, left)
        self.clock.pump([20, 20, 20])
        self.assertTrue(self.transport.disconnecting)

    def test_closing(self) -> None:
        """Nor is it broken off, as long as it reads, when the connection ends with that."""
        self.transport.dataBuffer = b"aaaaaa"  # type: ignore[attr-defined]  # see setUp
        self.get(b"/", b"Connection: close\r\n")
        self.assertTrue(self.transport.disconnecting)
        for left in range(5, 0, -1):
            self.transport.dataBuffer = b"a" * left  # type: ignore[attr-defined]  # see setUp
            self.clock.advance(15)
            self.assertFalse(self.transport.aborting, left)
        self.clock.advance(15)
        self.assertTrue(self.transport.aborting)

    def test_answeredEarly(self) -> None:
        """What a client still sends after the response is read, so that it sees the response."""
        upload = Upload()
        self.root.putChild(b"upload", upload)
        self.send(POST % (b"/upload", 10_000_000, b"") + b"a" * 200_000)
        self.assertEqual(self.transport.producerState, "paused")
        upload.requests[0].write(b"enough")
        upload.requests[0].finish()
        self.assertTrue(self.transport.writeDisconnecting)
        self.assertEqual(self.transport.producerState, "producing")

    def test_longHeaders(self) -> None:
        """Headers may be longer than what is read ahead of requests."""
        self.connect(limits=replace(DEFAULT_LIMITS, headerBytes=200_000))
        head = GET % (b"/", b"".join(b"X-%d: %b\r\n" % (i, b"a" * 1000) for i in range(100)))
        for at in range(0, len(head), 30_000):
            self.assertEqual(self.transport.producerState, "producing")
            self.channel.dataReceived(head[at : at + 30_000])
        self.assertTrue(self.written().endswith(b"root"))

    def test_headerLimits(self) -> None:
        """Those of the site count, or those of the channel if a program has set them."""

        class Channel(http.HTTPChannel):
            maxHeaders = 3

        head = GET % (b"/", b"A: b\r\n" * 3)
        self.connect(limits=replace(DEFAULT_LIMITS, headerCount=4))
        self.assertIn(b"root", self.send(head))
        self.connect(limits=replace(DEFAULT_LIMITS, headerCount=3))
        self.assertClosing(b"431", self.send(head))
        self.connect(limits=replace(DEFAULT_LIMITS, headerBytes=20))
        self.assertClosing(b"431", self.send(head))
        self.speak(Channel)
        self.assertClosing(b"431", self.send(head))

    def test_firstByte(self) -> None:
        """The time of a request that begins as HTTP/2 does is counted from its first byte."""
        self.clock.advance(1000)
        self.connect(limits=replace(DEFAULT_LIMITS, totalSeconds=30))
        for piece in (b"P", POST[1:] % (b"/", 1, b""), b"a"):
            self.channel.dataReceived(piece)
        self.assertTrue(self.written().endswith(b"root"))


class LossTests(ServedTestCase, TestCase):
    """Connections that are lost."""

    async def test_stoppedOnce(self) -> None:
        """A producer is told once that nobody reads."""
        producer, lost = Producer(), Deferred[None]()

        def answer(request: Any) -> int:
            request.registerProducer(producer, True)
            request.notifyFinish().addErrback(lambda reason: lost.callback(None))
            request.write(b"a")
            reactor.callLater(0, request.channel.forceAbortClient)
            return server.NOT_DONE_YET

        url = self.serve(Page(answer))
        with self.assertRaises(AssertionError):
            await self.curl(url)
        await lost
        self.assertEqual(producer.stopped, 1)

    def test_badProducer(self) -> None:
        """One that fails when it is told keeps nobody from being told."""
        ends: list[Any] = []

        class Bad(Producer):
            def stopProducing(self) -> None:
                raise ZeroDivisionError

        request = http.Request(http.HTTPChannel())
        request.producer = Bad()
        request.notifyFinish().addErrback(ends.append)
        reason = Failure(ConnectionDone())
        self.assertRaises(ZeroDivisionError, request.connectionLost, reason)
        self.assertEqual(ends, [reason])
