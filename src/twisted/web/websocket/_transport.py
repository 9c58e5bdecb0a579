"""The connection between a `WebSocketProtocol` and a transport of bytes.

Theory of operation. `PHASES` says how a connection goes on. What arrives is read in batches by the
engine, and given to the protocol until something holds it back: the protocol has paused, or the
peer does not take what it is sent. Then the transport is paused, and what was read waits.

A peer that does not take what it is sent is *slow*: the producer of the protocol is paused; pings
are answered when there is room, and then the last alone (RFC 6455, 5.5.3); after `slowBytes`
nothing is read from it, so that a program that answers what it is asked has no more to say; after
`unsentBytes`, or `stallSeconds`, the connection is broken off.

One timer watches a connection. It is not wound up for each message; it looks whether anything was
heard since the last time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Any

from zope.interface import implementer

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from twisted.web._websocket import (
    Close,
    Connection,
    Deflate,
    Event,
    LocalError,
    Ping,
    Pong,
    RemoteError,
    WebSocketLimits,
)
from twisted.web.websocket._errors import WebSocketClosed, WebSocketLost, WebSocketNotOpen

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.websocket")

_GOING_AWAY = 1001
_ABNORMAL = 1006
_OUR_ERROR = 1011
_KEEP_ALIVE_BYTES = 8
#: How much of what a peer still sends is read after it was told that it has broken the rules. It
#: would not be told if the connection were closed at once, with bytes unread.
_LINGER_BYTES = 1024 * 1024


class Phase(Enum):
    """How far a connection is."""

    __hash__ = object.__hash__  # Benchmark websocket-echo: a method of Enum, in Python, otherwise.

    NEGOTIATING = auto()
    OPEN = auto()
    CLOSING = auto()
    ENDING = auto()
    LOST = auto()


class Step(Enum):
    """What brings it further."""

    OPEN = auto()
    CLOSE = auto()
    END = auto()
    LOSE = auto()


#: In CLOSING, the peer has not answered that we close; in ENDING, there is nothing left to say.
PHASES: dict[tuple[Phase, Step], Phase] = {
    (Phase.NEGOTIATING, Step.OPEN): Phase.OPEN,
    (Phase.OPEN, Step.CLOSE): Phase.CLOSING,
    (Phase.OPEN, Step.END): Phase.ENDING,
    (Phase.CLOSING, Step.END): Phase.ENDING,
    **{(phase, Step.LOSE): Phase.LOST for phase in Phase if phase is not Phase.LOST},
}
_OPEN = Phase.OPEN


class _Hold(Enum):
    """Why nothing is read."""

    PROTOCOL = auto()
    SLOW = auto()


@implementer(IPushProducer)
class _Outflow:
    """What the transport tells to pause and to go on: everything that is sent."""

    def __init__(self, connection: WebSocketConnection) -> None:
        self._connection = connection

    def pauseProducing(self) -> None:
        self._connection.peerIsSlow()

    def resumeProducing(self) -> None:
        self._connection.peerHasTakenAll()

    def stopProducing(self) -> None:
        """The connection is lost, and that is told by itself."""


class WebSocketConnection(Protocol, TimeoutMixin):
    """The transport of a `WebSocketProtocol`; see `WebSocketTransport`.

    `makeConnection` is called when the handshake is over.

    Args:
        protocol: receives messages.
        client: which side this is.
        limits: what the peer may cost.
    """

    transport: Any
    subprotocol: str | None = None

    _core: Connection

    def __init__(self, protocol: Any, client: bool, limits: WebSocketLimits) -> None:
        self._protocol = protocol
        self._client = client
        self._limits = limits
        self._phase = Phase.NEGOTIATING
        self._whenOpen: Callable[[], None] | None = None
        self._refuse: Callable[[], None] | None = None
        # What is known about the end: said by the peer, found to be wrong, or wanted by us.
        self._said: Close | None = None
        self._fault: tuple[int, str] | None = None
        self._closedByUs = False
        # Reading:
        self._events: Iterator[Event] = iter(())
        self._offence: RemoteError | None = None
        self._unread: list[bytes] = []
        self._holds: set[_Hold] = set()
        self._delivering = False
        self._lingered = 0
        # Sending:
        self._slow = False
        self._behind = 0  # bytes that were sent while the peer was slow
        self._pongDue: bytes | None = None
        self._producer: Any = None
        # Keeping alive:
        self._heard = True
        self._pinged = False
        self._keepAlive: bytes | None = None  # what the last ping of our own has carried

    def _advance(self, step: Step) -> None:
        self._phase = PHASES[self._phase, step]

    # --- Beginning ---

    def negotiated(
        self,
        subprotocol: bytes | None,
        deflate: Deflate | None,
        whenOpen: Callable[[], None] | None = None,
    ) -> None:
        """The handshake has succeeded; `makeConnection` comes next.

        Args:
            subprotocol, deflate: what was agreed on.
            whenOpen: called before the protocol is told.
        """
        self.subprotocol = None if subprotocol is None else subprotocol.decode("ascii")
        self._core = Connection(self._client, self._limits, deflate)
        self._whenOpen = whenOpen

    def connectionMade(self) -> None:
        """Let the protocol begin."""
        self._advance(Step.OPEN)
        self.transport.registerProducer(_Outflow(self), True)
        self._watch()
        whenOpen, self._whenOpen = self._whenOpen, None
        if whenOpen is not None:
            whenOpen()
        self._tell(self._protocol.negotiationFinished)

    def logPrefix(self) -> str:
        """How the log marks what the protocol does."""
        return type(self._protocol).__name__

    # --- Receiving ---

    def dataReceived(self, data: bytes) -> None:
        """Read what has arrived, and give it to the protocol."""
        self._heard = True
        if self._phase is Phase.ENDING:
            self._discard(data)
        elif self._delivering or self._holds:
            self._unread.append(data)
        else:
            self._deliver(data)

    def _deliver(self, data: bytes) -> None:
        # Benchmark websocket-echo: each message comes down here.
        self._delivering = True
        protocol, core = self._protocol, self._core
        unread = bool(data)  # otherwise there are events that were held back
        try:
            while True:
                if unread:
                    try:
                        self._events = iter(core.feed(data))
                    except RemoteError as error:
                        self._events, self._offence = iter(error.events), error
                for event in self._events:
                    kind = type(event)
                    if kind is str:
                        if self._phase is _OPEN:
                            protocol.textMessageReceived(event)
                    elif kind is bytes:
                        if self._phase is _OPEN:
                            protocol.bytesMessageReceived(event)
                    else:
                        self._controlReceived(event)
                    if self._holds:
                        return
                if self._offence is not None:
                    self._fail(self._offence.code, str(self._offence))
                    return
                if self._unread:
                    data = b"".join(self._unread)
                    self._unread.clear()
                elif core.waiting:
                    data = b""
                else:
                    return
                unread = True
        except Exception:  # a bug of the protocol ends its connection, and nothing else
            _log.failure("A protocol of WebSocket has failed")
            self._fail(_OUR_ERROR, "")
        finally:
            self._delivering = False

    def _tell(self, method: Callable[..., None], *arguments: Any) -> None:
        """Call the protocol; a bug in it ends its connection, and nothing else."""
        try:
            method(*arguments)
        except Exception:  # see there
            _log.failure("A protocol of WebSocket has failed")
            if self._phase is Phase.OPEN:
                self._fail(_OUR_ERROR, "")

    def _controlReceived(self, event: Event) -> None:
        if isinstance(event, Ping):
            if self._slow:
                self._pongDue = event.payload
            elif self._phase is Phase.OPEN:
                self._send(self._core.pong(event.payload))
        elif isinstance(event, Pong):
            if event.payload != self._keepAlive and self._phase is Phase.OPEN:
                self._protocol.pongReceived(event.payload)
        elif isinstance(event, Close):
            self._closeReceived(event)

    def _hold(self, why: _Hold) -> None:
        if not self._holds and self._phase is not Phase.LOST:
            self.transport.pauseProducing()
        self._holds.add(why)

    def _release(self, why: _Hold) -> None:
        if why not in self._holds:
            return
        self._holds.remove(why)
        if not self._holds and self._phase is not Phase.LOST:
            self.transport.resumeProducing()
            if not self._delivering:
                self._deliver(b"")

    def pauseProducing(self) -> None:
        """Give the protocol no messages."""
        self._mustHaveBegun()
        self._hold(_Hold.PROTOCOL)

    def resumeProducing(self) -> None:
        """Give the protocol messages again."""
        self._release(_Hold.PROTOCOL)

    # --- Sending ---

    def sendTextMessage(self, text: str) -> None:
        """Send a message of text."""
        if not isinstance(text, str):
            raise TypeError(
                f"sendTextMessage takes str, not {type(text).__name__}: use sendBytesMessage"
            )
        if self._phase is not _OPEN:
            self._mustBeOpen()
        elif self._slow:
            self._send(self._core.text(text))
        else:
            self.transport.write(self._core.text(text))

    def sendBytesMessage(self, data: bytes | bytearray | memoryview) -> None:
        """Send a message of bytes."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(
                f"sendBytesMessage takes bytes, not {type(data).__name__}: use sendTextMessage"
            )
        if self._phase is not _OPEN:
            self._mustBeOpen()
        else:
            self._send(self._core.binary(bytes(data)))

    def ping(self, payload: bytes = b"") -> None:
        """Have the peer answer."""
        if self._phase is not _OPEN:
            self._mustBeOpen()
        else:
            self._send(self._core.ping(payload))

    def _mustHaveBegun(self) -> None:
        if self._phase is Phase.NEGOTIATING:
            raise WebSocketNotOpen("the connection is not open yet: see negotiationFinished")

    def _mustBeOpen(self) -> None:
        """Complain, unless it is the peer that has closed and the protocol has yet to be told."""
        self._mustHaveBegun()
        if self._phase is Phase.CLOSING or self._closedByUs:
            raise WebSocketNotOpen("loseConnection was called: nothing can be sent after it")
        if self._phase is Phase.LOST:
            raise WebSocketNotOpen("the connection is lost: nothing can be sent")

    def _send(self, frame: bytes) -> None:
        if self._slow:
            self._behind += len(frame)
            if self._behind > self._limits.unsentBytes:
                self._breakOff(f"the peer does not take {self._behind} bytes that it was sent")
                return
            if self._behind > self._limits.slowBytes:
                self._hold(_Hold.SLOW)
        self.transport.write(frame)

    def peerIsSlow(self) -> None:
        """The peer does not take what it is sent."""
        self._slow = True
        self._behind = 0
        self._watch()
        if self._producer is not None:
            self._producer.pauseProducing()

    def peerHasTakenAll(self) -> None:
        """The peer has taken all that it was sent."""
        self._slow = False
        self._watch()
        due, self._pongDue = self._pongDue, None
        if due is not None and self._phase is Phase.OPEN:
            self._send(self._core.pong(due))
        if self._producer is not None:
            self._tell(self._producer.resumeProducing)
        self._release(_Hold.SLOW)

    def attachProducer(self, producer: IPushProducer) -> None:
        """Have `producer` paused while the peer is slow."""
        if self._producer is not None:
            raise ValueError(f"cannot attach {producer!r}: {self._producer!r} is attached")
        if self._phase not in (Phase.NEGOTIATING, Phase.OPEN):
            producer.stopProducing()
            return
        self._producer = producer
        if self._slow:
            producer.pauseProducing()

    def detachProducer(self) -> None:
        """The producer will send no more."""
        self._producer = None

    # --- Ending ---

    def loseConnection(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        if self._phase is Phase.NEGOTIATING:
            self.abortConnection()
        elif self._phase is Phase.OPEN:
            frame = self._core.close(code, reason)
            self._closedByUs = True
            self._send(frame)
            if self._phase is Phase.OPEN:
                self._advance(Step.CLOSE)
                self._watch()
                self._stopProducer()
                # The answer has to be heard.
                self._release(_Hold.PROTOCOL)

    def drain(self) -> None:
        """The server is about to end: tell the client so (see `http.Connections`)."""
        if self._phase is Phase.OPEN:
            self.loseConnection(_GOING_AWAY, "the server ends")

    def abortConnection(self) -> None:
        """Break the connection off."""
        self._closedByUs = True
        if self._phase is not Phase.NEGOTIATING:
            self.transport.abortConnection()
        elif self._refuse is not None:
            self._refuse()

    def whenRefused(self, refuse: Callable[[], None]) -> None:
        """Have `refuse` called if the protocol does not want the connection after all."""
        self._refuse = refuse

    def getPeer(self) -> IAddress:
        """The address of the peer."""
        self._mustHaveBegun()
        address: IAddress = self.transport.getPeer()
        return address

    def getHost(self) -> IAddress:
        """Our address."""
        self._mustHaveBegun()
        address: IAddress = self.transport.getHost()
        return address

    def _closeReceived(self, event: Close) -> None:
        self._said = event
        if self._phase is Phase.OPEN:
            self._send(self._core.close(event.code))
        if self._phase is not Phase.LOST:
            self._end()
            if not self._client:
                # The server goes first, so that it is the client's port which waits (7.1.1).
                self.transport.loseConnection()

    def _fail(self, code: int, message: str) -> None:
        """Tell the peer why the connection ends here (7.1.7)."""
        if self._phase not in (Phase.OPEN, Phase.CLOSING):
            return
        self._fault = (code, message)
        try:
            self.transport.write(self._core.close(code, message))
        except LocalError:
            pass  # it was told already that the connection is closed
        self._end()
        half = getattr(self.transport, "loseWriteConnection", None)
        (half or self.transport.loseConnection)()

    def _end(self) -> None:
        """There is nothing left to say."""
        self._advance(Step.END)
        self._watch()
        self._stopProducer()
        self.transport.unregisterProducer()
        self._unread.clear()
        if self._holds:
            self._holds.clear()
            self.transport.resumeProducing()

    def _breakOff(self, message: str) -> None:
        if self._fault is None and self._said is None:
            self._fault = (_ABNORMAL, message)
        self.transport.abortConnection()

    def _discard(self, data: bytes) -> None:
        self._lingered += len(data)
        if self._lingered > _LINGER_BYTES:
            self.transport.abortConnection()

    def _stopProducer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.stopProducing()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the protocol."""
        self.setTimeout(None)
        self._advance(Step.LOSE)
        self._events, self._offence = iter(()), None
        self._unread.clear()
        self._stopProducer()
        self._tell(self._protocol.connectionLost, self._why(reason))

    def _why(self, reason: Failure) -> Failure:
        if self._fault is not None:
            return Failure(WebSocketLost(*self._fault))
        if self._said is not None:
            return Failure(WebSocketClosed(self._said.code, self._said.reason))
        if reason.check(ConnectionDone):
            return Failure(WebSocketClosed(_ABNORMAL, "without a word"))
        return Failure(WebSocketLost(_ABNORMAL, reason.getErrorMessage()))

    # --- Time ---

    def _watch(self) -> None:
        """Have the timer look when the peer may be late with what is due now."""
        limits = self._limits
        if self._slow:
            self.setTimeout(limits.stallSeconds)
        elif self._phase is Phase.OPEN:
            self.setTimeout(limits.pingSeconds)
        else:
            self.setTimeout(limits.closeSeconds)

    def timeoutConnection(self) -> None:
        """Look whether the peer is still there."""
        limits = self._limits
        if self._slow:
            self._breakOff(f"the peer has taken nothing for {limits.stallSeconds} seconds")
        elif self._phase is not Phase.OPEN:
            self._breakOff(
                f"the peer has not closed the connection in {limits.closeSeconds} seconds"
            )
        elif self._heard or self._holds:
            self._heard = self._pinged = False
            self._watch()
        elif self._pinged:
            self._breakOff(f"the peer has not answered a ping for {limits.pongSeconds} seconds")
        else:
            self._pinged = True
            self._keepAlive = os.urandom(_KEEP_ALIVE_BYTES)
            self._send(self._core.ping(self._keepAlive))
            if not self._slow:
                self.setTimeout(limits.pongSeconds)
