"""A service that keeps a connection: it connects again whenever that is lost, or failed.

Theory of operation.  What the service is doing is one state, and what may happen then is one
table, `TRANSITIONS`.  It has one `_Link` at a time: an attempt, the connection that comes of it,
and its end, of which the service hears once (`Event.ENDED`).  A service that is to stop waits for
that end, so that there are never two connections, even if it is started again meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, NamedTuple

from twisted.application.service import Service
from twisted.internet._forwarding import Forwarder
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import CancelledError, Deferred, fail, maybeDeferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import (
    IAddress,
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import ClientFactory, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

__name__ = "twisted.application.internet"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)

RetryPolicy = Callable[[int], float]

#: Seconds: a server that was restarted is found soon, and one that is gone is not flooded.
INITIAL_DELAY = 1.0
MAX_DELAY = 60.0
FACTOR = 1.5


class State(Enum):
    """What a service is doing."""

    INITIAL = auto()
    STOPPED = auto()
    CONNECTING = auto()
    CONNECTED = auto()
    WAITING = auto()
    CLOSING = auto()
    RESTARTING = auto()


class Event(Enum):
    """What can happen to it."""

    START = auto()
    STOP = auto()
    OPENED = auto()
    ENDED = auto()
    RETRY = auto()


#: What is not in here cannot happen: the events of a link come only while there is one.
TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.INITIAL, Event.START): State.CONNECTING,
    (State.INITIAL, Event.STOP): State.INITIAL,
    (State.STOPPED, Event.START): State.CONNECTING,
    (State.STOPPED, Event.STOP): State.STOPPED,
    (State.CONNECTING, Event.START): State.CONNECTING,
    (State.CONNECTING, Event.STOP): State.CLOSING,
    (State.CONNECTING, Event.OPENED): State.CONNECTED,
    (State.CONNECTING, Event.ENDED): State.WAITING,
    (State.CONNECTED, Event.START): State.CONNECTED,
    (State.CONNECTED, Event.STOP): State.CLOSING,
    (State.CONNECTED, Event.ENDED): State.WAITING,
    (State.WAITING, Event.START): State.WAITING,
    (State.WAITING, Event.STOP): State.STOPPED,
    (State.WAITING, Event.RETRY): State.CONNECTING,
    (State.CLOSING, Event.START): State.RESTARTING,
    (State.CLOSING, Event.STOP): State.CLOSING,
    (State.CLOSING, Event.ENDED): State.STOPPED,
    (State.RESTARTING, Event.START): State.RESTARTING,
    (State.RESTARTING, Event.STOP): State.CLOSING,
    (State.RESTARTING, Event.ENDED): State.CONNECTING,
}


def backoffPolicy(
    initialDelay: float = INITIAL_DELAY,
    maxDelay: float = MAX_DELAY,
    factor: float = FACTOR,
    jitter: Callable[[], float] = random.random,
) -> RetryPolicy:
    """A policy for `ClientService`: wait longer after each failure.

    Args:
        initialDelay: seconds to wait, were there no failure.
        maxDelay: seconds to wait at most, before the jitter.
        factor: how much longer each time.
        jitter: called for seconds to add, so that many clients do not come all at once.

    Returns:
        Called with the number of failures in a row, gives the seconds to wait.
    """

    def policy(attempt: int) -> float:
        try:
            delay = min(initialDelay * factor ** max(0, attempt), maxDelay)
        except OverflowError:
            delay = maxDelay
        return delay + jitter()

    return policy


class _Watched(Forwarder):
    """Stands before the protocol of a link, and tells the link what becomes of it."""

    def __init__(self, link: _Link, wrapped: Any) -> None:
        super().__init__(wrapped)
        self.link = link
        self.wrapped = wrapped

    def makeConnection(self, transport: Any) -> None:
        """Tell the link, then the protocol."""
        self.link.made(transport)
        super().makeConnection(transport)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the protocol, then the link."""
        try:
            super().connectionLost(reason)
        finally:
            self.link.lost(reason)


