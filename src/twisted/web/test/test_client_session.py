"""The one call: `request`, and `Session`."""

from __future__ import annotations

import gzip
import io
from base64 import b64encode
from http.cookiejar import CookieJar
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.error import ConnectionRefusedError, DNSLookupError
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.web.client import (
    BodyTooLong,
    BrowserCookieJar,
    ClientResponse,
    PartialDownloadError,
    RequestNotSent,
    Response,
    ResponseFailed,
    ResponseNeverReceived,
    Session,
    _answers,
    defaultSession,
    request,
)
from twisted.web.client._session import delayBefore
from twisted.web.error import Error, InfiniteRedirection, PageRedirect
from twisted.web.http_headers import Headers
from twisted.web.test._clients import SessionCase, Wire, answer


class RequestTests(SessionCase):
    """What is sent."""

    def test_get(self) -> None:
        self.assertEqual(
            self.heard(),
            b"GET /x HTTP/1.1\r\nHost: a.example\r\nAccept-Encoding: gzip,deflate\r\n\r\n",
        )

    def test_params(self) -> None:
        for url, params, target in (
            ("http://a/x", {"b": "c d", "e": [1, 2], "f": None}, b"/x?b=c%20d&e=1&e=2"),
            ("http://a/x?y=z", [("b", "&")], b"/x?y=z&b=%26"),
            ("http://a/x", {}, b"/x"),
            ("http://a/x", "q=ä b", b"/x?q=%C3%A4%20b"),
            ("http://a/x", b"raw", b"/x?raw"),
        ):
            self.setUp()
            heard = self.heard(url=url, params=params)
            self.assertTrue(heard.startswith(b"GET " + target + b" HTTP/1.1\r\n"), heard)

    def test_url(self) -> None:
        """URLs may be of any characters, as people write them."""
        heard = self.heard(url="http://b\xfccher.example/\xe4 b?\xe4#c")
        self.assertTrue(heard.startswith(b"GET /%C3%A4%20b?%C3%A4 HTTP/1.1\r\n"), heard)
        self.assertIn(b"Host: xn--bcher-kva.example\r\n", heard)

    def test_headers(self) -> None:
        """Those of the session, and those of the request, which take precedence."""
        self.session = Session(self.clock, self.setup.agent, headers={"X-A": "a", "X-B": "b"})
        heard = self.heard(headers={"x-b": ["1", b"2"], b"X-C": "3"})
        for line in (b"X-A: a", b"X-B: 1", b"X-B: 2", b"X-C: 3"):
            self.assertIn(b"\r\n" + line + b"\r\n", heard)
        self.assertNotIn(b"X-B: b", heard)
        self.assertIn(b"X-D: e", self.heard(headers=Headers({b"x-d": [b"e"]})))

    def test_bodies(self) -> None:
        form = b"application/x-www-form-urlencoded"
        for arguments, kind, body in (
            ({"data": b"abc"}, None, b"abc"),
            ({"data": "\xe4"}, None, b"\xc3\xa4"),
            ({"data": {"a": "b c", "d": [1, 2]}}, form, b"a=b+c&d=1&d=2"),
            ({"data": [("a", "\xe4")]}, form, b"a=%C3%A4"),
            ({"json": {"a": [1, None]}}, b"application/json", b'{"a":[1,null]}'),
            ({"json": 0}, b"application/json", b"0"),
        ):
            self.setUp()
            heard = self.heard(method="POST", **arguments)
            self.assertIn(b"Content-Length: %d\r\n" % len(body), heard)
            self.assertTrue(heard.endswith(b"\r\n\r\n" + body), heard)
            if kind is not None:
                self.assertIn(b"Content-Type: " + kind + b"\r\n", heard)

    def test_ownType(self) -> None:
        heard = self.heard(method="POST", json=1, headers={"content-type": "text/x"})
        self.assertIn(b"Content-Type: text/x\r\n", heard)
        self.assertNotIn(b"application/json", heard)

    def test_badBodies(self) -> None:
        self.assertRaises(ValueError, self.ask, json=1, data=b"a")
        self.assertRaises(ValueError, self.ask, json=1, files={"a": b"b"})
        self.assertRaises(TypeError, self.ask, data=1)
        self.assertRaises(TypeError, self.ask, files={"a": 1})

    def test_unknown(self) -> None:
        """A slip of the pen is not silent."""
        self.assertRaises(TypeError, self.ask, timout=5)

    def test_auth(self) -> None:
        basic = b"Authorization: Basic " + b64encode("u:p\xe4".encode()) + b"\r\n"
        self.assertIn(basic, self.heard(auth=("u", "p\xe4")))
        self.setUp()
        heard = self.heard(url="http://u:p%C3%A4@a/x")
        self.assertIn(basic, heard)
        self.assertIn(b"Host: a\r\n", heard)
        self.assertRaises(ValueError, self.ask, auth=("u:v", "p"))

    def test_cookies(self) -> None:
        self.assertIn(b"Cookie: a=b; c=d\r\n", self.heard(cookies={"a": "b", b"c": b"d"}))
        for bad in ({"a": "b;c"}, {"a": "b\r\nX: y"}, {"a\n": "b"}):
            self.assertRaises(ValueError, self.ask, cookies=bad)

    def test_injection(self) -> None:
        """Nothing ends a line but us."""
        for method in ("GET /\r\n", "G ET", "GET\0"):
            self.assertRaises(ValueError, self.ask, method)
        heard = self.heard(url="http://a/\r\nX: y", headers={"X-A": "b\r\nX: y"})
        self.assertNotIn(b"\r\nX: y", heard)


