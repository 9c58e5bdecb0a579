"""Endpoints over a reactor in memory: what they ask of it, and how attempts end."""

from __future__ import annotations

import os
import socket
from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import (
    AdoptedStreamServerEndpoint,
    ProcessEndpoint,
    SSL4ClientEndpoint,
    SSL4ServerEndpoint,
    StandardErrorBehavior,
    StandardIOEndpoint,
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    TCP6ServerEndpoint,
    UNIXClientEndpoint,
    UNIXServerEndpoint,
    _servers,
    connectProtocol,
)
from twisted.internet.error import (
    AlreadyListened,
    CannotListenError,
    ConnectError,
    ConnectingCancelledError,
    ConnectionDone,
    ConnectionLost,
    ProcessDone,
    ProcessTerminated,
)
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IStreamClientEndpoint,
    IStreamServerEndpoint,
    ITransport,
)
from twisted.internet.protocol import Protocol
from twisted.internet.test._endpoints import Noting, NotingFactory, Reactor, Transport
from twisted.internet.testing import EventLoggingObserver, RaisingMemoryReactor
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial import unittest

HERE = IPv4Address("TCP", "192.0.2.1", 80)


class ClientTests(unittest.SynchronousTestCase):
    """What is asked of the reactor."""

    def test_interfaces(self) -> None:
        reactor = Reactor()
        for endpoint in (
            TCP4ClientEndpoint(reactor, "x", 80),
            SSL4ClientEndpoint(reactor, "x", 80, object()),
            UNIXClientEndpoint(reactor, "/x"),
            ProcessEndpoint(reactor, "/bin/x"),
        ):
            self.assertTrue(verifyObject(IStreamClientEndpoint, endpoint))

    def test_arguments(self) -> None:
        reactor, context = Reactor(), object()
        factory = NotingFactory()
        TCP4ClientEndpoint(reactor, "x", 80).connect(factory)
        TCP4ClientEndpoint(reactor, "x", 80, 7, ("y", 0)).connect(factory)
        SSL4ClientEndpoint(reactor, "x", 80, context).connect(factory)
        SSL4ClientEndpoint(reactor, "x", 80, context, 7, ("y", 0)).connect(factory)
        UNIXClientEndpoint(reactor, "/x").connect(factory)
        UNIXClientEndpoint(reactor, b"/x", 7, True).connect(factory)

        def asked(calls: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
            return [
                tuple(a for a in call if hasattr(a, "buildProtocol") is False) for call in calls
            ]

        self.assertEqual(asked(reactor.tcpClients), [("x", 80, 30, None), ("x", 80, 7, ("y", 0))])
        self.assertEqual(
            asked(reactor.sslClients),
            [("x", 80, context, 30, None), ("x", 80, context, 7, ("y", 0))],
        )
        self.assertEqual(asked(reactor.unixClients), [("/x", 30, False), (b"/x", 7, True)])

    def test_cannot(self) -> None:
        """A reactor that raises gives a Deferred that fails."""
        reactor = RaisingMemoryReactor(connectException=ConnectError(string="no"))
        for endpoint in (
            TCP4ClientEndpoint(reactor, "x", 80),
            SSL4ClientEndpoint(reactor, "x", 80, object()),
            UNIXClientEndpoint(reactor, "/x"),
        ):
            self.failureResultOf(endpoint.connect(NotingFactory()), ConnectError)

    def test_repr(self) -> None:
        text = repr(TCP4ClientEndpoint(Reactor(), "x", 80))
        self.assertEqual(text, "<TCP4ClientEndpoint x, port 80>")


class AttemptTests(unittest.SynchronousTestCase):
    """How an attempt goes on."""

    def setUp(self) -> None:
        self.reactor = Reactor()
        self.factory = NotingFactory()

    def connect(self) -> Deferred[Any]:
        return TCP4ClientEndpoint(self.reactor, "192.0.2.1", 80).connect(self.factory)

    def test_connected(self) -> None:
        """The Deferred fires after `connectionMade`."""
        seen: list[Any] = []
        d = self.connect()
        d.addCallback(lambda protocol: seen.append(list(protocol.told)))
        self.reactor.succeed()
        self.assertEqual(seen, [["made"]])
        self.assertEqual(self.factory.addresses, [HERE])

    def test_outOfTheWay(self) -> None:
        """A transport that can be told serves the protocol itself from then on."""
        d = self.connect()
        transport = Transport()
        self.reactor.succeed(transport=transport)
        protocol = self.successResultOf(d)
        self.assertIs(transport.protocol, protocol)
        self.assertIs(protocol.transport, transport)

    def test_inTheWay(self) -> None:
        """For others, what is told is passed on."""
        d = self.connect()
        built = self.reactor.tcpClients[0][2].buildProtocol(HERE)
        built.makeConnection(object())
        built.dataReceived(b"x")
        built.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.successResultOf(d).told, ["made", b"x", ConnectionDone])
        self.assertEqual(built.logPrefix(), "Noting")

    def test_abilities(self) -> None:
        """What the protocol can is what the transport is told that it can."""

        @implementer(IHalfCloseableProtocol)
        class Half(Noting):
            def readConnectionLost(self) -> None:
                self.told.append("read")

            def writeConnectionLost(self) -> None:
                self.told.append("write")

        self.connect()
        attempt = self.reactor.tcpClients[0][2]
        self.assertFalse(IHalfCloseableProtocol.providedBy(attempt.buildProtocol(HERE)))
        self.factory.protocol = Half
        d = self.connect()
        built = self.reactor.tcpClients[1][2].buildProtocol(HERE)
        self.assertTrue(IHalfCloseableProtocol.providedBy(built))
        built.makeConnection(object())
        built.readConnectionLost()
        built.writeConnectionLost()
        self.assertEqual(self.successResultOf(d).told, ["made", "read", "write"])

    def test_failed(self) -> None:
        d = self.connect()
        error = ConnectError(string="x")
        self.reactor.fail(error)
        self.assertIs(self.failureResultOf(d).value, error)

    def test_lostBeforeItWasMade(self) -> None:
        """A connection that nobody knew of is a failure to connect."""
        d = self.connect()
        attempt = self.reactor.tcpClients[0][2]
        attempt.buildProtocol(HERE)
        attempt.clientConnectionLost(self.reactor.connectors[0], Failure(ConnectionLost()))
        self.failureResultOf(d, ConnectionLost)

    def test_lostLater(self) -> None:
        """That is for the protocol, not for who waited."""
        d = self.connect()
        self.reactor.succeed()
        attempt = self.reactor.tcpClients[0][2]
        attempt.clientConnectionLost(self.reactor.connectors[0], Failure(ConnectionLost()))
        self.assertIsInstance(self.successResultOf(d), Noting)

    def test_connectionMadeFails(self) -> None:
        """The bug is told to who waits, and to the transport, which ends the connection."""

        class Buggy(Protocol):
            def connectionMade(self) -> None:
                raise ZeroDivisionError

        self.factory.protocol = Buggy
        d = self.connect()
        self.assertRaises(ZeroDivisionError, self.reactor.succeed)
        self.failureResultOf(d, ZeroDivisionError)

    def test_factory(self) -> None:
        """The factory is started and stopped with the attempt."""
        self.connect()
        attempt = self.reactor.tcpClients[0][2]
        attempt.doStart()
        self.assertEqual(self.factory.numPorts, 1)
        attempt.doStop()
        self.assertEqual(self.factory.numPorts, 0)
        self.assertEqual(attempt.logPrefix(), "NotingFactory")
        self.assertIn("NotingFactory", repr(attempt))

    def test_cancel(self) -> None:
        d = self.connect()
        d.cancel()
        error: Any = self.failureResultOf(d, ConnectingCancelledError).value
        self.assertEqual(error.address, HERE)
        self.assertEqual(self.reactor.stopped(), [True])

    def test_cancelWhileItIsMade(self) -> None:
        """The connection is ended at once."""
        outer: list[Deferred[Any]] = []

        class Impatient(Noting):
            def connectionMade(self) -> None:
                outer[0].cancel()

        self.factory.protocol = Impatient
        outer.append(self.connect())
        transport = Transport()
        self.reactor.succeed(transport=transport)
        self.failureResultOf(outer[0], ConnectingCancelledError)
        self.assertTrue(transport.aborting)

    def test_connectProtocol(self) -> None:
        protocol = Noting()
        d = connectProtocol(TCP4ClientEndpoint(self.reactor, "x", 80), protocol)
        self.reactor.succeed()
        self.assertIs(self.successResultOf(d), protocol)
        self.assertEqual(protocol.told, ["made"])


