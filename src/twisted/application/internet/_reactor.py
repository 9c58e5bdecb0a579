"""A service for each ``listen...`` and ``connect...`` of a reactor, with the same arguments."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.application.internet._volatile import VolatileDataService
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, maybeDeferred

__name__ = "twisted.application.internet"  # the public path, for pickles and messages


class _OfReactor(VolatileDataService):
    """What goes by a method of the reactor.

    Args:
        args: what the method takes.
        reactor: whose method it is; the one of the process by default.
        kwargs: what the method takes.
    """

    #: The end of the method's name: the reactor has ``listenTCP`` and ``connectTCP``.
    method: ClassVar[str] = ""
    reactor: Any = None

    def __init__(self, *args: Any, reactor: Any = None, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs
        if reactor is not None:
            self.reactor = reactor

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(map(repr, self.args))}>"

    def _call(self, verb: str) -> Any:
        reactor = installedReactor() if self.reactor is None else self.reactor
        name = verb + self.method
        method = getattr(reactor, name, None)
        if method is None:
            raise RuntimeError(f"{type(reactor).__name__} has no {name}")
        return method(*self.args, **self.kwargs)


class _AbstractServer(_OfReactor):
    """A service that listens, from the time when the process has its privileges on."""

    volatile = ["_port"]
    _port: Any = None

    def privilegedStartService(self) -> None:
        """Listen."""
        super().privilegedStartService()
        self._port = self._listen()

    def startService(self) -> None:
        """Listen, unless that has begun already."""
        super().startService()
        if self._port is None:
            self._port = self._listen()

    def stopService(self) -> Deferred[Any] | None:
        """Listen no more.

        Returns:
            Fires when the port is closed; the connections made go on.
        """
        super().stopService()
        port, self._port = self._port, None
        return None if port is None else maybeDeferred(port.stopListening)

    def _listen(self) -> Any:
        return self._call("listen")


class TCPServer(_AbstractServer):
    """Listens as by ``reactor.listenTCP``."""

    method = "TCP"


class UNIXServer(_AbstractServer):
    """Listens as by ``reactor.listenUNIX``."""

    method = "UNIX"


class SSLServer(_AbstractServer):
    """Listens as by ``reactor.listenSSL``."""

    method = "SSL"


class UDPServer(_AbstractServer):
    """Listens as by ``reactor.listenUDP``."""

    method = "UDP"


class UNIXDatagramServer(_AbstractServer):
    """Listens as by ``reactor.listenUNIXDatagram``."""

    method = "UNIXDatagram"


class MulticastServer(_AbstractServer):
    """Listens as by ``reactor.listenMulticast``."""

    method = "Multicast"


class UDPClient(_AbstractServer):
    """Sends datagrams to one host, and hears that one alone.

    Args:
        remotehost: its address.
        remoteport: its port.
        protocol: what hears it; a `ConnectedDatagramProtocol` is told of refusals, too. Its
            `startProtocol` comes before the socket is connected.
        localport: the port here; 0 lets the system choose.
        interface: the address here; empty for any.
        maxPacketSize: the longest datagram to take.
        reactor: whose ``listenUDP`` it is; the one of the process by default.
    """

    method = "UDP"

    def __init__(
        self,
        remotehost: str,
        remoteport: int,
        protocol: Any,
        localport: int = 0,
        interface: str = "",
        maxPacketSize: int = 8192,
        reactor: Any = None,
    ) -> None:
        super().__init__(localport, protocol, interface, maxPacketSize, reactor=reactor)
        self.destination = (remotehost, remoteport)

    def _listen(self) -> Any:
        port = super()._listen()
        port.connect(*self.destination)
        return port


class _AbstractClient(_OfReactor):
    """A service that connects once, when it is started."""

    volatile = ["_connection"]
    _connection: Any = None

    def startService(self) -> None:
        """Begin to connect."""
        super().startService()
        self._connection = self._connect()

    def stopService(self) -> None:
        """Give up connecting, or lose the connection."""
        super().stopService()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()

    def _connect(self) -> Any:
        return self._call("connect")


class TCPClient(_AbstractClient):
    """Connects as by ``reactor.connectTCP``."""

    method = "TCP"


class UNIXClient(_AbstractClient):
    """Connects as by ``reactor.connectUNIX``."""

    method = "UNIX"


class SSLClient(_AbstractClient):
    """Connects as by ``reactor.connectSSL``."""

    method = "SSL"


class UNIXDatagramClient(_AbstractClient):
    """Sends as by ``reactor.connectUNIXDatagram``."""

    method = "UNIXDatagram"

    def stopService(self) -> Deferred[Any] | None:  # type: ignore[override]  # this one can say when
        """Close the socket; fires when it is closed."""
        port, self._connection = self._connection, None
        super().stopService()
        return None if port is None else maybeDeferred(port.stopListening)
