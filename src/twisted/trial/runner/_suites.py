"""The suites that a run is made of, and what stands in them in the place of a test."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator
from typing import Any, Final

from zope.interface import implementer

from twisted.internet import error
from twisted.python.failure import Failure
from twisted.trial import itrial
from twisted.trial._asyncrunner import ForcedGarbageCollection, TestSuite, decorate
from twisted.trial._cleanup import Janitor, reactorIfInstalled
from twisted.trial._logcatch import catcher

NOT_IN_TEST: Final = "<not in test>"


@implementer(itrial.ITestCase)
class TestHolder:
    """Something that a reporter can be told about as if it were a test.

    Args:
        description: Its name.
    """

    __module__ = "twisted.trial.runner"

    failureException = AssertionError
    skip = None

    def __init__(self, description: str) -> None:
        self.description = description

    def __call__(self, result: Any) -> Any:
        return self.run(result)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} description={self.description!r}>"

    def countTestCases(self) -> int:
        """Return 0: it is not a test."""
        return 0

    def id(self) -> str:
        """Return the description."""
        return self.description

    def shortDescription(self) -> str:
        """Return the description."""
        return self.description

    def run(self, result: Any) -> None:
        """Pass."""
        result.startTest(self)
        result.addSuccess(self)
        result.stopTest(self)


class ErrorHolder(TestHolder):
    """An error, such as that of a module that cannot be imported, in the place of a test.

    Args:
        description: What could not be loaded.
        error: A `Failure`, or what `sys.exc_info` returned.
    """

    __module__ = "twisted.trial.runner"

    def __init__(self, description: str, error: itrial.ErrorLike) -> None:
        super().__init__(description)
        self.error = error if isinstance(error, Failure) else Failure(error[1], error[0], error[2])

    def __repr__(self) -> str:
        return f"<ErrorHolder description={self.description!r} error={self.error!s}>"

    def run(self, result: Any) -> None:
        """Report the error."""
        result.startTest(self)
        result.addError(self, self.error)
        result.stopTest(self)


class DestructiveTestSuite(TestSuite):
    """Lets go of each test once it has run, so that its objects can be collected."""

    __module__ = "twisted.trial.runner"

    _cleanup = True

    def run(self, result: Any, debug: bool = False) -> Any:
        """Run and forget each test; those that a stop leaves stay."""
        try:
            return super().run(result, debug)
        finally:
            left: list[Any] = list(self._tests)
            self._tests[:] = [test for test in left if test is not None]


@contextlib.contextmanager
def _blamingNoTest(result: Any) -> Iterator[None]:
    """Report errors that are logged in the block, and in no test."""
    catcher.start()
    try:
        yield
    finally:
        # Nothing may come up when nobody listens any more.
        gc.collect()
        for failure in catcher.stop():
            result.addError(TestHolder(NOT_IN_TEST), failure)


class LoggedSuite(TestSuite):
    """Reports errors that were logged outside any test."""

    __module__ = "twisted.trial.runner"

    def run(self, result: Any, debug: bool = False) -> Any:
        """Run the tests, then report what no test is to blame for."""
        with _blamingNoTest(result):
            return super().run(result, debug)


class TrialSuite(TestSuite):
    """Everything of one run: brings the reactor to its end after the last test.

    Args:
        tests: The tests.
        forceGarbageCollection: Collect garbage around each test.
    """

    __module__ = "twisted.trial.runner"

    def __init__(self, tests: Iterable[Any] = (), forceGarbageCollection: bool = False) -> None:
        tests = list(tests)
        if forceGarbageCollection:
            tests = [decorate(test, ForcedGarbageCollection) for test in tests]
        super().__init__(tests)

    def run(self, result: Any, debug: bool = False) -> Any:
        """Run the tests and shut the reactor down, if anything has installed one."""
        with _blamingNoTest(result):
            self._runAndShutDown(result, debug)
        return result

    def _runAndShutDown(self, result: Any, debug: bool) -> None:
        janitor = Janitor()
        before, Janitor.shutdownFollows = Janitor.shutdownFollows, True
        try:
            super().run(result, debug)
            leftovers = janitor.leftovers(ofOneTest=False)
        finally:
            Janitor.shutdownFollows = before
        if leftovers is not None:
            result.addError(TestHolder(NOT_IN_TEST), Failure(leftovers))
        _shutDown(reactorIfInstalled())


def _shutDown(reactor: Any) -> None:
    """Let the reactor fire its shutdown triggers, which end its threads."""
    if reactor is None:
        return
    reactor.callWhenRunning(reactor.stop)
    try:
        reactor.run(installSignalHandlers=False)
    except error.ReactorNotRestartable:
        # A test has shut it down already, and has failed or kept its word about it.
        return
