"""A client and a server joined in memory, and the pump that moves data between them.

Theory of operation
-------------------
Each end has a transport that keeps what its protocol writes.  A *pump* takes what was
written on both sides, then gives it to the other side: what the protocols write in
answer waits for the next pump.  So the two sides take turns, in an order that is the
same in each run.  *Flushing* pumps until nothing moves.

An end that has closed its connection, and whose data has been taken, is told that the
connection is lost in the same pump in which its peer is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, TypeVar

from zope.interface import implementer

from twisted.internet import error
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IHalfCloseableProtocol,
    IPushProducer,
    ITCPTransport,
)
from twisted.internet.task import Clock
from twisted.internet.testing._memoryreactor import MemoryReactor
from twisted.internet.testing._transports import checkBytes
from twisted.python.failure import Failure

_Client = TypeVar("_Client")
_Server = TypeVar("_Server")

# Two protocols that answer each other for ever must not hang a test.
_MAX_PUMPS = 100_000

_serials = count()


@implementer(IAddress)
class FakeAddress:
    """The address of an end of a connection in memory; equal only to itself."""

    __module__ = "twisted.internet.testing"


@implementer(ITCPTransport, IConsumer, IPushProducer)
class FakeTransport:
    """One end of a connection in memory.

    Args:
        protocol: The protocol of this end.
        isServer: Whether it is the server's end.
        hostAddress: What `getHost` returns.
        peerAddress: What `getPeer` returns.

    Attributes:
        disconnecting: Whether this end is closing the connection.
        disconnected: Whether the protocol was told that the connection is lost.
        disconnectReason: The Failure that it is told with.
        producer: The registered producer.
        streamingProducer: Whether it writes unasked.
        serial: A number that no other transport has.
    """

    __module__ = "twisted.internet.testing"

    disconnecting = False
    disconnected = False
    producer: Any = None
    streamingProducer = False

    def __init__(
        self,
        protocol: Any,
        isServer: bool,
        hostAddress: IAddress | None = None,
        peerAddress: IAddress | None = None,
    ) -> None:
        self.protocol = protocol
        self.isServer = isServer
        self.hostAddress = FakeAddress() if hostAddress is None else hostAddress
        self.peerAddress = FakeAddress() if peerAddress is None else peerAddress
        self.serial = next(_serials)
        self.stream: list[bytes] = []
        self.disconnectReason = Failure(error.ConnectionDone("Connection done"))
        self._paused = False
        self._arrived: list[bytes] = []
        self._aborted = False
        self._writeClosed = False
        self._writeClosedSeen = False
        self._options = {"noDelay": False, "keepAlive": False}

    def __repr__(self) -> str:
        side = "server" if self.isServer else "client"
        return f"<FakeTransport {self.serial} {side} of {self.protocol!r}>"

    def logPrefix(self) -> str:
        """Return what begins its lines in the log."""
        return "iosim"

    # ITransport

    def write(self, data: bytes) -> None:
        """Keep data for the next pump."""
        checkBytes(data)
        # A closing connection takes no more, except what its producer still has.
        if self.disconnected or self._writeClosed or (self.disconnecting and not self.producer):
            return
        if data:
            self.stream.append(bytes(data))

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Keep each item of `data` for the next pump."""
        for each in data:
            self.write(each)

    def loseConnection(self) -> None:
        """Close the connection, once what was written has gone."""
        self.disconnecting = True

    def abortConnection(self) -> None:
        """Close the connection, and drop what was written."""
        self.stream.clear()
        self.producer = None
        self._aborted = True
        self.disconnectReason = Failure(error.ConnectionAborted())
        self.loseConnection()

    def loseWriteConnection(self) -> None:
        """Close this half, once what was written has gone; the peer is told if it can be."""
        self._writeClosed = True

    def getPeer(self) -> Any:
        """Return the address of the other end."""
        return self.peerAddress

    def getHost(self) -> Any:
        """Return the address of this end."""
        return self.hostAddress

    def getTcpNoDelay(self) -> bool:
        """Return what was set."""
        return self._options["noDelay"]

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Note it."""
        self._options["noDelay"] = bool(enabled)

    def getTcpKeepAlive(self) -> bool:
        """Return what was set."""
        return self._options["keepAlive"]

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Note it."""
        self._options["keepAlive"] = bool(enabled)

    # IConsumer

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Take data from a producer; one that waits to be asked is asked at each pump.

        Raises:
            RuntimeError: There is one already.
        """
        if self.producer is not None:
            raise RuntimeError(f"cannot register {producer!r}: {self.producer!r} is registered")
        if self.disconnected:
            producer.stopProducing()
            return
        self.producer = producer
        self.streamingProducer = streaming

    def unregisterProducer(self) -> None:
        """Forget the producer.

        Raises:
            RuntimeError: There is none.
        """
        if self.producer is None:
            raise RuntimeError("cannot unregister a producer: none is registered")
        self.producer = None

    # IPushProducer

    def pauseProducing(self) -> None:
        """Hold back what comes from the peer."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Give the protocol what comes from the peer, at the next pump."""
        self._paused = False

    def stopProducing(self) -> None:
        """Close the connection."""
        self._arrived.clear()
        self.loseConnection()

    # What a pump uses.

    def askProducer(self) -> None:
        """Let a producer that waits to be asked write once."""
        if self.producer is not None and not self.streamingProducer and not self.stream:
            self.producer.resumeProducing()

    def getOutBuffer(self) -> bytes | None:
        """Take what was written since the last time; None if there is nothing."""
        if not self.stream:
            return None
        taken = b"".join(self.stream)
        self.stream.clear()
        return taken

    def bufferReceived(self, buf: bytes) -> None:
        """Give the protocol some data, unless it has paused the transport."""
        self._arrived.append(buf)
        self.deliver()

    def deliver(self) -> bool:
        """Give the protocol what has arrived; return whether there was any."""
        if self._paused or self.disconnected or not self._arrived:
            return False
        arrived = b"".join(self._arrived)
        self._arrived.clear()
        self.protocol.dataReceived(arrived)
        return True

    @property
    def hasClosed(self) -> bool:
        """Whether this end has closed, and nothing is left to go."""
        return self.disconnecting and self.producer is None and not self.stream

    @property
    def hasAborted(self) -> bool:
        """Whether this end has closed without sending what it had."""
        return self._aborted

    def takeHalfClose(self) -> bool:
        """Whether this half has closed, asked for the first time."""
        closed = self._writeClosed and not self._writeClosedSeen and not self.stream
        self._writeClosedSeen = self._writeClosedSeen or closed
        return closed

    def peerHalfClosed(self) -> None:
        """The peer sends no more: tell the protocol, or close, as a socket would."""
        if IHalfCloseableProtocol.providedBy(self.protocol):
            self.protocol.readConnectionLost()
        else:
            self.loseConnection()

    def reportDisconnect(self) -> None:
        """Tell the protocol that the connection is lost, the first time."""
        if self.disconnected:
            return
        self.disconnected = self.disconnecting = True
        producer, self.producer = self.producer, None
        if producer is not None:
            producer.stopProducing()
        self.protocol.connectionLost(self.disconnectReason)


