"""`twisted.internet.testing`: transports, protocols and reactors for tests."""

from __future__ import annotations

import socket
from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.internet import error
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IConsumer,
    IHostnameResolver,
    IHostResolution,
    IListeningPort,
    IPullProducer,
    IPushProducer,
    IReactorCore,
    IReactorFDSet,
    IReactorPluggableNameResolver,
    IReactorSocket,
    IReactorSSL,
    IReactorTCP,
    IReactorTime,
    IReactorUNIX,
    IResolutionReceiver,
    ITransport,
    IUDPTransport,
)
from twisted.internet.protocol import ClientFactory, Factory
from twisted.internet.task import Clock
from twisted.internet.testing import (
    AccumulatingProtocol,
    EventLoggingObserver,
    FakeDatagramTransport,
    LineSendingProtocol,
    MemoryReactor,
    MemoryReactorClock,
    NonStreamingProducer,
    RaisingMemoryReactor,
    StringIOWithoutClosing,
    StringTransport,
    StringTransportWithDisconnection,
    waitUntilAllDisconnected,
)
from twisted.logger import ILogObserver, Logger, LogPublisher
from twisted.python.failure import Failure
from twisted.test import proto_helpers
from twisted.trial import unittest


class StringTransportTests(unittest.SynchronousTestCase):
    """`StringTransport`."""

    def setUp(self) -> None:
        self.transport = StringTransport()

    def test_interfaces(self) -> None:
        for interface in (ITransport, IConsumer, IPushProducer):
            self.assertTrue(verifyObject(interface, self.transport))

    def test_value(self) -> None:
        self.transport.write(b"one")
        self.transport.writeSequence([b" ", bytearray(b"two"), memoryview(b"!")])
        self.assertEqual(self.transport.value(), b"one two!")
        self.transport.clear()
        self.assertEqual(self.transport.value(), b"")
        self.transport.write(b"three")
        self.assertEqual(self.transport.value(), b"three")

    def test_text(self) -> None:
        """The error shows how to mend it."""
        wrong: Any = "text"
        caught = self.assertRaises(TypeError, self.transport.write, wrong)
        self.assertIn("'text'.encode('utf-8')", str(caught))
        self.assertRaises(TypeError, self.transport.writeSequence, [wrong])
        wrong = 3
        caught = self.assertRaises(TypeError, self.transport.write, wrong)
        self.assertIn("not int", str(caught))
        self.assertEqual(self.transport.value(), b"")

    def test_loseConnection(self) -> None:
        """It is noted; what is written is kept all the same."""
        self.assertFalse(self.transport.disconnecting)
        self.transport.loseConnection()
        self.transport.write(b"late")
        self.assertTrue(self.transport.disconnecting)
        self.assertFalse(self.transport.disconnected)
        self.assertEqual(self.transport.value(), b"late")

    def test_abortConnection(self) -> None:
        self.transport.abortConnection()
        self.assertTrue(self.transport.aborting)
        self.assertTrue(self.transport.disconnected)
        self.assertTrue(self.transport.disconnecting)

    def test_halfClose(self) -> None:
        self.transport.loseWriteConnection()
        self.assertTrue(self.transport.writeDisconnecting)
        self.assertFalse(self.transport.disconnecting)

    def test_addresses(self) -> None:
        self.assertEqual(self.transport.getHost(), IPv4Address("TCP", "10.0.0.1", 12345))
        self.assertEqual(self.transport.getPeer(), IPv4Address("TCP", "192.168.1.1", 54321))
        host, peer = UNIXAddress("/h"), UNIXAddress("/p")
        other = StringTransport(host, peer)
        self.assertEqual((other.getHost(), other.getPeer()), (host, peer))

    def test_producer(self) -> None:
        producer = object()
        self.transport.registerProducer(producer, True)
        self.assertIs(self.transport.producer, producer)
        self.assertIs(self.transport.streaming, True)
        self.assertRaises(RuntimeError, self.transport.registerProducer, object(), False)
        self.assertIs(self.transport.producer, producer)
        self.transport.unregisterProducer()
        self.assertIs(self.transport.producer, None)
        self.assertIs(self.transport.streaming, None)
        self.assertRaises(RuntimeError, self.transport.unregisterProducer)

    def test_producing(self) -> None:
        self.assertEqual(self.transport.producerState, "producing")
        self.transport.pauseProducing()
        self.assertEqual(self.transport.producerState, "paused")
        self.transport.resumeProducing()
        self.assertEqual(self.transport.producerState, "producing")
        self.transport.stopProducing()
        self.assertEqual(self.transport.producerState, "stopped")
        self.assertRaises(RuntimeError, self.transport.pauseProducing)
        self.assertRaises(RuntimeError, self.transport.resumeProducing)
        self.assertEqual(self.transport.producerState, "stopped")

    def test_producingWhileClosing(self) -> None:
        self.transport.loseConnection()
        self.assertRaises(RuntimeError, self.transport.pauseProducing)
        self.assertRaises(RuntimeError, self.transport.resumeProducing)

    def test_lenient(self) -> None:
        transport = StringTransport(lenient=True)
        transport.loseConnection()
        transport.pauseProducing()
        self.assertEqual(transport.producerState, "paused")
        transport.stopProducing()
        self.assertRaises(RuntimeError, transport.resumeProducing)

    def test_withDisconnection(self) -> None:
        """The protocol is told once."""
        transport = StringTransportWithDisconnection()
        protocol = AccumulatingProtocol()
        transport.protocol = protocol
        protocol.makeConnection(transport)
        transport.loseConnection()
        transport.loseConnection()
        self.assertFalse(transport.connected)
        self.assertEqual(protocol.closed, 1)
        assert protocol.closedReason is not None
        self.assertTrue(protocol.closedReason.check(error.ConnectionDone))

    def test_fileWithoutClosing(self) -> None:
        file = StringIOWithoutClosing(b"x")
        file.close()
        self.assertEqual(file.getvalue(), b"x")


