"""The system's log as an observer of ours."""

from __future__ import annotations

import syslog
from typing import Any

from twisted.logger import LogLevel
from twisted.logger._text import escapeUnsafe
from twisted.python import log

__all__ = ["DEFAULT_FACILITY", "DEFAULT_OPTIONS", "SyslogObserver", "startLogging"]

DEFAULT_OPTIONS = 0
DEFAULT_FACILITY = syslog.LOG_USER

# From the levels of `twisted.logger` to those of syslog(3).
PRIORITIES = {
    LogLevel.debug: syslog.LOG_DEBUG,
    LogLevel.info: syslog.LOG_INFO,
    LogLevel.warn: syslog.LOG_WARNING,
    LogLevel.error: syslog.LOG_ERR,
    LogLevel.critical: syslog.LOG_ALERT,
}


class SyslogObserver:
    """
    An observer that writes to the system's log, as *prefix*.

    *options* and *facility* are as for `syslog.openlog`.
    """

    openlog = staticmethod(syslog.openlog)
    syslog = staticmethod(syslog.syslog)

    def __init__(
        self, prefix: str, options: int = DEFAULT_OPTIONS, facility: int = DEFAULT_FACILITY
    ) -> None:
        self.openlog(prefix, options, facility)

    def emit(self, eventDict: dict[str, Any]) -> None:
        """
        Write the lines of an event, each as an entry of its own.

        All but the first are indented by a tab.  The keywords `syslogPriority` and
        `syslogFacility` are those of syslog(3); the priority is else that of the
        event's level.
        """
        text = log.textFromEventDict(eventDict)
        if text is None:
            return
        priority = eventDict.get("syslogPriority")
        if priority is None:
            usual = LogLevel.critical if eventDict.get("isError") else LogLevel.info
            priority = PRIORITIES[eventDict.get("log_level", usual)]
        facility = eventDict.get("syslogFacility", 0)
        entry = f"[{eventDict['system']}] {text}".rstrip("\n")
        for number, line in enumerate(entry.split("\n")):
            indented = f"\t{line}" if number else line
            # A null byte would end the entry.
            self.syslog(priority | facility, escapeUnsafe(indented))


def startLogging(
    prefix: str = "Twisted",
    options: int = DEFAULT_OPTIONS,
    facility: int = DEFAULT_FACILITY,
    setStdout: bool | int = 1,
) -> None:
    """
    Begin to log to the system's log.

    *prefix*, *options* and *facility* are those of `SyslogObserver`, *setStdout* that
    of `log.startLoggingWithObserver`.
    """
    observer = SyslogObserver(prefix, options, facility)
    log.startLoggingWithObserver(observer.emit, setStdout)
