"""`twisted.protocols.policies`: wrappers, limits, timeouts, logs of traffic."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from zope.interface import Interface, implementer
from zope.interface.verify import verifyObject

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IConsumer,
    IProtocolFactory,
    IPushProducer,
    ITransport,
)
from twisted.internet.protocol import ClientFactory, Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport, StringTransportWithDisconnection
from twisted.logger import capturedLogs, formatEvent
from twisted.protocols import policies
from twisted.python.failure import Failure
from twisted.trial import unittest


class Recorder(Protocol):
    """Notes what happens."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def connectionMade(self) -> None:
        self.events.append("made")

    def dataReceived(self, data: bytes) -> None:
        self.events.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.events.append(reason)


def peer(host: str = "10.0.0.1", port: int = 4000) -> IPv4Address:
    """The address of a client."""
    return IPv4Address("TCP", host, port)


def connect(factory: Any, address: IPv4Address | None = None) -> tuple[Any, Any, Any]:
    """Open a connection: the wrapper, the protocol inside, the transport."""
    address = address or peer()
    wrapper = factory.buildProtocol(address)
    transport = StringTransport(peerAddress=address)
    inside = wrapper.wrappedProtocol
    wrapper.makeConnection(transport)
    return wrapper, inside, transport


def recorders() -> Factory[Recorder]:
    """A factory of protocols that note what happens."""
    factory = Factory.forProtocol(Recorder)
    factory.noisy = False
    return factory


class IUnusual(Interface):
    """Something that only a particular transport can do."""


@implementer(IUnusual)
class UnusualTransport(StringTransport):
    """A transport with an ability of its own."""

    def wave(self) -> str:
        return "hello"


