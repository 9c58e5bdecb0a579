"""Cookies of clients, and bodies that are compressed."""

from __future__ import annotations

import gzip
import zlib
from http.cookiejar import Cookie, CookieJar, LWPCookieJar, MozillaCookieJar
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial import unittest
from twisted.web.client import (
    BodyTooLong,
    BrowserCookieJar,
    BrowserCookiePolicy,
    ContentDecoderAgent,
    CookieAgent,
    GzipDecoder,
    ResponseFailed,
    _cookies,
    _decoding,
    readBody,
)
from twisted.web.client._cookies import cookieHeader, isPublicSuffix
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IResponse
from twisted.web.test._clients import Receiver, Setup, answer


class CookieTests(unittest.SynchronousTestCase):
    """`CookieAgent`, with the jar that is made for it."""

    def setUp(self) -> None:
        self.setup = Setup()
        self.jar: CookieJar = BrowserCookieJar()
        self.agent = CookieAgent(self.setup.agent, self.jar)

    def set(self, uri: bytes, *cookies: bytes) -> None:
        """Have a server set cookies."""
        asked = self.agent.request(b"GET", uri)
        wire = [one for one in self.setup.endpoints.wires if one.heard()][-1]
        wire.say(answer(b"", b"200 OK", *[b"Set-Cookie: " + one for one in cookies]))
        self.successResultOf(asked)

    def sent(self, uri: bytes) -> bytes | None:
        """The cookies that would be sent."""
        return cookieHeader(self.jar, uri)

    def test_back(self) -> None:
        """What a server sets it gets back."""
        self.set(b"http://a.example/", b"one=1; Path=/", b'two="2"')
        self.agent.request(b"GET", b"http://a.example/b")
        self.assertIn(b'Cookie: one=1; two="2"\r\n', self.setup.endpoints.wire.heard())

    def test_own(self) -> None:
        """What the program sends itself is not added to."""
        self.set(b"http://a.example/", b"one=1")
        self.agent.request(b"GET", b"http://a.example/", Headers({b"cookie": [b"mine=1"]}))
        self.assertIn(b"Cookie: mine=1\r\n", self.setup.endpoints.wire.heard())

    def test_hostOnly(self) -> None:
        """A cookie without a domain is for the one host that has set it."""
        self.set(b"http://example.com/", b"one=1")
        self.assertEqual(self.sent(b"http://example.com/"), b"one=1")
        for host in (b"sub.example.com", b"xexample.com", b"com", b"example.com.evil.org"):
            self.assertIs(self.sent(b"http://" + host + b"/"), None)

    def test_domain(self) -> None:
        """One with a domain is for the hosts below it, and for none beside it."""
        self.set(b"http://www.example.com/", b"one=1; Domain=example.com")
        for host in (b"example.com", b"www.example.com", b"other.example.com"):
            self.assertEqual(self.sent(b"http://" + host + b"/"), b"one=1", host)
        self.assertIs(self.sent(b"http://badexample.com/"), None)

    def test_foreign(self) -> None:
        """Nobody sets cookies for others, for the world, or for parts of addresses."""
        for uri, domain in (
            (b"http://evil.com/", b"example.com"),
            (b"http://example.com/", b"sub.example.com"),
            (b"http://example.com/", b"com"),
            (b"http://example.com/", b".com"),
            (b"http://example.co.uk/", b"co.uk"),
            (b"http://www.example.com.au/", b".com.au"),
            (b"http://127.0.0.1/", b"0.0.1"),
            (b"http://127.0.0.1/", b"127.0.0.1"),
        ):
            self.set(uri, b"one=1; Domain=" + domain)
            self.assertEqual(list(self.jar), [], domain)

    def test_secure(self) -> None:
        """What is for https is not sent by http, nor taken from it."""
        self.set(b"https://example.com/", b"one=1; Secure")
        self.assertEqual(self.sent(b"https://example.com/"), b"one=1")
        self.assertIs(self.sent(b"http://example.com/"), None)
        self.set(b"http://other.com/", b"two=2; Secure")
        self.assertIs(self.sent(b"https://other.com/"), None)

    def test_path(self) -> None:
        self.set(b"http://example.com/a/b", b"one=1; Path=/a")
        self.assertEqual(self.sent(b"http://example.com/a/c"), b"one=1")
        self.assertIs(self.sent(b"http://example.com/b"), None)

    def test_removed(self) -> None:
        self.set(b"http://example.com/", b"one=1")
        self.set(b"http://example.com/", b"one=; Max-Age=0")
        self.assertIs(self.sent(b"http://example.com/"), None)

    def test_localhost(self) -> None:
        """Hosts without a dot, and addresses, have cookies of their own."""
        for host in (b"localhost:81", b"127.0.0.1", b"[::1]:81"):
            self.set(b"http://" + host + b"/", b"one=1")
            self.assertEqual(self.sent(b"http://" + host + b"/x"), b"one=1")

    def test_limits(self) -> None:
        """One server cannot fill the jar."""
        self.set(b"http://example.com/", b"long=" + b"a" * _cookies.MAX_COOKIE_BYTES)
        self.assertEqual(list(self.jar), [])
        most = _cookies.MAX_COOKIES_PER_DOMAIN
        for begin in range(0, most + 100, 70):
            self.set(b"http://example.com/", *[b"c%d=1" % (begin + i) for i in range(70)])
        self.assertEqual(len(self.jar), most)
        self.assertIn("c271", [one.name for one in self.jar])

    def test_saved(self) -> None:
        """A jar that is saved and loaded knows which cookies are for one host alone."""
        for kind in (LWPCookieJar, MozillaCookieJar):
            jar = kind(policy=BrowserCookiePolicy())
            self.jar = jar
            self.agent = CookieAgent(self.setup.agent, jar)
            self.set(b"http://example.com/", b"host=1", b"domain=1; Domain=example.com")
            path = self.mktemp()
            jar.save(path, ignore_discard=True)
            self.jar = kind(policy=BrowserCookiePolicy())
            self.jar.load(path, ignore_discard=True)
            self.assertEqual(self.sent(b"http://sub.example.com/"), b"domain=1")

    def test_publicSuffixes(self) -> None:
        for domain in ("com", ".com", "co.uk", ".co.uk", "com.au", "org.br", "ac.at", "localhost"):
            self.assertTrue(isPublicSuffix(domain), domain)
        for domain in ("example.com", "example.co.uk", "bbc.uk", "a.io", "co.example.com"):
            self.assertFalse(isPublicSuffix(domain), domain)

    def test_plainJar(self) -> None:
        """A jar of the program's keeps its own policy."""
        self.jar = CookieJar()
        self.agent = CookieAgent(self.setup.agent, self.jar)
        self.set(b"http://example.com/", b"one=1")
        self.assertEqual(self.sent(b"http://example.com/"), b"one=1")
        self.assertIsInstance(next(iter(self.jar)), Cookie)


