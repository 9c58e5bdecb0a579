"""Servers of WebSocket: resources, protocols and their transports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionAborted
from twisted.web._websocket import Connection, Deflate
from twisted.web.resource import Resource
from twisted.web.test._websockets import ACCEPT, REQUEST, Echo, Producer, Recorder, ServerCase
from twisted.web.test.test_websocket_frames import frame
from twisted.web.websocket import WebSocketLimits, WebSocketNotOpen, WebSocketResource


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


class EndTests(ServerCase):
    """How connections end."""

    def test_byTheClient(self) -> None:
        """The client closes; that is answered, and the server closes the connection."""
        self.open()
        self.receive(frame(0x88, b"\x0f\xa1bye"))
        self.assertEqual(self.sent(), [("close", 4001, "")])
        self.assertTrue(self.transport.disconnecting)
        self.assertIs(self.transport.producer, None)
        self.lose()
        self.assertEqual(self.protocol.ending, ("WebSocketClosed", 4001, "bye"))

    def test_byUs(self) -> None:
        """We close; the answer is waited for, messages are not told any more."""
        self.open()
        self.protocol.transport.loseConnection(3000, "enough")
        self.assertEqual(self.sent(), [("close", 3000, "enough")])
        self.assertFalse(self.transport.disconnecting)
        self.text("late")
        self.receive(frame(0x89, b"p"))
        self.receive(frame(0x88, b"\x0b\xb8"))
        self.assertTrue(self.transport.disconnecting)
        self.lose()
        self.assertEqual(self.protocol.seen[2:], [])
        self.assertEqual(self.protocol.ending, ("WebSocketClosed", 3000, ""))
        self.assertEqual(self.sent(), [])

    def test_noAnswer(self) -> None:
        """A client that does not answer is cut off."""
        self.open()
        self.protocol.transport.loseConnection()
        self.clock.advance(9)
        self.assertFalse(self.transport.disconnected)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnected)
        self.lose(ConnectionAborted())
        self.assertEqual(self.protocol.ending[:2], ("WebSocketLost", 1006))

    def test_notTaken(self) -> None:
        """So is one that does not take what was sent before the connection is closed."""
        self.open()
        self.receive(frame(0x88))
        self.clock.advance(10)
        self.assertTrue(self.transport.disconnected)
        self.lose(ConnectionAborted())
        self.assertEqual(self.protocol.ending, ("WebSocketClosed", 1005, ""))

    def test_twice(self) -> None:
        """A connection that is closed may be closed."""
        self.open()
        self.protocol.transport.loseConnection()
        self.protocol.transport.loseConnection()
        self.assertEqual(self.sent(), [("close", 1000, "")])
        self.receive(frame(0x88))
        self.lose()
        self.protocol.transport.loseConnection()
        self.assertEqual(self.sent(), [])

    def test_sendingAfter(self) -> None:
        """Nothing can be sent after we have closed, or were told that the connection is lost."""
        self.open()
        self.protocol.transport.loseConnection()
        self.assertRaises(WebSocketNotOpen, self.protocol.transport.sendTextMessage, "a")
        self.assertRaises(WebSocketNotOpen, self.protocol.transport.ping)
        self.lose()
        self.assertRaises(WebSocketNotOpen, self.protocol.transport.sendBytesMessage, b"a")

    def test_sendingToClosed(self) -> None:
        """Until we are told that the client has closed, what is sent is for nothing."""
        self.open()
        self.receive(frame(0x88))
        self.sent()
        self.protocol.transport.sendTextMessage("a")
        self.protocol.transport.ping()
        self.assertEqual(self.sent(), [])
        self.lose()
        self.assertRaises(WebSocketNotOpen, self.protocol.transport.sendTextMessage, "a")

    def test_messageAndClose(self) -> None:
        """What a message asks for is sent when the close has already come."""
        self.open(factory=Echo())
        self.receive(frame(0x81, b"a"), frame(0x88))
        self.assertEqual(self.sent(), ["a", ("close", 1005, "")])

    def test_closeInTheMiddle(self) -> None:
        """A protocol that closes gets nothing more of what has arrived."""

        class Quits(Recorder):
            def textMessageReceived(self, message: str) -> None:
                self.seen.append(message)
                self.transport.loseConnection()

        protocol = Quits()
        self.open(factory=protocol)
        self.receive(frame(0x81, b"a"), frame(0x81, b"b"), frame(0x88))
        self.assertEqual(protocol.seen[2:], ["a"])
        self.assertEqual(self.sent(), [("close", 1000, "")])
        self.assertTrue(self.transport.disconnecting)

    def test_without(self) -> None:
        """A connection may end without a word."""
        self.open()
        self.lose()
        self.assertEqual(self.protocol.ending, ("WebSocketClosed", 1006, "without a word"))

    def test_broken(self) -> None:
        """It may break."""
        self.open()
        self.lose(ConnectionAborted())
        self.assertEqual(self.protocol.ending[:2], ("WebSocketLost", 1006))

    def test_abort(self) -> None:
        """We may break it."""
        self.open()
        self.protocol.transport.abortConnection()
        self.assertTrue(self.transport.disconnected)
        self.assertEqual(self.sent(), [])

    def assertOffence(self, data: bytes, code: int, **options: Any) -> None:
        """The client is told that it has broken the rules, and then not listened to."""
        self.protocol = Recorder()
        self.open(**options)
        self.receive(frame(0x81, b"before") + data + frame(0x81, b"after"))
        self.assertEqual(self.protocol.seen[2:], ["before"])
        ((kind, told, reason),) = self.sent()
        self.assertEqual((kind, told), ("close", code))
        self.assertTrue(self.transport.writeDisconnecting)
        self.receive(frame(0x81, b"more"))
        self.lose()
        self.assertEqual(self.protocol.ending, ("WebSocketLost", code, reason))
        self.assertEqual(self.protocol.seen[2:], ["before"])

    def test_offences(self) -> None:
        """What a client may not send."""
        self.assertOffence(frame(0x81, b"a", key=b""), 1002)
        self.assertOffence(frame(0xC1, b"a"), 1002)
        self.assertOffence(frame(0x83, b"a"), 1002)
        self.assertOffence(frame(0x81, b"\xff"), 1007)
        small = WebSocketLimits(messageBytes=10)
        self.assertOffence(frame(0x81, b"a" * 11), 1009, limits=small)
        self.assertOffence(frame(0x01, b"a" * 9) + frame(0x80, b"aa"), 1009, limits=small)

    def test_offenceWhileClosing(self) -> None:
        """A client that breaks the rules when it should close is told nothing more."""
        self.open()
        self.protocol.transport.loseConnection()
        self.receive(frame(0x83))
        self.assertEqual(self.sent(), [("close", 1000, "")])
        self.assertTrue(self.transport.writeDisconnecting)

    def test_lingering(self) -> None:
        """A client that sends on and on, or does not close, is cut off."""
        self.open()
        self.receive(frame(0x83))
        self.receive(bytes(1024 * 1024))
        self.assertFalse(self.transport.disconnected)
        self.receive(b"x")
        self.assertTrue(self.transport.disconnected)
        self.transport.disconnected = False
        self.clock.advance(10)
        self.assertTrue(self.transport.disconnected)

    def test_bug(self) -> None:
        """A bug of the protocol is logged, and ends its connection."""

        class Buggy(Recorder):
            def textMessageReceived(self, message: str) -> None:
                raise ZeroDivisionError(message)

        protocol = Buggy()
        self.open(factory=protocol)
        self.receive(frame(0x81, b"a"), frame(0x81, b"b"))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.sent(), [("close", 1011, "")])
        self.lose()
        self.assertEqual(protocol.ending, ("WebSocketLost", 1011, ""))

    def test_bugAtTheEnds(self) -> None:
        """So is one in the first and in the last method that is called."""

        class Buggy(Recorder):
            def negotiationFinished(self) -> None:
                raise ZeroDivisionError

            def connectionLost(self, reason: Any) -> None:
                raise ZeroDivisionError

        self.open(factory=Buggy(), limits=WebSocketLimits(pingSeconds=None))
        self.lose()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class KeepAliveTests(ServerCase):
    """Who is silent is asked whether it is there."""

    def test_silent(self) -> None:
        """One who does not answer is not."""
        self.open()
        self.clock.advance(30)
        self.assertEqual(self.sent(), [])  # it has just opened the connection
        self.clock.advance(30)
        ((kind, payload),) = self.sent()
        self.assertEqual((kind, len(payload)), ("ping", 8))
        self.clock.advance(29)
        self.assertFalse(self.transport.disconnected)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnected)
        self.lose(ConnectionAborted())
        self.assertEqual(self.protocol.ending[:2], ("WebSocketLost", 1006))
        self.assertIn("30", self.protocol.ending[2])

    def test_answers(self) -> None:
        """One who answers is; the protocol is not bothered with it."""
        self.open()
        self.clock.advance(30)
        for _ in range(3):
            self.clock.advance(30)
            ((_kind, payload),) = self.sent()
            self.clock.advance(20)
            self.receive(frame(0x8A, payload))
            self.clock.advance(10)
        self.assertFalse(self.transport.disconnected)
        self.assertEqual(self.protocol.seen[2:], [])

    def test_anything(self) -> None:
        """Who says anything is there."""
        self.open()
        for _ in range(5):
            self.clock.advance(29)
            self.receive(frame(0x81, b"slow and long")[:1])
            self.receive(frame(0x81, b"slow and long")[1:])
        self.assertEqual(self.sent(), [])

    def test_never(self) -> None:
        """Nobody is asked if that is said."""
        self.open(limits=WebSocketLimits(pingSeconds=None))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_notHeard(self) -> None:
        """Who is not listened to is not asked."""
        self.open()
        self.protocol.transport.pauseProducing()
        for _ in range(9):
            self.clock.advance(30)
        self.assertEqual(self.sent(), [])
        self.assertFalse(self.transport.disconnected)


class FlowTests(ServerCase):
    """Nobody is sent more than it takes."""

    def test_paused(self) -> None:
        """A protocol that pauses is told nothing until it goes on."""

        class Pausing(Recorder):
            def textMessageReceived(self, message: str) -> None:
                self.seen.append(message)
                self.transport.pauseProducing()

        protocol = Pausing()
        self.open(factory=protocol)
        self.receive(frame(0x81, b"a"), frame(0x81, b"b"), frame(0x89, b"p"))
        self.assertEqual(self.transport.producerState, "paused")
        self.receive(frame(0x82, b"c"), frame(0x81, b"d"))  # TLS had it already
        self.assertEqual(protocol.seen[2:], ["a"])
        protocol.transport.resumeProducing()
        self.assertEqual(protocol.seen[2:], ["a", "b"])
        self.assertEqual(self.transport.producerState, "paused")
        protocol.transport.resumeProducing()
        self.assertEqual(protocol.seen[2:], ["a", "b", b"c", "d"])
        protocol.transport.resumeProducing()
        protocol.transport.resumeProducing()
        self.assertEqual(self.transport.producerState, "producing")
        self.assertEqual(self.sent(), [("pong", b"p")])

    def test_pausedOffence(self) -> None:
        """What is wrong after a pause is told after it."""

        class Pausing(Recorder):
            def textMessageReceived(self, message: str) -> None:
                self.seen.append(message)
                self.transport.pauseProducing()

        protocol = Pausing()
        self.open(factory=protocol)
        self.receive(frame(0x81, b"a"), frame(0x81, b"b"), frame(0x83))
        protocol.transport.resumeProducing()
        self.assertEqual(self.sent(), [])
        protocol.transport.resumeProducing()
        self.assertEqual(protocol.seen[2:], ["a", "b"])
        self.assertEqual(self.sent()[0][:2], ("close", 1002))

    def test_pausedAndClosed(self) -> None:
        """A protocol that has paused can close: the answer is read."""
        self.open()
        self.protocol.transport.pauseProducing()
        self.protocol.transport.loseConnection()
        self.assertEqual(self.transport.producerState, "producing")
        self.receive(frame(0x81, b"a"), frame(0x88))
        self.assertTrue(self.transport.disconnecting)

    def test_producer(self) -> None:
        """A producer is paused while the client takes nothing."""
        self.open()
        producer: Any = Producer()
        self.protocol.transport.attachProducer(producer)
        self.assertRaises(ValueError, self.protocol.transport.attachProducer, Producer())
        self.transport.producer.pauseProducing()
        self.transport.producer.resumeProducing()
        self.protocol.transport.detachProducer()
        self.transport.producer.pauseProducing()
        self.protocol.transport.attachProducer(producer)
        self.assertEqual(producer.told, ["pause", "resume", "pause"])
        self.lose()
        self.assertEqual(producer.told, ["pause", "resume", "pause", "stop"])
        self.protocol.transport.attachProducer(producer)
        self.assertEqual(producer.told[4:], ["stop"])

    def test_producerAndClose(self) -> None:
        """A producer is stopped when the connection is closed, by whom ever."""
        closing: list[Callable[[], object]] = [
            lambda: self.protocol.transport.loseConnection(3000),
            lambda: self.receive(frame(0x88)),
            lambda: self.receive(frame(0x83)),
        ]
        for close in closing:
            self.open()
            producer: Any = Producer()
            self.protocol.transport.attachProducer(producer)
            close()
            self.assertEqual(producer.told, ["stop"])

    def test_slowAsker(self) -> None:
        """Who does not take its answers is not listened to, from some point on."""
        limits = WebSocketLimits(slowBytes=1000)
        self.open(factory=Echo(), limits=limits)
        self.transport.producer.pauseProducing()
        message = frame(0x81, b"x" * 300)
        self.receive(message * 3)
        self.assertEqual(self.transport.producerState, "producing")
        self.receive(message * 9)
        self.assertEqual(self.transport.producerState, "paused")
        self.assertEqual(len(self.sent()), 4)
        self.transport.producer.resumeProducing()
        self.assertEqual(self.transport.producerState, "producing")
        self.assertEqual(len(self.sent()), 8)

    def test_unsent(self) -> None:
        """Who takes nothing of a lot is cut off."""
        self.open(limits=WebSocketLimits(slowBytes=1000, unsentBytes=10_000))
        self.protocol.transport.sendBytesMessage(bytes(1_000_000))  # before it was slow
        self.transport.producer.pauseProducing()
        for _ in range(9):
            self.protocol.transport.sendBytesMessage(bytes(1000))
        self.assertFalse(self.transport.disconnected)
        self.protocol.transport.sendBytesMessage(bytes(1000))
        self.assertTrue(self.transport.disconnected)
        self.lose(ConnectionAborted())
        self.assertEqual(self.protocol.ending[:2], ("WebSocketLost", 1006))
        self.assertIn("does not take", self.protocol.ending[2])

    def test_stalled(self) -> None:
        """So is who takes nothing for long; nobody sends it pings."""
        self.open(limits=WebSocketLimits(stallSeconds=100))
        self.transport.producer.pauseProducing()
        self.clock.advance(99)
        self.transport.producer.resumeProducing()
        self.transport.producer.pauseProducing()
        self.clock.advance(99)
        self.assertEqual(self.sent(), [])
        self.assertFalse(self.transport.disconnected)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnected)

    def test_closingSlowly(self) -> None:
        """A client that still takes what was sent has time to answer that the connection closes."""
        self.open()
        self.transport.producer.pauseProducing()
        self.protocol.transport.loseConnection()
        self.clock.advance(200)
        self.assertFalse(self.transport.disconnected)
        self.transport.producer.resumeProducing()
        self.clock.advance(9)
        self.assertFalse(self.transport.disconnected)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnected)

    def test_pings(self) -> None:
        """A client that sends pings and takes no answer is sent the last one."""
        self.open()
        self.transport.producer.pauseProducing()
        self.receive(frame(0x89, b"1"), frame(0x89, b"2"), frame(0x89, b"3"))
        self.assertEqual(self.sent(), [])
        self.transport.producer.resumeProducing()
        self.assertEqual(self.sent(), [("pong", b"3")])

    def test_bombs(self) -> None:
        """What one read inflates to is told message by message, as far as the protocol wants."""
        offer = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"

        class Pausing(Recorder):
            def bytesMessageReceived(self, data: bytes) -> None:
                self.seen.append(len(data))
                self.transport.pauseProducing()

        protocol = Pausing()
        self.ask(REQUEST + offer, protocol)
        client = Connection(True, deflate=Deflate())
        self.receive(*(client.binary(bytes(1_000_000)) for _ in range(5)))
        connection: Any = protocol.transport
        self.assertEqual(protocol.seen[2:], [1_000_000])
        self.assertTrue(connection._core.waiting)
        for count in range(2, 6):
            connection.resumeProducing()
            self.assertEqual(protocol.seen[2:], [1_000_000] * count)
