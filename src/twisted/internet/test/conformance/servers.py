"""`IReactorTCP.listenTCP` and `IReactorSocket`: ports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import (
    CannotListenError,
    ConnectionDone,
    UnsupportedAddressFamily,
)
from twisted.internet.interfaces import (
    IListeningPort,
    IReactorSocket,
    IReactorTCP,
    ISystemHandle,
    ITCPTransport,
)
from twisted.internet.test.conformance._pairs import Over6, PairSuite
from twisted.internet.test.conformance.recorders import Echo, Peers, Recorder
from twisted.python.reflect import fullyQualifiedName
from twisted.trial.unittest import SkipTest

# Not an address of this host, nor of any other: RFC 5737.
_NOT_OURS = "192.0.2.1"


class ServerSuite(PairSuite):
    """Ports that accept TCP connections."""

    addressKind: Any = IPv4Address

    def test_interfaces(self) -> None:
        async def scenario() -> None:
            self.assertTrue(verifyObject(IReactorTCP, self.reactor))
            port = self.listen(Peers(Recorder))
            self.assertTrue(verifyObject(IListeningPort, port))
            for end in await self.pair(Recorder, Recorder):
                self.assertTrue(verifyObject(ITCPTransport, end.transport))
                self.assertTrue(verifyObject(ISystemHandle, end.transport))

        self.play(scenario())

    def test_addresses(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            port = self.listen(servers)
            number = self.numberOf(port)
            self.assertGreater(number, 0)
            self.assertEqual(port.getHost(), self.addressKind("TCP", self.host, number))
            self.connect(port, clients)
            server, client = await servers.connection(), await clients.connection()
            self.assertEqual(client.transport.getPeer(), port.getHost())
            self.assertEqual(server.transport.getHost(), port.getHost())
            self.assertEqual(server.transport.getPeer(), client.transport.getHost())
            self.assertEqual(servers.addresses, [server.transport.getPeer()])
            self.assertEqual(clients.addresses, [client.transport.getPeer()])
            self.assertNotEqual(client.transport.getHost(), client.transport.getPeer())

        self.play(scenario())

    def test_addressesAreKnownAfterTheEnd(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            peers = [end.transport.getPeer() for end in (server, client)]
            client.transport.loseConnection()
            for end in (server, client):
                await end.lost()
            self.assertEqual([end.transport.getPeer() for end in (server, client)], peers)

        self.play(scenario())

    def test_factoryIsStartedAndStopped(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            ports = [self.listen(servers), self.listen(servers)]
            self.assertEqual(servers.events, ["start"])
            await _done(ports[0].stopListening())
            self.assertEqual(servers.events, ["start"])
            await _done(ports[1].stopListening())
            self.assertEqual(servers.events, ["start", "stop"])

        self.play(scenario())

    def test_factoryIsStoppedWithTheReactor(self) -> None:
        servers = Peers(Recorder)

        async def scenario() -> None:
            self.listen(servers)

        self.play(scenario())
        self.assertEqual(servers.events, ["start", "stop"])

    def test_listenBeforeTheReactorRuns(self) -> None:
        servers, clients = Peers(Recorder), Peers(Recorder)
        self.connect(self.listen(servers), clients)

        async def scenario() -> None:
            await servers.connection()
            await clients.connection()

        self.play(scenario())

    def test_portInUse(self) -> None:
        async def scenario() -> None:
            number = self.numberOf(self.listen(Peers(Recorder)))
            servers = Peers(Recorder)
            error = self.assertRaises(
                CannotListenError, self.reactor.listenTCP, number, servers, interface=self.host
            )
            self.assertIn(str(number), str(error))
            self.assertIn(self.host, str(error))
            self.assertEqual((error.interface, error.port), (self.host, number))
            self.assertIsInstance(error.socketError, OSError)
            self.assertEqual(servers.events, [])

        self.play(scenario())

    def test_interfaceOfAnotherHost(self) -> None:
        error = self.assertRaises(
            CannotListenError, self.reactor.listenTCP, 0, Peers(Recorder), interface=_NOT_OURS
        )
        self.assertIn(_NOT_OURS, str(error))

    def test_noSuchNumber(self) -> None:
        for number in (-1, 65_536, 1_000_000):
            self.assertRaises(
                (CannotListenError, ValueError, OverflowError),
                self.reactor.listenTCP,
                number,
                Peers(Recorder),
                interface=self.host,
            )

    def test_privilegedPort(self) -> None:
        try:
            with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as trial:
                trial.bind((self.host, 1))
        except PermissionError:
            pass
        except OSError as problem:
            self.skipTest(f"port 1 cannot be tried: {problem}")
        else:
            self.skipTest("this user may listen on any port")
        error = self.assertRaises(
            CannotListenError, self.reactor.listenTCP, 1, Peers(Recorder), interface=self.host
        )
        self.assertIn(f"{self.host}:1" if ":" not in self.host else ":1", str(error))

    def test_stopListening(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Echo), Peers(Recorder)
            port = self.listen(servers)
            address = (self.host, self.numberOf(port))
            self.connect(port, clients)
            client = await clients.connection()
            await servers.connection()
            await _done(port.stopListening())
            await _done(port.stopListening())
            self.assertRaises(ConnectionRefusedError, socket.create_connection, address)
            # What was accepted before goes on.
            client.transport.write(b"still here")
            self.assertEqual(await client.received(10), b"still here")

        self.play(scenario())

    def test_stopListeningFromBuildProtocol(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            port = self.listen(servers)
            raws = [self.rawClient(port) for _ in range(3)]
            original = servers.buildProtocol

            def once(addr: Any) -> Recorder:
                port.stopListening()
                return original(addr)

            self.patch(servers, "buildProtocol", once)
            server = await servers.connection()
            server.transport.write(b"only one")
            server.transport.loseConnection()
            await server.lost()
            self.assertEqual(len(servers.built), 1)
            for raw in raws:
                raw.close()

        self.play(scenario())

    def test_numberCanBeHadAgainAtOnce(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            port = self.listen(servers)
            self.connect(port, clients)
            server = await servers.connection()
            # The end that closes first keeps the number busy for the kernel.
            server.transport.loseConnection()
            await (await clients.connection()).lost()
            await _done(port.stopListening())
            again = self.reactor.listenTCP(self.numberOf(port), servers, interface=self.host)
            self.connect(again, clients)
            await servers.connection(1)

        self.play(scenario())

    def test_startListeningAgain(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            port = self.listen(servers)
            number = self.numberOf(port)
            await _done(port.stopListening())
            port.startListening()
            self.assertEqual(self.numberOf(port), number)
            self.connect(port, clients)
            await servers.connection()

        self.play(scenario())

    def test_manyClientsAtOnce(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            port = self.reactor.listenTCP(0, servers, backlog=200, interface=self.host)
            raws = [self.rawClient(port) for _ in range(150)]
            await servers.connection(149)
            for raw in raws:
                raw.close()
            for server in servers.built:
                self.assertTrue((await server.lost()).check(ConnectionDone))

        self.play(scenario())

    def test_acceptingDoesNotStarveConnections(self) -> None:
        async def scenario() -> None:
            servers = Peers(Echo)
            port = self.reactor.listenTCP(0, servers, backlog=200, interface=self.host)
            clients = Peers(Recorder)
            self.connect(port, clients)
            client = await clients.connection()
            for _ in range(100):
                self.rawClient(port).close()
            client.transport.write(b"me too")
            self.assertEqual(await client.received(6), b"me too")
            await servers.connection(100)

        self.play(scenario())

    # Options

    def test_noDelay(self) -> None:
        self.option("TcpNoDelay", socket.IPPROTO_TCP, socket.TCP_NODELAY)

    def test_keepAlive(self) -> None:
        self.option("TcpKeepAlive", socket.SOL_SOCKET, socket.SO_KEEPALIVE)

    def option(self, name: str, level: int, number: int) -> None:
        async def scenario() -> None:
            for end in await self.pair(Recorder, Recorder):
                get = getattr(end.transport, f"get{name}")
                put = getattr(end.transport, f"set{name}")
                for value in (1, 0, True, False):
                    put(value)
                    self.assertEqual(bool(get()), bool(value))
                    self.assertEqual(
                        bool(end.transport.getHandle().getsockopt(level, number)), bool(value)
                    )

        self.play(scenario())

    # Sockets that somebody else has opened

    def adopts(self) -> None:
        """Skip the test on a reactor that takes no such sockets."""
        if not IReactorSocket.providedBy(self.reactor):
            raise SkipTest("no sockets of others")

    def family(self) -> int:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    def test_adoptStreamPort(self) -> None:
        self.adopts()

        async def scenario() -> None:
            self.assertTrue(verifyObject(IReactorSocket, self.reactor))
            servers, clients = Peers(Echo), Peers(Recorder)
            with socket.socket(self.family()) as ours:
                ours.bind((self.host, 0))
                ours.listen(5)
                port = self.reactor.adoptStreamPort(ours.fileno(), self.family(), servers)
                number = ours.getsockname()[1]
            # Ours is closed: theirs is another.
            self.assertEqual(port.getHost(), self.addressKind("TCP", self.host, number))
            self.connect(port, clients)
            client = await clients.connection()
            client.transport.write(b"adopted")
            self.assertEqual(await client.received(7), b"adopted")
            await _done(port.stopListening())

        self.play(scenario())

    def test_adoptStreamConnection(self) -> None:
        self.adopts()

        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Echo)
            port = self.listen(servers)
            with self.rawClient(port) as ours:
                self.reactor.adoptStreamConnection(ours.fileno(), self.family(), clients)
                address = ours.getsockname()
            adopted = await clients.connection()
            server = await servers.connection()
            self.assertEqual(adopted.transport.getPeer(), port.getHost())
            self.assertEqual(adopted.transport.getHost().port, address[1])
            server.transport.write(b"adopted")
            self.assertEqual(await server.received(7), b"adopted")
            server.transport.loseConnection()
            await adopted.lost()

        self.play(scenario())

    def test_adoptWhatCannotBeServed(self) -> None:
        with socket.socket(self.family()) as ours:
            for adopt in (self.reactor.adoptStreamPort, self.reactor.adoptStreamConnection):
                self.assertRaises(
                    UnsupportedAddressFamily, adopt, ours.fileno(), -1, Peers(Recorder)
                )


class Server6Suite(Over6, ServerSuite):
    """Ports that accept TCP connections over IPv6."""

    addressKind = IPv6Address


class DescriptorLimitSuite(PairSuite):
    """A process that has used up its file descriptors while clients come."""

    def test_serviceResumes(self) -> None:
        factory = type(self).reactorFactory
        assert factory is not None
        done = subprocess.run(
            [sys.executable, "-c", _OUT_OF_DESCRIPTORS, fullyQualifiedName(factory)],
            capture_output=True,
            timeout=60,
            check=False,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        self.assertEqual((done.returncode, done.stdout), (0, "resumed\n"), done.stderr)


# Uses up the descriptors, has clients come, counts the turns of the loop, gives some back.
_OUT_OF_DESCRIPTORS = """
import os, resource, socket, sys
from twisted.python.reflect import namedAny
reactor = namedAny(sys.argv[1])()
from twisted.internet.protocol import Factory, Protocol

