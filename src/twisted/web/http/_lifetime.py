"""How a server's connection goes on and ends: its clock, its flow, and the way that it is closed.

One timer watches each connection. It is not wound up for each request, which would cost more than
reading one; it looks at the time when something has last happened, and is set to the rest.
"""

from __future__ import annotations

from enum import Enum, auto
from functools import partial
from time import monotonic
from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IPushProducer,
    ISSLTransport,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.http._connections import Connections
from twisted.web.http._statuses import REQUEST_TIMEOUT

__name__ = "twisted.web.http"  # the public path, for pickles and messages

#: How much of a body that nobody wants is read before the connection is closed all the same. The
#: response would be lost if it were closed at once, with bytes unread.
_LINGER_BYTES = 1024 * 1024


class Phase(Enum):
    """What the client is waited for, if it is."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    RESPONSE = auto()
    LINGER = auto()


@implementer(IPushProducer, IHalfCloseableProtocol)
class Lifetime(Protocol, TimeoutMixin):
    """What `HTTPChannel` is besides reading requests and writing responses.

    Attributes:
        timeOut: after so many seconds without a request the connection is closed; None for never.
        abortTimeout: so many seconds after it was closed it is broken off, if the client has not
            taken the rest. None for never.
        persistent: whether there may be another request.
        requests: the request that is served now, if any.
        limits: what else a client may send.
    """

    transport: Any
    timeOut: float | None = 60
    abortTimeout: float | None = 15
    persistent = True
    limits: Limits = DEFAULT_LIMITS

    _phase = Phase.IDLE
    _since = 0.0  # when what is waited for has begun
    _idleSeconds: float | None = None
    _producing: Any = None
    _slow = False  # the client does not take what was written
    _unsentBefore = 0  # so much of it, when it was last looked
    _bodyHeld = False  # a resource wants no more of a body for now
    _registered = False
    _readingPaused = False
    _stopped = False
    _successor: Any = None  # speaks another protocol here now
    _lingered = 0
    _abortCall: Any = None

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self._connections = Connections()

    def _refuse(self, status: int, explanation: str) -> None:
        """Answer what is no request, and read no more."""
        raise NotImplementedError

    def _drained(self) -> None:
        """The client has taken what was written."""
        raise NotImplementedError

    def _seconds(self) -> float:
        """The time; a factory gives that of its reactor."""
        return monotonic()

    # --- Ending ---

    def _linger(self) -> None:
        """Let the client read the response before the connection closes on what it still sends."""
        self._stopped = True
        self._enter(Phase.LINGER)
        self.setTimeout(self.abortTimeout)
        self._readOn()
        half = getattr(self.transport, "loseWriteConnection", None)
        if half is None:
            self.loseConnection()
        else:
            half()

    def _discard(self, data: bytes) -> None:
        self._lingered += len(data)
        if self._lingered > _LINGER_BYTES:
            self.loseConnection()

    def loseConnection(self) -> None:
        """Close the connection, after what was written has been sent."""
        self._stopped = True
        self.setTimeout(None)
        self._unregister()
        self.transport.loseConnection()
        if self.abortTimeout is not None and self._abortCall is None:
            self._abortCall = self.callLater(
                self.abortTimeout, partial(self._abort, self._unsent())
            )

    def _abort(self, unsent: int) -> None:
        """Break the connection off, unless the client has taken some of what was `unsent`."""
        left = self._unsent()
        if left != unsent and self.abortTimeout is not None:
            self._abortCall = self.callLater(self.abortTimeout, partial(self._abort, left))
        else:
            self._abortCall = None
            self.forceAbortClient()

    def _unsent(self) -> int:
        """How many bytes wait for the client, as far as the transport tells."""
        return len(getattr(self.transport, "dataBuffer", b""))

    def forceAbortClient(self) -> None:
        """Break the connection off: the client has not taken the rest in time."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the request that nobody waits for its response."""
        self._connections.closed(self)
        self.setTimeout(None)
        if self._abortCall is not None:
            self._abortCall.cancel()
            self._abortCall = None
        self._stopped = True
        requests, self.requests = self.requests, []
        self._producing = None
        if getattr(self.transport, "producer", self) is None:
            # The transport has told it already.
            for request in requests:
                request.producer = None
        for request in requests:
            request.connectionLost(reason)
        successor, self._successor = self._successor, None
        if successor is not None:
            del self.dataReceived
            successor.connectionLost(reason)

    def readConnectionLost(self) -> None:
        """The client will send no more.

        Most that close have left. A response that is being sent goes on, which soon tells whether
        the client is there; what is not made yet is not made for it.
        """
        if self._successor is None and self._producing is not None:
            self.persistent = False
        else:
            self.loseConnection()

    def writeConnectionLost(self) -> None:
        """We will send no more; the connection ends when the client has read it."""

    def drain(self) -> None:
        """Close the connection when the response that is made now is complete."""
        self.persistent = False
        if hasattr(self._successor, "drain"):
            self._successor.drain()
        elif not self.requests and not self._stopped:
            self.loseConnection()

    def _handOver(self, protocol: Any, data: bytes) -> None:
        """Serve HTTP/1.1 no more: everything goes to another protocol."""
        self._stopped = True
        self.setTimeout(None)
        self._readOn()
        self._successor = protocol
        # Benchmark websocket-echo: what arrives does not come by here any more.
        self.dataReceived = protocol.dataReceived  # type: ignore[method-assign]  # see above
        protocol.makeConnection(self.transport)
        if data:
            protocol.dataReceived(data)

    def takenOver(self) -> None:
        """Somebody has the transport now, and has left None in its place: let go of it."""
        self._stopped = True
        self.setTimeout(None)
        self.requests.clear()
        self._connections.closed(self)

    # --- Time ---

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._since = self._seconds()
        if phase is not Phase.LINGER:
            self._watch()

    def _watch(self) -> None:
        """Have the timer look when the present phase may be over."""
        period = self._period()
        if period is not None:
            self.setTimeout(period)

    def _period(self) -> float | None:
        if self._phase is Phase.HEAD:
            return self.limits.headerSeconds
        if self._phase is Phase.BODY:
            return self.limits.bodySeconds
        return self._idleSeconds

    def timeoutConnection(self) -> None:
        """Look whether the client is late; the answer is 408 in the middle of a request."""
        phase = self._phase
        if phase is Phase.LINGER:
            self.loseConnection()
            return
        period = self._period()
        if phase is Phase.RESPONSE or period is None or self._bodyHeld:
            if getattr(self.transport, "disconnected", False):
                self.takenOver()  # and whoever did has not told us
            else:
                self.setTimeout(self._idleSeconds)
            return
        left = self._since + period - self._seconds()
        if left > 0:
            self.setTimeout(left)
        elif phase is Phase.IDLE and self._slow and self._unsent() != self._unsentBefore:
            # It is reading a long response.
            self._unsentBefore = self._unsent()
            self.setTimeout(period)
        elif phase is Phase.IDLE:
            self.loseConnection()
        else:
            self._refuse(REQUEST_TIMEOUT, "The request was not complete in time.")

    # --- Flow ---

    @property
    def _networkProducer(self) -> Any:
        # Daphne goes on reading with it after it has taken the transport.
        return self.transport

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let `producer` write the body of the response; see `IConsumer`."""
        if self._producing is not None:
            raise RuntimeError(f"cannot register {producer!r}: {self._producing!r} is registered")
        self._producing = producer
        self._unregister()
        # From now on the producer is told, and nobody would tell us that the client goes on.
        self._slow = False
        self._resumeReading()
        self.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """The producer has written all."""
        if self._producing is None:
            return
        self._producing = None
        self.transport.unregisterProducer()
        if not self._stopped:
            self._watchQueue()

    def _watchQueue(self) -> None:
        """Be told when the client does not take what was written."""
        if not self._registered and hasattr(self.transport, "registerProducer"):
            self._registered = True
            self.transport.registerProducer(self, True)

    def _unregister(self) -> None:
        if self._registered:
            self._registered = False
            self.transport.unregisterProducer()

    def _readOn(self) -> None:
        """Read whatever comes; the queue and bodies do not matter any more."""
        self._unregister()
        self._slow = self._bodyHeld = False
        self._resumeReading()

    def _pauseReading(self) -> None:
        if not self._readingPaused:
            self._readingPaused = True
            self.transport.pauseProducing()

    def _resumeReading(self) -> None:
        if self._readingPaused and not self._slow and not self._bodyHeld:
            self._readingPaused = False
            self.transport.resumeProducing()

    def pauseProducing(self) -> None:
        """The client does not take what was written: serve it nothing more for now."""
        if self.transport is None:
            return  # see takenOver
        self._slow = True
        self._pauseReading()

    def resumeProducing(self) -> None:
        """The client has taken all."""
        if self.transport is None:
            return
        self._slow = False
        self._resumeReading()
        self._drained()

    def stopProducing(self) -> None:
        """The connection is lost."""
        self._stopped = True

    # --- Addresses ---

    def getPeer(self) -> IAddress:
        """The address of the client."""
        peer: IAddress = self.transport.getPeer()
        return peer

    def getHost(self) -> IAddress:
        """The address of our end."""
        host: IAddress = self.transport.getHost()
        return host

    def isSecure(self) -> bool:
        """Whether the connection is under TLS."""
        return ISSLTransport.providedBy(self.transport)
