"""UNIX sockets: streams, which can carry descriptors, and datagrams.

Chapter 3.1; ``unix(7)``.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
import struct
from collections import deque
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet import error, main, tcp, udp
from twisted.internet._bugs import reportBug
from twisted.internet._reactor import TransportReactor
from twisted.internet.abstract import FileDescriptor, Reason, bytesToSend
from twisted.internet.address import UNIXAddress
from twisted.internet.base import BaseConnector
from twisted.internet.interfaces import (
    IAddress,
    IFileDescriptorReceiver,
    IListeningPort,
    IProtocolFactory,
    IUNIXDatagramConnectedTransport,
    IUNIXDatagramTransport,
    IUNIXTransport,
)
from twisted.internet.protocol import AbstractDatagramProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.lockfile import FilesystemLock, isLocked

__all__ = ["Client", "ConnectedDatagramPort", "Connector", "DatagramPort", "Port", "Server"]

_log = Logger()

#: Where the kernel has it: descriptors that arrive are closed when a program is executed.
_NOT_FOR_CHILDREN = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
_INT = struct.calcsize("i")
#: The kernel passes at most this many descriptors at a time (SCM_MAX_FD).
_MAX_DESCRIPTORS = 253


class _DescriptorPassing(tcp.Connection):
    """The part of a UNIX stream that passes descriptors.

    They travel with bytes: the kernel delivers them with the first byte that was sent
    along, so they wait here for the next one.
    """

    __slots__ = ()

    _descriptors: deque[int]

    def sendFileDescriptor(self, fileno: int) -> None:
        """Pass a descriptor along with the next byte that is written.

        Keep it open until then.
        """
        self._descriptors.append(fileno)

    def doWrite(self) -> Reason | None:
        """Send what is queued; see `FileDescriptor.doWrite`."""
        if self._descriptors:
            # Not the short way of a connection, which knows of nothing but bytes.
            return FileDescriptor.doWrite(self)
        return super().doWrite()

    def _writeSeveral(self) -> int | Exception:
        if self._descriptors:
            return FileDescriptor._writeSeveral(self)
        return super()._writeSeveral()

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        """Send what the kernel takes, and the descriptors that wait."""
        passed = list(self._descriptors)[:_MAX_DESCRIPTORS]
        try:
            if not passed:
                return self.socket.send(data)
            packed = struct.pack(f"{len(passed)}i", *passed)
            sent = self.socket.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)])
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as e:
            return 0 if e.errno == errno.ENOBUFS else main.CONNECTION_LOST
        for _ in passed:
            self._descriptors.popleft()
        return sent

    def doRead(self) -> Reason | None:
        """Give the protocol what has arrived: descriptors, then bytes."""
        try:
            data, ancillary, _, _ = self.socket.recvmsg(
                self.bufferSize, socket.CMSG_SPACE(_MAX_DESCRIPTORS * _INT), _NOT_FOR_CHILDREN
            )
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return main.CONNECTION_LOST
        if ancillary:
            self._descriptorsReceived(ancillary)
        if data:
            self.protocol.dataReceived(data)
            return None
        return main.CONNECTION_DONE

    def _descriptorsReceived(self, ancillary: list[tuple[int, int, bytes]]) -> None:
        received: deque[int] = deque()
        for level, kind, packed in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                count = len(packed) // _INT
                received.extend(struct.unpack(f"{count}i", packed[: count * _INT]))
        wanted = IFileDescriptorReceiver.providedBy(self.protocol)
        if received and not wanted:
            _log.warn(
                "{protocol} does not provide IFileDescriptorReceiver; "
                "closing {count} file descriptors that its peer has sent.",
                protocol=self.protocol,
                count=len(received),
            )
        try:
            while received and wanted:
                # Ours until the protocol is called, so that none is lost when it raises.
                self.protocol.fileDescriptorReceived(received.popleft())
        finally:
            for fd in received:
                os.close(fd)

    def getTcpNoDelay(self) -> bool:
        """False: there is no TCP here."""
        return False

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Nothing: a UNIX socket never delays."""