class ServerTests(unittest.SynchronousTestCase):
    """What is asked of the reactor."""

    def test_interfaces(self) -> None:
        reactor = Reactor()
        for endpoint in (
            TCP4ServerEndpoint(reactor, 80),
            TCP6ServerEndpoint(reactor, 80),
            SSL4ServerEndpoint(reactor, 80, object()),
            UNIXServerEndpoint(reactor, "/x"),
            AdoptedStreamServerEndpoint(reactor, 3, socket.AF_INET),
        ):
            self.assertTrue(verifyObject(IStreamServerEndpoint, endpoint))

    def test_arguments(self) -> None:
        reactor, factory, context = Reactor(), NotingFactory(), object()
        for endpoint in (
            TCP4ServerEndpoint(reactor, 80),
            TCP4ServerEndpoint(reactor, 80, 7, "x"),
            TCP6ServerEndpoint(reactor, 80),
            SSL4ServerEndpoint(reactor, 80, context),
            SSL4ServerEndpoint(reactor, 80, context, 7, "x"),
            UNIXServerEndpoint(reactor, "/x"),
            UNIXServerEndpoint(reactor, "/x", 7, 0o600, True),
        ):
            self.successResultOf(endpoint.listen(factory))
        self.assertEqual(
            reactor.tcpServers,
            [(80, factory, 50, ""), (80, factory, 7, "x"), (80, factory, 50, "::")],
        )
        self.assertEqual(
            reactor.sslServers, [(80, factory, context, 50, ""), (80, factory, context, 7, "x")]
        )
        self.assertEqual(
            reactor.unixServers,
            [("/x", factory, 50, 0o666, False), ("/x", factory, 7, 0o600, True)],
        )

    def test_port(self) -> None:
        port = self.successResultOf(UNIXServerEndpoint(Reactor(), "/x").listen(NotingFactory()))
        self.assertEqual(port.getHost(), UNIXAddress("/x"))

    def test_cannot(self) -> None:
        error = CannotListenError("", 80, OSError("no"))
        reactor = RaisingMemoryReactor(listenException=error)
        for endpoint in (
            TCP4ServerEndpoint(reactor, 80),
            SSL4ServerEndpoint(reactor, 80, object()),
            UNIXServerEndpoint(reactor, "/x"),
        ):
            failure = self.failureResultOf(endpoint.listen(NotingFactory()))
            self.assertIs(failure.value, error)


