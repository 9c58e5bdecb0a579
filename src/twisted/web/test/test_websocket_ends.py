"""Servers of WebSocket: how connections end, and what keeps them from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionAborted
from twisted.web._websocket import Connection, Deflate
from twisted.web.test._websockets import REQUEST, Echo, Producer, Recorder, ServerCase
from twisted.web.test.test_websocket_frames import frame
from twisted.web.websocket import WebSocketClosed, WebSocketLimits, WebSocketLost, WebSocketNotOpen


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

    def test_said(self) -> None:
        """The ends say what they are; the log says whose connection it was."""
        self.assertEqual(str(WebSocketClosed(1000)), "The connection was closed (1000)")
        self.assertEqual(str(WebSocketLost(1002, "oh")), "The connection was lost (1002): oh")
        self.open()
        connection: Any = self.protocol.transport
        self.assertEqual(connection.logPrefix(), "Recorder")

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

    def test_drained(self) -> None:
        """A server that ends says so; one that closes already has nothing to add."""
        self.open()
        self.channel.drain()
        self.channel.drain()
        self.assertEqual(self.sent(), [("close", 1001, "the server ends")])
        self.receive(frame(0x88))
        self.assertTrue(self.transport.disconnecting)

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
