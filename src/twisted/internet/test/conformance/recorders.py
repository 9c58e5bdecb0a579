"""Protocols and factories that keep what happens to them, and that a test can wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IConnector,
    IFileDescriptorReceiver,
    IHalfCloseableProtocol,
)
from twisted.internet.protocol import (
    ClientFactory,
    ConnectedDatagramProtocol,
    DatagramProtocol,
    Protocol,
    connectionDone,
)
from twisted.python.failure import Failure


class Watched:
    """Something that events happen to."""

    def __init__(self) -> None:
        #: The names of the events, in order.
        self.events: list[str] = []
        self._waiting: list[tuple[Callable[[], object], Deferred[None]]] = []

    def when(self, condition: Callable[[], object]) -> Deferred[None]:
        """Fires when the condition is true, now or after some event."""
        result: Deferred[None] = Deferred()
        if condition():
            result.callback(None)
        else:
            self._waiting.append((condition, result))
        return result

    def note(self, event: str) -> None:
        """Something has happened: fire those who wait for it."""
        self.events.append(event)
        for pair in self._waiting[:]:
            if pair[0]():
                self._waiting.remove(pair)
                pair[1].callback(None)


class Recorder(Protocol, Watched):
    """The protocol of one end of a stream connection.

    Attributes:
        data: all bytes that were received.
        reason: why the connection was lost, once it is.
    """

    transport: Any

    def __init__(self) -> None:
        Watched.__init__(self)
        self.data = bytearray()
        self.reason: Failure | None = None

    def connectionMade(self) -> None:
        self.note("made")

    def dataReceived(self, data: bytes) -> None:
        assert type(data) is bytes, data
        self.data += data
        self.note("data")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        assert self.reason is None, "connectionLost is called once"
        self.reason = reason
        self.note("lost")

    async def received(self, count: int) -> bytes:
        """Wait for so many bytes; take and return them."""
        await self.when(lambda: len(self.data) >= count or self.reason)
        taken = bytes(self.data[:count])
        del self.data[:count]
        return taken

    async def lost(self) -> Failure:
        """Wait for the end of the connection; returns its reason."""
        await self.when(lambda: self.reason)
        assert self.reason is not None
        return self.reason


@implementer(IHalfCloseableProtocol)
class HalfRecorder(Recorder):
    """A recorder that hears of the end of each direction."""

    def readConnectionLost(self) -> None:
        self.note("read lost")

    def writeConnectionLost(self) -> None:
        self.note("write lost")


class Echo(Recorder):
    """Sends back what it gets."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)
        self.note("data")


@implementer(IFileDescriptorReceiver)
class DescriptorRecorder(Recorder):
    """Keeps the descriptors that come over a UNIX socket."""

    def __init__(self) -> None:
        super().__init__()
        self.descriptors: list[int] = []

    def fileDescriptorReceived(self, descriptor: int) -> None:
        self.descriptors.append(descriptor)
        self.note("descriptor")

    async def descriptor(self) -> int:
        """Wait for a descriptor; returns the first."""
        await self.when(lambda: self.descriptors)
        return self.descriptors[0]


_P = TypeVar("_P", bound=Recorder)


class Peers(ClientFactory[_P], Watched, Generic[_P]):
    """A factory for either end, which keeps what it has built.

    Attributes:
        built: the protocols.
        addresses: what `buildProtocol` was given, for each.
        reasons: those of failed and lost connections, as the factory heard them.
        connector: the connector that the factory was told of last.
    """

    noisy = False

    def __init__(self, protocol: Callable[[], _P]) -> None:
        Watched.__init__(self)
        self.protocol = protocol
        self.built: list[_P] = []
        self.addresses: list[Any] = []
        self.reasons: list[Failure] = []
        self.connector: IConnector | None = None

    def startFactory(self) -> None:
        self.note("start")

    def stopFactory(self) -> None:
        self.note("stop")

    def buildProtocol(self, addr: Any) -> _P:
        assert self.protocol is not None
        protocol = self.protocol()
        protocol.factory = self
        self.addresses.append(addr)
        self.built.append(protocol)
        self.note("built")
        return protocol

    def startedConnecting(self, connector: IConnector) -> None:
        self.connector = connector
        self.note("connecting")

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        self.connector = connector
        self.reasons.append(reason)
        self.note("failed")

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        self.connector = connector
        self.reasons.append(reason)
        self.note("lost")

    async def connection(self, number: int = 0) -> _P:
        """Wait until so many connections are made before, and then one; returns it."""
        await self.when(lambda: len(self.built) > number)
        protocol = self.built[number]
        await protocol.when(lambda: "made" in protocol.events)
        return protocol

    async def failure(self) -> Failure:
        """Wait for the next failed attempt or lost connection; returns its reason."""
        await self.when(lambda: self.reasons)
        return self.reasons.pop(0)


class Datagrams(DatagramProtocol, Watched):
    """The protocol of a datagram port.

    Attributes:
        packets: what was received: the bytes and where they came from.
    """

    noisy = False

    def __init__(self) -> None:
        Watched.__init__(self)
        self.packets: list[tuple[bytes, Any]] = []

    def startProtocol(self) -> None:
        self.note("start")

    def stopProtocol(self) -> None:
        self.note("stop")

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        assert type(datagram) is bytes, datagram
        self.packets.append((datagram, addr))
        self.note("datagram")

    def connectionRefused(self) -> None:
        self.note("refused")

    async def received(self) -> tuple[bytes, Any]:
        """Wait for the next packet; returns it and where it came from."""
        await self.when(lambda: self.packets)
        return self.packets.pop(0)


class EchoDatagrams(Datagrams):
    """Sends each datagram back to where it came from."""

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self.transport.write(datagram, addr)
        self.note("datagram")


class ConnectedDatagrams(ConnectedDatagramProtocol, Watched):
    """The protocol of a UNIX datagram port that has one peer."""

    noisy = False

    def __init__(self) -> None:
        Watched.__init__(self)
        self.packets: list[bytes] = []
        self.reason: Failure | None = None

    def startProtocol(self) -> None:
        self.note("start")

    def stopProtocol(self) -> None:
        self.note("stop")

    def datagramReceived(self, datagram: bytes) -> None:  # type: ignore[override]  # one peer
        self.packets.append(datagram)
        self.note("datagram")

    def connectionFailed(self, failure: Failure) -> None:
        self.reason = failure
        self.note("failed")

    def connectionRefused(self) -> None:
        self.note("refused")

    async def received(self) -> bytes:
        """Wait for the next packet; returns it."""
        await self.when(lambda: self.packets)
        return self.packets.pop(0)


class Faulty(Recorder):
    """Raises `Fault` in the callbacks named in `faults`."""

    faults: tuple[str, ...] = ()

    def note(self, event: str) -> None:
        super().note(event)
        if event in self.faults:
            raise Fault(event)


class Fault(Exception):
    """What callbacks in tests raise."""
