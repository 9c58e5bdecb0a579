"""Requests as bytes on a connection, and the responses to them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import http, resource, server
from twisted.web._limits import DEFAULT_LIMITS
from twisted.web.iweb import IRequest

GET = b"GET %b HTTP/1.1\r\nHost: a\r\n%b\r\n"


class Page(resource.Resource):
    """Answers with what a function makes of the request."""

    isLeaf = True

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        super().__init__()
        self.answer = answer

    def render_GET(self, request: Any) -> Any:
        """Answer."""
        return self.answer(request)

    render_POST = render_GET


class SiteTestCase(SynchronousTestCase):
    """Tests with a site, and one connection to it."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.root = resource.Resource()
        self.requests: list[Any] = []
        self.root.putChild(b"", Page(lambda request: b"root"))
        self.root.putChild(b"later", Page(self.later))
        self.root.putChild(b"path", Page(lambda request: b"/".join(request.postpath)))
        self.root.putChild(
            b"args", Page(lambda request: repr(sorted(request.args.items())).encode())
        )
        self.connect()

    def later(self, request: Any) -> int:
        """Keep the request, and answer it later."""
        self.requests.append(request)
        return server.NOT_DONE_YET

    def connect(self, **options: Any) -> None:
        """Begin a new connection, to a new site."""
        self.site = server.Site(self.root, reactor=self.clock, **options)
        self.transport = StringTransport(lenient=True)
        self.channel = self.site.buildProtocol(None)
        self.channel.makeConnection(self.transport)

    def lose(self) -> None:
        """The client goes away."""
        self.channel.connectionLost(Failure(ConnectionDone()))

    def send(self, data: bytes) -> bytes:
        """What comes back for `data`, but for the date."""
        self.transport.clear()
        self.channel.dataReceived(data)
        return self.written()

    def written(self) -> bytes:
        """What was written since then."""
        return re.sub(rb"Date: .*\r\n", b"", self.transport.value())

    def get(self, path: bytes, headers: bytes = b"") -> bytes:
        """What comes back for a GET."""
        return self.send(GET % (path, headers))

    def ask(self, answer: Callable[[Any], Any], headers: bytes = b"") -> bytes:
        """What comes back if that is what a resource answers."""
        self.root.putChild(b"asked", Page(answer))
        return self.get(b"/asked", headers)

    def assertClosing(self, status: bytes, sent: bytes) -> None:
        """A response that ends the connection, as the client sees."""
        self.assertTrue(sent.startswith(b"HTTP/1.1 " + status + b" "), sent)
        self.assertIn(b"\r\nConnection: close\r\n", sent)
        self.assertTrue(self.transport.writeDisconnecting or self.transport.disconnecting)
        self.assertEqual(self.send(GET % (b"/", b"")), b"", "a request was read after an error")