class AdoptedTests(unittest.SynchronousTestCase):
    """`AdoptedStreamServerEndpoint`."""

    def test_once(self) -> None:
        """The descriptor is closed once it has been adopted, and then cannot be again."""
        reactor, factory = Reactor(), NotingFactory()
        number = socket.socket().detach()
        endpoint = AdoptedStreamServerEndpoint(reactor, number, socket.AF_INET)
        self.successResultOf(endpoint.listen(factory))
        self.assertEqual(reactor.adoptedPorts, [(number, socket.AF_INET, factory)])
        self.assertRaises(OSError, os.fstat, number)
        failure = self.failureResultOf(endpoint.listen(factory), AlreadyListened)
        self.assertIn(f"descriptor {number}", str(failure.value))

    def test_failure(self) -> None:
        """A descriptor that is not adopted stays open, and can be tried again."""
        with socket.socket() as opened:
            reactor = RaisingMemoryReactor(listenException=OSError("no"))
            endpoint = AdoptedStreamServerEndpoint(reactor, opened.fileno(), socket.AF_INET)
            for _ in range(2):
                self.failureResultOf(endpoint.listen(NotingFactory()), OSError)
            os.fstat(opened.fileno())


class StandardIOTests(unittest.SynchronousTestCase):
    """`StandardIOEndpoint`."""

    def test_connected(self) -> None:
        """The protocol is built for no address, and connected at once."""
        seen: list[Any] = []

        def standardIO(protocol: Any, reactor: Any) -> str:
            seen.append((protocol, reactor))
            return "connected"

        self.patch(_servers, "StandardIO", standardIO)
        reactor, factory = Reactor(), NotingFactory()
        endpoint = StandardIOEndpoint(reactor)
        self.assertTrue(verifyObject(IStreamServerEndpoint, endpoint))
        self.assertEqual(self.successResultOf(endpoint.listen(factory)), "connected")
        self.assertEqual(factory.addresses, [None])
        ((protocol, used),) = seen
        self.assertIsInstance(protocol, Noting)
        self.assertIs(used, reactor)