@implementer(IUNIXTransport)
class Server(_DescriptorPassing, tcp.Server):
    """A connection that a UNIX port has accepted; arguments as for `tcp.Server`."""

    def __init__(
        self,
        sock: socket.socket,
        protocol: Any,
        client: Any,
        server: IListeningPort | None,
        sessionno: int,
        reactor: TransportReactor | None,
    ) -> None:
        self._descriptors = deque()
        super().__init__(sock, protocol, client, server, sessionno, reactor)

    @staticmethod
    def _peerOf(address: Any) -> IAddress:
        return UNIXAddress(address or None)

    def getHost(self) -> UNIXAddress:
        """The address of the port."""
        if self._hostAddress is None:
            self._hostAddress = self.socket.getsockname()
        return UNIXAddress(self._hostAddress or None)  # type: ignore[arg-type]  # no tuple here

    def getPeer(self) -> UNIXAddress:
        """The address of the client, which seldom has one."""
        return UNIXAddress(self.client or None)  # type: ignore[arg-type]  # no tuple here

    @property
    def logstr(self) -> str:
        """The protocol, and which connection of the port this is."""
        return f"{type(self.protocol).__name__},{self.sessionno},"


def _removeStaleSocket(path: str | bytes) -> None:
    """Remove a socket that nobody listens on; anything else in its place is left alone."""
    try:
        if stat.S_ISSOCK(os.stat(path).st_mode):
            os.remove(path)
    except OSError:
        pass


def _isAbstract(path: str | bytes) -> bool:
    return os.fsencode(path)[:1] == b"\0"


class Port(tcp.Port):
    """A UNIX socket that accepts connections.

    Args:
        fileName: its path; one that begins with NUL is in the abstract namespace.
        factory: builds a protocol for each connection.
        backlog: how many connections may wait to be accepted.
        mode: the permissions of the socket's file.
        reactor: who watches.
        wantPID: keep a lock file beside it, so that a socket that a dead process left
            behind is replaced, and one of a live process is not.
    """

    addressFamily = socket.AF_UNIX
    socketType = socket.SOCK_STREAM
    transport: ClassVar[type[tcp.Server]] = Server
    lockFile: FilesystemLock | None = None

    def __init__(
        self,
        fileName: str | bytes,
        factory: IProtocolFactory,
        backlog: int = 50,
        mode: int = 0o666,
        reactor: TransportReactor | None = None,
        wantPID: bool = False,
    ) -> None:
        super().__init__(0, factory, backlog, "", reactor)
        self.port = fileName
        self.mode = mode
        self.wantPID = wantPID
        self._bound: str | bytes | None = None

    @classmethod
    def _fromListeningDescriptor(
        cls, reactor: TransportReactor, fd: int, addressFamily: int, factory: IProtocolFactory
    ) -> Port:
        adopted = socket.fromfd(fd, addressFamily, cls.socketType)
        adopted.setblocking(False)
        port = cls(adopted.getsockname(), factory, reactor=reactor)
        port._adopted = adopted
        return port

    def createInternetSocket(self) -> socket.socket:
        """A new socket of the family and type, which does not block."""
        return super(tcp.Port, self).createInternetSocket()

    def _listeningSocket(self) -> socket.socket:
        path = self.port
        if self.wantPID and not _isAbstract(path):
            lock = FilesystemLock(os.fsdecode(path) + ".lock")
            if not lock.lock():
                raise OSError(errno.EADDRINUSE, "another process listens on this socket")
            if not lock.clean:
                # Its owner has died without a word, and has left the socket behind.
                _removeStaleSocket(path)
            self.lockFile = lock
        try:
            return self._boundSocket(path)
        except BaseException:
            self._unlock()
            raise

    def _boundSocket(self, path: str | bytes) -> socket.socket:
        created = self.createInternetSocket()
        try:
            created.bind(path)
            if not _isAbstract(path):
                self._bound = path
                os.chmod(path, self.mode)
            created.listen(self.backlog)
        except BaseException:
            created.close()
            self._removeFile()
            raise
        return created

    def _removeFile(self) -> None:
        bound, self._bound = self._bound, None
        if bound is not None:
            _removeStaleSocket(bound)

    def _unlock(self) -> None:
        lock, self.lockFile = self.lockFile, None
        if lock is not None:
            lock.unlock()

    def _buildAddr(self, address: Any) -> IAddress:
        return Server._peerOf(address)

    def _where(self) -> str:
        return repr(self.port)

    def connectionLost(self, reason: Failure) -> None:
        """Close the socket, and remove its file and lock."""
        if self.socket is None:
            return
        self._removeFile()
        self._unlock()
        super().connectionLost(reason)

    def getHost(self) -> UNIXAddress:
        """The address on which the port listens."""
        if self.socket is None:
            return UNIXAddress(self.port)
        return UNIXAddress(self.socket.getsockname() or None)


