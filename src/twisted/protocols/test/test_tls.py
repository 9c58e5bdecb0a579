"""TLS over transports that are not the reactor's: `twisted.protocols.tls`."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet._tls._secured import _securedClass
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IHandshakeListener,
    INegotiated,
    IProtocolNegotiationFactory,
)
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.tcp import Client
from twisted.internet.test._tlspeers import Authority
from twisted.internet.test.test_ssl_faults import Recorder, over
from twisted.internet.testing import (
    IOPump,
    StringTransport,
    connect,
    makeFakeClient,
    makeFakeServer,
)
from twisted.protocols.policies import ProtocolWrapper
from twisted.protocols.tls import (
    BufferingTLSTransport,
    TLSMemoryBIOFactory,
    TLSMemoryBIOProtocol,
)
from twisted.trial.unittest import SynchronousTestCase

authority = Authority()
RECORD = 1 << 14


def records(wire: bytes) -> int:
    """How many TLS records there are."""
    count = 0
    while wire:
        wire = wire[5 + int.from_bytes(wire[3:5], "big") :]
        count += 1
    return count


@implementer(IHalfCloseableProtocol)
class Halves(Recorder):
    """Goes on with one direction."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    def readConnectionLost(self) -> None:
        self.events.append("read")

    def writeConnectionLost(self) -> None:
        self.events.append("write")


