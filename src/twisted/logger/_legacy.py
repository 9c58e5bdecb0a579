"""Events for the observers of `twisted.python.log`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from constantly import NamedConstant
from zope.interface import implementer

from twisted.logger._contracts import ILogObserver, LogEvent
from twisted.logger._levels import graveLevels, toStandardLevel
from twisted.logger._text import formatEvent, strSafely

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
        # `log.msg` gives its events all of these keys itself.
        self.legacyObserver(event if "log_text" in event else legacyEvent(event))


def legacyEvent(event: LogEvent) -> dict[str, Any]:
    """
    A copy of *event*, which a `Logger` made, with the keys of `twisted.python.log` set.

    They replace keywords of the same names: an observer must be able to rely on them.
    """
    level: NamedConstant | None = event.get("log_level")
    text = formatEvent(event)
    legacy = dict(event)
    legacy["message"] = (text,) if text else ()
    legacy["time"] = event.get("log_time") or time.time()
    legacy["system"] = strSafely(event.get("log_system") or event.get("system") or "-")
    legacy["isError"] = int(level in graveLevels)
    if level in toStandardLevel:
        legacy.setdefault("logLevel", toStandardLevel[level])
    if "log_io" in event:
        legacy["printed"] = 1
    failure = event.get("log_failure")
    if failure is not None:
        legacy["failure"] = failure
        legacy["isError"] = 1
        legacy["why"] = text
    return legacy
