"""Connected stream sockets."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Callable
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet import error, main
from twisted.internet._bugs import reportBug
from twisted.internet._reactor import TransportReactor
from twisted.internet._tls._layer import HANDSHAKE_TIMEOUT
from twisted.internet._tls._secured import startTLS
from twisted.internet.abstract import CLOSE, STAY_OPEN, FileDescriptor, Reason
from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IListeningPort,
    IProtocol,
    IProtocolFactory,
    ISystemHandle,
    ITLSTransport,
)
from twisted.internet.tcp._addresses import tcpAddress
from twisted.python.failure import Failure

__name__ = "twisted.internet.tcp"  # the public path, for pickles and messages

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # struct linger: on, no seconds

#: Where the kernel has it: what is sent now may wait for what comes at once.
_MORE_FOLLOWS = getattr(socket, "MSG_MORE", 0)
_sendfile: Callable[[int, int, int, int], int] | None = getattr(os, "sendfile", None)
_MAX_PIECES = 1024  # UIO_MAXIOV, which is the same on all systems that say so
_LARGE_PIECE = 4096


@implementer(ITLSTransport, ISystemHandle)
class Connection(FileDescriptor):
    """A connected stream socket, and the protocol that it serves.

    Args:
        skt: the socket.
        protocol: is given what arrives.
        reactor: who watches; the installed one by default.
    """

    __slots__ = ("_hostAddress", "_readClosed", "protocol", "socket")

    _isClient: ClassVar[bool] = False
    #: Whether the connection is under TLS.
    TLS: ClassVar[bool] = False

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

    def doWrite(self) -> Reason | None:
        """Send what is queued; see `FileDescriptor.doWrite`."""
        # Benchmark tcp-echo: one piece, which the kernel takes whole, and nothing to do
        # afterwards, without the calls that all other cases need.
        queue = self._queue
        flow = self._flow
        if len(queue) != 1 or self._awaitsWritable or self._ending is not STAY_OPEN:
            return super().doWrite()
        if flow is not None and (flow.paused or not flow.streaming):
            return super().doWrite()
        data = queue[0]
        try:
            sent = self.socket.send(data)
        except OSError:
            # Found out again, by what knows what each of them means.
            return super().doWrite()
        if sent == len(data):
            queue.clear()
            if flow is not None:
                flow.queued = 0
        else:
            self._forget(sent)
            self.startWriting()
        return None

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        """Send what the kernel takes; see `FileDescriptor.writeSomeData`."""
        try:
            if self._ending is CLOSE:
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

    def sendFile(self, fileno: int, offset: int, count: int) -> int | None:
        """Send part of a file now, without reading it into the program.

        This is for a pull producer, in its `resumeProducing`: when the rest can be sent, it is
        called again.

        Args:
            fileno: the descriptor of a regular file.
            offset: where the part begins.
            count: how many bytes it has.

        Returns:
            How many of them were sent, from 0; None if this cannot be done (under TLS, on this
            system, with this file or connection), so that they are to be read and written; -1 if
            the file has ended.
        """
        if self.TLS or _sendfile is None:
            return None
        if self._queue[:1] not in ([], [b""]) or not self._writable:
            return 0
        try:
            sent = _sendfile(self.socket.fileno(), fileno, offset, min(count, self.TURN_LIMIT))
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            # Not with this file, or the connection is lost, which writing will tell.
            return None
        else:
            if not sent:
                return -1
        if sent < count and not self._awaitsWritable:
            self.startWriting()
        return sent

    def resumeProducing(self) -> None:
        """Deliver again what the peer sends, unless it has said that there is no more."""
        if not self._readClosed:
            super().resumeProducing()

    def startTLS(
        self,
        contextFactory: Any,
        normal: bool = True,
        handshakeTimeout: float | None = HANDSHAKE_TIMEOUT,
    ) -> None:
        """Begin TLS now; see `ITLSTransport.startTLS`.

        Args:
            contextFactory: makes the TLS connection.
            normal: whether the side that has connected is the client of TLS too.
            handshakeTimeout: seconds that the handshake may take; None for ever.
        """
        startTLS(self, contextFactory, self._isClient is normal, handshakeTimeout)

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
        self._closeSocket(reset=reason.check(error.ConnectionAborted) is not None)
        protocol = self.protocol
        try:
            protocol.connectionLost(reason)
        finally:
            # The protocol knows the transport: one of the two must forget the other.
            self.protocol = None

    def _watchNoMore(self) -> None:
        # Benchmark tcp-accept: one call for both, where the reactor has one.
        drop = getattr(self.reactor, "_watchNoMore", None)
        if drop is None:
            super()._watchNoMore()
        else:
            self._awaitsWritable = False
            drop(self)

    def _closeSocket(self, reset: bool) -> None:
        try:
            if reset:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            else:
                # A child process may have inherited the socket; the peer must see the end.
                self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The peer was quicker, and there is nothing left to end.
            pass
        self.socket.close()

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
        server: IListeningPort | None,
        sessionno: int,
        reactor: TransportReactor | None,
    ) -> None:
        super().__init__(sock, protocol, reactor)
        self.client = client
        self.server = server
        self.sessionno = sessionno
        self.connected = True
        self.startReading()

    def getHost(self) -> IAddress:
        """The address of our end; once the connection is lost, that of the port."""
        if self._hostAddress is None and self.server is not None and not self.connected:
            # Protocols ask in `connectionLost`, and asking before each close is a system
            # call that few need.
            return self.server.getHost()
        return super().getHost()

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