def makeFakeClient(clientProtocol: Any) -> FakeTransport:
    """Return a transport for the client's end."""
    return FakeTransport(clientProtocol, isServer=False)


def makeFakeServer(serverProtocol: Any) -> FakeTransport:
    """Return a transport for the server's end."""
    return FakeTransport(serverProtocol, isServer=True)


class IOPump:
    """Moves data between two ends.

    Args:
        client: The client's protocol.
        server: The server's protocol.
        clientIO: The client's transport.
        serverIO: The server's transport.
        debug: Whether to print what moves.
        clock: Advanced by nothing at each pump, so that calls that are due are made.
    """

    __module__ = "twisted.internet.testing"

    def __init__(
        self,
        client: Any,
        server: Any,
        clientIO: FakeTransport,
        serverIO: FakeTransport,
        debug: bool,
        clock: Clock | None = None,
    ) -> None:
        self.client = client
        self.server = server
        self.clientIO = clientIO
        self.serverIO = serverIO
        self.debug = debug
        self.clock = Clock() if clock is None else clock

    def flush(self, debug: bool = False, advanceClock: bool = True) -> bool:
        """Pump until nothing moves.

        Returns:
            Whether anything has moved.

        Raises:
            RuntimeError: It does not come to an end.
        """
        for pumps in range(_MAX_PUMPS):
            if not self.pump(debug, advanceClock):
                return pumps > 0
        raise RuntimeError(
            f"{self.client!r} and {self.server!r} still had something to say to each other "
            f"after {_MAX_PUMPS} pumps"
        )

    def pump(self, debug: bool = False, advanceClock: bool = True) -> bool:
        """Move once what was written on both sides.

        Args:
            debug: Whether to print what moves.
            advanceClock: Whether to make calls that are due.

        Returns:
            Whether anything has moved.
        """
        if advanceClock:
            self.clock.advance(0)
        ends = (self.clientIO, self.serverIO)
        for end in ends:
            end.askProducer()
        taken = [end.getOutBuffer() for end in ends]
        if debug or self.debug:
            self._show(*taken)
        halves = [end.takeHalfClose() for end in ends]
        closed = any(end.hasClosed for end in ends)
        moved = False
        for end, data, half in zip(reversed(ends), taken, halves, strict=True):
            if data is not None:
                end.bufferReceived(data)
                moved = True
            elif end.deliver():
                moved = True
            if half and not end.disconnected:
                end.peerHalfClosed()
                moved = True
        return self._disconnect() or moved if closed else moved

    def _disconnect(self) -> bool:
        told = False
        for end, other in ((self.clientIO, self.serverIO), (self.serverIO, self.clientIO)):
            if end.disconnected:
                continue
            if other.hasAborted and not end.hasAborted:
                end.disconnectReason = Failure(error.ConnectionLost("Connection reset by peer"))
            end.reportDisconnect()
            told = True
        return told

    def _show(self, fromClient: bytes | None, fromServer: bytes | None) -> None:
        for sender, data in (("C", fromClient), ("S", fromServer)):
            if data is not None:
                print(f"{sender}: {data!r}")


