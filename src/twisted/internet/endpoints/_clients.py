"""Endpoints that connect: to TCP ports by address, to UNIX sockets, with TLS."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.endpoints._attempt import TIMEOUT, attempt
from twisted.internet.interfaces import IAddress, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Factory

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages


@implementer(IStreamClientEndpoint)
class TCP4ClientEndpoint:
    """A TCP port of a host with IPv4.

    Args:
        reactor: has `connectTCP`.
        host: an address, or a name, which is resolved by each attempt to an IPv4 address.
        port: the number.
        timeout: seconds for an attempt.
        bindAddress: local address and port to connect from.
    """

    def __init__(
        self,
        reactor: Any,
        host: str,
        port: int,
        timeout: float | None = TIMEOUT,
        bindAddress: tuple[str, int] | None = None,
    ) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._timeout = timeout
        self._bindAddress = bindAddress

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._host}, port {self._port}>"

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        return attempt(
            protocolFactory,
            lambda factory: self._reactor.connectTCP(
                self._host,
                self._port,
                factory,
                timeout=self._timeout,
                bindAddress=self._bindAddress,
            ),
        )


@implementer(IStreamClientEndpoint)
class SSL4ClientEndpoint:
    """A TCP port of a host with IPv4 that speaks TLS.

    Args:
        reactor: has `connectSSL`.
        host: an address or a name.
        port: the number.
        sslContextFactory: makes the context, or the connections; whom to trust is its business.
        timeout: seconds for an attempt.
        bindAddress: local address and port to connect from.
    """

    def __init__(
        self,
        reactor: Any,
        host: str,
        port: int,
        sslContextFactory: Any,
        timeout: float | None = TIMEOUT,
        bindAddress: tuple[str, int] | None = None,
    ) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._sslContextFactory = sslContextFactory
        self._timeout = timeout
        self._bindAddress = bindAddress

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        return attempt(
            protocolFactory,
            lambda factory: self._reactor.connectSSL(
                self._host,
                self._port,
                factory,
                self._sslContextFactory,
                timeout=self._timeout,
                bindAddress=self._bindAddress,
            ),
        )


@implementer(IStreamClientEndpoint)
class UNIXClientEndpoint:
    """A UNIX socket.

    Args:
        reactor: has `connectUNIX`.
        path: of the socket.
        timeout: seconds for an attempt.
        checkPID: whether to look first if the lock file of the socket is held by a process.
    """

    def __init__(
        self,
        reactor: Any,
        path: str | bytes,
        timeout: float | None = TIMEOUT,
        checkPID: bool = False,
    ) -> None:
        self._reactor = reactor
        self._path = path
        self._timeout = timeout
        self._checkPID = checkPID

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        return attempt(
            protocolFactory,
            lambda factory: self._reactor.connectUNIX(
                self._path, factory, timeout=self._timeout, checkPID=self._checkPID
            ),
        )


class _OneProtocolFactory(Factory[Any]):
    """Gives out a protocol that exists already."""

    noisy = False

    def __init__(self, instance: Any) -> None:
        self._instance = instance

    def __repr__(self) -> str:
        return f"<factory of {self._instance!r}>"

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """The protocol."""
        self._instance.factory = self
        return self._instance


def connectProtocol(endpoint: IStreamClientEndpoint, protocol: Any) -> Deferred[Any]:
    """Connect a protocol that exists already.

    Args:
        endpoint: where to.
        protocol: is connected once; it needs no factory, and gets one that does nothing.

    Returns:
        As `IStreamClientEndpoint.connect`.
    """
    return endpoint.connect(_OneProtocolFactory(protocol))
