"""`IReactorTCP.connectTCP`: attempts to connect, and how they end."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import (
    ConnectBindError,
    ConnectError,
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,
    DNSLookupError,
    NotConnectingError,
    ServiceNameUnknownError,
    TimeoutError,
    UserError,
)
from twisted.internet.interfaces import IConnector, IReactorPluggableResolver, IResolverSimple
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import PATIENCE
from twisted.internet.test.conformance._pairs import Over6, PairSuite
from twisted.internet.test.conformance.recorders import Peers, Recorder


class ClientCase(PairSuite):
    """A base for suites about attempts to connect over TCP."""

    addressKind: Any = IPv4Address

    def unusedNumber(self) -> int:
        """A number that nobody listens on."""
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as held:
            held.bind((self.host, 0))
            number: int = held.getsockname()[1]
        return number

    def deafNumber(self) -> int:
        """A number where attempts to connect are neither accepted nor refused.

        Its backlog is full, and the kernel drops what is more.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        deaf = socket.socket(family)
        self.addCleanup(deaf.close)
        self.ownsDescriptor(deaf.fileno())
        deaf.bind((self.host, 0))
        deaf.listen(0)
        number: int = deaf.getsockname()[1]
        for _ in range(8):
            filler = socket.socket(family)
            self.addCleanup(filler.close)
            self.ownsDescriptor(filler.fileno())
            filler.setblocking(False)
            filler.connect_ex((self.host, number))
        return number

    def attempt(self, number: int, **kw: Any) -> Peers[Recorder]:
        """Begin to connect to a number; returns the factory."""
        clients = Peers(Recorder)
        self.reactor.connectTCP(self.host, number, clients, **kw)
        return clients


