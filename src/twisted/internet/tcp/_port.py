"""Ports, which accept connections."""

from __future__ import annotations

import errno
import resource
import socket
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet import error, main
from twisted.internet._bugs import reportBug
from twisted.internet._reactor import TransportReactor
from twisted.internet.abstract import Reason, isIPv6Address
from twisted.internet.base import BasePort
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IListeningPort,
    IProtocolFactory,
)
from twisted.internet.tcp._addresses import ipv6SocketAddress, tcpAddress
from twisted.internet.tcp._connection import Server
from twisted.logger import Logger
from twisted.python import log
from twisted.python.failure import Failure

__name__ = "twisted.internet.tcp"  # the public path, for pickles and messages

_log = Logger()

#: Errors of accept() that say the process or the machine has no room for a connection.
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
#: Errors of accept() that are about one connection, as its manual page says.
_PEER_GONE = (
    errno.ECONNABORTED,
    errno.EPERM,
    errno.EPROTO,
    errno.ENETDOWN,
    errno.ENOPROTOOPT,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.ETIMEDOUT,
    errno.EINTR,
)
#: Seconds to leave connections in the backlog when there is no room for them.
_NO_ROOM_PAUSE = 0.25
#: At most this many connections are accepted in one turn of a port.
_MAX_ACCEPTS = 64
#: After so many turns in which all that it would accept was there, a port accepts more.
_BURSTS_TO_GROW = 4


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

    factory: Any
    port: Any
    backlog: int
    interface: str
    sessionno: int
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
        self.port = port
        self.factory = factory
        self.backlog = backlog
        self.interface = interface
        self.socket: socket.socket | None = None
        self.sessionno = 0
        self._pause: IDelayedCall | None = None
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
            if e.errno not in _NO_ROOM:
                log.err(e, f"{self!r} cannot accept any more")
                return main.CONNECTION_LOST
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
            if e.errno not in _PEER_GONE:
                raise
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
        self.pauseProducing()
        self._pause = self.reactor.callLater(_NO_ROOM_PAUSE, self._tryAgain)

    def _tryAgain(self) -> None:
        self._pause = None
        self.resumeProducing()

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
        pause, self._pause = self._pause, None
        if pause is not None:
            pause.cancel()
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