class DatagramTransportTests(unittest.SynchronousTestCase):
    """`FakeDatagramTransport`."""

    def test_written(self) -> None:
        transport = FakeDatagramTransport()
        self.assertTrue(verifyObject(IUDPTransport, transport))
        transport.write(b"a")
        transport.write(b"b", ("127.0.0.1", 9))
        self.assertEqual(transport.written, [(b"a", transport.noAddr), (b"b", ("127.0.0.1", 9))])
        wrong: Any = "text"
        self.assertRaises(TypeError, transport.write, wrong)

    def test_others(self) -> None:
        transport = FakeDatagramTransport()
        transport.connect("127.0.0.1", 9)
        self.assertEqual(transport.connectedTo, ("127.0.0.1", 9))
        transport.setBroadcastAllowed(True)
        self.assertTrue(transport.getBroadcastAllowed())
        self.assertEqual(transport.getHost().type, "UDP")
        transport.stopListening()


class ProtocolTests(unittest.SynchronousTestCase):
    """Protocols and producers for tests."""

    def test_accumulating(self) -> None:
        protocol = AccumulatingProtocol()
        closed: Deferred[None] = Deferred()
        protocol.closedDeferred = closed
        protocol.makeConnection(StringTransport())
        self.assertEqual((protocol.made, protocol.closed), (1, 0))
        protocol.dataReceived(b"a")
        protocol.dataReceived(b"b")
        self.assertEqual(protocol.data, b"ab")
        self.assertNoResult(closed)
        reason = Failure(error.ConnectionDone())
        protocol.connectionLost(reason)
        self.assertIs(self.successResultOf(closed), None)
        self.assertIs(protocol.closedReason, reason)
        self.assertEqual(protocol.closed, 1)

    def test_accumulatingTellsTheFactory(self) -> None:
        factory: Any = Factory.forProtocol(AccumulatingProtocol)
        made: Deferred[AccumulatingProtocol] = Deferred()
        factory.protocolConnectionMade = made
        protocol = factory.buildProtocol(None)
        protocol.makeConnection(StringTransport())
        self.assertIs(self.successResultOf(made), protocol)
        self.assertIs(factory.protocolConnectionMade, None)

    def test_lines(self) -> None:
        transport = StringTransport()
        protocol = LineSendingProtocol([b"one", b"two"])
        protocol.makeConnection(transport)
        self.assertEqual(transport.value(), b"one\r\ntwo\r\n")
        protocol.dataReceived(b"an")
        protocol.dataReceived(b"swer\r\nand")
        self.assertEqual(protocol.response, [b"answer"])
        protocol.connectionLost()
        self.assertTrue(protocol.lostConn)

    def test_linesLater(self) -> None:
        transport = StringTransport()
        protocol = LineSendingProtocol([b"one"], start=False)
        protocol.makeConnection(transport)
        self.assertEqual(transport.value(), b"")
        protocol.dataReceived(b"go\r\nonce\r\n")
        self.assertEqual(transport.value(), b"one\r\n")
        self.assertEqual(protocol.response, [b"go", b"once"])

    def test_producer(self) -> None:
        consumer = StringTransport()
        producer = NonStreamingProducer(consumer)
        self.assertTrue(verifyObject(IPullProducer, producer))
        done: Deferred[None] = Deferred()
        producer.result = done
        consumer.registerProducer(producer, False)
        self.assertRaises(RuntimeError, producer.pauseProducing)
        while consumer.producer is not None:
            self.assertNoResult(done)
            producer.resumeProducing()
        self.assertEqual(consumer.value(), b"0123456789")
        self.assertIs(self.successResultOf(done), None)
        self.assertRaises(RuntimeError, producer.resumeProducing)

    def test_producerStopped(self) -> None:
        producer = NonStreamingProducer(StringTransport())
        producer.stopProducing()
        self.assertTrue(producer.stopped)
        self.assertRaises(RuntimeError, producer.resumeProducing)

    def test_waitUntilAllDisconnected(self) -> None:
        clock = Clock()
        protocols = [AccumulatingProtocol(), AccumulatingProtocol()]
        transports = [StringTransport(), StringTransport()]
        for protocol, transport in zip(protocols, transports, strict=True):
            protocol.makeConnection(transport)
        waiting = waitUntilAllDisconnected(clock, protocols)
        transports[0].connected = False
        clock.advance(1)
        self.assertNoResult(waiting)
        transports[1].connected = False
        clock.advance(1)
        self.assertIs(self.successResultOf(waiting), None)
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_waitForNone(self) -> None:
        self.successResultOf(waitUntilAllDisconnected(Clock(), []))


