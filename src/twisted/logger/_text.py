"""From an event to text."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from time import localtime, strftime
from typing import Any

from twisted.logger._contracts import LogEvent
from twisted.logger._fields import formatFlattened, formatOf, formatWithCalls
from twisted.python.failure import Failure

timeFormatRFC3339 = "%Y-%m-%dT%H:%M:%S%z"
"""A format for `formatTime`: date and time with the zone's offset (RFC 3339)."""

# Whatever could end a line, move the cursor, change the direction of reading or
# fail to be written: C0 and C1 controls but tab and newline, the Unicode line
# separators, bidirectional controls, lone surrogates.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def formatEvent(event: LogEvent) -> str:
    """
    The text of *event*, from its `log_format` and the keys which that names.

    Never raises: an event that cannot be formatted gives a sentence which says so,
    and why.  An event without a format gives "".
    """
    try:
        format = formatOf(event)
        if format is None:
            return ""
        if "log_flattened" in event:
            return formatFlattened(format, event)
        return formatWithCalls(format, event)
    except Exception as problem:  # a log never fails its program
        return formatUnformattable(event, problem)


def formatUnformattable(event: LogEvent, problem: Exception) -> str:
    """The sentence that stands for an event which cannot be formatted because of *problem*."""
    try:
        return f"Unable to format event {event!r}: {problem}"
    except Exception:  # a log never fails its program
        pass
    pairs = ", ".join(f"{reprSafely(key)}: {reprSafely(value)}" for key, value in event.items())
    return f"Unable to format event {{{pairs}}}: {strSafely(problem)}"


def reprSafely(value: object) -> str:
    """`repr`, or words that say that it failed."""
    try:
        return repr(value)
    except Exception as problem:  # of any value's repr
        return f"<{type(value).__name__} whose repr raised {type(problem).__name__}>"


def strSafely(value: object) -> str:
    """`str`, or words that say that it failed."""
    try:
        return repr(value) if isinstance(value, bytes) else str(value)
    except Exception as problem:  # of any value's str
        return f"<{type(value).__name__} whose str raised {type(problem).__name__}>"


# The last time that was formatted, and what it gave.  A busy log writes many lines in
# one second, and `strftime` costs as much as the rest of the line.  The zone is part of
# the question, since it can be changed (`time.tzset`).  One tuple, so that a thread
# never sees the answer to another's question.
_lastTime: tuple[tuple[object, ...], str] = ((), "")


def formatTime(
    when: float | None, timeFormat: str | None = timeFormatRFC3339, default: str = "-"
) -> str:
    """
    *when*, in seconds since the epoch, as local time.

    *timeFormat* is as for `time.strftime`, and `%f` gives microseconds.  The
    result is *default* when either is None.
    """
    global _lastTime
    if when is None or timeFormat is None:
        return default
    whole = int(when // 1)
    if "%f" in timeFormat:
        micros = f"{min(int((when - whole) * 1_000_000), 999_999):06d}"
        timeFormat = timeFormat.replace("%f", micros)
    question = (whole, timeFormat, time.timezone, time.tzname)
    last, answer = _lastTime
    if last != question:
        answer = strftime(timeFormat, localtime(whole))
        _lastTime = (question, answer)
    return answer


def formatTraceback(failure: Failure) -> str:
    """The traceback of *failure*, or words that say why there is none.  Never raises."""
    try:
        return failure.getTraceback()
    except Exception as problem:  # of any value's repr
        return f"(the traceback cannot be shown: {strSafely(problem)})\n"


def formatSystem(event: LogEvent) -> str:
    """Who speaks in *event*: its `log_system`, or else its namespace and level."""
    system = event.get("log_system")
    if system is None:
        level = event.get("log_level")
        name = "-" if level is None else getattr(level, "name", level)
        return f"{strSafely(event.get('log_namespace', '-'))}#{strSafely(name)}"
    return strSafely(system)


def eventAsText(
    event: LogEvent,
    includeTraceback: bool = True,
    includeTimestamp: bool = True,
    includeSystem: bool = True,
    formatTime: Callable[[float | None], str] = formatTime,
) -> str:
    """
    *event* as text of one line or more.

    With all parts included that is the time, the system in brackets, the text of
    `formatEvent` and, in new lines, the traceback of `log_failure`.  An event
    that has neither text nor traceback gives "".
    """
    text = formatEvent(event)
    if includeTraceback and "log_failure" in event:
        text = f"{text}\n{formatTraceback(event['log_failure'])}"
    if not text:
        return ""
    if includeSystem:
        text = f"[{formatSystem(event)}] {text}"
    if includeTimestamp:
        text = f"{formatTimeSafely(formatTime, event.get('log_time'))} {text}"
    return text


def formatTimeSafely(formatTime: Callable[[float | None], str], when: Any) -> str:
    """What *formatTime* gives for *when*; "-" when it raises an exception."""
    try:
        return formatTime(when)
    except Exception:  # of any clock's value
        return "-"


def escapeUnsafe(text: str) -> str:
    """
    *text* with backslash escapes for what could forge or hide a line of the log.

    Newlines and tabs stay: how lines are joined is the caller's to decide.
    """
    # A printable str has nothing to escape, and this is much the quickest test.
    if text.isprintable():
        return text
    return UNSAFE.sub(_escapeMatch, text)


def _escapeMatch(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")


def formatEventAsClassicLogText(
    event: LogEvent, formatTime: Callable[[float | None], str] = formatTime
) -> str | None:
    """
    *event* as an entry of a log file: `2008-01-01T12:00:00+0000 [system] text`.

    Each line after the first is indented by a tab, and control characters are
    shown as backslash escapes: text that came from a peer cannot pass for an
    entry of its own.  None when the event has no text.
    """
    text = eventAsText(event, formatTime=formatTime)
    if not text:
        return None
    return classicEntry(text)


def classicEntry(text: str) -> str:
    """One entry of a log file that says *text*."""
    return escapeUnsafe(text.removesuffix("\n")).replace("\n", "\n\t") + "\n"