class WrappingTests(unittest.SynchronousTestCase):
    """`WrappingFactory` and `ProtocolWrapper`."""

    def test_modulePath(self) -> None:
        for name in policies.__all__:
            self.assertEqual(getattr(policies, name).__module__, "twisted.protocols.policies")

    def test_interfaces(self) -> None:
        factory = policies.WrappingFactory(recorders())
        verifyObject(IProtocolFactory, factory)
        wrapper, _, _ = connect(factory)
        for each in (ITransport, IConsumer, IPushProducer):
            verifyObject(each, wrapper)

    def test_eventsGoIn(self) -> None:
        factory = policies.WrappingFactory(recorders())
        wrapper, inside, _ = connect(factory)
        wrapper.dataReceived(b"data")
        self.assertEqual(list(factory.protocols), [wrapper])
        reason = Failure(ConnectionLost())
        wrapper.connectionLost(reason)
        self.assertEqual(inside.events, ["made", b"data", reason])
        self.assertEqual(factory.protocols, {})
        self.assertIsNone(wrapper.wrappedProtocol)

    def test_callsGoOut(self) -> None:
        wrapper, inside, transport = connect(policies.WrappingFactory(recorders()))
        self.assertIs(inside.transport, wrapper)
        inside.transport.write(b"one")
        inside.transport.writeSequence([b"two", b"three"])
        self.assertEqual(transport.value(), b"onetwothree")
        self.assertEqual(inside.transport.getPeer(), transport.getPeer())
        self.assertEqual(inside.transport.getHost(), transport.getHost())
        producer = object()
        inside.transport.registerProducer(producer, True)
        self.assertEqual((transport.producer, transport.streaming), (producer, True))
        inside.transport.unregisterProducer()
        self.assertIsNone(transport.producer)
        self.assertFalse(inside.transport.disconnecting)
        inside.transport.loseConnection()
        self.assertTrue(inside.transport.disconnecting)
        self.assertTrue(transport.disconnecting)

    def test_abortConnection(self) -> None:
        _, inside, transport = connect(policies.WrappingFactory(recorders()))
        inside.transport.abortConnection()
        self.assertTrue(inside.transport.disconnecting)
        self.assertTrue(transport.aborting)

    def test_stopConsuming(self) -> None:
        wrapper, _, transport = connect(policies.WrappingFactory(recorders()))
        stopped: list[bool] = []
        transport.stopConsuming = lambda: stopped.append(True)
        wrapper.stopConsuming()
        self.assertEqual(stopped, [True])

    def test_abilitiesOfTheTransport(self) -> None:
        wrapper = policies.WrappingFactory(recorders()).buildProtocol(peer())
        self.assertFalse(IUnusual.providedBy(wrapper))
        wrapper.makeConnection(UnusualTransport())
        self.assertTrue(IUnusual.providedBy(wrapper))
        self.assertEqual(wrapper.wave(), "hello")
        self.assertRaises(AttributeError, getattr, wrapper, "dance")

    def test_otherConnectionsAreNotAffected(self) -> None:
        first = policies.WrappingFactory(recorders()).buildProtocol(peer())
        first.makeConnection(UnusualTransport())
        second, _, _ = connect(policies.WrappingFactory(recorders()))
        self.assertFalse(IUnusual.providedBy(second))

    def test_nothingBuilt(self) -> None:
        class Refusing(Factory[Protocol]):
            def buildProtocol(self, addr: Any) -> None:
                return None

        for wrap in (
            policies.WrappingFactory,
            policies.ThrottlingFactory,
            policies.TimeoutFactory,
            policies.LimitConnectionsByPeer,
        ):
            self.assertIsNone(wrap(Refusing()).buildProtocol(peer()))

    def test_startAndStopGoIn(self) -> None:
        inside = recorders()
        factory = policies.WrappingFactory(inside)
        factory.doStart()
        self.assertEqual((inside.numPorts, factory.numPorts), (1, 1))
        factory.doStop()
        self.assertEqual((inside.numPorts, factory.numPorts), (0, 0))

    def test_clientEventsGoIn(self) -> None:
        events: list[tuple[Any, ...]] = []

        class Client(ClientFactory[Protocol]):
            def startedConnecting(self, *args: Any) -> None:
                events.append(("started", *args))

            def clientConnectionFailed(self, *args: Any) -> None:
                events.append(("failed", *args))

            def clientConnectionLost(self, *args: Any) -> None:
                events.append(("lost", *args))

        factory: Any = policies.WrappingFactory(Client())
        factory.startedConnecting("c")
        factory.clientConnectionFailed("c", "why")
        factory.clientConnectionLost("c", "why")
        self.assertEqual(events, [("started", "c"), ("failed", "c", "why"), ("lost", "c", "why")])

    def test_logPrefix(self) -> None:
        factory = policies.WrappingFactory(recorders())
        wrapper, _, _ = connect(factory)
        self.assertEqual(factory.logPrefix(), "Factory (WrappingFactory)")
        self.assertEqual(wrapper.logPrefix(), "Recorder (ProtocolWrapper)")
        wrapper.wrappedProtocol = object()
        self.assertEqual(wrapper.logPrefix(), "object (ProtocolWrapper)")


