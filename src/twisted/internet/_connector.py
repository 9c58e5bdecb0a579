"""What stands between a client's factory and its connections: `BaseConnector`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet import error
from twisted.internet._timers import checkDelay
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IDelayedCall,
    IProtocol,
    IProtocolFactory,
)
from twisted.python.failure import Failure

__name__ = "twisted.internet.base"  # the public path, for pickles and messages

#: By state: what may be asked for, and the state after it.
TRANSITIONS: dict[tuple[str, str], str] = {
    ("disconnected", "connect"): "connecting",
    ("connecting", "connected"): "connected",
    ("connecting", "failed"): "disconnected",
    ("connected", "lost"): "disconnected",
    # The factory could not build a protocol.
    ("connected", "failed"): "disconnected",
    # A transport that is told to stop reports its failure when it is told.
    ("connecting", "stop"): "disconnected",
    ("disconnected", "failed"): "disconnected",
}


@implementer(IConnector)
class BaseConnector(ABC):
    """One destination, and the connection attempts that a factory makes to it.

    Args:
        factory: builds the protocol, and is told how each attempt ends.
        timeout: seconds to wait for a connection; None to leave that to the system.
        reactor: has `callLater`.

    Attributes:
        state: "disconnected", "connecting" or "connected".
        transport: the attempt or connection of that state.
    """

    timeoutID: IDelayedCall | None = None
    factoryStarted: bool = False

    def __init__(self, factory: IProtocolFactory, timeout: float | None, reactor: Any) -> None:
        self.state = "disconnected"
        self.reactor = reactor
        self.factory: Any = factory
        self.timeout = timeout
        self.transport: Any = None

    @abstractmethod
    def getDestination(self) -> IAddress:
        """The address to which this connects."""

    @abstractmethod
    def _makeTransport(self) -> Any:
        """Begin an attempt; returns a transport with `failIfNotConnected`."""

    def _step(self, event: str) -> None:
        self.state = TRANSITIONS[self.state, event]

    def connect(self) -> None:
        """Begin to connect.

        Raises:
            RuntimeError: it is connected, or being connected.
            ValueError: the timeout is negative, or not a number.
        """
        if self.state != "disconnected":
            raise RuntimeError(
                f"cannot connect to {self.getDestination()}: the connector is {self.state}"
            )
        if self.timeout is not None:
            checkDelay(self.timeout)
        self._step("connect")
        try:
            if not self.factoryStarted:
                self.factory.doStart()
                self.factoryStarted = True
            self.transport = transport = self._makeTransport()
        except BaseException:
            self._step("failed")
            if self.factoryStarted:
                self.factoryStarted = False
                self.factory.doStop()
            raise
        if self.timeout is not None:
            self.timeoutID = self.reactor.callLater(
                self.timeout, transport.failIfNotConnected, self._timeoutError()
            )
        self.factory.startedConnecting(self)

    def _timeoutError(self) -> error.TimeoutError:
        return error.TimeoutError(
            string=f"no connection to {self.getDestination()} in {self.timeout} seconds"
        )

    def stopConnecting(self) -> None:
        """Give up the attempt: the factory's `clientConnectionFailed` gets a `UserError`.

        Raises:
            twisted.internet.error.NotConnectingError: there is no attempt.
        """
        if self.state != "connecting":
            raise error.NotConnectingError(
                f"{self.getDestination()} is {self.state}, not being connected"
            )
        self._step("stop")
        self.transport.failIfNotConnected(error.UserError())

    def disconnect(self) -> None:
        """End whatever there is: the attempt, or the connection once all is sent."""
        if self.state == "connecting":
            self.stopConnecting()
        elif self.state == "connected":
            self.transport.loseConnection()

    def cancelTimeout(self) -> None:
        """Stop to wait for the timeout."""
        timeoutID, self.timeoutID = self.timeoutID, None
        if timeoutID is not None and timeoutID.active():
            timeoutID.cancel()

    def buildProtocol(self, addr: IAddress) -> IProtocol | None:
        """The transport is connected: have the factory build a protocol for it."""
        self._step("connected")
        self.cancelTimeout()
        protocol: IProtocol | None = self.factory.buildProtocol(addr)
        return protocol

    def connectionFailed(self, reason: Failure) -> None:
        """The transport could not connect."""
        self._ended("failed", self.factory.clientConnectionFailed, reason)

    def connectionLost(self, reason: Failure) -> None:
        """The transport was connected, and is no more."""
        self._ended("lost", self.factory.clientConnectionLost, reason)

    def _ended(
        self, event: str, tellFactory: Callable[[BaseConnector, Failure], object], reason: Failure
    ) -> None:
        self.cancelTimeout()
        self._step(event)
        self.transport = None
        try:
            tellFactory(self, reason)
        finally:
            # The factory may have called connect() again.
            if self.state == "disconnected" and self.factoryStarted:
                self.factoryStarted = False
                self.factory.doStop()