@implementer(IUNIXTransport)
class Client(_DescriptorPassing, tcp.BaseClient):
    """A connection that we make to a UNIX socket.

    Args:
        filename: the socket's path.
        connector: hears how the attempt ended.
        reactor: who watches.
        checkPID: fail at once unless a live process holds the socket's lock file.
    """

    addressFamily = socket.AF_UNIX
    socketType = socket.SOCK_STREAM

    def __init__(
        self,
        filename: str | bytes,
        connector: Any,
        reactor: TransportReactor | None = None,
        checkPID: bool = False,
    ) -> None:
        self._descriptors = deque()
        self._path = filename
        self._checkPID = checkPID
        super().__init__(connector, reactor)

    def _start(self) -> None:
        if self._checkPID and not isLocked(os.fsdecode(self._path) + ".lock"):
            self.failIfNotConnected(
                error.BadFileError(string=f"no live process listens on {self._path!r}")
            )
            return
        self._connectTo(self._path, None, os.fsdecode(self._path))

    def getPeer(self) -> UNIXAddress:
        """The address of the server."""
        return UNIXAddress(self._path)

    def getHost(self) -> UNIXAddress:
        """Our own address; a client has none."""
        return UNIXAddress(None)

    @property
    def logstr(self) -> str:
        """The protocol, and that we are its client."""
        return f"{type(self.protocol).__name__},client"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self._path!r}>"


class Connector(BaseConnector):
    """A UNIX socket, and a factory's connections to it.

    Args:
        address: its path.
        factory: builds the protocol, and hears how it ended.
        timeout: seconds to wait for a connection.
        reactor: who watches.
        checkPID: fail at once unless a live process holds the socket's lock file.
    """

    def __init__(
        self,
        address: str | bytes,
        factory: IProtocolFactory,
        timeout: float | None,
        reactor: Any,
        checkPID: bool,
    ) -> None:
        super().__init__(factory, timeout, reactor)
        self.address = address
        self.checkPID = checkPID

    def _makeTransport(self) -> Client:
        return Client(self.address, self, self.reactor, self.checkPID)

    def getDestination(self) -> UNIXAddress:
        """The address of the socket."""
        return UNIXAddress(self.address)


