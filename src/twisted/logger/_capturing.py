"""A way for tests to see what was logged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from twisted.logger._contracts import LogEvent
from twisted.logger._publisher import globalLogPublisher


@contextmanager
def capturedLogs() -> Iterator[Sequence[LogEvent]]:
    """
    A context in which all events of the program are also put into a list.

        with capturedLogs() as events:
            frob()
        assert events[0]["log_format"] == "frobbed"
    """
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    try:
        yield events
    finally:
        globalLogPublisher.removeObserver(events.append)
