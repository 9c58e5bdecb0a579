"""`getPage` and `downloadPage`."""

from __future__ import annotations

import io
import os
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial import unittest
from twisted.web.client import (
    BodyTooLong,
    HTTPClientFactory,
    HTTPDownloader,
    HTTPPageDownloader,
    HTTPPageGetter,
    PartialDownloadError,
    ResponseFailed,
    ResponseNeverReceived,
    _pages,
    downloadPage,
    getPage,
)
from twisted.web.error import (
    Error,
    InfiniteRedirection,
    PageRedirect,
    RedirectWithNoLocation,
    SchemeNotSupported,
)
from twisted.web.test._clients import Wire, answer


class PageCase(unittest.SynchronousTestCase):
    """Pages over connections in memory."""

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()

    def get(self, url: str | bytes = "http://example.com/a?b", **arguments: Any) -> Deferred[Any]:
        return getPage(url, reactor=self.reactor, **arguments)

    def connect(self, number: int = -1) -> Wire:
        """Have the last attempt to connect succeed."""
        factory = self.reactor.tcpClients[number][2]
        wire = Wire(factory.buildProtocol(None))
        wire.protocol.makeConnection(wire)
        return wire

    def served(self, *pieces: bytes) -> Wire:
        """Have the server say something."""
        wire = self.connect()
        wire.say(*pieces)
        return wire


