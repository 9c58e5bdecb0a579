"""
The documented front of the log: `msg`, `err`, `startLogging`, and observers of these.

Events of this module and of `twisted.logger` are the same dictionaries, and reach the
same observers.  One that `msg` made has the keys

    message     a tuple of what was passed to `msg`
    isError     1 when it came from `err`, else 0
    time        seconds since the epoch
    system      who speaks: see below
    failure     with `err`, the `Failure`; `why` is the text that went with it

and every keyword that was given; beside them those of `twisted.logger` (`log_level`,
`log_format`, `log_time`, `log_system`, `log_namespace`, `log_failure`).

Who speaks
==========

The `system` of an event is the first of these that there is:

- the keyword `system`;
- that of the `callWithContext` or `callWithLogger` under way;
- the `logPrefix()` of the object whose event the loop is handling, such as
  `Echo,3,127.0.0.1`: asked only when a line is logged, and only in the loop's thread;
- `-`.

Text from peers
===============

`FileLogObserver` indents the lines of an event after the first by a tab, and shows
control characters (also those that reverse the direction of reading, and other line
separators) as backslash escapes.  So a line that starts with a time is always the
beginning of an entry, whatever a peer sent.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, ParamSpec, TypeVar

from zope.interface import Interface

from twisted.logger import ILogObserver as _NewILogObserver
from twisted.logger import LegacyLogObserverWrapper, LogBeginner, LoggingFile
from twisted.logger import Logger as NewLogger
from twisted.logger import LogLevel as NewLogLevel
from twisted.logger import LogPublisher as NewPublisher
from twisted.logger import STDLibLogObserver as NewSTDLibLogObserver
from twisted.logger import globalLogBeginner as newGlobalLogBeginner
from twisted.logger import globalLogPublisher as newGlobalLogPublisher
from twisted.logger._files import EntryWriter, TextFile
from twisted.logger._legacy import (
    NAMESPACE,
    LegacyLogObserver,
    addNewKeys,
    levelOf,
    textFromEventDict,
)
from twisted.logger._levels import info
from twisted.logger._stdlib import giveToStandardLogger
from twisted.logger._text import (
    classicEntry,
    formatTime,
    strSafely,
)
from twisted.python import context
from twisted.python._turn import turn
from twisted.python.failure import Failure
from twisted.python.threadable import getThreadID, synchronize

__all__ = [
    "DefaultObserver",
    "EventDict",
    "FileLogObserver",
    "ILogContext",
    "ILogObserver",
    "LegacyLogObserverWrapper",
    "LogBeginner",
    "LogPublisher",
    "Logger",
    "LoggingFile",
    "NewLogLevel",
    "NewLogger",
    "NewPublisher",
    "NewSTDLibLogObserver",
    "NullFile",
    "PythonLoggingObserver",
    "StdioOnnaStick",
    "addObserver",
    "callWithContext",
    "callWithLogger",
    "defaultObserver",
    "deferr",
    "discardLogs",
    "err",
    "logerr",
    "logfile",
    "msg",
    "newGlobalLogBeginner",
    "newGlobalLogPublisher",
    "removeObserver",
    "showwarning",
    "startLogging",
    "startLoggingWithObserver",
    "textFromEventDict",
    "theLogPublisher",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")

EventDict = dict[str, Any]


class ILogContext:
    """
    The key under which `twisted.python.context` holds what is added to each event.

    Its value is a mapping, with at least `system`.
    """


context.setDefault(ILogContext, {"system": "-"})


class ILogObserver(Interface):
    """
    An observer: it is called with each event, a dictionary.

    It should not raise: one that was added by `addObserver` is then removed, unless
    it was an `OSError`.  It must not block, and may be called from any thread.
    """

    def __call__(eventDict: EventDict) -> None:
        """An event happened."""


def callWithContext(
    ctx: Mapping[str, Any], func: Callable[_P, _R], *args: _P.args, **kw: _P.kwargs
) -> _R:
    """
    Call *func* with *args* and *kw*; what it logs has the keys of *ctx* too.

    Keys of such calls around this one stay, unless they are set anew.
    """
    merged = {**context.get(ILogContext), **ctx}
    return context.call({ILogContext: merged}, func, *args, **kw)


def callWithLogger(
    logger: Any, func: Callable[_P, _R], *args: _P.args, **kw: _P.kwargs
) -> _R | None:
    """
    Call *func* with *args* and *kw*, as an act of *logger*: an object with `logPrefix`.

    What it logs has that prefix for its system.  An exception is logged, and the
    result is then None.
    """
    prefix = _prefixOf(logger)
    try:
        return callWithContext({"system": prefix}, func, *args, **kw)
    except Exception:  # of the program's function
        err(system=prefix)
        return None


def _prefixOf(owner: Any) -> str:
    try:
        return str(owner.logPrefix())
    except Exception as problem:
        # A log without a prefix is better than none, but not one that hides why.
        return f"{type(owner).__name__} (its logPrefix raised {type(problem).__name__})"


def _currentSystem() -> str:
    """Whose turn it is in the event loop, if that is where we are."""
    owner = turn.owner
    if owner is None or turn.thread != getThreadID() or not hasattr(owner, "logPrefix"):
        return "-"
    return _prefixOf(owner)


class Logger:
    """Something that speaks in the log under a name of its own."""

    def logPrefix(self) -> str:
        """The name; `-` for nobody in particular."""
        return "-"


class _RemovableObserver(LegacyLogObserverWrapper):
    """An observer that was added by `addObserver`, and is removed when it raises."""

    def __init__(self, legacyObserver: LegacyLogObserver, publisher: LogPublisher) -> None:
        super().__init__(legacyObserver)
        self._publisher = publisher
        self._removed = False

    def __call__(self, event: EventDict) -> None:
        try:
            super().__call__(event)
        except OSError:
            # A disk that is full now may not be later.
            raise
        except Exception:
            self._removed = True
            self._publisher._forget(self)
            # The publisher that called us tells the others.
            raise

    def __repr__(self) -> str:
        return f"{self.legacyObserver!r}{' (now removed)' if self._removed else ''}"


class LogPublisher:
    """
    Where events of `msg` come from, and where their observers are kept.

    Events go to *publishPublisher* and observers are added to *observerPublisher*,
    which are publishers of `twisted.logger`; by default they are one and the same,
    of its own.
    """

    synchronized = ["addObserver", "removeObserver", "_forget"]

    def __init__(
        self,
        observerPublisher: NewPublisher | None = None,
        publishPublisher: NewPublisher | None = None,
        logBeginner: LogBeginner | None = None,
        warningsModule: Any = warnings,
    ) -> None:
        if publishPublisher is None:
            publishPublisher = NewPublisher()
            if observerPublisher is None:
                observerPublisher = publishPublisher
        if observerPublisher is None:
            observerPublisher = NewPublisher()
        self._observerPublisher = observerPublisher
        self._publishPublisher = publishPublisher
        self._wrappers: list[LegacyLogObserverWrapper] = []
        self._logBeginner = logBeginner
        self._warningsModule = warningsModule

    @property
    def observers(self) -> list[LegacyLogObserver]:
        """The observers that were added, in their order."""
        return [wrapper.legacyObserver for wrapper in self._wrappers]

    def addObserver(self, other: LegacyLogObserver) -> None:
        """
        Tell *other* about events from now on.

        An observer that raises an exception is removed, and the others are told why;
        for an `OSError` it stays.  Raises `TypeError` when it cannot be called.
        """
        if not callable(other):
            raise TypeError(
                f"a log observer is called with an event, and {other!r} cannot be called"
            )
        wrapper = _RemovableObserver(other, self)
        self._wrappers.append(wrapper)
        self._observerPublisher.addObserver(wrapper)

    def removeObserver(self, other: LegacyLogObserver) -> None:
        """Tell *other* no more; nothing happens when it was not told before."""
        for wrapper in self._wrappers:
            if wrapper.legacyObserver == other:
                self._forget(wrapper)
                return
        if _NewILogObserver.providedBy(other):
            self._observerPublisher.removeObserver(other)

    def _forget(self, wrapper: LegacyLogObserverWrapper) -> None:
        self._wrappers = [known for known in self._wrappers if known is not wrapper]
        self._observerPublisher.removeObserver(wrapper)

    def msg(self, *message: Any, **kw: Any) -> None:
        """
        Log a message.

        The text of the event is that of the parts of *message*, with blanks between
        them; or, without any, the keyword `format`, which is filled from the other
        keywords by the `%` operator.  All keywords become keys of the event.  Those
        that mean something here are `system` (who speaks), `logLevel` (a level of
        the `logging` module), `isError`, `failure` and `why`.
        """
        level = levelOf(kw) if kw else info
        publisher = self._publishPublisher
        if publisher.__class__ is NewPublisher and not publisher.wants(level, NAMESPACE):
            return
        event: EventDict = {**context.get(ILogContext), **kw}
        event["message"] = message
        event["time"] = event["log_time"] = time.time()
        event.setdefault("isError", 0)
        if "system" not in kw and event.get("system", "-") == "-":
            event["system"] = _currentSystem()
        event["log_level"] = level
        addNewKeys(event)
        publisher(event)

    def _startLogging(self, observer: LegacyLogObserver, setStdout: bool) -> None:
        if self._logBeginner is None:
            # This publisher is not the program's own: until now nothing was kept.
            self._logBeginner = LogBeginner(
                self._observerPublisher, sys.stderr, sys, self._warningsModule, 0
            )
        new: Any = observer
        if not _NewILogObserver.providedBy(observer):
            # Unlike one that was added, it stays when it raises: the log is its own.
            new = LegacyLogObserverWrapper(observer)
            self._wrappers.append(new)
        self._logBeginner.beginLoggingTo([new], discardBuffer=True, redirectStandardIO=setStdout)


class _StartStopObserver:
    """An observer that is a method, and can add and remove itself."""

    def emit(self, eventDict: EventDict) -> None:
        """An event happened."""
        raise NotImplementedError

    def start(self) -> None:
        """Observe the program's log from now on."""
        addObserver(self.emit)

    def stop(self) -> None:
        """Observe it no more."""
        removeObserver(self.emit)


