"""The reactor of systems with POSIX sockets: all of it, but for the multiplexer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet import tcp, udp, unix
from twisted.internet._descriptors import DescriptorSet
from twisted.internet._multiplexers import Multiplexer
from twisted.internet._tls._layer import HANDSHAKE_TIMEOUT
from twisted.internet._tls._secured import TLSFactory
from twisted.internet._waker import Waker
from twisted.internet.base import ReactorBase
from twisted.internet.error import UnsupportedAddressFamily
from twisted.internet.interfaces import (
    IProcessProtocol,
    IProcessTransport,
    IProtocolFactory,
    IReactorFDSet,
    IReactorMulticast,
    IReactorProcess,
    IReactorSocket,
    IReactorSSL,
    IReactorTCP,
    IReactorUDP,
    IReactorUNIX,
    IReactorUNIXDatagram,
    IReadDescriptor,
    IWriteDescriptor,
)
from twisted.internet.process import Process, PTYProcess
from twisted.internet.protocol import AbstractDatagramProtocol

__all__ = ["PosixReactorBase"]

_STREAM_PORTS: dict[int, type[tcp.Port]] = {
    socket.AF_INET: tcp.Port,
    socket.AF_INET6: tcp.Port,
    socket.AF_UNIX: unix.Port,
}

_EMPTY: Mapping[str, str] = MappingProxyType({})


@implementer(
    IReactorFDSet,
    IReactorTCP,
    IReactorSSL,
    IReactorUNIX,
    IReactorUDP,
    IReactorMulticast,
    IReactorUNIXDatagram,
    IReactorSocket,
    IReactorProcess,
)
class PosixReactorBase(ReactorBase):
    """A reactor over the multiplexer that a subclass names in `multiplexer`.

    A subclass that has no multiplexer, because some other loop watches for it, overrides
    `doIteration` and the methods of `IReactorFDSet`.
    """

    multiplexer: ClassVar[Callable[[], Multiplexer] | None] = None
    # What listens and connects: others where sockets are not the system's own.
    _tcpPort: ClassVar[type[tcp.Port]] = tcp.Port
    _tcpConnector: ClassVar[type[tcp.Connector]] = tcp.Connector
    _descriptors: DescriptorSet

    def __init__(self) -> None:
        multiplexer = self._makeMultiplexer()
        if multiplexer is not None:
            self._descriptors = DescriptorSet(multiplexer, self._disconnect)
        super().__init__()
        if multiplexer is not None and self._watchesAll():
            self._watchNoMore = self._descriptors.remove

    def _makeMultiplexer(self) -> Multiplexer | None:
        make = type(self).multiplexer
        return None if make is None else make()

    def _watchesAll(self) -> bool:
        """Whether no subclass has descriptors watched by somebody else."""
        kind = type(self)
        return (
            kind.removeReader is PosixReactorBase.removeReader
            and kind.removeWriter is PosixReactorBase.removeWriter
        )

    def installWaker(self) -> None:
        """Make the pipe that ends the wait, and watch it."""
        if self.waker is None:
            self.waker = Waker(self)
        self.addReader(self.waker)

    def _release(self) -> None:
        super()._release()
        if type(self).multiplexer is not None:
            self._descriptors.close()

    def _readSoon(self, reader: IReadDescriptor) -> None:
        """Read what has just connected, before the kernel is asked to watch it."""
        if type(self).multiplexer is not None:
            self._descriptors.readSoon(reader)

    def doIteration(self, delay: float | None) -> None:
        """Wait, at most `delay` seconds (None: for ever), and call who is ready."""
        self._descriptors.turn(delay)

    # IReactorFDSet

    def addReader(self, reader: IReadDescriptor) -> None:
        """Watch a reader; see `IReactorFDSet`."""
        self._descriptors.addReader(reader)

    def addWriter(self, writer: IWriteDescriptor) -> None:
        """Watch a writer; see `IReactorFDSet`."""
        self._descriptors.addWriter(writer)

    def removeReader(self, reader: IReadDescriptor) -> None:
        """Watch a reader no more; see `IReactorFDSet`."""
        self._descriptors.removeReader(reader)

    def removeWriter(self, writer: IWriteDescriptor) -> None:
        """Watch a writer no more; see `IReactorFDSet`."""
        self._descriptors.removeWriter(writer)

    def getReaders(self) -> list[IReadDescriptor]:
        """All readers, the waker included."""
        return self._descriptors.readers()

    def getWriters(self) -> list[IWriteDescriptor]:
        """All writers."""
        return self._descriptors.writers()

    def removeAll(self) -> list[IReadDescriptor | IWriteDescriptor]:
        """Watch nothing but the waker; returns what was watched."""
        removed: dict[int, IReadDescriptor | IWriteDescriptor] = {}
        for reader in self.getReaders():
            if reader is not self.waker:
                self.removeReader(reader)
                removed[id(reader)] = reader
        for writer in self.getWriters():
            self.removeWriter(writer)
            removed[id(writer)] = writer
        return list(removed.values())

    # IReactorTCP

    def listenTCP(
        self, port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = ""
    ) -> tcp.Port:
        """Accept TCP connections; see `IReactorTCP`."""
        listening = self._tcpPort(port, factory, backlog, interface, self)
        listening.startListening()
        return listening

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: IProtocolFactory,
        timeout: float | None = 30.0,
        bindAddress: tuple[str, int] | None = None,
    ) -> tcp.Connector:
        """Connect to a TCP server; see `IReactorTCP`."""
        connector = self._tcpConnector(host, port, factory, timeout, bindAddress, self)
        connector.connect()
        return connector

    # IReactorSSL

    def listenSSL(
        self,
        port: int,
        factory: IProtocolFactory,
        contextFactory: Any,
        backlog: int = 50,
        interface: str = "",
        handshakeTimeout: float | None = HANDSHAKE_TIMEOUT,
    ) -> tcp.Port:
        """Accept TLS connections; see `IReactorSSL`.

        A client that takes more than `handshakeTimeout` seconds to agree is disconnected.
        """
        secured = TLSFactory(factory, contextFactory, False, None, handshakeTimeout)
        return self.listenTCP(port, secured, backlog, interface)

    def connectSSL(
        self,
        host: str,
        port: int,
        factory: IProtocolFactory,
        contextFactory: Any,
        timeout: float | None = 30.0,
        bindAddress: tuple[str, int] | None = None,
        handshakeTimeout: float | None = HANDSHAKE_TIMEOUT,
    ) -> tcp.Connector:
        """Connect to a TLS server; see `IReactorSSL`.

        `timeout` is for the connection; TLS has `handshakeTimeout` seconds after that.
        """
        secured = TLSFactory(factory, contextFactory, True, host, handshakeTimeout)
        return self.connectTCP(host, port, secured, timeout, bindAddress)

    # IReactorUNIX

    def listenUNIX(
        self,
        address: str | bytes,
        factory: IProtocolFactory,
        backlog: int = 50,
        mode: int = 0o666,
        wantPID: bool = False,
    ) -> unix.Port:
        """Accept connections on a UNIX socket; see `IReactorUNIX`."""
        listening = unix.Port(address, factory, backlog, mode, self, wantPID)
        listening.startListening()
        return listening

    def connectUNIX(
        self,
        address: str | bytes,
        factory: IProtocolFactory,
        timeout: float | None = 30,
        checkPID: bool = False,
    ) -> unix.Connector:
        """Connect to a UNIX socket; see `IReactorUNIX`."""
        connector = unix.Connector(address, factory, timeout, self, checkPID)
        connector.connect()
        return connector

    # IReactorUNIXDatagram

    def listenUNIXDatagram(
        self,
        address: str | bytes | None,
        protocol: AbstractDatagramProtocol,
        maxPacketSize: int = 8192,
        mode: int = 0o666,
    ) -> unix.DatagramPort:
        """Receive datagrams on a UNIX socket; see `IReactorUNIXDatagram`."""
        listening = unix.DatagramPort(address, protocol, maxPacketSize, mode, self)
        listening.startListening()
        return listening

    def connectUNIXDatagram(
        self,
        address: str | bytes,
        protocol: AbstractDatagramProtocol,
        maxPacketSize: int = 8192,
        mode: int = 0o666,
        bindAddress: str | bytes | None = None,
    ) -> unix.ConnectedDatagramPort:
        """Exchange datagrams with one UNIX socket; see `IReactorUNIXDatagram`."""
        connected = unix.ConnectedDatagramPort(
            address, protocol, maxPacketSize, mode, bindAddress, self
        )
        connected.startListening()
        return connected

    # IReactorUDP and IReactorMulticast

    def listenUDP(
        self,
        port: int,
        protocol: AbstractDatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,
    ) -> udp.Port:
        """Receive UDP datagrams; see `IReactorUDP`."""
        listening = udp.Port(port, protocol, interface, maxPacketSize, self)
        listening.startListening()
        return listening

    def listenMulticast(
        self,
        port: int,
        protocol: AbstractDatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,
        listenMultiple: bool = False,
    ) -> udp.MulticastPort:
        """Receive UDP datagrams, those sent to groups included; see `IReactorMulticast`."""
        listening = udp.MulticastPort(
            port, protocol, interface, maxPacketSize, self, listenMultiple
        )
        listening.startListening()
        return listening

    # IReactorProcess

    def spawnProcess(
        self,
        processProtocol: IProcessProtocol,
        executable: str | bytes,
        args: Sequence[str | bytes] = (),
        env: Mapping[str, str] | Mapping[bytes, bytes] | None = _EMPTY,
        path: str | bytes | None = None,
        uid: int | None = None,
        gid: int | None = None,
        usePTY: bool | tuple[int, int, str | bytes] = False,
        childFDs: Mapping[int, int | str] | None = None,
    ) -> IProcessTransport:
        """Start a program; see `IReactorProcess`."""
        if not usePTY:
            return Process(self, executable, args, env, path, processProtocol, uid, gid, childFDs)
        if childFDs is not None:
            raise ValueError("a child on a terminal has no other descriptors: childFDs and usePTY")
        return PTYProcess(self, executable, args, env, path, processProtocol, uid, gid, usePTY)

    # IReactorSocket

    def adoptStreamPort(
        self, fileDescriptor: int, addressFamily: int, factory: IProtocolFactory
    ) -> tcp.Port:
        """Accept connections on a socket that listens already; see `IReactorSocket`."""
        kind = _streamPort(addressFamily)
        adopted = kind._fromListeningDescriptor(self, fileDescriptor, addressFamily, factory)
        adopted.startListening()
        return adopted

    def adoptStreamConnection(
        self, fileDescriptor: int, addressFamily: int, factory: IProtocolFactory
    ) -> tcp.Server | None:
        """Serve a socket that is connected already; see `IReactorSocket`."""
        kind = _streamPort(addressFamily).transport
        return kind._fromConnectedSocket(fileDescriptor, addressFamily, factory, self)

    def adoptDatagramPort(
        self,
        fileDescriptor: int,
        addressFamily: int,
        protocol: AbstractDatagramProtocol,
        maxPacketSize: int = 8192,
    ) -> udp.Port:
        """Receive datagrams on a socket that is bound already; see `IReactorSocket`."""
        if addressFamily not in (socket.AF_INET, socket.AF_INET6):
            raise UnsupportedAddressFamily(addressFamily)
        adopted = udp.Port._fromListeningDescriptor(
            self, fileDescriptor, addressFamily, protocol, maxPacketSize
        )
        adopted.startListening()
        return adopted


def _streamPort(addressFamily: int) -> type[tcp.Port]:
    if addressFamily not in _STREAM_PORTS:
        raise UnsupportedAddressFamily(addressFamily)
    return _STREAM_PORTS[addressFamily]
