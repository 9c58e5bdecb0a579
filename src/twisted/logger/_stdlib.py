"""Events for the `logging` module of the standard library."""

from __future__ import annotations

import logging
import sys
from types import FrameType

from zope.interface import implementer

from twisted.logger._contracts import ILogObserver, LogEvent
from twisted.logger._levels import toStandardLevel
from twisted.logger._text import formatEvent
from twisted.python.failure import Failure


@implementer(ILogObserver)
class STDLibLogObserver:
    """
    An observer that gives events to the `logging` module, to its logger *name*.

    A record's file, line and function are those that called the `Logger`.  A program
    that logs through functions of its own can have these passed over too: it gives
    `defaultStackDepth` and one more for each as *stackDepth*.

    What the handlers of that module do is theirs: one that uses the network
    blocks the program while it does.
    """

    defaultStackDepth = 4

    def __init__(self, name: str = "twisted", stackDepth: int = defaultStackDepth) -> None:
        self.logger = logging.getLogger(name)
        self.stackDepth = stackDepth

    def __call__(self, event: LogEvent) -> None:
        """Give *event* to the standard logger, if that is enabled for its level."""
        level = toStandardLevel.get(event.get("log_level"), logging.INFO)
        logger = self.logger
        if not logger.isEnabledFor(level):
            return
        giveToStandardLogger(
            logger,
            level,
            formatEvent(event),
            event.get("log_failure"),
            self.stackDepth - self.defaultStackDepth,
        )


def giveToStandardLogger(
    logger: logging.Logger,
    level: int,
    text: str,
    failure: Failure | None,
    further: int = 0,
) -> None:
    """Let *logger* handle a record of *text* whose place is that of the caller of the log."""
    frame = findCaller(sys._getframe(1), further)
    record = logger.makeRecord(
        logger.name,
        level,
        frame.f_code.co_filename,
        frame.f_lineno,
        text,
        (),  # A "%" in the text is text.
        None if failure is None else (failure.type, failure.value, failure.getTracebackObject()),
        frame.f_code.co_name,
    )
    logger.handle(record)


def findCaller(frame: FrameType, further: int = 0) -> FrameType:
    """The first frame that is not one of the log's own, and then *further* ones out."""
    while frame.f_back is not None and _isOwn(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    while further > 0 and frame.f_back is not None:
        frame = frame.f_back
        further -= 1
    return frame


def _isOwn(module: str) -> bool:
    return module == "twisted.python.log" or module.startswith("twisted.logger._")
