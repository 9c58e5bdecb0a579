"""Transports that keep what is written to them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from zope.interface import implementer

from twisted.internet import error
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IPushProducer,
    ITransport,
    IUDPTransport,
)
from twisted.python.failure import Failure


def checkBytes(data: Any) -> None:
    """Raise TypeError, as a real transport does, unless `data` can be sent."""
    if isinstance(data, str):
        raise TypeError(f"write takes bytes, not str: write({data[:20]!r}.encode('utf-8'))")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"write takes bytes, not {type(data).__name__}")


class StringIOWithoutClosing(BytesIO):
    """A file in memory whose value can be read after it was closed."""

    __module__ = "twisted.internet.testing"

    def close(self) -> None:
        """Do nothing."""


@implementer(ITransport, IConsumer, IPushProducer)
class StringTransport:
    """A transport that keeps what is written, to be looked at with `value`.

    Nothing ever happens by itself: a test reads the flags, and calls the methods of
    the protocol or of the registered producer.

    Args:
        hostAddress: What `getHost` returns.
        peerAddress: What `getPeer` returns.
        lenient: Let the transport, as a producer, be paused and resumed after it was
            closed, which otherwise raises RuntimeError.

    Attributes:
        connected: True at first; a subclass may have a use for it.
        disconnecting: Whether `loseConnection` or `abortConnection` was called.
        disconnected: Whether `abortConnection` was called.
        aborting: The same, under the name that real transports have for it.
        writeDisconnecting: Whether `loseWriteConnection` was called.
        producer: The registered producer.
        streaming: Whether it is one that writes unasked.
        producerState: What the transport was last told as a producer: ``producing``,
            ``paused`` or ``stopped``.
    """

    __module__ = "twisted.internet.testing"

    disconnecting = False
    disconnected = False
    aborting = False
    writeDisconnecting = False
    producer: Any = None
    streaming: bool | None = None
    producerState = "producing"

    def __init__(
        self,
        hostAddress: IAddress | None = None,
        peerAddress: IAddress | None = None,
        lenient: bool = False,
    ) -> None:
        self.hostAddr: Any = hostAddress or IPv4Address("TCP", "10.0.0.1", 12345)
        self.peerAddr: Any = peerAddress or IPv4Address("TCP", "192.168.1.1", 54321)
        self._lenient = lenient
        self.connected = True
        self.clear()

    def clear(self) -> None:
        """Forget what was written so far, and nothing else."""
        self.io = BytesIO()

    def value(self) -> bytes:
        """Return what was written since the last `clear`."""
        return self.io.getvalue()

    # ITransport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep `data`."""
        checkBytes(data)
        self.io.write(data)

    def writeSequence(self, data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Keep each item of `data`."""
        for each in data:
            self.write(each)

    def loseConnection(self) -> None:
        """Note that the connection is to be closed."""
        self.disconnecting = True

    def abortConnection(self) -> None:
        """Note that the connection is to be closed at once."""
        self.aborting = self.disconnected = True
        self.loseConnection()

    def loseWriteConnection(self) -> None:
        """Note that our half of the connection is to be closed."""
        self.writeDisconnecting = True

    def getPeer(self) -> Any:
        """Return the address of the other end."""
        return self.peerAddr

    def getHost(self) -> Any:
        """Return the address of this end."""
        return self.hostAddr

    # IConsumer

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Note the producer; nothing is asked of it.

        Raises:
            RuntimeError: There is one already.
        """
        if self.producer is not None:
            raise RuntimeError(f"cannot register {producer!r}: {self.producer!r} is registered")
        self.producer = producer
        self.streaming = streaming

    def unregisterProducer(self) -> None:
        """Forget the producer.

        Raises:
            RuntimeError: There is none.
        """
        if self.producer is None:
            raise RuntimeError("cannot unregister a producer: none is registered")
        self.producer = None
        self.streaming = None

    # IPushProducer

    def _checkAlive(self) -> None:
        if self.disconnecting and not self._lenient:
            raise RuntimeError("cannot pause or resume after loseConnection")
        if self.producerState == "stopped":
            raise RuntimeError("cannot pause or resume a producer that was stopped")

    def pauseProducing(self) -> None:
        """Note that no more data is wanted for now."""
        self._checkAlive()
        self.producerState = "paused"

    def resumeProducing(self) -> None:
        """Note that data is wanted again."""
        self._checkAlive()
        self.producerState = "producing"

    def stopProducing(self) -> None:
        """Note that no more data is wanted at all."""
        self.producerState = "stopped"


class StringTransportWithDisconnection(StringTransport):
    """A `StringTransport` whose protocol loses the connection when it closes it.

    Attributes:
        protocol: The protocol, which the test has to set.
    """

    __module__ = "twisted.internet.testing"

    protocol: Any

    def loseConnection(self) -> None:
        """Tell the protocol, the first time, that the connection was closed."""
        if self.connected:
            self.connected = False
            self.protocol.connectionLost(Failure(error.ConnectionDone("Bye.")))


@implementer(IUDPTransport)
class FakeDatagramTransport:
    """A UDP transport that keeps the datagrams written to it.

    Attributes:
        written: Pairs of a datagram and its address; of one written without an
            address, `noAddr`.
    """

    __module__ = "twisted.internet.testing"

    noAddr: Any = object()

    def __init__(self) -> None:
        self.written: list[tuple[bytes, Any]] = []
        self.connectedTo: tuple[str, int] | None = None
        self._broadcast = False

    def write(self, packet: bytes, addr: Any = noAddr) -> None:
        """Keep a datagram."""
        checkBytes(packet)
        self.written.append((packet, addr))

    def connect(self, host: str, port: int) -> None:
        """Note the address in `connectedTo`."""
        self.connectedTo = (host, port)

    def getHost(self) -> IPv4Address:
        """Return the address of this end."""
        return IPv4Address("UDP", "10.0.0.1", 12345)

    def stopListening(self) -> None:
        """Do nothing."""

    def setBroadcastAllowed(self, enabled: bool) -> None:
        """Note whether datagrams to broadcast addresses are allowed."""
        self._broadcast = enabled

    def getBroadcastAllowed(self) -> bool:
        """Return what was noted."""
        return self._broadcast
