"""Limits on how many connections there are and how much they carry."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IProducer,
    IProtocol,
    IProtocolFactory,
)
from twisted.internet.protocol import ServerFactory
from twisted.logger import Logger
from twisted.protocols.policies._wrapping import (
    ProtocolWrapper,
    WrappingFactory,
    callLaterInReactor,
)

__name__ = "twisted.protocols.policies"  # the public path, for pickles and messages

_log = Logger("twisted.protocols.policies")


class ThrottlingProtocol(ProtocolWrapper):
    """Tells a `ThrottlingFactory` how much it carries, and pauses when told to."""

    producer: Any = None

    def write(self, data: bytes) -> None:
        """Send `data` and count it."""
        self.factory.registerWritten(len(data))
        super().write(data)

    def writeSequence(self, seq: Iterable[bytes]) -> None:
        """Send each item of `seq` and count it."""
        pieces = list(seq)
        self.factory.registerWritten(sum(map(len, pieces)))
        super().writeSequence(pieces)

    def dataReceived(self, data: bytes) -> None:
        """Count `data` and pass it in."""
        self.factory.registerRead(len(data))
        super().dataReceived(data)

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let the transport take data from `producer`, which is paused with our writes."""
        self.producer = producer
        super().registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Let the transport forget its producer."""
        self.producer = None
        super().unregisterProducer()

    def throttleReads(self) -> None:
        """Receive nothing for now."""
        self.transport.pauseProducing()

    def unthrottleReads(self) -> None:
        """Receive again."""
        self.transport.resumeProducing()

    def throttleWrites(self) -> None:
        """Pause what writes to us, if it can be paused."""
        pause = getattr(self.producer, "pauseProducing", None)
        if pause is not None:
            pause()

    def unthrottleWrites(self) -> None:
        """Let it write again."""
        if self.producer is not None:
            self.producer.resumeProducing()


class ThrottlingFactory(WrappingFactory):
    """Limits the number of connections, and what all of them carry together.

    What is carried is looked at once a second. When it was more than the limit, everything
    pauses until the average is within the limit.

    Args:
        wrappedFactory: the factory inside.
        maxConnectionCount: how many connections may be open; more are closed at once.
        readLimit, writeLimit: bytes per second; None for no limit.
    """

    protocol = ThrottlingProtocol

    def __init__(
        self,
        wrappedFactory: IProtocolFactory,
        maxConnectionCount: int = sys.maxsize,
        readLimit: float | None = None,
        writeLimit: float | None = None,
    ) -> None:
        super().__init__(wrappedFactory)
        self.connectionCount = 0
        self.maxConnectionCount = maxConnectionCount
        self.readLimit = readLimit
        self.writeLimit = writeLimit
        self.readThisSecond = 0
        self.writtenThisSecond = 0
        self._readCheck: IDelayedCall | None = None
        self._writeCheck: IDelayedCall | None = None
        self._readPause: IDelayedCall | None = None
        self._writePause: IDelayedCall | None = None

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call `func` after `period` seconds; replace it to use another clock."""
        return callLaterInReactor(period, func)

    def registerWritten(self, length: int) -> None:
        """Count bytes that a connection sends."""
        self.writtenThisSecond += length

    def registerRead(self, length: int) -> None:
        """Count bytes that a connection has received."""
        self.readThisSecond += length

    def checkReadBandwidth(self) -> None:
        """Called each second: pause if too much has been received."""
        if self.readLimit is not None and self.readThisSecond > self.readLimit:
            self.throttleReads()
            period = self.readThisSecond / self.readLimit - 1.0
            if self._readPause is not None:
                self._readPause.cancel()
            self._readPause = self.callLater(period, self.unthrottleReads)
        self.readThisSecond = 0
        self._readCheck = self.callLater(1, self.checkReadBandwidth)

    def checkWriteBandwidth(self) -> None:
        """Called each second: pause if too much has been sent."""
        if self.writeLimit is not None and self.writtenThisSecond > self.writeLimit:
            self.throttleWrites()
            period = self.writtenThisSecond / self.writeLimit - 1.0
            if self._writePause is not None:
                self._writePause.cancel()
            self._writePause = self.callLater(period, self.unthrottleWrites)
        self.writtenThisSecond = 0
        self._writeCheck = self.callLater(1, self.checkWriteBandwidth)

    def throttleReads(self) -> None:
        """Let no connection receive."""
        _log.info("Throttling reads on {factory}", factory=self)
        for p in list(self.protocols):
            p.throttleReads()

    def unthrottleReads(self) -> None:
        """Let every connection receive again."""
        self._readPause = None
        _log.info("Stopped throttling reads on {factory}", factory=self)
        for p in list(self.protocols):
            p.unthrottleReads()

    def throttleWrites(self) -> None:
        """Pause what writes to the connections."""
        _log.info("Throttling writes on {factory}", factory=self)
        for p in list(self.protocols):
            p.throttleWrites()

    def unthrottleWrites(self) -> None:
        """Let it write again."""
        self._writePause = None
        _log.info("Stopped throttling writes on {factory}", factory=self)
        for p in list(self.protocols):
            p.unthrottleWrites()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A wrapper around what the factory inside builds; None if there are too many."""
        if self.connectionCount >= self.maxConnectionCount:
            _log.info(
                "Refusing a connection from {addr}: {count} are open, which is the limit",
                addr=addr,
                count=self.connectionCount,
            )
            return None
        protocol = super().buildProtocol(addr)
        if protocol is None:
            return None
        if self.connectionCount == 0:
            if self.readLimit is not None:
                self.checkReadBandwidth()
            if self.writeLimit is not None:
                self.checkWriteBandwidth()
        self.connectionCount += 1
        return protocol

    def registerProtocol(self, p: Any) -> None:
        """Take in a new connection, which has to pause if the others do."""
        super().registerProtocol(p)
        if self._readPause is not None:
            p.throttleReads()

    def unregisterProtocol(self, p: Any) -> None:
        """Forget a connection; the last one stops the counting."""
        super().unregisterProtocol(p)
        self.connectionCount -= 1
        if self.connectionCount > 0:
            return
        for name in ("_readCheck", "_writeCheck", "_readPause", "_writePause"):
            planned = getattr(self, name)
            if planned is not None:
                planned.cancel()
                setattr(self, name, None)


class LimitConnectionsByPeer(WrappingFactory):
    """Limits how many connections each host may open.

    Attributes:
        maxConnectionsPerPeer: how many; more are closed at once.
        peerConnections: how many are open, by host.
    """

    maxConnectionsPerPeer: int = 5

    def __init__(self, wrappedFactory: IProtocolFactory) -> None:
        super().__init__(wrappedFactory)
        self.peerConnections: dict[Any, int] = {}

    def startFactory(self) -> None:
        """Begin to count."""
        self.peerConnections = {}

    @staticmethod
    def _hostOf(addr: Any) -> Any:
        """What the connections of one peer have in common."""
        return getattr(addr, "host", addr)

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A wrapper around what the factory inside builds; None if there are too many."""
        host = self._hostOf(addr)
        count = self.peerConnections.get(host, 0)
        if count >= self.maxConnectionsPerPeer:
            return None
        protocol = super().buildProtocol(addr)
        if protocol is not None:
            self.peerConnections[host] = count + 1
        return protocol

    def unregisterProtocol(self, p: Any) -> None:
        """Forget a connection."""
        super().unregisterProtocol(p)
        host = self._hostOf(p.getPeer())
        self.peerConnections[host] -= 1
        if self.peerConnections[host] == 0:
            del self.peerConnections[host]


