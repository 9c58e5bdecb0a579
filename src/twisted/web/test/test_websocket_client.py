"""Clients of WebSocket."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.error import ConnectionLost, ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web._websocket import ClientHandshake
from twisted.web.client import readBody
from twisted.web.http_headers import Headers
from twisted.web.test._websockets import ClientCase, Place, Recorder
from twisted.web.test.test_websocket_frames import frame
from twisted.web.websocket import (
    ConnectionRejected,
    HandshakeFailed,
    WebSocketClientEndpoint,
    WebSocketLimits,
)


class HandshakeTests(ClientCase):
    """How a client asks."""

    def test_request(self) -> None:
        """The request has what the RFC says."""
        self.connect()
        lines = self.request.split(b"\r\n")
        self.assertEqual(lines[0], b"GET /chat?x=1 HTTP/1.1")
        for line in (
            b"Host: a.example",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        ):
            self.assertIn(line, lines)
        self.assertEqual(self.protocol.seen, ["started"])
        self.assertEqual(self.protocol.subject, "ws://a.example/chat?x=1")
        first = self.request
        self.connect()
        self.assertNotEqual(self.request, first)

    def test_options(self) -> None:
        """Subprotocols and headers are sent."""
        headers = Headers({b"Origin": [b"https://a.example"], b"Cookie": [b"a=b", b"c=d"]})
        self.connect(protocols=["chat", "echo"], headers=headers, compress=False)
        self.assertIn(b"Sec-WebSocket-Protocol: chat, echo\r\n", self.request)
        self.assertIn(b"Origin: https://a.example\r\n", self.request)
        self.assertIn(b"Cookie: c=d\r\n", self.request)
        self.assertNotIn(b"Extensions", self.request)

    def test_opened(self) -> None:
        """The server agrees: the Deferred fires, the protocol is told, then messages come."""
        connecting = self.connect(protocols=["chat", "echo"])
        order: list[str] = []
        connecting.addCallback(lambda protocol: order.extend([*protocol.seen, "fired"]))
        self.answer(b"Sec-WebSocket-Protocol: echo")
        self.receive(frame(0x81, b"a", key=b""))
        self.assertEqual(order, ["started", "fired"])
        self.assertEqual(self.protocol.seen, ["started", "finished", "a"])
        self.assertEqual(self.protocol.transport.subprotocol, "echo")
        self.protocol.transport.sendTextMessage("b")
        self.assertEqual(self.sent(), ["b"])

    def test_atOnce(self) -> None:
        """A message may come with the answer; an interim response may come before it."""
        self.connect()
        self.receive(b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n")
        receive, pieces = self.receive, list[bytes]()
        self.receive = pieces.append  # type: ignore[assignment,method-assign]  # to be sent together
        self.answer()
        receive(b"".join(pieces) + frame(0x81, b"now", key=b""))
        self.assertEqual(self.protocol.seen, ["started", "finished", "now"])

    def test_deflate(self) -> None:
        """What the server agrees on is used."""
        self.connect()
        self.answer(b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9")
        self.protocol.transport.sendTextMessage("abc" * 100)
        self.assertEqual(self.place.transport.value()[0], 0xC1)

    def test_notAgreed(self) -> None:
        """What was not asked, or is no answer, ends the connection."""
        for more in (
            [b"Sec-WebSocket-Protocol: other"],
            [b"Sec-WebSocket-Protocol: chat", b"Sec-WebSocket-Protocol: chat"],
            [b"Sec-WebSocket-Extensions: x-other"],
            [b"Sec-WebSocket-Extensions: permessage-deflate; foo"],
            [b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"],
            [b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8"],
            [b"Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate"],
            [b"Sec-WebSocket-Extensions: ="],
        ):
            self.setUp()
            self.connect(protocols=["chat"])
            self.answer(*more)
            self.assertFails(HandshakeFailed)

    def test_notCompressed(self) -> None:
        """A server may not compress if that was not offered."""
        self.connect(compress=False)
        self.answer(b"Sec-WebSocket-Extensions: permessage-deflate")
        self.assertFails(HandshakeFailed)

    def test_wrongAccept(self) -> None:
        """A server that does not know our key is none."""
        self.connect()
        self.answer(accept=b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        self.assertFails(HandshakeFailed)

    def test_wrongUpgrade(self) -> None:
        """Nor is one that speaks something else."""
        self.connect()
        self.receive(b"HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n")
        self.assertFails(HandshakeFailed)

    def test_noHTTP(self) -> None:
        """What is no HTTP is an error, such as a header with a bare line end in it."""
        self.connect()
        self.receive(b"HTTP/1.1 302 Found\r\nLocation: ws://a/\nSet-Cookie: evil=1\r\n\r\n")
        self.assertFails(HandshakeFailed)

    def test_closed(self) -> None:
        """A server may close the connection instead of an answer, or it may break."""
        self.connect()
        self.lose()
        self.failureResultOf(self.connecting, HandshakeFailed)
        self.setUp()
        self.connect()
        self.lose(ConnectionLost())
        self.failureResultOf(self.connecting, ConnectionLost)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_late(self) -> None:
        """A server that does not answer in time is not waited for."""
        self.connect(limits=WebSocketLimits(handshakeSeconds=5))
        self.clock.advance(5)
        error = self.assertFails(HandshakeFailed)
        self.assertIn("5 seconds", str(error))

    def test_cancelled(self) -> None:
        """Connecting can be cancelled."""
        self.connect().cancel()
        self.assertFails(CancelledError)

    def test_cancelledEarly(self) -> None:
        """So can the connection of bytes."""
        waiting: Deferred[Any] = Deferred()
        self.place.connect = lambda factory: waiting  # type: ignore[method-assign]  # slow
        connecting = self.connect()
        connecting.cancel()
        self.failureResultOf(connecting, CancelledError)
        self.assertEqual(self.protocol.seen, [])

    def test_refused(self) -> None:
        """The endpoint may fail."""
        failing: Deferred[Any] = fail(ConnectionRefusedError())
        self.place.connect = lambda factory: failing  # type: ignore[method-assign]  # fails
        self.failureResultOf(self.connect(), ConnectionRefusedError)

    def test_unwanted(self) -> None:
        """The protocol may change its mind."""

        class Unwilling(Recorder):
            def negotiationStarted(self, transport: Any) -> None:
                transport.abortConnection()

        self.protocol = Unwilling()
        self.connect()
        self.assertTrue(self.place.transport.disconnected)


class RejectedTests(ClientCase):
    """Servers that say no."""

    def body(self, response: Any) -> bytes:
        return self.successResultOf(readBody(response))

    def test_rejected(self) -> None:
        """The answer is in the error, with its body."""
        self.connect()
        self.receive(b"HTTP/1.1 403 No\r\nX-A: b\r\nContent-Length: 5\r\n\r\nWe ")
        self.assertNoResult(self.connecting)
        self.receive(b"do")
        error = self.assertFails(ConnectionRejected)
        self.assertEqual(error.response.code, 403)
        self.assertEqual(error.response.phrase, b"No")
        self.assertEqual(error.response.headers.getRawHeaders(b"x-a"), [b"b"])
        self.assertEqual(self.body(error.response), b"We do")
        self.assertIn("403", str(error))

    def test_redirected(self) -> None:
        """Redirections are told, not followed."""
        self.connect()
        self.receive(b"HTTP/1.1 302 Found\r\nLocation: ws://b/\r\nContent-Length: 0\r\n\r\n")
        error = self.assertFails(ConnectionRejected)
        self.assertEqual(error.response.headers.getRawHeaders(b"location"), [b"ws://b/"])

    def test_untilTheEnd(self) -> None:
        """A body may end with the connection."""
        self.connect()
        self.receive(b"HTTP/1.1 500 Oh\r\n\r\nabc")
        self.lose()
        error: Any = self.failureResultOf(self.connecting, ConnectionRejected).value
        self.assertEqual(self.body(error.response), b"abc")

    def test_long(self) -> None:
        """A long one is not waited for."""
        self.connect()
        self.receive(b"HTTP/1.1 500 Oh\r\n\r\n" + b"x" * 70_000)
        self.receive(b"x" * 70_000)
        error = self.assertFails(ConnectionRejected)
        self.assertEqual(len(self.body(error.response)), 70_000)


class EndTests(ClientCase):
    """How a client's connection ends."""

    def setUp(self) -> None:
        super().setUp()
        self.connect()
        self.answer()

    def test_byUs(self) -> None:
        """We close; after the answer, it is for the server to close the connection."""
        self.protocol.transport.loseConnection()
        self.assertEqual(self.sent(), [("close", 1000, "")])
        self.receive(frame(0x88, b"\x03\xe8", key=b""))
        self.assertFalse(self.place.transport.disconnecting)
        self.lose()
        self.assertEqual(self.protocol.ending, ("WebSocketClosed", 1000, ""))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_late(self) -> None:
        """But it has not all the time."""
        self.receive(frame(0x88, b"\x03\xe9", key=b""))
        self.assertEqual(self.sent(), [("close", 1001, "")])
        self.clock.advance(10)
        self.assertTrue(self.place.transport.disconnected)

    def test_masked(self) -> None:
        """A server that masks breaks the rules."""
        self.receive(frame(0x81, b"a"))
        self.assertEqual(self.sent()[0][:2], ("close", 1002))