class ObserverTests(unittest.SynchronousTestCase):
    """`EventLoggingObserver`."""

    def test_sequence(self) -> None:
        publisher = LogPublisher()
        observer = EventLoggingObserver()
        self.assertTrue(verifyObject(ILogObserver, observer))
        publisher.addObserver(observer)
        log = Logger(observer=publisher)
        log.info("one")
        log.info("two")
        self.assertEqual([event["log_format"] for event in observer], ["one", "two"])
        self.assertEqual(observer[1]["log_format"], "two")
        self.assertEqual(len(observer[0:1]), 1)

    def test_cleanup(self) -> None:
        publisher = LogPublisher()

        class Case(unittest.SynchronousTestCase):
            def test(self) -> None:
                self.observer = EventLoggingObserver.createWithCleanup(self, publisher)
                publisher({"log_format": "inside"})

        case = Case("test")
        case.run()
        publisher({"log_format": "outside"})
        self.assertEqual([event["log_format"] for event in case.observer], ["inside"])


@implementer(IResolutionReceiver)
class _Receiver:
    def __init__(self) -> None:
        self.told: list[Any] = []

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        self.resolution = resolutionInProgress

    def addressResolved(self, address: IAddress) -> None:
        self.told.append(address)

    def resolutionComplete(self) -> None:
        self.told.append("complete")


class _ClientFactory(ClientFactory[Any]):
    def startedConnecting(self, connector: IConnector) -> None:
        self.connector = connector


