"""TCP: connections, the ports that accept them, and the clients that make them.

Chapters 2.1 and 2.2; RFC 9293.
"""

from __future__ import annotations

import errno
import resource
import socket
import struct
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet import error, main
from twisted.internet._bugs import reportBug
from twisted.internet._connecting import Connecting
from twisted.internet._reactor import TransportReactor
from twisted.internet.abstract import Ending, FileDescriptor, Reason, isIPAddress, isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.base import BaseConnector, BasePort
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IListeningPort,
    IProtocol,
    IProtocolFactory,
    ISystemHandle,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.python import log
from twisted.python.failure import Failure

__all__ = ["BaseClient", "Client", "Connection", "Connector", "Port", "Server"]

_log = Logger()

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # struct linger: on, no seconds

#: Where the kernel has it: what is sent now may wait for what comes at once.
_MORE_FOLLOWS = getattr(socket, "MSG_MORE", 0)
_MAX_PIECES = 1024  # UIO_MAXIOV, which is the same on all systems that say so
_LARGE_PIECE = 4096

#: Errors of accept() that say the process or the machine has no room for a connection.
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
#: Seconds to leave connections in the backlog when there is no room for them.
_NO_ROOM_PAUSE = 0.25
#: At most this many connections are accepted in one turn of a port.
_MAX_ACCEPTS = 64
#: After so many turns in which all that it would accept was there, a port accepts more.
_BURSTS_TO_GROW = 4


def tcpAddress(address: tuple[Any, ...]) -> IPv4Address | IPv6Address:
    """The address object for what the socket module calls an address."""
    if len(address) == 2:
        return IPv4Address("TCP", *address)
    return IPv6Address("TCP", *address)


def ipv6SocketAddress(host: str, port: int) -> tuple[Any, ...]:
    """What the socket module calls an address, from one that may have a ``%zone``."""
    if not 0 <= port <= 0xFFFF:
        # getaddrinfo() takes any number, and drops its upper half.
        raise OverflowError(f"a port is a number from 0 to 65535, not {port}")
    return socket.getaddrinfo(host, port, socket.AF_INET6, 0, 0, socket.AI_NUMERICHOST)[0][4]


