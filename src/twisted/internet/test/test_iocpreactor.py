"""Tests for the reactor on completion ports, on a fake of them."""

from __future__ import annotations

import errno
import gc
import socket
import sys
from typing import Any

from twisted.internet import iocpreactor
from twisted.internet._multiplexers import READ, WRITE
from twisted.internet.interfaces import IReactorFDSet, IReactorProcess, IReactorTCP, IReactorUDP
from twisted.internet.iocpreactor import IOCPReactor
from twisted.internet.iocpreactor._completions import CompletionMultiplexer, CompletionSocket
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.test._everysuite import EVERY_SUITE, NOT_OF_WINDOWS
from twisted.internet.test._fakeproactor import FakeProactor
from twisted.internet.test.conformance import casesFor, flow, streams
from twisted.internet.test.conformance._capabilities import Capability
from twisted.trial.unittest import SynchronousTestCase

suites = [
    suite
    for suite in EVERY_SUITE
    if all(interface.implementedBy(IOCPReactor) for interface in suite.requires)
    # Sockets of asyncio are not of the completion port.
    and suite.capability not in (*NOT_OF_WINDOWS, Capability.ASYNCIO)
]


class FakeIOCPReactor(IOCPReactor):
    """The reactor on completions of a fake."""

    testedWith = "a fake of Windows"

    def __init__(self) -> None:
        super().__init__(FakeProactor())


class SlowIOCPReactor(IOCPReactor):
    """The same, where nothing is completed at once."""

    def __init__(self) -> None:
        super().__init__(FakeProactor(isSlow=True))


globals().update(casesFor(suites, {"IOCP": FakeIOCPReactor}, __name__))
globals().update(
    casesFor([streams.Stream4Suite, flow.Flow4Suite], {"SlowIOCP": SlowIOCPReactor}, __name__)
)


class ReactorTests(SynchronousTestCase):
    """What the reactor says that it can do."""

    def setUp(self) -> None:
        self.reactor = FakeIOCPReactor()
        self.addCleanup(self.reactor.run, installSignalHandlers=False)
        self.addCleanup(self.reactor.callWhenRunning, self.reactor.stop)

    def test_interfaces(self) -> None:
        self.assertTrue(IReactorTCP.providedBy(self.reactor))
        for missing in (IReactorFDSet, IReactorUDP, IReactorProcess):
            self.assertFalse(missing.providedBy(self.reactor))

    def test_notItsOwn(self) -> None:
        """What it cannot watch is refused at once, with a way out."""
        refused = self.assertRaises(
            ValueError, self.reactor.listenUDP, 0, DatagramProtocol(), "127.0.0.1"
        )
        self.assertIn("install the select reactor", str(refused))
        # Its socket is closed by the collector.
        refused.__traceback__ = None
        gc.collect()
        self.flushWarnings()

    def test_elsewhere(self) -> None:
        if sys.platform == "win32":
            self.skipTest("this is where it belongs")
        refused = self.assertRaises(ImportError, iocpreactor.install)
        self.assertIn("Windows", str(refused))


