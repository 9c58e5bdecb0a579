"""Servers of WebSocket: handshakes and messages."""

from __future__ import annotations

from io import StringIO
from typing import Any

from twisted.web.resource import Resource
from twisted.web.test._websockets import ACCEPT, REQUEST, Echo, Recorder, ServerCase
from twisted.web.test.test_websocket_frames import frame
from twisted.web.websocket import WebSocketNotOpen, WebSocketResource


class HandshakeTests(ServerCase):
    """How a connection is asked for."""

    def test_accepted(self) -> None:
        """The answer has what the RFC says."""
        answer = self.ask(REQUEST)
        head = answer.lower().split(b"\r\n")
        self.assertEqual(head[0], b"http/1.1 101 switching protocols")
        self.assertIn(b"upgrade: websocket", head)
        self.assertIn(b"connection: upgrade", head)
        self.assertIn(b"sec-websocket-accept: " + ACCEPT.lower(), head)
        self.assertNotIn(b"extensions", answer.lower())
        self.assertNotIn(b"content-length", answer.lower())
        self.assertEqual(self.protocol.seen, ["started", "finished"])
        self.assertEqual(self.protocol.subject.uri, b"/")
        self.assertIs(self.protocol.transport.subprotocol, None)

    def test_withTheRequest(self) -> None:
        """What comes with the request is read; what is written from the start follows the head."""
        self.serve(WebSocketResource(Echo()))
        self.channel.dataReceived(REQUEST + b"\r\n" + frame(0x81, b"early")[:5])
        self.channel.dataReceived(frame(0x81, b"early")[5:])
        self.assertTrue(self.transport.value().endswith(b"\r\n\r\n\x81\x05early"))

    def test_headers(self) -> None:
        """What the factory sets in the request goes into the answer."""

        class Factory(Recorder):
            def buildProtocol(self, request: Any) -> Any:
                request.setHeader(b"x-a", b"b")
                request.addCookie(b"c", b"d")
                return self

        answer = self.ask(REQUEST, Factory())
        self.assertIn(b"X-A: b\r\n", answer)
        self.assertIn(b"Set-Cookie: c=d", answer)

    def test_badHeaders(self) -> None:
        """No header of the answer can have another in it."""

        class Factory(Recorder):
            def buildProtocol(self, request: Any) -> Any:
                request.setHeader(b"location", b"http://a/\r\nSet-Cookie: evil=1")
                return self

        answer = self.ask(REQUEST, Factory())
        self.assertNotIn(b"\nSet-Cookie", answer)
        self.flushLoggedErrors()

    def assertRefused(self, request: bytes, status: int, **options: Any) -> bytes:
        answer = self.ask(request, **options)
        self.assertEqual(answer.split(b" ")[1], b"%d" % status, answer)
        self.assertNotIn("finished", self.protocol.seen)
        self.transport.clear()
        return answer

    def test_plain(self) -> None:
        """Who asks for a page is told what is spoken here."""
        answer = self.assertRefused(b"GET / HTTP/1.1\r\nHost: a\r\n", 426)
        self.assertIn(b"Upgrade: websocket\r\n", answer)
        for missing in (b"Upgrade: websocket\r\n", b"Connection: keep-alive, Upgrade\r\n"):
            self.assertRefused(REQUEST.replace(missing, b""), 426)
        self.assertRefused(REQUEST.replace(b"websocket", b"h2c"), 426)

    def test_methods(self) -> None:
        """GET it is."""
        self.assertRefused(REQUEST.replace(b"GET", b"HEAD"), 405)
        self.assertRefused(REQUEST.replace(b"GET", b"POST") + b"Content-Length: 0\r\n", 405)

    def test_http10(self) -> None:
        """HTTP/1.0 cannot switch."""
        self.assertRefused(REQUEST.replace(b"HTTP/1.1", b"HTTP/1.0"), 400)

    def test_version(self) -> None:
        """There is one version."""
        answer = self.assertRefused(REQUEST.replace(b"13", b"8"), 426)
        self.assertIn(b"Sec-Websocket-Version: 13\r\n", answer)
        self.assertRefused(REQUEST + b"Sec-WebSocket-Version: 13\r\n", 426)

    def test_keys(self) -> None:
        """A key is 16 bytes, once."""
        key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        for wrong in (b"", key + key, b"Sec-WebSocket-Key: c2hvcnQ=\r\n", key.replace(b"=", b"!")):
            self.assertRefused(REQUEST.replace(key, wrong), 400)

    def test_malformed(self) -> None:
        """Lists that are none are errors."""
        for wrong in (
            b"Sec-WebSocket-Extensions: a; =b\r\n",
            b"Sec-WebSocket-Extensions: a;\r\n",
            b'Sec-WebSocket-Extensions: a; b="c\r\n',
            b"Sec-WebSocket-Extensions: a=b\r\n",
            b"Sec-WebSocket-Protocol: a b\r\n",
            b"Sec-WebSocket-Protocol: a, a\r\n",
            b"Origin: http://a.example\r\nOrigin: http://a.example\r\n",
        ):
            self.assertRefused(REQUEST + wrong, 400)

    def test_withBody(self) -> None:
        """A request with a body is not taken for one, whatever the body looks like."""
        self.serve(WebSocketResource(Echo()))
        body = b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n"
        self.channel.dataReceived(REQUEST + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.assertEqual(self.transport.value().count(b"HTTP/1.1"), 1)

    def test_noProtocol(self) -> None:
        """A factory may refuse, and so may a protocol."""

        class Nothing:
            def buildProtocol(self, request: Any) -> None:
                return None

        class Unwilling(Recorder):
            def negotiationStarted(self, transport: Any) -> None:
                transport.loseConnection()

        self.assertRefused(REQUEST, 403, factory=Nothing())
        self.assertRefused(REQUEST, 403, factory=Unwilling())

    def test_subprotocols(self) -> None:
        """The first of ours that the client speaks is agreed on."""
        asked = REQUEST + b"Sec-WebSocket-Protocol: c, b\r\nSec-WebSocket-Protocol: a\r\n"
        answer = self.ask(asked, protocols=["x", "b", "c"])
        self.assertIn(b"Sec-Websocket-Protocol: b\r\n", answer.replace(b"WebSocket", b"Websocket"))
        self.assertEqual(self.protocol.transport.subprotocol, "b")
        self.assertNotIn(b"Protocol:", self.ask(asked, protocols=["y"]))
        self.assertIs(self.protocol.transport.subprotocol, None)

    def test_logged(self) -> None:
        """A connection is a line of the access log, when it is accepted."""
        log = StringIO()
        self.serve(WebSocketResource(self.protocol))
        self.channel.factory.logFile = log
        self.channel.dataReceived(REQUEST + b"\r\n")
        self.assertIn('"GET / HTTP/1.1" 101 - ', log.getvalue())

    def test_inATree(self) -> None:
        """A resource is a child of others."""
        root = Resource()
        root.putChild(b"ws", WebSocketResource(self.protocol))
        self.serve(root)
        self.channel.dataReceived(REQUEST.replace(b"GET /", b"GET /ws") + b"\r\n")
        self.assertIn(b" 101 ", self.transport.value())


class OriginTests(ServerCase):
    """Whose pages may connect."""

    def answer(self, origin: bytes, host: bytes = b"a.example", **options: Any) -> int:
        request = REQUEST.replace(b"a.example", host)
        return int(self.ask(request + b"Origin: " + origin + b"\r\n", **options).split()[1])

    def test_ours(self) -> None:
        """Pages of the same host and port may; the scheme may be that of a proxy."""
        for origin in (b"http://a.example", b"https://a.example", b"http://A.example:80"):
            self.assertEqual(self.answer(origin), 101, origin)
        self.assertEqual(self.answer(b"https://a.example:8443", b"a.example:8443"), 101)
        self.assertEqual(self.answer(b"http://[::1]:8080", b"[::1]:8080"), 101)

    def test_others(self) -> None:
        """Other pages may not."""
        for origin in (
            b"http://evil.example",
            b"http://a.example.evil.example",
            b"http://a.example:81",
            b"null",
            b"",
            b"file://",
            b"http://a.example@evil.example",
            b"http://evil@a.example",
            b"http://a.example/x",
            b"chrome-extension://a.example",
            b"http://a.example:99999",
        ):
            self.assertEqual(self.answer(origin), 403, origin)

    def test_allowed(self) -> None:
        """Sites can be named."""
        origins = ["https://b.example", "http://c.example:8080"]
        self.assertEqual(self.answer(b"https://b.example", origins=origins), 101)
        self.assertEqual(self.answer(b"http://c.example:8080", origins=origins), 101)
        self.assertEqual(self.answer(b"http://a.example", origins=origins), 101)
        self.assertEqual(self.answer(b"http://b.example", origins=origins), 403)
        self.assertEqual(self.answer(b"http://c.example", origins=origins), 403)

    def test_all(self) -> None:
        """All may, if that is said."""
        self.assertEqual(self.answer(b"http://evil.example", origins="*"), 101)
        self.assertEqual(self.answer(b"null", origins="*"), 101)

    def test_function(self) -> None:
        """A function decides."""
        asked = []

        def decide(request: Any, origin: str) -> bool:
            asked.append((request.uri, origin))
            return origin == "x"

        self.assertEqual(self.answer(b"x", origins=decide), 101)
        self.assertEqual(self.answer(b"http://a.example", origins=decide), 403)
        self.assertEqual(asked, [(b"/", "x"), (b"/", "http://a.example")])

    def test_mistakes(self) -> None:
        """What is no origin is refused when the resource is made."""
        for wrong in ("https://b.example", ["b.example"], ["https://b.example/path"]):
            with self.assertRaises(ValueError):
                WebSocketResource(self.protocol, origins=wrong)


class MessageTests(ServerCase):
    """Messages both ways."""

    def test_received(self) -> None:
        """Messages arrive as str and bytes."""
        self.open()
        self.receive(frame(0x81, b"a"), frame(0x82, b"b"), frame(0x01, b"c"), frame(0x80, b"d"))
        self.assertEqual(self.protocol.seen[2:], ["a", b"b", "cd"])

    def test_sent(self) -> None:
        """They are sent as such."""
        self.open()
        self.protocol.transport.sendTextMessage("a")
        self.protocol.transport.sendBytesMessage(b"b")
        self.protocol.transport.sendBytesMessage(bytearray(b"c"))
        self.assertEqual(self.sent(), ["a", b"b", b"c"])

    def test_mistakes(self) -> None:
        """What is of the wrong type is told at once, and the connection goes on."""
        self.open()
        transport: Any = self.protocol.transport
        self.assertRaises(TypeError, transport.sendTextMessage, b"a")
        self.assertRaises(TypeError, transport.sendBytesMessage, "a")
        self.assertRaises(ValueError, transport.sendTextMessage, "\ud800")
        self.assertRaises(ValueError, transport.ping, b"x" * 126)
        self.assertRaises(ValueError, transport.loseConnection, 1005 + 1)
        transport.sendTextMessage("b")
        self.assertEqual(self.sent(), ["b"])

    def test_tooEarly(self) -> None:
        """Nothing can be sent before the connection is open."""
        errors: list[Any] = []

        class Early(Recorder):
            def negotiationStarted(self, transport: Any) -> None:
                for name in ("ping", "getPeer", "getHost", "pauseProducing"):
                    try:
                        getattr(transport, name)()
                    except WebSocketNotOpen as error:
                        errors.append(error)

        self.ask(REQUEST, Early())
        self.assertEqual(len(errors), 4)

    def test_pings(self) -> None:
        """Pings are answered; pongs are told."""
        self.open()
        self.receive(frame(0x89, b"p"), frame(0x8A, b"q"))
        self.assertEqual(self.sent(), [("pong", b"p")])
        self.assertEqual(self.protocol.seen[2:], [("pong", b"q")])
        self.protocol.transport.ping(b"r")
        self.assertEqual(self.sent(), [("ping", b"r")])

    def test_addresses(self) -> None:
        """The addresses are those of the connection."""
        self.open()
        self.assertEqual(self.protocol.transport.getPeer(), self.transport.getPeer())
        self.assertEqual(self.protocol.transport.getHost(), self.transport.getHost())

    def test_deflate(self) -> None:
        """What is agreed on is said, and used."""
        offer = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        answer = self.ask(REQUEST + offer)
        self.assertIn(
            b"permessage-deflate; server_max_window_bits=12; client_max_window_bits=12\r\n", answer
        )
        self.transport.clear()
        self.protocol.transport.sendTextMessage("abc" * 100)
        self.assertEqual(self.transport.value()[0], 0xC1)
        self.assertLess(len(self.transport.value()), 50)

    def test_offers(self) -> None:
        """The first offer that will do is taken; without one, messages are sent as they are."""
        head = b"Sec-WebSocket-Extensions: "
        for offers, taken in (
            (b"permessage-deflate", b"permessage-deflate; server_max_window_bits=12"),
            (
                b"x-other, permessage-deflate; server_max_window_bits=9; client_max_window_bits=10",
                b"permessage-deflate; server_max_window_bits=9; client_max_window_bits=10",
            ),
            (
                b"permessage-deflate; foo, permessage-deflate; server_no_context_takeover",
                b"permessage-deflate; server_no_context_takeover; server_max_window_bits=12",
            ),
            (
                b'permessage-deflate; client_no_context_takeover; server_max_window_bits="15"',
                b"permessage-deflate; client_no_context_takeover; server_max_window_bits=12",
            ),
            (b"permessage-deflate; server_max_window_bits", None),
            (b"permessage-deflate; server_max_window_bits=8", None),
            (b"permessage-deflate; server_max_window_bits=16", None),
            (b"permessage-deflate; client_max_window_bits=07", None),
            (b"permessage-deflate; client_max_window_bits=9; client_max_window_bits=9", None),
            (b"permessage-deflate; client_no_context_takeover=1", None),
        ):
            answer = self.ask(REQUEST + head + offers + b"\r\n").split(b"\r\n")
            lines = [line for line in answer if line.lower().startswith(head.strip().lower())]
            self.assertEqual(lines, [head + taken] if taken else [], offers)

    def test_notCompressed(self) -> None:
        """A resource need not."""
        offer = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
        self.assertNotIn(b"deflate", self.ask(REQUEST + offer, compress=False))
