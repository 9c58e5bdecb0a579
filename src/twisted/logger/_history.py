"""An observer that remembers."""

from __future__ import annotations

from collections import deque

from zope.interface import implementer

from twisted.logger._contracts import ILogObserver, LogEvent, LogObserver

# Enough for the events of a start, small enough to forget about.
DEFAULT_SIZE = 64 * 1024


@implementer(ILogObserver)
class LimitedHistoryLogObserver:
    """An observer that keeps the last *size* events; all of them when it is None."""

    def __init__(self, size: int | None = DEFAULT_SIZE) -> None:
        self._events: deque[LogEvent] = deque(maxlen=size)

    def __call__(self, event: LogEvent) -> None:
        """Keep *event*, and forget the oldest if there are too many."""
        self._events.append(event)

    def replayTo(self, otherObserver: LogObserver) -> None:
        """Show all events that are kept to *otherObserver*, the oldest first."""
        # A copy: what the other observer logs may come back to us.
        for event in tuple(self._events):
            otherObserver(event)
