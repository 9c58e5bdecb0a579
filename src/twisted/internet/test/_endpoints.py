"""What the tests of endpoints share: protocols and factories that note, resolvers that wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zope.interface import implementer

from twisted.internet.error import UserError
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure


class Noting(Protocol):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def connectionMade(self) -> None:
        self.told.append("made")

    def dataReceived(self, data: bytes) -> None:
        self.told.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.told.append(reason.type)


class NotingFactory(Factory[Any]):
    """Builds `Noting`, or what it is told to."""

    noisy = False
    protocol: Any = Noting

    def __init__(self) -> None:
        self.addresses: list[Any] = []

    def buildProtocol(self, addr: IAddress | None) -> Any:
        self.addresses.append(addr)
        return super().buildProtocol(addr)


class Transport(StringTransport):
    """A transport that knows its protocol, as those of the reactor do."""

    protocol: Any = None


class Reactor(MemoryReactorClock):
    """A reactor in memory whose attempts end as the test says."""

    def succeed(self, index: int = -1, transport: Any = None) -> Any:
        """The attempt with this number has a connection; returns what is told of data."""
        factory = self.tcpClients[index][2]
        built = factory.buildProtocol(self.connectors[index].getDestination())
        if built is not None:
            opened = Transport() if transport is None else transport
            opened.protocol = built
            built.makeConnection(opened)
        return built

    def connector(self, index: int = -1) -> Any:
        """The connector of the attempt with this number."""
        return self.connectors[index]

    def fail(self, reason: Exception, index: int = -1) -> None:
        """The attempt with this number has failed."""
        self.tcpClients[index][2].clientConnectionFailed(self.connectors[index], Failure(reason))

    def hosts(self) -> list[str]:
        """What it was asked to connect to."""
        return [call[0] for call in self.tcpClients]

    def stopped(self) -> list[bool]:
        """Which attempts were called off."""
        return [connector.stoppedConnecting for connector in self.connectors]

    def connectTCP(self, *args: Any, **kwargs: Any) -> Any:
        connector: Any = super().connectTCP(*args, **kwargs)
        factory = self.tcpClients[-1][2]
        stop = connector.stopConnecting

        def stopConnecting() -> None:
            # As connectors do: the factory hears of it at once.
            stop()
            factory.clientConnectionFailed(connector, Failure(UserError()))

        connector.stopConnecting = stopConnecting
        return connector


@implementer(IHostResolution)
class Resolution:
    """Notes that it was cancelled."""

    cancelled = False

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        self.cancelled = True


@implementer(IHostnameResolver)
class Names:
    """Finds addresses when the test says."""

    def __init__(self, *addresses: Any) -> None:
        self.addresses: Sequence[Any] | None = addresses or None
        self.asked: list[tuple[Any, ...]] = []

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> Resolution:
        self.receiver = resolutionReceiver
        self.resolution = Resolution(hostName)
        self.asked.append((hostName, portNumber, addressTypes))
        resolutionReceiver.resolutionBegan(self.resolution)
        if self.addresses is not None:
            for address in self.addresses:
                resolutionReceiver.addressResolved(address)
            resolutionReceiver.resolutionComplete()
        return self.resolution
