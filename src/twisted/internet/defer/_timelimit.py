"""The time that a Deferred has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer._errors import CancelledError, TimeoutError
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from twisted.internet.defer._deferred import Deferred
    from twisted.internet.interfaces import IDelayedCall


class TimeLimit:
    """What `Deferred.addTimeout` keeps until the Deferred fires or the time is up."""

    __slots__ = ("call", "d", "expired", "onTimeoutCancel", "timeout")

    call: IDelayedCall | None

    def __init__(
        self, d: Deferred[Any], timeout: float, onTimeoutCancel: Callable[[Any, float], Any] | None
    ) -> None:
        self.d: Deferred[Any] | None = d
        self.timeout = timeout
        self.onTimeoutCancel = onTimeoutCancel
        self.expired = False

    def expire(self) -> None:
        """The time is up."""
        d, self.d, self.call = self.d, None, None
        self.expired = True
        if d is not None:
            d.cancel()
        del d

    def settle(self, result: Any) -> Any:
        """The Deferred has fired, in time or because it was cancelled."""
        call, self.d, self.call = self.call, None, None
        if not self.expired:
            if call is not None and call.active():
                call.cancel()
            return result
        if self.onTimeoutCancel is not None:
            return self.onTimeoutCancel(result, self.timeout)
        if isinstance(result, Failure) and result.check(CancelledError):
            raise TimeoutError(self.timeout, "Deferred")
        return result
