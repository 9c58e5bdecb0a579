"""A site over HTTP/2, with the library h2 for a client."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.web import http, resource, server, static
from twisted.web._h1 import LocalError
from twisted.web._limits import DEFAULT_LIMITS
from twisted.web.http._stream import HIGH_WATER
from twisted.web.test._http2 import ServerTestCase, get, post

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR = 0, 1, 2
REFUSED_STREAM, CANCEL, CALM = 7, 8, 11


class AnswerTests(ServerTestCase):
    """What comes back for a request."""

    def test_page(self) -> None:
        """A page has what it has over HTTP/1.1, and no header of a connection."""
        answer = self.peer.ask(get(b"/"))
        self.assertEqual((answer.status, answer.body, answer.ended), (200, b"root", True))
        self.assertEqual(answer.headers[b"server"], server.version)
        self.assertEqual(answer.headers[b"content-length"], b"4")
        self.assertIn(b"date", answer.headers)
        self.assertEqual(set(answer.headers) & {b"connection", b"transfer-encoding"}, set())

    def test_bytewise(self) -> None:
        """What comes a byte at a time means the same."""
        self.peer.piece = 1
        answer = self.peer.ask(post(b"/echo", (b"content-length", b"5")), b"hello")
        self.assertEqual((answer.status, answer.body), (200, b"hello"))

    def test_everyRequestSaysItAgain(self) -> None:
        """What is remembered of one request does not leak into another."""
        self.page(b"path", lambda request: request.uri + request.getHeader(b"x"))
        for at in range(3):
            answer = self.peer.ask(get(b"/path?%d" % at, (b"x", b"%d" % at)))
            self.assertEqual(answer.body, b"/path?%d%d" % (at, at))
        for _ in range(3):
            answer = self.peer.ask(get(b"/path?same", (b"x", b"y")))
            self.assertEqual(answer.body, b"/path?samey")

    def test_changedHeadersStayTheRequests(self) -> None:
        """A program that changes the headers of one request does not change those of the next."""

        def answer(request: Any) -> bytes:
            seen = b",".join(request.requestHeaders.getRawHeaders(b"x"))
            request.requestHeaders.addRawHeader(b"x", b"more")
            return seen

        self.page(b"x", answer)
        for _ in range(3):
            self.assertEqual(self.peer.ask(get(b"/x", (b"x", b"y"))).body, b"y")

    def test_request(self) -> None:
        """What a request says of itself."""
        seen: list[Any] = []

        def answer(request: Any) -> bytes:
            seen.extend([request.clientproto, request.getRequestHostname(), request.isSecure()])
            seen.extend([request.method, request.path, request.args, request.getClientIP()])
            seen.append(request.getCookie(b"c"))
            return b""

        self.page(b"x", answer)
        self.peer.ask(get(b"/x?a=1", (b"cookie", b"b=1"), (b"cookie", b"c=2")))
        self.assertEqual(
            seen, [b"HTTP/2", b"a", False, b"GET", b"/x", {b"a": [b"1"]}, "192.168.1.1", b"2"]
        )

    def test_head(self) -> None:
        """HEAD has the headers, and no body."""
        answer = self.peer.ask(get(method=b"HEAD"))
        self.assertEqual((answer.status, answer.body, answer.ended), (200, b"", True))
        self.assertEqual(answer.headers[b"content-length"], b"4")

    def test_bodiless(self) -> None:
        """A status without a body has none, whatever is written."""

        def answer(request: Any) -> bytes:
            request.setResponseCode(204)
            return b"dropped"

        self.page(b"none", answer)
        answer_ = self.peer.ask(get(b"/none"))
        self.assertEqual((answer_.status, answer_.body, answer_.ended), (204, b"", True))

    def test_options(self) -> None:
        """The site itself is asked with an asterisk."""
        answer = self.peer.ask(get(b"*", method=b"OPTIONS"))
        self.assertEqual(answer.status, 200)
        self.assertIn(b"OPTIONS", answer.headers[b"allow"])

    def test_error(self) -> None:
        """A page that raises is a 500, and the connection goes on."""

        def answer(request: Any) -> bytes:
            raise RuntimeError("out of order")

        self.page(b"broken", answer)
        self.assertEqual(self.peer.ask(get(b"/broken")).status, 500)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertEqual(self.peer.ask(get()).body, b"root")

    def test_requestThatRaises(self) -> None:
        """A request that raises ends its stream and no other."""

        class Broken(http.Request):
            def process(self) -> None:
                raise RuntimeError("out of order")

        self.site.requestFactory = Broken
        self.channel._successor.requestFactory = Broken
        self.assertEqual(self.peer.ask(get()).reset, INTERNAL_ERROR)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertIs(self.peer.gone, None)

    def test_requestWithoutFile(self) -> None:
        """An error of a file, without a body that was to be kept, is the program's."""

        class Broken(http.Request):
            def process(self) -> None:
                raise FileNotFoundError("no page")

        self.channel._successor.requestFactory = Broken
        self.assertEqual(self.peer.ask(get()).reset, INTERNAL_ERROR)
        self.assertEqual(len(self.flushLoggedErrors(FileNotFoundError)), 1)

    def test_order(self) -> None:
        """A response does not wait for those to earlier requests."""
        slow, quick = self.peer.begin(get(b"/later")), self.peer.begin(get())
        self.peer.exchange()
        self.assertEqual(self.peer.answers[quick].body, b"root")
        self.assertEqual(self.peer.answers[slow].status, 0)
        self.requests[0].write(b"at ")
        self.requests[0].write(b"last")
        self.requests[0].finish()
        self.peer.exchange()
        self.assertEqual(self.peer.answers[slow].body, b"at last")
        self.assertEqual(self.peer.answers[slow].ended, True)

    def test_connectionHeaders(self) -> None:
        """Headers that belong to HTTP/1 are not sent."""

        def answer(request: Any) -> bytes:
            request.setHeader(b"connection", b"close")
            request.setHeader(b"transfer-encoding", b"chunked")
            request.setHeader(b"X-Kept", b" yes ")
            return b"kept"

        self.page(b"x", answer)
        found = self.peer.ask(get(b"/x"))
        self.assertEqual(set(found.headers) & {b"connection", b"transfer-encoding"}, set())
        self.assertEqual((found.headers[b"x-kept"], found.body), (b"yes", b"kept"))

    def test_badHeader(self) -> None:
        """A header that would be two is not sent: the page is a 500."""

        def answer(request: Any) -> bytes:
            request.responseHeaders._rawHeaders[b"x"] = [b"a\r\nb: c"]
            return b""

        self.page(b"x", answer)
        self.assertEqual(self.peer.ask(get(b"/x")).status, 500)
        self.assertEqual(len(self.flushLoggedErrors(LocalError)), 1)
        self.assertEqual(self.peer.ask(get()).status, 200)

    def test_tooShort(self) -> None:
        """A body that is shorter than announced is broken off, so that the client sees it."""
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        request = self.requests[0]
        request.setHeader(b"content-length", b"10")
        request.write(b"123")
        self.assertRaises(LocalError, request.finish)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].reset, INTERNAL_ERROR)

    def test_tooLong(self) -> None:
        """More of a body than was announced is the program's error."""
        self.peer.begin(get(b"/later"))
        self.peer.exchange()
        request = self.requests[0]
        request.setHeader(b"content-length", b"2")
        request.write(b"1")
        self.assertRaises(LocalError, request.write, b"23")

    def test_trailers(self) -> None:
        """Headers can follow the body."""
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        request = self.requests[0]
        request.write(b"body")
        request.channel.writeTrailers([(b"X-Sum", b"4")])
        request.finish()
        self.peer.exchange()
        answer = self.peer.answers[number]
        self.assertEqual((answer.body, answer.trailers), (b"body", {b"x-sum": b"4"}))
        self.assertEqual(answer.ended, True)

    def test_noUpgrade(self) -> None:
        """HTTP/2 has no other protocols below it."""
        self.peer.begin(get(b"/later"))
        self.peer.exchange()
        request = self.requests[0]
        self.assertRaises(ValueError, request.channel.switchProtocols, request, None)

    def test_log(self) -> None:
        """The access log names the version."""
        path = self.mktemp()
        self.connect(logPath=path)
        self.site.startFactory()
        self.peer.ask(get(b"/?a"))
        self.site.stopFactory()
        with open(path) as log:
            self.assertIn('"GET /?a HTTP/2" 200 4', log.read())

    def test_file(self) -> None:
        """Files are served as over HTTP/1.1, ranges too."""
        path = self.mktemp()
        data = os.urandom(500_000)
        with open(path, "wb") as file:
            file.write(data)
        self.root.putChild(b"file", static.File(path))
        self.assertEqual(self.peer.ask(get(b"/file")).body, data)
        part = self.peer.ask(get(b"/file", (b"range", b"bytes=10-400009")))
        self.assertEqual((part.status, part.body), (206, data[10:400010]))

    def test_manyAtOnce(self) -> None:
        """As many requests as are allowed are served at a time."""
        numbers = [self.peer.begin(get(b"/later")) for _ in range(100)]
        self.peer.exchange()
        self.assertEqual(len(self.requests), 100)
        for at, request in enumerate(reversed(self.requests)):
            request.write(b"%d" % (99 - at))
            request.finish()
        self.peer.exchange()
        self.assertEqual(
            [self.peer.answers[number].body for number in numbers],
            [b"%d" % at for at in range(100)],
        )

    def test_goneClient(self) -> None:
        """When the connection is lost, all requests are told."""
        self.peer.begin(get(b"/later"))
        self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.lose(Failure(ConnectionDone()))
        self.assertEqual([type(reason.value) for reason in self.lost], [ConnectionDone] * 2)
        self.requests[0].write(b"into the void")

    def test_resetByClient(self) -> None:
        """When a stream is reset, its request is told, and nothing is sent on it."""
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.peer.h2.reset_stream(number, CANCEL)
        self.peer.exchange()
        self.assertEqual(len(self.lost), 1)
        self.assertTrue(self.lost[0].check(ConnectionLost))
        self.assertEqual((self.lost[0].value.code, self.lost[0].value.byPeer), (CANCEL, True))
        self.requests[0].write(b"into the void")
        self.assertEqual(self.transport.value(), b"")
        self.assertEqual(self.peer.ask(get()).body, b"root")

    def test_coroutineIsCancelled(self) -> None:
        """What a page waits for is cancelled when its stream is reset."""
        cancelled: list[Any] = []
        self.page(b"slow", lambda request: Deferred(cancelled.append))
        number = self.peer.begin(get(b"/slow"))
        self.peer.exchange()
        self.peer.h2.reset_stream(number, CANCEL)
        self.peer.exchange()
        self.assertEqual(len(cancelled), 1)

    def test_loseConnection(self) -> None:
        """A request that gives up breaks its stream off; the others go on."""
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.requests[0].write(b"some")
        self.requests[0].loseConnection()
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].reset, CANCEL)
        self.assertEqual(self.peer.ask(get()).body, b"root")


