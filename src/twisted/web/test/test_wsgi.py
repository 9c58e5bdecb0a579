"""WSGI: what PEP 3333 says, in one thread; then threads, and programs at both ends."""

from __future__ import annotations

import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Event
from typing import Any
from wsgiref.validate import validator

from zope.interface.verify import verifyObject

from twisted.internet import reactor as _reactor
from twisted.internet.testing import EventLoggingObserver
from twisted.logger import globalLogPublisher
from twisted.python.threadpool import ThreadPool
from twisted.web.resource import IResource
from twisted.web.test._serving import ServedTestCase
from twisted.web.test.test_server import SiteTestCase
from twisted.web.wsgi import WSGIResource, _input, _output

reactor: Any = _reactor

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
PLAIN = [("Content-Type", "text/plain")]


class OneThread:
    """A reactor and a pool in the thread of the test: what is to be called is called by `turn`."""

    def __init__(self) -> None:
        self.calls: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()

    def callFromThread(self, function: Callable[..., object], *args: object) -> None:
        """Call it in the next turn."""
        self.calls.append((function, args))

    callInThread = callFromThread

    def turn(self) -> None:
        """Make all calls, and those that come of them."""
        while self.calls:
            function, args = self.calls.popleft()
            function(*args)


def heads(logged: EventLoggingObserver, level: str) -> list[str]:
    """The lines of a level that `wsgi.errors` has had logged."""
    return [event["line"] for event in logged if event["log_level"].name == level]


class ApplicationTestCase(SiteTestCase):
    """Tests with an application, and one connection."""

    def setUp(self) -> None:
        super().setUp()
        self.one: Any = OneThread()
        self.environ: Environ = {}

    def answer(
        self, application: Application, request: bytes | None = None, path: bytes = b"app"
    ) -> bytes:
        """What comes back if `application` answers a request, GET by default."""
        self.root.putChild(path, WSGIResource(self.one, self.one, application))
        if request is None:
            request = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n" % path
        self.send(request)
        self.one.turn()
        return self.written()

    def assertFails(self, sent: bytes, kind: type[BaseException], words: str = "") -> None:
        """The client is told 500, and the log has the exception."""
        self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
        (failure,) = self.flushLoggedErrors(kind)
        self.assertIn(words, str(failure.value))

    def looking(self, environ: Environ, startResponse: Any) -> list[bytes]:
        """An application that keeps what it is given, and reads the body."""
        self.environ = environ
        environ["body"] = environ["wsgi.input"].read(-1)
        startResponse("200 OK", PLAIN[:])
        return [b"seen"]


class ResourceTests(ApplicationTestCase):
    """The resource itself."""

    def test_interface(self) -> None:
        """It is a resource."""
        verifyObject(IResource, WSGIResource(self.one, self.one, self.looking))

    def test_noChildren(self) -> None:
        """An application looks at the path itself."""
        made = WSGIResource(self.one, self.one, self.looking)
        self.assertRaises(RuntimeError, made.putChild, b"a", self.root)
        self.assertRaises(RuntimeError, made.getChildWithDefault, b"a", None)