class MemoryTests(SynchronousTestCase):
    """Two ends in memory."""

    def join(
        self, protocol: type[Protocol] = Recorder, clock: Clock | None = None
    ) -> tuple[Any, Any, IOPump]:
        """The transports of a server's and a client's protocol, and their pump."""
        ends = []
        contexts = (authority.server(), authority.client("localhost"))
        for isClient, context in enumerate(contexts):
            inside = Factory.forProtocol(protocol)
            factory = TLSMemoryBIOFactory(context, bool(isClient), inside, clock)
            ends.append(factory.buildProtocol(None))
        server, client = ends
        pump = connect(server, makeFakeServer(server), client, makeFakeClient(client))
        return server, client, pump

    def test_classes(self) -> None:
        """The names that programs know are those of the ends."""
        server, _, _ = self.join()
        self.assertIsInstance(server, BufferingTLSTransport)
        self.assertIsInstance(server, TLSMemoryBIOProtocol)
        self.assertTrue(INegotiated.providedBy(server))
        self.assertIn("TLS", server.factory.logPrefix())

    def test_transports(self) -> None:
        """The transports of the reactor are taken for these when they speak TLS."""
        self.assertTrue(issubclass(_securedClass(Client), TLSMemoryBIOProtocol))
        self.assertTrue(issubclass(_securedClass(Client), ProtocolWrapper))
        self.assertFalse(issubclass(Client, ProtocolWrapper))

    def test_nested(self) -> None:
        """TLS goes over TLS."""
        outer = authority.server(), authority.client("localhost")
        ends = []
        for isClient, context in enumerate(outer):
            inside: Any = Factory.forProtocol(Recorder)
            for _ in range(2):
                inside = TLSMemoryBIOFactory(context, bool(isClient), inside)
            ends.append(inside.buildProtocol(None))
        server, client = ends
        pump = connect(server, makeFakeServer(server), client, makeFakeClient(client))
        client.wrappedProtocol.write(b"twice")
        pump.flush()
        self.assertEqual(server.wrappedProtocol.wrappedProtocol.data, b"twice")

    def test_coalescing(self) -> None:
        """Small writes of a turn are one record; large ones are full records."""
        clock = Clock()
        _, client, pump = self.join(clock=clock)
        for _ in range(50):
            client.write(b"small")
        self.assertIsNone(pump.clientIO.getOutBuffer())
        clock.advance(0)
        self.assertEqual(records(pump.clientIO.getOutBuffer() or b""), 1)
        for _ in range(4 * RECORD // 64):
            client.write(bytes(64))
        clock.advance(0)
        self.assertLessEqual(records(pump.clientIO.getOutBuffer() or b""), 5 + 3)

    def test_writesInAnswer(self) -> None:
        """What is written while data arrive is one record, without a clock as well."""

        class Talkative(Recorder):
            def dataReceived(self, data: bytes) -> None:
                for _ in range(10):
                    self.transport.write(b"word ")

        server, client, pump = self.join(Talkative)
        client.write(b"?")
        server.dataReceived(pump.clientIO.getOutBuffer())
        self.assertEqual(records(pump.serverIO.getOutBuffer() or b""), 1)

    def test_writeSequence(self) -> None:
        """Pieces arrive in order; text is refused."""
        server, client, pump = self.join()
        client.writeSequence([b"a", bytearray(b"b"), memoryview(b"c")])
        pump.flush()
        self.assertEqual(server.wrappedProtocol.data, b"abc")
        for write in (client.write, lambda text: client.writeSequence([text])):
            problem = self.assertRaises(TypeError, write, "text")
            self.assertIn("encode", str(problem))

    def test_loseConnection(self) -> None:
        """All that was written arrives, then TLS ends, then the connection."""
        server, client, pump = self.join()
        inside = server.wrappedProtocol, client.wrappedProtocol
        client.write(bytes(100_000))
        client.loseConnection()
        pump.flush()
        self.assertEqual(len(inside[0].data), 100_000)
        for end in inside:
            self.assertIsInstance(end.reason, ConnectionDone)
        self.assertEqual(server.factory.protocols, {})

    def test_loseConnectionBeforeAgreement(self) -> None:
        """What was written before TLS was agreed still arrives."""
        server, client, pump = over(authority.server(), authority.client("localhost"), greet=False)
        client.transport.write(b"early")
        client.transport.loseConnection()
        pump.flush()
        self.assertEqual(server.data, b"early")
        self.assertIsInstance(client.reason, ConnectionDone)
        self.assertIsInstance(server.reason, ConnectionDone)

    def test_abortConnection(self) -> None:
        """Nothing more is sent."""
        _, client, pump = self.join()
        inside = client.wrappedProtocol
        pump.clientIO.getOutBuffer()
        client.write(b"lost")
        client.abortConnection()
        client.write(b"too late")
        pump.flush()
        self.assertIsInstance(inside.reason, ConnectionAborted)

    def test_halves(self) -> None:
        """One direction ends, the other goes on, and ends as well."""
        server, client, pump = self.join(Halves)
        inside = server.wrappedProtocol, client.wrappedProtocol
        client.write(b"question")
        client.loseWriteConnection()
        pump.flush()
        self.assertEqual((inside[0].data, inside[0].events), (b"question", ["read"]))
        server.write(b"answer")
        server.loseConnection()
        pump.flush()
        self.assertEqual(inside[1].data, b"answer")
        for end in inside:
            self.assertIsInstance(end.reason, ConnectionDone)

    def test_pausedDuringHandshake(self) -> None:
        """A protocol that pauses at once holds up its data, not the handshake."""

        class Paused(Recorder):
            def connectionMade(self) -> None:
                self.transport.pauseProducing()  # type: ignore[attr-defined]  # an IPushProducer

        server, client, pump = self.join(Paused)
        client.write(b"wait")
        pump.flush()
        self.assertEqual(server.wrappedProtocol.data, b"")
        server.resumeProducing()
        pump.flush()
        self.assertEqual(server.wrappedProtocol.data, b"wait")

    def test_negotiation(self) -> None:
        """A factory that knows what it speaks has it negotiated."""

        @implementer(IProtocolNegotiationFactory)
        class Choosy(Factory[Recorder]):
            protocol = Recorder

            def acceptableProtocols(self) -> list[bytes]:
                return [b"h2", b"http/1.1"]

        ends = []
        contexts = (authority.stdlibServer(), authority.client("localhost"))
        for isClient, context in enumerate(contexts):
            ends.append(TLSMemoryBIOFactory(context, bool(isClient), Choosy()).buildProtocol(None))
        connect(ends[0], makeFakeServer(ends[0]), ends[1], makeFakeClient(ends[1]))
        for end in ends:
            self.assertEqual(end.negotiatedProtocol, b"h2")


class ProducerTests(SynchronousTestCase):
    """Producers, before TLS is agreed."""

    def test_boundedBeforeAgreement(self) -> None:
        """A producer is told to wait while a peer does not answer; it hears of the end."""
        heard: list[str] = []

        class Producer:
            def pauseProducing(self) -> None:
                heard.append("pause")

            def resumeProducing(self) -> None:
                heard.append("resume")

            def stopProducing(self) -> None:
                heard.append("stop")

        inside = Factory.forProtocol(Recorder)
        factory = TLSMemoryBIOFactory(authority.client("localhost"), True, inside)
        client = factory.buildProtocol(None)
        client.makeConnection(StringTransport())
        client.registerProducer(Producer(), True)
        self.assertRaises(RuntimeError, client.registerProducer, Producer(), True)
        client.write(bytes(70_000))
        self.assertEqual(heard, ["pause"])
        client.abortConnection()
        self.assertEqual(heard, ["pause", "stop"])

    def test_registeredByTheHandshake(self) -> None:
        """One that is registered when TLS is agreed on is told to write, and nobody else is."""
        heard: list[str] = []

        @implementer(IHandshakeListener)
        class Ready(Recorder):
            transport: Any

            def handshakeCompleted(self) -> None:
                self.transport.registerProducer(self, True)
                self.transport.write(b"at once")

            def pauseProducing(self) -> None:
                heard.append("pause")

            def resumeProducing(self) -> None:
                heard.append("resume")

        server = TLSMemoryBIOFactory(
            authority.server(), False, Factory.forProtocol(Recorder)
        ).buildProtocol(None)
        client = TLSMemoryBIOFactory(
            authority.client("localhost"), True, Factory.forProtocol(Ready)
        ).buildProtocol(None)
        pump = connect(server, makeFakeServer(server), client, makeFakeClient(client))
        pump.flush()
        self.assertEqual(server.wrappedProtocol.data, b"at once")
        self.assertEqual(heard, [])