class ThrottlingTests(unittest.SynchronousTestCase):
    """`ThrottlingFactory`."""

    def make(self, **limits: Any) -> Any:
        self.clock = Clock()
        factory: Any = policies.ThrottlingFactory(recorders(), **limits)
        factory.callLater = self.clock.callLater
        return factory

    def test_connections(self) -> None:
        factory = self.make(maxConnectionCount=2)
        first, _, _ = connect(factory)
        connect(factory)
        with capturedLogs() as logged:
            self.assertIsNone(factory.buildProtocol(peer()))
        self.assertIn("2 are open", formatEvent(logged[0]))
        first.connectionLost(connectionDone)
        connect(factory)
        self.assertIsNone(factory.buildProtocol(peer()))

    def test_reads(self) -> None:
        factory = self.make(readLimit=10)
        wrapper, inside, transport = connect(factory)
        _, _, other = connect(factory)
        wrapper.dataReceived(b"x" * 25)
        self.assertEqual(transport.producerState, "producing")
        self.clock.advance(1)
        self.assertEqual((transport.producerState, other.producerState), ("paused", "paused"))
        # 25 bytes are worth 2.5 seconds, of which one has passed.
        self.clock.advance(1.4)
        self.assertEqual(transport.producerState, "paused")
        self.clock.advance(0.2)
        self.assertEqual((transport.producerState, other.producerState), ("producing",) * 2)
        self.assertEqual(inside.events, ["made", b"x" * 25])

    def test_readsWithinTheLimit(self) -> None:
        factory = self.make(readLimit=10)
        wrapper, _, transport = connect(factory)
        for _ in range(5):
            wrapper.dataReceived(b"x" * 10)
            self.clock.advance(1)
            self.assertEqual(transport.producerState, "producing")

    def test_newConnectionPausesWithTheOthers(self) -> None:
        factory = self.make(readLimit=10)
        wrapper, _, _ = connect(factory)
        wrapper.dataReceived(b"x" * 100)
        self.clock.advance(1)
        _, _, late = connect(factory)
        self.assertEqual(late.producerState, "paused")
        self.clock.advance(9)
        self.assertEqual(late.producerState, "producing")

    def test_writes(self) -> None:
        factory = self.make(writeLimit=10)
        _, inside, transport = connect(factory)
        producer = StringTransport()
        inside.transport.registerProducer(producer, True)
        inside.transport.write(b"x" * 10)
        inside.transport.writeSequence(each for each in (b"x" * 10, b"x" * 5))
        self.assertEqual(transport.value(), b"x" * 25)
        self.clock.advance(1)
        self.assertEqual(producer.producerState, "paused")
        self.clock.advance(1.6)
        self.assertEqual(producer.producerState, "producing")

    def test_writesWithoutProducer(self) -> None:
        factory = self.make(writeLimit=10)
        _, inside, _ = connect(factory)
        inside.transport.registerProducer(StringTransport(), True)
        inside.transport.unregisterProducer()
        inside.transport.write(b"x" * 100)
        self.clock.pump([1] * 12)

    def test_lastConnectionStopsTheClock(self) -> None:
        factory = self.make(readLimit=10, writeLimit=10)
        wrappers = [connect(factory)[0] for _ in range(2)]
        wrappers[0].dataReceived(b"x" * 100)
        wrappers[0].wrappedProtocol.transport.write(b"x" * 100)
        self.clock.advance(1)
        for wrapper in wrappers:
            wrapper.connectionLost(connectionDone)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        _, _, transport = connect(factory)
        self.assertEqual(transport.producerState, "producing")


class LimitConnectionsByPeerTests(unittest.SynchronousTestCase):
    """`LimitConnectionsByPeer`."""

    def test_limit(self) -> None:
        factory = policies.LimitConnectionsByPeer(recorders())
        factory.maxConnectionsPerPeer = 2
        factory.doStart()
        first, _, _ = connect(factory, peer(port=1))
        connect(factory, peer(port=2))
        self.assertIsNone(factory.buildProtocol(peer(port=3)))
        connect(factory, peer("10.0.0.2"))
        first.connectionLost(connectionDone)
        connect(factory, peer(port=4))
        self.assertEqual(factory.peerConnections, {"10.0.0.1": 2, "10.0.0.2": 1})
        for wrapper in list(factory.protocols):
            wrapper.connectionLost(connectionDone)
        self.assertEqual(factory.peerConnections, {})


