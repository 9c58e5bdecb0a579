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

from twisted.logger._beginning import LogBeginner as LogBeginner
from twisted.logger._beginning import globalLogBeginner as globalLogBeginner
from twisted.logger._capturing import capturedLogs as capturedLogs
from twisted.logger._contracts import ILogObserver as ILogObserver
from twisted.logger._contracts import LogEvent as LogEvent
from twisted.logger._fields import extractField as extractField
from twisted.logger._files import FileLogObserver as FileLogObserver
from twisted.logger._files import textFileLogObserver as textFileLogObserver
from twisted.logger._filters import FilteringLogObserver as FilteringLogObserver
from twisted.logger._filters import ILogFilterPredicate as ILogFilterPredicate
from twisted.logger._filters import LogLevelFilterPredicate as LogLevelFilterPredicate
from twisted.logger._filters import PredicateResult as PredicateResult
from twisted.logger._history import LimitedHistoryLogObserver as LimitedHistoryLogObserver
from twisted.logger._legacy import LegacyLogObserverWrapper as LegacyLogObserverWrapper
from twisted.logger._levels import InvalidLogLevelError as InvalidLogLevelError
from twisted.logger._levels import LogLevel as LogLevel
from twisted.logger._logger import Logger as Logger
from twisted.logger._logger import Operation as Operation
from twisted.logger._publisher import LogPublisher as LogPublisher
from twisted.logger._publisher import globalLogPublisher as globalLogPublisher
from twisted.logger._records import eventAsJSON as eventAsJSON
from twisted.logger._records import eventFromJSON as eventFromJSON
from twisted.logger._records import eventsFromJSONLogFile as eventsFromJSONLogFile
from twisted.logger._records import jsonFileLogObserver as jsonFileLogObserver
from twisted.logger._stdlib import STDLibLogObserver as STDLibLogObserver
from twisted.logger._streams import LoggingFile as LoggingFile
from twisted.logger._text import eventAsText as eventAsText
from twisted.logger._text import formatEvent as formatEvent
from twisted.logger._text import formatEventAsClassicLogText as formatEventAsClassicLogText
from twisted.logger._text import formatTime as formatTime
from twisted.logger._text import timeFormatRFC3339 as timeFormatRFC3339

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
