"""Closing connections on which nothing happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IProtocolFactory
from twisted.internet.protocol import connectionDone
from twisted.protocols.policies._wrapping import (
    ProtocolWrapper,
    WrappingFactory,
    callLaterInReactor,
)
from twisted.python.failure import Failure

__name__ = "twisted.protocols.policies"  # the public path, for pickles and messages


class TimeoutProtocol(ProtocolWrapper):
    """Closes its connection when nothing has been sent or received for some time.

    Attributes:
        timeoutPeriod: that time, in seconds; None for ever.
    """

    def __init__(self, factory: Any, wrappedProtocol: Any, timeoutPeriod: float | None) -> None:
        super().__init__(factory, wrappedProtocol)
        self.timeoutPeriod: float | None = None
        self._timeoutCall: IDelayedCall | None = None
        self.setTimeout(timeoutPeriod)

    def setTimeout(self, timeoutPeriod: float | None = None) -> None:
        """Begin to count anew.

        Args:
            timeoutPeriod: the new time, in seconds; None keeps the present one.
        """
        self.cancelTimeout()
        if timeoutPeriod is not None:
            self.timeoutPeriod = timeoutPeriod
        if self.timeoutPeriod is not None:
            self._timeoutCall = self.factory.callLater(self.timeoutPeriod, self._timedOut)

    def cancelTimeout(self) -> None:
        """Stop counting; nothing happens if we do not count."""
        if self._timeoutCall is not None:
            self._timeoutCall.cancel()
            self._timeoutCall = None

    def resetTimeout(self) -> None:
        """Something has happened: begin to count anew, if we count at all."""
        if self._timeoutCall is not None and self.timeoutPeriod is not None:
            self._timeoutCall.reset(self.timeoutPeriod)

    def _timedOut(self) -> None:
        self._timeoutCall = None
        self.timeoutFunc()

    def timeoutFunc(self) -> None:
        """The time is over. This closes the connection."""
        self.loseConnection()

    def write(self, data: bytes) -> None:
        """Send `data` and begin to count anew."""
        self.resetTimeout()
        super().write(data)

    def writeSequence(self, seq: Iterable[bytes]) -> None:
        """Send each item of `seq` and begin to count anew."""
        self.resetTimeout()
        super().writeSequence(seq)

    def dataReceived(self, data: bytes) -> None:
        """Pass `data` in and begin to count anew."""
        self.resetTimeout()
        super().dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Stop counting."""
        self.cancelTimeout()
        super().connectionLost(reason)


class TimeoutFactory(WrappingFactory):
    """Closes connections on which nothing happens.

    Args:
        wrappedFactory: the factory inside.
        timeoutPeriod: after how long, in seconds.
    """

    protocol = TimeoutProtocol

    def __init__(self, wrappedFactory: IProtocolFactory, timeoutPeriod: float | None = 30 * 60):
        super().__init__(wrappedFactory)
        self.timeoutPeriod = timeoutPeriod

    def _wrap(self, wrapped: Any) -> Any:
        return self.protocol(self, wrapped, timeoutPeriod=self.timeoutPeriod)

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call `func` after `period` seconds; replace it to use another clock."""
        return callLaterInReactor(period, func)


class TimeoutMixin:
    """Gives a protocol a timer that it winds up whenever it sees fit.

    Call `setTimeout` to start, change or stop it, and `resetTimeout` when something has
    happened. Call ``setTimeout(None)`` in `connectionLost`.

    Attributes:
        timeOut: the present period in seconds; None if there is none.
    """

    transport: Any
    timeOut: float | None = None

    _timeoutCall: IDelayedCall | None = None

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call `func` after `period` seconds; replace it to use another clock."""
        return callLaterInReactor(period, func)

    def setTimeout(self, period: float | None) -> float | None:
        """Call `timeoutConnection` after `period` seconds from now; never if that is None.

        Returns:
            The period till now.
        """
        previous, self.timeOut = self.timeOut, period
        call = self._timeoutCall
        if call is None:
            if period is not None:
                self._timeoutCall = self.callLater(period, self._timedOut)
        elif period is None:
            self._timeoutCall = None
            call.cancel()
        else:
            call.reset(period)
        return previous

    def resetTimeout(self) -> None:
        """Begin to count anew; nothing happens after the time is over or was set to None."""
        if self._timeoutCall is not None and self.timeOut is not None:
            self._timeoutCall.reset(self.timeOut)

    def _timedOut(self) -> None:
        self._timeoutCall = None
        self.timeoutConnection()

    def timeoutConnection(self) -> None:
        """The time is over. This closes the connection."""
        self.transport.loseConnection()
