"""Events for the observers of `twisted.python.log`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constantly import NamedConstant
from zope.interface import implementer

from twisted.logger._contracts import ILogObserver, LogEvent
from twisted.logger._levels import graveLevels, toStandardLevel
from twisted.logger._text import formatEvent

LegacyLogObserver = Callable[[dict[str, Any]], object]
"""An observer as `twisted.python.log.addObserver` takes it."""


@implementer(ILogObserver)
class LegacyLogObserverWrapper:
    """
    An observer that shows a *legacyObserver* each event with the keys that it knows.

    Those are `message`, `isError`, `time`, `system` and, where they apply, `failure`,
    `why`, `logLevel` and `printed`.
    """

    def __init__(self, legacyObserver: LegacyLogObserver) -> None:
        self.legacyObserver = legacyObserver

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.legacyObserver!r})"

    def __call__(self, event: LogEvent) -> None:
        """Show *event* to the legacy observer."""
        # An event of `log.msg` has all of these keys from the start.
        self.legacyObserver(event if "message" in event else legacyEvent(event))


def legacyEvent(event: LogEvent) -> dict[str, Any]:
    """A copy of *event*, which `Logger` made, with the keys of `twisted.python.log` added."""
    level: NamedConstant | None = event.get("log_level")
    text = formatEvent(event)
    legacy = {
        "message": (text,) if text else (),
        "time": event.get("log_time"),
        "system": event.get("log_system") or "-",
        "isError": int(level in graveLevels),
    }
    legacy.update(event)
    if level in toStandardLevel:
        legacy.setdefault("logLevel", toStandardLevel[level])
    if "log_io" in event:
        legacy["printed"] = True
    failure = event.get("log_failure")
    if failure is not None:
        legacy["failure"] = failure
        legacy["isError"] = 1
        legacy["why"] = text
    return legacy