class _WatchedFactory(ClientFactory[Any]):
    """Puts what a factory builds behind `_Watched`."""

    noisy = False

    def __init__(self, link: _Link, wrapped: Any) -> None:
        self._link = link
        self._wrapped = wrapped

    def doStart(self) -> None:
        """Start the factory inside."""
        self._wrapped.doStart()

    def doStop(self) -> None:
        """Stop the factory inside."""
        self._wrapped.doStop()

    def buildProtocol(self, addr: IAddress | None) -> _Watched | None:
        """What the factory inside builds, watched."""
        protocol = self._wrapped.buildProtocol(addr)
        return None if protocol is None else _Watched(self._link, protocol)


class _Link:
    """One attempt to connect, and the connection that comes of it.

    Args:
        opened: called with the protocol when it is connected and prepared.
        ended: called once, with the reason: there is no connection, or no more.
    """

    def __init__(self, opened: Callable[[Any], None], ended: Callable[[Failure], None]) -> None:
        self._opened = opened
        self._ended = ended
        self._attempt: Deferred[Any] | None = None
        self._transport: Any = None
        self._reason: Failure | None = None
        self._closing = False

    def open(
        self,
        endpoint: IStreamClientEndpoint,
        factory: IProtocolFactory,
        prepare: Callable[[Any], Any] | None,
    ) -> None:
        """Begin to connect."""

        def prepared(found: Any) -> Any:
            protocol = found.wrapped if isinstance(found, _Watched) else found
            if prepare is None:
                return protocol
            return maybeDeferred(prepare, protocol).addCallback(lambda ignored: protocol)

        watched: Any = _WatchedFactory(self, factory)
        attempt = self._attempt = maybeDeferred(endpoint.connect, watched)
        attempt.addCallback(prepared).addCallbacks(self._succeeded, self._failed)

    def close(self) -> None:
        """Give up the attempt, and lose the connection."""
        self._closing = True
        if self._attempt is not None:
            self._attempt.cancel()
        else:
            self._endTransport()

    def made(self, transport: Any) -> None:
        """There is a connection now."""
        self._transport = transport

    def lost(self, reason: Failure) -> None:
        """There is none any more."""
        self._transport = None
        if self._reason is None:
            self._reason = reason
        if self._attempt is not None:
            # It was being prepared, which is of no use now.
            self._attempt.cancel()
        else:
            self._end()

    def _succeeded(self, protocol: Any) -> None:
        self._attempt = None
        if self._closing:
            # The endpoint had it ready when the attempt was given up.
            self._endTransport()
        else:
            self._opened(protocol)

    def _failed(self, reason: Failure) -> None:
        self._attempt = None
        if self._reason is None:
            self._reason = reason
        # There is a connection if it could not be prepared.
        self._endTransport()

    def _endTransport(self) -> None:
        if self._transport is not None:
            self._transport.loseConnection()
        else:
            self._end()

    def _end(self) -> None:
        self._ended(Failure(ConnectionDone()) if self._reason is None else self._reason)


class _Waiter(NamedTuple):
    """One who waits for a connection, and after how many failures not any longer."""

    deferred: Deferred[Any]
    patience: int | None


