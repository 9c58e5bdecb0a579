"""One attempt to connect: from a factory that hears how it goes to a Deferred that tells.

The protocol is in a wrapper until its connection is made, so that whoever waits finds it
connected.  Then the wrapper steps out of the way, if the transport lets it: what goes over
the connection does not pay for how the connection was made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet._forwarding import Forwarder, prefixOf
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectError, ConnectingCancelledError
from twisted.internet.interfaces import IAddress, IConnector, IProtocolFactory
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages

#: Seconds that an attempt to connect has, unless the program says otherwise.
TIMEOUT = 30


class _Awaited(Forwarder):
    """Stands before a protocol until its connection is made.

    It goes on standing there on transports that keep the protocol which they were given.
    """

    def __init__(self, attempt: _Attempt, wrapped: Any) -> None:
        super().__init__(wrapped)
        self._attempt = attempt

    def makeConnection(self, transport: Any) -> None:
        """Connect the protocol inside, tell the one who waits, and leave."""
        self._attempt.opened(transport)
        try:
            super().makeConnection(transport)
        except BaseException:
            # The transport logs it, too, and ends the connection.
            self._attempt.failed(Failure())
            raise
        if getattr(transport, "protocol", None) is self:
            transport.protocol = self._wrapped
        self._attempt.connected(self._wrapped)


class _Attempt(ClientFactory[Any]):
    """Hears how an attempt goes on; fires `result` with a connected protocol.

    Cancelling `result` gives the attempt up, at whatever stage it is.
    """

    noisy = False

    def __init__(self, wrapped: IProtocolFactory) -> None:
        self._wrapped = wrapped
        self._connector: Any = None
        self._transport: Any = None
        self.result: Deferred[Any] | None = Deferred(self._cancelled)

    def __repr__(self) -> str:
        return f"<attempt to connect for {self._wrapped!r}>"

    def logPrefix(self) -> str:
        """The name of the factory inside."""
        return prefixOf(self._wrapped)

    def doStart(self) -> None:
        """Start the factory inside."""
        self._wrapped.doStart()

    def doStop(self) -> None:
        """Stop the factory inside."""
        self._wrapped.doStop()

    def startedConnecting(self, connector: IConnector) -> None:
        """Remember whom to stop."""
        self._connector = connector

    def buildProtocol(self, addr: IAddress | None) -> _Awaited | None:
        """What the factory inside builds, in a wrapper; the attempt has failed if that fails."""
        try:
            protocol = self._wrapped.buildProtocol(addr)  # type: ignore[arg-type]  # clients may have no address
        except BaseException:
            self.failed(Failure())
            return None
        if protocol is None:
            problem = f"{self._wrapped!r} built no protocol for {addr}"
            self.failed(Failure(ConnectError(string=problem)))
            return None
        return _Awaited(self, protocol)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Pass it on."""
        self.failed(reason)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """Pass it on, if nobody knows of the connection yet."""
        self.failed(reason)

    def opened(self, transport: Any) -> None:
        """The protocol is about to be told of its connection."""
        if self.result is not None:
            self._transport = transport

    def connected(self, protocol: Any) -> None:
        """The protocol has been told of its connection."""
        result = self._end()
        if result is not None:
            result.callback(protocol)

    def failed(self, reason: Failure) -> None:
        """There will be no connection."""
        result = self._end()
        if result is not None:
            result.errback(reason)

    def _cancelled(self, result: Deferred[Any]) -> None:
        connector, transport = self._connector, self._transport
        self._end()
        if transport is not None:
            transport.abortConnection()
        elif connector is not None:
            connector.stopConnecting()
        destination = None if connector is None else connector.getDestination()
        result.errback(ConnectingCancelledError(destination))

    def _end(self) -> Deferred[Any] | None:
        """Let go of what knows of this attempt; returns the result, unless it is known."""
        result, self.result = self.result, None
        self._connector = self._transport = None
        return result


def attempt(factory: IProtocolFactory, connect: Callable[[IProtocolFactory], Any]) -> Deferred[Any]:
    """Connect once.

    Args:
        factory: builds the protocol.
        connect: called with the factory that is to be told how it goes.

    Returns:
        Fires with the connected protocol, or fails; can be cancelled.
    """
    one = _Attempt(factory)
    result = one.result
    assert result is not None, "nothing has happened yet"
    try:
        connect(one)
    except Exception:
        return fail(Failure())
    return result