@implementer(ITCPTransport, ISystemHandle)
class Connection(FileDescriptor):
    """A connected stream socket, and the protocol that it serves.

    Args:
        skt: the socket.
        protocol: is given what arrives.
        reactor: who watches; the installed one by default.
    """

    __slots__ = ("_hostAddress", "_readClosed", "protocol", "socket")

    def __init__(
        self, skt: socket.socket, protocol: IProtocol, reactor: TransportReactor | None = None
    ) -> None:
        super().__init__(reactor)
        self.socket = skt
        self.protocol: Any = protocol
        self._readClosed = False
        self._hostAddress: tuple[Any, ...] | None = None

    def fileno(self) -> int:
        """The socket's descriptor, or -1 once it is closed."""
        return self.socket.fileno()

    def getHandle(self) -> socket.socket:
        """The socket itself."""
        return self.socket

    # Reading and writing

    def doRead(self) -> Reason | None:
        """Give the protocol what has arrived."""
        # Benchmark tcp-echo: one read for each event; what is left is the next turn's,
        # so that a fast peer does not keep the others waiting.
        try:
            data = self.socket.recv(self.bufferSize)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return main.CONNECTION_LOST
        if data:
            self.protocol.dataReceived(data)
            return None
        return main.CONNECTION_DONE

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        """Send what the kernel takes; see `FileDescriptor.writeSomeData`."""
        try:
            if self._ending is Ending.FULL:
                # Benchmark tcp-accept: let the kernel send the end along with the data.
                return self.socket.send(data, _MORE_FOLLOWS)
            return self.socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as e:
            # Linux lacks memory for a moment: as good as a full buffer.
            return 0 if e.errno == errno.ENOBUFS else main.CONNECTION_LOST

    def _writeSeveral(self) -> int | Exception:
        # Benchmark tcp-stream: small pieces are cheaper to join than to describe, large
        # ones are not.
        pieces = self._firstPieces()[:_MAX_PIECES]
        if sum(map(len, pieces)) < len(pieces) * _LARGE_PIECE:
            return self.writeSomeData(b"".join(pieces))
        try:
            return self.socket.sendmsg(pieces)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as e:
            return 0 if e.errno == errno.ENOBUFS else main.CONNECTION_LOST

    # Ending

    def readConnectionLost(self, reason: Failure) -> None:
        """The peer has closed its half: only a protocol that knows of halves goes on."""
        self._readClosed = True
        if not IHalfCloseableProtocol.providedBy(self.protocol):
            self.connectionLost(reason)
            return
        self._readNoMore()
        if self._tellProtocol("readConnectionLost") and not self._writable and self.connected:
            self.connectionLost(reason)

    def _closeWriteConnection(self) -> Reason | None:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            # Reset in the meantime, as reading will tell.
            pass
        if IHalfCloseableProtocol.providedBy(self.protocol):
            self._tellProtocol("writeConnectionLost")
        return main.CONNECTION_DONE if self._readClosed else None

    def _tellProtocol(self, event: str) -> bool:
        """Call the protocol; if it raises, the connection ends there, and the answer is no."""
        try:
            getattr(self.protocol, event)()
        except BaseException:
            bug = reportBug(f"Unhandled error in {event} of {self.protocol!r}")
            self.connectionLost(Failure(bug))
            return False
        return True

    def connectionLost(self, reason: Failure) -> None:
        """Close the socket, and tell the protocol."""
        if self.disconnected:
            return
        super().connectionLost(reason)
        self._endSocket(reset=reason.check(error.ConnectionAborted) is not None)
        protocol = self.protocol
        try:
            # Before the socket is closed: protocols ask for addresses here.
            protocol.connectionLost(reason)
        finally:
            self.socket.close()
            # The protocol knows the transport: one of the two must forget the other.
            self.protocol = None

    def _endSocket(self, reset: bool) -> None:
        try:
            if reset:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            else:
                # A child process may have inherited the socket; the peer must see the end.
                self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The peer was quicker, and there is nothing left to end.
            pass

    # What it is

    def getHost(self) -> IAddress:
        """The address of our end."""
        if self._hostAddress is None:
            self._hostAddress = self.socket.getsockname()
        return tcpAddress(self._hostAddress)

    @property
    def logstr(self) -> str:
        """Who this is, in the log."""
        return type(self.protocol).__name__

    def logPrefix(self) -> str:
        """Who this is, in the log."""
        return self.logstr

    def getTcpNoDelay(self) -> bool:
        """Whether small segments are sent at once; see `ITCPTransport`."""
        return bool(self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Send small segments at once, or wait for the peer's acknowledgement first."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, bool(enabled))

    def getTcpKeepAlive(self) -> bool:
        """Whether an idle peer is probed; see `ITCPTransport`."""
        return bool(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Probe the peer when the connection is idle, so that a dead one is found."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, bool(enabled))


class Server(Connection):
    """A connection that a port has accepted.

    Args:
        sock: the socket.
        protocol: what the factory built.
        client: the peer's address, as the socket module has it.
        server: the port.
        sessionno: which of the port's connections this is.
        reactor: who watches.
    """

    __slots__ = ("client", "server", "sessionno")

    def __init__(
        self,
        sock: socket.socket,
        protocol: IProtocol,
        client: tuple[Any, ...],
        server: Port | None,
        sessionno: int,
        reactor: TransportReactor | None,
    ) -> None:
        super().__init__(sock, protocol, reactor)
        self.client = client
        self.server = server
        self.sessionno = sessionno
        self.connected = True
        self.startReading()

    @classmethod
    def _fromConnectedSocket(
        cls, fd: int, addressFamily: int, factory: IProtocolFactory, reactor: TransportReactor
    ) -> Server | None:
        """Serve a socket that is connected already; `fd` itself stays the caller's."""
        adopted = socket.fromfd(fd, addressFamily, socket.SOCK_STREAM)
        adopted.setblocking(False)
        peer = adopted.getpeername()
        protocol = factory.buildProtocol(cls._peerOf(peer))
        if protocol is None:
            adopted.close()
            return None
        server = cls(adopted, protocol, peer, None, fd, reactor)
        protocol.makeConnection(server)
        return server

    @staticmethod
    def _peerOf(address: Any) -> IAddress:
        return tcpAddress(address)

    def getPeer(self) -> IAddress:
        """The address of the client."""
        return tcpAddress(self.client)

    @property
    def logstr(self) -> str:
        """The protocol, which connection of the port, and the client's host."""
        return f"{type(self.protocol).__name__},{self.sessionno},{self.client[0]}"

    def __repr__(self) -> str:
        port = self.server.getHost() if self.server is not None else "no port"
        return f"<{type(self.protocol).__name__} #{self.sessionno} on {port}>"


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

    def __init__(self, connector: Any, reactor: TransportReactor | None) -> None:
        FileDescriptor.__init__(self, reactor)
        self.connector = connector
        self.socket: Any = _NoSocket()
        self.protocol = None
        self._readClosed = False
        self._hostAddress = None
        self._attempt: Connecting | None = None
        self._started = self.reactor.callLater(0, self._start)

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
        connector, self.connector = self.connector, None
        connector.connectionFailed(Failure(err))

    def _endAttempt(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.stop()
        if self._started.active():
            self._started.cancel()

    def connectionEstablished(self) -> None:
        """The kernel has connected the socket: begin to serve a protocol."""
        self._endAttempt()
        self.connected = True
        try:
            protocol = self.connector.buildProtocol(self.getPeer())
        except BaseException:
            bug = reportBug(f"Unhandled error in buildProtocol of {self.connector.factory!r}")
            self.protocol = Protocol()
            self.connectionLost(Failure(bug))
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
            connector, self.connector = self.connector, None
            connector.connectionLost(reason)


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
        if isinstance(port, str):
            try:
                port = socket.getservbyname(port, "tcp")
            except OSError as e:
                raise error.ServiceNameUnknownError(string=f"{e} ({port!r})")
        if isinstance(host, bytes):
            host = host.decode("ascii")
        self.host = host
        self.port = port
        self.bindAddress = bindAddress
        super().__init__(factory, timeout, reactor)

    def _makeTransport(self) -> Client:
        return Client(self.host, self.port, self.bindAddress, self, self.reactor)

    def getDestination(self) -> IPv4Address | IPv6Address:
        """The server's address, with the host as it was given."""
        if isIPv6Address(self.host):
            return IPv6Address("TCP", self.host, self.port)
        return IPv4Address("TCP", self.host, self.port)


@implementer(IListeningPort)
class Port(BasePort):
    """A TCP port that accepts connections.

    Args:
        port: the number; 0 lets the system choose.
        factory: builds a protocol for each connection.
        backlog: how many connections may wait to be accepted.
        interface: the local IPv4 or IPv6 address; all IPv4 ones when it is empty.
        reactor: who watches.
    """

    addressFamily = socket.AF_INET
    socketType = socket.SOCK_STREAM
    #: Makes the transport of a connection.
    transport: ClassVar[type[Server]] = Server

    def __init__(
        self,
        port: int,
        factory: IProtocolFactory,
        backlog: int = 50,
        interface: str = "",
        reactor: TransportReactor | None = None,
    ) -> None:
        super().__init__(reactor)
        if isIPv6Address(interface):
            self.addressFamily = socket.AF_INET6
        self.port: Any = port
        self.factory: Any = factory
        self.backlog = backlog
        self.interface = interface
        self.socket: socket.socket | None = None
        self.sessionno = 0
        self._burst = 1
        self._fullBursts = 0
        self._adopted: socket.socket | None = None
        # Only a reactor of ours has it.
        self._readSoon = getattr(reactor, "_readSoon", None)

    @classmethod
    def _fromListeningDescriptor(
        cls, reactor: TransportReactor, fd: int, addressFamily: int, factory: IProtocolFactory
    ) -> Port:
        """A port on a socket that listens already; `fd` itself stays the caller's."""
        adopted = socket.fromfd(fd, addressFamily, cls.socketType)
        adopted.setblocking(False)
        name = adopted.getsockname()
        interface = name[0] if isinstance(name, tuple) else ""
        port = cls(0, factory, interface=interface, reactor=reactor)
        port.addressFamily = socket.AddressFamily(addressFamily)
        port._adopted = adopted
        return port

    def fileno(self) -> int:
        """The socket's descriptor, or -1 when the port does not listen."""
        return -1 if self.socket is None else self.socket.fileno()

    def createInternetSocket(self) -> socket.socket:
        """A new socket, whose address can be had again as soon as it is closed."""
        created = super().createInternetSocket()
        created.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return created

    def _listeningSocket(self) -> socket.socket:
        created = self.createInternetSocket()
        try:
            created.bind(self._bindAddress())
            created.listen(self.backlog)
        except BaseException:
            created.close()
            raise
        return created

    def _bindAddress(self) -> Any:
        if self.addressFamily == socket.AF_INET6:
            return ipv6SocketAddress(self.interface, self.port)
        return (self.interface, self.port)

    def startListening(self) -> None:
        """Accept connections from now on.

        Raises:
            twisted.internet.error.CannotListenError: the address cannot be had.
        """
        try:
            listening = self._adopted or self._listeningSocket()
        except (OSError, OverflowError) as e:
            raise error.CannotListenError(self.interface, self.port, e)
        if listening.family != socket.AF_UNIX:
            # Inherited by what is accepted. One send a turn is all that Nagle's
            # algorithm could ask for, without the wait for the peer's acknowledgement.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.port = listening.getsockname()[1]
        self._adopted = None
        self.socket = listening
        if getattr(self.factory, "noisy", True):
            log.msg(f"{self._factoryName()} starting on {self._where()}")
        self.factory.doStart()
        self.connected = True
        self.startReading()

    def _factoryName(self) -> str:
        prefix = getattr(self.factory, "logPrefix", None)
        return type(self.factory).__name__ if prefix is None else prefix()

    def _where(self) -> str:
        return str(self.port)

    def doRead(self) -> Reason | None:
        """Accept who waits."""
        # Benchmark tcp-accept: as many as waited the last time, so that one at a time
        # costs no second system call, nor many at a time a turn of the loop each.
        burst, accepted = self._burst, 0
        try:
            while accepted < burst and self.socket is not None:
                if not self._acceptOne(self.socket):
                    break
                accepted += 1
        except OSError as e:
            self._noRoom(e)
        if accepted < burst:
            self._burst, self._fullBursts = max(1, accepted), 0
        else:
            self._fullBursts += 1
            if self._fullBursts == _BURSTS_TO_GROW:
                self._burst, self._fullBursts = min(2 * burst, _MAX_ACCEPTS), 0
        return None

    def _acceptOne(self, listening: socket.socket) -> bool:
        """Accept one connection, if one waits; OSError when there is no room for it."""
        try:
            # Benchmark tcp-accept: `accept()` is this and two look-ups in enumerations,
            # which take as long as all the rest of this method.
            fd, peer = listening._accept()  # type: ignore[attr-defined]  # not in typeshed
        except BlockingIOError:
            return False
        except OSError as e:
            if e.errno in _NO_ROOM:
                raise
            # The peer was gone before we came, or a firewall does not want it.
            return True
        accepted = socket.socket(self.addressFamily, self.socketType, 0, fd)
        accepted.setblocking(False)
        try:
            protocol = self.factory.buildProtocol(self._buildAddr(peer))
        except BaseException:
            reportBug(f"Unhandled error in buildProtocol of {self.factory!r}")
            protocol = None
        if protocol is None:
            accepted.close()
            return True
        self.sessionno += 1
        transport = self.transport(accepted, protocol, peer, self, self.sessionno, self.reactor)
        try:
            protocol.makeConnection(transport)
        except BaseException:
            bug = reportBug(f"Unhandled error in connectionMade of {protocol!r}")
            transport.connectionLost(Failure(bug))
            return True
        if self._readSoon is not None:
            self._readSoon(transport)
        return True

    def _buildAddr(self, address: Any) -> IAddress:
        return tcpAddress(address)

    def _noRoom(self, problem: OSError) -> None:
        """Leave those who wait in the backlog, for a moment: trying at once would only spin."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        _log.error(
            "{port} cannot accept: {problem}. Its clients wait until there is room again; "
            "this process may have {limit} descriptors.",
            port=self,
            problem=problem.strerror,
            limit=limit,
        )
        self.stopReading()
        self.reactor.callLater(_NO_ROOM_PAUSE, self._tryAgain)

    def _tryAgain(self) -> None:
        if self.connected:
            self.startReading()

    def stopListening(self, connDone: Failure | None = None) -> Deferred[None]:
        """Close the port.

        Returns:
            Fires when it is closed, which it is now.
        """
        return maybeDeferred(self.loseConnection, connDone)

    def loseConnection(self, connDone: Failure | None = None) -> None:
        """Close the port; connections that it accepted stay."""
        if self.connected:
            self.connectionLost(connDone or Failure(error.ConnectionDone()))

    def connectionLost(self, reason: Failure) -> None:
        """Close the socket, and tell the factory."""
        if self.socket is None:
            return
        if getattr(self.factory, "noisy", True):
            log.msg(f"({self._factoryName()} closed {self._where()})")
        super().connectionLost(reason)
        self.socket.close()
        self.socket = None
        self.factory.doStop()

    def getHost(self) -> IAddress:
        """The address on which the port listens."""
        if self.socket is None:
            return tcpAddress((self.interface, self.port))
        return tcpAddress(self.socket.getsockname())

    def logPrefix(self) -> str:
        """The factory, which is whose turn it is when a connection is accepted."""
        return self._factoryName()

    def __repr__(self) -> str:
        state = f"on {self.port}" if self.socket is not None else "(not listening)"
        return f"<{type(self).__name__} of {type(self.factory).__name__} {state}>"
