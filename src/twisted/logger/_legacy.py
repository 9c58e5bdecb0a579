"""
Between the events of a `Logger` and those of `twisted.python.log`.

An observer of either sees both: `legacyEvent` adds the old keys to new events, and
`addNewKeys` the new ones to those of `log.msg`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from constantly import NamedConstant
from zope.interface import implementer

from twisted.logger._contracts import ILogObserver, LogEvent
from twisted.logger._levels import (
    critical,
    fromStandardLevel,
    graveLevels,
    info,
    toStandardLevel,
)
from twisted.logger._text import formatEvent, formatTraceback, formatUnformattable, strSafely

EventDict = dict[str, Any]

# By which filters know the events of `log.msg`.
NAMESPACE = "log_legacy"

LegacyLogObserver = Callable[[EventDict], object]
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


def legacyEvent(event: LogEvent) -> EventDict:
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


def levelOf(keywords: EventDict) -> NamedConstant:
    """The level of an event of `msg`."""
    if "log_level" in keywords:
        given: NamedConstant = keywords["log_level"]
        return given
    level = keywords.get("logLevel")
    if isinstance(level, int):
        return fromStandardLevel(level)
    return critical if keywords.get("isError") else info


def addNewKeys(event: EventDict) -> None:
    """Add to an event of `msg` what the observers of `twisted.logger` look for."""
    event["log_namespace"] = NAMESPACE
    event["log_system"] = event["system"]
    event["log_format"] = "{log_text}"
    message = event["message"]
    if event["isError"] and "failure" in event:
        # Without the traceback: that comes from `log_failure`.
        event["log_failure"] = event["failure"]
        event["log_text"] = strSafely(event.get("why") or "Unhandled Error")
    elif len(message) == 1 and type(message[0]) is str:
        event["log_text"] = message[0]
    else:
        # Not the event itself, which would then be a part of itself.
        event["log_text"] = _LazyText({"message": message} if message else event.copy())


def textFromEventDict(eventDict: EventDict) -> str | None:
    """
    The text of an event: its failure with the traceback, its message or its `format`.

    `format` is in the manner of the `%` operator, with the event's own keys.  None
    when there is nothing to say.  Never raises: an event that cannot be formatted
    gives a sentence which says so.
    """
    if eventDict.get("isError") and "failure" in eventDict:
        why = eventDict.get("why") or "Unhandled Error"
        return f"{strSafely(why)}\n{formatTraceback(eventDict['failure'])}"
    message = eventDict.get("message")
    if message:
        return " ".join([part if type(part) is str else strSafely(part) for part in message])
    if "format" not in eventDict:
        return None
    try:
        return str(eventDict["format"] % eventDict)
    except Exception as problem:  # a log never fails its program
        return formatUnformattable(eventDict, problem)


class _LazyText:
    """The text of an event, made when somebody wants it."""

    __slots__ = ("_event",)

    def __init__(self, event: EventDict) -> None:
        self._event = event

    def __str__(self) -> str:
        return textFromEventDict(self._event) or ""

    def __repr__(self) -> str:
        return repr(str(self))
