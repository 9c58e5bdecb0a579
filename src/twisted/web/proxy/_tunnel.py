"""Tunnels: what a client of a proxy and a server say to each other, whatever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import TimeoutError
from twisted.internet.interfaces import IAddress, IConnector, IDelayedCall
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from twisted.web.http import BAD_GATEWAY, GATEWAY_TIMEOUT
from twisted.web.proxy._passing import apologize

__name__ = "twisted.web.proxy"  # the public path, for pickles and messages


class _End(Protocol, TimeoutMixin):
    """One end of a tunnel: what arrives here is sent at the other.

    Args:
        factory: of the tunnel.
    """

    transport: Any
    other: _End

    def __init__(self, factory: TunnelFactory) -> None:
        self.tunnel = factory

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        call: IDelayedCall = self.tunnel.reactor.callLater(period, func)
        return call

    def dataReceived(self, data: bytes) -> None:
        self.other.transport.write(data)
        self.resetTimeout()
        self.other.resetTimeout()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.setTimeout(None)
        self.other.setTimeout(None)
        self.other.transport.unregisterProducer()
        self.other.transport.loseConnection()


class _FarEnd(_End):
    """The end at the server, which is there first."""

    def connectionMade(self) -> None:
        request = self.tunnel.request
        near = self.other = _End(self.tunnel)
        near.other = self
        near.setTimeout(self.tunnel.seconds)
        request.channel.openTunnel(request, near)
        # Neither end takes more than the other does.
        near.transport.registerProducer(self.transport, True)
        self.transport.registerProducer(near.transport, True)


class TunnelFactory(ClientFactory[Any]):
    """Makes the connection of a tunnel.

    Args:
        request: has asked for it.
        reactor: has the clock.
        seconds: after so many without a word from either end it is closed; None for never.
    """

    noisy = False

    def __init__(self, request: Any, reactor: Any, seconds: float | None) -> None:
        self.request = request
        self.reactor = reactor
        self.seconds = seconds
        self.connecting: IConnector | None = None

    def startedConnecting(self, connector: IConnector) -> None:
        """Give up if the client goes away."""
        self.connecting = connector
        self.request.notifyFinish().addErrback(self._left)

    def _left(self, _: Failure) -> None:
        if self.connecting is not None:
            self.connecting.stopConnecting()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """The end at the server; none if the client has gone away."""
        self.connecting = None
        return None if self.request._disconnected else _FarEnd(self)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """The server cannot be reached: say so."""
        self.connecting = None
        status = GATEWAY_TIMEOUT if reason.check(TimeoutError) else BAD_GATEWAY
        apologize(self.request, status, b"Could not connect to the server.\n")