class CompletionTests(SynchronousTestCase):
    """A socket of completions, looked at closely."""

    def setUp(self) -> None:
        self.port = CompletionMultiplexer(FakeProactor(isSlow=True))
        self.addCleanup(self.port.close)
        ours, self.peer = socket.socketpair()
        self.addCleanup(self.peer.close)
        ours.setblocking(False)
        self.ours = self.port.face(ours)
        self.addCleanup(self.ours.close)

    def fill(self) -> bytes:
        """Send until the kernel has no room; all that it took."""
        taken = b""
        while True:
            data = b"x" * 100_000
            try:
                taken += data[: self.ours.send(data)]
            except BlockingIOError:
                return taken

    def drain(self) -> int:
        """Let the peer read what there is; how many bytes that was."""
        self.peer.setblocking(False)
        count = 0
        try:
            while got := self.peer.recv(1_000_000):
                count += len(got)
        except BlockingIOError:
            pass
        return count

    def test_readable(self) -> None:
        self.port.register(self.ours.fileno(), READ)
        self.assertEqual(self.port.poll(0), [])
        self.assertRaises(BlockingIOError, self.ours.recv, 10)
        self.peer.send(b"hello")
        self.assertEqual(self.port.poll(None), [(self.ours.fileno(), READ)])
        self.assertEqual(self.ours.recv(2), b"he")
        # The rest is still to be read.
        self.assertEqual(self.port.poll(None), [(self.ours.fileno(), READ)])
        self.assertEqual(self.ours.recv(10), b"llo")
        self.assertEqual(self.port.poll(0), [])

    def test_end(self) -> None:
        self.port.register(self.ours.fileno(), READ)
        self.peer.close()
        for _ in range(2):
            self.assertEqual(self.port.poll(None), [(self.ours.fileno(), READ)])
            self.assertEqual(self.ours.recv(10), b"")

    def test_paused(self) -> None:
        """At most one receive is under way for who does not read."""
        fd = self.ours.fileno()
        self.port.register(fd, READ)
        self.port.poll(0)
        self.port.unregister(fd)
        self.peer.send(b"meanwhile")
        self.assertEqual(self.port.poll(0), [])
        self.port.register(fd, READ)
        self.assertEqual(self.port.poll(None), [(fd, READ)])
        self.assertEqual(self.ours.recv(100), b"meanwhile")

    def test_sendTellsWhatWasTaken(self) -> None:
        taken = len(self.fill())
        fd = self.ours.fileno()
        self.port.register(fd, WRITE)
        self.assertEqual(self.port.poll(0), [])
        self.assertEqual(self.drain(), taken)
        self.assertEqual(self.port.poll(None), [(fd, WRITE)])
        # Only now has what would have blocked been taken, and more may follow.
        sent = self.ours.send(b"x" * 100_000)
        self.assertEqual(sent, self.drain())
        self.assertEqual(self.ours.send(b"more"), 4)

    def test_sendFails(self) -> None:
        self.peer.close()
        self.assertRaises(OSError, self.ours.send, b"data")

    def test_closeCancels(self) -> None:
        self.port.register(self.ours.fileno(), READ)
        self.port.poll(0)
        operation = self.ours._reading
        self.port.unregister(self.ours.fileno())
        self.ours.close()
        assert operation is not None
        self.assertTrue(operation.cancelled())
        self.assertEqual(self.ours.fileno(), -1)
        self.assertEqual(self.port.poll(0), [])
        self.assertEqual(self.port._busy, {})

    def test_closedAfterThePort(self) -> None:
        """Whose operations the port has cancelled can still be closed."""
        port = CompletionMultiplexer(FakeProactor(isSlow=True))
        ours, peer = socket.socketpair()
        self.addCleanup(peer.close)
        late = port.face(ours)
        port.register(late.fileno(), READ)
        port.poll(0)
        port.close()
        late.close()
        self.assertEqual(late.fileno(), -1)

    def listening(self) -> tuple[CompletionSocket, Any]:
        """A socket that waits for peers, and its address."""
        plain = socket.socket()
        plain.setblocking(False)
        plain.bind(("127.0.0.1", 0))
        listening = self.port.face(plain)
        self.addCleanup(listening.close)
        listening.listen(5)
        return listening, plain.getsockname()

    def test_acceptedAndNotAskedFor(self) -> None:
        """Who was accepted when the port is closed hears of that."""
        listening, address = self.listening()
        self.port.register(listening.fileno(), READ)
        self.port.poll(0)
        with socket.create_connection(address) as client:
            self.assertEqual(self.port.poll(None), [(listening.fileno(), READ)])
            self.port.unregister(listening.fileno())
            listening.close()
            client.settimeout(30)
            self.assertEqual(client.recv(1), b"")

    def test_connect(self) -> None:
        _, address = self.listening()
        plain = socket.socket()
        plain.setblocking(False)
        client = self.port.face(plain)
        self.addCleanup(client.close)
        self.assertEqual(client.connect_ex(address), errno.EINPROGRESS)
        self.port.register(client.fileno(), WRITE)
        self.assertEqual(self.port.poll(None), [(client.fileno(), WRITE)])
        self.assertEqual(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
        self.assertEqual(client.getpeername(), address)

    def test_connectRefused(self) -> None:
        listening, address = self.listening()
        listening.close()
        plain = socket.socket()
        plain.setblocking(False)
        client = self.port.face(plain)
        self.addCleanup(client.close)
        if client.connect_ex(address) == errno.EINPROGRESS:
            self.port.register(client.fileno(), WRITE)
            self.assertEqual(self.port.poll(None), [(client.fileno(), WRITE)])
        code = client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self.assertEqual(code, errno.ECONNREFUSED)

    def test_stranger(self) -> None:
        self.assertRaises(OSError, self.port.register, self.peer.fileno(), READ)
