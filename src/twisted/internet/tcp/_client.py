"""Connections that we make."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet import error
from twisted.internet._bugs import reportBug
from twisted.internet._connecting import Connecting
from twisted.internet._reactor import TransportReactor
from twisted.internet.abstract import FileDescriptor, isIPAddress, isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.base import BaseConnector
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocolFactory
from twisted.internet.protocol import Protocol
from twisted.internet.tcp._addresses import ipv6SocketAddress, tcpAddress
from twisted.internet.tcp._connection import Connection
from twisted.python.failure import Failure

__name__ = "twisted.internet.tcp"  # the public path, for pickles and messages


class _NoSocket:
    """The socket of a client that has none yet."""

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        pass


class BaseClient(Connection):
    """A connection that we make: what is the same for every family of address.

    Attributes:
        connector: hears how the attempt ended.
    """

    addressFamily: socket.AddressFamily
    socketType: socket.SocketKind = socket.SOCK_STREAM
    _isClient = True

    def __init__(self, connector: Any, reactor: TransportReactor | None) -> None:
        FileDescriptor.__init__(self, reactor)
        self.connector = connector
        self.socket: Any = _NoSocket()
        self.protocol = None
        self._readClosed = False
        self._hostAddress = None
        self._attempt: Connecting | None = None
        self._beginning: IDelayedCall | None = self.reactor.callLater(0, self._begin)

    def _begin(self) -> None:
        self._beginning = None
        self._start()

    def _start(self) -> None:
        """Find the address, and go on with `_connectTo`."""
        raise NotImplementedError(f"{type(self).__name__} does not say where to connect")

    def createInternetSocket(self) -> socket.socket:
        """A new socket of the family and type, which does not block."""
        created = socket.socket(self.addressFamily, self.socketType)
        created.setblocking(False)
        return created

    def _connectTo(self, address: Any, bindAddress: Any, name: object) -> None:
        """Make a socket, bind it if `bindAddress` is given, and connect it."""
        if self.disconnected:
            return
        try:
            self.socket = self.createInternetSocket()
        except OSError as e:
            self.failIfNotConnected(error.getConnectError(e, name))
            return
        if bindAddress is not None:
            try:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self.socket.bind(bindAddress)
            except OSError as e:
                self.failIfNotConnected(
                    error.ConnectBindError(e.errno, f"{e.strerror} ({bindAddress})")
                )
                return
        self._attempt = Connecting(self, self.socket, address, name)
        self.doConnect()

    def doConnect(self) -> None:
        """Ask the kernel to connect."""
        assert self._attempt is not None, "called once there is an address"
        try:
            self._attempt.begin()
        except (OSError, OverflowError, ValueError) as e:
            self.failIfNotConnected(error.ConnectError(string=str(e)))

    def failIfNotConnected(self, err: BaseException) -> None:
        """Give up, unless the connection was made or given up before.

        Args:
            err: what to tell the connector.
        """
        if self.connected or self.disconnected:
            return
        # First of all: to end a look-up is to be told that it failed.
        self.disconnected = True
        self._endAttempt()
        self.socket.close()
        self.connector.connectionFailed(Failure(err))

    def _endAttempt(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.stop()
        beginning, self._beginning = self._beginning, None
        if beginning is not None:
            beginning.cancel()

    def connectionEstablished(self) -> None:
        """The kernel has connected the socket: begin to serve a protocol."""
        self._endAttempt()
        self.connected = True
        try:
            protocol = self.connector.buildProtocol(self.getPeer())
        except BaseException:
            bug = reportBug(f"Unhandled error in buildProtocol of {self.connector.factory!r}")
            self.connected = False
            self.failIfNotConnected(bug)
            return
        if protocol is None:
            self.protocol = Protocol()
            self.loseConnection()
            return
        self.protocol = protocol
        self.startReading()
        try:
            protocol.makeConnection(self)
        except BaseException:
            bug = reportBug(f"Unhandled error in connectionMade of {protocol!r}")
            self.connectionLost(Failure(bug))

    def connectionLost(self, reason: Failure) -> None:
        """Close the socket; tell the protocol, then the connector."""
        if self.disconnected:
            return
        try:
            super().connectionLost(reason)
        finally:
            self.connector.connectionLost(reason)


class Client(BaseClient):
    """A TCP connection that we make.

    Args:
        host: a name, or an IPv4 or IPv6 address.
        port: the number.
        bindAddress: the local host and port to connect from, or None.
        connector: hears how the attempt ended.
        reactor: who watches.
    """

    def __init__(
        self,
        host: str,
        port: int,
        bindAddress: tuple[str, int] | None,
        connector: Any,
        reactor: TransportReactor | None = None,
    ) -> None:
        self.addr: tuple[str, int] = (host, port)
        self.bindAddress = bindAddress
        self._peerAddress: tuple[Any, ...] = (host, port)
        self._resolving: Deferred[Any] | None = None
        super().__init__(connector, reactor)

    def _start(self) -> None:
        host, _ = self.addr
        if isIPv6Address(host) or isIPAddress(host):
            self._resolved(host)
        else:
            self._resolving = self.reactor.resolve(host)
            self._resolving.addCallback(self._resolved)
            self._resolving.addErrback(self._notResolved)

    def _notResolved(self, reason: Failure) -> None:
        self._resolving = None
        self.failIfNotConnected(reason.value)

    def _resolved(self, host: str) -> None:
        self._resolving = None
        port = self.addr[1]
        if isIPv6Address(host):
            self.addressFamily = socket.AF_INET6
            try:
                self._peerAddress = ipv6SocketAddress(host, port)
            except (OSError, OverflowError) as e:
                self.failIfNotConnected(error.ConnectError(string=f"{e} ({host}:{port})"))
                return
        else:
            self.addressFamily = socket.AF_INET
            self._peerAddress = (host, port)
        bind = self.bindAddress
        if isinstance(bind, str):
            bind = (bind, 0)
        self._connectTo(self._peerAddress, bind, f"{self.addr[0]}:{port}")

    def _endAttempt(self) -> None:
        super()._endAttempt()
        resolving, self._resolving = self._resolving, None
        if resolving is not None:
            resolving.cancel()

    def getPeer(self) -> IAddress:
        """The address of the server."""
        return tcpAddress(self._peerAddress)

    @property
    def logstr(self) -> str:
        """The protocol, and that we are its client."""
        return f"{type(self.protocol).__name__},client"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self.addr[0]}:{self.addr[1]}>"


def _portNumber(port: int | str) -> int:
    """A port, of which the name of the service may be given."""
    if not isinstance(port, str):
        return port
    try:
        return socket.getservbyname(port, "tcp")
    except OSError as problem:
        raise error.ServiceNameUnknownError(string=f"{problem} ({port!r})") from problem


class Connector(BaseConnector):
    """A TCP server, and a factory's connections to it.

    Args:
        host: a name or an address.
        port: a number, or the name of a service.
        factory: builds the protocol, and hears how it ended.
        timeout: seconds to wait for a connection.
        bindAddress: the local host and port to connect from, or None.
        reactor: who watches.

    Raises:
        twisted.internet.error.ServiceNameUnknownError: the system knows no such service.
    """

    def __init__(
        self,
        host: str,
        port: int | str,
        factory: IProtocolFactory,
        timeout: float | None,
        bindAddress: tuple[str, int] | None,
        reactor: Any = None,
    ) -> None:
        if isinstance(host, bytes):
            host = host.decode("ascii")
        self.host = host
        self.port = _portNumber(port)
        self.bindAddress = bindAddress
        super().__init__(factory, timeout, reactor)

    def _makeTransport(self) -> Client:
        return Client(self.host, self.port, self.bindAddress, self, self.reactor)

    def getDestination(self) -> IPv4Address | IPv6Address:
        """The server's address, with the host as it was given."""
        if isIPv6Address(self.host):
            return IPv6Address("TCP", self.host, self.port)
        return IPv4Address("TCP", self.host, self.port)
