"""Bodies, forms, sessions, cookies and the access log of a server."""

from __future__ import annotations

import errno
import json
import re
from dataclasses import replace
from typing import Any

from zope.interface import Interface

from twisted.internet.defer import CancelledError, Deferred
from twisted.web import http, server
from twisted.web._limits import DEFAULT_LIMITS
from twisted.web.test.test_server import Page, SiteTestCase


class BodyTests(SiteTestCase):
    """Requests with bodies."""

    POST = b"POST /%b HTTP/1.1\r\nHost: a\r\n%bContent-Length: %d\r\n\r\n%b"

    def post(self, path: bytes, headers: bytes, body: bytes) -> bytes:
        """What comes back for a POST."""
        return self.send(self.POST % (path, headers, len(body), body))

    def form(self, parts: list[tuple[bytes, bytes]], boundary: bytes = b"XX") -> bytes:
        """What comes back for a form in several parts, of their headers and values."""
        body = b"".join(
            b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary, head, value) for head, value in parts
        )
        kind = b"Content-Type: multipart/form-data; boundary=%b\r\n" % boundary
        return self.post(b"args", kind, body + b"--%b--\r\n" % boundary)

    def test_continue(self) -> None:
        """A client that waits for our word gets it, unless the body is too long."""
        head = (
            b"POST /args HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
        )
        self.assertEqual(self.send(head % 1), b"HTTP/1.1 100 Continue\r\n\r\n")
        self.assertTrue(self.send(b"a").startswith(b"HTTP/1.1 200 "))
        self.assertClosing(b"413", self.send(head % 10**12))

    def test_forms(self) -> None:
        """Fields of the query and of forms of both kinds come together; forms take precedence."""
        kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
        sent = self.post(b"args?a=0&d", kind, b"a=1&b=%20+&a=2&c=")
        self.assertTrue(
            sent.endswith(b"[(b'a', [b'1', b'2']), (b'b', [b'  ']), (b'c', [b'']), (b'd', [b''])]"),
            sent,
        )
        sent = self.form(
            [
                (b'Content-Disposition: form-data; name="a"', b"1\r\n--X"),
                (b'content-disposition: form-data; filename="x"; name="\\"b"\r\nA: b', b""),
            ]
        )
        self.assertTrue(sent.endswith(b"""[(b'"b', [b'']), (b'a', [b'1\\r\\n--X'])]"""), sent)

    def test_badForms(self) -> None:
        """What is no form, or too much of one, is refused."""
        named = b'Content-Disposition: form-data; name="a"'
        for status, parts in (
            (b"400", [(b"A: b", b"")]),
            (b"400", [(named + b"\r\nA: " + b"b" * 9000, b"")]),
            (b"413", [(named, b"")] * 1001),
        ):
            self.connect()
            self.assertClosing(status, self.form(parts))
            self.lose()
        kind = b"Content-Type: multipart/form-data%b\r\n"
        for header, body in (
            (b"", b"--a--"),
            (b"; boundary=a", b"--b--"),
            (b"; boundary=a", b"--a\r\nno end"),
            (b"; boundary=a", b"--ajunk"),
        ):
            self.connect()
            self.assertClosing(b"400", self.post(b"args", kind % header, body))
            self.lose()
        self.connect()
        kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
        self.assertClosing(b"413", self.post(b"args", kind, b"a&" * 1000))

    def test_largeForm(self) -> None:
        """A form is not read into memory past a limit."""
        self.connect(limits=replace(DEFAULT_LIMITS, formBytes=10))
        kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
        self.assertClosing(b"413", self.post(b"args", kind, b"a=123456789"))

    def test_spooled(self) -> None:
        """A long body is in a file, not in memory, and closed with its request."""
        self.connect(limits=replace(DEFAULT_LIMITS, memoryBytes=10))
        self.post(b"later", b"", b"a" * 11)
        content = self.requests[0].content
        self.assertIsInstance(content.fileno(), int)
        self.assertEqual(content.read(), b"a" * 11)
        self.requests[0].finish()
        self.assertTrue(content.closed)

    def test_noSpace(self) -> None:
        """A disk that is full is the server's fault."""

        class Full(server.Request):
            def handleContentChunk(self, data: bytes) -> None:
                raise OSError(errno.ENOSPC, "full")

        self.connect(requestFactory=Full)
        self.assertClosing(b"507", self.post(b"later", b"", b"a"))
        self.assertEqual(self.requests, [])

    def test_answeredEarly(self) -> None:
        """One who answers before the end of the body does not wait for it."""

        class Early(server.Request):
            def gotLength(self, length: int | None) -> None:
                super().gotLength(length)
                self.setResponseCode(403)
                self.finish()

        self.connect(requestFactory=Early)
        sent = self.send(self.POST % (b"", b"", 100, b"a"))
        self.assertClosing(b"403", sent)
        self.assertFalse(self.transport.disconnecting)
        self.channel.dataReceived(bytes(2 * 1024 * 1024))
        self.assertTrue(self.transport.disconnecting)


class IThing(Interface):
    """Something that a session has."""