class DecodingTests(unittest.SynchronousTestCase):
    """`ContentDecoderAgent` and `GzipDecoder`."""

    def setUp(self) -> None:
        self.setup = Setup()
        self.agent = ContentDecoderAgent(
            self.setup.agent, [(b"gzip", GzipDecoder), (b"deflate", GzipDecoder)]
        )

    def ask(self, body: bytes, *fields: bytes, cut: int = 0) -> Deferred[Any]:
        """Have a server answer with a body, in pieces of a size."""
        asked = self.agent.request(b"GET", b"http://a/")
        wire = self.setup.endpoints.wire
        wire.heard()
        head = answer(body, b"200 OK", *fields)[: -len(body) or None]
        size = cut or len(body) or 1
        wire.say(head, *[body[i : i + size] for i in range(0, len(body), size)])
        return asked

    def body(self, body: bytes, *fields: bytes, cut: int = 0) -> bytes:
        return self.successResultOf(
            readBody(self.successResultOf(self.ask(body, *fields, cut=cut)))
        )

    def reason(self, body: bytes, cut: int = 0) -> Any:
        """Why the body cannot be had."""
        asked = self.ask(body, b"Content-Encoding: gzip", cut=cut)
        reading = readBody(self.successResultOf(asked))
        error: Any = self.failureResultOf(reading, ResponseFailed).value
        return error.reasons[0].value

    def test_asked(self) -> None:
        self.agent.request(b"GET", b"http://a/")
        self.assertIn(b"Accept-Encoding: gzip,deflate\r\n", self.setup.endpoints.wire.heard())

    def test_gzip(self) -> None:
        """It is decoded, however it is cut, and the headers say no more that it is coded."""
        coded = gzip.compress(b"hello" * 1000)
        for cut in (0, 1, 7):
            response = self.successResultOf(self.ask(coded, b"Content-Encoding: GZIP", cut=cut))
            self.assertFalse(response.headers.hasHeader(b"content-encoding"))
            self.assertEqual((response.code, response.length), (200, UNKNOWN_LENGTH))
            self.assertTrue(IResponse.providedBy(response))
            self.assertEqual(self.successResultOf(readBody(response)), b"hello" * 1000)

    def test_deflate(self) -> None:
        self.assertEqual(self.body(zlib.compress(b"abc"), b"Content-Encoding: deflate"), b"abc")

    def test_members(self) -> None:
        """Several members are one body."""
        coded = gzip.compress(b"abc") + gzip.compress(b"def")
        for cut in (0, 1):
            self.assertEqual(self.body(coded, b"Content-Encoding: gzip", cut=cut), b"abcdef")

    def test_several(self) -> None:
        """What was applied last is undone first; what is not known stays."""
        coded = gzip.compress(gzip.compress(b"abc"))
        self.assertEqual(self.body(coded, b"Content-Encoding: gzip, gzip"), b"abc")
        asked = self.ask(gzip.compress(b"abc"), b"Content-Encoding: br, gzip")
        response = self.successResultOf(asked)
        self.assertEqual(response.headers.getRawHeaders(b"content-encoding"), [b"br"])

    def test_plain(self) -> None:
        self.assertEqual(self.body(b"abc"), b"abc")
        self.assertEqual(self.body(b"", b"Content-Encoding: gzip"), b"")

    def test_broken(self) -> None:
        coded = gzip.compress(b"hello")
        for bad in (b"hello", coded[:-1], coded[:5], coded + b"junk!"):
            for cut in (0, 1):
                self.assertIsInstance(self.reason(bad, cut), zlib.error, bad)

    def test_bomb(self) -> None:
        """A few bytes that become very many are given up, after a part of them."""
        bomb = gzip.compress(b"\0" * (_decoding.ALLOWED_BYTES * 3))
        self.assertLess(len(bomb), 40_000)
        receiver = Receiver()
        self.successResultOf(self.ask(bomb, b"Content-Encoding: gzip")).deliverBody(receiver)
        self.assertIsInstance(receiver.reason.reasons[0].value, BodyTooLong)
        self.assertLessEqual(len(receiver.data), _decoding.ALLOWED_BYTES)
        self.assertLessEqual(max(map(len, receiver.pieces)), _decoding.PIECE_BYTES)

    def test_bombInABomb(self) -> None:
        bomb = gzip.compress(gzip.compress(b"\0" * (_decoding.ALLOWED_BYTES * 3)))
        asked = self.ask(bomb, b"Content-Encoding: gzip, gzip")
        self.failureResultOf(readBody(self.successResultOf(asked)), ResponseFailed)

    def test_maximum(self) -> None:
        """How long a body may become can be set."""
        self.patch(GzipDecoder, "maxDecodedBytes", 3)
        self.assertEqual(self.body(gzip.compress(b"abc"), b"Content-Encoding: gzip"), b"abc")
        self.assertIsInstance(self.reason(gzip.compress(b"abcd")), BodyTooLong)
