"""What is told about a Deferred when something went wrong with it.

A Deferred itself has no finalizer: that would slow down the end of each of them.  Only one that is
left with an unhandled failure, or that was made while debugging is on, holds a `Trail`, and its
finalizer is what reports the failure.
"""

from __future__ import annotations

import traceback

from twisted.logger import Logger
from twisted.python.failure import Failure, traceupLength

_log = Logger(namespace="twisted.internet.defer")


def callers(depth: int) -> list[str]:
    """The stack as text, without the innermost `depth` frames (the caller's own is one)."""
    return traceback.format_stack()[: -depth - 1]


class Trail:
    """An unhandled failure and, when debugging, where its Deferred was created and fired.

    Attributes:
        failure: reported when this object goes away; `None` once it has been handled.
        creator: the stack where the Deferred was created.
        invoker: the stack where it was fired.
    """

    __slots__ = ("creator", "failure", "invoker")

    def __init__(self, failure: Failure | None = None) -> None:
        self.failure = failure
        self.creator: list[str] | None = None
        self.invoker: list[str] | None = None

    def story(self) -> str:
        """Where the Deferred was created and fired, as far as it is known."""
        text = ""
        for heading, stack in (
            (" C: Deferred was created:\n", self.creator),
            (" I: First Invoker was:\n", self.invoker),
        ):
            if stack:
                lines = "".join(stack[-traceupLength:]).splitlines()
                text += heading + "".join(f"  {line}\n" for line in lines)
        return text.rstrip("\n")

    def __del__(self) -> None:
        if self.failure is not None:
            story = self.story()
            title = "Unhandled error in Deferred:" + ("\n{debugInfo}" if story else "")
            _log.failure(title, self.failure, debugInfo=story)


def logFailure(failure: Failure) -> None:
    """Log a failure that is passed on."""
    _log.failure("Error in Deferred", failure)


def logCancellerError() -> None:
    """Log the exception being handled: a canceller raised it, and others are still to be called."""
    _log.failure("A canceller of a Deferred failed")
