"""Ten thousand connections: idle, in the way of nobody, and gone all at once."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.interfaces import IReactorTCP
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.test import conformance
from twisted.internet.test.conformance.recorders import Peers, Recorder
from twisted.trial import unittest

WANTED = 10_000
# What else a process has open, generously.
SPARE = 200

# Connects, waits for a word, and ends, which closes everything in one moment.
_CLIENTS = """
import resource, socket, sys
count, port, limit = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
sys.stdin.read(1)
"""


class _Crowd(Factory["_Member"]):
    """Counts its connections."""

    noisy = False

    def __init__(self) -> None:
        self.present = 0
        self.gone = 0
        self.wait: tuple[str, int, Deferred[None]] | None = None

    def when(self, count: str, value: int) -> Deferred[None]:
        """Fires when one of the two counts has reached a value."""
        reached: Deferred[None] = Deferred()
        self.wait = (count, value, reached)
        self.changed()
        return reached

    def changed(self) -> None:
        if self.wait is not None and getattr(self, self.wait[0]) >= self.wait[1]:
            reached = self.wait[2]
            self.wait = None
            reached.callback(None)


class _Member(Protocol):
    """One of the crowd."""

    def connectionMade(self) -> None:
        self.factory.present += 1
        self.factory.changed()

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)

    def connectionLost(self, reason: Any = None) -> None:
        self.factory.gone += 1
        self.factory.changed()


class LoadTests(conformance.ReactorSuite):
    """A crowd of idle clients on the reactor of this platform's servers."""

    reactorFactory = EPollReactor
    requires = (IReactorTCP,)

    def setUp(self) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = WANTED + SPARE if hard == resource.RLIM_INFINITY else hard
        self.count = min(WANTED, most - SPARE)
        if self.count < 500:
            raise unittest.SkipTest(f"this process may have {hard} descriptors only")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, self.count + SPARE), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        super().setUp()

    def startClients(self, port: int) -> subprocess.Popen[bytes]:
        limit = self.count + SPARE
        clients = subprocess.Popen(
            [sys.executable, "-c", _CLIENTS, str(self.count), str(port), str(limit)],
            stdin=subprocess.PIPE,
        )
        assert clients.stdin is not None
        self.ownsDescriptor(clients.stdin.fileno())
        self.addCleanup(clients.wait)
        self.addCleanup(clients.stdin.close)
        return clients

    def test_crowd(self) -> None:
        async def scenario() -> None:
            crowd = _Crowd()
            crowd.protocol = _Member
            port = self.reactor.listenTCP(0, crowd, backlog=1024, interface="127.0.0.1")
            number = port.getHost().port  # type: ignore[attr-defined]
            clients = self.startClients(number)
            await crowd.when("present", self.count)
            await self.assertServes(number)
            await self.assertIdle()
            assert clients.stdin is not None
            clients.stdin.close()
            await crowd.when("gone", self.count)
            await self.assertServes(number)

        self.play(scenario())
        if self.count < WANTED:
            raise unittest.SkipTest(
                f"passed with {self.count} connections; {WANTED} need a limit of "
                f"{WANTED + SPARE} descriptors"
            )

    async def assertServes(self, number: int) -> None:
        """One client more is served as if it were the only one."""
        peers = Peers(Recorder)
        self.reactor.connectTCP("127.0.0.1", number, peers)
        client = await peers.connection()
        client.transport.write(b"hello")
        self.assertEqual(await client.received(5), b"hello")
        client.transport.loseConnection()
        await client.lost()

    async def assertIdle(self) -> None:
        """The loop sleeps while nobody says anything."""
        turns = 0
        reactor: Any = self.reactor
        original = reactor.doIteration

        def counted(delay: float | None) -> None:
            nonlocal turns
            turns += 1
            original(delay)

        self.patch(reactor, "doIteration", counted)
        await self.after(0.05)
        self.assertLess(turns, 20)
