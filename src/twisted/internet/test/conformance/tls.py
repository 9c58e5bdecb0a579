"""Streams and producers over TLS.

What holds for a connection holds for one under TLS: over pyOpenSSL, over the standard
library, and begun on a live connection.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, cast

from twisted.internet._tls._engine import State
from twisted.internet.interfaces import IConnector, IListeningPort, IReactorSSL
from twisted.internet.test._tlspeers import Authority
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._pairs import PairSuite
from twisted.internet.test.conformance.flow import FlowSuite
from twisted.internet.test.conformance.recorders import Peers
from twisted.internet.test.conformance.streams import StreamSuite
from twisted.trial.unittest import SkipTest

_authority = Authority()


def isAgreed(transport: Any) -> bool:
    """Whether the handshake of a connection is done."""
    return transport._tls._engine.state is not State.HANDSHAKE


class OverTLS(PairSuite):
    """Over TLS, with pyOpenSSL."""

    capability = Capability.TLS
    patience = 10.0

    def serverContext(self) -> Any:
        """What the server listens with."""
        return _authority.server("localhost")

    def clientContext(self) -> Any:
        """What the client connects with."""
        return _authority.client("localhost")

    def listen(self, factory: Peers[Any]) -> IListeningPort:
        reactor = cast(IReactorSSL, self.reactor)
        return reactor.listenSSL(0, factory, self.serverContext(), interface=self.host)

    def connect(self, port: IListeningPort, factory: Peers[Any]) -> IConnector:
        reactor = cast(IReactorSSL, self.reactor)
        return reactor.connectSSL(self.host, self.numberOf(port), factory, self.clientContext())

    def rawClient(self, port: IListeningPort) -> socket.socket:
        raise SkipTest("a plain socket speaks no TLS")

    async def pair(self, server: Any, client: Any) -> Any:
        ends = await super().pair(server, client)
        # What happens before TLS is agreed has tests of its own.
        await self.until(lambda: all(isAgreed(end.transport) for end in ends))
        return ends

    async def narrowPair(self, server: Any, client: Any) -> Any:
        ends = await self.pair(server, client)
        for end in ends:
            for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                end.transport.socket.setsockopt(socket.SOL_SOCKET, buffer, 1 << 16)
        return ends


class OverStdlib(OverTLS):
    """Over TLS, with contexts of the standard library."""

    def serverContext(self) -> ssl.SSLContext:
        return _authority.stdlibServer("127.0.0.1")

    def clientContext(self) -> ssl.SSLContext:
        return _authority.stdlibClient()


class StreamTLSSuite(OverTLS, StreamSuite):
    """Streams over TLS."""


class StreamStdlibSuite(OverStdlib, StreamSuite):
    """Streams over TLS of the standard library."""


class FlowTLSSuite(OverTLS, FlowSuite):
    """Producers over TLS."""


class FlowStdlibSuite(OverStdlib, FlowSuite):
    """Producers over TLS of the standard library."""


suites = [StreamTLSSuite, StreamStdlibSuite, FlowTLSSuite, FlowStdlibSuite]