class GetPageTests(PageCase):
    """`getPage`, and its factory."""

    def test_page(self) -> None:
        page = self.get()
        [(host, port, factory, _, _)] = self.reactor.tcpClients
        self.assertEqual((host, port), ("example.com", 80))
        wire = self.connect()
        self.assertEqual(
            wire.heard(),
            b"GET /a?b HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Twisted PageGetter\r\n"
            b"Connection: close\r\n\r\n",
        )
        wire.say(answer(b"the page", b"200 Fine", b"X-A: b", b"Set-Cookie: c=d; Path=/"))
        self.assertEqual(self.successResultOf(page), b"the page")
        self.assertEqual(
            (factory.version, factory.status, factory.message), (b"HTTP/1.1", b"200", b"Fine")
        )
        self.assertEqual(factory.response_headers[b"x-a"], [b"b"])
        self.assertEqual(factory.cookies, {b"c": b"d"})
        self.assertTrue(wire.disconnecting)
        self.assertIn("http://example.com/a?b", repr(factory))

    def test_arguments(self) -> None:
        """Everything can be said in str or in bytes."""
        self.get(
            b"http://example.com:81/",
            method="POST",
            postdata="a=1",
            headers={"X-A": "b", b"host": b"other"},
            agent="me",
            cookies={"c": "d", b"e": b"f"},
        )
        heard = self.connect().heard()
        self.assertEqual(
            heard,
            b"POST / HTTP/1.1\r\nHost: other\r\nUser-Agent: me\r\nX-A: b\r\nCookie: c=d; e=f\r\n"
            b"Connection: close\r\nContent-Length: 3\r\n\r\na=1",
        )

    def test_error(self) -> None:
        page = self.get()
        self.served(answer(b"no such page", b"404 Not Found"))
        error: Any = self.failureResultOf(page, Error).value
        self.assertEqual(
            (error.status, error.message, error.response), (b"404", b"Not Found", b"no such page")
        )

    def test_untilClosed(self) -> None:
        """What ends with the connection was once all there was."""
        page = self.get()
        self.served(b"HTTP/1.0 200 OK\r\n\r\n", b"page").end()
        self.assertEqual(self.successResultOf(page), b"page")

    def test_incomplete(self) -> None:
        page = self.get()
        self.served(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"page").end()
        self.failureResultOf(page, ResponseFailed)

    def test_nothing(self) -> None:
        page = self.get()
        self.connect().end()
        self.failureResultOf(page, ResponseNeverReceived)

    def test_malformed(self) -> None:
        page = self.get()
        self.served(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        self.failureResultOf(page, ResponseFailed)

    def test_noConnection(self) -> None:
        page = self.get()
        factory = self.reactor.tcpClients[0][2]
        factory.clientConnectionFailed(None, Failure(ConnectionRefusedError()))
        self.failureResultOf(page, ConnectionRefusedError)

    def test_tooLong(self) -> None:
        self.patch(_pages, "MAX_BODY_BYTES", 3)
        page = self.get()
        wire = self.served(answer(b"abcd"))
        self.failureResultOf(page, BodyTooLong)
        self.assertTrue(wire.disconnecting)

    def test_timeout(self) -> None:
        page = self.get(timeout=5)
        self.reactor.advance(5)
        error = self.failureResultOf(page, TimeoutError).value
        self.assertIn("http://example.com/a?b took longer than 5 seconds", str(error))

    def test_inTime(self) -> None:
        page = self.get(timeout=5)
        self.served(answer())
        self.successResultOf(page)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_https(self) -> None:
        context = object()
        self.get("https://example.com/", contextFactory=context)
        [(host, port, _, contextFactory, _, _)] = self.reactor.sslClients
        self.assertEqual((host, port, contextFactory), ("example.com", 443, context))

    def test_injection(self) -> None:
        """What would end a line is refused before anything is sent."""
        for url in ("http://a/\r\nX: y", "http://a/ b", "http://a/\0"):
            self.assertRaises(ValueError, self.get, url)
        self.assertRaises(ValueError, self.get, method="GET /\r\n")
        self.assertEqual(self.reactor.tcpClients, [])

    def test_scheme(self) -> None:
        self.assertRaises(SchemeNotSupported, self.get, "ftp://a/")

    def test_protocol(self) -> None:
        self.assertIs(HTTPClientFactory.protocol, HTTPPageGetter)
        self.assertIs(HTTPDownloader.protocol, HTTPPageDownloader)


class RedirectTests(PageCase):
    """Pages that are elsewhere."""

    def lead(self, location: bytes, code: bytes = b"302 Found") -> None:
        wire = self.served(answer(b"", code, b"Location: " + location))
        self.assertTrue(wire.disconnecting)
        wire.end()

    def test_follow(self) -> None:
        page = self.get()
        self.lead(b"http://other.example:81/c")
        self.assertEqual(self.reactor.tcpClients[1][:2], ("other.example", 81))
        wire = self.connect()
        self.assertTrue(wire.heard().startswith(b"GET /c HTTP/1.1\r\nHost: other.example:81\r\n"))
        wire.say(answer(b"page"))
        self.assertEqual(self.successResultOf(page), b"page")

    def test_secrets(self) -> None:
        """Another origin sees neither cookies nor who the user is; the same does."""
        secret = {"authorization": "Basic eA==", "x-a": "b"}
        self.get(headers=secret, cookies={"c": "d"})
        self.lead(b"/c")
        heard = self.connect().heard()
        self.assertIn(b"Authorization", heard)
        self.assertIn(b"Cookie", heard)
        self.lead(b"http://evil.example/")
        heard = self.connect().heard()
        self.assertNotIn(b"Authorization", heard)
        self.assertNotIn(b"Cookie", heard)
        self.assertIn(b"X-A: b", heard)

    def test_methods(self) -> None:
        """303, and 302 if that is asked for, make it GET, without the body."""
        for afterFoundGet, code, method in (
            (False, b"303 See Other", b"GET"),
            (False, b"302 Found", b"POST"),
            (True, b"302 Found", b"GET"),
            (True, b"307 Temporary", b"POST"),
        ):
            self.setUp()
            self.get(method=b"POST", postdata=b"a=1", afterFoundGet=afterFoundGet)
            self.lead(b"/c", code)
            heard = self.connect().heard()
            self.assertTrue(heard.startswith(method + b" /c "))
            self.assertEqual(heard.endswith(b"a=1"), method == b"POST")

    def test_notFollowed(self) -> None:
        page = self.get(followRedirect=False)
        self.lead(b"/c")
        error: Any = self.failureResultOf(page, PageRedirect).value
        self.assertEqual((error.status, error.location), (b"302", b"/c"))

    def test_limit(self) -> None:
        page = self.get(redirectLimit=2)
        for _ in range(3):
            self.lead(b"/")
        self.failureResultOf(page, InfiniteRedirection)

    def test_nowhere(self) -> None:
        page = self.get()
        self.served(answer(b"", b"302 Found"))
        self.failureResultOf(page, RedirectWithNoLocation)


class DownloadTests(PageCase):
    """`downloadPage`."""

    def setUp(self) -> None:
        super().setUp()
        self.path = self.mktemp()

    def download(self, file: Any = None, **arguments: Any) -> Deferred[None]:
        return downloadPage(
            "http://example.com/", file or self.path, reactor=self.reactor, **arguments
        )

    def content(self) -> bytes:
        with open(self.path, "rb") as file:
            return file.read()

    def keep(self, data: bytes) -> None:
        with open(self.path, "wb") as file:
            file.write(data)

    def test_name(self) -> None:
        done = self.download()
        wire = self.served(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"pa")
        self.assertTrue(os.path.exists(self.path))
        wire.say(b"ge")
        self.assertIs(self.successResultOf(done), None)
        self.assertEqual(self.content(), b"page")

    def test_file(self) -> None:
        class File(io.BytesIO):
            kept = b""

            def close(self) -> None:
                self.kept = self.getvalue()
                super().close()

        file = File()
        done = self.download(file)
        self.served(answer(b"page"))
        self.successResultOf(done)
        self.assertEqual(file.kept, b"page")

    def test_error(self) -> None:
        """The page of an error is not in the file, but in the error."""
        self.keep(b"old")
        done = self.download()
        self.served(answer(b"no such page", b"404 Not Found"))
        error: Any = self.failureResultOf(done, Error).value
        self.assertEqual(error.response, b"no such page")
        self.assertEqual(self.content(), b"old")

    def test_incomplete(self) -> None:
        done = self.download()
        self.served(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"page").end()
        self.failureResultOf(done, ResponseFailed)
        self.assertEqual(self.content(), b"page")

    def test_unknown(self) -> None:
        done = self.download()
        self.served(b"HTTP/1.0 200 OK\r\n\r\n", b"page").end()
        self.failureResultOf(done, PartialDownloadError)
        self.assertEqual(self.content(), b"page")

    def test_rest(self) -> None:
        """The rest of what is there is asked for, and added."""
        self.keep(b"01234")
        done = self.download(supportPartial=True)
        wire = self.connect()
        self.assertIn(b"Range: bytes=5-\r\n", wire.heard())
        wire.say(answer(b"56789", b"206 Partial", b"Content-Range: bytes 5-9/10"))
        self.successResultOf(done)
        self.assertEqual(self.content(), b"0123456789")

    def test_all(self) -> None:
        """A server that sends all of it has it replaced."""
        self.keep(b"01234")
        done = self.download(supportPartial=True)
        self.served(answer(b"new"))
        self.successResultOf(done)
        self.assertEqual(self.content(), b"new")

    def test_wrongRest(self) -> None:
        """Another part than what was asked for is an error, and changes nothing."""
        self.keep(b"01234")
        for said in (b"Content-Range: bytes 0-9/10", b"Content-Range: nonsense", b"X: y"):
            done = self.download(supportPartial=True)
            self.served(answer(b"abc", b"206 Partial", said))
            self.failureResultOf(done, Error)
            self.assertEqual(self.content(), b"01234")

    def test_noFile(self) -> None:
        done = self.download(os.path.join(self.path, "missing"))
        wire = self.served(answer(b"page"))
        self.failureResultOf(done, OSError)
        self.assertTrue(wire.disconnecting)

    def test_full(self) -> None:
        """A disk that is full fails it."""

        class Full(io.BytesIO):
            def write(self, data: Any) -> int:
                raise OSError(28, "No space left on device")

        file = Full()
        done = self.download(file)
        wire = self.connect()
        wire.say(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        self.assertRaises(OSError, wire.say, b"page")
        self.failureResultOf(done, OSError)
        self.assertTrue(file.closed)

    def test_empty(self) -> None:
        done = self.download()
        self.served(answer())
        self.successResultOf(done)
        self.assertEqual(self.content(), b"")
