"""TLS between a transport and a protocol: the engine's glue.

Theory of operation
-------------------
What a protocol writes is collected, and encrypted at the end of the event that made it
write, or of the turn if that was none of ours, or at once when a record is full: five
small writes make one record, not five.  The transport below sends once in a turn, so that
they are one system call as well.

A producer of the user's is not told to the transport below, because it writes to us; a
`Feeding` of ours is, which passes on what it hears.  While the handshake goes on nothing
can be sent, and the producer is told to wait.

Nothing that has been decrypted is kept back, but what comes with the end of the handshake
to a protocol that has paused us before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet._bugs import reportBug
from twisted.internet._tls._engine import (
    HANDSHAKE,
    OPEN,
    RECEIVE_ONLY,
    RECORD_SIZE,
    SEND_ONLY,
    Backend,
    Engine,
    State,
)
from twisted.internet._tls._feeding import Feeding
from twisted.internet.abstract import ENDINGS, Ending, FileDescriptor, bytesToSend
from twisted.internet.error import (
    ConnectionAborted,
    ConnectionDone,
    ConnectionLost,
    TimeoutError,
)
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IHandshakeListener,
    IProducer,
)
from twisted.python.failure import Failure

STAY_OPEN = Ending.NONE
HALF = Ending.HALF
CLOSE = Ending.FULL
ABORT = Ending.ABORT

#: Seconds for a peer to finish the handshake: long enough for a bad line and a slow device,
#: and not for ever, since it holds a connection of ours and has proved nothing yet.
HANDSHAKE_TIMEOUT = 60.0
#: Seconds for a peer to answer the end of TLS, once the kernel has all that was written.
LINGER = 1.0

_TRUNCATED = (
    "the peer closed the connection without ending TLS first: "
    "the last of what it sent may be missing"
)
_NOT_AGREED = "the peer closed the connection before TLS was agreed"


@implementer(IHalfCloseableProtocol)
class TLSLayer:
    """A protocol to the transport below, and what a transport above is made of.

    Args:
        protocol: the user's.
        makeBackend: given this object, makes what encrypts.
        clock: has `callLater`, where the reactor below cannot be asked; None to write at
            once then.
        handshakeTimeout: seconds that the handshake may take; None for ever.

    Attributes:
        transport: below, which takes and gives ciphertext.
        wrappedProtocol: the user's; None once the connection is lost.
        disconnecting: whether the user has closed the connection.
    """

    __slots__ = (
        "__weakref__",
        "_ended",
        "_ending",
        "_engine",
        "_feeding",
        "_held",
        "_inside",
        "_clock",
        "_flushed",
        "_paused",
        "_pending",
        "_pendingSize",
        "_producer",
        "_producerPaused",
        "_reason",
        "_scheduled",
        "_seen",
        "_streaming",
        "_timeout",
        "_timer",
        "_writable",
        "disconnecting",
        "transport",
        "wrappedProtocol",
    )

    #: As `FileDescriptor.bufferSize`, for what waits for the handshake.
    bufferSize = FileDescriptor.bufferSize

    def __init__(
        self,
        protocol: Any,
        makeBackend: Callable[[Any], Backend],
        clock: Any = None,
        handshakeTimeout: float | None = HANDSHAKE_TIMEOUT,
    ) -> None:
        self.wrappedProtocol = protocol
        self.transport: Any = None
        self.disconnecting = False
        self._clock = clock
        self._timeout = handshakeTimeout
        #: Of the handshake, and later of the peer's answer to the end.
        self._timer: Any = None
        self._ending = STAY_OPEN
        self._ended = False
        self._flushed = False
        self._reason: Failure | None = None
        self._pending: list[bytes] = []
        self._pendingSize = 0
        self._inside = False
        self._scheduled = False
        self._writable = True
        self._paused = False
        self._held: list[bytes] = []
        self._producer: Any = None
        self._streaming = False
        self._producerPaused = False
        self._feeding = False
        self._seen = HANDSHAKE
        self._engine = Engine(makeBackend(self))

    def begin(self, transport: Any) -> None:
        """Start the handshake over `transport`."""
        self.transport = transport
        if self._ending is not STAY_OPEN:
            return
        clock: Any = self._clock or getattr(transport, "reactor", None)
        if self._timeout is not None and hasattr(clock, "callLater"):
            self._timer = clock.callLater(self._timeout, self._tooLate)
        self._enter(self._engine.start)

    def _tooLate(self) -> None:
        if self._engine.state is HANDSHAKE:
            late = f"the peer did not finish the TLS handshake within {self._timeout:g} seconds"
            self.failVerification(Failure(TimeoutError(late)))

    def _enter(self, step: Callable[[], None]) -> None:
        """Do something that may change the engine's state, and send what comes of it."""
        self._inside = True
        try:
            step()
            if self._engine.state is not self._seen:
                self._stateChanged(b"")
        finally:
            self._inside = False
        self._flush()

    # From the transport below

    def dataReceived(self, data: bytes) -> None:
        """Decrypt, and pass on."""
        # Benchmark tls-echo: writes are sent from here, not in a call of their own.
        engine = self._engine
        self._inside = True
        try:
            plaintext = engine.receive(data)
            if engine.state is not self._seen:
                self._stateChanged(plaintext)
            elif plaintext:
                if self._ending is STAY_OPEN and not self._paused:
                    self.wrappedProtocol.dataReceived(plaintext)
                else:
                    self._deliver(plaintext)
        finally:
            self._inside = False
        if engine.state is not OPEN or engine.replies or self._ending is not STAY_OPEN:
            self._flush()
        elif self._pending:
            self._sendPending()

    def _deliver(self, plaintext: bytes) -> None:
        """Give the protocol what it still wants."""
        if not plaintext or self._ending is CLOSE or self._ending is ABORT:
            return
        if self._paused:
            self._held.append(plaintext)
        elif self.wrappedProtocol is not None:
            self.wrappedProtocol.dataReceived(plaintext)

    def _stateChanged(self, plaintext: bytes) -> None:
        """Tell all that has happened, in its order."""
        before, now = self._seen, self._engine.state
        self._seen = now
        if self._ended:
            self._lingered()
            return
        if before is HANDSHAKE:
            self._stopTimer()
            if now is not State.FAILED:
                self._agreed()
        self._deliver(plaintext)
        if self._ending is ABORT:
            return
        if now is State.FAILED:
            assert self._engine.fault is not None, "what made it fail"
            self._fail(self._engine.fault)
        elif now is SEND_ONLY or (before is RECEIVE_ONLY and now is State.CLOSED):
            self._peerClosed()

    def _agreed(self) -> None:
        if self._paused:
            self.transport.pauseProducing()
        protocol = self.wrappedProtocol
        if IHandshakeListener.providedBy(protocol):
            protocol.handshakeCompleted()
        # One that was registered by what has just been called is fed already.
        if self._producer is not None and not self._feeding and self._ending is not ABORT:
            self._sendPending()
            self._feed()

    def _peerClosed(self) -> None:
        """The peer has ended its direction: only a protocol that knows of halves goes on."""
        protocol = self.wrappedProtocol
        if not IHalfCloseableProtocol.providedBy(protocol):
            self._stopProducer()
            self._plan(CLOSE)
        else:
            protocol.readConnectionLost()
            if self._engine.state is State.CLOSED:
                self._plan(CLOSE)

    def _fail(self, fault: Exception | Failure) -> None:
        """End the connection, and say why."""
        if self._reason is None:
            self._reason = fault if isinstance(fault, Failure) else Failure(fault)
        self._writable = False
        self._pending.clear()
        self._stopProducer()
        self._plan(CLOSE)

    def failVerification(self, reason: Failure) -> None:
        """End the connection: the peer is not who it should be.

        Args:
            reason: what the protocol's `connectionLost` gets.
        """
        if self._reason is None:
            self._reason = reason
        self._engine.fail(reason.value)  # type: ignore[arg-type]  # an Exception, but in name
        if not self._inside and self.transport is not None:
            self._enter(lambda: None)

    def readConnectionLost(self) -> None:
        """The transport below will bring nothing more: in order only after TLS has ended."""
        state = self._engine.state
        if self._ended:
            self._lingered()
        elif state is HANDSHAKE or state is OPEN or state is RECEIVE_ONLY:
            self._fail(ConnectionLost(_NOT_AGREED if state is HANDSHAKE else _TRUNCATED))
            self._flush()

    def writeConnectionLost(self) -> None:
        """Our half is closed below."""
        self._flushed = True
        if self._ended:
            self._timer = self.transport.reactor.callLater(LINGER, self._lingered)
            return
        protocol = self.wrappedProtocol
        if IHalfCloseableProtocol.providedBy(protocol):
            protocol.writeConnectionLost()

    def connectionLost(self, reason: Failure) -> None:
        """The connection below is gone: tell the protocol."""
        protocol, self.wrappedProtocol = self.wrappedProtocol, None
        if protocol is None:
            return
        reason = self.reasonFor(reason)
        self._reason = reason
        self._writable = False
        self._ended = True
        self._stopTimer()
        self._pending.clear()
        self._held.clear()
        self._stopProducer()
        try:
            protocol.connectionLost(reason)
        finally:
            # The transport, the library's connection and this know one another: two of them
            # must forget, for what they hold is large.
            self.transport = None
            self._engine.backend.release()

    def reasonFor(self, reason: Failure) -> Failure:
        """Why the connection is lost, of which the transport below knows only `reason`."""
        if self._reason is not None:
            return self._reason
        state = self._engine.state
        if reason.check(ConnectionAborted) is None and (
            state is SEND_ONLY or state is State.CLOSED or (self._ended and self._flushed)
        ):
            # All that mattered has been said, on one side at least: how the sockets end
            # is of no importance any more.
            return Failure(ConnectionDone())
        if self._ending is STAY_OPEN and reason.check(ConnectionDone) is not None:
            if state is HANDSHAKE:
                return Failure(ConnectionLost(_NOT_AGREED))
            if state is OPEN:
                return Failure(ConnectionLost(_TRUNCATED))
        return reason

    # Writing

    def write(self, data: bytes) -> None:
        """Send `data` after all that was written before; see `ITransport.write`."""
        if data.__class__ is not bytes:
            data = bytesToSend(data)
        if not data or not self._writable:
            return
        self._pending.append(data)
        self._pendingSize += len(data)
        if self._pendingSize > RECORD_SIZE:
            if self._engine.can_send:
                self._sendPending()
            elif self._streaming and self._pendingSize > self.bufferSize:
                self._pauseProducer()
        if not self._inside and not self._scheduled:
            self._flushSoon()

    def _flushSoon(self) -> None:
        """Flush at the end of the turn, or now if nobody knows when that is."""
        schedule = getattr(getattr(self.transport, "reactor", None), "_scheduleWriter", None)
        if schedule is not None:
            self._scheduled = True
            schedule(self)
        elif self._clock is not None:
            self._scheduled = True
            self._clock.callLater(0, self.doWrite)
        else:
            self._flush()

    def doWrite(self) -> None:
        """The end of a turn in which something was written."""
        self._scheduled = False
        try:
            self._flush()
        except BaseException:
            reportBug(f"Unhandled error while writing to {self.transport!r}")

    def logPrefix(self) -> str:
        """Who this is, in the log."""
        return "-" if self.transport is None else str(self.transport.logPrefix())

    def _sendPending(self) -> None:
        """Encrypt all that waits."""
        pending = self._pending
        if pending:
            data = pending[0] if len(pending) == 1 else b"".join(pending)
            pending.clear()
            self._pendingSize = 0
            self.transport.write(self._engine.send(data))

    def _flush(self) -> None:
        """Send all that can be sent, then do what was to be done after that."""
        engine = self._engine
        if self.transport is None:
            return
        if self._pending and engine.can_send:
            self._sendPending()
        if engine.replies:
            self.transport.write(engine.take())
        if self._ending is STAY_OPEN or self._ended:
            return
        # A push producer that was not told to wait has nothing more to write, as below.
        if self._producer is not None and (self._producerPaused or not self._streaming):
            return
        # What waits for the handshake is sent after it; so is the end of our half, for only
        # TLS can tell the peer of it.
        if self._pending or (self._ending is HALF and engine.state is HANDSHAKE):
            return
        self._end()

    # Ending

    def loseConnection(self) -> None:
        """Close once everything written is sent and no producer is registered."""
        self.disconnecting = True
        self._close(CLOSE)

    def loseWriteConnection(self) -> None:
        """End our direction once everything written is sent and no producer is registered."""
        self._close(HALF)

    def _close(self, wish: Ending) -> None:
        if self._plan(wish) and not self._inside and not self._scheduled:
            self._flushSoon()

    def abortConnection(self) -> None:
        """Close now; what is not sent is not sent."""
        self.disconnecting = True
        if self._plan(ABORT):
            self._writable = False
            self._pending.clear()
            self._stopProducer()
            transport = self.transport
            getattr(transport, "abortConnection", transport.loseConnection)()

    def _plan(self, wish: Ending) -> bool:
        """Take note of how to end; whether that is news."""
        ending = ENDINGS.get((self._ending, wish))
        if ending is None or (ending is HALF and not self._writable):
            return False
        if self.wrappedProtocol is None:
            return False
        self._ending = ending
        return True

    def _end(self) -> None:
        """Everything is sent: end as planned."""
        ending = self._ending
        if ending is ABORT:
            return
        self._stopProducer()
        engine, transport = self._engine, self.transport
        engine.close()
        self._seen = engine.state
        if engine.replies:
            transport.write(engine.take())
        self._writable = False
        self._ended = ending is CLOSE
        if engine.state is not RECEIVE_ONLY:
            self._ended = True
            transport.loseConnection()
        elif not self._ended:
            self._ending = STAY_OPEN
            self._closeHalf()
        elif not self._linger():
            transport.loseConnection()

    def _closeHalf(self) -> None:
        closeHalf = getattr(self.transport, "loseWriteConnection", None)
        if closeHalf is not None:
            closeHalf()

    def _linger(self) -> bool:
        """Wait for the peer to end TLS too; whether the transport below can.

        To close a socket with something unread in it resets the connection, and what the
        peer has not got yet is lost. It may always be that something comes: tickets, to
        resume the session with, are sent when a server likes.
        """
        transport = self.transport
        reactor = getattr(transport, "reactor", None)
        if self._reason is not None or not hasattr(reactor, "callLater"):
            return False
        if not hasattr(transport, "loseWriteConnection"):
            return False
        transport.loseWriteConnection()
        if self._paused:
            transport.resumeProducing()
        return True

    def _lingered(self) -> None:
        """The peer has ended TLS too, or takes too long to do so."""
        self._stopTimer()
        self.transport.loseConnection()

    def _stopTimer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()

    # As a producer for someone else, who wants what the peer sends

    def pauseProducing(self) -> None:
        """Deliver nothing until `resumeProducing`; the handshake goes on."""
        self._paused = True
        if self._engine.state is not HANDSHAKE and self.transport is not None:
            self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Deliver again what the peer sends."""
        self._paused = False
        while self._held and not self._paused:
            self._deliver(self._held.pop(0))
        if not self._paused and not self._ended and self.transport is not None:
            self.transport.resumeProducing()

    # As a consumer of what someone else produces

    @property
    def producer(self) -> Any:
        """The registered producer."""
        return self._producer

    @property
    def streamingProducer(self) -> bool:
        """Whether the registered producer is a push producer."""
        return self._producer is not None and self._streaming

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let `producer` write; see `IConsumer.registerProducer`."""
        if self._producer is not None:
            raise RuntimeError(
                f"cannot register {producer!r}: {self._producer!r} is registered, "
                "and has not been unregistered"
            )
        if self.wrappedProtocol is None or self._ended or self._ending is ABORT:
            producer.stopProducing()
            return
        self._producer = producer
        self._streaming = streaming
        self._producerPaused = False
        if self._engine.state is not HANDSHAKE:
            self._sendPending()
            self._feed()

    def _feed(self) -> None:
        """The producer may write: as fast as the transport below can send."""
        self._feeding = True
        self.transport.registerProducer(Feeding(self), self._streaming)
        if self._producerPaused:
            self._resumeProducer()

    def unregisterProducer(self) -> None:
        """The producer has nothing more to write."""
        self._producer = None
        self._unfeed()
        if self._ending is not STAY_OPEN and not self._inside and not self._scheduled:
            self._flushSoon()

    def _unfeed(self) -> None:
        if self._feeding:
            self._feeding = False
            # What it wrote last goes before what is done when no producer is left.
            if self._engine.can_send:
                self._sendPending()
            self.transport.unregisterProducer()

    def _pauseProducer(self) -> None:
        if self._producer is not None and not self._producerPaused:
            self._producerPaused = True
            self._producer.pauseProducing()

    def _resumeProducer(self) -> None:
        """The transport below has sent all: let the producer go on."""
        if self._producer is None:
            return
        self._producerPaused = False
        inside, self._inside = self._inside, True
        try:
            self._producer.resumeProducing()
        finally:
            self._inside = inside
        if not inside:
            self._flush()

    def _stopProducer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            self._unfeed()
            producer.stopProducing()

    # What was agreed

    def getHandle(self) -> Any:
        """The library's own connection."""
        return self._engine.backend.handle

    def getPeerCertificate(self) -> Any:
        """What the peer presented; None if nothing."""
        return self._engine.backend.peer_certificate()

    @property
    def negotiatedProtocol(self) -> bytes | None:
        """What was agreed by ALPN; None if nothing."""
        return self._engine.backend.negotiated_protocol()