@implementer(IUNIXDatagramTransport)
class DatagramPort(udp.Port):
    """A UNIX datagram socket, and the protocol that it serves.

    Args:
        addr: its path, or None for a socket that only sends.
        proto: is given what arrives.
        maxPacketSize: bytes; what a datagram has more is lost.
        mode: the permissions of the socket's file.
        reactor: who watches.
    """

    addressFamily = socket.AF_UNIX

    def __init__(
        self,
        addr: str | bytes | None,
        proto: AbstractDatagramProtocol,
        maxPacketSize: int = 8192,
        mode: int = 0o666,
        reactor: TransportReactor | None = None,
    ) -> None:
        super().__init__(0, proto, "", maxPacketSize, reactor)
        self.port = addr
        self.mode = mode

    def setLogStr(self) -> None:
        """Fix who this is in the log, after the protocol has been set."""
        super().setLogStr()
        self.logstr = self.logstr.replace("(UDP)", "(UDP, UNIX)")

    def _boundSocket(self) -> socket.socket:
        created = self.createInternetSocket()
        if self.port:
            try:
                created.bind(self.port)
                if not _isAbstract(self.port):
                    os.chmod(self.port, self.mode)
            except BaseException:
                created.close()
                raise
        return created

    def _bound(self) -> None:
        self._logEvent(f"starting on {self.port!r}")

    def _where(self) -> str:
        return repr(self.port)

    def write(self, datagram: bytes, address: str | bytes) -> int | None:  # type: ignore[override]
        """Send a datagram to the socket at the path `address`; see `udp.Port.write`."""
        return self._send(bytesToSend(datagram), address)

    def _send(self, datagram: bytes, address: str | bytes | None) -> int | None:
        sock = self._open()
        try:
            return sock.send(datagram) if address is None else sock.sendto(datagram, address)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as e:
            if e.errno == errno.ENOBUFS:
                # The receiver is slow; a datagram may be lost.
                return None
            self._notSent(e)
            return None

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Close the socket, remove its file, and stop the protocol."""
        if self.socket is not None and self.port and not _isAbstract(self.port):
            _removeStaleSocket(self.port)
        super().connectionLost(reason)

    def getHost(self) -> UNIXAddress:  # type: ignore[override]
        """The address on which the port receives."""
        return UNIXAddress(self._open().getsockname() or None)


@implementer(IUNIXDatagramConnectedTransport)
class ConnectedDatagramPort(DatagramPort):
    """A UNIX datagram socket that exchanges datagrams with one other.

    Args:
        addr: the path of the other.
        proto: is given what arrives.
        maxPacketSize: bytes; what a datagram has more is lost.
        mode: the permissions of our socket's file.
        bindAddress: the path of ours, or None if it needs no answers.
        reactor: who watches.
    """

    def __init__(
        self,
        addr: str | bytes,
        proto: Any,
        maxPacketSize: int = 8192,
        mode: int = 0o666,
        bindAddress: str | bytes | None = None,
        reactor: TransportReactor | None = None,
    ) -> None:
        super().__init__(bindAddress, proto, maxPacketSize, mode, reactor)
        self.remoteaddr = addr

    def startListening(self) -> None:
        """Bind, connect, and start the protocol; its `connectionFailed` hears if that fails."""
        try:
            self.socket = self._boundSocket()
            self.socket.connect(self.remoteaddr)
        except OSError as e:
            self.connectionFailed(Failure(error.getConnectError(e, self.remoteaddr)))
            return
        self._connectedAddr = (self.remoteaddr,)
        self._serve()

    def connectionFailed(self, reason: Failure) -> None:
        """The other socket is not there."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None
        self.protocol.connectionFailed(reason)

    def doRead(self) -> None:
        """Give the protocol what has arrived."""
        received = 0
        while received < self.maxThroughput and self.socket is not None:
            try:
                data = self.socket.recv(self.maxPacketSize)
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionRefusedError:
                self._refused()
                return
            received += len(data)
            try:
                self.protocol.datagramReceived(data)
            except BaseException:
                reportBug(f"Unhandled error in datagramReceived of {self.protocol!r}")

    def write(self, data: bytes) -> int | None:  # type: ignore[override]
        """Send a datagram to the other socket; see `udp.Port.write`."""
        return self._send(bytesToSend(data), None)

    def getPeer(self) -> UNIXAddress:
        """The address of the other socket."""
        return UNIXAddress(self.remoteaddr)
