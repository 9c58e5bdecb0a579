"""Where events come from."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol

from constantly import NamedConstant

from twisted.logger import _levels
from twisted.logger._contracts import LogEvent, LogObserver
from twisted.logger._levels import InvalidLogLevelError, rank
from twisted.logger._publisher import LogPublisher, globalLogPublisher
from twisted.python.failure import Failure


class Operation(Protocol):
    """How the body of a `with logger.failuresHandled(...)` went."""

    @property
    def succeeded(self) -> bool:
        """It has ended, without an exception."""

    @property
    def failure(self) -> Failure | None:
        """The exception that ended it."""

    @property
    def failed(self) -> bool:
        """It has ended, with an exception."""


class Logger:
    """
    A source of events with one namespace.

    *namespace* is by default the name of the module that makes the logger.
    *source* is the object that the events are about.  *observer* is told about
    the events; by default it is `globalLogPublisher`.

    A logger that is an attribute of a class has the class for its namespace, and
    for its source the object through which it was reached:

        class Door:
            _log = Logger()

            def open(self) -> None:
                self._log.info("{log_source.name} opens")
    """

    # No __slots__: subclasses and programs add attributes.

    def __init__(
        self,
        namespace: str | None = None,
        source: object = None,
        observer: LogObserver | None = None,
    ) -> None:
        if namespace is None:
            namespace = str(sys._getframe(1).f_globals.get("__name__", "<unknown>"))
        self.namespace = namespace
        self.source = source
        self.observer: LogObserver = globalLogPublisher if observer is None else observer

    def __get__(self, instance: object, owner: type | None = None) -> Logger:
        if owner is None:
            owner = type(instance)
        # Each use of a class's logger comes by here: a copy, since calling the class
        # costs three times as much.
        bound = self.__class__.__new__(self.__class__)
        attributes = bound.__dict__
        attributes.update(self.__dict__)
        attributes["namespace"] = f"{owner.__module__}.{owner.__name__}"
        attributes["source"] = owner if instance is None else instance
        return bound

    def __repr__(self) -> str:
        return f"<{self.__class__.__name__} {self.namespace!r}>"

    def emit(self, level: NamedConstant, format: str | None = None, **kwargs: Any) -> None:
        """
        Tell the observer about an event.

        *format* is in the manner of `str.format`; its fields are the keywords
        *kwargs*, and it is formatted only if somebody wants the text.  Never put
        text from elsewhere into the format: give it as a keyword.

        A level that is not one of `LogLevel` is logged as an error of the caller.
        """
        if level not in rank:
            self.failure(
                "{logger} was asked to emit an event with a bad level: {invalidLevel!r}",
                Failure(InvalidLogLevelError(level)),
                invalidLevel=level,
                logger=self,
            )
            return
        observer = self.observer
        # benchmarks/logging_cases.py, "filtered": most events of most programs end here.
        if (
            observer.__class__ is LogPublisher
            and not observer.wants(level, self.namespace)
            and "log_trace" not in kwargs
        ):
            return
        event: LogEvent = kwargs
        event["log_logger"] = self
        event["log_level"] = level
        event["log_namespace"] = self.namespace
        event["log_source"] = self.source
        event["log_format"] = format
        event["log_time"] = time.time()
        if "log_trace" in event:
            event["log_trace"].append((self, observer))
        observer(event)

    def failure(
        self,
        format: str,
        failure: Failure | None = None,
        level: NamedConstant = _levels.critical,
        **kwargs: Any,
    ) -> None:
        """
        Log a *failure*; without one, the exception that is being handled.

        The event has it as `log_failure`, and observers that write text add its
        traceback.
        """
        if failure is None:
            failure = Failure()
        self.emit(level, format, log_failure=failure, **kwargs)

    def debug(self, format: str | None = None, **kwargs: Any) -> None:
        """Log an event of level `LogLevel.debug`; see `emit`."""
        self.emit(_levels.debug, format, **kwargs)

    def info(self, format: str | None = None, **kwargs: Any) -> None:
        """Log an event of level `LogLevel.info`; see `emit`."""
        self.emit(_levels.info, format, **kwargs)

    def warn(self, format: str | None = None, **kwargs: Any) -> None:
        """Log an event of level `LogLevel.warn`; see `emit`."""
        self.emit(_levels.warn, format, **kwargs)

    def error(self, format: str | None = None, **kwargs: Any) -> None:
        """Log an event of level `LogLevel.error`; see `emit`."""
        self.emit(_levels.error, format, **kwargs)

    def critical(self, format: str | None = None, **kwargs: Any) -> None:
        """Log an event of level `LogLevel.critical`; see `emit`."""
        self.emit(_levels.critical, format, **kwargs)

    def failuresHandled(
        self, format: str, level: NamedConstant = _levels.critical, **kwargs: Any
    ) -> AbstractContextManager[Operation]:
        """
        A context whose body may fail: the exception is logged, and goes no further.

            with log.failuresHandled("while telling {peer}", peer=peer) as op:
                peer.tell()
            if op.failed:
                peer.forget()

        *format*, *level* and *kwargs* are as for `failure`.  Any exception is
        handled, `KeyboardInterrupt` and `SystemExit` too.
        """
        return HandledOperation(self, format, level, kwargs)

    def failureHandler(
        self, staticMessage: str, level: NamedConstant = _levels.critical
    ) -> AbstractContextManager[None]:
        """
        Like `failuresHandled`, for use over and over: made once, it costs nothing later.

        The message has no keywords, and the body is not told how it went.
        """
        return FailureHandler(self, staticMessage, level)


class HandledOperation:
    """An `Operation`, and the context in which it runs."""

    __slots__ = ("_format", "_kwargs", "_level", "_logger", "failure", "succeeded")

    def __init__(
        self, logger: Logger, format: str, level: NamedConstant, kwargs: dict[str, Any]
    ) -> None:
        self._logger = logger
        self._format = format
        self._level = level
        self._kwargs = kwargs
        self.failure: Failure | None = None
        self.succeeded = False

    @property
    def failed(self) -> bool:
        return self.failure is not None

    def __enter__(self) -> HandledOperation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if value is None:
            self.succeeded = True
        else:
            self.failure = Failure(value, kind, trace)
            self._logger.failure(self._format, self.failure, self._level, **self._kwargs)
        return True


class FailureHandler:
    """A context that logs exceptions with one message."""

    __slots__ = ("_level", "_logger", "_message")

    def __init__(self, logger: Logger, message: str, level: NamedConstant) -> None:
        self._logger = logger
        self._message = message
        self._level = level

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if value is not None:
            self._logger.failure(self._message, Failure(value, kind, trace), self._level)
        return True