class EnvironTests(ApplicationTestCase):
    """What an application is told."""

    def test_variables(self) -> None:
        """What PEP 3333 and RFC 3875 name."""
        self.answer(
            self.looking,
            b"POST /app/b%20c/%C3%A9/?x=%20 HTTP/1.1\r\nHost: example.com:80\r\n"
            b"Content-Type: a/b\r\nContent-Length: 3\r\nX-One: 1\r\nX-One: 2\r\n"
            b"Cookie: a=1\r\nCookie: b=2\r\n\r\nabc",
        )
        expected = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "/app",
            "PATH_INFO": "/b c/\xc3\xa9/",
            "QUERY_STRING": "x=%20",
            "CONTENT_TYPE": "a/b",
            "CONTENT_LENGTH": "3",
            "SERVER_NAME": "example.com",
            "SERVER_PORT": "12345",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.168.1.1",
            "HTTP_HOST": "example.com:80",
            "HTTP_X_ONE": "1,2",
            "HTTP_COOKIE": "a=1; b=2",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "body": b"abc",
        }
        self.assertEqual({name: self.environ.get(name) for name in expected}, expected)

    def test_root(self) -> None:
        """An application may be all of a site."""
        self.answer(self.looking, path=b"")
        self.assertEqual((self.environ["SCRIPT_NAME"], self.environ["PATH_INFO"]), ("/", ""))
        self.site.resource = WSGIResource(self.one, self.one, self.looking)
        self.get(b"/")
        self.one.turn()
        self.assertEqual((self.environ["SCRIPT_NAME"], self.environ["PATH_INFO"]), ("", "/"))

    def test_proxy(self) -> None:
        """No client chooses the proxy of the application (CVE-2016-1000111)."""
        sent = b"GET /app HTTP/1.1\r\nHost: a\r\nProxy: evil\r\nPROXY: evil\r\n\r\n"
        self.answer(self.looking, sent)
        self.assertNotIn("HTTP_PROXY", self.environ)
        self.assertNotIn("evil", repr(self.environ))

    def test_underscores(self) -> None:
        """A name with an underscore does not stand for one with a hyphen."""
        sent = b"GET /app HTTP/1.1\r\nHost: a\r\nX_User: evil\r\nX-User: good\r\n\r\n"
        self.answer(self.looking, sent)
        self.assertEqual(self.environ["HTTP_X_USER"], "good")

    def test_chunks(self) -> None:
        """A body in chunks has a length by then, and is told as one."""
        sent = b"POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.answer(self.looking, sent + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        self.assertEqual((self.environ["CONTENT_LENGTH"], self.environ["body"]), ("5", b"abcde"))
        self.assertNotIn("HTTP_TRANSFER_ENCODING", self.environ)

    def test_errors(self) -> None:
        """What is written to `wsgi.errors` is logged, line by line; bytes are not text."""
        logged = EventLoggingObserver.createWithCleanup(self, globalLogPublisher)

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            errors = environ["wsgi.errors"]
            errors.write("one\ntw")
            errors.writelines(["o\n", "three"])
            errors.write("x" * 10_000)
            self.assertRaises(TypeError, errors.write, b"bytes")
            startResponse("204 No Content", [])
            return []

        self.answer(application)
        self.assertEqual([line[:5] for line in heads(logged, "error")],
                         ["one", "two", "three", "xxxxx"])  # fmt: skip

    def test_fileWrapper(self) -> None:
        """Files are read a block at a time, and closed."""
        with open(__file__, "rb") as file:
            expected = file.read()

        def application(environ: Environ, startResponse: Any) -> Any:
            startResponse("200 OK", [("Content-Length", str(len(expected)))])
            return environ["wsgi.file_wrapper"](open(__file__, "rb"), 1000)

        self.assertTrue(self.answer(application).endswith(expected[-500:]))


