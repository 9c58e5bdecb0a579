"""Protocols, producers and observers for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar, overload

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPullProducer, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import LoopingCall
from twisted.logger import ILogObserver, LogEvent
from twisted.python.failure import Failure

# How often `waitUntilAllDisconnected` looks, in seconds.
_LOOK_INTERVAL = 0.01

_E = TypeVar("_E", bound="EventLoggingObserver")


class AccumulatingProtocol(Protocol):
    """Keeps what happens to it.

    Attributes:
        made: 1 once it is connected.
        data: The bytes received so far.
        closed: 1 once the connection is lost.
        closedReason: Why it was lost.
        closedDeferred: If a test sets one, it fires when the connection is lost.
    """

    __module__ = "twisted.internet.testing"

    transport: Any
    made = closed = 0
    closedReason: Failure | None = None
    closedDeferred: Deferred[None] | None = None
    data = b""
    factory: Any = None

    def connectionMade(self) -> None:
        """Note it; a Deferred `protocolConnectionMade` of the factory fires with this."""
        self.made = 1
        waiting = getattr(self.factory, "protocolConnectionMade", None)
        if waiting is not None:
            self.factory.protocolConnectionMade = None
            waiting.callback(self)

    def dataReceived(self, data: bytes) -> None:
        """Keep the data."""
        self.data += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Note it."""
        self.closed = 1
        self.closedReason = reason
        waiting, self.closedDeferred = self.closedDeferred, None
        if waiting is not None:
            waiting.callback(None)


class LineSendingProtocol(Protocol):
    r"""Sends lines, and keeps those that it gets; lines end with ``\r\n``.

    Args:
        lines: What to send, without line ends.
        start: Whether to send when the connection is made; otherwise when the first
            line comes.

    Attributes:
        response: The lines that came.
        lostConn: Whether the connection was lost.
    """

    __module__ = "twisted.internet.testing"

    delimiter = b"\r\n"
    lostConn = False

    def __init__(self, lines: Iterable[bytes], start: bool = True) -> None:
        self.lines = list(lines)
        self.response: list[bytes] = []
        self.start = start
        self._rest = b""

    def connectionMade(self) -> None:
        """Send the lines, if it is for this end to begin."""
        if self.start:
            self._sendLines()

    def _sendLines(self) -> None:
        for line in self.lines:
            self.sendLine(line)

    def sendLine(self, line: bytes) -> None:
        """Send one line."""
        self.transport.write(line + self.delimiter)

    def dataReceived(self, data: bytes) -> None:
        """Take data apart into lines."""
        *lines, self._rest = (self._rest + data).split(self.delimiter)
        for line in lines:
            self.lineReceived(line)

    def lineReceived(self, line: bytes) -> None:
        """Keep a line."""
        if not self.start:
            self._sendLines()
            self.lines = []
        self.response.append(line)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Note it."""
        self.lostConn = True


@implementer(IPullProducer)
class NonStreamingProducer:
    """A pull producer that writes the numbers from 0 to 9, then unregisters itself.

    Args:
        consumer: Where to write to.

    Attributes:
        counter: How often it has written.
        stopped: Whether it was told to stop.
        result: If a test sets a Deferred, it fires when the producer is done.
    """

    __module__ = "twisted.internet.testing"

    counter = 0
    stopped = False
    result: Deferred[None] | None = None
    _last = 10

    def __init__(self, consumer: Any) -> None:
        self.consumer = consumer

    def resumeProducing(self) -> None:
        """Write the next number.

        Raises:
            RuntimeError: It has written all of them.
        """
        if self.consumer is None or self.counter >= self._last:
            raise RuntimeError("a producer was resumed after it had unregistered or stopped")
        self.consumer.write(b"%d" % (self.counter,))
        self.counter += 1
        if self.counter == self._last:
            self.consumer.unregisterProducer()
            self._done()

    def pauseProducing(self) -> None:
        """Raise RuntimeError: nobody pauses a pull producer."""
        raise RuntimeError("a pull producer was paused: its consumer should just not resume it")

    def stopProducing(self) -> None:
        """Forget the consumer."""
        self.stopped = True
        self._done()

    def _done(self) -> None:
        self.consumer = None
        waiting, self.result = self.result, None
        if waiting is not None:
            waiting.callback(None)


def waitUntilAllDisconnected(reactor: IReactorTime, protocols: Iterable[Any]) -> Deferred[None]:
    """Wait until no protocol is connected.

    Args:
        reactor: The clock.
        protocols: Protocols whose transports have the attribute `connected`.

    Returns:
        Fires when the last of them has lost its connection.
    """
    waiting = list(protocols)

    def look() -> None:
        if not any(each.transport.connected for each in waiting):
            looking.stop()

    looking = LoopingCall(look)
    looking.clock = reactor
    return looking.start(_LOOK_INTERVAL, now=True).addCallback(lambda ignored: None)


@implementer(ILogObserver)
class EventLoggingObserver(Sequence[LogEvent]):
    """A log observer that is a sequence of the events that it saw."""

    __module__ = "twisted.internet.testing"

    def __init__(self) -> None:
        self._events: list[LogEvent] = []

    @classmethod
    def createWithCleanup(cls: type[_E], testInstance: Any, publisher: Any) -> _E:
        """Return one that observes `publisher` until the test is over.

        Args:
            testInstance: The test case.
            publisher: What has `addObserver` and `removeObserver`.
        """
        observer = cls()
        publisher.addObserver(observer)
        testInstance.addCleanup(publisher.removeObserver, observer)
        return observer

    def __call__(self, event: LogEvent) -> None:
        self._events.append(event)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[LogEvent]:
        return iter(self._events)

    @overload
    def __getitem__(self, index: int) -> LogEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LogEvent]: ...
    def __getitem__(self, index: int | slice) -> LogEvent | Sequence[LogEvent]:
        return self._events[index]