class BodyTests(ServerTestCase):
    """Bodies of requests."""

    def test_large(self) -> None:
        """A body that is larger than the windows arrives, as they are opened again."""
        data = os.urandom(3_000_000)
        number = self.peer.open(post(b"/echo", (b"content-type", b"x/y")))
        h2 = self.peer.h2
        self.peer.exchange()
        sent = 0
        while sent < len(data):
            room = min(h2.local_flow_control_window(number), 16384)
            self.assertGreater(room, 0)
            h2.send_data(number, data[sent : sent + room])
            sent += room
            self.peer.exchange()
        h2.end_stream(number)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].body, data)

    def test_padding(self) -> None:
        """Padding is not part of the body, and is counted in the windows."""
        number = self.peer.open(post(b"/echo"))
        for _ in range(300):
            self.peer.exchange()
            self.peer.h2.send_data(number, b"x" * 900, pad_length=255)
        self.peer.h2.end_stream(number)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].body, b"x" * 900 * 300)

    def test_requestTrailers(self) -> None:
        """Headers that follow a body are kept, apart from those before it."""
        seen: list[Any] = []

        def answer(request: Any) -> bytes:
            seen.extend([request.channel.trailers, request.getHeader(b"x-sum")])
            body: bytes = request.content.read()
            return body

        self.page(b"x", answer)
        number = self.peer.open(post(b"/x"))
        self.peer.h2.send_data(number, b"body")
        self.peer.h2.send_headers(number, [(b"x-sum", b"4")], end_stream=True)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].body, b"body")
        self.assertEqual(seen, [{b"x-sum": [b"4"]}, None])

    def test_continue(self) -> None:
        """A client that waits to be told to send its body is told."""
        number = self.peer.open(post(b"/echo", (b"expect", b"100-continue")))
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].interim, [100])
        self.peer.h2.send_data(number, b"body", end_stream=True)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].body, b"body")

    def test_otherExpectation(self) -> None:
        """Nothing else can be expected."""
        self.assertEqual(self.peer.ask(get(b"/", (b"expect", b"more"))).status, 417)

    def test_form(self) -> None:
        """Forms are read."""
        self.page(b"form", lambda request: b",".join(request.args[b"a"]))
        kind = (b"content-type", b"application/x-www-form-urlencoded")
        self.assertEqual(self.peer.ask(post(b"/form", kind), b"a=1&a=2").body, b"1,2")

    def test_badForm(self) -> None:
        """A form that is too much is refused."""
        self.connect(replace(DEFAULT_LIMITS, formFields=2))
        kind = (b"content-type", b"application/x-www-form-urlencoded")
        self.assertEqual(self.peer.ask(post(b"/echo", kind), b"a&b&c").status, 413)

    def test_tooLarge(self) -> None:
        """A body past the limit is refused, and the rest is not wanted."""
        self.connect(replace(DEFAULT_LIMITS, bodyBytes=10))
        number = self.peer.open(post(b"/echo"))
        self.peer.h2.send_data(number, b"x" * 11)
        self.peer.exchange()
        answer = self.peer.answers[number]
        self.assertEqual((answer.status, answer.ended, answer.reset), (413, True, None))
        sent = self.pour(number)
        self.assertLess(sent, 2_000_000)
        self.assertEqual(answer.reset, NO_ERROR)
        self.assertEqual(self.peer.ask(get()).body, b"root")

    def pour(self, number: int) -> int:
        """Send data until the server resets the stream; how much that was."""
        sent = 0
        while self.peer.answers[number].reset is None:
            room = min(self.peer.h2.local_flow_control_window(number), 16384)
            self.peer.h2.send_data(number, bytes(room))
            sent += room
            self.peer.exchange()
        return sent

    def test_answeredEarly(self) -> None:
        """A response that does not wait for the body ends the stream, without an error."""

        class Early(resource.Resource):
            isLeaf = True
            streaming = True

            def render_POST(self, request: Any) -> bytes:
                return b"early"

        self.root.putChild(b"early", Early())
        number = self.peer.open(post(b"/early"))
        self.peer.exchange()
        answer = self.peer.answers[number]
        self.assertEqual((answer.body, answer.ended, answer.reset), (b"early", True, None))
        self.peer.h2.send_data(number, b"unheard", end_stream=True)
        self.peer.exchange()
        self.assertEqual(self.channel._successor._engine.streams, {})

    def test_backPressure(self) -> None:
        """A body that nobody takes fills its window, and no memory beyond; others go on."""
        taken: list[Any] = []

        class Slow(resource.Resource):
            isLeaf = True
            streaming = True

            def render_POST(self, request: Any) -> int:
                taken.append(request)
                return server.NOT_DONE_YET

        self.root.putChild(b"slow", Slow())
        number = self.peer.open(post(b"/slow", (b"expect", b"100-continue")))
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].interim, [])
        window = self.peer.h2.local_flow_control_window(number)
        self.assertEqual(window, DEFAULT_LIMITS.http2.streamWindow)
        while room := min(self.peer.h2.local_flow_control_window(number), 16384):
            self.peer.h2.send_data(number, b"x" * room)
            self.peer.exchange()
        self.assertEqual(self.peer.ask(post(b"/echo"), b"other").body, b"other")
        pieces: list[bytes] = []

        async def take() -> None:
            async for piece in taken[0].content:
                pieces.append(piece)
            taken[0].write(b"%d" % sum(map(len, pieces)))
            taken[0].finish()

        Deferred.fromCoroutine(take())
        self.peer.exchange()
        self.assertGreater(self.peer.h2.local_flow_control_window(number), 0)
        waited = sum(map(len, pieces))
        self.assertLessEqual(waited, window + HIGH_WATER + 16384)
        self.peer.h2.send_data(number, b"rest", end_stream=True)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].body, b"%d" % (waited + 4))

    def test_resetUpload(self) -> None:
        """An upload that is broken off gives the connection's window back."""
        for _ in range(20):
            number = self.peer.open(post(b"/echo"))
            for _ in range(5):
                self.peer.h2.send_data(number, b"x" * 16384)
            self.peer.exchange()
            self.peer.h2.reset_stream(number, CANCEL)
            self.peer.exchange()
        self.assertEqual(self.peer.ask(post(b"/echo"), b"still").body, b"still")

    def test_fullDisk(self) -> None:
        """A body for which there is no room is refused with 507."""

        class Full(server.Request):
            def handleContentChunk(self, data: bytes) -> None:
                raise OSError(28, "No space left on device")

        self.channel._successor.requestFactory = Full
        number = self.peer.open(post(b"/echo"))
        self.peer.h2.send_data(number, b"x")
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].status, 507)