class ResponseTests(SessionCase):
    """What comes back."""

    def test_response(self) -> None:
        response = self.answered(answer(b"abc", b"201 Made", b"X-A: b"))
        self.assertEqual((response.status, response.reason, response.ok), (201, "Made", True))
        self.assertEqual(response.url, "http://a.example/x")
        self.assertEqual((response.version, response.history), ("HTTP/1.1", []))
        self.assertEqual(response.headers.getRawHeaders("x-a"), ["b"])
        for _ in range(2):
            self.assertEqual(self.run_(response.content()), b"abc")
        self.assertIn("201", repr(response))
        response.raiseForStatus()

    def test_text(self) -> None:
        for body, kind, text in (
            (b"\xe4", b"text/plain; charset=iso-8859-1", "\xe4"),
            (b"\xe4", b"text/plain; charset=ISO-8859-1", "\xe4"),
            (b"\xc3\xa4\xff", b"text/plain", "\xe4\ufffd"),
            (b"\xc3\xa4", b'text/plain; charset="no such"', "\xe4"),
            (b"abc", b"", "abc"),
        ):
            response = self.answered(answer(body, b"200 OK", b"Content-Type: " + kind))
            self.assertEqual(self.run_(response.text()), text)
        response = self.answered(answer(b"\xe4"))
        self.assertEqual(self.run_(response.text("latin-1")), "\xe4")
        self.failureResultOf(Deferred.fromCoroutine(response.text("no such")), LookupError)

    def test_json(self) -> None:
        self.assertEqual(self.run_(self.answered(answer(b'{"a": [1]}')).json()), {"a": [1]})
        bad = Deferred.fromCoroutine(self.answered(answer(b"<html>")).json())
        self.failureResultOf(bad, ValueError)

    def test_decoded(self) -> None:
        coded = gzip.compress(b"abc")
        response = self.answered(answer(coded, b"200 OK", b"Content-Encoding: gzip"))
        self.assertEqual(self.run_(response.content()), b"abc")

    def test_error(self) -> None:
        """A status is no exception, unless one is asked for."""
        response = self.answered(answer(b"", b"404 Not Found"))
        self.assertFalse(response.ok)
        error = self.assertRaises(Error, response.raiseForStatus)
        self.assertEqual(error.status, b"404")

    def test_maximum(self) -> None:
        reading = Deferred.fromCoroutine(self.answered(answer(b"abc")).content(2))
        error: Any = self.failureResultOf(reading, ResponseFailed).value
        self.assertIsInstance(error.reasons[0].value, BodyTooLong)

    def test_untilClosed(self) -> None:
        reading = Deferred.fromCoroutine(self.answered(b"HTTP/1.0 200 OK\r\n\r\na").content())
        self.wire.end()
        self.failureResultOf(reading, PartialDownloadError)

    def test_failed(self) -> None:
        asked = self.ask()
        self.wire.end()
        self.failureResultOf(asked, ResponseNeverReceived)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class StreamTests(SessionCase):
    """Bodies piece by piece."""

    HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"

    def collect(self, response: ClientResponse, pieces: list[bytes]) -> Deferred[Any]:
        async def collect() -> None:
            async for piece in response:
                pieces.append(piece)

        return Deferred.fromCoroutine(collect())

    def test_pieces(self) -> None:
        pieces: list[bytes] = []
        collecting = self.collect(self.answered(self.HEAD, b"ab"), pieces)
        self.assertEqual(pieces, [b"ab"])
        self.wire.say(b"cd")
        self.assertEqual(pieces, [b"ab", b"cd"])
        self.assertNoResult(collecting)
        self.wire.say(b"ef")
        self.successResultOf(collecting)
        self.assertEqual(b"".join(pieces), b"abcdef")

    def test_whole(self) -> None:
        pieces: list[bytes] = []
        self.successResultOf(self.collect(self.answered(answer(b"abc")), pieces))
        self.assertEqual(pieces, [b"abc"])

    def test_incomplete(self) -> None:
        collecting = self.collect(self.answered(self.HEAD), [])
        self.wire.end()
        self.failureResultOf(collecting, ResponseFailed)

    def test_flow(self) -> None:
        """No more is read than is taken."""
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n"
        stream = aiter(self.answered(head))
        piece = b"a" * _answers._AHEAD_BYTES
        self.wire.say(piece)
        self.assertEqual(self.wire.producerState, "producing")
        self.wire.say(b"b")
        self.assertEqual(self.wire.producerState, "paused")
        self.assertEqual(self.run_(stream.__anext__()), piece)
        self.assertEqual(self.wire.producerState, "paused")
        self.assertEqual(self.run_(stream.__anext__()), b"b")
        self.assertEqual(self.wire.producerState, "producing")

    def test_close(self) -> None:
        """Whoever has enough closes it."""

        async def begin() -> None:
            async with response:
                async for _ in response:
                    break

        response = self.answered(self.HEAD, b"ab")
        self.run_(begin())
        self.assertTrue(self.wire.aborted)

    def test_closeDecoded(self) -> None:
        """So can one whose body is decoded on the way."""
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n"
        self.answered(head).close()
        self.assertTrue(self.wire.aborted)

    def test_cancel(self) -> None:
        collecting = self.collect(self.answered(self.HEAD), [])
        collecting.cancel()
        self.failureResultOf(collecting)
        self.wire.say(b"abcdef")


