"""`twisted.protocols.loopback`: two protocols joined end to end."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols import basic, loopback
from twisted.python.failure import Failure
from twisted.trial import unittest


class Talker(basic.LineReceiver):
    """Notes lines; the answer to a line is the one below it in `answers`."""

    def __init__(self, greeting: bytes = b"", answers: dict[bytes, bytes] | None = None) -> None:
        self.greeting = greeting
        self.answers = answers or {}
        self.lines: list[bytes] = []
        self.lost: list[Failure] = []

    def connectionMade(self) -> None:
        if self.greeting:
            self.sendLine(self.greeting)

    def lineReceived(self, line: bytes) -> None:
        self.lines.append(line)
        if line == b"bye":
            self.transport.loseConnection()
        elif line in self.answers:
            self.sendLine(self.answers[line])

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.append(reason)


class Pieces(Protocol):
    """Notes the pieces that data comes in, and sends some."""

    def __init__(self, *pieces: bytes) -> None:
        self.toSend = pieces
        self.received: list[bytes] = []
        self.lost: list[Failure] = []

    def connectionMade(self) -> None:
        for piece in self.toSend:
            self.transport.write(piece)
        if self.toSend:
            self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        self.received.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.append(reason)


class CommonTests:
    """What every way to join two protocols does."""

    join: Callable[..., Deferred[None]]
    assertEqual: Any
    assertIs: Any

    async def test_conversation(self) -> None:
        server = Talker(b"welcome", {b"how are you": b"fine"})
        client = Talker(answers={b"welcome": b"how are you", b"fine": b"bye"})
        await type(self).join(server, client)
        self.assertEqual(server.lines, [b"how are you", b"bye"])
        self.assertEqual(client.lines, [b"welcome", b"fine"])
        for protocol in (server, client):
            (reason,) = protocol.lost
            self.assertIs(reason.check(ConnectionDone), ConnectionDone)

    async def test_serverHangsUp(self) -> None:
        server, client = Pieces(b"one", b"two"), Pieces()
        await type(self).join(server, client)
        self.assertEqual(b"".join(client.received), b"onetwo")
        self.assertEqual((len(server.lost), len(client.lost)), (1, 1))

    async def test_clientHangsUp(self) -> None:
        server, client = Pieces(), Pieces(b"one" * 100000)
        await type(self).join(server, client)
        self.assertEqual(b"".join(server.received), b"one" * 100000)

    async def test_pullProducer(self) -> None:
        class Chargen(Protocol):
            count = 0
            transport: Any

            def connectionMade(self) -> None:
                self.transport.registerProducer(self, False)

            def resumeProducing(self) -> None:
                self.count += 1
                self.transport.write(b"%d " % self.count)
                if self.count == 5:
                    self.transport.unregisterProducer()
                    self.transport.loseConnection()

            def stopProducing(self) -> None:
                pass

        client = Pieces()
        await type(self).join(Chargen(), client)
        self.assertEqual(b"".join(client.received), b"1 2 3 4 5 ")


class LoopbackAsyncTests(CommonTests, unittest.TestCase):
    """`loopbackAsync`."""

    join = staticmethod(loopback.loopbackAsync)

    async def test_identityPumpPolicy(self) -> None:
        client = Pieces()
        await loopback.loopbackAsync(Pieces(b"one", b"two"), client)
        self.assertEqual(client.received, [b"one", b"two"])

    async def test_collapsingPumpPolicy(self) -> None:
        client = Pieces()
        await loopback.loopbackAsync(Pieces(b"one", b"two"), client, loopback.collapsingPumpPolicy)
        self.assertEqual(client.received, [b"onetwo"])

    async def test_writeIsNotAnsweredBeforeItReturns(self) -> None:
        order: list[str] = []

        class Asking(Protocol):
            def connectionMade(self) -> None:
                self.transport.writeSequence([b"que", b"stion"])
                order.append("asked")

            def dataReceived(self, data: bytes) -> None:
                order.append("answered")
                self.transport.loseConnection()

        class Answering(Protocol):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(b"answer")

        await loopback.loopbackAsync(Asking(), Answering())
        self.assertEqual(order, ["asked", "answered"])

    async def test_abort(self) -> None:
        class Aborting(Pieces):
            transport: Any

            def dataReceived(self, data: bytes) -> None:
                self.transport.abortConnection()

        server, client = Aborting(), Talker(b"hello")
        await loopback.loopbackAsync(server, client)
        for protocol in (server, client):
            self.assertTrue(protocol.lost[0].check(ConnectionAborted))

    async def test_exceptionInAProtocol(self) -> None:
        class Failing(Pieces):
            def dataReceived(self, data: bytes) -> None:
                raise ZeroDivisionError

        server, client = Failing(), Talker(b"hello")
        with self.assertRaises(ZeroDivisionError):
            await loopback.loopbackAsync(server, client)
        self.assertEqual((len(server.lost), len(client.lost)), (1, 1))

    async def test_pause(self) -> None:
        class Pausing(Talker):
            def lineReceived(self, line: bytes) -> None:
                super().lineReceived(line)
                self.pauseProducing()
                reactor().callLater(0, self.resumeProducing)

        server = Pausing()
        await loopback.loopbackAsync(server, Pieces(b"1\r\n2\r\n", b"3\r\n4\r\n"))
        self.assertEqual(server.lines, [b"1", b"2", b"3", b"4"])

    async def test_textIsRefused(self) -> None:
        class Text(Pieces):
            transport: Any

            def connectionMade(self) -> None:
                try:
                    self.transport.write("text")
                except TypeError as error:
                    self.transport.write(str(error).encode())
                self.transport.loseConnection()

        client = Pieces()
        await loopback.loopbackAsync(Text(), client)
        self.assertIn(b'text.encode("utf-8")', b"".join(client.received))

    async def test_secondProducer(self) -> None:
        class Two(Protocol):
            transport: Any

            def connectionMade(self) -> None:
                self.transport.registerProducer(object(), True)
                try:
                    self.transport.registerProducer(object(), True)
                except RuntimeError:
                    self.transport.write(b"refused")
                self.transport.unregisterProducer()
                self.transport.stopProducing()

        client = Pieces()
        await loopback.loopbackAsync(Two(), client)
        self.assertEqual(client.received, [b"refused"])

    async def test_addresses(self) -> None:
        class Where(Pieces):
            def connectionMade(self) -> None:
                self.where = (self.transport.getHost(), self.transport.getPeer())
                self.transport.loseConnection()

        server = Where()
        await loopback.loopbackAsync(server, Pieces())
        self.assertEqual(repr(server.where), "(<loopback>, <loopback>)")


def reactor() -> Any:
    """The reactor, which the runner has installed."""
    from twisted.internet import reactor

    return reactor


class LoopbackTCPTests(CommonTests, unittest.TestCase):
    """`loopbackTCP`."""

    join = staticmethod(lambda server, client: loopback.loopbackTCP(server, client, noisy=False))

    async def test_addresses(self) -> None:
        class Where(Pieces):
            def connectionMade(self) -> None:
                host: Any = self.transport.getHost()
                self.transport.write(host.host.encode())
                self.transport.loseConnection()

        client = Pieces()
        await loopback.loopbackTCP(Where(), client, noisy=False)
        self.assertEqual(client.received, [b"127.0.0.1"])


class LoopbackUNIXTests(CommonTests, unittest.TestCase):
    """`loopbackUNIX`."""

    join = staticmethod(lambda server, client: loopback.loopbackUNIX(server, client, noisy=False))


class LoopbackRelayTests(unittest.SynchronousTestCase):
    """`LoopbackRelay`."""

    def setUp(self) -> None:
        self.target = Pieces()
        self.log = StringIO()
        self.relay = loopback.LoopbackRelay(self.target, self.log)

    def test_nothingHappensByItself(self) -> None:
        self.relay.write(b"one")
        self.relay.writeSequence([b"two", b"three"])
        self.assertEqual((self.relay.buffer, self.target.received), (b"onetwothree", []))
        self.relay.clearBuffer()
        self.relay.clearBuffer()
        self.assertEqual((self.relay.buffer, self.target.received), (b"", [b"onetwothree"]))
        self.assertIn("b'one'", self.log.getvalue())

    def test_loseConnection(self) -> None:
        self.relay.write(b"last")
        self.relay.loseConnection()
        self.assertTrue(self.relay.disconnecting)
        self.assertEqual(self.target.lost, [])
        self.relay.clearBuffer()
        self.relay.loseConnection()
        self.relay.clearBuffer()
        self.assertEqual(self.target.received, [b"last"])
        (reason,) = self.target.lost
        self.assertTrue(reason.check(ConnectionDone))

    def test_producer(self) -> None:
        class Producer:
            def resumeProducing(producer) -> None:
                self.relay.write(b"more")

        producer: Any = Producer()
        self.relay.registerProducer(producer, False)
        self.relay.clearBuffer()
        self.relay.unregisterProducer()
        self.relay.clearBuffer()
        self.assertEqual(self.target.received, [b"more"])

    def test_names(self) -> None:
        self.assertEqual(self.relay.getHost(), "loopback")
        self.assertEqual(self.relay.getPeer(), "loopback")
        self.assertEqual(self.relay.logPrefix(), "Loopback(Pieces)")