class _Processes(Reactor):
    """Notes what is to be run."""

    def __init__(self) -> None:
        super().__init__()
        self.spawned: list[Any] = []
        self.done: list[Any] = []

    def spawnProcess(self, protocol: Any, *arguments: Any) -> Any:
        self.spawned.append(arguments)
        self.protocol = protocol
        protocol.makeConnection(self)
        return self

    def writeToChild(self, descriptor: int, data: bytes) -> None:
        self.done.append((descriptor, data))

    def signalProcess(self, signal: str) -> None:
        self.done.append(signal)

    def loseConnection(self) -> None:
        self.done.append("lose")

    pid = 7


class ProcessTests(unittest.SynchronousTestCase):
    """`ProcessEndpoint`."""

    def setUp(self) -> None:
        self.reactor = _Processes()

    def connect(self, **options: Any) -> Any:
        endpoint = ProcessEndpoint(self.reactor, "/bin/x", **options)
        return self.successResultOf(endpoint.connect(NotingFactory()))

    def test_arguments(self) -> None:
        self.connect()
        self.connect(args=["x", "y"], env={"a": "b"}, path="/", uid=1, gid=2, usePTY=True)
        self.assertEqual(
            self.reactor.spawned,
            [
                ("/bin/x", (), {}, None, None, None, 0, None),
                ("/bin/x", ["x", "y"], {"a": "b"}, "/", 1, 2, True, None),
            ],
        )

    def test_data(self) -> None:
        """Output is received; what is written is input."""
        protocol = self.connect()
        self.assertTrue(verifyObject(ITransport, protocol.transport))
        self.reactor.protocol.childDataReceived(1, b"out")
        self.assertEqual(protocol.told, ["made", b"out"])
        protocol.transport.write(b"in")
        protocol.transport.writeSequence([b"a", b"b"])
        protocol.transport.loseConnection()
        protocol.transport.abortConnection()
        self.assertEqual(self.reactor.done, [(0, b"in"), (0, b"ab"), "lose", "KILL"])
        self.assertEqual(protocol.transport.pid, 7)
        self.assertIn("program", repr(protocol.transport.getPeer()))

    def test_standardError(self) -> None:
        observer = EventLoggingObserver()
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.connect(errFlag=StandardErrorBehavior.DROP)
        self.reactor.protocol.childDataReceived(2, b"dropped")
        self.assertEqual(len(observer), 0)
        protocol = self.connect()
        self.reactor.protocol.childDataReceived(2, b"oh dear")
        self.assertEqual([event["data"] for event in observer], [b"oh dear"])
        self.assertEqual(protocol.told, ["made"])

    def test_end(self) -> None:
        for reason, kind in (
            (ProcessDone(0), ConnectionDone),
            (ProcessTerminated(1), ProcessTerminated),
        ):
            protocol = self.connect()
            self.reactor.protocol.processEnded(Failure(reason))
            self.assertEqual(protocol.told, ["made", kind])

    def test_cannot(self) -> None:
        def spawnProcess(*args: Any) -> None:
            raise OSError("no")

        self.patch(self.reactor, "spawnProcess", spawnProcess)
        d = ProcessEndpoint(self.reactor, "/bin/x").connect(NotingFactory())
        self.failureResultOf(d, OSError)
