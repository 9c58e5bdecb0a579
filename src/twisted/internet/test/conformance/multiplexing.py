"""`twisted.internet._multiplexers.Multiplexer`: the contract between the loop and a kernel."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from twisted.internet._multiplexers import READ, TROUBLE, WRITE, Multiplexer
from twisted.internet._multiplexers.epoll import EpollMultiplexer
from twisted.internet._multiplexers.fake import FakeMultiplexer
from twisted.internet._multiplexers.kqueue import KqueueMultiplexer
from twisted.internet._multiplexers.poll import PollMultiplexer
from twisted.internet._multiplexers.select import SelectMultiplexer
from twisted.internet.test.conformance.kernelqueue import FakeEvent, FakeKernelQueue
from twisted.trial import unittest

_INVALID = 0x020  # POLLNVAL


class MultiplexerSuite(unittest.SynchronousTestCase):
    """What each multiplexer tells of sockets and pipes."""

    make: ClassVar[Callable[[], Multiplexer] | None] = None

    def setUp(self) -> None:
        make = type(self).make
        if make is None:
            raise unittest.SkipTest("a suite runs only with a multiplexer")
        try:
            self.multiplexer = make()
        except OSError as problem:
            raise unittest.SkipTest(f"not on this system: {problem}") from problem
        self.addCleanup(self.multiplexer.close)
        self.ours, self.theirs = socket.socketpair()
        for end in (self.ours, self.theirs):
            end.setblocking(False)
            self.addCleanup(end.close)
        self.fd = self.ours.fileno()

    def poll(self) -> dict[int, int]:
        """What is ready now, by descriptor; each at most once."""
        events = list(self.multiplexer.poll(0))
        self.assertEqual(len(dict(events)), len(events), "a descriptor is told twice")
        return dict(events)

    def assertReady(self, *bits: int) -> None:
        """Of our descriptor's interests, these and no others are ready."""
        mask = self.poll().get(self.fd, 0)
        self.assertEqual({bit for bit in (READ, WRITE) if mask & bit}, set(bits))

    def test_nothing(self) -> None:
        self.assertEqual(self.poll(), {})

    def test_read(self) -> None:
        self.multiplexer.register(self.fd, READ)
        self.assertEqual(self.poll(), {})
        self.theirs.send(b"x")
        self.assertReady(READ)
        # As long as there is something to read, and no longer.
        self.assertReady(READ)
        self.ours.recv(1)
        self.assertEqual(self.poll(), {})

    def test_write(self) -> None:
        self.multiplexer.register(self.fd, WRITE)
        self.assertReady(WRITE)
        try:
            while True:
                self.ours.send(bytes(65_536))
        except BlockingIOError:
            pass
        self.assertEqual(self.poll(), {})
        for _ in range(1000):
            try:
                self.theirs.recv(1 << 20)
            except BlockingIOError:
                break
        self.assertReady(WRITE)

    def test_both(self) -> None:
        self.multiplexer.register(self.fd, READ | WRITE)
        self.assertReady(WRITE)
        self.theirs.send(b"x")
        self.assertReady(READ, WRITE)

    def test_modify(self) -> None:
        self.theirs.send(b"x")
        self.multiplexer.register(self.fd, READ)
        self.multiplexer.modify(self.fd, WRITE)
        self.assertReady(WRITE)
        self.multiplexer.modify(self.fd, READ | WRITE)
        self.assertReady(READ, WRITE)
        self.multiplexer.modify(self.fd, READ)
        self.assertReady(READ)

    def test_unregister(self) -> None:
        self.theirs.send(b"x")
        self.multiplexer.register(self.fd, READ | WRITE)
        self.multiplexer.unregister(self.fd)
        self.assertEqual(self.poll(), {})
        self.multiplexer.register(self.fd, READ)
        self.assertReady(READ)

    def test_unregisterWhatIsClosed(self) -> None:
        self.multiplexer.register(self.fd, READ | WRITE)
        self.ours.close()
        self.multiplexer.unregister(self.fd)
        self.assertEqual(self.poll(), {})

    def test_unregisterTwice(self) -> None:
        self.multiplexer.register(self.fd, READ)
        self.multiplexer.unregister(self.fd)
        self.multiplexer.unregister(self.fd)

    def test_endOfStream(self) -> None:
        self.multiplexer.register(self.fd, READ)
        self.theirs.send(b"last words")
        self.theirs.close()
        self.assertReady(READ)
        self.assertFalse(self.poll()[self.fd] & _INVALID, "open, for all that its peer is gone")
        self.assertEqual(self.ours.recv(100), b"last words")
        mask = self.poll()[self.fd]
        self.assertTrue(mask & (READ | TROUBLE))
        self.assertFalse(mask & _INVALID)

    def test_readerOfAPipeIsGone(self) -> None:
        read, write = os.pipe()
        self.addCleanup(os.close, write)
        self.multiplexer.register(write, WRITE)
        os.close(read)
        mask = self.poll()[write]
        self.assertTrue(mask & (WRITE | TROUBLE))
        self.assertFalse(mask & _INVALID)

    def test_connectionRefused(self) -> None:
        # The end of an attempt to connect shows as writability or as trouble.
        with socket.socket() as port:
            port.bind(("127.0.0.1", 0))
            address = port.getsockname()
        with socket.socket() as client:
            client.setblocking(False)
            client.connect_ex(address)
            self.multiplexer.register(client.fileno(), WRITE)
            events = dict(self.multiplexer.poll(5))
            self.assertTrue(events[client.fileno()] & (WRITE | TROUBLE))
            self.assertFalse(events[client.fileno()] & _INVALID)

    def test_reset(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as port:
            client = socket.create_connection(port.getsockname())
            server, _ = port.accept()
            with server:
                self.multiplexer.register(server.fileno(), READ)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                events = dict(self.multiplexer.poll(5))
                self.assertTrue(events[server.fileno()] & (READ | TROUBLE))
                self.assertFalse(events[server.fileno()] & _INVALID)
                self.multiplexer.unregister(server.fileno())

    def test_manyDescriptors(self) -> None:
        pairs = [socket.socketpair() for _ in range(100)]
        for ours, theirs in pairs:
            self.addCleanup(ours.close)
            self.addCleanup(theirs.close)
            self.multiplexer.register(ours.fileno(), READ)
        for _, theirs in pairs[::3]:
            theirs.send(b"x")
        self.assertEqual(set(self.poll()), {ours.fileno() for ours, _ in pairs[::3]})

    def test_waitIsNotCutShort(self) -> None:
        # A timer that is polled for too early is polled for again, in a circle.
        self.multiplexer.register(self.fd, READ)
        for timeout in (0.0004, 0.0015, 0.012):
            start = time.monotonic()
            self.assertEqual(list(self.multiplexer.poll(timeout)), [])
            waited = time.monotonic() - start
            self.assertGreaterEqual(waited, timeout)

    def test_waitEndsWithAnEvent(self) -> None:
        self.multiplexer.register(self.fd, READ)
        self.theirs.send(b"x")
        self.assertEqual([fd for fd, _ in self.multiplexer.poll(None)], [self.fd])
        self.assertEqual([fd for fd, _ in self.multiplexer.poll(1000)], [self.fd])

    def test_registerWhatIsNotOpen(self) -> None:
        self.ours.close()
        try:
            self.multiplexer.register(self.fd, READ)
        except OSError:
            self.assertEqual(self.poll(), {})
        else:
            self.assertEqual(self.poll(), {self.fd: _INVALID})


class SelectLimitTests(unittest.SynchronousTestCase):
    """Descriptors that select(2) cannot watch."""

    def test_tooHigh(self) -> None:
        multiplexer = SelectMultiplexer()
        error = self.assertRaises(OSError, multiplexer.register, 100_000, READ)
        self.assertIn("epoll", str(error))
        self.assertEqual(list(multiplexer.poll(0)), [])


class FakeMultiplexerTests(unittest.SynchronousTestCase):
    """The multiplexer whose time passes at once."""

    def test_timePassesInsteadOfWaiting(self) -> None:
        multiplexer = FakeMultiplexer()
        start = time.monotonic()
        self.assertEqual(multiplexer.seconds(), 0)
        for _ in range(3):
            multiplexer.poll(3600)
        self.assertEqual(multiplexer.seconds(), 3 * 3600)
        self.assertLess(time.monotonic() - start, 60)

    def test_noTimePassesBeforeAnEvent(self) -> None:
        multiplexer = FakeMultiplexer()
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        self.addCleanup(os.close, write)
        multiplexer.register(read, READ)
        os.write(write, b"x")
        self.assertEqual(list(multiplexer.poll(3600)), [(read, READ)])
        self.assertEqual(multiplexer.seconds(), 0)

    def test_scriptedEvents(self) -> None:
        multiplexer = FakeMultiplexer()
        multiplexer.script(7, WRITE)
        multiplexer.script(8, READ)
        self.assertEqual(list(multiplexer.poll(1)), [(7, WRITE), (8, READ)])
        self.assertEqual(list(multiplexer.poll(0)), [])


def shippedMultiplexers() -> dict[str, Callable[[], Multiplexer]]:
    """The multiplexers of this package, by the names that test cases bear."""
    return {
        "Select": SelectMultiplexer,
        "Poll": PollMultiplexer,
        "EPoll": EpollMultiplexer,
        "KQueue": lambda: KqueueMultiplexer(FakeKernelQueue, FakeEvent),
    }


def multiplexerCases(
    makers: dict[str, Callable[[], Multiplexer]], module: str
) -> dict[str, type[unittest.SynchronousTestCase]]:
    """A test case of `MultiplexerSuite` for each multiplexer, for a module's `globals()`."""
    cases: Iterable[type[unittest.SynchronousTestCase]] = [
        type(
            f"MultiplexerSuiteOn{name}",
            (MultiplexerSuite,),
            {"__module__": module, "make": staticmethod(make)},
        )
        for name, make in makers.items()
    ]
    return {case.__name__: case for case in cases}