class ClientService(Service):
    """Keeps a connection while it runs: connects, and connects again when that is lost or failed.

    Args:
        endpoint: where to connect to.
        factory: what makes the protocols, one for each connection.
        retryPolicy: called with the number of failures in a row (one connection that was lost
            counts as one), gives the seconds to wait; see `backoffPolicy`, the default.
        clock: what waits; the reactor of the process by default.
        prepareConnection: called with the protocol of each connection before anybody else gets
            it; may return a Deferred. If that fails, so has the attempt.
    """

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        factory: IProtocolFactory,
        retryPolicy: RetryPolicy | None = None,
        clock: IReactorTime | None = None,
        prepareConnection: Callable[[IProtocol], object] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._factory = factory
        self._policy = backoffPolicy() if retryPolicy is None else retryPolicy
        self._clock = clock
        self._prepare = prepareConnection
        self._state = State.INITIAL
        self._reason = Failure(ConnectionDone())
        self._failures = 0
        self._link: _Link | None = None
        self._protocol: Any = None
        self._retry: Any = None
        self._waiting: list[_Waiter] = []
        self._stopping: list[Deferred[None]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._state.name.lower()} to {self._endpoint!r}>"

    def whenConnected(self, failAfterFailures: int | None = None) -> Deferred[Any]:
        """The protocol of the connection, as soon as there is one.

        Args:
            failAfterFailures: after how many failures in a row to give up waiting; None to wait
                until the service is stopped.

        Returns:
            Fires with the protocol.  Fails with the last failure, or with `CancelledError` if the
            service is stopped or was stopped before; it may be cancelled.
        """
        if self._state is State.CONNECTED:
            return succeed(self._protocol)
        if self._state is State.STOPPED:
            return fail(CancelledError())
        waiter = _Waiter(Deferred(lambda ignored: self._waiting.remove(waiter)), failAfterFailures)
        self._waiting.append(waiter)
        return waiter.deferred

    def startService(self) -> None:
        """Begin to connect; nothing but a warning if it runs already."""
        if self.running:
            _log.warn("{service} is started, though it runs already", service=self)
            return
        super().startService()
        self._feed(Event.START)

    def stopService(self) -> Deferred[Any]:
        """Give up connecting, or lose the connection.

        Returns:
            Fires when there is no connection any more.
        """
        super().stopService()
        stopped: Deferred[None] = Deferred()
        self._stopping.append(stopped)
        self._feed(Event.STOP)
        return stopped

    def _feed(self, event: Event) -> None:
        before = self._state
        self._state = TRANSITIONS[before, event]
        if self._state is not before or event is Event.STOP:
            self._entered[self._state](self)

    # What is done as a state begins; each does last what may bring about the next.

    def _enterInitial(self) -> None:
        self._tellStopped()

    def _enterStopped(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._failures = 0
        self._link = None
        waiting, self._waiting = self._waiting, []
        self._tellStopped()
        for waiter in waiting:
            waiter.deferred.errback(CancelledError())

    def _enterConnecting(self) -> None:
        self._retry = None
        # Those who wait for the end of the link before, if it is started again before it stopped.
        stopped, self._stopping = self._stopping, []
        self._link = _Link(self._opened, self._ended)
        self._link.open(self._endpoint, self._factory, self._prepare)
        _fire(stopped)

    def _enterConnected(self) -> None:
        self._failures = 0
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.deferred.callback(self._protocol)

    def _enterWaiting(self) -> None:
        self._failures += 1
        try:
            delay = self._policy(self._failures)
        except Exception:
            delay = MAX_DELAY
            _log.failure("The retry policy of {service} failed", service=self)
        clock: Any = installedReactor() if self._clock is None else self._clock
        self._retry = clock.callLater(delay, self._feed, Event.RETRY)
        _log.info(
            "{service} connects again in {delay} seconds: {reason}",
            service=self,
            delay=round(delay, 3),
            reason=self._reason.getErrorMessage(),
        )
        self._tellImpatient()

    def _enterClosing(self) -> None:
        assert self._link is not None, "this state is entered from those that have one"
        self._link.close()

    def _enterRestarting(self) -> None:
        """What is to come begins when the link has ended."""

    _entered: dict[State, Callable[[ClientService], None]] = {
        State.INITIAL: _enterInitial,
        State.STOPPED: _enterStopped,
        State.CONNECTING: _enterConnecting,
        State.CONNECTED: _enterConnected,
        State.WAITING: _enterWaiting,
        State.CLOSING: _enterClosing,
        State.RESTARTING: _enterRestarting,
    }

    def _opened(self, protocol: Any) -> None:
        self._protocol = protocol
        self._feed(Event.OPENED)

    def _ended(self, reason: Failure) -> None:
        self._protocol = None
        self._reason = reason
        self._feed(Event.ENDED)

    def _tellStopped(self) -> None:
        stopped, self._stopping = self._stopping, []
        _fire(stopped)

    def _tellImpatient(self) -> None:
        """Tell those who have seen enough failures."""
        reason = self._reason
        impatient = [
            waiter
            for waiter in self._waiting
            if waiter.patience is not None and waiter.patience <= self._failures
        ]
        self._waiting = [waiter for waiter in self._waiting if waiter not in impatient]
        for waiter in impatient:
            waiter.deferred.errback(reason)


def _fire(deferreds: list[Deferred[None]]) -> None:
    for deferred in deferreds:
        deferred.callback(None)