class LimitTotalConnectionsFactoryTests(unittest.SynchronousTestCase):
    """`LimitTotalConnectionsFactory`."""

    def make(self, limit: int | None) -> policies.LimitTotalConnectionsFactory:
        factory = policies.LimitTotalConnectionsFactory()
        factory.protocol = Recorder
        factory.connectionLimit = limit
        return factory

    def test_noLimit(self) -> None:
        factory = self.make(None)
        for _ in range(10):
            connect(factory)
        self.assertEqual(factory.connectionCount, 10)

    def test_limit(self) -> None:
        factory = self.make(1)
        wrapper, inside, _ = connect(factory)
        self.assertIs(inside.factory, factory)
        self.assertIsNone(factory.buildProtocol(peer()))
        wrapper.connectionLost(connectionDone)
        self.assertEqual(factory.connectionCount, 0)
        connect(factory)

    def test_overflow(self) -> None:
        class Apology(Protocol):
            def connectionMade(self) -> None:
                self.transport.write(b"later, please")
                self.transport.loseConnection()

        factory = self.make(1)
        factory.overflowProtocol = Apology
        connect(factory)
        wrapper, inside, transport = connect(factory)
        self.assertIs(inside.factory, factory)
        self.assertEqual(transport.value(), b"later, please")
        self.assertEqual(factory.connectionCount, 2)
        wrapper.connectionLost(connectionDone)
        self.assertEqual(factory.connectionCount, 1)


class TimeoutFactoryTests(unittest.SynchronousTestCase):
    """`TimeoutFactory` and `TimeoutProtocol`."""

    def setUp(self) -> None:
        self.clock = Clock()
        factory: Any = policies.TimeoutFactory(recorders(), 10)
        factory.callLater = self.clock.callLater
        self.wrapper, self.inside, self.transport = connect(factory)

    def test_idle(self) -> None:
        self.clock.advance(9.9)
        self.assertFalse(self.transport.disconnecting)
        self.clock.advance(0.1)
        self.assertTrue(self.transport.disconnecting)

    def test_busy(self) -> None:
        acts: list[Callable[[], Any]] = [
            lambda: self.wrapper.dataReceived(b"x"),
            lambda: self.inside.transport.write(b"x"),
            lambda: self.inside.transport.writeSequence([b"x"]),
        ]
        for act in acts:
            self.clock.advance(9)
            act()
        self.clock.advance(9)
        self.assertFalse(self.transport.disconnecting)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnecting)
        self.wrapper.dataReceived(b"late")

    def test_cancel(self) -> None:
        self.wrapper.cancelTimeout()
        self.wrapper.cancelTimeout()
        self.wrapper.dataReceived(b"x")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_setTimeout(self) -> None:
        self.wrapper.setTimeout(3)
        self.clock.advance(2)
        self.wrapper.setTimeout()
        self.clock.advance(2)
        self.assertFalse(self.transport.disconnecting)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnecting)

    def test_connectionLost(self) -> None:
        self.wrapper.connectionLost(connectionDone)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_timeoutFunc(self) -> None:
        called: list[bool] = []
        self.wrapper.timeoutFunc = lambda: called.append(True)
        self.clock.advance(10)
        self.assertEqual(called, [True])
        self.assertFalse(self.transport.disconnecting)


class TimedProtocol(policies.TimeoutMixin, Protocol):
    """A protocol with a timer."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def callLater(self, period: float, func: Callable[[], object]) -> Any:
        return self.clock.callLater(period, func)


class TimeoutMixinTests(unittest.SynchronousTestCase):
    """`TimeoutMixin`."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.protocol = TimedProtocol(self.clock)
        self.transport = StringTransport()
        self.protocol.makeConnection(self.transport)

    def test_offAtFirst(self) -> None:
        self.protocol.resetTimeout()
        self.assertIsNone(self.protocol.timeOut)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_timeout(self) -> None:
        self.assertIsNone(self.protocol.setTimeout(5))
        self.clock.advance(4)
        self.protocol.resetTimeout()
        self.clock.advance(4)
        self.assertFalse(self.transport.disconnecting)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnecting)

    def test_afterTheTimeout(self) -> None:
        self.protocol.setTimeout(5)
        self.clock.advance(5)
        self.protocol.resetTimeout()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.protocol.setTimeout(None), 5)

    def test_change(self) -> None:
        self.protocol.setTimeout(5)
        self.assertEqual(self.protocol.setTimeout(2), 5)
        self.clock.advance(2)
        self.assertTrue(self.transport.disconnecting)

    def test_stop(self) -> None:
        self.protocol.setTimeout(5)
        self.assertEqual(self.protocol.setTimeout(None), 5)
        self.assertIsNone(self.protocol.setTimeout(None))
        self.protocol.resetTimeout()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stoppedByItself(self) -> None:
        """`timeoutConnection` may end the protocol, which then stops the timer."""
        transport = StringTransportWithDisconnection()
        transport.protocol = self.protocol
        self.protocol.makeConnection(transport)
        lost: Any = self.protocol
        lost.connectionLost = lambda reason: self.protocol.setTimeout(None)
        self.protocol.setTimeout(5)
        self.clock.advance(5)
        self.assertFalse(transport.connected)