class LimitTotalConnectionsFactory(ServerFactory[Any]):
    """A factory that limits how many connections are open.

    Attributes:
        connectionLimit: how many; None for no limit.
        connectionCount: how many there are, those over the limit included.
        overflowProtocol: what makes the protocol for a connection over the limit, to
            apologise and hang up; None closes it at once.
    """

    connectionCount: int = 0
    connectionLimit: int | None = None
    overflowProtocol: Callable[[], IProtocol] | None = None

    def buildProtocol(self, addr: IAddress | None) -> ProtocolWrapper | None:
        """A wrapped protocol; None if there are too many."""
        wrapped: Any
        if self.connectionLimit is None or self.connectionCount < self.connectionLimit:
            wrapped = super().buildProtocol(addr)
        elif self.overflowProtocol is not None:
            wrapped = self.overflowProtocol()
            wrapped.factory = self
        else:
            wrapped = None
        if wrapped is None:
            return None
        self.connectionCount += 1
        return ProtocolWrapper(self, wrapped)

    def registerProtocol(self, p: ProtocolWrapper) -> None:
        """Called by a wrapper when its connection is open."""

    def unregisterProtocol(self, p: ProtocolWrapper) -> None:
        """Called by a wrapper when its connection is lost."""
        self.connectionCount -= 1
