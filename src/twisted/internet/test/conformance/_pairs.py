"""Two ends of one stream connection, over each kind of socket."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

from zope.interface import Interface

from twisted.internet.interfaces import (
    IConnector,
    IListeningPort,
    IReactorTCP,
    IReactorUNIX,
)
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import ReactorSuite
from twisted.internet.test.conformance.recorders import Peers, Recorder
from twisted.trial import unittest

_S = TypeVar("_S", bound=Recorder)
_C = TypeVar("_C", bound=Recorder)


class PairSuite(ReactorSuite):
    """A base for suites about connections: over IPv4, unless a subclass says otherwise."""

    capability: ClassVar[Capability | None] = Capability.TCP4
    requires: ClassVar[tuple[type[Interface], ...]] = (IReactorTCP,)
    host = "127.0.0.1"

    def listen(self, factory: Peers[Any]) -> IListeningPort:
        """Listen where nobody else does."""
        return self.reactor.listenTCP(0, factory, interface=self.host)

    def connect(self, port: IListeningPort, factory: Peers[Any]) -> IConnector:
        """Connect to where `listen` listens."""
        return self.reactor.connectTCP(self.host, self.numberOf(port), factory)

    def rawClient(self, port: IListeningPort) -> socket.socket:
        """A socket of the standard library, connected to where `listen` listens."""
        raw = socket.create_connection((self.host, self.numberOf(port)))
        self.addCleanup(raw.close)
        self.ownsDescriptor(raw.fileno())
        return raw

    @staticmethod
    def numberOf(port: IListeningPort) -> int:
        """The number that the system has chosen."""
        return cast(int, cast(Any, port.getHost()).port)

    async def narrowPair(self, server: Callable[[], _S], client: Callable[[], _C]) -> tuple[_S, _C]:
        """As `pair`, but the kernel holds little: a peer that does not read is soon felt."""
        ends = await self.pair(server, client)
        for end in ends:
            for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                end.transport.getHandle().setsockopt(socket.SOL_SOCKET, buffer, 1 << 16)
        return ends

    async def pair(self, server: Callable[[], _S], client: Callable[[], _C]) -> tuple[_S, _C]:
        """Connect two protocols; returns them when both ends are made."""
        servers, clients = Peers(server), Peers(client)
        self.connect(self.listen(servers), clients)
        return await servers.connection(), await clients.connection()


class Over6(ReactorSuite):
    """Mixed into a suite, it has it run over IPv6."""

    capability: ClassVar[Capability | None] = Capability.TCP6

    host = "::1"

    def setUp(self) -> None:
        try:
            with socket.socket(socket.AF_INET6) as trial:
                trial.bind((self.host, 0))
        except OSError as problem:
            raise unittest.SkipTest(f"no IPv6 here: {problem}") from problem
        super().setUp()


class OverUNIX(PairSuite):
    """Over a UNIX socket."""

    capability = Capability.UNIX
    requires: ClassVar[tuple[type[Interface], ...]] = (IReactorUNIX,)

    def path(self) -> str:
        """A path for a socket, short enough for one, in a new directory."""
        directory = tempfile.mkdtemp(prefix="conf")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        return os.path.join(directory, "s")

    def listen(self, factory: Peers[Any]) -> IListeningPort:
        return self.reactor.listenUNIX(self.path(), factory)

    def connect(self, port: IListeningPort, factory: Peers[Any]) -> IConnector:
        return self.reactor.connectUNIX(self.pathOf(port), factory)

    def rawClient(self, port: IListeningPort) -> socket.socket:
        raw = socket.socket(socket.AF_UNIX)
        self.addCleanup(raw.close)
        self.ownsDescriptor(raw.fileno())
        raw.connect(self.pathOf(port))
        return raw

    @staticmethod
    def pathOf(port: IListeningPort) -> bytes:
        """The path on which a port listens."""
        return cast(bytes, cast(Any, port.getHost()).name)