class ResponseTests(ApplicationTestCase):
    """What an application answers."""

    def test_validator(self) -> None:
        """The validator of the standard library has nothing to say."""

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            body = environ["wsgi.input"].read(1) + environ["wsgi.input"].readline()
            body += b"".join(environ["wsgi.input"])
            environ["wsgi.errors"].flush()
            startResponse("200 OK", PLAIN[:])
            return [body.upper(), b"!"]

        post = b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na\nb\nc"
        sent = self.answer(validator(application), post)
        self.assertTrue(sent.endswith(b"6\r\nA\nB\nC!\r\n0\r\n\r\n"), sent)
        self.assertIn(b"\r\n\r\n1\r\n!\r\n0\r\n\r\n", self.answer(validator(application)))

    def test_onePiece(self) -> None:
        """The length of a single piece is known; the server and the date are ours."""
        self.assertEqual(
            self.answer(self.looking),
            b"HTTP/1.1 200 OK\r\nServer: Torsion\r\n"
            b"Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nseen",
        )

    def test_headers(self) -> None:
        """Headers may come several times, and stand in for those of the server."""

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            startResponse(
                "404 N\xf6",
                [("Set-Cookie", "a=1"), ("Server", "mine"), ("Set-Cookie", "b=2"), ("X-A", "\xe9")],
            )
            return [b""]

        sent = self.answer(application)
        self.assertTrue(sent.startswith(b"HTTP/1.1 404 N\xf6\r\n"), sent)
        for line in (b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", b"X-A: ", b"Server: mine\r\n"):
            self.assertIn(line, sent)
        self.assertNotIn(b"Torsion", sent)
        self.assertNotIn(b"Content-Type", sent)

    def test_pieces(self) -> None:
        """Pieces go out when they are there, the head with the first that is not empty."""
        seen = []

        def application(environ: Environ, startResponse: Any) -> Iterator[bytes]:
            startResponse("200 OK", PLAIN[:])
            for piece in (b"", b"a", b"", b"b"):
                self.one.turn()
                seen.append(self.written())
                yield piece

        sent = self.answer(application)
        self.assertEqual(seen[:2], [b"", b""])
        self.assertTrue(seen[2].endswith(b"\r\n\r\n1\r\na\r\n"), seen)
        self.assertEqual(seen[3], seen[2])
        self.assertTrue(sent.endswith(b"\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"))

    def test_write(self) -> None:
        """What is written comes before what is returned; even nothing sends the head."""
        seen = []

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            write = startResponse("200 OK", [("Content-Length", "4")])
            write(b"")
            self.one.turn()
            seen.append(self.written())
            write(b"ab")
            return [b"cd"]

        sent = self.answer(application)
        self.assertTrue(seen[0].endswith(b"Content-Length: 4\r\n\r\n"), seen)
        self.assertTrue(sent.endswith(b"\r\n\r\nabcd"))

    def test_nothing(self) -> None:
        """A response without a body has its head all the same; HEAD has that of GET."""

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            startResponse("204 No Content", [])
            return []

        self.assertTrue(self.answer(application).startswith(b"HTTP/1.1 204 No Content\r\n"))
        sent = self.answer(self.looking, b"HEAD /app HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(sent.endswith(b"Content-Length: 4\r\n\r\n"), sent)

    def test_keepAlive(self) -> None:
        """The connection goes on."""
        for _ in range(3):
            self.assertTrue(self.answer(self.looking).endswith(b"seen"))

    def test_close(self) -> None:
        """What is returned is closed, after an error too, and in the same thread."""
        closed = []

        class Pieces:
            def __init__(self, piece: Any) -> None:
                self.pieces = iter([piece])

            def __iter__(self) -> Iterator[Any]:
                return self.pieces

            def close(self) -> None:
                closed.append(self)

        for piece, fails in ((b"a", False), ("text", True)):

            def application(environ: Environ, startResponse: Any, piece: Any = piece) -> Any:
                startResponse("200 OK", [])
                return Pieces(piece)

            sent = self.answer(application)
            if fails:
                self.assertFails(sent, TypeError, "encode")
        self.assertEqual(len(closed), 2)


class ErrorTests(ApplicationTestCase):
    """Applications that do not do what PEP 3333 says."""

    def failing(self, *heads: tuple[Any, Any], pieces: Iterable[Any] = (b"",)) -> bytes:
        """What comes back for these calls of `start_response`, and these pieces."""

        def application(environ: Environ, startResponse: Any) -> Iterable[Any]:
            for head in heads:
                startResponse(*head)
            return pieces

        return self.answer(application)

    def test_raises(self) -> None:
        """An exception is a 500, and its traceback in the log."""

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            startResponse("200 OK", [("X-Secret", "1")])
            raise ZeroDivisionError("oh")

        sent = self.answer(application)
        self.assertFails(sent, ZeroDivisionError, "oh")
        self.assertNotIn(b"X-Secret", sent)

    def test_exits(self) -> None:
        """Not even SystemExit ends more than the request."""

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            sys.exit(3)

        self.assertFails(self.answer(application), SystemExit)

    def test_raisesLate(self) -> None:
        """After a piece, the client sees that the response is broken."""

        def application(environ: Environ, startResponse: Any) -> Iterator[bytes]:
            startResponse("200 OK", PLAIN[:])
            yield b"a"
            raise ZeroDivisionError

        sent = self.answer(application)
        self.assertTrue(sent.endswith(b"1\r\na\r\n"), sent)
        self.assertTrue(self.transport.disconnected or self.transport.disconnecting)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_heads(self) -> None:
        """What is no status or no header is the application's mistake, and never sent."""
        for status, headers, kind in (
            (b"200 OK", [], TypeError),
            ("200", "text", TypeError),
            ("200 OK", (), TypeError),
            ("200 OK", [("a", b"b")], TypeError),
            ("200 OK", [["a", "b"]], TypeError),
            ("200 OK", [("a", "b", "c")], TypeError),
            ("2000 OK", [], ValueError),
            ("OK", [], ValueError),
            ("200 OK\r\nX: y", [], ValueError),
            ("200 OK", [("a b", "c")], ValueError),
            ("200 OK", [("a", "b\r\nc: d")], ValueError),
            ("200 OK", [("a", "b\x00")], ValueError),
            ("200 OK", [("a", "\u20ac")], ValueError),
            ("200 OK", [("Connection", "close")], ValueError),
            ("200 OK", [("Transfer-Encoding", "chunked")], ValueError),
            ("200 OK", [("Content-Length", "-1")], ValueError),
        ):
            self.assertFails(self.failing((status, headers)), kind)

    def test_startResponse(self) -> None:
        """It is called once, before the first piece."""
        self.assertFails(self.failing(), RuntimeError, "has not called start_response")
        twice = self.failing(("200 OK", []), ("200 OK", []))
        self.assertFails(twice, RuntimeError, "twice")

    def test_lengths(self) -> None:
        """A body of another length than was told ends the connection."""
        for pieces in ([b"abcd"], [b"a", b"b"]):
            self.connect()
            self.failing(("200 OK", [("Content-Length", "3")]), pieces=pieces)
            self.assertTrue(self.transport.disconnected or self.transport.disconnecting)
            self.assertEqual(len(self.flushLoggedErrors()), 1)

    def test_excInfo(self) -> None:
        """With an exception, another response takes the place of one that was not sent."""

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            startResponse("200 OK", [("X-Old", "1")])
            try:
                raise ZeroDivisionError
            except ZeroDivisionError:
                startResponse("503 Later", PLAIN[:], sys.exc_info())
            return [b"sorry"]

        sent = self.answer(application)
        self.assertTrue(sent.startswith(b"HTTP/1.1 503 Later\r\n"), sent)
        self.assertNotIn(b"X-Old", sent)

    def test_excInfoLate(self) -> None:
        """One that was sent cannot be replaced: the exception is raised again."""

        def application(environ: Environ, startResponse: Any) -> Iterator[bytes]:
            startResponse("200 OK", PLAIN[:])
            yield b"a"
            try:
                raise ZeroDivisionError
            except ZeroDivisionError:
                startResponse("503 Later", PLAIN[:], sys.exc_info())

        self.answer(application)
        self.assertTrue(self.transport.disconnected or self.transport.disconnecting)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class FlowTests(ApplicationTestCase):
    """Bodies that do not wait in memory."""

    def begin(self, length: int) -> None:
        """Ask an application that looks, with a body of this length."""
        post = b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length
        self.answer(self.looking, post)

    def test_slowClients(self) -> None:
        """A thread is taken for a body that is there, or for much of it."""
        self.begin(10)
        self.send(b"abcde")
        self.assertEqual(list(self.one.calls), [])
        self.send(b"fghij")
        self.assertEqual(len(self.one.calls), 1)
        self.one.turn()
        self.assertEqual(self.environ["body"], b"abcdefghij")

    def test_longBodies(self) -> None:
        """What the application does not read is not read from the client either."""
        self.begin(10**7)
        piece = b"x" * 10_000
        sent = 0
        while self.transport.producerState == "producing":
            self.channel.dataReceived(piece)
            sent += len(piece)
        self.assertLess(sent, 10**6)
        self.assertGreater(sent, _input.QUEUE_BYTES)
        self.assertEqual(len(self.one.calls), 1)

    def test_brokenUpload(self) -> None:
        """An application whose client leaves before the body is there is not called."""
        self.begin(10)
        self.send(b"abcde")
        self.lose()
        self.assertEqual(list(self.one.calls), [])

    def test_brokenChunks(self) -> None:
        """Nor is one whose body has no length, and is taken whole."""
        post = b"POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.answer(self.looking, post + b"1\r\na\r\n")
        self.lose()
        self.assertEqual(list(self.one.calls), [])

    def test_failsGone(self) -> None:
        """What is raised when the client has gone is logged, if it is not because of that."""

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            self.lose()
            if environ["QUERY_STRING"]:
                raise ZeroDivisionError
            startResponse("200 OK", [])
            return [b"a"]

        for query in (b"", b"?x"):
            self.connect()
            self.answer(application, b"GET /app%b HTTP/1.1\r\nHost: a\r\n\r\n" % query)
        self.assertEqual(len(self.flushLoggedErrors()), 1)

    def test_unread(self) -> None:
        """An application need not read."""

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            startResponse("413 No", [])
            return [b"no"]

        post = b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
        sent = self.answer(application, post + b"x" * 70_000)
        self.assertTrue(sent.startswith(b"HTTP/1.1 413 No\r\n"), sent)


class ThreadTests(ServedTestCase):
    """Applications in threads, and curl."""

    def setUp(self) -> None:
        super().setUp()
        self.pool = ThreadPool(0, 5)
        self.pool.start()
        # In a thread, as what it waits for may need the reactor.
        self.addCleanup(lambda: self.inThread(self.pool.stop))

    def application(self, application: Application) -> str:
        """Serve an application; its URL."""
        return self.serve(WSGIResource(reactor, self.pool, application))

    async def test_echo(self) -> None:
        """Much goes in and comes out, in pieces, with a length and without."""

        def echo(environ: Environ, startResponse: Any) -> Iterator[bytes]:
            startResponse("200 OK", PLAIN[:])
            yield environ["CONTENT_LENGTH"].encode() + b" "
            while piece := environ["wsgi.input"].read(7777):
                yield piece.translate(bytes(range(1, 256)) + b"\0")

        path = self.mktemp()
        with open(path, "wb") as file:
            file.write(b"0123456789" * 300_000)
        url = self.application(validator(echo))
        for header in ("A: b", "Transfer-Encoding: chunked"):
            output = await self.curl(
                "-H", header, "-H", "Content-Type: a/b", "--data-binary", f"@{path}", url
            )
            self.assertEqual(output, b"3000000 " + b"123456789:" * 300_000)

    async def readUntil(self, url: str, seen: Event) -> bool:
        """Ask, read little, and go when `seen` is set; whether it is."""

        def talk() -> bool:
            port = int(url.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), 20) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                client.recv(10)
                return seen.wait(20)

        ended: bool = await self.inThread(talk)
        return ended

    async def test_slowReader(self) -> None:
        """An application waits for a client that does not read, and is closed when it leaves."""
        made = 0
        paused, closed = Event(), Event()
        pause = _output.Output.pauseProducing

        def pauseProducing(output: _output.Output) -> None:
            pause(output)
            paused.set()

        self.patch(_output.Output, "pauseProducing", pauseProducing)

        class Endless:
            def __iter__(self) -> Iterator[bytes]:
                nonlocal made
                while True:
                    made += 1
                    yield b"x" * 10_000

            def close(self) -> None:
                closed.set()

        def application(environ: Environ, startResponse: Any) -> Any:
            startResponse("200 OK", PLAIN[:])
            return Endless()

        self.assertTrue(await self.readUntil(self.application(application), paused))
        self.assertTrue(await self.inThread(closed.wait, 20))
        # What fills all buffers on the way is much less.
        self.assertLess(made * 10_000, 50 * 10**6)

    async def test_goneReader(self) -> None:
        """What an application writes to a client that has gone raises an exception."""
        begun, raised = Event(), Event()

        def application(environ: Environ, startResponse: Any) -> list[bytes]:
            write = startResponse("200 OK", PLAIN[:])
            try:
                while True:
                    write(b"x" * 10_000)
                    begun.set()
            except ConnectionError:
                raised.set()
                raise

        self.assertTrue(await self.readUntil(self.application(application), begun))
        self.assertTrue(await self.inThread(raised.wait, 20))