class SpewingTests(unittest.SynchronousTestCase):
    """`SpewingFactory`."""

    def test_log(self) -> None:
        wrapper, inside, transport = connect(policies.SpewingFactory(recorders()))
        with capturedLogs() as logged:
            wrapper.dataReceived(b"in")
            inside.transport.write(b"out")
            inside.transport.writeSequence([b"a", b"b"])
        self.assertEqual(
            [formatEvent(event) for event in logged],
            ["Received: b'in'", "Sending: b'out'", "Sending: [b'a', b'b']"],
        )
        self.assertEqual(transport.value(), b"outab")
        self.assertEqual(inside.events, ["made", b"in"])


class TrafficLoggingTests(unittest.SynchronousTestCase):
    """`TrafficLoggingFactory`."""

    def test_file(self) -> None:
        prefix = self.mktemp()
        factory = policies.TrafficLoggingFactory(recorders(), prefix)
        wrapper, inside, transport = connect(factory)
        wrapper.dataReceived(b"in")
        inside.transport.write(b"out")
        inside.transport.writeSequence([b"a", b"b"])
        inside.transport.loseConnection()
        wrapper.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(
            Path(f"{prefix}-1").read_text().splitlines(),
            [
                "* 1: connection made",
                "C 1: b'in'",
                "S 1: b'out'",
                "S 1: b'a'",
                "S 1: b'b'",
                "* 1: closing the connection",
                "* 1: connection lost: Connection was closed cleanly.",
            ],
        )
        self.assertTrue(wrapper.logfile.closed)
        self.assertEqual(transport.value(), b"outab")
        self.assertEqual(inside.events[:2], ["made", b"in"])

    def test_numbers(self) -> None:
        names: list[str] = []
        factory: Any = policies.TrafficLoggingFactory(recorders(), "log")

        def openFile(name: str) -> StringIO:
            names.append(name)
            return StringIO()

        factory.open = openFile
        connect(factory)
        connect(factory)
        factory.resetCounter()
        connect(factory)
        self.assertEqual(names, ["log-1", "log-2", "log-1"])

    def test_lengthLimit(self) -> None:
        log = StringIO()
        factory: Any = policies.TrafficLoggingFactory(recorders(), "log", lengthLimit=4)
        factory.open = lambda name: log
        wrapper, inside, _ = connect(factory)
        wrapper.dataReceived(b"1234")
        wrapper.dataReceived(b"123456")
        self.assertEqual(
            log.getvalue().splitlines()[1:], ["C 1: b'1234'", "C 1: b'1234' and 2 bytes more"]
        )
        self.assertEqual(inside.events[1:], [b"1234", b"123456"])

    def test_writeAfterTheEnd(self) -> None:
        factory: Any = policies.TrafficLoggingFactory(recorders(), "log")
        factory.open = lambda name: StringIO()
        wrapper, _, _ = connect(factory)
        wrapper.connectionLost(connectionDone)
        wrapper.write(b"too late")