class MemoryReactorTests(unittest.SynchronousTestCase):
    """`MemoryReactor` and its relatives."""

    def setUp(self) -> None:
        self.reactor = MemoryReactor()

    def test_interfaces(self) -> None:
        for reactor in (self.reactor, MemoryReactorClock(), RaisingMemoryReactor()):
            for interface in (
                IReactorCore,
                IReactorTCP,
                IReactorSSL,
                IReactorUNIX,
                IReactorSocket,
                IReactorFDSet,
                IReactorPluggableNameResolver,
            ):
                self.assertTrue(verifyObject(interface, reactor))
        self.assertTrue(verifyObject(IReactorTime, MemoryReactorClock()))

    def test_installed(self) -> None:
        self.reactor.install()
        self.assertTrue(self.reactor.hasInstalled)

    def test_connectTCP(self) -> None:
        factory = _ClientFactory()
        connector = self.reactor.connectTCP("host", 80, factory, timeout=5)
        self.assertTrue(verifyObject(IConnector, connector))
        self.assertIs(factory.connector, connector)
        self.assertEqual(self.reactor.tcpClients, [("host", 80, factory, 5, None)])
        self.assertEqual(self.reactor.connectors, [connector])
        self.assertEqual(connector.getDestination(), IPv4Address("TCP", "host", 80))

    def test_connectTCP6(self) -> None:
        connector = self.reactor.connectTCP("::1", 80, _ClientFactory())
        self.assertEqual(connector.getDestination(), IPv6Address("TCP", "::1", 80))

    def test_connectors(self) -> None:
        self.reactor.connectTCP("host", 80, _ClientFactory())
        (connector,) = self.reactor.connectors
        self.assertFalse(connector.stoppedConnecting)
        connector.stopConnecting()
        connector.connect()
        connector.disconnect()
        self.assertTrue(connector.stoppedConnecting)
        self.assertTrue(connector.connectCalled)

    def test_listenTCP(self) -> None:
        factory: Factory[Any] = Factory()
        port = self.reactor.listenTCP(80, factory)
        self.assertTrue(verifyObject(IListeningPort, port))
        self.assertEqual(port.getHost(), IPv4Address("TCP", "0.0.0.0", 80))
        self.assertEqual(self.reactor.tcpServers, [(80, factory, 50, "")])
        self.assertIs(port.stopListening(), None)
        port.startListening()
        six = self.reactor.listenTCP(80, factory, interface="::1")
        self.assertEqual(six.getHost(), IPv6Address("TCP", "::1", 80))

    def test_ssl(self) -> None:
        factory, context = _ClientFactory(), object()
        self.reactor.connectSSL("host", 443, factory, context)
        self.reactor.listenSSL(443, factory, context, interface="127.0.0.1")
        self.assertEqual(self.reactor.sslClients, [("host", 443, factory, context, 30, None)])
        self.assertEqual(self.reactor.sslServers, [(443, factory, context, 50, "127.0.0.1")])

    def test_unix(self) -> None:
        factory = _ClientFactory()
        connector = self.reactor.connectUNIX("/c", factory)
        port = self.reactor.listenUNIX("/s", factory)
        self.assertEqual(self.reactor.unixClients, [("/c", factory, 30, False)])
        self.assertEqual(self.reactor.unixServers, [("/s", factory, 50, 0o666, False)])
        self.assertEqual(connector.getDestination(), UNIXAddress("/c"))
        self.assertEqual(port.getHost(), UNIXAddress("/s"))

    def test_adopt(self) -> None:
        factory: Factory[Any] = Factory()
        port = self.reactor.adoptStreamPort(3, socket.AF_INET, factory)
        self.assertIsInstance(port.getHost(), IPv4Address)
        protocol: Any = object()
        port = self.reactor.adoptDatagramPort(4, socket.AF_INET6, protocol)
        self.assertIsInstance(port.getHost(), IPv6Address)
        self.reactor.adoptStreamConnection(5, socket.AF_INET, factory)
        self.assertEqual(
            self.reactor.adoptedPorts,
            [(3, socket.AF_INET, factory), (4, socket.AF_INET6, protocol, 8192)],
        )
        self.assertEqual(self.reactor.adoptedStreamConnections, [(5, socket.AF_INET, factory)])
        self.assertRaises(
            error.UnsupportedAddressFamily,
            self.reactor.adoptStreamPort,
            3,
            socket.AF_UNIX,
            factory,
        )

    def test_run(self) -> None:
        """What was to be called when it runs is called, then it stops."""
        seen: list[Any] = []
        self.reactor.callWhenRunning(lambda: seen.append(self.reactor.running))
        self.assertEqual(seen, [])
        self.reactor.run()
        self.assertEqual(seen, [True])
        self.assertFalse(self.reactor.running)
        self.assertTrue(self.reactor.hasRun and self.reactor.hasStopped)
        self.assertFalse(self.reactor.hasCrashed)
        self.reactor.callWhenRunning(seen.append, "at once")
        self.assertEqual(seen, [True, "at once"])
        self.reactor.crash()
        self.assertTrue(self.reactor.hasCrashed)

    def test_triggers(self) -> None:
        first = self.reactor.addSystemEventTrigger("before", "shutdown", print, 1, end="")
        self.reactor.addSystemEventTrigger("before", "shutdown", print)
        self.assertEqual(
            self.reactor.triggers,
            {"before": {"shutdown": [(print, (1,), {"end": ""}), (print, (), {})]}},
        )
        self.reactor.removeSystemEventTrigger(first)
        self.assertEqual(self.reactor.triggers, {"before": {"shutdown": [(print, (), {})]}})

    def test_notImplemented(self) -> None:
        for function, *args in (
            (self.reactor.resolve, "name"),
            (self.reactor.iterate,),
            (self.reactor.fireSystemEvent, "shutdown"),
        ):
            self.assertRaises(NotImplementedError, function, *args)

    def test_descriptors(self) -> None:
        reader, writer = object(), object()
        self.reactor.addReader(reader)
        self.reactor.addWriter(writer)
        self.assertEqual(self.reactor.getReaders(), [reader])
        self.assertEqual(self.reactor.getWriters(), [writer])
        self.reactor.removeReader(reader)
        self.reactor.removeReader(reader)
        self.assertEqual(self.reactor.readers, set())
        self.reactor.addReader(writer)
        self.assertEqual(self.reactor.removeAll(), [writer])
        self.reactor.removeWriter(writer)
        self.assertEqual(self.reactor.getWriters(), [])

    def test_resolver(self) -> None:
        receiver = _Receiver()
        resolver = self.reactor.nameResolver
        self.assertTrue(verifyObject(IHostnameResolver, resolver))
        resolver.resolveHostName(receiver, "example.com", 80)
        self.assertEqual(receiver.told, [IPv4Address("TCP", "127.0.0.1", 80), "complete"])
        self.assertTrue(verifyObject(IHostResolution, receiver.resolution))
        self.assertRaises(RuntimeError, receiver.resolution.cancel)

    def test_resolverTypes(self) -> None:
        receiver = _Receiver()
        self.reactor.nameResolver.resolveHostName(receiver, "x", 1, [IPv6Address])
        self.assertEqual(receiver.told, ["complete"])
        self.reactor.nameResolver.resolveHostName(receiver, "x", 1, transportSemantics="UDP")
        self.assertEqual(receiver.told[1], IPv4Address("UDP", "127.0.0.1", 1))

    def test_installNameResolver(self) -> None:
        first = self.reactor.nameResolver
        other: Any = object()
        self.assertIs(self.reactor.installNameResolver(other), first)
        self.assertIs(self.reactor.nameResolver, other)

    def test_clock(self) -> None:
        reactor = MemoryReactorClock()
        made: list[int] = []
        reactor.callLater(2, made.append, 1)
        reactor.advance(2)
        self.assertEqual(made, [1])
        reactor.connectTCP("host", 80, _ClientFactory())
        self.assertEqual(len(reactor.tcpClients), 1)

    def test_raising(self) -> None:
        listening, connecting = OSError("listen"), OSError("connect")
        reactor = RaisingMemoryReactor(listening, connecting)
        factory = _ClientFactory()
        for expected, function, args in (
            (listening, reactor.listenTCP, (80, factory)),
            (listening, reactor.listenSSL, (80, factory, None)),
            (listening, reactor.listenUNIX, ("/s", factory)),
            (listening, reactor.adoptStreamPort, (3, socket.AF_INET, factory)),
            (listening, reactor.adoptDatagramPort, (3, socket.AF_INET, factory)),
            (connecting, reactor.connectTCP, ("host", 80, factory)),
            (connecting, reactor.connectSSL, ("host", 80, factory, None)),
            (connecting, reactor.connectUNIX, ("/s", factory)),
            (connecting, reactor.adoptStreamConnection, (3, socket.AF_INET, factory)),
        ):
            call: Any = function
            self.assertIs(self.assertRaises(OSError, call, *args), expected)

    def test_raisingNothingGiven(self) -> None:
        factory = _ClientFactory()
        self.assertRaises(RuntimeError, RaisingMemoryReactor().listenTCP, 80, factory)
        self.assertRaises(RuntimeError, RaisingMemoryReactor().connectTCP, "host", 80, factory)


class OldNameTests(unittest.SynchronousTestCase):
    """`twisted.test.proto_helpers`."""

    def test_sameObjects(self) -> None:
        self.assertIs(proto_helpers.StringTransport, StringTransport)
        for name in proto_helpers.__all__:
            public = getattr(proto_helpers, name)
            self.assertEqual(
                getattr(public, "__module__", "").split("._")[0], "twisted.internet.testing"
            )
