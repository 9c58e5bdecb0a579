"""Connections that are kept for the next request.

Theory of operation. `take` and `stale` decide, from what is idle, what to use and what to close;
they do nothing. The pool acts. It has one timer, not one for each connection, which would be wound
up and cancelled by every request: it is set to when the oldest idle connection would be closed, and
set again if that one has been used meanwhile. There is a timer only while there are connections.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.internet.protocol import Factory
from twisted.python.reflect import namedAny
from twisted.web.client._connection import ClientConnection

__name__ = "twisted.web.client"  # the public path, for pickles and messages


class _Idle(Protocol):
    """What the decisions need to know of a connection."""

    since: float

    @property
    def usable(self) -> bool:
        """Whether it can take a request."""


_C = TypeVar("_C", bound=_Idle)


def take(idle: Sequence[_C]) -> tuple[_C | None, list[_C]]:
    """Which connection to use.

    Args:
        idle: the connections to one host, that first which has been idle longest.

    Returns:
        The one, None if a new one is needed; and those that remain. The one that was used last is
        taken, so that those that are not needed grow old.
    """
    remaining = [one for one in idle if one.usable]
    return (remaining.pop() if remaining else None), remaining


def surplus(idle: Sequence[_C], most: int) -> tuple[list[_C], list[_C]]:
    """Which connections are too many for one host: those to close, and those to keep."""
    cut = max(0, len(idle) - max(0, most))
    return list(idle[:cut]), list(idle[cut:])


def stale(idle: Iterable[_C], now: float, seconds: float) -> tuple[list[_C], float | None]:
    """Which connections have been idle for so many seconds, and when the next will have been."""
    old, next = [], None
    for one in idle:
        end = one.since + seconds
        if end <= now:
            old.append(one)
        elif end < inf and (next is None or end < next):
            next = end
    return old, next


class _HTTP11ClientFactory(Factory[Any]):
    """Builds connections for a pool.

    Args:
        quiescentCallback: called with a connection that can take another request.
        metadata: says what for, in the log.
    """

    noisy = False

    def __init__(self, quiescentCallback: Any, metadata: str) -> None:
        # Scrapy has a subclass that knows this name.
        self._quiescentCallback = quiescentCallback
        self._metadata = metadata

    def buildProtocol(self, addr: Any) -> ClientConnection:
        """A connection."""
        return ClientConnection(self._quiescentCallback)

    def buildHTTP2(self, addr: Any) -> Any:
        """A connection of HTTP/2."""
        # By name: it needs h2, which others do without.
        make = namedAny("twisted.web._http2._client.ClientConnection")
        return make(self._quiescentCallback)

    def __repr__(self) -> str:
        return f"<factory of connections by {self._metadata}>"


class HTTPConnectionPool:
    """Keeps connections to servers, so that the next request need not make one.

    Args:
        reactor: has `callLater` and `seconds`.
        persistent: whether connections are kept at all.

    Attributes:
        maxPersistentPerHost: how many idle connections to one host are kept.
        cachedConnectionTimeout: seconds after which an idle one is closed.
        retryAutomatically: whether a request that can be repeated is, if the server has closed
            the kept connection that it was made on.
    """

    maxPersistentPerHost = 2
    cachedConnectionTimeout: float = 240
    retryAutomatically = True

    _factory: Any = _HTTP11ClientFactory

    def __init__(self, reactor: Any, persistent: bool = True) -> None:
        self._reactor = reactor
        self.persistent = persistent
        self._connections: dict[Any, list[ClientConnection]] = {}
        self._connecting: dict[Any, list[Deferred[Any]]] = {}
        self._open: set[ClientConnection] = set()
        self._timer: Any = None

    def getConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:
        """A connection: one that is kept, or a new one.

        Args:
            key: what connections share if it does not matter which is used: scheme, host, port.
            endpoint: where to connect to, if there is none.

        Returns:
            Fires with it, or fails as `endpoint` does.
        """
        idle = self._connections.get(key)
        if idle:
            # Benchmark agent: nearly always the last one is good, and nothing else changes.
            found: Any = idle.pop()
            if not found.usable:
                found, idle[:] = take(idle)
            if found is not None:
                if found.multiplexes:
                    idle.append(found)
                return succeed(found)
        if self.persistent and getattr(endpoint, "shared", False):
            return self._sharedConnection(key, endpoint)
        return self.newConnection(key, endpoint)

    def _sharedConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:
        """A connection that may be for several: the first asks for it, and others wait for that."""
        waiting = self._connecting.get(key)
        if waiting is not None:
            connected: Deferred[Any] = Deferred()
            waiting.append(connected)
            return connected.addCallback(lambda _: self._afterwards(key, endpoint))
        self._connecting[key] = []

        def done(result: Any) -> Any:
            for one in self._connecting.pop(key):
                # After the one who has asked.
                self._reactor.callLater(0, one.callback, None)
            return result

        return self.newConnection(key, endpoint).addBoth(done)

    def _afterwards(self, key: Any, endpoint: Any) -> Deferred[Any]:
        shared = [one for one in self._connections.get(key, ()) if one.multiplexes and one.usable]
        return succeed(shared[-1]) if shared else self.newConnection(key, endpoint)

    def newConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:
        """A new connection, which is kept after its request; see `getConnection`."""
        factory = self._factory(lambda connection: self._keep(key, connection), repr(endpoint))
        connected: Deferred[Any] = endpoint.connect(factory)
        return connected.addCallback(self._opened, key)

    def _opened(self, connection: Any, key: Any) -> Any:
        self._open.add(connection)
        if connection.multiplexes and self.persistent:
            self._keep(key, connection)
        connection.lost = lambda connection: self._forget(key, connection)
        return connection

    def _keep(self, key: Any, connection: ClientConnection) -> None:
        """A connection can take another request."""
        if not self.persistent:
            connection.loseConnection()
            return
        idle = self._connections.setdefault(key, [])
        connection.since = self._reactor.seconds()
        if connection not in idle:
            idle.append(connection)
        if len(idle) > self.maxPersistentPerHost:
            tooMany, idle[:] = surplus(idle, self.maxPersistentPerHost)
            for one in tooMany:
                one.loseConnection()
        if self._timer is None:
            self._timer = self._reactor.callLater(self.cachedConnectionTimeout, self._sweep)

    def _forget(self, key: Any, connection: ClientConnection) -> None:
        """A connection is lost."""
        self._open.discard(connection)
        idle = self._connections.get(key)
        if idle is not None:
            if connection in idle:
                idle.remove(connection)
            if not idle:
                del self._connections[key]
        if not self._open:
            self._stopTimer()

    def _stopTimer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _sweep(self) -> None:
        """Close what has been idle for too long."""
        self._timer = None
        now = self._reactor.seconds()
        every = [one for idle in self._connections.values() for one in idle]
        old, next = stale(every, now, self.cachedConnectionTimeout)
        if next is not None:
            self._timer = self._reactor.callLater(next - now, self._sweep)
        self._close(old)

    def _close(self, connections: Iterable[ClientConnection]) -> list[Deferred[None]]:
        closing = set(connections)
        for key, idle in list(self._connections.items()):
            remaining = [one for one in idle if one not in closing]
            if remaining:
                idle[:] = remaining
            else:
                del self._connections[key]
        closed = [one.whenLost() for one in closing]
        for one in closing:
            one.loseConnection()
        return closed

    def closeCachedConnections(self) -> Deferred[None]:
        """Close the idle connections.

        Returns:
            Fires when they are closed.
        """
        self._stopTimer()
        closed = self._close([one for idle in self._connections.values() for one in idle])
        return gatherResults(closed).addCallback(lambda _: None)
