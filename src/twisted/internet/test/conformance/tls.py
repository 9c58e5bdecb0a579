"""Streams and producers over TLS.

What holds for a connection holds for one under TLS: over pyOpenSSL, over the standard
library, and begun on a live connection.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, ClassVar, cast

from twisted.internet._tls import _layer
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

#: Tests in which the peer does not end TLS, so that it is waited for in vain. In others a busy
#: machine needs all of that time.
_UNANSWERED = ("test_halfThenAll", "test_loseConnectionLetsAPausedProducerFinish")


def isAgreed(transport: Any) -> bool:
    """Whether the handshake of a connection is done."""
    return transport._tls._engine.state is not State.HANDSHAKE


class OverTLS(PairSuite):
    """Over TLS, with pyOpenSSL."""

    capability: ClassVar[Capability | None] = Capability.TLS
    patience = 10.0

    def setUp(self) -> None:
        super().setUp()
        if self._testMethodName in _UNANSWERED:
            self.patch(_layer, "LINGER", 0.05)

    def serverContext(self) -> Any:
        """What the server agrees by."""
        return _authority.server("localhost")

    def clientContext(self) -> Any:
        """What the client agrees by."""
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
        self.secure(*ends)
        # What happens before TLS is agreed has tests of its own.  Not `until`: under a clock
        # that moves when nothing else does, time stands still while others are busy.
        while not all(isAgreed(end.transport) for end in ends):
            await self.after(0)
        return ends

    def secure(self, server: Any, client: Any) -> None:
        """Both ends are connected: begin TLS, where that was not done with the first byte."""

    async def narrowPair(self, server: Any, client: Any) -> Any:
        ends = await self.pair(server, client)
        for end in ends:
            for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                end.transport.socket.setsockopt(socket.SOL_SOCKET, buffer, 1 << 16)
        return ends


class Begun(OverTLS):
    """Over TLS that is begun on a live connection."""

    capability = None

    def listen(self, factory: Peers[Any]) -> IListeningPort:
        return PairSuite.listen(self, factory)

    def connect(self, port: IListeningPort, factory: Peers[Any]) -> IConnector:
        return PairSuite.connect(self, port, factory)

    def secure(self, server: Any, client: Any) -> None:
        server.transport.startTLS(self.serverContext())
        client.transport.startTLS(self.clientContext())


class ByStdlib(OverTLS):
    """Mixed into a suite, it has it use contexts of the standard library."""

    capability = None

    def serverContext(self) -> ssl.SSLContext:
        return _authority.stdlibServer("127.0.0.1")

    def clientContext(self) -> ssl.SSLContext:
        return _authority.stdlibClient()


class StreamTLSSuite(OverTLS, StreamSuite):
    """Streams over TLS."""


class FlowTLSSuite(OverTLS, FlowSuite):
    """Producers over TLS."""


class StreamStdlibSuite(ByStdlib, StreamSuite):
    """Streams over TLS of the standard library."""


class FlowStdlibSuite(ByStdlib, FlowSuite):
    """Producers over TLS of the standard library."""


class StreamBegunSuite(Begun, StreamSuite):
    """Streams over TLS that was begun on a live connection."""

    def test_loseConnectionWhenConnectionIsMade(self) -> None:
        raise SkipTest("this leaves no connection to begin TLS on")


class FlowBegunSuite(Begun, FlowSuite):
    """Producers over TLS that was begun on a live connection."""


class StreamBegunStdlibSuite(ByStdlib, StreamBegunSuite):
    """Streams over TLS of the standard library, begun on a live connection."""


class FlowBegunStdlibSuite(ByStdlib, FlowBegunSuite):
    """Producers over TLS of the standard library, begun on a live connection."""


suites = [StreamTLSSuite, FlowTLSSuite]
#: The other ways to TLS, which make no difference to what waits for the sockets.
otherWays = [
    StreamStdlibSuite,
    FlowStdlibSuite,
    StreamBegunSuite,
    FlowBegunSuite,
    StreamBegunStdlibSuite,
    FlowBegunStdlibSuite,
]