class Server(Protocol):
    def connectionMade(self):
        served.append(self)
        if len(served) == len(clients):
            print("resumed")
            reactor.stop()

served = []
factory = Factory.forProtocol(Server)
factory.noisy = False
port = reactor.listenTCP(0, factory, interface="127.0.0.1")
clients = [socket.socket() for _ in range(5)]
used = [os.open("/dev/null", os.O_RDONLY)]

def useUp():
    limit = max(map(int, os.listdir("/dev/fd"))) + 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    while True:
        try:
            used.append(os.dup(used[0]))
        except OSError:
            break
    for client in clients:
        client.connect(("127.0.0.1", port.getHost().port))

reads = []
original = port.doRead
port.doRead = lambda: reads.append(1) or original()

def giveBack():
    if served:
        sys.exit("served without descriptors")
    if len(reads) > 20:
        sys.exit(f"spins: {len(reads)} attempts to accept")
    if not reads:
        sys.exit("never tried")
    for fd in used:
        os.close(fd)

reactor.callLater(0, useUp)  # when it runs: some loops open more as they begin
reactor.callLater(0.3, giveBack)
reactor.callLater(20, os._exit, 3)
reactor.run()
"""


async def _done(result: Any) -> None:
    """Wait for what `stopListening` returns, which may be nothing."""
    if result is not None:
        await result


suites = [ServerSuite, Server6Suite, DescriptorLimitSuite]
