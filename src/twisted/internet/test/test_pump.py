"""A client and a server that are joined in memory."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from hypothesis import given, settings, strategies
from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.internet import error
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IHalfCloseableProtocol,
    IPushProducer,
    ITCPTransport,
)
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import (
    AccumulatingProtocol,
    FakeAddress,
    FakeTransport,
    IOPump,
    MemoryReactor,
    NonStreamingProducer,
    StringTransport,
    _pump,
)
from twisted.python.failure import Failure
from twisted.test import iosim
from twisted.trial import unittest


class _Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class _PingPong(Protocol):
    def connectionMade(self) -> None:
        self.transport.write(b".")

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


@implementer(IHalfCloseableProtocol)
class _HalfCloseable(AccumulatingProtocol):
    readLost = 0

    def readConnectionLost(self) -> None:
        self.readLost += 1

    def writeConnectionLost(self) -> None:
        raise AssertionError("the peer does not close our half")


class PumpTests(unittest.SynchronousTestCase):
    """`connectedServerAndClient` and its pump."""

    client: AccumulatingProtocol
    server: AccumulatingProtocol
    pump: IOPump

    def join(self, server: Any = AccumulatingProtocol, **options: Any) -> None:
        self.client, self.server, self.pump = iosim.connectedServerAndClient(
            server, AccumulatingProtocol, **options
        )

    def test_interfaces(self) -> None:
        transport = FakeTransport(AccumulatingProtocol(), True)
        for interface in (ITCPTransport, IConsumer, IPushProducer):
            self.assertTrue(verifyObject(interface, transport))
        self.assertTrue(verifyObject(IAddress, transport.getHost()))

    def test_moves(self) -> None:
        self.join()
        self.client.transport.write(b"to the ")
        self.client.transport.writeSequence([b"ser", b"ver"])
        self.server.transport.write(b"to the client")
        self.assertTrue(self.pump.pump())
        self.assertEqual(self.server.data, b"to the server")
        self.assertEqual(self.client.data, b"to the client")
        self.assertFalse(self.pump.pump())
        self.assertFalse(self.pump.flush())

    def test_answersWait(self) -> None:
        """What is written in answer moves at the next pump."""
        self.join(_Echo)
        self.client.transport.write(b"x")
        self.pump.pump()
        self.assertEqual(self.client.data, b"")
        self.pump.pump()
        self.assertEqual(self.client.data, b"x")

    def test_flush(self) -> None:
        self.join(_Echo)
        self.client.transport.write(b"x")
        self.assertTrue(self.pump.flush())
        self.assertEqual(self.client.data, b"x")

    def test_endless(self) -> None:
        """Two that never stop talking do not hang the test."""
        self.patch(_pump, "_MAX_PUMPS", 10)
        caught = self.assertRaises(
            RuntimeError, iosim.connectedServerAndClient, _PingPong, _PingPong
        )
        self.assertIn("after 10 pumps", str(caught))

    def test_greeting(self) -> None:
        """What the ends say when they are connected moves at once, unless it is not to."""
        client, _, pump = iosim.connectedServerAndClient(_Greeting, AccumulatingProtocol)
        self.assertEqual(client.data, b"hello")
        client, _, pump = iosim.connectedServerAndClient(
            _Greeting, AccumulatingProtocol, greet=False
        )
        self.assertEqual(client.data, b"")
        pump.flush()
        self.assertEqual(client.data, b"hello")

    def test_text(self) -> None:
        self.join()
        self.assertRaises(TypeError, self.client.transport.write, "text")

    def test_close(self) -> None:
        """Data first, then both ends are told; neither twice."""
        self.join()
        self.server.transport.write(b"bye")
        self.server.transport.loseConnection()
        self.server.transport.write(b"too late")
        self.assertEqual((self.server.closed, self.client.closed), (0, 0))
        self.pump.flush()
        self.assertEqual(self.client.data, b"bye")
        for end in (self.client, self.server):
            assert end.closedReason is not None
            self.assertTrue(end.closedReason.check(error.ConnectionDone))
            end.closed = 0
        self.client.transport.write(b"into the void")
        self.assertFalse(self.pump.flush())
        self.assertEqual((self.server.closed, self.server.data), (0, b""))

    def test_abort(self) -> None:
        """What was not sent is dropped, and the peer sees a reset."""
        self.join()
        self.client.transport.write(b"lost")
        self.client.transport.abortConnection()
        self.pump.flush()
        self.assertEqual(self.server.data, b"")
        assert self.client.closedReason is not None and self.server.closedReason is not None
        self.assertTrue(self.client.closedReason.check(error.ConnectionAborted))
        self.assertTrue(self.server.closedReason.check(error.ConnectionLost))

    def test_halfClose(self) -> None:
        """The other half goes on."""
        self.join(_HalfCloseable)
        self.client.transport.write(b"request")
        self.client.transport.loseWriteConnection()
        self.client.transport.write(b"dropped")
        self.pump.flush()
        self.assertEqual((self.server.data, vars(self.server)["readLost"]), (b"request", 1))
        self.server.transport.write(b"response")
        self.server.transport.loseConnection()
        self.pump.flush()
        self.assertEqual((self.client.data, self.client.closed), (b"response", 1))

    def test_halfCloseUnknown(self) -> None:
        """A protocol that knows nothing of it loses the connection."""
        self.join()
        self.client.transport.loseWriteConnection()
        self.pump.flush()
        self.assertEqual((self.client.closed, self.server.closed), (1, 1))

    def test_pullProducer(self) -> None:
        """It is asked once for each pump, and the connection closes after its last word."""
        self.join()
        producer = NonStreamingProducer(self.client.transport)
        self.client.transport.registerProducer(producer, False)
        self.client.transport.loseConnection()
        self.pump.pump()
        self.pump.pump()
        self.assertEqual(self.server.data, b"01")
        self.pump.flush()
        self.assertEqual((self.server.data, self.server.closed), (b"0123456789", 1))

    def test_producerOfLostConnection(self) -> None:
        self.join()
        producer = NonStreamingProducer(self.client.transport)
        self.client.transport.registerProducer(producer, True)
        self.assertRaises(RuntimeError, self.client.transport.registerProducer, producer, True)
        self.server.transport.loseConnection()
        self.pump.flush()
        self.assertTrue(producer.stopped)
        late = NonStreamingProducer(self.client.transport)
        self.client.transport.registerProducer(late, True)
        self.assertTrue(late.stopped)
        self.assertRaises(RuntimeError, self.client.transport.unregisterProducer)

    def test_paused(self) -> None:
        """What comes while a transport is paused is held back, in order."""
        self.join()
        self.server.transport.pauseProducing()
        for data in (b"1", b"2"):
            self.client.transport.write(data)
            self.pump.flush()
        self.assertEqual(self.server.data, b"")
        self.server.transport.resumeProducing()
        self.client.transport.write(b"3")
        self.pump.flush()
        self.assertEqual(self.server.data, b"123")

    def test_stopProducing(self) -> None:
        self.join()
        self.server.transport.stopProducing()
        self.pump.flush()
        self.assertEqual((self.client.closed, self.server.closed), (1, 1))

    def test_clock(self) -> None:
        """Calls that are due are made; time itself does not pass."""
        clock = Clock()
        self.join(clock=clock)
        clock.callLater(0, self.client.transport.write, b"now")
        clock.callLater(1, self.client.transport.write, b"later")
        self.pump.flush(advanceClock=False)
        self.assertEqual(self.server.data, b"")
        self.pump.flush()
        self.assertEqual((self.server.data, clock.seconds()), (b"now", 0))

    def test_debug(self) -> None:
        self.join()
        self.client.transport.write(b"x")
        self.server.transport.write(b"y")
        with contextlib.redirect_stdout(io.StringIO()) as output:
            self.pump.flush(debug=True)
        self.assertEqual(output.getvalue(), "C: b'x'\nS: b'y'\n")

    def test_addresses(self) -> None:
        host, peer = FakeAddress(), FakeAddress()
        transport = FakeTransport(AccumulatingProtocol(), False, host, peer)
        self.assertIs(transport.getHost(), host)
        self.assertIs(transport.getPeer(), peer)
        self.assertNotEqual(host, peer)
        self.assertIn("client", repr(transport))
        self.assertEqual(transport.logPrefix(), "iosim")

    def test_options(self) -> None:
        transport = FakeTransport(AccumulatingProtocol(), False)
        self.assertFalse(transport.getTcpNoDelay())
        transport.setTcpNoDelay(True)
        transport.setTcpKeepAlive(True)
        self.assertTrue(transport.getTcpNoDelay())
        self.assertTrue(transport.getTcpKeepAlive())

    @settings(deadline=None, max_examples=50)
    @given(
        strategies.lists(
            strategies.tuples(strategies.booleans(), strategies.binary(max_size=9)), max_size=20
        )
    )
    def test_everythingArrives(self, writes: list[tuple[bool, bytes]]) -> None:
        """However the two sides write, each gets all that the other wrote, in order."""
        self.join()
        expected = {True: b"", False: b""}
        for fromClient, data in writes:
            end = self.client if fromClient else self.server
            end.transport.write(data)
            expected[fromClient] += data
            if len(data) % 2:
                self.pump.pump()
        self.client.transport.loseConnection()
        self.pump.flush()
        self.assertEqual((self.server.data, self.client.data), (expected[True], expected[False]))
        self.assertEqual((self.client.closed, self.server.closed), (1, 1))


class _Greeting(Protocol):
    def connectionMade(self) -> None:
        self.transport.write(b"hello")


class CompleterTests(unittest.SynchronousTestCase):
    """`ConnectionCompleter`."""

    def setUp(self) -> None:
        self.reactor = MemoryReactor()
        self.completer = iosim.ConnectionCompleter(self.reactor)
        self.failures: list[Failure] = []

        class Client(ClientFactory[AccumulatingProtocol]):
            protocol = AccumulatingProtocol
            failures = self.failures

            def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
                self.failures.append(reason)

        self.factory = Client()

    def test_nobody(self) -> None:
        self.assertIs(self.completer.succeedOnce(), None)
        self.reactor.connectTCP("host", 80, self.factory)
        self.assertIs(self.completer.succeedOnce(), None)

    def test_succeed(self) -> None:
        self.reactor.listenTCP(81, Factory.forProtocol(_Echo))
        self.reactor.listenTCP(80, Factory.forProtocol(_Greeting))
        self.reactor.connectTCP("host", 80, self.factory)
        pump = self.completer.succeedOnce()
        assert pump is not None
        self.assertEqual(pump.client.data, b"hello")
        self.assertEqual(self.reactor.tcpClients, [])
        self.assertIs(self.completer.succeedOnce(), None)

    def test_fail(self) -> None:
        for _ in range(2):
            self.reactor.connectTCP("host", 80, self.factory)
        self.completer.failOnce()
        self.assertTrue(self.failures[0].check(error.ConnectionRefusedError))
        self.completer.failOnce(Failure(error.TimeoutError()))
        self.assertTrue(self.failures[1].check(error.TimeoutError))
        self.assertEqual(self.reactor.tcpClients, [])

    def test_protocolWithoutTransport(self) -> None:
        """A protocol can be moved from one kind of stand-in to another."""
        protocol = AccumulatingProtocol()
        protocol.makeConnection(StringTransport())
        self.assertEqual(protocol.made, 1)
