"""Running tests inside tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.testing import MemoryReactorClock
from twisted.trial import unittest
from twisted.trial.reporter import TestResult


def ran(case: Any) -> TestResult:
    """Run a test or a suite, and return what came of it."""
    result = TestResult()
    case.run(result)
    return result


def outcome(result: TestResult) -> dict[str, int]:
    """How much there is of each kind of result; nothing that is not there."""
    counts = {
        "successes": result.successes,
        "failures": len(result.failures),
        "errors": len(result.errors),
        "skips": len(result.skips),
        "expectedFailures": len(result.expectedFailures),
        "unexpectedSuccesses": len(result.unexpectedSuccesses),
    }
    return {kind: count for kind, count in counts.items() if count}


class LoopedReactor(MemoryReactorClock):
    """A reactor whose loop jumps to the next delayed call, until it is crashed.

    A loop with nothing to do raises an exception, in place of hanging.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0
        self.turns: list[float] = []
        self.onTurn: Callable[[], object] = lambda: None

    def run(self, installSignalHandlers: bool = True) -> None:
        self.runs += 1
        self.running = True
        while self.running:
            calls = self.getDelayedCalls()
            if not calls:
                self.running = False
                raise AssertionError("the loop would wait for ever")
            self.advance(max(0, calls[0].getTime() - self.seconds()))

    def crash(self) -> None:
        super().crash()
        self.running = False

    def iterate(self, delay: float = 0) -> None:
        self.turns.append(delay)
        self.onTurn()
        self.advance(0)


def caseOf(method: Callable[[Any], object], **attributes: Any) -> unittest.SynchronousTestCase:
    """A test case of a class made of one method."""
    members = {"__module__": __name__, **attributes, "test": method}
    case: unittest.SynchronousTestCase
    case = type("Made", (unittest.SynchronousTestCase,), members)("test")
    return case
