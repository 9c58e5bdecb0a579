"""Services around what a reactor does."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

from zope.interface.interface import InterfaceClass

from twisted.application import internet, strports
from twisted.internet import interfaces, reactor, task
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import (
    ClientFactory,
    ConnectedDatagramProtocol,
    DatagramProtocol,
    Factory,
    Protocol,
)
from twisted.internet.testing import MemoryReactor, RaisingMemoryReactor
from twisted.protocols.wire import Echo
from twisted.trial import unittest

SERVERS = {
    "TCP": internet.TCPServer,
    "UNIX": internet.UNIXServer,
    "SSL": internet.SSLServer,
    "UDP": internet.UDPServer,
    "UNIXDatagram": internet.UNIXDatagramServer,
    "Multicast": internet.MulticastServer,
}
CLIENTS = {
    "TCP": internet.TCPClient,
    "UNIX": internet.UNIXClient,
    "SSL": internet.SSLClient,
    "UNIXDatagram": internet.UNIXDatagramClient,
}


class Closing:
    """A port or a connector of `AnyReactor`."""

    def __init__(self, log: list[Any]) -> None:
        self.log = log
        self.closed: Deferred[None] = Deferred()

    def stopListening(self) -> Deferred[None]:
        self.log.append("stop")
        return self.closed

    def disconnect(self) -> None:
        self.log.append("disconnect")


class AnyReactor:
    """A reactor that has every method, and notes the calls."""

    def __init__(self) -> None:
        self.log: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        def called(*args: Any, **kwargs: Any) -> Closing:
            self.log.append((name, args, kwargs))
            self.port = Closing(self.log)
            return self.port

        return called


class TableTests(unittest.SynchronousTestCase):
    """There is one for each way to listen and to connect."""

    def test_all(self) -> None:
        """The interfaces of reactors know no other way."""
        names = {
            name
            for interface in vars(interfaces).values()
            if isinstance(interface, InterfaceClass) and interface.__name__.startswith("IReactor")
            for name in interface.names()
        }
        for verb, known in (("listen", SERVERS), ("connect", CLIENTS)):
            methods = {name.removeprefix(verb) for name in names if name.startswith(verb)}
            self.assertEqual(methods, set(known))

    def test_servers(self) -> None:
        """They listen once, with all arguments, from the privileged start on."""
        for method, server in SERVERS.items():
            fake = AnyReactor()
            service = server(1, 2, reactor=fake, more=3)
            self.assertEqual(fake.log, [])
            service.privilegedStartService()
            service.startService()
            self.assertEqual(fake.log, [(f"listen{method}", (1, 2), {"more": 3})])
            stopped: Any = service.stopService()
            self.assertNoResult(stopped)
            fake.port.closed.callback(None)
            self.successResultOf(stopped)
            self.assertEqual(fake.log[1:], ["stop"])
            self.assertIs(service.stopService(), None)
            # It may be started again, without privileges this time.
            service.startService()
            self.assertEqual(len(fake.log), 3)
            self.assertIn("1, 2", repr(service))

    def test_clients(self) -> None:
        for method, client in CLIENTS.items():
            fake = AnyReactor()
            service = client(1, 2, reactor=fake, more=3)
            service.privilegedStartService()
            self.assertEqual(fake.log, [])
            service.startService()
            self.assertEqual(fake.log, [(f"connect{method}", (1, 2), {"more": 3})])
            service.stopService()
            end = "stop" if method == "UNIXDatagram" else "disconnect"
            self.assertEqual(fake.log[1:], [end])
            service.stopService()
            self.assertEqual(fake.log[1:], [end])

    def test_lacking(self) -> None:
        """A reactor that cannot do this is named."""
        service = internet.UNIXServer("path", Factory(), reactor=object())
        error = self.assertRaises(RuntimeError, service.startService)
        self.assertEqual(str(error), "object has no listenUNIX")

    def test_pickled(self) -> None:
        """What belongs to the process is not kept."""
        service = internet.TCPServer(0, None)
        service._port = lambda: None
        service.running = True
        kept = pickle.loads(pickle.dumps(service))
        self.assertIs(kept._port, None)
        self.assertFalse(kept.running)
        self.assertEqual(kept.args, (0, None))
        client = internet.TCPClient("host", 1, None)
        client._connection = lambda: None
        self.assertIs(pickle.loads(pickle.dumps(client))._connection, None)


class SocketTests(unittest.TestCase):
    """With real sockets."""

    async def test_streams(self) -> None:
        """A client and a server, over TCP; both stop."""
        got: Deferred[bytes] = Deferred()

        class Asking(Protocol):
            def connectionMade(self) -> None:
                assert self.transport is not None
                self.transport.write(b"hello")

            def dataReceived(self, data: bytes) -> None:
                got.callback(data)

        server = internet.TCPServer(0, Factory.forProtocol(Echo), interface="127.0.0.1")
        server.startService()
        port = server._port.getHost().port
        client = internet.TCPClient("127.0.0.1", port, ClientFactory.forProtocol(Asking))
        client.startService()
        self.assertEqual(await got, b"hello")
        client.stopService()
        stopped: Any = server.stopService()
        await stopped

    async def test_datagrams(self) -> None:
        """A client hears its server, and nobody else."""
        got: Deferred[bytes] = Deferred()

        class EchoDatagrams(DatagramProtocol):
            def datagramReceived(self, datagram: bytes, addr: Any) -> None:
                assert self.transport is not None
                self.transport.write(datagram, addr)

        class Asking(ConnectedDatagramProtocol):
            def datagramReceived(self, datagram: bytes, addr: Any = None) -> None:
                got.callback(datagram)

        server = internet.UDPServer(0, EchoDatagrams(), interface="127.0.0.1")
        server.startService()
        asking: Any = Asking()
        port = server._port.getHost().port
        client = internet.UDPClient("127.0.0.1", port, asking, interface="127.0.0.1")
        client.startService()
        asking.transport.write(b"hello")
        self.assertEqual(await got, b"hello")
        for service in (client, server):
            stopped: Any = service.stopService()
            await stopped


class TimerTests(unittest.SynchronousTestCase):
    """Functions that are called again and again."""

    def make(self, function: Any, *args: Any) -> tuple[internet.TimerService, task.Clock]:
        service = internet.TimerService(5, function, *args)
        clock = task.Clock()
        service.clock = clock
        return service, clock

    def test_calls(self) -> None:
        calls: list[int] = []
        service, clock = self.make(calls.append, 1)
        service.startService()
        self.assertEqual(calls, [1])
        clock.pump([5, 5])
        self.assertEqual(calls, [1, 1, 1])
        self.successResultOf(service.stopService())
        clock.advance(50)
        self.assertEqual(calls, [1, 1, 1])
        service.startService()
        self.assertEqual(len(calls), 4)

    def test_waits(self) -> None:
        """The call under way is waited for."""
        under: Deferred[None] = Deferred()
        service, _ = self.make(lambda: under)
        service.startService()
        stopped = service.stopService()
        self.assertNoResult(stopped)
        under.callback(None)
        self.successResultOf(stopped)

    def test_fails(self) -> None:
        """It is logged, and that was it."""
        calls: list[int] = []

        def failing() -> None:
            calls.append(1)
            1 / 0  # noqa: B018  # to fail

        service, clock = self.make(failing)
        service.startService()
        clock.advance(50)
        self.assertEqual(calls, [1])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.successResultOf(service.stopService())

    def test_neverStarted(self) -> None:
        service, _ = self.make(lambda: None)
        self.successResultOf(service.stopService())

    def test_pickled(self) -> None:
        service, _ = self.make(print)
        service.clock = None
        kept: internet.TimerService = pickle.loads(pickle.dumps(service))
        self.assertEqual((kept.step, kept.call), (5, (print, (), {})))


class CooperatorTests(unittest.TestCase):
    """Iterators that run while the service does."""

    async def test_runs(self) -> None:
        service = internet.CooperatorService()
        steps: list[int] = []

        def counting() -> Iterator[None]:
            for number in range(3):
                steps.append(number)
                yield

        done = service.coiterate(counting())
        self.assertEqual(steps, [])
        service.startService()
        await done
        self.assertEqual(steps, [0, 1, 2])
        endless = service.coiterate(iter(lambda: None, 1))
        service.stopService()
        await self.assertFailure(endless, task.SchedulerStopped)


class FakeEndpoint:
    """Listens when it is told so."""

    def __init__(self) -> None:
        self.listening: Deferred[Any] = Deferred(lambda ignored: self.cancelled.append(True))
        self.cancelled: list[bool] = []

    def listen(self, factory: Any) -> Deferred[Any]:
        return self.listening


class EndpointTests(unittest.SynchronousTestCase):
    """`StreamServerEndpointService`, and what makes it of a description."""

    def test_listens(self) -> None:
        memory = MemoryReactor()
        endpoint = TCP4ServerEndpoint(memory, 1234)
        service = internet.StreamServerEndpointService(endpoint, Factory())
        service.privilegedStartService()
        self.assertEqual(len(memory.tcpServers), 1)
        service.startService()
        self.assertEqual(len(memory.tcpServers), 1)
        self.assertTrue(service.running)
        self.successResultOf(service.stopService())
        self.assertFalse(service.running)
        service.startService()
        self.assertEqual(len(memory.tcpServers), 2)

    def test_failsAtOnce(self) -> None:
        """The caller hears of it."""
        endpoint = TCP4ServerEndpoint(RaisingMemoryReactor(CannotListenError("", 1, OSError())), 1)
        service = internet.StreamServerEndpointService(endpoint, Factory())
        self.assertRaises(CannotListenError, service.privilegedStartService)
        self.assertRaises(CannotListenError, service.startService)
        self.successResultOf(service.stopService())

    def test_failsLater(self) -> None:
        """The log hears of it."""
        endpoint: Any = FakeEndpoint()
        service = internet.StreamServerEndpointService(endpoint, Factory())
        service.startService()
        endpoint.listening.errback(OSError("gone"))
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
        self.successResultOf(service.stopService())

    def test_cancelled(self) -> None:
        """One that does not listen yet is given up."""
        endpoint: Any = FakeEndpoint()
        service = internet.StreamServerEndpointService(endpoint, Factory())
        service.startService()
        self.successResultOf(service.stopService())
        self.assertEqual(endpoint.cancelled, [True])

    def test_service(self) -> None:
        memory = MemoryReactor()
        service = strports.service("tcp:80:interface=127.0.0.1", Factory(), reactor=memory)
        service.startService()
        self.assertEqual(memory.tcpServers[0][0], 80)
        self.assertRaises(ValueError, strports.service, "nonsense:80", Factory(), reactor=memory)

    def test_usual(self) -> None:
        """Without a reactor, it is that of the process."""
        service: Any = strports.service("tcp:0:interface=127.0.0.1", Factory())
        self.assertIs(service.endpoint._reactor, reactor)


class ListenTests(unittest.TestCase):
    """`strports.listen`."""

    async def test_listen(self) -> None:
        port: Any = strports.listen("tcp:0:interface=127.0.0.1", Factory())
        number = port.getHost().port
        error = self.assertRaises(
            CannotListenError, strports.listen, f"tcp:{number}:interface=127.0.0.1", Factory()
        )
        self.assertIn(str(number), str(error))
        stopped: Any = port.stopListening()
        await stopped

    def test_later(self) -> None:
        """An endpoint that takes its time is for a service."""
        endpoint = FakeEndpoint()
        self.patch(strports, "_endpoint", lambda description, reactor: endpoint)
        error = self.assertRaises(RuntimeError, strports.listen, "slow:5", Factory())
        self.assertEqual(
            str(error), "'slow:5' does not listen at once; use strports.service, which waits for it"
        )