class SessionTests(SiteTestCase):
    """Sessions and cookies."""

    def setUp(self) -> None:
        super().setUp()
        self.root.putChild(b"session", Page(lambda request: request.getSession().uid))

    def test_session(self) -> None:
        """A client is known by its cookie, until it is forgotten."""
        sent = self.get(b"/session")
        [cookie] = re.findall(rb"Set-Cookie: (.*)\r\n", sent)
        uid = sent.rpartition(b"\r\n\r\n")[2]
        self.assertEqual(cookie, b"TWISTED_SESSION=%b; Path=/; HttpOnly; SameSite=lax" % uid)
        sent = self.get(b"/session", b"Cookie: a=b; TWISTED_SESSION=%b\r\n" % uid)
        self.assertTrue(sent.endswith(uid))
        self.assertNotIn(b"Set-Cookie", sent)
        expired: list[bool] = []
        self.site.getSession(uid).notifyOnExpire(lambda: expired.append(True))
        self.clock.advance(900)
        self.assertEqual((expired, self.site.sessions), ([True], {}))

    def test_chosenByClient(self) -> None:
        """No client chooses its identifier, and none is like another."""
        sent = self.get(b"/session", b"Cookie: TWISTED_SESSION=mine\r\n")
        other = self.get(b"/session").rpartition(b"\r\n\r\n")[2]
        uid = sent.rpartition(b"\r\n\r\n")[2]
        self.assertNotIn(uid, (b"mine", other))
        self.assertEqual(len(uid), 64)
        for one in list(self.site.sessions.values()):
            one.expire()

    def test_secure(self) -> None:
        """Under TLS there is another session, whose cookie stays there."""

        class Secure(server.Request):
            def isSecure(self) -> bool:
                return True

        self.connect(requestFactory=Secure)
        [cookie] = re.findall(rb"Set-Cookie: (.*)\r\n", self.get(b"/session"))
        self.assertTrue(cookie.startswith(b"TWISTED_SESSION_SECURE="))
        self.assertIn(b"; Secure;", cookie)
        for one in list(self.site.sessions.values()):
            one.expire()

    def test_components(self) -> None:
        """A session is asked for what it has."""
        session = server.Session(self.site, b"uid", reactor=self.clock)
        thing = object()
        session.setComponent(IThing, thing)
        self.assertIs(session.getComponent(IThing), thing)

    def test_cookies(self) -> None:
        """Cookies of the client are found, and those of ours have their attributes."""

        def answer(request: Any) -> bytes:
            request.addCookie("a", b"b", path="/", max_age=5, secure=True, sameSite="Strict")
            return request.getCookie(b"x") or b"none"

        sent = self.ask(answer, b"Cookie: x=1; y; x=2\r\n")
        self.assertIn(b"Set-Cookie: a=b; Path=/; Max-Age=5; Secure; SameSite=Strict\r\n", sent)
        self.assertTrue(sent.endswith(b"\r\n\r\n2"))

    def test_badCookies(self) -> None:
        """What would end a cookie, or an attribute of it, is refused."""
        request = server.Request(self.channel)
        for name, value, attributes in (
            (b"a", b"b; Domain=c", {}),
            (b"a", b"b\r\nX: y", {}),
            (b"a=b", b"", {}),
            (b"a", b"b", {"path": b"/; Secure"}),
            (b"a", b"b", {"domain": b"\x00"}),
            (b"a", b"b", {"sameSite": b"maybe"}),
        ):
            self.assertRaises(ValueError, request.addCookie, name, value, **attributes)
        self.assertEqual(request.cookies, [])


class LogTests(SiteTestCase):
    """The access log."""

    def test_file(self) -> None:
        """A line for each response, in which a client cannot forge another."""
        path = self.mktemp()
        self.connect(logPath=path)
        self.site.startFactory()
        self.get(b'/%1b[31m"x', b'Referer: "a\\\xe9\r\nUser-Agent: me\r\n')
        self.site.stopFactory()
        with open(path) as log:
            [line] = log.read().splitlines()
        self.assertRegex(
            line,
            r'^192.168.1.1 - - \[[^]]+ \+0000\] "GET /%1b\[31m\\x22x HTTP/1.1" 404 \d+ '
            r'"\\x22a\\x5c\\xe9" "me"$',
        )

    def test_accessLogInJSON(self) -> None:
        """Whatever a client says is in one line, which can be read again."""
        path = self.mktemp()
        self.connect(logPath=path, logFormatter=http.jsonLogFormatter)
        self.site.startFactory()
        self.get(b"/path/x?%1b[31m", b'User-Agent: a"\xff\x80\tb\r\n')
        self.get(b"/path/y")
        self.site.stopFactory()
        with open(path, encoding="ascii") as file:
            first, second = map(json.loads, file)
        self.assertEqual(
            {name: first[name] for name in ("method", "uri", "protocol", "status", "bytes")},
            {
                "method": "GET",
                "uri": "/path/x?%1b[31m",
                "protocol": "HTTP/1.1",
                "status": 200,
                "bytes": 1,
            },
        )
        self.assertEqual((first["userAgent"], second["userAgent"]), ('a"\xff\x80\tb', None))
        self.assertRegex(first["time"], r"^\d{4}-\d\d-\d\dT.*\+00:00$")

    def test_formatter(self) -> None:
        """The lines can be made otherwise."""
        path = self.mktemp()
        self.connect(logPath=path, logFormatter=lambda timestamp, request: "line")
        self.site.startFactory()
        self.get(b"/")
        self.site.stopFactory()
        with open(path) as log:
            self.assertEqual(log.read(), "line\n")


class CancelTests(SiteTestCase):
    """Coroutines of clients that go away."""

    def test_cancelled(self) -> None:
        """They see it where they wait."""
        seen: list[str] = []

        async def answer(request: Any) -> bytes:
            try:
                return await Deferred[bytes]()
            except CancelledError:
                seen.append("cancelled")
                raise

        self.ask(answer)
        self.lose()
        self.assertEqual(seen, ["cancelled"])
