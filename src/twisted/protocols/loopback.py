"""Two protocols joined end to end in one process, to test them against each other."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import ConnectionAborted
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IConsumer,
    IDelayedCall,
    IListeningPort,
    IProducer,
    IProtocol,
    ITransport,
)
from twisted.internet.main import CONNECTION_DONE
from twisted.internet.protocol import ClientFactory, Factory, connectionDone
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure

__all__ = [
    "LoopbackClientFactory",
    "LoopbackRelay",
    "collapsingPumpPolicy",
    "identityPumpPolicy",
    "loopbackAsync",
    "loopbackTCP",
    "loopbackUNIX",
]


# --- In memory ---------------------------------------------------------------------------


class _Queue:
    """What one side has written and the other not yet received.

    Attributes:
        ended: whether the writer has hung up; None stands behind its last piece.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._pieces: deque[bytes | None] = deque()
        self._wake = wake
        self.ended = False

    def put(self, piece: bytes) -> None:
        if not self.ended:
            self._pieces.append(piece)
            self._wake()

    def end(self) -> None:
        if not self.ended:
            self.ended = True
            self._pieces.append(None)
            self._wake()

    def get(self) -> bytes | None:
        """The next piece; None at the end."""
        return self._pieces.popleft()

    def __bool__(self) -> bool:
        return bool(self._pieces)


@implementer(IAddress)
class _LoopbackAddress:
    """Where a protocol is that is in this process."""

    def __repr__(self) -> str:
        return "<loopback>"


@implementer(ITransport, IConsumer)
class _LoopbackTransport:
    """One end of a connection in memory.

    Attributes:
        disconnecting: whether this side has hung up.
        paused: whether this side wants to receive nothing for now.
        producer: the pull producer to be asked when all has been taken, or None.
    """

    def __init__(self, queue: _Queue, wake: Callable[[], None]) -> None:
        self._queue = queue
        self._wake = wake
        self.disconnecting = False
        self.paused = False
        self.producer: Any = None
        self.streaming = False
        self.reason: Failure | None = None

    def write(self, data: bytes) -> None:
        if isinstance(data, str):
            raise TypeError(
                'write takes bytes, not str: encode the text first, as in text.encode("utf-8").'
            )
        if data:
            self._queue.put(bytes(data))

    def writeSequence(self, data: Iterable[bytes]) -> None:
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        self.disconnecting = True
        self._wake()

    def abortConnection(self) -> None:
        self.reason = Failure(ConnectionAborted())
        self.producer = None
        self.loseConnection()

    def getPeer(self) -> IAddress:
        return _LoopbackAddress()

    def getHost(self) -> IAddress:
        return _LoopbackAddress()

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        if self.producer is not None:
            raise RuntimeError(
                f"Cannot register {producer!r}: {self.producer!r} has not been unregistered."
            )
        self.producer = producer
        self.streaming = streaming
        self._wake()

    def unregisterProducer(self) -> None:
        self.producer = None
        self._wake()

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False
        self._wake()

    def stopProducing(self) -> None:
        self.loseConnection()

    def settle(self) -> None:
        """Ask a pull producer for more, or hang up, if all that was written has been taken."""
        if self._queue:
            return
        if self.producer is not None:
            if not self.streaming:
                self.producer.resumeProducing()
        elif self.disconnecting:
            self._queue.end()


PumpPolicy = Callable[[Any, IProtocol], None]


def identityPumpPolicy(queue: Any, target: IProtocol) -> None:
    """Deliver each piece as it was written.

    Args:
        queue: true while there is something in it; ``get()`` gives the next piece, or None
            at the end of the connection.
        target: the protocol that receives.
    """
    while queue:
        piece = queue.get()
        if piece is None:
            return
        target.dataReceived(piece)


def collapsingPumpPolicy(queue: Any, target: IProtocol) -> None:
    """Deliver all that has been written as one piece; arguments as for `identityPumpPolicy`."""
    pieces = []
    while queue:
        piece = queue.get()
        if piece is None:
            break
        pieces.append(piece)
    if pieces:
        target.dataReceived(b"".join(pieces))


