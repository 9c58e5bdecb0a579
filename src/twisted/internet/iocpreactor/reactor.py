"""The reactor on Windows' I/O completion ports; chapter 3.9.4.

It has TCP, TLS, timers and threads, and neither datagrams nor processes nor descriptors of others:
for those, install the select reactor.
"""

from __future__ import annotations

import socket
import sys
from typing import Any, cast

from zope.interface import classImplementsOnly

from twisted.internet import tcp
from twisted.internet._socketwaker import SocketWaker
from twisted.internet.base import BasePort
from twisted.internet.interfaces import (
    IProtocol,
    IReactorCore,
    IReactorPluggableNameResolver,
    IReactorPluggableResolver,
    IReactorSSL,
    IReactorTCP,
    IReactorThreads,
    IReactorTime,
    IReadDescriptor,
    IWriteDescriptor,
)
from twisted.internet.iocpreactor._completions import CompletionMultiplexer, Proactor
from twisted.internet.main import installReactor
from twisted.internet.posixbase import PosixReactorBase

if sys.platform == "win32":
    from asyncio import IocpProactor

__all__ = ["IOCPReactor", "install"]

#: For Windows, where SO_REUSEADDR lets others have the address that we have.
_EXCLUSIVE = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)


class _Server(tcp.Server):
    """A connection that a port has accepted."""

    __slots__ = ()

    def __init__(
        self,
        sock: socket.socket,
        protocol: IProtocol,
        client: tuple[Any, ...],
        server: Any,
        sessionno: int,
        reactor: Any,
    ) -> None:
        face: Any = reactor._completions.face(sock)
        super().__init__(face, protocol, client, server, sessionno, reactor)


class _Port(tcp.Port):
    """A port whose sockets are of the completion port."""

    transport = _Server

    def createInternetSocket(self) -> socket.socket:
        if _EXCLUSIVE is None:
            created = super().createInternetSocket()
        else:
            created = BasePort.createInternetSocket(self)
            created.setsockopt(socket.SOL_SOCKET, _EXCLUSIVE, 1)
        face: Any = self.reactor._completions.face(created)
        return face  # type: ignore[no-any-return]  # it has the methods of one


class _Client(tcp.Client):
    """A connection that we make."""

    def createInternetSocket(self) -> socket.socket:
        face: Any = self.reactor._completions.face(super().createInternetSocket())
        return face  # type: ignore[no-any-return]  # it has the methods of one


class _Connector(tcp.Connector):
    """A server that we connect to."""

    def _makeTransport(self) -> _Client:
        return _Client(self.host, self.port, self.bindAddress, self, self.reactor)


class IOCPReactor(PosixReactorBase):
    """A reactor on a completion port.

    Args:
        proactor: an `asyncio.IocpProactor`, or something like it, which becomes the reactor's; by
            default a new one.

    Raises:
        ImportError: this is not Windows.
    """

    _tcpPort = _Port
    _tcpConnector = _Connector

    def __init__(self, proactor: Proactor | None = None) -> None:
        self._completions = CompletionMultiplexer(proactor or _platformProactor())
        super().__init__()

    def _makeMultiplexer(self) -> CompletionMultiplexer:
        return self._completions

    def installWaker(self) -> None:
        """Make the sockets that end the wait, and watch one of them."""
        if self.waker is None:
            self.waker = SocketWaker(self, self._completions.face)
        self.addReader(self.waker)

    def _release(self) -> None:
        super()._release()
        self._completions.close()

    def addReader(self, reader: IReadDescriptor) -> None:
        """Watch one of our own sockets."""
        self._needOurs(reader)
        super().addReader(reader)

    def addWriter(self, writer: IWriteDescriptor) -> None:
        """Watch one of our own sockets."""
        self._needOurs(writer)
        super().addWriter(writer)

    def _needOurs(self, descriptor: Any) -> None:
        if not self._completions.is_ours(descriptor.fileno()):
            raise ValueError(
                f"{descriptor!r} cannot be watched: IOCPReactor knows the TCP sockets that it has "
                "made itself, and nothing else; install the select reactor instead"
            )


classImplementsOnly(
    IOCPReactor,
    IReactorCore,
    IReactorTime,
    IReactorThreads,
    IReactorTCP,
    IReactorSSL,
    IReactorPluggableResolver,
    IReactorPluggableNameResolver,
)


def _platformProactor() -> Proactor:
    if sys.platform == "win32":
        # It takes a timeout with fractions, whatever is written about it.
        return cast(Proactor, IocpProactor())
    raise ImportError(
        f"I/O completion ports are of Windows, and this is {sys.platform}: "
        "install the epoll, kqueue or select reactor instead"
    )


def install() -> None:
    """Make an `IOCPReactor` the reactor of this process.

    Raises:
        ImportError: this is not Windows.
    """
    installReactor(IOCPReactor())
