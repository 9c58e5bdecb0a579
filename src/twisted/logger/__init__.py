"""
Structured logging: events are dictionaries, and stay so until somebody wants text.

    from twisted.logger import Logger

    class Door:
        log = Logger()

        def open(self, who):
            self.log.info("{who} opens {log_source}", who=who)

A `Logger` gives events to an observer, by default to `globalLogPublisher`, which
gives them to all observers of the program.  Filters, files, JSON and the standard
`logging` module are observers.  A program says where its log goes by
`globalLogBeginner.beginLoggingTo`.
"""

from twisted.logger._beginning import LogBeginner, globalLogBeginner
from twisted.logger._capturing import capturedLogs
from twisted.logger._contracts import ILogObserver, LogEvent
from twisted.logger._fields import extractField
from twisted.logger._files import FileLogObserver, textFileLogObserver
from twisted.logger._filters import (
    FilteringLogObserver,
    ILogFilterPredicate,
    LogLevelFilterPredicate,
    PredicateResult,
)
from twisted.logger._history import LimitedHistoryLogObserver
from twisted.logger._legacy import LegacyLogObserverWrapper
from twisted.logger._levels import InvalidLogLevelError, LogLevel
from twisted.logger._logger import Logger, Operation
from twisted.logger._publisher import LogPublisher, globalLogPublisher
from twisted.logger._records import (
    eventAsJSON,
    eventFromJSON,
    eventsFromJSONLogFile,
    jsonFileLogObserver,
)
from twisted.logger._stdlib import STDLibLogObserver
from twisted.logger._streams import LoggingFile
from twisted.logger._text import (
    eventAsText,
    formatEvent,
    formatEventAsClassicLogText,
    formatTime,
    timeFormatRFC3339,
)

__all__ = [
    "FileLogObserver",
    "FilteringLogObserver",
    "ILogFilterPredicate",
    "ILogObserver",
    "InvalidLogLevelError",
    "LegacyLogObserverWrapper",
    "LimitedHistoryLogObserver",
    "LogBeginner",
    "LogEvent",
    "LogLevel",
    "LogLevelFilterPredicate",
    "LogPublisher",
    "Logger",
    "LoggingFile",
    "Operation",
    "PredicateResult",
    "STDLibLogObserver",
    "capturedLogs",
    "eventAsJSON",
    "eventAsText",
    "eventFromJSON",
    "eventsFromJSONLogFile",
    "extractField",
    "formatEvent",
    "formatEventAsClassicLogText",
    "formatTime",
    "globalLogBeginner",
    "globalLogPublisher",
    "jsonFileLogObserver",
    "textFileLogObserver",
    "timeFormatRFC3339",
]

# The names that classes go by, in tracebacks and elsewhere, are those of this package.
for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = __name__
del _name