class ClientSuite(ClientCase):
    """Attempts to connect over TCP."""

    def test_events(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            port = self.listen(servers)
            connector = self.connect(port, clients)
            self.assertTrue(verifyObject(IConnector, connector))
            self.assertEqual(clients.events, ["start", "connecting"])
            self.assertIs(clients.connector, connector)
            self.assertEqual(
                connector.getDestination(),
                self.addressKind("TCP", self.host, self.numberOf(port)),
            )
            client = await clients.connection()
            client.transport.loseConnection()
            self.assertTrue((await clients.failure()).check(ConnectionDone))
            await clients.when(lambda: "stop" in clients.events)
            self.assertEqual(clients.events, ["start", "connecting", "built", "lost", "stop"])
            self.assertEqual(client.events, ["made", "lost"])

        self.play(scenario())

    def test_protocolHearsFirst(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            self.connect(self.listen(servers), clients)
            client = await clients.connection()
            order: list[str] = []
            client.when(lambda: client.reason).addCallback(lambda _: order.append("protocol"))
            clients.when(lambda: clients.reasons).addCallback(lambda _: order.append("factory"))
            (await servers.connection()).transport.loseConnection()
            await clients.failure()
            self.assertEqual(order, ["protocol", "factory"])

        self.play(scenario())

    def test_refused(self) -> None:
        async def scenario() -> None:
            number = self.unusedNumber()
            clients = self.attempt(number)
            reason = await clients.failure()
            self.assertTrue(reason.check(ConnectionRefusedError), reason)
            self.assertIn(self.host, reason.getErrorMessage())
            self.assertIn(str(number), reason.getErrorMessage())
            await clients.when(lambda: "stop" in clients.events)
            self.assertEqual(clients.events, ["start", "connecting", "failed", "stop"])

        self.play(scenario())

    def test_timedOut(self) -> None:
        async def scenario() -> None:
            number = self.deafNumber()
            clients = self.attempt(number, timeout=0.05)
            reason = await clients.failure()
            self.assertTrue(reason.check(TimeoutError), reason)
            self.assertIn(self.host, reason.getErrorMessage())
            self.assertIn(str(number), reason.getErrorMessage())
            self.assertEqual(clients.built, [])

        self.play(scenario())

    def test_stopConnecting(self) -> None:
        async def scenario() -> None:
            clients = self.attempt(self.deafNumber())
            assert clients.connector is not None
            await self.turns(3)
            clients.connector.stopConnecting()
            self.assertTrue((await clients.failure()).check(UserError))
            self.assertRaises(NotConnectingError, clients.connector.stopConnecting)
            await clients.when(lambda: "stop" in clients.events)

        self.play(scenario())

    def test_stopConnectingAtOnce(self) -> None:
        async def scenario() -> None:
            clients = self.attempt(self.unusedNumber())
            assert clients.connector is not None
            clients.connector.stopConnecting()
            self.assertTrue((await clients.failure()).check(UserError))
            await self.turns(5)
            self.assertEqual(clients.reasons, [])

        self.play(scenario())

    def test_stopConnectingWhenConnectingStarts(self) -> None:
        class Fickle(Peers[Recorder]):
            def startedConnecting(self, connector: IConnector) -> None:
                super().startedConnecting(connector)
                connector.stopConnecting()

        async def scenario() -> None:
            clients = Fickle(Recorder)
            self.reactor.connectTCP(self.host, self.deafNumber(), clients)
            self.assertTrue((await clients.failure()).check(UserError))

        self.play(scenario())

    def test_stopConnectingWhenConnected(self) -> None:
        async def scenario() -> None:
            clients = Peers(Recorder)
            connector = self.connect(self.listen(Peers(Recorder)), clients)
            await clients.connection()
            self.assertRaises(NotConnectingError, connector.stopConnecting)

        self.play(scenario())

    def test_disconnectWhileConnecting(self) -> None:
        async def scenario() -> None:
            clients = self.attempt(self.deafNumber())
            assert clients.connector is not None
            clients.connector.disconnect()
            self.assertTrue((await clients.failure()).check(UserError))
            clients.connector.disconnect()

        self.play(scenario())

    def test_disconnectWhenConnected(self) -> None:
        async def scenario() -> None:
            clients = Peers(Recorder)
            connector = self.connect(self.listen(Peers(Recorder)), clients)
            client = await clients.connection()
            connector.disconnect()
            self.assertTrue((await client.lost()).check(ConnectionDone))
            connector.disconnect()

        self.play(scenario())

    def test_connectAgainWhenLost(self) -> None:
        class Persistent(Peers[Recorder]):
            def clientConnectionLost(self, connector: IConnector, reason: Any) -> None:
                super().clientConnectionLost(connector, reason)
                if len(self.built) < 3:
                    connector.connect()

        async def scenario() -> None:
            servers, clients = Peers(Recorder), Persistent(Recorder)
            self.connect(self.listen(servers), clients)
            for number in range(3):
                server = await servers.connection(number)
                await clients.connection(number)
                server.transport.loseConnection()
                await server.lost()
            await clients.when(lambda: "stop" in clients.events)
            self.assertEqual(clients.events.count("connecting"), 3)
            # The factory is in use without a break.
            self.assertEqual(clients.events.count("start"), 1)

        self.play(scenario())

    def test_connectAgainWhenRefused(self) -> None:
        class Persistent(Peers[Recorder]):
            def clientConnectionFailed(self, connector: IConnector, reason: Any) -> None:
                super().clientConnectionFailed(connector, reason)
                if len(self.reasons) < 3:
                    connector.connect()

        async def scenario() -> None:
            clients = Persistent(Recorder)
            self.reactor.connectTCP(self.host, self.unusedNumber(), clients)
            await clients.when(lambda: "stop" in clients.events)
            self.assertEqual(len(clients.reasons), 3)

        self.play(scenario())

    def test_connectTwice(self) -> None:
        async def scenario() -> None:
            clients = Peers(Recorder)
            connector = self.connect(self.listen(Peers(Recorder)), clients)
            self.assertRaises(RuntimeError, connector.connect)
            await clients.connection()
            self.assertRaises(RuntimeError, connector.connect)

        self.play(scenario())

    def test_connectMuchLater(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            connector = self.connect(self.listen(servers), clients)
            (await clients.connection()).transport.loseConnection()
            await clients.when(lambda: "stop" in clients.events)
            connector.connect()
            await clients.connection(1)
            self.assertEqual(clients.events.count("start"), 2)

        self.play(scenario())

    def test_bindAddress(self) -> None:
        async def scenario() -> None:
            number = self.unusedNumber()
            servers, clients = Peers(Recorder), Peers(Recorder)
            port = self.listen(servers)
            self.reactor.connectTCP(
                self.host, self.numberOf(port), clients, bindAddress=(self.host, number)
            )
            await servers.connection()
            self.assertEqual(servers.addresses[0].port, number)
            client = await clients.connection()
            self.assertEqual(client.transport.getHost().port, number)

        self.play(scenario())

    def test_bindAddressThatCannotBeHad(self) -> None:
        async def scenario() -> None:
            port = self.listen(Peers(Recorder))
            clients = self.attempt(self.numberOf(port), bindAddress=("192.0.2.1", 0))
            reason = await clients.failure()
            self.assertTrue(reason.check(ConnectBindError), reason)
            self.assertIn("192.0.2.1", reason.getErrorMessage())

        self.play(scenario())

    def test_resetAtOnce(self) -> None:
        async def scenario() -> None:
            with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as port:
                port.bind((self.host, 0))
                port.listen(5)
                clients = self.attempt(port.getsockname()[1])
                client = await clients.connection()
                accepted, _ = port.accept()
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                accepted.close()
                self.assertTrue((await client.lost()).check(ConnectionLost))

        self.play(scenario())

    def test_noTimerIsLeft(self) -> None:
        async def scenario() -> None:
            clients = Peers(Recorder)
            self.connect(self.listen(Peers(Recorder)), clients)
            await clients.connection()
            await self.turns(2)
            self.assertEqual(list(self.reactor.getDelayedCalls()), [])

        self.play(scenario())

    def test_reactorStopsWhileConnecting(self) -> None:
        clients: list[Peers[Recorder]] = []

        async def scenario() -> None:
            clients.append(self.attempt(self.deafNumber()))
            await self.turns(2)

        self.expectLeftovers()
        self.play(scenario())
        self.assertEqual(clients[0].events[:3], ["start", "connecting", "failed"])

    def test_numberThatDoesNotExist(self) -> None:
        async def scenario() -> None:
            for number in (-1, 65_536, 10**6):
                try:
                    clients = self.attempt(number)
                except (ValueError, OverflowError):
                    continue
                self.assertTrue((await clients.failure()).check(ConnectError))

        self.play(scenario())

    def test_unknownService(self) -> None:
        service: Any = "no-such-service"
        self.assertRaises(ServiceNameUnknownError, self.attempt, service)


class Client6Suite(Over6, ClientSuite):
    """Attempts to connect over TCP and IPv6."""

    addressKind = IPv6Address


@implementer(IResolverSimple)
class _Names:
    """A resolver whose answer is the test's."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:
        answer: Deferred[str] = self.answer(name)
        return answer


class NameSuite(PairSuite):
    """Attempts to connect to hosts that are given by name."""

    capability = Capability.NAMES
    requires = (*PairSuite.requires, IReactorPluggableResolver)

    def test_localhost(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            port = self.listen(servers)
            connector = self.reactor.connectTCP("localhost", self.numberOf(port), clients)
            client = await clients.connection()
            self.assertEqual(client.transport.getPeer(), port.getHost())
            self.assertEqual(
                connector.getDestination(), IPv4Address("TCP", "localhost", self.numberOf(port))
            )

        self.play(scenario())

    def test_unknown(self) -> None:
        self.reactor.installResolver(_Names(lambda name: fail(DNSLookupError(f"no {name}"))))

        async def scenario() -> None:
            clients = Peers(Recorder)
            self.reactor.connectTCP("nowhere.invalid", 80, clients)
            reason = await clients.failure()
            self.assertTrue(reason.check(DNSLookupError), reason)
            self.assertIn("nowhere.invalid", reason.getErrorMessage())

        self.play(scenario())

    def test_unknownToTheSystem(self) -> None:
        def unknown(*a: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        self.patch(socket, "getaddrinfo", unknown)

        async def scenario() -> None:
            # A name that every system knows, if it is asked.
            clients = Peers(Recorder)
            self.reactor.connectTCP("localhost", 80, clients)
            reason = await clients.failure()
            self.assertTrue(reason.check(DNSLookupError), reason)
            self.assertIn("localhost", reason.getErrorMessage())

        self.play(scenario())

    def test_stopConnectingWhileTheNameIsLookedUp(self) -> None:
        cancelled: list[object] = []
        self.reactor.installResolver(_Names(lambda name: Deferred(cancelled.append)))

        async def scenario() -> None:
            clients = Peers(Recorder)
            connector = self.reactor.connectTCP("slow.invalid", 80, clients)
            await self.turns(2)
            connector.stopConnecting()
            self.assertTrue((await clients.failure()).check(UserError))
            await self.turns(2)
            self.assertEqual(clients.reasons, [])
            self.assertEqual(len(cancelled), 1)

        self.play(scenario())

    def test_timeoutWhileTheNameIsLookedUp(self) -> None:
        self.reactor.installResolver(_Names(lambda name: Deferred()))

        async def scenario() -> None:
            clients = Peers(Recorder)
            self.reactor.connectTCP("slow.invalid", 80, clients, timeout=0.02)
            self.assertTrue((await clients.failure()).check(TimeoutError))

        self.play(scenario())

    def test_reactorStopsWhileTheNameIsLookedUp(self) -> None:
        release = threading.Event()
        self.addCleanup(release.set)

        def slow(*a: object) -> list[Any]:
            release.wait(PATIENCE)
            return []

        self.patch(socket, "getaddrinfo", slow)
        clients = Peers(Recorder)

        async def scenario() -> None:
            self.reactor.connectTCP("slow.invalid", 80, clients)
            await self.turns(2)
            # Its threads are waited for as it stops.
            self.reactor.addSystemEventTrigger("before", "shutdown", release.set)

        self.expectLeftovers()
        self.play(scenario())


suites = [ClientSuite, Client6Suite, NameSuite]