class _Loopback:
    """A connection in memory between two protocols. It moves data in turns of the reactor."""

    def __init__(self, server: IProtocol, client: IProtocol, policy: PumpPolicy) -> None:
        self.policy = policy
        self.done: Deferred[None] = Deferred()
        self.planned: IDelayedCall | None = None
        self.over = False
        self.protocols = (server, client)
        self.queues = (_Queue(self.wake), _Queue(self.wake))
        self.transports = tuple(_LoopbackTransport(queue, self.wake) for queue in self.queues)

    def start(self) -> Deferred[None]:
        for protocol, transport in zip(self.protocols, self.transports, strict=True):
            protocol.makeConnection(transport)
        self.wake()
        return self.done

    def wake(self) -> None:
        """There may be something to do, in another turn: what writes is not called back at once."""
        if self.planned is None and not self.over:
            self.planned = installedReactor().callLater(0, self.pump)

    def pump(self) -> None:
        self.planned = None
        try:
            for mine, peer in ((0, 1), (1, 0)):
                if self.queues[mine] and not self.transports[peer].paused:
                    self.policy(self.queues[mine], self.protocols[peer])
            for transport in self.transports:
                transport.settle()
        except Exception:
            self.finish(Failure())
            return
        for queue, peer in ((self.queues[0], 1), (self.queues[1], 0)):
            if queue.ended and not self.transports[peer].paused:
                # Whoever hangs up has been heard to the end, and hears no more.
                self.policy(queue, self.protocols[peer])
                self.finish(None)
                return

    def finish(self, fault: Failure | None) -> None:
        """Tell both sides that the connection is over, then whoever waits for it."""
        self.over = True
        if self.planned is not None:
            self.planned.cancel()
        reasons = [transport.reason for transport in self.transports if transport.reason]
        reason = fault or (reasons[0] if reasons else Failure(CONNECTION_DONE))
        for transport in self.transports:
            transport.disconnecting = True
        for protocol in self.protocols:
            protocol.connectionLost(reason)
        if fault is None:
            self.done.callback(None)
        else:
            self.done.errback(fault)


def loopbackAsync(
    server: IProtocol, client: IProtocol, pumpPolicy: PumpPolicy = identityPumpPolicy
) -> Deferred[None]:
    """Join two protocols in memory, and move data between them until one hangs up.

    Args:
        server, client: the protocols; the server's connection is made first.
        pumpPolicy: how pieces that were written become pieces that are received, such as
            `identityPumpPolicy` or `collapsingPumpPolicy`.

    Returns:
        Fires when the connection is over and both protocols know it; fails if one of them
        raises an exception.
    """
    return _Loopback(server, client, pumpPolicy).start()


@implementer(ITransport, IConsumer)
class LoopbackRelay:
    """A transport that keeps what is written until `clearBuffer` gives it to a protocol.

    Args:
        target: the protocol.
        logFile: a text file to which everything written is copied, or None.

    Attributes:
        buffer: what is kept.
        shouldLose: 1 when this is to be closed by the next `clearBuffer`, -1 when it has been.
    """

    buffer: bytes = b""
    shouldLose: int = 0
    disconnecting: int = 0
    producer: Any = None

    def __init__(self, target: IProtocol, logFile: IO[str] | None = None) -> None:
        self.target = target
        self.logFile = logFile

    def write(self, data: bytes) -> None:
        """Keep `data`."""
        self.buffer += data
        if self.logFile is not None:
            self.logFile.write(f"loopback writing {data!r}\n")

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Keep each item of `iovec`."""
        self.write(b"".join(iovec))

    def clearBuffer(self) -> None:
        """Ask the producer for more; deliver what is kept; close if that is to be."""
        if self.shouldLose == -1:
            return
        if self.producer is not None:
            self.producer.resumeProducing()
        if self.buffer:
            data, self.buffer = self.buffer, b""
            self.target.dataReceived(data)
        if self.shouldLose == 1:
            self.shouldLose = -1
            self.target.connectionLost(Failure(CONNECTION_DONE))

    def loseConnection(self) -> None:
        """Close at the next `clearBuffer`, after what is kept."""
        if self.shouldLose != -1:
            self.shouldLose = 1
            self.disconnecting = 1

    def getHost(self) -> Any:
        """A word in the place of an address."""
        return "loopback"

    def getPeer(self) -> Any:
        """A word in the place of an address."""
        return "loopback"

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Ask `producer` for more at each `clearBuffer`."""
        self.producer = producer

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self.producer = None

    def logPrefix(self) -> str:
        """How the log marks lines for this: with the target's class."""
        return f"Loopback({type(self.target).__name__})"


