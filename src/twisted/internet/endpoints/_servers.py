"""Endpoints that listen: at TCP ports, at UNIX sockets, at what is open already."""

from __future__ import annotations

import os
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred, execute
from twisted.internet.error import AlreadyListened
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.internet.stdio import StandardIO

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages

#: How many connections may wait to be accepted.
BACKLOG = 50


@implementer(IStreamServerEndpoint)
class _TCPServerEndpoint:
    """A TCP port of ours.

    Args:
        reactor: has `listenTCP`.
        port: the number; 0 for any that is free.
        backlog: how many connections may wait to be accepted.
        interface: the local address; "" for all of IPv4, "::" for all.
    """

    def __init__(self, reactor: Any, port: int, backlog: int, interface: str) -> None:
        self._reactor = reactor
        self._port = port
        self._backlog = backlog
        self._interface = interface

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        return execute(
            self._reactor.listenTCP,
            self._port,
            protocolFactory,
            backlog=self._backlog,
            interface=self._interface,
        )


class TCP4ServerEndpoint(_TCPServerEndpoint):
    """A TCP port of ours, with IPv4.

    Args:
        reactor: has `listenTCP`.
        port: the number; 0 for any that is free.
        backlog: how many connections may wait to be accepted.
        interface: the local address; "" for all.
    """

    def __init__(
        self, reactor: Any, port: int, backlog: int = BACKLOG, interface: str = ""
    ) -> None:
        super().__init__(reactor, port, backlog, interface)


class TCP6ServerEndpoint(_TCPServerEndpoint):
    """A TCP port of ours, with IPv6.

    Args:
        reactor: has `listenTCP`.
        port: the number; 0 for any that is free.
        backlog: how many connections may wait to be accepted.
        interface: the local address; "::" for all.
    """

    def __init__(
        self, reactor: Any, port: int, backlog: int = BACKLOG, interface: str = "::"
    ) -> None:
        super().__init__(reactor, port, backlog, interface)


@implementer(IStreamServerEndpoint)
class SSL4ServerEndpoint:
    """A TCP port of ours that speaks TLS.

    Args:
        reactor: has `listenSSL`.
        port: the number; 0 for any that is free.
        sslContextFactory: makes the context, with key and certificate.
        backlog: how many connections may wait to be accepted.
        interface: the local address; "" for all.
        handshakeTimeout: seconds that a client has to agree; the reactor's own limit by default.
    """

    def __init__(
        self,
        reactor: Any,
        port: int,
        sslContextFactory: Any,
        backlog: int = BACKLOG,
        interface: str = "",
        handshakeTimeout: float | None = None,
    ) -> None:
        self._reactor = reactor
        self._port = port
        self._sslContextFactory = sslContextFactory
        self._backlog = backlog
        self._interface = interface
        # Reactors of others need not know of it.
        self._limits = {} if handshakeTimeout is None else {"handshakeTimeout": handshakeTimeout}

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        return execute(
            self._reactor.listenSSL,
            self._port,
            protocolFactory,
            contextFactory=self._sslContextFactory,
            backlog=self._backlog,
            interface=self._interface,
            **self._limits,
        )


@implementer(IStreamServerEndpoint)
class UNIXServerEndpoint:
    """A UNIX socket of ours.

    Args:
        reactor: has `listenUNIX`.
        address: the path.
        backlog: how many connections may wait to be accepted.
        mode: the permissions of the socket.
        wantPID: whether to hold a lock file, by which a socket that was left behind is found.
    """

    def __init__(
        self,
        reactor: Any,
        address: str | bytes,
        backlog: int = BACKLOG,
        mode: int = 0o666,
        wantPID: bool = False,
    ) -> None:
        self._reactor = reactor
        self._address = address
        self._backlog = backlog
        self._mode = mode
        self._wantPID = wantPID

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        return execute(
            self._reactor.listenUNIX,
            self._address,
            protocolFactory,
            backlog=self._backlog,
            mode=self._mode,
            wantPID=self._wantPID,
        )


@implementer(IStreamServerEndpoint)
class AdoptedStreamServerEndpoint:
    """A socket that listens already, opened by somebody else.

    Args:
        reactor: has `adoptStreamPort`.
        fileno: the descriptor; it is this endpoint's from now on, which closes it once the
            reactor has a duplicate.
        addressFamily: such as ``socket.AF_INET6``.
    """

    def __init__(self, reactor: Any, fileno: int, addressFamily: int) -> None:
        self.reactor = reactor
        self.fileno = fileno
        self.addressFamily = addressFamily
        self._used = False

    def listen(self, factory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`.

        Returns:
            Fires with the port. Fails with `AlreadyListened` when this was called before.
        """
        return execute(self._adopt, factory)

    def _adopt(self, factory: IProtocolFactory) -> IListeningPort:
        if self._used:
            raise AlreadyListened(
                f"The descriptor {self.fileno} has been adopted before, and closed: it can be "
                "listened on once."
            )
        os.set_blocking(self.fileno, False)
        port: IListeningPort = self.reactor.adoptStreamPort(
            self.fileno, self.addressFamily, factory
        )
        self._used = True
        os.close(self.fileno)
        return port


@implementer(IStreamServerEndpoint)
class StandardIOEndpoint:
    """Standard input and output, as the only connection that there will be.

    Args:
        reactor: watches them.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def listen(self, stdioProtocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Connect standard input and output to a protocol, at once.

        Returns:
            Fires with the `twisted.internet.stdio.StandardIO`, which can be closed but is not
            a port.
        """
        return execute(self._connect, stdioProtocolFactory)

    def _connect(self, factory: IProtocolFactory) -> StandardIO:
        # There is no address.
        protocol: Any = factory.buildProtocol(None)  # type: ignore[arg-type]  # see above
        return StandardIO(protocol, reactor=self._reactor)
