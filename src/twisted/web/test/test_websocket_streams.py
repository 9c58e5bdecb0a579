"""Connections of WebSocket as streams, which coroutines use."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, ensureDeferred
from twisted.internet.error import ConnectionLost
from twisted.web.test._websockets import REQUEST, ClientCase, ServerCase
from twisted.web.test.test_websocket_frames import frame
from twisted.web.websocket import (
    WebSocketClosed,
    WebSocketLost,
    WebSocketNotOpen,
    WebSocketStream,
)


class StreamTests(ClientCase):
    """A connection as a stream."""

    def setUp(self) -> None:
        super().setUp()
        self.protocol = WebSocketStream
        connecting = self.connect()
        self.answer()
        self.stream: WebSocketStream = self.successResultOf(connecting)

    def text(self, text: str) -> None:
        self.receive(frame(0x81, text.encode(), key=b""))

    def test_receive(self) -> None:
        """Messages that have come, and those that will."""
        self.text("a")
        self.receive(frame(0x82, b"b", key=b""))
        self.assertEqual(self.successResultOf(self.stream.receive()), "a")
        self.assertEqual(self.successResultOf(self.stream.receive()), b"b")
        later = self.stream.receive()
        self.assertNoResult(later)
        self.text("c")
        self.assertEqual(self.successResultOf(later), "c")
        self.assertEqual(self.stream.subject, "ws://a.example/chat?x=1")
        self.assertIs(self.stream.subprotocol, None)

    def test_cancelled(self) -> None:
        """Nobody misses a message because another did not wait."""
        first, second = self.stream.receive(), self.stream.receive()
        first.cancel()
        self.failureResultOf(first, CancelledError)
        self.text("a")
        self.assertEqual(self.successResultOf(second), "a")

    def test_iterate(self) -> None:
        """Iterating ends when the connection is closed."""

        async def collect() -> list[str | bytes]:
            return [message async for message in self.stream]

        result = ensureDeferred(collect())
        self.text("a")
        self.text("b")
        self.receive(frame(0x88, b"\x03\xe8", key=b""))
        self.lose()
        self.assertEqual(self.successResultOf(result), ["a", "b"])

    def test_iterateToTheBitterEnd(self) -> None:
        """It raises if that was not in good order."""

        async def collect() -> list[str | bytes]:
            return [message async for message in self.stream]

        result = ensureDeferred(collect())
        self.receive(frame(0x88, b"\x03\xf3", key=b""))
        self.lose()
        error: Any = self.failureResultOf(result, WebSocketClosed).value
        self.assertEqual(error.code, 1011)
        self.failureResultOf(self.stream.receive(), WebSocketClosed)
        self.failureResultOf(self.stream.send("a"), WebSocketClosed)
        self.failureResultOf(self.stream.ping(), WebSocketClosed)

    def test_send(self) -> None:
        """Messages are sent; whoever sends too many waits."""
        self.successResultOf(self.stream.send("a"))
        self.successResultOf(self.stream.send(b"b"))
        self.assertEqual(self.sent(), ["a", b"b"])
        self.place.transport.producer.pauseProducing()
        waiting = self.stream.send("c")
        self.assertNoResult(waiting)
        self.place.transport.producer.resumeProducing()
        self.successResultOf(waiting)
        self.place.transport.producer.pauseProducing()
        waiting = self.stream.send("d")
        self.lose(ConnectionLost())
        self.failureResultOf(waiting, WebSocketLost)

    def test_readAhead(self) -> None:
        """The server waits while nobody takes its messages."""
        for number in range(16):
            self.text(str(number))
        self.assertEqual(self.place.transport.producerState, "paused")
        self.assertEqual(self.successResultOf(self.stream.receive()), "0")
        self.assertEqual(self.place.transport.producerState, "producing")

    def test_readAheadLarge(self) -> None:
        """Fewer messages wait if they are large."""
        large = frame(0x82, bytes(200_000), key=b"")
        self.receive(large)
        self.assertEqual(self.place.transport.producerState, "producing")
        self.receive(large + frame(0x81, b"after", key=b""))
        self.assertEqual(self.place.transport.producerState, "paused")
        for expected in (200_000, 200_000, 5):
            self.assertEqual(len(self.successResultOf(self.stream.receive())), expected)
        self.assertEqual(self.place.transport.producerState, "producing")

    def test_ping(self) -> None:
        """A pong answers all pings before it; one that nobody asked for answers none."""
        first, second = self.stream.ping(), self.stream.ping()
        sent2 = self.sent()[1][1]
        self.receive(frame(0x8A, b"?", key=b""))
        self.assertNoResult(first)
        self.receive(frame(0x8A, sent2, key=b""))
        self.successResultOf(first)
        self.successResultOf(second)
        lost = self.stream.ping()
        self.lose()
        self.failureResultOf(lost, WebSocketClosed)

    def test_close(self) -> None:
        """Closing takes until the connection is closed; it can be done again."""
        closing = self.stream.close(4000, "x")
        self.assertEqual(self.sent(), [("close", 4000, "x")])
        with self.assertRaises(WebSocketNotOpen):
            self.stream.send("a")
        self.assertNoResult(closing)
        self.receive(frame(0x88, key=b""))
        self.lose()
        self.successResultOf(closing)
        self.successResultOf(self.stream.close())

    def test_with(self) -> None:
        """A block closes what it has used."""

        async def use(error: Exception | None) -> None:
            async with self.stream as stream:
                await stream.send("a")
                if error is not None:
                    raise error

        using = ensureDeferred(use(None))
        self.assertEqual(self.sent(), ["a", ("close", 1000, "")])
        self.receive(frame(0x88, key=b""))
        self.lose()
        self.successResultOf(using)
        self.setUp()
        using = ensureDeferred(use(ZeroDivisionError()))
        self.assertEqual(self.sent(), ["a", ("close", 1011, "")])
        self.receive(frame(0x88, key=b""))
        self.lose()
        self.failureResultOf(using, ZeroDivisionError)


class HandlerTests(ServerCase):
    """Coroutines that serve clients."""

    def test_served(self) -> None:
        """A coroutine serves a client; when it returns, the connection is closed."""

        async def shout(stream: WebSocketStream) -> None:
            await stream.send(stream.subject.uri.decode())
            async for message in stream:
                assert isinstance(message, str)
                if message == "quit":
                    return
                await stream.send(message.upper())

        answer = self.ask(REQUEST, shout)
        self.assertTrue(answer.endswith(b"\r\n\r\n\x81\x01/"))
        self.transport.clear()
        self.text("a")
        self.text("b")
        self.assertEqual(self.sent(), ["A", "B"])
        self.text("quit")
        self.assertEqual(self.sent(), [("close", 1000, "")])
        self.receive(frame(0x88))
        self.lose()

    def test_gone(self) -> None:
        """It ends quietly when the client goes, and when it waits for one that is lost."""
        ended: list[str] = []

        async def iterate(stream: WebSocketStream) -> None:
            async for _ in stream:
                pass
            ended.append("iterate")

        async def wait(stream: WebSocketStream) -> None:
            try:
                await stream.receive()
            finally:
                ended.append("wait")

        for handler in (iterate, wait):
            self.open(factory=handler)
            self.receive(frame(0x88, b"\x03\xe9"))
            self.lose()
        self.assertEqual(ended, ["iterate", "wait"])

    def test_failed(self) -> None:
        """A bug in it is logged, and ends the connection."""

        async def buggy(stream: WebSocketStream) -> None:
            await stream.receive()
            raise ZeroDivisionError

        self.open(factory=buggy)
        self.text("a")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.sent(), [("close", 1011, "")])

    def test_request(self) -> None:
        """A coroutine is asked for nothing before the handshake."""
        asked: list[Any] = []

        async def handler(stream: WebSocketStream) -> None:
            asked.append(stream)

        answer = self.ask(REQUEST.replace(b"13", b"12"), handler)
        self.assertIn(b" 426 ", answer)
        self.assertEqual(asked, [])
