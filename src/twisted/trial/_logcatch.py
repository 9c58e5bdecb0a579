"""Errors that were logged while a test ran, and that it has not flushed."""

from __future__ import annotations

from typing import Any

from twisted.python import log
from twisted.python.failure import Failure


class ErrorCatcher:
    """A log observer that keeps every failure until it is flushed.

    Each `start` opens a place of its own for failures, inside the one before: a test
    that runs another test does not see the errors of that one.
    """

    def __init__(self) -> None:
        self._places: list[list[Failure]] = []

    def start(self) -> None:
        """Keep what is logged from now on."""
        if not self._places:
            log.addObserver(self.observe)
        self._places.append([])

    def stop(self) -> list[Failure]:
        """Undo one `start`; return what was logged since and not flushed."""
        left = self._places.pop()
        if not self._places:
            log.removeObserver(self.observe)
        return left

    def observe(self, event: dict[str, Any]) -> None:
        """Hear of what is logged."""
        if event.get("isError"):
            failure = event.get("failure")
            if failure is not None and self._places:
                self._places[-1].append(failure)

    def flush(self, *errorTypes: type[BaseException]) -> list[Failure]:
        """Return and forget the failures of these types; of every type if there is none."""
        if not self._places or not self._places[-1]:
            return []
        flushed: list[Failure] = []
        kept: list[Failure] = []
        for failure in self._places[-1]:
            wanted = not errorTypes or failure.check(*errorTypes) is not None
            (flushed if wanted else kept).append(failure)
        self._places[-1] = kept
        return flushed


catcher = ErrorCatcher()
