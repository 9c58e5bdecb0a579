"""Descriptors that the loop watches: the base of every transport.

Theory of operation
-------------------
`write` only queues.  The first write of a turn puts the descriptor on the reactor's list
of those that have something to send; at the end of the turn each of them is sent to
once, with all that was written to it.  Only what the kernel did not take is worth an
interest in writability.  So a response in five pieces is one system call, and the
multiplexer hears of it only if the peer is slow.

What is to happen when the queue is empty (close, half-close) is a state, `Ending`, with a
table of its transitions; what a producer has been told is kept in a `Flow`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet import main
from twisted.internet._bugs import reportBug
from twisted.internet._flow import Flow
from twisted.internet._reactor import TransportReactor, installedReactor
from twisted.internet.error import ConnectionAborted, ConnectionLost
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IHalfCloseableDescriptor,
    IProducer,
    IPushProducer,
    IReadWriteDescriptor,
    ITransport,
)
from twisted.python.failure import Failure

__all__ = ["FileDescriptor", "isIPAddress", "isIPv6Address"]


class Ending(Enum):
    """What is to happen once all that was written has been sent."""

    NONE = "stay open"
    HALF = "close our half"
    FULL = "close"
    ABORT = "reset, at once"


# A member is looked up by way of its class's metaclass, which takes longer than all else
# that `write` does; what is asked for each message is asked of these.
STAY_OPEN = Ending.NONE
CLOSE = Ending.FULL

#: By what was planned and what is asked for now; a pair that is missing changes nothing.
ENDINGS: dict[tuple[Ending, Ending], Ending] = {
    (Ending.NONE, Ending.HALF): Ending.HALF,
    (Ending.NONE, Ending.FULL): Ending.FULL,
    (Ending.NONE, Ending.ABORT): Ending.ABORT,
    (Ending.HALF, Ending.FULL): Ending.FULL,
    (Ending.HALF, Ending.ABORT): Ending.ABORT,
    (Ending.FULL, Ending.ABORT): Ending.ABORT,
}

Reason = Exception | Failure


def bytesToSend(data: object) -> bytes:
    """The bytes of anything bytes-like.

    Raises:
        TypeError: `data` is text, or no data at all.
    """
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    if isinstance(data, str):
        raise TypeError(
            f"a transport carries bytes, not str: write {data[:20]!r}.encode('utf-8') "
            "or another encoding that the peer expects"
        )
    raise TypeError(f"a transport carries bytes, not {type(data).__name__}")


@implementer(IConsumer, IPushProducer, IReadWriteDescriptor, ITransport, IHalfCloseableDescriptor)
class FileDescriptor:
    """A descriptor with a queue of bytes to send: a base for transports of your own.

    A subclass gives `fileno`, `doRead` and `writeSomeData`, sets `connected` when it is,
    and calls `startReading` to be read.

    Args:
        reactor: who watches it; the installed one by default.

    Attributes:
        connected: whether bytes can be sent.
        disconnected: whether the descriptor was connected, and is no more.
        disconnecting: whether `loseConnection` was called, and bytes are still being sent.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_awaitsWritable",
        "_ending",
        "_flow",
        "_queue",
        "_schedule",
        "_unwatched",
        "_writable",
        "connected",
        "disconnected",
        "disconnecting",
        "reactor",
    )

    #: A push producer is paused when more bytes than this wait to be sent.
    bufferSize: ClassVar[int] = 1 << 16
    #: About this many bytes are given to one system call.
    SEND_LIMIT: ClassVar[int] = 1 << 18
    #: About this many bytes are sent before other descriptors have their turn.
    TURN_LIMIT: ClassVar[int] = 1 << 20
    #: Where in `dataBuffer` the unsent bytes begin; kept for those who look.
    offset: ClassVar[int] = 0

    def __init__(self, reactor: TransportReactor | None = None) -> None:
        self.reactor: Any = installedReactor() if reactor is None else reactor
        self.connected = False
        self.disconnected = False
        self.disconnecting = False
        self._queue: list[bytes | memoryview] = []
        self._flow: Flow | None = None
        self._ending = STAY_OPEN
        self._writable = True
        self._awaitsWritable = False
        #: Where ours looks for transports that it does not watch, when it disconnects all.
        self._unwatched: set[Any] = getattr(self.reactor, "_unwatched", set())
        # A reactor that keeps a list of those who have something to send puts us on it;
        # one of somebody else's is asked to tell when we can.
        schedule = getattr(self.reactor, "_scheduleWriter", None)
        self._schedule: Callable[[FileDescriptor], object] = schedule or _scheduleElsewhere

    # What a subclass knows

    def fileno(self) -> int:
        """The descriptor's number, or -1 once it is closed."""
        return -1

    def doRead(self) -> Reason | None:
        """Data can be read; returns why the connection is lost, if it is."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to read")

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        """Send what can be sent without blocking.

        Returns:
            how many bytes were taken, which may be 0, or why the connection is lost.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how to write")

    def getHost(self) -> IAddress:
        """The address of our end."""
        raise NotImplementedError(f"{type(self).__name__} does not know its address")

    def getPeer(self) -> IAddress:
        """The address of the other end."""
        raise NotImplementedError(f"{type(self).__name__} does not know its peer")

    def logPrefix(self) -> str:
        """Who this is, in the log."""
        return "-"

    # Writing

    def write(self, data: bytes) -> None:
        """Send `data` after all that was written before; see `ITransport.write`."""
        # Benchmarks tcp-echo and tcp-stream: no call but the two that do the work.
        if data.__class__ is not bytes:
            data = bytesToSend(data)
        if not data or not self._writable:
            return
        queue = self._queue
        if not queue:
            self._schedule(self)
        queue.append(data)
        flow = self._flow
        if flow is not None:
            flow.queued += len(data)
            if flow.queued > self.bufferSize:
                flow.filled()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send several pieces, in order."""
        self.write(b"".join([bytesToSend(piece) for piece in iovec]))

    def doWrite(self) -> Reason | None:
        """Send what is queued, then do what was to be done when all is sent."""
        # Benchmark tcp-stream: a producer that is faster than the peer is let go on here,
        # rather than in the next turn, until its turn has been long enough.
        queue = self._queue
        budget = self.TURN_LIMIT
        while True:
            if queue:
                data = queue[0]
                sent = self.writeSomeData(data) if len(queue) == 1 else self._writeSeveral()
                if not isinstance(sent, int):
                    return sent
                budget -= sent
                if sent == len(data):
                    del queue[0]
                else:
                    self._forget(sent)
                if queue:
                    if sent >= self.SEND_LIMIT and budget > 0:
                        continue
                    if not self._awaitsWritable:
                        self.startWriting()
                    return None
            if self._awaitsWritable:
                self.stopWriting()
            flow = self._flow
            if flow is not None:
                flow.queued = 0
            if flow is None or (flow.streaming and not flow.paused):
                # A push producer that has not been told to pause has had its chance.
                return None if self._ending is STAY_OPEN else self._end()
            if budget <= 0:
                self._schedule(self)
                return None
            self._letProduce(flow)
            if not queue and self._flow is flow and not flow.streaming:
                return None

    def _letProduce(self, flow: Flow) -> None:
        """Nothing waits: let the producer go on."""
        queue = self._queue
        # As long as something is queued, `write` does not ask for another turn.
        queue.append(b"")
        try:
            flow.drained()
        finally:
            if queue and not queue[0]:
                del queue[0]

    def _writeSeveral(self) -> int | Exception:
        """Send from more than one piece; returns as `writeSomeData` does."""
        return self.writeSomeData(b"".join(self._firstPieces()))

    def _firstPieces(self) -> list[bytes | memoryview]:
        """As many pieces as a system call can be expected to take."""
        size = 0
        for count, piece in enumerate(self._queue, 1):
            size += len(piece)
            if size >= self.SEND_LIMIT:
                return self._queue[:count]
        return self._queue

    def _forget(self, sent: int) -> None:
        """Take `sent` bytes from the queue."""
        queue = self._queue
        for count, piece in enumerate(queue):
            if sent < len(piece):
                queue[: count + 1] = [memoryview(piece)[sent:]]
                return
            sent -= len(piece)
        queue.clear()

    @property
    def dataBuffer(self) -> bytes:
        """A copy of the bytes that were written and not sent."""
        return b"".join(self._queue)

    # Ending

    def loseConnection(self) -> None:
        """Close once everything written is sent.

        A pull producer, or one that was told to pause, is let finish first: it unregisters
        when it has.
        """
        if self._plan(Ending.FULL):
            self.disconnecting = True
            self.stopReading()

    def loseWriteConnection(self) -> None:
        """Close our half once everything written is sent; see `loseConnection`."""
        self._plan(Ending.HALF)

    def abortConnection(self) -> None:
        """Close now; what is not sent is not sent.

        `connectionLost` is called soon, with `ConnectionAborted`.
        """
        if not self.connected or (self._ending, Ending.ABORT) not in ENDINGS:
            return
        self.disconnecting = True
        self._writable = False
        self._queue.clear()
        self._stopProducer()
        self.stopReading()
        if self._awaitsWritable:
            self.stopWriting()
        self._plan(Ending.ABORT)

    def _abortNow(self) -> None:
        if not self.disconnected:
            self.connectionLost(Failure(ConnectionAborted()))

    def _plan(self, wish: Ending) -> bool:
        """Take note of how to end; whether that is news."""
        ending = ENDINGS.get((self._ending, wish))
        if ending is None or not self.connected:
            return False
        if ending is Ending.HALF and not self._writable:
            return False
        self._ending = ending
        if ending is Ending.ABORT or not self._queue:
            self._schedule(self)
        return True

    def _end(self) -> Reason | None:
        """Everything is sent: end as planned."""
        if self._ending is Ending.ABORT:
            return ConnectionAborted()
        if self._ending is Ending.FULL:
            return main.CONNECTION_DONE
        self._ending = STAY_OPEN
        self._writable = False
        return self._closeWriteConnection()

    def _closeWriteConnection(self) -> Reason | None:
        """Close our half; returns why the connection is lost, if it is."""
        self.writeConnectionLost(Failure(ConnectionLost("our half was closed")))
        return None

    def writeConnectionLost(self, reason: Failure) -> None:
        """Our half is closed; where halves make no difference, so is the rest."""
        self.connectionLost(reason)

    def readConnectionLost(self, reason: Failure) -> None:
        """The peer's half is closed; where halves make no difference, so is ours."""
        self.connectionLost(reason)

    def connectionLost(self, reason: Failure) -> None:
        """Clean up; a subclass closes its descriptor after calling this."""
        self.disconnected = True
        self.connected = False
        self._writable = False
        self._ending = STAY_OPEN
        self._queue.clear()
        self._unwatched.discard(self)
        self._watchNoMore()
        self._stopProducer()

    # Being watched

    def _watchNoMore(self) -> None:
        self.stopReading()
        self.stopWriting()

    def startReading(self) -> None:
        """Have `doRead` called when there is something to read."""
        self.reactor.addReader(self)

    def stopReading(self) -> None:
        """Have `doRead` called no more."""
        self.reactor.removeReader(self)

    def startWriting(self) -> None:
        """Have `doWrite` called when bytes can be sent."""
        self._awaitsWritable = True
        self.reactor.addWriter(self)

    def stopWriting(self) -> None:
        """Have `doWrite` called no more."""
        self._awaitsWritable = False
        self.reactor.removeWriter(self)

    # As a producer for someone else, who wants what the peer sends

    def pauseProducing(self) -> None:
        """Deliver nothing until `resumeProducing`; the kernel then slows the peer down."""
        self._readNoMore()

    def _readNoMore(self) -> None:
        """Stop to read, for a while or for ever, and stay known to the reactor all the same."""
        self.stopReading()
        if self.connected:
            self._unwatched.add(self)

    def resumeProducing(self) -> None:
        """Deliver again what the peer sends."""
        if self.connected and not self.disconnecting:
            self._unwatched.discard(self)
            self.startReading()

    def stopProducing(self) -> None:
        """Close the connection."""
        self.loseConnection()

    # As a consumer of what someone else produces

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let `producer` write; see `IConsumer.registerProducer`."""
        if self._flow is not None:
            raise RuntimeError(
                f"cannot register {producer!r}: {self._flow.producer!r} is registered, "
                "and has not been unregistered"
            )
        if self.disconnected or not self._writable:
            producer.stopProducing()
            return
        self._flow = Flow(producer, streaming, sum(map(len, self._queue)))
        if not streaming:
            self._flow.start()

    def unregisterProducer(self) -> None:
        """The producer has nothing more to write."""
        self._flow = None
        if self._ending in (Ending.HALF, Ending.FULL) and not self._queue:
            self._schedule(self)

    def stopConsuming(self) -> None:
        """Forget the producer, and close."""
        self.unregisterProducer()
        self.loseConnection()

    def _stopProducer(self) -> None:
        flow, self._flow = self._flow, None
        if flow is not None:
            try:
                flow.producer.stopProducing()
            except BaseException:
                # The connection ends all the same.
                reportBug(f"Unhandled error in stopProducing of {flow.producer!r}")

    @property
    def producer(self) -> IProducer | None:
        """The registered producer."""
        return None if self._flow is None else self._flow.producer

    @property
    def streamingProducer(self) -> bool:
        """Whether the registered producer is a push producer."""
        return self._flow is not None and self._flow.streaming

    @property
    def producerPaused(self) -> bool:
        """Whether the registered producer was told to pause."""
        return self._flow is not None and self._flow.paused


def _scheduleElsewhere(descriptor: FileDescriptor) -> None:
    """Have `descriptor` send or end soon, in a reactor that keeps no list of such wishes."""
    if descriptor._ending is Ending.ABORT:
        # Not by waiting for writability: a peer that does not read never gives it.
        descriptor.reactor.callLater(0, descriptor._abortNow)
    else:
        descriptor.startWriting()


def isIPAddress(addr: str | bytes, family: int = socket.AF_INET) -> bool:
    """Whether `addr` is an IP address, not a name.

    Args:
        addr: what may be an address; an IPv6 address may have a ``%zone``.
        family: `socket.AF_INET` or `socket.AF_INET6`.
    """
    if isinstance(addr, bytes):
        try:
            addr = addr.decode("ascii")
        except UnicodeDecodeError:
            return False
    if family == socket.AF_INET6:
        addr = addr.partition("%")[0]
    try:
        socket.inet_pton(family, addr)
    except (OSError, ValueError):
        return False
    return True


def isIPv6Address(addr: str | bytes) -> bool:
    """Whether `addr` is an IPv6 address; it may have a ``%zone``."""
    return isIPAddress(addr, socket.AF_INET6)