def connect(
    serverProtocol: Any,
    serverTransport: FakeTransport,
    clientProtocol: Any,
    clientTransport: FakeTransport,
    debug: bool = False,
    greet: bool = True,
    clock: Clock | None = None,
) -> IOPump:
    """Join two protocols by their transports.

    Args:
        serverProtocol: The server's protocol; it is connected first.
        serverTransport: Its transport.
        clientProtocol: The client's protocol.
        clientTransport: Its transport.
        debug: Whether to print what moves.
        greet: Whether to move at once what they say when they are connected.
        clock: See `IOPump`.
    """
    serverProtocol.makeConnection(serverTransport)
    clientProtocol.makeConnection(clientTransport)
    pump = IOPump(
        clientProtocol, serverProtocol, clientTransport, serverTransport, debug, clock=clock
    )
    if greet:
        pump.flush()
    return pump


def connectedServerAndClient(
    ServerClass: Callable[[], _Server],
    ClientClass: Callable[[], _Client],
    clientTransportFactory: Callable[[_Client], Any] = makeFakeClient,
    serverTransportFactory: Callable[[_Server], Any] = makeFakeServer,
    debug: bool = False,
    greet: bool = True,
    clock: Clock | None = None,
) -> tuple[_Client, _Server, IOPump]:
    """Make and join two protocols.

    Args:
        ServerClass: Makes the server's protocol.
        ClientClass: Makes the client's protocol.
        clientTransportFactory: Makes the client's transport.
        serverTransportFactory: Makes the server's transport.
        debug: Whether to print what moves.
        greet: Whether to move at once what they say when they are connected.
        clock: See `IOPump`.

    Returns:
        The client's protocol, the server's, and their pump.
    """
    client = ClientClass()
    server = ServerClass()
    pump = connect(
        server,
        serverTransportFactory(server),
        client,
        clientTransportFactory(client),
        debug,
        greet,
        clock,
    )
    return client, server, pump


class ConnectionCompleter:
    """Makes the connections that a `MemoryReactor` was asked for come true.

    Args:
        memoryReactor: The reactor; clients and servers are matched by their port.
    """

    __module__ = "twisted.internet.testing"

    def __init__(self, memoryReactor: MemoryReactor) -> None:
        self._reactor = memoryReactor

    def succeedOnce(self, debug: bool = False) -> IOPump | None:
        """Connect the first client that has a server.

        Returns:
            The pump of the connection; None if there is no such client.
        """
        for info in self._reactor.tcpClients:
            port, clientFactory = info[1:3]
            for serverPort, serverFactory, *_ in self._reactor.tcpServers:
                if serverPort == port:
                    self._reactor.tcpClients.remove(info)
                    return self._join(clientFactory, serverFactory, debug)
        return None

    def _join(self, clientFactory: Any, serverFactory: Any, debug: bool) -> IOPump:
        client = clientFactory.buildProtocol(FakeAddress())
        server = serverFactory.buildProtocol(FakeAddress())
        return connect(server, makeFakeServer(server), client, makeFakeClient(client), debug)

    def failOnce(self, reason: Failure | None = None) -> None:
        """Let the first connection be refused.

        Args:
            reason: What the client is told; a `ConnectionRefusedError` by default.
        """
        reason = reason or Failure(error.ConnectionRefusedError())
        factory = self._reactor.tcpClients.pop(0)[2]
        factory.clientConnectionFailed(self._reactor.connectors.pop(0), reason)
