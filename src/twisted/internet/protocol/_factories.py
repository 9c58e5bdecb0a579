"""Factories: what makes a protocol for each connection."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast

from zope.interface import implementer

from twisted.internet import error
from twisted.internet._reactor import installedReactor
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IDelayedCall,
    ILoggingContext,
    IProtocol,
    IProtocolFactory,
    IReactorTime,
)
from twisted.logger import Logger
from twisted.python.failure import Failure

__name__ = "twisted.internet.protocol"  # the public path, for pickles and messages

if TYPE_CHECKING:
    import typing_extensions

    _P = typing_extensions.TypeVar("_P", bound=IProtocol, default=Any)
else:
    # To have the default at run time too, reactors would take a tenth longer to load.
    _P = TypeVar("_P", bound=IProtocol)


@implementer(IProtocolFactory, ILoggingContext)
class Factory(Generic[_P]):
    """Makes a protocol for each connection, and holds what outlives it.

    Attributes:
        protocol: the class, or another callable, that makes a protocol.
        numPorts: how many ports and connectors this is connected to.
        noisy: whether starts and stops are logged.
    """

    protocol: Callable[[], _P] | None = None
    numPorts: int = 0
    noisy: bool = True

    @classmethod
    def forProtocol(cls, protocol: Callable[[], _P], *args: Any, **kwargs: Any) -> Self:
        """A factory for that protocol.

        Args:
            protocol: the class, or another callable, that makes a protocol.
            args, kwargs: for the factory's constructor.
        """
        factory = cls(*args, **kwargs)
        factory.protocol = protocol
        return factory

    def logPrefix(self) -> str:
        """How lines logged on this factory's behalf are marked: the class's name."""
        return self.__class__.__name__

    def doStart(self) -> None:
        """Called by a port or connector that begins to use this.

        The first calls `startFactory`; an exception from there reaches who listens.
        """
        if self.numPorts == 0:
            self._tell("Starting factory {factory!r}")
            self.startFactory()
        self.numPorts += 1

    def doStop(self) -> None:
        """Called by a port or connector that stops using this; the last calls `stopFactory`."""
        if self.numPorts == 0:
            # A connector that is told to stop may have been stopped by its failure before.
            return
        self.numPorts -= 1
        if self.numPorts == 0:
            self._tell("Stopping factory {factory!r}")
            self.stopFactory()

    def _tell(self, what: str, **values: object) -> None:
        if self.noisy:
            Logger("twisted.internet.protocol", source=self).info(what, factory=self, **values)

    def startFactory(self) -> None:
        """Called before the first port or connection: the place to open files and the like."""

    def stopFactory(self) -> None:
        """Called after the last port has closed: the place to undo `startFactory`."""

    def buildProtocol(self, addr: IAddress | None) -> _P | None:
        """The protocol for a new connection: what `protocol` makes, with `factory` set.

        Args:
            addr: the peer's address.

        Returns:
            The protocol, or None to close the connection at once.
        """
        make = self.protocol
        if make is None:
            raise RuntimeError(
                f"{self!r} does not know what to build: set its protocol attribute to a "
                "Protocol class, or override buildProtocol."
            )
        protocol = make()
        cast(Any, protocol).factory = self
        return protocol


class ServerFactory(Factory[_P]):
    """A factory for connections that others open to us."""


class ClientFactory(Factory[_P]):
    """A factory for connections that we open, which hears how each attempt fares."""

    def startedConnecting(self, connector: IConnector) -> None:
        """An attempt begins; ``connector.stopConnecting()`` gives it up."""

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """An attempt has failed. ``connector.connect()`` begins another.

        Args:
            reason: wraps an `error.ConnectError` or an `error.DNSLookupError`.
        """

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """The connection is over. ``connector.connect()`` opens it again.

        Args:
            reason: wraps an `error.ConnectionClosed`.
        """


class ReconnectingClientFactory(ClientFactory[_P]):
    """A client's factory that connects again, after waits that grow.

    Each wait is `factor` times the one before, up to `maxDelay`, and is spread at random so
    that the clients of a server that comes back do not all come at once. Call `resetDelay`
    when a connection has proved good, and `stopTrying` when no more are wanted.

    Attributes:
        initialDelay, delay, maxDelay: the first, the present and the longest wait, in seconds.
        factor: how much each wait is longer than the one before.
        jitter: the standard deviation of a wait, as a part of it; 0 or None for none.
        retries, maxRetries: attempts made since the last success, and how many are
            allowed; None for no limit.
        continueTrying: whether to go on.
        connector: what connects.
        clock: an `IReactorTime`; None for the reactor.
    """

    initialDelay: float = 1.0
    maxDelay: float = 3600
    # e: waits then grow as fast as the uncertainty about how long the peer will be away.
    factor: float = 2.718281828459045
    # About a ninth either way: enough to spread a crowd within a few attempts.
    jitter: float | None = 0.119626565582
    delay: float = initialDelay
    retries: int = 0
    maxRetries: int | None = None
    continueTrying: int = 1
    connector: IConnector | None = None
    clock: IReactorTime | None = None

    _callID: IDelayedCall | None = None

    # What one run of the program learns, and the next has no use for.
    _transient: ClassVar[frozenset[str]] = frozenset(
        {"_callID", "clock", "connector", "continueTrying", "delay", "retries"}
    )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in self._transient}

    def startedConnecting(self, connector: IConnector) -> None:
        """Remember the connector, so that `stopTrying` can stop this very attempt."""
        self.connector = connector

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Try again after a while."""
        self._tryAgain(connector)

    def clientConnectionLost(self, connector: IConnector, unused_reason: Failure) -> None:
        """Try again after a while."""
        self._tryAgain(connector)

    def _tryAgain(self, connector: IConnector) -> None:
        if self.continueTrying:
            self.connector = connector
            self.retry()

    def retry(self, connector: IConnector | None = None) -> None:
        """Plan the next attempt, unless it is one too many or `stopTrying` was called.

        Args:
            connector: what is to connect; by default, what did so before.

        Raises:
            ValueError: there has been none before.
        """
        if connector is None:
            connector = self.connector
        if not self.continueTrying:
            self._tell("Abandoning {connector} on explicit request", connector=connector)
            return
        if connector is None:
            raise ValueError("There is no connector to retry: nothing has been connected yet.")
        if self.maxRetries is not None and self.retries >= self.maxRetries:
            self._tell(
                "Abandoning {connector} after {retries} retries",
                connector=connector,
                retries=self.retries,
            )
            return
        self.retries += 1
        self.delay = self._nextDelay()
        self._tell(
            "{connector} will retry in {delay:.3g} seconds", connector=connector, delay=self.delay
        )
        self._callID = self._getClock().callLater(self.delay, self._reconnect, connector)

    def _nextDelay(self) -> float:
        delay = min(self.delay * self.factor, self.maxDelay)
        if self.jitter:
            delay = random.normalvariate(delay, delay * self.jitter)
            if delay > self.maxDelay:
                # Mirrored, not cut: a crowd that has reached the limit stays spread.
                delay = 2 * self.maxDelay - delay
        return max(delay, 0.0)

    def _getClock(self) -> IReactorTime:
        if self.clock is not None:
            return self.clock
        clock: IReactorTime = installedReactor()
        return clock

    def _reconnect(self, connector: IConnector) -> None:
        self._callID = None
        connector.connect()

    def stopTrying(self) -> None:
        """Make no more attempts, and give up the present one."""
        self.continueTrying = 0
        if self._callID is not None:
            self._callID.cancel()
            self._callID = None
        if self.connector is not None:
            try:
                self.connector.stopConnecting()
            except error.NotConnectingError:
                pass  # it waits, or is connected: either way nothing is to be given up

    def resetDelay(self) -> None:
        """Begin with short waits again; call it when a connection has proved good."""
        self.delay = self.initialDelay
        self.retries = 0
        self.continueTrying = 1
        self._callID = None