class TimeTests(SessionCase):
    """How long it may take."""

    def test_headers(self) -> None:
        asked = self.ask(timeout=5)
        self.clock.advance(5)
        error = self.failureResultOf(asked, TimeoutError).value
        self.assertIn("within 5 seconds", str(error))
        self.assertTrue(self.wire.aborted)

    def test_body(self) -> None:
        """The body has what is left of the time."""
        asked = self.ask(timeout=5)
        self.clock.advance(3)
        self.wire.say(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab")
        reading = Deferred.fromCoroutine(self.successResultOf(asked).content())
        self.clock.advance(1)
        self.assertNoResult(reading)
        self.clock.advance(1)
        self.failureResultOf(reading, TimeoutError)
        self.assertTrue(self.wire.aborted)

    def test_never(self) -> None:
        self.ask(timeout=None)
        self.clock.advance(1_000_000)
        self.assertFalse(self.wire.aborted)

    def test_default(self) -> None:
        asked = self.ask()
        self.clock.advance(60)
        self.failureResultOf(asked, TimeoutError)

    def test_cancel(self) -> None:
        asked = self.ask()
        asked.cancel()
        self.failureResultOf(asked)
        self.assertTrue(self.wire.aborted)
        self.wire.end()
        self.assertEqual(self.clock.getDelayedCalls(), [])


class RedirectTests(SessionCase):
    """Requests that are sent elsewhere."""

    def lead(self, location: bytes, code: bytes = b"302 Found", *fields: bytes) -> None:
        self.wire.heard()
        self.wire.say(answer(b"", code, b"Location: " + location, *fields))

    def test_follow(self) -> None:
        asked = self.ask()
        self.lead(b"/b", b"302 Found", b"Set-Cookie: a=b")
        self.assertIn(b"\r\nCookie: a=b\r\n", self.wire.heard())
        self.wire.say(answer(b"here"))
        response = self.successResultOf(asked)
        self.assertEqual(response.url, "http://a.example/b")
        self.assertEqual([one.status for one in response.history], [302])

    def test_connection(self) -> None:
        """A redirection does not hold its connection, whatever its body is."""
        self.ask()
        self.wire.say(
            b"HTTP/1.1 302 Found\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n"
            b"Location: http://b.example/\r\n\r\n"
        )
        wire = self.setup.endpoints.to(b"a.example")
        self.assertEqual(wire.producerState, "producing")
        wire.say(b"redirects")
        wire.heard()
        self.ask(url="http://a.example/again")
        self.assertTrue(wire.heard().startswith(b"GET /again "))

    def test_notFollowed(self) -> None:
        response = self.answered(answer(b"", b"302 Found", b"Location: /b"), redirects=0)
        self.assertEqual(response.status, 302)

    def test_loop(self) -> None:
        asked = self.ask(redirects=2)
        for _ in range(3):
            self.lead(b"/x")
        error: Any = self.failureResultOf(asked, ResponseFailed).value
        self.assertIsInstance(error.reasons[0].value, InfiniteRedirection)

    def test_downgrade(self) -> None:
        asked = self.ask(url="https://a.example/")
        self.lead(b"http://a.example/")
        error: Any = self.failureResultOf(asked, ResponseFailed).value
        self.assertIsInstance(error.reasons[0].value, PageRedirect)

    def test_secrets(self) -> None:
        """Another origin sees no secrets: not those of the request, of the URL, of the jar."""
        self.ask(
            auth=("u", "p"),
            cookies={"mine": "1"},
            headers={"Host": "a.example", "X-A": "b", "Proxy-Authorization": "x"},
        )
        self.lead(b"http://b.example/", b"302 Found", b"Set-Cookie: a=b")
        heard = self.setup.endpoints.to(b"b.example").heard()
        self.assertEqual(
            heard,
            b"GET / HTTP/1.1\r\nHost: b.example\r\nX-A: b\r\nAccept-Encoding: gzip,deflate\r\n\r\n",
        )

    def test_bodies(self) -> None:
        """307 sends the body again; after 302 there is none."""
        self.ask("POST", json=1)
        self.lead(b"/b", b"307 Temporary")
        heard = self.wire.heard()
        self.assertTrue(heard.startswith(b"POST /b ") and heard.endswith(b"\r\n\r\n1"))
        self.lead(b"/c")
        heard = self.wire.heard()
        self.assertTrue(heard.startswith(b"GET /c "))
        self.assertNotIn(b"Content-", heard)

    def test_files(self) -> None:
        """What can be read once is sent once."""
        asked = self.ask("POST", data=io.BytesIO(b""))
        self.lead(b"/b", b"307 Temporary")
        error: Any = self.failureResultOf(asked, ResponseFailed).value
        self.assertIsInstance(error.reasons[0].value, PageRedirect)


class RetryTests(SessionCase):
    """Requests that are made again."""

    def response(self, code: int, *after: bytes) -> Response:
        headers = Headers({b"retry-after": list(after)} if after else None)
        return Response((b"HTTP", 1, 1), code, b"", headers, None)

    def test_decision(self) -> None:
        refused = Failure(ConnectionRefusedError())
        never = Failure(ResponseNeverReceived([]))
        for attempt, retries, method, repeatable, outcome, delay in (
            (0, 0, b"GET", True, refused, None),
            (0, 3, b"GET", True, refused, 0.2),
            (1, 3, b"GET", True, refused, 0.4),
            (2, 3, b"GET", True, refused, 0.8),
            (3, 3, b"GET", True, refused, None),
            (50, 99, b"GET", True, refused, 60),
            (0, 1, b"POST", True, refused, 0.2),
            (0, 1, b"POST", True, Failure(DNSLookupError()), 0.2),
            (0, 1, b"POST", True, Failure(RequestNotSent()), 0.2),
            (0, 1, b"POST", False, refused, None),
            (0, 1, b"POST", True, never, None),
            (0, 1, b"PUT", True, never, 0.2),
            (0, 1, b"GET", True, Failure(ResponseFailed([])), None),
            (0, 1, b"GET", True, Failure(ZeroDivisionError()), None),
            (0, 1, b"GET", True, self.response(200), None),
            (0, 1, b"GET", True, self.response(500), None),
            (0, 1, b"GET", True, self.response(503), 0.2),
            (0, 1, b"POST", True, self.response(503), None),
            (0, 1, b"GET", True, self.response(429, b"7"), 7),
            (0, 1, b"GET", True, self.response(503, b"3600"), None),
            (0, 1, b"GET", True, self.response(503, b"9" * 9999), 0.2),
            (0, 1, b"GET", True, self.response(503, b"Fri, 31 Dec 1999 23:59:59 GMT"), 0.2),
        ):
            seen = delayBefore(attempt, retries, method, repeatable, outcome)
            self.assertEqual(seen, delay, (attempt, retries, method, outcome))

    def test_retries(self) -> None:
        """It is made again, after a pause, on another connection."""
        asked = self.ask(retries=2)
        self.wire.end()
        self.clock.advance(0.1)
        self.assertEqual(len(self.setup.endpoints.wires), 1)
        self.clock.advance(0.1)
        self.assertEqual(len(self.setup.endpoints.wires), 2)
        self.wire.say(answer(b"busy", b"503 Busy", b"Retry-After: 3"))
        self.clock.advance(3)
        self.wire.say(answer(b"here"))
        self.assertEqual(self.successResultOf(asked).status, 200)

    def test_lastOutcome(self) -> None:
        """If it fails to the end, the last outcome counts."""
        asked = self.ask(retries=1)
        self.wire.end()
        self.clock.advance(0.2)
        self.wire.say(answer(b"", b"502 Bad Gateway"))
        self.assertEqual(self.successResultOf(asked).status, 502)


class SessionTests(SessionCase):
    """What requests share."""

    def test_cookies(self) -> None:
        """A session keeps cookies; `request` does not."""
        self.answered(answer(b"", b"200 OK", b"Set-Cookie: a=b"))
        self.wire.heard()
        self.assertIn(b"Cookie: a=b\r\n", self.heard())
        self.setUp()
        self.session.jar = None
        self.answered(answer(b"", b"200 OK", b"Set-Cookie: a=b"))
        self.wire.heard()
        self.assertNotIn(b"Cookie", self.heard())

    def test_jar(self) -> None:
        """A jar can be given, for the session or for a request."""
        mine, other = CookieJar(), BrowserCookieJar()
        self.session = Session(self.clock, self.setup.agent, jar=mine)
        self.answered(answer(b"", b"200 OK", b"Set-Cookie: a=b"))
        self.answered(answer(b"", b"200 OK", b"Set-Cookie: c=d"), cookies=other)
        self.assertEqual([one.name for one in mine], ["a"])
        self.assertEqual([one.name for one in other], ["c"])

    def test_defaults(self) -> None:
        """What a session says holds for requests that do not."""
        self.session = Session(self.clock, self.setup.agent, timeout=3)
        asked = self.ask()
        self.clock.advance(3)
        self.failureResultOf(asked, TimeoutError)

    def test_pool(self) -> None:
        """Without an agent, it has one, which keeps connections until it is closed."""
        reactor = MemoryReactorClock()
        session = Session(reactor)
        asked = session.request("GET", "http://127.0.0.1:81/")
        factory = reactor.tcpClients[0][2]
        wire = Wire(factory.buildProtocol(None))
        wire.protocol.makeConnection(wire)
        wire.say(answer())
        self.successResultOf(asked)
        self.assertFalse(wire.disconnecting)
        closed = session.close()
        wire.end()
        self.successResultOf(closed)

    def test_request(self) -> None:
        """`request` uses one session for each reactor."""
        reactor = MemoryReactorClock()
        session = defaultSession(reactor)
        self.assertIs(session, defaultSession(reactor))
        self.assertIsNot(session, defaultSession(MemoryReactorClock()))
        self.assertIs(session.jar, None)
        request("GET", "http://127.0.0.1:81/", reactor, timeout=5)
        self.assertEqual(reactor.tcpClients[0][:2], ("127.0.0.1", 81))
