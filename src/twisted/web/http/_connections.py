"""The connections of a server that are open, and how they end when the program does."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, succeed

__name__ = "twisted.web.http"  # the public path, for pickles and messages


class Connections:
    """The open connections of one factory.

    When the reactor shuts down, those that are idle are closed at once; the others have `grace`
    seconds to finish their response, and are broken off after that.

    Args:
        reactor: tells when it shuts down; None if nobody does.
        grace: seconds.
    """

    __slots__ = ("_drained", "_grace", "_open", "_overdue", "_reactor", "_trigger")

    def __init__(self, reactor: Any = None, grace: float = 0) -> None:
        self._reactor = reactor
        self._grace = grace
        self._open: set[Any] = set()
        self._trigger: Any = None
        self._drained: Deferred[None] | None = None
        self._overdue: Any = None

    def __len__(self) -> int:
        return len(self._open)

    def opened(self, channel: Any) -> None:
        """A connection is there."""
        if self._trigger is None and hasattr(self._reactor, "addSystemEventTrigger"):
            self._trigger = self._reactor.addSystemEventTrigger(
                "before", "shutdown", self.drain, self._grace
            )
        self._open.add(channel)

    def closed(self, channel: Any) -> None:
        """A connection is no more."""
        self._open.discard(channel)
        if self._open:
            return
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None
        if self._drained is not None:
            drained, self._drained = self._drained, None
            drained.callback(None)
        elif self._trigger is not None:
            self._reactor.removeSystemEventTrigger(self._trigger)
        self._trigger = None

    def drain(self, grace: float) -> Deferred[None]:
        """Close the connections: idle ones now, others after their response.

        Args:
            grace: seconds after which those that are left are broken off.

        Returns:
            A Deferred that fires with None when all are closed.
        """
        self._trigger = None
        for channel in list(self._open):
            channel.drain()
        if not self._open:
            return succeed(None)
        if self._drained is None:
            self._drained = Deferred()
            self._overdue = self._reactor.callLater(grace, self._abort)
        return self._drained

    def _abort(self) -> None:
        self._overdue = None
        for channel in list(self._open):
            channel.forceAbortClient()
