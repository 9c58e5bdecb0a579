"""
One observer that stands for many.

Theory of operation
===================

The observers are a tuple that is replaced and never changed, so that publishing
takes no lock and an observer may add or remove observers (itself too) while it
is being called.

An observer that raises must harm neither the program that logs nor the other
observers.  Its exception becomes an event, which is shown to all the others; each
further observer that raises while being told of it is left out of the next report,
so that the reports end.  When nobody is left to tell, the real standard error is.

Events that nobody wants
========================

Most debug events end in a filter.  `LogPublisher.wants` says so before the event is
built.  The answer is remembered by level and namespace, until any publisher's
observers or any filter's levels change: these are rare, so they share one counter
(`changes`), and a publisher that finds a new count forgets what it knew.
"""

from __future__ import annotations

import sys
import threading
import time
from traceback import format_exception

from constantly import NamedConstant
from zope.interface import implementer

from twisted.logger._contracts import ILogObserver, LogEvent, LogObserver
from twisted.logger._levels import critical
from twisted.python.failure import Failure

# Namespaces come from code, so there are few; a program that makes them up as it
# goes must not fill the memory with them.
MAX_REMEMBERED_ANSWERS = 4096


class Changes:
    """How many times an answer of any `wants` may have changed."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


changes = Changes()


@implementer(ILogObserver)
class LogPublisher:
    """
    An observer that passes what it is told on to other observers.

    An observer that raises an exception is reported to the other observers, and
    stays; the caller is not disturbed.  An observer is told about an event once,
    however often it was added.
    """

    def __init__(self, *observers: LogObserver) -> None:
        self._lock = threading.RLock()
        self._observers: tuple[LogObserver, ...] = ()
        self._answers: dict[tuple[str, NamedConstant], bool] = {}
        self._answersAsOf = -1
        for observer in observers:
            self.addObserver(observer)

    def addObserver(self, observer: LogObserver) -> None:
        """
        Tell *observer* about events from now on.

        Raises `TypeError` when it cannot be called.
        """
        if not callable(observer):
            raise TypeError(
                f"a log observer is called with an event, and {observer!r} cannot be called"
            )
        with self._lock:
            if observer not in self._observers:
                self._observers = (*self._observers, observer)
                changes.count += 1

    def removeObserver(self, observer: LogObserver) -> None:
        """Tell *observer* no more; nothing happens when it was not told before."""
        with self._lock:
            self._observers = tuple(known for known in self._observers if known != observer)
            changes.count += 1

    def __call__(self, event: LogEvent) -> None:
        """Pass *event* on to each observer, in the order in which they were added."""
        if "log_trace" in event:
            self._publishTraced(event)
            return
        for observer in self._observers:
            try:
                observer(event)
            except Exception:  # an observer never fails the others
                self._tellOfBrokenObserver(observer)

    def wants(self, level: NamedConstant, namespace: str) -> bool:
        """
        Whether any observer might do something with an event of this level and namespace.

        An observer with a method of this name and these parameters is asked; one
        without is taken to want everything.
        """
        if self._answersAsOf != changes.count or len(self._answers) > MAX_REMEMBERED_ANSWERS:
            # The count first: a change between these lines then costs a second
            # look instead of a wrong answer.
            self._answersAsOf = changes.count
            self._answers = {}
        answers = self._answers
        try:
            return answers[namespace, level]
        except KeyError:
            answer = answers[namespace, level] = any(
                observerWants(observer, level, namespace) for observer in self._observers
            )
            return answer

    def _publishTraced(self, event: LogEvent) -> None:
        trace = event["log_trace"]
        for observer in self._observers:
            trace.append((self, observer))
            try:
                observer(event)
            except Exception:  # an observer never fails the others
                self._tellOfBrokenObserver(observer)

    def _tellOfBrokenObserver(self, broken: LogObserver) -> None:
        report: LogEvent = {
            "log_level": critical,
            "log_namespace": __package__,
            "log_format": "The log observer {observer!r} raised an exception.",
            "log_failure": Failure(),
            "log_source": self,
            "log_logger": None,
            "log_time": time.time(),
            "observer": broken,
        }
        self._report(report, [broken])

    def _report(self, report: LogEvent, leftOut: list[LogObserver]) -> None:
        listeners = [observer for observer in self._observers if observer not in leftOut]
        if not listeners:
            writeLastResort(report)
        for observer in listeners:
            try:
                observer(report)
            except Exception:
                nested = dict(report, observer=observer, log_failure=Failure())
                self._report(nested, [*leftOut, observer])


def observerWants(observer: LogObserver, level: NamedConstant, namespace: str) -> bool:
    """Whether *observer* might do something with an event of this level and namespace."""
    wants = getattr(observer, "wants", None)
    return True if wants is None else bool(wants(level, namespace))


def writeLastResort(report: LogEvent) -> None:
    """Write the failure in *report* to the process's own standard error, if it has one."""
    stream = sys.__stderr__
    if stream is None:
        return
    try:
        value = report["log_failure"].value
        text = "".join(format_exception(value))
        stream.write(f"The log observer {report['observer']!r} raised an exception.\n{text}")
    except Exception:
        # The last place to complain to is gone.
        return


globalLogPublisher = LogPublisher()