# --- Over sockets ------------------------------------------------------------------------


class LoopbackClientFactory(ClientFactory[Any]):
    """Gives out one protocol, and tells when its connection is over.

    Attributes:
        disconnected: whether it is.
        deferred: fires with None when it is; fails if there never was a connection.
    """

    noisy = False

    def __init__(self, protocol: IProtocol) -> None:
        self.instance = protocol
        self.disconnected = 0
        self.deferred: Deferred[None] = Deferred()

    def buildProtocol(self, addr: IAddress | None) -> IProtocol:
        """The one protocol."""
        return self.instance

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """The connection is over."""
        self.disconnected = 1
        self.deferred.callback(None)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """There is no connection."""
        self.deferred.errback(reason)


class _OneServerFactory(Factory[Any]):
    """Gives out one protocol, to the first connection."""

    def __init__(self, protocol: IProtocol, noisy: bool) -> None:
        self.instance: IProtocol | None = protocol
        self.noisy = noisy

    def buildProtocol(self, addr: IAddress | None) -> IProtocol | None:
        instance, self.instance = self.instance, None
        return instance


class _TellingWrapper(ProtocolWrapper):
    """Tells its factory when the protocol inside has heard that the connection is over."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self.factory.finished.callback(None)


class _TellingFactory(WrappingFactory):
    protocol = _TellingWrapper

    def __init__(self, wrappedFactory: Factory[Any]) -> None:
        super().__init__(wrappedFactory)
        self.finished: Deferred[None] = Deferred()


def _loopbackOver(
    server: IProtocol,
    client: IProtocol,
    noisy: bool,
    listen: Callable[[Factory[Any]], IListeningPort],
    connect: Callable[[Any, ClientFactory[Any]], object],
) -> Deferred[None]:
    """Join two protocols over a port; fires when both are done and the port is closed."""
    serverFactory = _TellingFactory(_OneServerFactory(server, noisy))
    clientFactory = LoopbackClientFactory(client)
    clientFactory.noisy = noisy
    port = listen(serverFactory)

    connect(port, clientFactory)

    async def waitForBoth() -> None:
        try:
            await clientFactory.deferred
            await serverFactory.finished
        finally:
            await maybeDeferred(port.stopListening)

    return Deferred.fromCoroutine(waitForBoth())


def loopbackTCP(
    server: IProtocol, client: IProtocol, port: int = 0, noisy: bool = True
) -> Deferred[None]:
    """Join two protocols over TCP on this host.

    Args:
        server, client: the protocols.
        port: the server's port; 0 lets the system choose.
        noisy: whether the factories log that they start and stop.

    Returns:
        Fires when the connection is over, both protocols know it, and the port is closed.
    """
    reactor = installedReactor()
    return _loopbackOver(
        server,
        client,
        noisy,
        lambda factory: reactor.listenTCP(port, factory, interface="127.0.0.1"),
        lambda listening, factory: reactor.connectTCP(
            "127.0.0.1", listening.getHost().port, factory
        ),
    )


def loopbackUNIX(server: IProtocol, client: IProtocol, noisy: bool = True) -> Deferred[None]:
    """Join two protocols over a UNIX socket; otherwise as `loopbackTCP`."""
    reactor = installedReactor()
    directory = tempfile.TemporaryDirectory(prefix="loopback")
    path = str(Path(directory.name) / "socket")

    def cleanUp(result: Any) -> Any:
        directory.cleanup()
        return result

    return _loopbackOver(
        server,
        client,
        noisy,
        lambda factory: reactor.listenUNIX(path, factory),
        lambda listening, factory: reactor.connectUNIX(path, factory),
    ).addBoth(cleanUp)
