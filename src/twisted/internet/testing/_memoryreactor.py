"""Reactors that note what they are asked for, and do none of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from zope.interface import implementer

from twisted.internet.abstract import isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.error import UnsupportedAddressFamily
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IHostnameResolver,
    IHostResolution,
    IListeningPort,
    IReactorCore,
    IReactorFDSet,
    IReactorPluggableNameResolver,
    IReactorSocket,
    IReactorSSL,
    IReactorTCP,
    IReactorUNIX,
    IResolutionReceiver,
)
from twisted.internet.task import Clock

_Hook: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

# The port that adopted sockets pretend to have.
_ADOPTED_PORT = 1234


def _netAddress(host: str, port: int) -> IPv4Address | IPv6Address:
    if isIPv6Address(host):
        return IPv6Address("TCP", host, port)
    return IPv4Address("TCP", host, port)


def _adoptedAddress(addressFamily: int) -> IPv4Address | IPv6Address:
    if addressFamily == socket.AF_INET:
        return IPv4Address("TCP", "0.0.0.0", _ADOPTED_PORT)
    if addressFamily == socket.AF_INET6:
        return IPv6Address("TCP", "::", _ADOPTED_PORT)
    raise UnsupportedAddressFamily(f"sockets of family {addressFamily} cannot be adopted")


@implementer(IHostResolution)
class SynchronousResolution:
    """A resolution that was over at once.

    Args:
        name: The host name.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Raise an exception: it is too late."""
        raise RuntimeError(f"the resolution of {self.name!r} is over: it cannot be cancelled")


@implementer(IHostnameResolver)
class SynchronousResolver:
    """A resolver for which every name is that of this host, 127.0.0.1."""

    __module__ = "twisted.internet.testing"

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> SynchronousResolution:
        """Tell the receiver the one address, before this returns."""
        resolution = SynchronousResolution(hostName)
        kind: Literal["TCP", "UDP"] = "UDP" if transportSemantics == "UDP" else "TCP"
        resolutionReceiver.resolutionBegan(resolution)
        if addressTypes is None or IPv4Address in addressTypes:
            address = IPv4Address(kind, "127.0.0.1", portNumber)
            resolutionReceiver.addressResolved(address)
        resolutionReceiver.resolutionComplete()
        return resolution


@implementer(IListeningPort)
class FakePort:
    """A port that is not there.

    Args:
        hostAddress: What `getHost` returns.

    Attributes:
        listening: Whether it pretends to listen.
    """

    def __init__(self, hostAddress: IAddress) -> None:
        self._hostAddress = hostAddress
        self.listening = True

    def startListening(self) -> None:
        """Pretend to listen."""
        self.listening = True

    def stopListening(self) -> None:
        """Pretend not to listen any longer."""
        self.listening = False

    def getHost(self) -> Any:
        """Return the address."""
        return self._hostAddress


@implementer(IConnector)
class FakeConnector:
    """A connector of a connection that is not there.

    Args:
        address: What `getDestination` returns.

    Attributes:
        stoppedConnecting: Whether `stopConnecting` was called.
        connectCalled: Whether `connect` was called.
    """

    stoppedConnecting = False
    connectCalled = False
    _disconnected = False

    def __init__(self, address: IAddress) -> None:
        self._address = address

    def stopConnecting(self) -> None:
        """Note that the attempt is to be given up."""
        self.stoppedConnecting = True

    def disconnect(self) -> None:
        """Note that the connection is to be closed."""
        self._disconnected = True

    def connect(self) -> None:
        """Note that a new attempt is to be made."""
        self.connectCalled = True

    def getDestination(self) -> Any:
        """Return the address."""
        return self._address


@implementer(
    IReactorCore,
    IReactorTCP,
    IReactorSSL,
    IReactorUNIX,
    IReactorSocket,
    IReactorFDSet,
    IReactorPluggableNameResolver,
)
class MemoryReactor:
    """A reactor that notes what it is asked for.

    Attributes:
        tcpClients, tcpServers, sslClients, sslServers, unixClients, unixServers: For each
            call of `connectTCP` and so on a tuple of its arguments, defaults included.
        adoptedPorts, adoptedStreamConnections: The same, for the methods that adopt.
        connectors: The connectors that were returned.
        triggers: For each phase a dict from system events to lists of triples
            of function, arguments, keyword arguments.
        whenRunningHooks: Such triples, of `callWhenRunning`.
        readers, writers: Sets of what is watched.
        running: Whether `run` is on its way.
        hasInstalled, hasRun, hasStopped, hasCrashed: Whether it was asked to.
        nameResolver: What resolves names.
    """

    __module__ = "twisted.internet.testing"

    def __init__(self) -> None:
        self.hasInstalled = False
        self.running = False
        self.hasRun = False
        self.hasStopped = False
        self.hasCrashed = False
        self.whenRunningHooks: list[_Hook] = []
        self.triggers: dict[str, dict[str, list[_Hook]]] = {}
        self.tcpClients: list[tuple[Any, ...]] = []
        self.tcpServers: list[tuple[Any, ...]] = []
        self.sslClients: list[tuple[Any, ...]] = []
        self.sslServers: list[tuple[Any, ...]] = []
        self.unixClients: list[tuple[Any, ...]] = []
        self.unixServers: list[tuple[Any, ...]] = []
        self.adoptedPorts: list[tuple[Any, ...]] = []
        self.adoptedStreamConnections: list[tuple[Any, ...]] = []
        self.connectors: list[FakeConnector] = []
        self.readers: set[Any] = set()
        self.writers: set[Any] = set()
        self.nameResolver: IHostnameResolver = SynchronousResolver()

    def install(self) -> None:
        """Note that it is to be the reactor of the process."""
        self.hasInstalled = True

    # IReactorPluggableNameResolver

    def installNameResolver(self, resolver: IHostnameResolver) -> IHostnameResolver:
        """Use `resolver`; return the one used before."""
        previous, self.nameResolver = self.nameResolver, resolver
        return previous

    # IReactorCore

    def resolve(self, name: str, timeout: Sequence[int] = (1, 3, 11, 45)) -> Deferred[str]:
        """Not implemented: resolve with `nameResolver`."""
        raise NotImplementedError("MemoryReactor resolves names with nameResolver only")

    def run(self, installSignalHandlers: bool = True) -> None:
        """Call what `callWhenRunning` was given, and stop."""
        self.hasRun = self.running = True
        for function, args, kwargs in self.whenRunningHooks:
            function(*args, **kwargs)
        self.stop()

    def stop(self) -> None:
        """Note it."""
        self.hasStopped = True
        self.running = False

    def crash(self) -> None:
        """Note it."""
        self.hasCrashed = True

    def iterate(self, delay: float = 0) -> None:
        """Not implemented: there is no loop."""
        raise NotImplementedError("MemoryReactor has no loop to turn")

    def fireSystemEvent(self, eventType: str) -> None:
        """Not implemented: call what is in `triggers`."""
        raise NotImplementedError("MemoryReactor fires no events: call what is in its triggers")

    def addSystemEventTrigger(
        self, phase: str, eventType: str, callable: Callable[..., Any], *args: Any, **kw: Any
    ) -> Any:
        """Note the trigger in `triggers`; returns what tells it apart."""
        hooks = self.triggers.setdefault(phase, {}).setdefault(eventType, [])
        hook = (callable, args, kw)
        hooks.append(hook)
        return hooks, hook

    def removeSystemEventTrigger(self, triggerID: Any) -> None:
        """Forget a trigger."""
        hooks, hook = triggerID
        hooks.remove(hook)

    def callWhenRunning(self, callable: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """Note the call; make it at once if `run` was called before."""
        if self.hasRun:
            callable(*args, **kw)
        else:
            self.whenRunningHooks.append((callable, args, kw))

    # IReactorSocket

    def adoptStreamPort(
        self, fileDescriptor: int, addressFamily: int, factory: Any
    ) -> IListeningPort:
        """Note the call; return a fake port."""
        address = _adoptedAddress(addressFamily)
        self.adoptedPorts.append((fileDescriptor, addressFamily, factory))
        return FakePort(address)

    def adoptStreamConnection(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:
        """Note the call."""
        self.adoptedStreamConnections.append((fileDescriptor, addressFamily, factory))

    def adoptDatagramPort(
        self, fileDescriptor: int, addressFamily: int, protocol: Any, maxPacketSize: int = 8192
    ) -> IListeningPort:
        """Note the call; return a fake port."""
        address = _adoptedAddress(addressFamily)
        self.adoptedPorts.append((fileDescriptor, addressFamily, protocol, maxPacketSize))
        return FakePort(address)

    # IReactorTCP

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """Note the call; return a fake port."""
        self.tcpServers.append((port, factory, backlog, interface))
        return FakePort(_netAddress(interface or "0.0.0.0", port))

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: Any,
        timeout: float = 30,
        bindAddress: tuple[str, int] | None = None,
    ) -> IConnector:
        """Note the call; tell the factory, and return a fake connector."""
        self.tcpClients.append((host, port, factory, timeout, bindAddress))
        return self._connecting(_netAddress(host, port), factory)

    def _connecting(self, address: IAddress, factory: Any) -> IConnector:
        connector = FakeConnector(address)
        factory.startedConnecting(connector)
        self.connectors.append(connector)
        return connector

    # IReactorSSL

    def listenSSL(
        self, port: int, factory: Any, contextFactory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """Note the call; return a fake port."""
        self.sslServers.append((port, factory, contextFactory, backlog, interface))
        return FakePort(_netAddress(interface or "0.0.0.0", port))

    def connectSSL(
        self,
        host: str,
        port: int,
        factory: Any,
        contextFactory: Any,
        timeout: float = 30,
        bindAddress: tuple[str, int] | None = None,
    ) -> IConnector:
        """Note the call; tell the factory, and return a fake connector."""
        self.sslClients.append((host, port, factory, contextFactory, timeout, bindAddress))
        return self._connecting(_netAddress(host, port), factory)

    # IReactorUNIX

    def listenUNIX(
        self,
        address: str | bytes,
        factory: Any,
        backlog: int = 50,
        mode: int = 0o666,
        wantPID: bool = False,
    ) -> IListeningPort:
        """Note the call; return a fake port."""
        self.unixServers.append((address, factory, backlog, mode, wantPID))
        return FakePort(UNIXAddress(address))

    def connectUNIX(
        self, address: str | bytes, factory: Any, timeout: float = 30, checkPID: bool = False
    ) -> IConnector:
        """Note the call; tell the factory, and return a fake connector."""
        self.unixClients.append((address, factory, timeout, checkPID))
        return self._connecting(UNIXAddress(address), factory)

    # IReactorFDSet

    def addReader(self, reader: Any) -> None:
        """Note it in `readers`."""
        self.readers.add(reader)

    def removeReader(self, reader: Any) -> None:
        """Remove it from `readers`, if it is there."""
        self.readers.discard(reader)

    def addWriter(self, writer: Any) -> None:
        """Note it in `writers`."""
        self.writers.add(writer)

    def removeWriter(self, writer: Any) -> None:
        """Remove it from `writers`, if it is there."""
        self.writers.discard(writer)

    def getReaders(self) -> list[Any]:
        """Return what is in `readers`."""
        return list(self.readers)

    def getWriters(self) -> list[Any]:
        """Return what is in `writers`."""
        return list(self.writers)

    def removeAll(self) -> list[Any]:
        """Empty both sets; return what was in them."""
        removed = list(self.readers | self.writers)
        self.readers.clear()
        self.writers.clear()
        return removed


class MemoryReactorClock(MemoryReactor, Clock):
    """A `MemoryReactor` that is a `twisted.internet.task.Clock` as well."""

    __module__ = "twisted.internet.testing"

    def __init__(self) -> None:
        MemoryReactor.__init__(self)
        Clock.__init__(self)


@implementer(IReactorTCP, IReactorSSL, IReactorUNIX, IReactorSocket)
class RaisingMemoryReactor(MemoryReactor):
    """A reactor that can neither listen nor connect.

    Args:
        listenException: What the methods that listen raise.
        connectException: What the methods that connect raise.
    """

    __module__ = "twisted.internet.testing"

    def __init__(
        self,
        listenException: Exception | None = None,
        connectException: Exception | None = None,
    ) -> None:
        super().__init__()
        self._listenException = listenException
        self._connectException = connectException

    def _cannotListen(self) -> IListeningPort:
        raise self._listenException or RuntimeError("no listenException was given")

    def _cannotConnect(self) -> IConnector:
        raise self._connectException or RuntimeError("no connectException was given")

    def adoptStreamPort(
        self, fileDescriptor: int, addressFamily: int, factory: Any
    ) -> IListeningPort:
        """Raise `listenException`."""
        return self._cannotListen()

    def adoptDatagramPort(
        self, fileDescriptor: int, addressFamily: int, protocol: Any, maxPacketSize: int = 8192
    ) -> IListeningPort:
        """Raise `listenException`."""
        return self._cannotListen()

    def adoptStreamConnection(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:
        """Raise `connectException`."""
        return self._cannotConnect()

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """Raise `listenException`."""
        return self._cannotListen()

    def listenSSL(
        self, port: int, factory: Any, contextFactory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """Raise `listenException`."""
        return self._cannotListen()

    def listenUNIX(
        self,
        address: str | bytes,
        factory: Any,
        backlog: int = 50,
        mode: int = 0o666,
        wantPID: bool = False,
    ) -> IListeningPort:
        """Raise `listenException`."""
        return self._cannotListen()

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: Any,
        timeout: float = 30,
        bindAddress: tuple[str, int] | None = None,
    ) -> IConnector:
        """Raise `connectException`."""
        return self._cannotConnect()

    def connectSSL(
        self,
        host: str,
        port: int,
        factory: Any,
        contextFactory: Any,
        timeout: float = 30,
        bindAddress: tuple[str, int] | None = None,
    ) -> IConnector:
        """Raise `connectException`."""
        return self._cannotConnect()

    def connectUNIX(
        self, address: str | bytes, factory: Any, timeout: float = 30, checkPID: bool = False
    ) -> IConnector:
        """Raise `connectException`."""
        return self._cannotConnect()
