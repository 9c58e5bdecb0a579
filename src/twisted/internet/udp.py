"""UDP, and its multicast.

Chapter 3.2; RFC 768, RFC 1112.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from zope.interface import implementer

from twisted.internet import error
from twisted.internet._bugs import reportBug
from twisted.internet._reactor import TransportReactor
from twisted.internet.abstract import bytesToSend, isIPAddress, isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.base import BasePort
from twisted.internet.defer import (
    Deferred,
    FirstError,
    gatherResults,
    maybeDeferred,
    succeed,
)
from twisted.internet.interfaces import (
    IListeningPort,
    IMulticastTransport,
    ISystemHandle,
    IUDPTransport,
)
from twisted.internet.protocol import AbstractDatagramProtocol
from twisted.internet.tcp._addresses import ipv6SocketAddress
from twisted.python import log
from twisted.python.failure import Failure

__all__ = ["MulticastMixin", "MulticastPort", "Port"]

#: Bytes as which each datagram counts, beside its own, so that empty ones have an end, too.
_DATAGRAM_COST = 256

#: Errors of an earlier send, which the kernel tells at the next call on a connected socket.
_REFUSED = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH)


@lru_cache(maxsize=4096)
def _familyOf(host: str) -> int | None:
    """The family of an address; None for a name, which the kernel would go and look up."""
    if isIPAddress(host):
        return socket.AF_INET
    if isIPv6Address(host):
        return socket.AF_INET6
    return None


def _udpAddress(address: tuple[Any, ...]) -> IPv4Address | IPv6Address:
    if len(address) == 2:
        return IPv4Address("UDP", *address)
    return IPv6Address("UDP", *address)


@implementer(IListeningPort, IUDPTransport, ISystemHandle)
class Port(BasePort):
    """A UDP socket, and the protocol that it serves.

    Args:
        port: the number; 0 lets the system choose.
        proto: is given what arrives.
        interface: the local IPv4 or IPv6 address; all IPv4 ones when it is empty.
        maxPacketSize: bytes; what a datagram has more is lost.
        reactor: who watches.
    """

    addressFamily = socket.AF_INET
    socketType = socket.SOCK_DGRAM
    #: Bytes that are received in one turn, before other sockets have theirs.
    maxThroughput = 256 * 1024

    def __init__(
        self,
        port: int,
        proto: AbstractDatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,
        reactor: TransportReactor | None = None,
    ) -> None:
        super().__init__(reactor)
        if interface and _familyOf(interface) is None:
            raise error.InvalidAddressError(interface, "an IPv4 or IPv6 address, not a name")
        if interface and _familyOf(interface) == socket.AF_INET6:
            self.addressFamily = socket.AF_INET6
        self.port: Any = port
        self.protocol: Any = proto
        self.interface = interface
        self.maxPacketSize = maxPacketSize
        self.socket: socket.socket | None = None
        self._adopted: socket.socket | None = None
        self._connectedAddr: tuple[Any, ...] | None = None
        self.setLogStr()

    @classmethod
    def _fromListeningDescriptor(
        cls,
        reactor: TransportReactor,
        fd: int,
        addressFamily: int,
        protocol: AbstractDatagramProtocol,
        maxPacketSize: int,
    ) -> Port:
        """A port on a socket that is bound already; `fd` itself stays the caller's."""
        adopted = socket.fromfd(fd, addressFamily, cls.socketType)
        adopted.setblocking(False)
        port = cls(0, protocol, adopted.getsockname()[0], maxPacketSize, reactor)
        port._adopted = adopted
        return port

    def setLogStr(self) -> None:
        """Fix who this is in the log, after the protocol has been set."""
        name = getattr(self.protocol, "logPrefix", None)
        kind = type(self.protocol).__name__ if name is None else name()
        self.logstr = f"{kind} (UDP)"

    def logPrefix(self) -> str:
        """Who this is, in the log."""
        return self.logstr

    def fileno(self) -> int:
        """The socket's descriptor, or -1 when the port is closed."""
        return -1 if self.socket is None else self.socket.fileno()

    def getHandle(self) -> socket.socket | None:
        """The socket itself."""
        return self.socket

    def _open(self) -> socket.socket:
        if self.socket is None:
            raise error.NotListeningError(f"{self!r} is closed")
        return self.socket

    # Opening and closing

    def startListening(self) -> None:
        """Bind the socket, and start the protocol.

        Raises:
            twisted.internet.error.CannotListenError: the address cannot be had.
        """
        try:
            self.socket = self._adopted or self._boundSocket()
        except (OSError, OverflowError) as e:
            raise error.CannotListenError(self.interface, self.port, e)
        self._adopted = None
        self._serve()

    def _serve(self) -> None:
        """The socket has its address: start the protocol; if that fails, close it again."""
        try:
            self._bound()
            self.connected = True
            self.protocol.makeConnection(self)
            if self.connected:
                self.startReading()
        except BaseException:
            opened = self._open()
            self.socket = None
            self.connected = False
            opened.close()
            raise

    def _boundSocket(self) -> socket.socket:
        created = self.createInternetSocket()
        try:
            created.bind(self._bindAddress())
        except BaseException:
            created.close()
            raise
        return created

    def _bindAddress(self) -> Any:
        if self.addressFamily == socket.AF_INET6:
            return ipv6SocketAddress(self.interface, self.port)
        return (self.interface, self.port)

    def _bound(self) -> None:
        """The socket has its address."""
        self.port = self._open().getsockname()[1]
        self._logEvent(f"starting on {self.port}")

    def _logEvent(self, what: str) -> None:
        if self.protocol.noisy:
            log.msg(f"{type(self.protocol).__name__} {what}")

    def stopListening(self) -> Deferred[None]:
        """Close the socket, and stop the protocol.

        Returns:
            Fires when it is closed, which it is now.
        """
        return maybeDeferred(self.loseConnection)

    def loseConnection(self) -> None:
        """Close the socket, and stop the protocol."""
        if self.connected:
            self.connectionLost()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Close the socket, and stop the protocol."""
        closing = self.socket
        if closing is None:
            return
        self._logEvent(f"closed {self._where()}")
        super().connectionLost(reason or Failure(error.ConnectionDone()))
        self.socket = None
        closing.close()
        self.protocol.doStop()

    def _where(self) -> str:
        return str(self.port)

    # Receiving

    def doRead(self) -> None:
        """Give the protocol what has arrived."""
        # Benchmark udp-echo.
        received, limit = 0, self.maxThroughput
        while received < limit and self.socket is not None:
            try:
                data, peer = self.socket.recvfrom(self.maxPacketSize)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as e:
                if e.errno not in _REFUSED:
                    raise
                if self._connectedAddr is not None:
                    # libuv, and so uvloop, stops to watch a descriptor that has an error.
                    self.stopReading()
                    self.startReading()
                    self._refused()
                return
            received += _DATAGRAM_COST + len(data)
            if self._connectedAddr is not None:
                peer = self._connectedAddr
            try:
                self.protocol.datagramReceived(data, peer)
            except BaseException:
                reportBug(f"Unhandled error in datagramReceived of {self.protocol!r}")

    def _refused(self) -> None:
        try:
            self.protocol.connectionRefused()
        except BaseException:
            reportBug(f"Unhandled error in connectionRefused of {self.protocol!r}")

    # Sending

    def write(self, datagram: bytes, addr: tuple[str, int] | None = None) -> int | None:  # type: ignore[override]
        """Send a datagram.

        Args:
            datagram: bytes; nothing is added to them.
            addr: the IP address, not the name, and port of the peer; None on a connected
                port.

        Returns:
            how many bytes were sent, or None if the kernel has no room and dropped it.

        Raises:
            twisted.internet.error.MessageLengthError: it is too long for a datagram.
            twisted.internet.error.InvalidAddressError: the host is a name, or of the wrong
                family.
        """
        # Benchmark udp-echo.
        if datagram.__class__ is not bytes:
            datagram = bytesToSend(datagram)
        sock = self.socket
        if sock is None:
            sock = self._open()
        try:
            if self._connectedAddr is not None:
                return self._sendConnected(sock, datagram, addr)
            if addr is None:
                raise TypeError("a port that is not connected needs the address to write to")
            if _familyOf(addr[0]) != self.addressFamily:
                self._refuseAddress(addr[0])
            return sock.sendto(datagram, addr)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as e:
            self._notSent(e)
            return None

    def _sendConnected(
        self, sock: socket.socket, datagram: bytes, addr: tuple[str, int] | None
    ) -> int:
        assert self._connectedAddr is not None
        if addr is not None and tuple(addr[:2]) != self._connectedAddr[:2]:
            raise ValueError(f"this port is connected to {self._connectedAddr}, not to {addr}")
        return sock.send(datagram)

    def _refuseAddress(self, host: str) -> None:
        """Why a datagram cannot go to `host`."""
        if host == "<broadcast>" and self.addressFamily == socket.AF_INET:
            return
        if _familyOf(host) is None:
            raise error.InvalidAddressError(
                host, "write() only accepts IP addresses, not hostnames; see reactor.resolve()"
            )
        ours, theirs = ("IPv4", "IPv6")
        if self.addressFamily == socket.AF_INET6:
            ours, theirs = theirs, ours
        raise error.InvalidAddressError(host, f"{ours} port write() called with {theirs} address")

    def _notSent(self, problem: OSError) -> None:
        if problem.errno == errno.EMSGSIZE:
            raise error.MessageLengthError("message too long") from problem
        if problem.errno in _REFUSED:
            # About an earlier datagram, or a peer that is not there: a datagram may be
            # lost, and only the protocol of a connected port wants to hear of it.
            if self._connectedAddr is not None:
                self._refused()
            return
        raise problem

    def writeSequence(self, seq: Iterable[bytes], addr: tuple[str, int] | None = None) -> None:
        """Send several pieces as one datagram."""
        self.write(b"".join(seq), addr)

    def connect(self, host: str, port: int) -> None:
        """Exchange datagrams with one peer only, and hear when it refuses them.

        Args:
            host: the IP address, not the name.
            port: the number.

        Raises:
            RuntimeError: the port is connected already.
            twisted.internet.error.InvalidAddressError: the host is not an address.
        """
        if self._connectedAddr is not None:
            raise RuntimeError(
                f"this port is connected to {self._connectedAddr}; "
                "to reach another peer, open another port"
            )
        if _familyOf(host) is None:
            raise error.InvalidAddressError(host, "not an IPv4 or IPv6 address")
        self._open().connect((host, port))
        self._connectedAddr = (host, port)

    # What it is

    def getHost(self) -> IPv4Address | IPv6Address:
        """The address on which the port receives."""
        return _udpAddress(self._open().getsockname())

    def setBroadcastAllowed(self, enabled: bool) -> None:
        """Allow datagrams to be sent to broadcast addresses, or not."""
        self._open().setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, bool(enabled))

    def getBroadcastAllowed(self) -> bool:
        """Whether datagrams may be sent to broadcast addresses."""
        return bool(self._open().getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST))

    def __repr__(self) -> str:
        state = f"on {self._where()}" if self.socket is not None else "(not listening)"
        return f"<{type(self).__name__} of {type(self.protocol).__name__} {state}>"


class MulticastMixin(Port):
    """The part of a port that knows of multicast groups.

    Groups and interfaces may be names: they are resolved, so the answers are Deferreds.
    An IPv6 port takes the number of an interface where an IPv4 port takes its address.
    """

    def _option(self, ipv4: int, ipv6: int) -> tuple[int, int]:
        """Level and name of a socket option, for our family."""
        if self.addressFamily == socket.AF_INET6:
            return socket.IPPROTO_IPV6, ipv6
        return socket.IPPROTO_IP, ipv4

    def getOutgoingInterface(self) -> str | int:
        """The address of the interface (IPv6: its index) that multicasts leave by."""
        level, name = self._option(socket.IP_MULTICAST_IF, socket.IPV6_MULTICAST_IF)
        if self.addressFamily == socket.AF_INET6:
            return self._open().getsockopt(level, name)
        return socket.inet_ntoa(self._open().getsockopt(level, name, 4))

    def setOutgoingInterface(self, addr: str | int) -> Deferred[int]:
        """Let multicasts leave by this interface; fires with 1 when it is set."""
        level, name = self._option(socket.IP_MULTICAST_IF, socket.IPV6_MULTICAST_IF)

        def resolved(interface: bytes) -> int:
            self._open().setsockopt(level, name, interface)
            return 1

        return self._interface(addr).addCallback(resolved)

    def getLoopbackMode(self) -> bool:
        """Whether this host hears the multicasts that it sends."""
        level, name = self._option(socket.IP_MULTICAST_LOOP, socket.IPV6_MULTICAST_LOOP)
        return bool(self._open().getsockopt(level, name))

    def setLoopbackMode(self, mode: bool) -> None:
        """Let this host hear the multicasts that it sends, or not."""
        level, name = self._option(socket.IP_MULTICAST_LOOP, socket.IPV6_MULTICAST_LOOP)
        self._open().setsockopt(level, name, bool(mode))

    def getTTL(self) -> int:
        """How many routers a multicast may pass."""
        level, name = self._option(socket.IP_MULTICAST_TTL, socket.IPV6_MULTICAST_HOPS)
        return self._open().getsockopt(level, name)

    def setTTL(self, ttl: int) -> None:
        """Let multicasts pass this many routers, 0 to 255."""
        level, name = self._option(socket.IP_MULTICAST_TTL, socket.IPV6_MULTICAST_HOPS)
        self._open().setsockopt(level, name, ttl)

    def joinGroup(self, addr: str, interface: str | int = "") -> Deferred[None]:
        """Receive what is sent to a group.

        Args:
            addr: the group's address, or a name for it.
            interface: the local address (IPv6: the index) of the network; the system's
                choice when it is empty.

        Returns:
            Fires when the group is joined, or fails with
            `twisted.internet.error.MulticastJoinError`.
        """
        return self._membership(addr, interface, socket.IP_ADD_MEMBERSHIP, socket.IPV6_JOIN_GROUP)

    def leaveGroup(self, addr: str, interface: str | int = "") -> Deferred[None]:
        """Receive what is sent to a group no more; arguments and result as for `joinGroup`."""
        return self._membership(addr, interface, socket.IP_DROP_MEMBERSHIP, socket.IPV6_LEAVE_GROUP)

    def _membership(self, addr: str, interface: str | int, ipv4: int, ipv6: int) -> Deferred[None]:
        level, name = self._option(ipv4, ipv6)

        def change(results: list[bytes]) -> None:
            group, network = results
            try:
                self._open().setsockopt(level, name, group + network)
            except OSError as e:
                raise error.MulticastJoinError(addr, interface, *e.args)

        return gatherResults(
            [self._packedGroup(addr), self._interface(interface)], consumeErrors=True
        ).addCallbacks(change, _firstFailure)

    def _packedGroup(self, addr: str) -> Deferred[bytes]:
        if self.addressFamily == socket.AF_INET6:
            return maybeDeferred(socket.inet_pton, socket.AF_INET6, addr)
        found: Deferred[str] = self.reactor.resolve(addr)
        return found.addCallback(socket.inet_aton)

    def _interface(self, interface: str | int) -> Deferred[bytes]:
        """An interface as the kernel wants it."""
        if self.addressFamily == socket.AF_INET6:
            return succeed(struct.pack("@I", int(interface or 0)))
        found: Deferred[str] = self.reactor.resolve(interface)
        return found.addCallback(socket.inet_aton)


def _firstFailure(reason: Failure) -> Failure:
    """The failure itself, without the news that it was one of several."""
    if reason.check(FirstError):
        inner: Failure = reason.value.subFailure  # type: ignore[attr-defined]
        return inner
    return reason


@implementer(IMulticastTransport)
class MulticastPort(MulticastMixin):
    """A UDP socket that can join multicast groups.

    Args:
        listenMultiple: let other sockets have the same port.

    The other arguments are those of `Port`.
    """

    def __init__(
        self,
        port: int,
        proto: AbstractDatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,
        reactor: TransportReactor | None = None,
        listenMultiple: bool = False,
    ) -> None:
        super().__init__(port, proto, interface, maxPacketSize, reactor)
        self.listenMultiple = listenMultiple

    def createInternetSocket(self) -> socket.socket:
        """A new socket, which shares its port if that was asked for."""
        created = super().createInternetSocket()
        if self.listenMultiple:
            created.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "SO_REUSEPORT"):
                created.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return created
