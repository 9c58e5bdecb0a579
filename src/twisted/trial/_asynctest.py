"""Test cases whose tests may wait: for a Deferred, in a coroutine, for the reactor."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar, cast

from zope.interface import implementer

from twisted.internet import _asynciohook, defer
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.python.reflect import fullyQualifiedName
from twisted.trial import itrial, util
from twisted.trial._attempt import Attempt, neverRuns
from twisted.trial._cleanup import Janitor
from twisted.trial._synctest import SynchronousTestCase
from twisted.trial._waiting import waitFor

_E = TypeVar("_E", bound=BaseException)


@implementer(itrial.ITestCase)
class TestCase(SynchronousTestCase):
    """A test case for code that depends on the reactor.

    Tests, setUp, tearDown and cleanups may return a Deferred or be coroutines: the
    reactor runs until they are done.  Each may take as many seconds as the
    attribute `timeout` of the test method, its class or its module says.

    What a test leaves behind, such as a timer, a port or an open file, makes it fail.
    """

    __module__ = "twisted.trial.unittest"

    def getTimeout(self) -> float | None:
        """Return how many seconds each stage of the test may take; None is for ever."""
        timeout = util.acquireAttribute(self._parents, "timeout", util.DEFAULT_TIMEOUT_DURATION)
        if timeout is None:
            return None
        try:
            return float(timeout)
        except (TypeError, ValueError):
            raise TypeError(f"timeout is {timeout!r}: give a number of seconds, or None") from None

    def getSuppress(self) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Return the warnings not to show, as `twisted.trial.util.suppress` makes them."""
        return list(self._suppressed())

    def _runStages(self, attempt: Attempt) -> None:
        janitor = Janitor()
        super()._runStages(attempt)
        leftovers = janitor.leftovers()
        if leftovers is not None:
            attempt.heard(Failure(leftovers))

    def _callStage(
        self,
        stage: str,
        function: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Failure | None:
        try:
            outcome = function(*args, **(kwargs or {}))
            # A generator function that is not decorated; other generators are results.
            why = None if outcome is None else neverRuns(function)
            if why is not None:
                raise TypeError(why)
            if isinstance(outcome, Deferred):
                return self._wait(stage, outcome)
            if inspect.iscoroutine(outcome):
                if _asynciohook.isThere():
                    # It may ask for the running loop at once, which is the reactor's.
                    installedReactor()
                return self._wait(stage, Deferred.fromCoroutine(outcome))
        except BaseException:
            return Failure()
        return None

    def _wait(self, stage: str, pending: Deferred[Any]) -> Failure | None:
        timeout = self.getTimeout()
        return waitFor(
            pending,
            timeout,
            lambda: defer.TimeoutError(f"{self.id()} ({stage}) still running at {timeout} secs"),
        )

    def assertFailure(self, deferred: Deferred[Any], *expectedFailures: type[_E]) -> Deferred[_E]:
        """Expect a Deferred to fail.

        Args:
            deferred: The Deferred; callbacks are added to it.
            expectedFailures: What its exception must be one of.

        Returns:
            `deferred`, whose result becomes the exception.  It fails with an
            assertion if there is no error, or another one.
        """
        names = _either(expectedFailures)

        def succeeded(result: object) -> NoReturn:
            self.fail(f"did not catch an error, instead got {result!r}: expected {names}")

        def failed(failure: Failure) -> _E:
            if not failure.check(*expectedFailures):
                self.fail(f"\nExpected: {names}\nGot:\n{failure.getTraceback()}")
            return cast(_E, failure.value)

        return deferred.addCallbacks(succeeded, failed)

    failUnlessFailure = assertFailure


def _either(kinds: Iterable[type[BaseException]]) -> str:
    return " or ".join(fullyQualifiedName(kind) for kind in kinds)
