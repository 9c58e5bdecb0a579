"""ASGI: connections of WebSocket, as bytes."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.web import asgi
from twisted.web.test.test_asgi import CallTestCase, Message, Receive, Send

REQUEST = (
    b"GET /app/echo?a=b HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%b\r\n"
)
PROTOCOLS = b"Sec-WebSocket-Protocol: one, two\r\n"
ACCEPT: Message = {"type": "websocket.accept"}


def frame(kind: int, payload: bytes) -> bytes:
    """A frame of a client, short, and masked with nothing."""
    return bytes([0x80 | kind, 0x80 | len(payload)]) + bytes(4) + payload


def close(code: int, reason: bytes = b"") -> bytes:
    """What closes a connection."""
    return code.to_bytes(2, "big") + reason


class WebSocketTests(CallTestCase):
    """What an application is told of a connection, and what it may say."""

    def setUp(self) -> None:
        super().setUp()
        self.heard: list[Message] = []

    def open(self, application: Any, fields: bytes = PROTOCOLS) -> bytes:
        """What comes back for a request to connect."""
        return self.answer(application, REQUEST % fields)

    def saying(self, *messages: Message) -> bytes:
        """What comes back if an application sends these messages."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            for message in messages:
                await send(message)

        return self.open(application)

    async def echo(self, scope: Message, receive: Receive, send: Send) -> None:
        """Send back what comes, and remember it."""
        self.scope = scope
        self.heard.append(await receive())
        await send({**ACCEPT, "subprotocol": "two", "headers": [(b"x-a", b"1")]})
        while True:
            message = await receive()
            self.heard.append(message)
            if message["type"] == "websocket.disconnect":
                break
            await send({**message, "type": "websocket.send"})

    def test_scope(self) -> None:
        """What the specification names."""
        self.open(self.echo)
        expected = {
            "type": "websocket",
            "scheme": "ws",
            "path": "/app/echo",
            "root_path": "/app",
            "query_string": b"a=b",
            "subprotocols": ["one", "two"],
            "state": {},
        }
        self.assertEqual({name: self.scope.get(name) for name in expected}, expected)
        self.assertNotIn("method", self.scope)

    def test_accept(self) -> None:
        """The connection is accepted, with a subprotocol and headers."""
        sent = self.open(self.echo)
        self.assertTrue(sent.startswith(b"HTTP/1.1 101 Switching Protocols\r\n"), sent)
        for line in (
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
            b"Sec-WebSocket-Protocol: two\r\n",
            b"X-A: 1\r\n",
        ):
            self.assertIn(line, sent)

    def test_messages(self) -> None:
        """Text and bytes, both ways; then the end, and why."""
        self.open(self.echo)
        self.assertEqual(self.send(frame(1, b"text")), b"\x81\x04text")
        self.assertEqual(self.send(frame(2, b"bytes")), b"\x82\x05bytes")
        self.send(frame(8, close(3001, b"done")))
        self.lose()
        self.assertEqual(
            self.heard,
            [
                {"type": "websocket.connect"},
                {"type": "websocket.receive", "text": "text"},
                {"type": "websocket.receive", "bytes": b"bytes"},
                {"type": "websocket.disconnect", "code": 3001, "reason": "done"},
            ],
        )

    def test_close(self) -> None:
        """The application closes the connection, by a message or by its end."""
        for messages, payload in (
            (
                [ACCEPT, {"type": "websocket.close", "code": 3000, "reason": "no"}],
                close(3000, b"no"),
            ),
            ([ACCEPT, {"type": "websocket.close"}], close(1000)),
            ([ACCEPT], close(1000)),
        ):
            self.connect()
            sent = self.saying(*messages)
            self.assertTrue(sent.endswith(bytes([0x88, len(payload)]) + payload), sent)

    def test_refuse(self) -> None:
        """To close what was not accepted is to refuse it; the connection goes on as HTTP."""
        sent = self.saying({"type": "websocket.close"})
        self.assertTrue(sent.startswith(b"HTTP/1.1 403 Forbidden\r\n"), sent)
        self.assertTrue(self.saying({"type": "websocket.close"}).startswith(b"HTTP/1.1 403 "))

    def test_malformed(self) -> None:
        """A request that does not ask as it should is refused; another is HTTP."""
        sent = self.answer(self.echo, (REQUEST % b"").replace(b": 13", b": 12"))
        self.assertTrue(sent.startswith(b"HTTP/1.1 426 "), sent)
        self.assertIn(b"\r\nsec-websocket-version: 13\r\n", sent.lower())
        sent = self.answer(self.looking, (REQUEST % b"").replace(b": websocket", b": other"))
        self.assertTrue(sent.endswith(b"seen"), sent)

    def assertFails(self, sent: bytes, words: str) -> None:
        """The client is told 500, and the log why."""
        self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
        (failure,) = self.flushLoggedErrors()
        self.assertIn(words, str(failure.value))

    def test_wrong(self) -> None:
        """Messages that are none, or too early, or missing."""
        self.assertFails(self.saying(), "without 'websocket.accept'")
        self.assertFails(self.saying({"type": "x"}), "no message 'x'")
        self.assertFails(self.saying({"type": "websocket.send", "text": "a"}), "connecting")
        three = {**ACCEPT, "subprotocol": "three"}
        self.assertFails(self.saying(three), "does not speak 'three'")
        for name in (b"a b", b""):
            self.assertFails(
                self.saying({**ACCEPT, "headers": [(name, b"")]}), "cannot be accepted"
            )

    def test_late(self) -> None:
        """What goes wrong later closes the connection with 1011, and is logged."""
        bad = {"type": "websocket.close", "code": 5}
        for messages in ([ACCEPT, ACCEPT], [ACCEPT, {"type": "websocket.send"}], [ACCEPT, bad]):
            self.connect()
            sent = self.saying(*messages)
            self.assertTrue(sent.endswith(b"\x88\x02" + close(1011)), sent)
            self.assertEqual(len(self.flushLoggedErrors(asgi.MessageError)), 1)

    def test_leftEarly(self) -> None:
        """A client may leave before it is accepted."""
        heard: list[Any] = []
        go: Deferred[None] = Deferred()

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            heard.append(await receive())
            heard.append(await receive())
            await go
            await send(ACCEPT)

        self.open(application)
        self.lose()
        self.assertEqual(heard[1]["type"], "websocket.disconnect")
        self.assertEqual(heard[1]["code"], 1006)
        go.callback(None)

    def test_sendLate(self) -> None:
        """To send to a client that has left raises an OSError."""
        raised: list[type] = []

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await send(ACCEPT)
            await receive()
            await receive()
            try:
                await send({"type": "websocket.send", "text": "a"})
            except OSError as error:
                raised.append(type(error))
                raise

        self.open(application)
        self.lose()
        self.assertEqual(raised, [asgi.ClientDisconnected])