class EndpointTests(SynchronousTestCase):
    """URLs, and where they lead."""

    def test_factory(self) -> None:
        """A factory of endpoints is asked with the URL."""
        place = Place()
        for url, scheme, host, port, path in (
            ("ws://a.example", b"ws", b"a.example", 80, b"/"),
            ("wss://a.example/x?y", b"wss", b"a.example", 443, b"/x?y"),
            ("ws://[::1]:8080/", b"ws", b"::1", 8080, b"/"),
            ("wss://bücher.example/ä b", b"wss", b"xn--bcher-kva.example", 443, b"/%C3%A4%20b"),
            ("http://a.example/", b"http", b"a.example", 80, b"/"),
        ):
            endpoint = WebSocketClientEndpoint(place, url)
            endpoint._callLater = Clock().callLater
            endpoint.connect(Recorder())
            uri = place.uris[-1]
            self.assertEqual((uri.scheme, uri.host, uri.port), (scheme, host, port))
            self.assertIn(b"GET %b HTTP/1.1\r\n" % path, place.transport.value())

    def test_mistakes(self) -> None:
        """What cannot be asked for is refused at once."""
        for url in (
            "a.example",
            "ftp://a.example/",
            "ws://a.example/#part",
            "ws://user:word@a.example/",
            "ws:///path",
            "ws://a.example:99999/",
            "ws://a.example/\r\nX: y",
            "ws://a.example\r\nX: y/",
        ):
            self.assertRaises(ValueError, WebSocketClientEndpoint, Place(), url)

    def test_options(self) -> None:
        """So are options."""
        for options in (
            {"protocols": ["a b"]},
            {"protocols": ["a", "a"]},
            {"headers": Headers({b"Sec-WebSocket-Key": [b"x"]})},
            {"headers": Headers({b"Host": [b"x"]})},
        ):
            arguments: Any = options
            with self.assertRaises(ValueError):
                WebSocketClientEndpoint(Place(), "ws://a.example", **arguments)

    def test_said(self) -> None:
        """An endpoint says where it leads; so does an error who has refused."""
        self.assertIn("'ws://a.example'", repr(WebSocketClientEndpoint(Place(), "ws://a.example")))

    def test_linesInHeaders(self) -> None:
        """A header has no other in it."""
        headers = Headers({b"Cookie": [b"a=b\r\nX-Evil: 1"]})
        endpoint = WebSocketClientEndpoint(Place(), "ws://a.example", headers=headers)
        self.assertNotIn(b"\nX-Evil", endpoint._request(ClientHandshake()))

    def test_noProtocol(self) -> None:
        """A factory has to give a protocol."""

        class Nothing:
            def buildProtocol(self, url: str) -> Any:
                return None

        with self.assertRaises(TypeError):
            WebSocketClientEndpoint(Place(), "ws://a.example").connect(Nothing())

    def test_new(self) -> None:
        """The usual endpoint connects to the host and the port, and uses the reactor's clock."""
        reactor = MemoryReactorClock()
        endpoint = WebSocketClientEndpoint.new(
            reactor, "ws://127.0.0.1:8080/", connectTimeout=7, bindAddress=("127.0.0.2", 0)
        )
        endpoint.connect(Recorder())
        reactor.advance(0.1)
        host, port, _factory, timeout, bindAddress = reactor.tcpClients[0]
        self.assertEqual((host, port, timeout), ("127.0.0.1", 8080, 7))
        self.assertEqual(bindAddress, ("127.0.0.2", 0))

    def test_newSecure(self) -> None:
        """For wss, a policy makes TLS."""
        asked: list[tuple[bytes, int]] = []

        class Policy:
            def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
                asked.append((hostname, port))
                raise ZeroDivisionError

        endpoint = WebSocketClientEndpoint.new(
            MemoryReactorClock(), "wss://a.example/", tlsPolicy=Policy()
        )
        with self.assertRaises(ZeroDivisionError):
            endpoint.connect(Recorder())
        self.assertEqual(asked, [(b"a.example", 443)])