class FileLogObserver(_StartStopObserver):
    """
    An observer that writes entries to the file *f*.

        2008-01-01 12:00:00+0000 [Echo,3,127.0.0.1] the text

    Further lines of the text are indented by a tab.

    `timeFormat` is a format of `time.strftime` to use instead.
    """

    timeFormat: str | None = None

    def __init__(self, f: TextFile) -> None:
        self.write = f.write
        self.flush = f.flush
        self._writeEntry = EntryWriter(f)
        self._lastTime: tuple[tuple[int, int], str] = ((0, -1), "")

    def getTimezoneOffset(self, when: float) -> int:
        """The seconds from local time to UTC at *when*: positive west of Greenwich."""
        return -time.localtime(when).tm_gmtoff

    def formatTime(self, when: float) -> str:
        """*when*, in seconds since the epoch, as it stands at the start of an entry."""
        if self.timeFormat is not None:
            return formatTime(when, self.timeFormat)
        question = (int(when // 1), self.getTimezoneOffset(when))
        # A busy log writes many lines in one second.
        last, answer = self._lastTime
        if last != question:
            second, offset = question
            sign = "-" if offset > 0 else "+"
            hours, minutes = divmod(abs(offset) // 60, 60)
            local = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second - offset))
            answer = f"{local}{sign}{hours:02d}{minutes:02d}"
            self._lastTime = (question, answer)
        return answer

    def emit(self, eventDict: EventDict) -> None:
        """Write an entry for an event that has text."""
        text = textFromEventDict(eventDict)
        if text is None:
            return
        when = self.formatTime(eventDict["time"])
        self._writeEntry(classicEntry(f"{when} [{eventDict['system']}] {text}"))


class PythonLoggingObserver(_StartStopObserver):
    """
    An observer that gives events to the `logging` module, to its logger *loggerName*.

    The level is that of the keyword `logLevel`, by default `logging.INFO` for `msg`
    and `logging.ERROR` for `err`.

    Nothing is done about handlers that block.
    """

    def __init__(self, loggerName: str = "twisted") -> None:
        self.logger = logging.getLogger(loggerName)

    def emit(self, eventDict: EventDict) -> None:
        """Give an event that has text to the standard logger."""
        level = eventDict.get("logLevel")
        if not isinstance(level, int):
            level = logging.ERROR if eventDict.get("isError") else logging.INFO
        if not self.logger.isEnabledFor(level):
            return
        failure = eventDict.get("failure")
        if failure is not None:
            text: str | None = strSafely(eventDict.get("why") or "Unhandled Error")
        else:
            text = textFromEventDict(eventDict)
        if text is not None:
            giveToStandardLogger(self.logger, level, text, failure)


class DefaultObserver(_StartStopObserver):
    """An observer that writes errors to standard error, and ignores the rest."""

    stderr: IO[str] = sys.stderr

    def emit(self, eventDict: EventDict) -> None:
        """Write the text of an event that is an error."""
        if eventDict.get("isError"):
            text = textFromEventDict(eventDict)
            if text is not None:
                self.stderr.write(text if text.endswith("\n") else text + "\n")
                self.stderr.flush()


class NullFile:
    """A file that has nothing in it and keeps nothing."""

    softspace = 0

    def read(self) -> str:
        """Nothing."""
        return ""

    def write(self, bytes: object) -> None:
        """Forget *bytes*."""

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class StdioOnnaStick:
    """
    A file for writing whose lines are logged by `msg`, with `printed`, and `isError` as given.

    Text without a newline waits for one.  Bytes are decoded by *encoding*.
    """

    closed = 0
    softspace = 0
    mode = "wb"
    name = "<stdio (log)>"

    def __init__(self, isError: int = 0, encoding: str | None = None) -> None:
        self.isError = isError
        self.encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
        self._pending = ""

    def close(self) -> None:
        """Do nothing: standard output has no end."""

    def fileno(self) -> int:
        """-1: there is no such file in the operating system."""
        return -1

    def flush(self) -> None:
        """Do nothing: a line is logged when it is whole."""

    def write(self, data: str | bytes) -> None:
        """Log the lines of *data* that are whole."""
        *lines, self._pending = (self._pending + self._decode(data)).split("\n")
        for line in lines:
            msg(line, printed=1, isError=self.isError)

    def writelines(self, lines: Iterable[str | bytes]) -> None:
        """Log each of *lines*."""
        for line in lines:
            text = self._decode(line)
            msg(text, printed=1, isError=self.isError)

    def _decode(self, data: str | bytes) -> str:
        if isinstance(data, bytes):
            return data.decode(self.encoding, "backslashreplace")
        return data

    def _cannot(self) -> None:
        raise OSError("this file is for writing to the log; it can do nothing else")

    read = readline = readlines = seek = tell = _cannot


synchronize(LogPublisher)

theLogPublisher = LogPublisher(
    observerPublisher=newGlobalLogPublisher,
    publishPublisher=newGlobalLogPublisher,
    logBeginner=newGlobalLogBeginner,
)
"""The program's own publisher, behind the functions of this module."""

addObserver = theLogPublisher.addObserver
removeObserver = theLogPublisher.removeObserver
msg = theLogPublisher.msg
showwarning = newGlobalLogBeginner.showwarning


def err(_stuff: object = None, _why: str | None = None, **kw: Any) -> None:
    """
    Log a failure, with its traceback.

    *_stuff* is a `Failure` or an exception; when it is None, the exception that is being
    handled.  Anything else is logged as an error, in the words of its `repr`.
    *_why* is text to go with it.
    """
    if _stuff is None:
        _stuff = Failure()
    elif isinstance(_stuff, BaseException) and not isinstance(_stuff, Failure):
        _stuff = Failure(_stuff)
    if isinstance(_stuff, Failure):
        msg(failure=_stuff, why=_why, isError=1, **kw)
    else:
        msg(repr(_stuff), why=_why, isError=1, **kw)


deferr = err


def startLogging(file: Any, *a: Any, **kw: Any) -> FileLogObserver | None:
    """
    Begin to log to *file*, by a `FileLogObserver`, which is returned.

    Further arguments are those of `startLoggingWithObserver`.  Nothing happens
    when the file is one that itself goes to the log.
    """
    if isinstance(file, (LoggingFile, StdioOnnaStick)):
        return None
    observer = FileLogObserver(file)
    startLoggingWithObserver(observer.emit, *a, **kw)
    return observer


def startLoggingWithObserver(observer: LegacyLogObserver, setStdout: bool | int = 1) -> None:
    """
    Begin to log to *observer*.

    With *setStdout*, what is written to `sys.stdout` and `sys.stderr` is logged, too.
    """
    theLogPublisher._startLogging(observer, bool(setStdout))
    msg("Log opened.")


logfile: Any = LoggingFile(NewLogger(namespace="stdout"), NewLogLevel.info)
logerr: Any = LoggingFile(NewLogger(namespace="stderr"), NewLogLevel.error)
defaultObserver = DefaultObserver()


def discardLogs() -> None:
    """Throw away what is written to this module's `logfile`."""
    global logfile
    logfile = NullFile()
