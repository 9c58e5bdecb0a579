"""Reports for other programs: the events of tests as subunit, version 1.

Theory of operation
-------------------
The format is lines of text, of which those that are not its own are passed through, so that what
tests print does no harm.  A test begins with ``test: name`` and ends with one outcome, which may
have details in brackets.  The format has no second outcome of a test, and no test inside another:
what trial tells of parts, of fixtures, and of a `tearDown` that fails as well, becomes a test of
its own, which begins and ends at once.

The format is described in the README of subunit, https://github.com/testing-cabal/subunit.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

from zope.interface import implementer

from twisted.python.failure import Failure
from twisted.trial import itrial
from twisted.trial.reporter import _tracebacks
from twisted.trial.reporter._result import TestResult, tellOfSubTest


def _label(test: Any) -> str:
    """The name of a test on one line."""
    return " ".join(str(test.id()).split())


def _bracketed(details: str) -> str:
    # A bracket at the beginning of a line would end the details.
    lines = (f" {line}" if line.startswith("]") else line for line in details.splitlines())
    return " [\n" + "".join(f"{line}\n" for line in lines) + "]"


class TestProtocolClient:
    """Writes what becomes of tests to a stream, as subunit, version 1.

    Args:
        stream: Takes text.
    """

    __module__ = "twisted.trial.reporter"

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._begun: str | None = None

    def _line(self, text: str) -> None:
        self._stream.write(f"{text}\n")

    def startTest(self, test: Any) -> None:
        """`test` begins, at this time."""
        self._begun = _label(test)
        self._line(f"time: {datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}Z")
        self._line(f"test: {self._begun}")
        self._stream.flush()

    def stopTest(self, test: Any) -> None:
        """`test` has ended; that was told already, with its outcome."""
        if self._begun is not None:
            self._end("failure", "it ended without an outcome")

    def _end(self, outcome: str, details: str | None) -> None:
        self._line(f"{outcome}: {self._begun}{_bracketed(details) if details else ''}")
        self._begun = None
        self._stream.flush()

    def tell(self, outcome: str, test: Any, details: str | None = None) -> None:
        """What came of a test, or of a part of one.

        Args:
            outcome: ``success``, ``failure``, ``error``, ``skip``, ``xfail`` or ``uxsuccess``.
            test: The test.
            details: More about it; a traceback, or a reason.
        """
        label = _label(test)
        if self._begun not in (None, label):
            self._end(outcome, f"see {label}")
        if self._begun is None:
            self._begun = label
            self._line(f"test: {label}")
        self._end(outcome, details)


@implementer(itrial.IReporter)
class SubunitReporter:
    """Writes the events of a run as subunit, version 1, for programs to read.

    Args:
        stream: Where to write text.
        tbformat: How to show tracebacks: ``default``, ``brief`` or ``verbose``.
        realtime: Not needed: everything is written at once.
        publisher: Not needed: other output is passed on by programs that read it.
    """

    __module__ = "twisted.trial.reporter"

    def __init__(
        self,
        stream: Any = sys.stdout,
        tbformat: str = "default",
        realtime: bool = False,
        publisher: Any = None,
    ) -> None:
        self._tbformat = tbformat
        self._result = TestResult()
        self._client = TestProtocolClient(stream)

    def __getattr__(self, name: str) -> Any:
        # What suites of the standard library ask for.
        if name == "_result":
            raise AttributeError(name)
        return getattr(self._result, name)

    def _trace(self, error: itrial.ErrorLike) -> str:
        failure = error if isinstance(error, Failure) else Failure(error[1], error[0], error[2])
        return _tracebacks.format(failure, self._tbformat)

    @property
    def shouldStop(self) -> bool:
        """Whether the run is to end after the current test."""
        return self._result.shouldStop

    @property
    def testsRun(self) -> int:
        """How many tests were started."""
        return self._result.testsRun

    def stop(self) -> None:
        """End the run after the current test."""
        self._result.stop()

    def wasSuccessful(self) -> bool:
        """Whether there was no failure and no error."""
        return self._result.wasSuccessful()

    def startTest(self, test: Any) -> None:
        """`test` is about to run."""
        self._result.startTest(test)
        self._client.startTest(test)

    def stopTest(self, test: Any) -> None:
        """`test` has ended."""
        self._client.stopTest(test)
        self._result.stopTest(test)

    def addSuccess(self, test: Any) -> None:
        """`test` passed."""
        self._result.addSuccess(test)
        self._client.tell("success", test)

    def addError(self, test: Any, err: Any) -> None:
        """`test` raised something that is not an assertion."""
        self._result.addError(test, err)
        self._client.tell("error", test, self._trace(err))

    def addFailure(self, test: Any, err: Any) -> None:
        """An assertion of `test` failed."""
        self._result.addFailure(test, err)
        self._client.tell("failure", test, self._trace(err))

    def addSkip(self, test: Any, reason: Any) -> None:
        """`test` was not run."""
        self._result.addSkip(test, reason)
        self._client.tell("skip", test, str(reason))

    def addExpectedFailure(self, test: Any, failure: Any, todo: Any = None) -> None:
        """`test` failed as expected."""
        self._result.addExpectedFailure(test, failure, todo)
        why = self._result.expectedFailures[-1][2].reason
        self._client.tell("xfail", test, f"{why}\n{self._trace(failure)}")

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        """`test` passed, unexpectedly."""
        self._result.addUnexpectedSuccess(test, todo)
        self._client.tell("uxsuccess", test, self._result.unexpectedSuccesses[-1][1].reason)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """A part of a plain `unittest.TestCase` test has ended."""
        tellOfSubTest(self, test, subtest, err)

    def done(self) -> None:
        """The run is over: everything is told already."""