class ResponseTests(SiteTestCase):
    """What a resource answers, and how it is sent."""

    def test_bytes(self) -> None:
        """A body that is known has its length, a date and a type."""
        self.transport.clear()
        self.channel.dataReceived(GET % (b"/", b""))
        self.assertRegex(
            self.transport.value(), rb"\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]+ GMT\r\n"
        )
        self.assertEqual(
            self.written(),
            b"HTTP/1.1 200 OK\r\nServer: Torsion\r\nContent-Type: text/html\r\n"
            b"Content-Length: 4\r\n\r\nroot",
        )

    def test_head(self) -> None:
        """HEAD has the headers of GET."""
        sent = self.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertIn(b"Content-Length: 4\r\n", sent)
        self.assertTrue(sent.endswith(b"\r\n\r\n"))

    def test_chunks(self) -> None:
        """A body that is not known ends with its last chunk, or with the connection."""
        self.get(b"/later")
        [request] = self.requests
        request.write(b"ab")
        request.write(b"c")
        request.finish()
        self.assertTrue(self.written().endswith(b"chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"))
        self.send(b"GET /later HTTP/1.0\r\n\r\n")
        self.requests[1].write(b"ab")
        self.requests[1].finish()
        self.assertTrue(self.written().endswith(b"Connection: close\r\n\r\nab"))
        self.assertTrue(self.transport.disconnecting)

    def test_asynchronous(self) -> None:
        """A resource can answer with a Deferred or a coroutine, and be found by one."""
        waiting: Deferred[bytes] = Deferred()

        async def answer(request: Any) -> bytes:
            return await waiting

        self.assertEqual(self.ask(answer), b"")
        waiting.callback(b"now")
        self.assertTrue(self.written().endswith(b"\r\n\r\nnow"))
        found: Deferred[Any] = Deferred()
        self.root.getChild = lambda path, request: found  # type: ignore[method-assign]  # as a subclass does
        self.assertEqual(self.get(b"/other/x"), b"")
        found.callback(Page(lambda request: b"/".join(request.prepath)))
        self.assertTrue(self.written().endswith(b"\r\n\r\nother"))

    def test_lostWhileWaiting(self) -> None:
        """What nobody waits for is cancelled."""
        cancelled: list[Any] = []
        waiting: Deferred[bytes] = Deferred(cancelled.append)
        self.ask(lambda request: waiting)
        self.lose()
        self.assertEqual(cancelled, [waiting])

    def test_mistakes(self) -> None:
        """A resource that raises, or answers with what is no body, is a 500, and logged."""

        def fail(request: Any) -> Any:
            raise ZeroDivisionError("<secret>")

        for answer, error in (
            (fail, ZeroDivisionError),
            (lambda request: None, TypeError),
            (lambda request: "text", TypeError),
        ):
            sent = self.ask(answer)
            self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
            self.assertNotIn(b"secret", sent)
            self.assertEqual(len(self.flushLoggedErrors(error)), 1)

    def test_traceback(self) -> None:
        """While developing, the client sees why, escaped."""

        def fail(request: Any) -> Any:
            raise ZeroDivisionError("<secret>")

        self.site.displayTracebacks = True
        sent = self.ask(fail)
        self.assertIn(b"&lt;secret&gt;", sent)
        self.flushLoggedErrors(ZeroDivisionError)

    def test_failureAfterHeaders(self) -> None:
        """A response that cannot be finished is broken off."""

        def begin(request: Any) -> Any:
            request.write(b"a")
            raise ZeroDivisionError

        self.ask(begin)
        self.assertTrue(self.transport.aborting)
        self.flushLoggedErrors(ZeroDivisionError)

    def test_finishTwice(self) -> None:
        """Finishing again is warned of, and writing then is an error."""
        self.get(b"/later")
        request = self.requests[0]
        request.finish()
        request.finish()
        self.assertEqual(len(self.flushWarnings()), 1)
        self.assertRaises(RuntimeError, request.write, b"a")
        self.assertEqual(self.written().count(b"HTTP/1.1"), 1)

    def test_textIsNotWritten(self) -> None:
        """Text has to be encoded first."""
        self.get(b"/later")
        self.assertRaises(TypeError, self.requests[0].write, "text")

    def test_notifyFinish(self) -> None:
        """One who wants to know is told of the end, good or bad."""
        self.get(b"/later")
        told = self.requests[0].notifyFinish()
        self.requests[0].finish()
        self.assertIsNone(self.successResultOf(told))
        self.get(b"/later")
        told = self.requests[1].notifyFinish()
        self.lose()
        self.failureResultOf(told, ConnectionDone)
        self.requests[1].write(b"nobody hears this")
        self.assertRaises(RuntimeError, self.requests[1].finish)

    def test_methods(self) -> None:
        """Other methods are refused, with those that are not; OPTIONS tells them."""
        sent = self.send(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(sent.startswith(b"HTTP/1.1 405 "))
        self.assertIn(b"Allow: GET, HEAD, POST\r\n", sent)
        sent = self.send(b"OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(sent.startswith(b"HTTP/1.1 200 "))
        self.assertIn(b"Allow: GET, HEAD, POST, OPTIONS\r\n", sent)
        self.assertIn(b"Allow: ", self.send(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"))

    def test_paths(self) -> None:
        """Parts of a path are unquoted after it was split, and a URL is as good as its path."""
        self.assertTrue(self.get(b"/path/a%2Fb/c").endswith(b"\r\n\r\na/b/c"))
        self.assertTrue(self.get(b"http://a/path/x?y").endswith(b"\r\n\r\nx"))
        self.assertTrue(self.get(b"/nothing").startswith(b"HTTP/1.1 404 "))

    def test_injection(self) -> None:
        """Nothing that a resource takes from a client makes a header of its own."""

        def answer(request: Any) -> bytes:
            request.setHeader(b"x", b"a\r\nSet-Cookie: b")
            return b""

        self.assertIn(b"\r\nX: a Set-Cookie: b\r\n", self.ask(answer))

        def reason(request: Any) -> bytes:
            request.setResponseCode(200, b"OK\r\nSet-Cookie: b")
            return b""

        sent = self.ask(reason)
        self.assertNotIn(b"\r\nSet-Cookie", sent)
        self.flushLoggedErrors()

    def test_redirect(self) -> None:
        """A redirection cannot end its header."""

        def answer(request: Any) -> bytes:
            request.redirect(b"/x\r\nSet-Cookie: b")
            return b""

        self.assertNotIn(b"Set-Cookie", self.ask(answer))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_gzip(self) -> None:
        """A wrapped resource is compressed for those who take that."""
        page = Page(lambda request: b"a" * 1000)
        wrapped = resource.EncodingResourceWrapper(page, [server.GzipEncoderFactory()])
        self.root.putChild(b"zip", wrapped)
        head, _, body = self.get(b"/zip", b"Accept-Encoding: br, gzip;q=0.5\r\n").partition(
            b"\r\n\r\n"
        )
        self.assertIn(b"Content-Encoding: gzip", head)
        chunks = b""
        while body:
            chunk, body = http.fromChunk(body)
            chunks += chunk
        self.assertEqual(gzip.decompress(chunks), b"a" * 1000)
        for refused in (b"", b"Accept-Encoding: gzip;q=0\r\n", b"Accept-Encoding: xgzip\r\n"):
            self.assertNotIn(b"Content-Encoding", self.get(b"/zip", refused))


class ConditionTests(SiteTestCase):
    """Answers that a client has already."""

    def test_etag(self) -> None:
        """The same version is not sent again."""

        def answer(request: Any) -> bytes:
            return b"" if request.setETag(b'"v1"') is http.CACHED else b"new"

        for tags in (b'"v1"', b'"v0", W/"v1"', b"*"):
            sent = self.ask(answer, b"If-None-Match: %b\r\n" % tags)
            self.assertTrue(sent.startswith(b"HTTP/1.1 304 "), sent)
            self.assertIn(b'ETag: "v1"\r\n', sent)
            self.assertTrue(sent.endswith(b"\r\n\r\n"))
        self.assertTrue(self.ask(answer, b'If-None-Match: "v2"\r\n').endswith(b"new"))

    def test_lastModified(self) -> None:
        """What has not changed since is not sent again."""

        def answer(request: Any) -> bytes:
            return b"" if request.setLastModified(784111777) is http.CACHED else b"new"

        since = b"If-Modified-Since: %b\r\n"
        sent = self.ask(answer, since % b"Sun, 06 Nov 1994 08:49:37 GMT")
        self.assertTrue(sent.startswith(b"HTTP/1.1 304 "), sent)
        for date in (b"Sun, 06 Nov 1994 08:49:36 GMT", b"yesterday"):
            sent = self.ask(answer, since % date)
            self.assertIn(b"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n", sent)
            self.assertTrue(sent.endswith(b"new"))


class PipeliningTests(SiteTestCase):
    """Several requests at once."""

    def test_order(self) -> None:
        """The second of two requests waits for the first, HTTP/1.0 or 1.1."""
        last = b"GET /path/2 HTTP/1.0\r\n\r\n"
        self.assertEqual(self.send(GET % (b"/later", b"") + GET % (b"/path/1", b"") + last), b"")
        self.assertEqual(len(self.requests), 1)
        self.requests[0].write(b"0")
        self.requests[0].finish()
        bodies = re.findall(rb"\r\n\r\n(?:1\r\n)?(\d)", self.written())
        self.assertEqual(bodies, [b"0", b"1", b"2"])
        self.assertTrue(self.transport.disconnecting)

    def test_many(self) -> None:
        """A thousand at once are answered, without a deeper stack for each."""
        sent = self.send(GET % (b"/", b"") * 1500)
        self.assertEqual(sent.count(b"HTTP/1.1 200 OK"), 1500)

    def test_endless(self) -> None:
        """A client that sends on while it is not answered is not read any more."""
        self.get(b"/later")
        while self.transport.producerState == "producing":
            self.channel.dataReceived(GET % (b"/", b"") * 100)
            self.assertLess(self.channel._reader.waiting, 2 * DEFAULT_LIMITS.pipelinedBytes)
        self.requests[0].finish()
        self.assertEqual(self.transport.producerState, "producing")

    def test_slowReader(self) -> None:
        """A client that does not take its responses gets no more of them."""
        self.assertIs(self.transport.producer, self.channel)
        self.channel.pauseProducing()
        self.get(b"/")
        self.assertEqual(self.get(b"/"), b"")
        self.assertEqual(self.transport.producerState, "paused")
        self.channel.resumeProducing()
        self.assertEqual(self.written().count(b"200 OK"), 1)
        self.assertEqual(self.transport.producerState, "producing")

    def test_requestsPerConnection(self) -> None:
        """After so many, the connection ends."""
        self.connect(limits=replace(DEFAULT_LIMITS, requestsPerConnection=2))
        sent = self.send(GET % (b"/", b"") * 3)
        self.assertEqual(sent.count(b"HTTP/1.1 200 OK"), 2)
        self.assertEqual(sent.count(b"Connection: close"), 1)
        self.assertTrue(self.transport.disconnecting)

    def test_producers(self) -> None:
        """A response can be written by a producer; the channel is that of the rest."""
        self.get(b"/later")
        producer = object()
        self.requests[0].registerProducer(producer, True)
        self.assertIs(self.transport.producer, producer)
        self.assertRaises(ValueError, self.requests[0].registerProducer, producer, True)
        self.assertRaises(RuntimeError, self.requests[0].finish)
        self.requests[0].unregisterProducer()
        self.assertIs(self.transport.producer, self.channel)
        self.requests[0].finish()


class ChannelTests(SiteTestCase):
    """What others may do with a channel, and ask of it."""

    def test_lines(self) -> None:
        """Lines can be given one by one."""
        self.transport.clear()
        self.channel.lineReceived(b"POST /args HTTP/1.1")
        self.assertTrue(self.channel.headerReceived(b"Host: a"))
        self.assertTrue(self.channel.headerReceived(b"Content-Length: 2"))
        self.channel.lineReceived(b"")
        self.channel.rawDataReceived(b"ab")
        self.assertTrue(self.written().startswith(b"HTTP/1.1 200 "))
        self.channel.lineReceived(b"GET / HTTP/1.1")
        self.assertFalse(self.channel.headerReceived(b"no header\n"))

    def test_persistence(self) -> None:
        """Whether there may be another request."""
        request = server.Request(self.channel)
        for version, option, expected in (
            (b"HTTP/1.1", b"", True),
            (b"HTTP/1.1", b"x, close", False),
            (b"HTTP/1.0", b"", False),
            (b"HTTP/1.0", b"Keep-Alive", True),
        ):
            request.requestHeaders.setRawHeaders(b"connection", [option])
            self.assertEqual(self.channel.checkPersistence(request, version), expected)

    def test_addresses(self) -> None:
        """Both ends have theirs, and a proxy can say better."""
        self.get(b"/later", b"Authorization: Basic YTpiOmM=\r\n")
        request = self.requests[-1]
        self.assertEqual(request.getClientIP(), "192.168.1.1")
        self.assertEqual(request.getHost(), self.transport.getHost())
        self.assertEqual((request.getUser(), request.getPassword()), (b"a", b"b:c"))
        self.assertFalse(request.isSecure())
        request.setHost(b"example.com", 443, ssl=True)
        self.assertTrue(request.isSecure())
        self.assertEqual(request.getRequestHostname(), b"example.com")
        self.assertEqual(request.prePathURL(), b"https://example.com/later")

    def test_interface(self) -> None:
        """A request is one."""
        self.get(b"/later")
        self.assertTrue(verifyObject(IRequest, self.requests[0]))


class BadRequestTests(SiteTestCase):
    """What is not HTTP, too much, or too slow."""

    def test_statuses(self) -> None:
        """Each offence has its answer, after which nothing is read."""
        post = b"POST / HTTP/1.1\r\nHost: a\r\n%b\r\n"
        for status, data in (
            (b"400", post % b"Content-Length: 1\r\nContent-Length: 1\r\n"),
            (b"400", post % b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
            (b"400", post % b"Transfer-Encoding: chunked\r\n" + b"-1\r\n"),
            (b"400", b"GET / HTTP/1.1\n"),
            (b"400", b"GET / HTTP/1.1\r\n\r\n"),
            (b"413", post % b"Content-Length: 999999999999\r\n"),
            (b"414", b"GET /" + b"a" * 20000),
            (b"417", post % b"Expect: x\r\n"),
            (b"431", GET % (b"/", b"A: b\r\n" * 600)),
            (b"431", GET % (b"/", b"A: " + b"b" * 40000 + b"\r\n")),
            (b"501", post % b"Transfer-Encoding: gzip\r\n"),
            (b"505", b"GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
        ):
            self.connect()
            self.assertClosing(status, self.send(data + GET % (b"/", b"")))
            self.lose()

    def test_afterGood(self) -> None:
        """What came before the offence is answered, in order."""
        sent = self.send(GET % (b"/", b"") + b"NO\n")
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d+)", sent), [b"200", b"400"])

    def test_slowHeaders(self) -> None:
        """Headers that drip are cut off, however steadily."""
        self.channel.dataReceived(b"GET / HTTP/1.1\r\nHost: a\r\n")
        for _ in range(61):
            self.transport.clear()
            self.channel.dataReceived(b"A: b\r\n")
            self.clock.advance(1)
            if self.transport.value():
                break
        self.assertClosing(b"408", self.written())

    def test_slowBody(self) -> None:
        """A body that stops is cut off; one that goes on is not, up to a limit."""
        self.connect(limits=replace(DEFAULT_LIMITS, totalSeconds=300))
        self.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        for _ in range(10):
            self.clock.advance(30)
            self.assertEqual(self.send(b"a"), b"")
        self.clock.advance(30)
        self.assertClosing(b"408", self.send(b"a"))
        self.connect()
        self.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        self.clock.advance(60)
        self.assertClosing(b"408", self.written())

    def test_idle(self) -> None:
        """A connection on which nothing happens is closed; one with a response to come is not."""
        self.get(b"/")
        self.clock.advance(59)
        self.get(b"/")
        self.clock.advance(59)
        self.assertFalse(self.transport.disconnecting)
        self.get(b"/later")
        self.clock.pump([30] * 10)
        self.assertFalse(self.transport.disconnecting)
        self.requests[0].finish()
        for _ in range(120):
            if not self.transport.disconnecting:
                self.clock.advance(1)
        self.assertTrue(self.transport.disconnecting)
        self.assertFalse(self.transport.aborting)
        self.clock.advance(15)
        self.assertTrue(self.transport.aborting)

    def test_connections(self) -> None:
        """There may be so many connections; the next is told."""
        self.connect(limits=replace(DEFAULT_LIMITS, connections=1))
        first = self.channel
        second, transport = self.site.buildProtocol(None), StringTransport(lenient=True)
        second.makeConnection(transport)
        self.assertTrue(transport.value().startswith(b"HTTP/1.1 503 "))
        self.assertTrue(transport.writeDisconnecting)
        second.connectionLost(Failure(ConnectionDone()))
        first.connectionLost(Failure(ConnectionDone()))
        third, transport = self.site.buildProtocol(None), StringTransport()
        third.makeConnection(transport)
        self.assertEqual(transport.value(), b"")

    def test_nothingLeft(self) -> None:
        """A connection that is lost leaves no timer."""
        self.lose()
        for data in (b"", b"GET", GET % (b"/later", b""), b"NO\n"):
            self.connect()
            self.send(data)
            self.lose()
            self.assertEqual(self.clock.getDelayedCalls(), [])
