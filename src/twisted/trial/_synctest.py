"""Test cases that do not wait, and the running of one test.

Theory of operation
-------------------
A test is a few *stages*: setUp, the test method, tearDown, and each cleanup.
`SynchronousTestCase` decides which stage follows which, and what an outcome of
each means; *how* a stage is called is one method, `_callStage`, which returns the
failure of the stage or None.  A test case that may wait for a Deferred replaces
that method, and nothing else of the order.

One `Attempt` hears of every failure of one run of one test, and keeps count, so
that a test which fails in three stages is reported three times, and a success is
reported only if nothing was heard.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

from incremental import Version, getVersionString
from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.python import deprecate, monkey
from twisted.python.failure import Failure
from twisted.python.reflect import fullyQualifiedName
from twisted.trial import _logcatch, _warnings, itrial, util
from twisted.trial._assertions import Assertions
from twisted.trial._attempt import Attempt, SubTest, neverRuns
from twisted.trial._lines import tracebackOf
from twisted.trial._pyunit import PyUnitResultAdapter
from twisted.trial._todo import Todo, makeTodo

# Runners of the standard library, and pytest, leave out the frames of such modules.
__unittest = True

_T = TypeVar("_T")
_Pending: TypeAlias = Deferred[_T] | Coroutine[Any, Any, _T] | Generator[Deferred[Any], Any, _T]

# A path of three such names, a random one and "/temp" stays short enough for the
# address of a UNIX socket (107 bytes on Linux, 103 on macOS).
_MAX_NAME = 20

# Marks a folder that trial has made, and may remove.
TRIAL_MARKER = "_trial_marker"


@implementer(itrial.ITestCase)
class SynchronousTestCase(Assertions):
    """A test case whose tests do not wait for anything.

    The attributes `skip`, `todo` and `suppress`, of a test method, its class or
    its module, change how it is run; the first that is found counts.
    """

    __module__ = "twisted.trial.unittest"

    skip: Any = None

    _cleanups: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)
        self._testMethod: Callable[[], Any] = getattr(self, methodName)
        self._attempt: Attempt | None = None
        self._emitted: list[_warnings.Emitted] = []

    # A standard test equals another of the same class and method; ours are different
    # tests, because a suite that holds one twice runs it twice.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return object.__hash__(self)

    def runTest(self) -> None:
        """The test, if no method was named when the test case was made."""

    def shortDescription(self) -> str:
        """Return the first line of the test's docstring, or else its name."""
        return super().shortDescription() or self._testMethodName

    # How it is to be run.

    @property
    def _parents(self) -> list[Any]:
        return [self._testMethod, self, sys.modules.get(type(self).__module__)]

    def _attribute(self, name: str) -> Any:
        return util.acquireAttribute(self._parents, name, None)

    def getSkip(self) -> Any:
        """Return the reason not to run this test, or something false.

        Looked for in the method, the class and the module, in this order, and
        where the standard decorators leave theirs.
        """
        for owner in (self._testMethod, type(self)):
            if getattr(owner, "__unittest_skip__", False):
                return getattr(owner, "__unittest_skip_why__", "") or "skipped"
        for owner in self._parents:
            reason = getattr(owner, "skip", None)
            if reason is not None:
                return reason
        return None

    def getTodo(self) -> Todo | None:
        """Return why this test is expected to fail, or None."""
        todo = self._attribute("todo")
        if todo is None:
            for owner in (self._testMethod, type(self)):
                if getattr(owner, "__unittest_expecting_failure__", False):
                    return Todo("marked with unittest.expectedFailure")
            return None
        return makeTodo(todo)

    def _suppressed(self) -> Iterable[tuple[tuple[Any, ...], dict[str, Any]]]:
        return self._attribute("suppress") or ()

    # Running it.

    def run(self, result: Any = None) -> Any:
        """Run the test once.

        Args:
            result: An `IReporter` or a standard `unittest.TestResult`.
        """
        if result is None:
            result = self.defaultTestResult()
        reporter = result
        if not itrial.IReporter.providedBy(result):
            reporter = PyUnitResultAdapter(result)
        reporter.startTest(self)
        try:
            reason = self.getSkip()
            if reason:
                reporter.addSkip(self, reason)
            else:
                self._runObserved(reporter)
        finally:
            reporter.stopTest(self)
        return result

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.run(*args, **kwargs)

    def _runObserved(self, reporter: Any) -> None:
        attempt = self._attempt = Attempt(self, reporter)
        _logcatch.catcher.start()
        try:
            with _warnings.collecting(self._emitted, self._suppressed()):
                self._runStages(attempt)
        finally:
            self._attempt = None
            if gc.isenabled():
                # Errors in cycles of objects are heard of when those are collected: now, not
                # in a later test. What has survived a collection is too much to look at.
                gc.collect(1)
            for failure in _logcatch.catcher.stop():
                attempt.heard(failure)
        shown = self._judgeWarnings(attempt)
        attempt.close()
        for warning in shown:
            warnings.showwarning(*warning)

    def _runStages(self, attempt: Attempt) -> None:
        failure = self._callStage("setUp", self.setUp)
        if failure is None:
            failure = self._callStage(self._testMethodName, self._testMethod)
            if failure is not None:
                attempt.heard(failure)
            failure = self._callStage("tearDown", self.tearDown)
        if failure is not None:
            attempt.heard(failure)
        self._runCleanups(attempt)

    def _runCleanups(self, attempt: Attempt) -> None:
        while self._cleanups:
            function, args, kwargs = self._cleanups.pop()
            failure = self._callStage("cleanup", function, args, kwargs)
            if failure is not None:
                attempt.heard(failure)

    def _callStage(
        self,
        stage: str,
        function: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Failure | None:
        """Call a stage; return what went wrong."""
        try:
            outcome = function(*args, **(kwargs or {}))
            if outcome is not None:
                self._refuseToForget(function, outcome)
        except BaseException:
            return Failure()
        return None

    def _refuseToForget(self, function: Callable[..., Any], outcome: Any) -> None:
        why = neverRuns(function)
        if why is None and inspect.iscoroutine(outcome):
            outcome.close()
            why = (
                f"{function!r} returned a coroutine, which a SynchronousTestCase does not "
                f"run: derive from twisted.trial.unittest.TestCase"
            )
        if why is not None:
            raise TypeError(why)

    def _judgeWarnings(self, attempt: Attempt) -> list[_warnings.Emitted]:
        """Return the warnings that the filters of the process let through."""
        emitted, self._emitted = self._emitted, []
        shown: list[_warnings.Emitted] = []
        for warning in emitted:
            try:
                with _warnings.collecting(shown, None):
                    warnings.warn_explicit(*warning)
            except Warning as error:
                # The filters turn it into an error, which is one of the line that has warned.
                place = warning.filename, warning.lineno, self._testMethodName
                attempt.heard(Failure(error, type(error), tracebackOf(error, *place)))
        return shown

    # What a test may use.

    def addCleanup(self, f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        """Call ``f(*args, **kwargs)`` after tearDown, and after the cleanups added later.

        Cleanups are called whatever came of the test, even if setUp failed.
        """
        super().addCleanup(f, *args, **kwargs)

    @contextlib.contextmanager
    def subTest(self, msg: Any = None, **params: Any) -> Iterator[None]:
        """Report a failure inside the block by itself, and go on with the test after it.

        Args:
            msg: What the block is about.
            params: Values that tell it from the others.
        """
        try:
            yield
        except Exception:
            if self._attempt is None:
                raise
            self._attempt.heard(Failure(), SubTest(self, msg, params))

    def patch(self, obj: Any, attribute: str, value: Any) -> monkey.MonkeyPatcher:
        """Set an attribute for the rest of the test.

        Args:
            obj: Whose attribute.
            attribute: Its name; it must exist.
            value: Its value until the test is over.

        Returns:
            The patch, which can be taken back earlier with `restore`.
        """
        patcher = monkey.MonkeyPatcher((obj, attribute, value))
        patcher.patch()
        self.addCleanup(patcher.restore)
        return patcher

    def mktemp(self) -> str:
        """Return a path that does not exist, in a new folder of its own.

        Under trial the path is relative, inside the folder of the run.
        """
        if os.path.exists(TRIAL_MARKER):
            root = "."
        else:
            root = _temporaryRoot()
        names = (type(self).__module__, type(self).__name__, self._testMethodName)
        base = os.path.join(root, *(name[:_MAX_NAME] for name in names))
        os.makedirs(base, exist_ok=True)
        return os.path.normpath(os.path.join(tempfile.mkdtemp("", "", base), "temp"))

    def flushLoggedErrors(self, *errorTypes: type[BaseException]) -> list[Failure]:
        """Return the errors that were logged in this test so far, and forgive them.

        Errors that are still there when the test ends make it fail.

        Args:
            errorTypes: Which ones; all, if there are none.
        """
        return _logcatch.catcher.flush(*errorTypes)

    def _takeWarnings(
        self, offendingFunctions: Iterable[Callable[..., Any]] | None
    ) -> list[_warnings.Emitted]:
        taken, left = _warnings.split(self._emitted, offendingFunctions)
        # The list is the one that warnings are collected into.
        self._emitted[:] = left
        return taken

    def flushWarnings(
        self, offendingFunctions: Iterable[Callable[..., Any]] | None = None
    ) -> list[dict[str, Any]]:
        """Return the warnings that were emitted in this test so far, and forget them.

        Warnings that are still there when the test ends are shown after it.

        Args:
            offendingFunctions: Take only warnings that point at a line of one of
                these functions; all, if it is not given.

        Returns:
            For each a dict of `message` (its text), `category`, `filename`, `lineno`.
        """
        return [
            {
                "message": str(warning.message),
                "category": warning.category,
                "filename": warning.filename,
                "lineno": warning.lineno,
            }
            for warning in self._takeWarnings(offendingFunctions)
        ]

    def callDeprecated(
        self,
        version: Version | tuple[Version, Any],
        f: Callable[..., _T],
        *args: Any,
        **kwargs: Any,
    ) -> _T:
        """Call something, and fail unless that warns exactly once of its deprecation.

        Args:
            version: Since when it is deprecated, or a pair of that and what
                replaces it.
            f: What to call with `args` and `kwargs`.

        Returns:
            What `f` returned.
        """
        replacement: Any = None
        if isinstance(version, tuple):
            version, replacement = version
        result = f(*args, **kwargs)
        emitted = [
            warning
            for warning in self.flushWarnings([self.callDeprecated])
            if warning["category"] is DeprecationWarning
        ]
        if not emitted:
            self.fail(f"{f!r} is not deprecated: it gave no DeprecationWarning")
        self.assertEqual(len(emitted), 1, f"more than one DeprecationWarning: {emitted!r}")
        expected = deprecate.getDeprecationWarningString(f, version, replacement=replacement)
        self.assertEqual(emitted[0]["message"], expected)
        return result

    def getDeprecatedModuleAttribute(
        self, moduleName: str, name: str, version: Version, message: str | None = None
    ) -> Any:
        """Return an attribute of a module, and fail unless that warns of its deprecation.

        Args:
            moduleName: The full name of the module.
            name: The attribute.
            version: Since when it is deprecated.
            message: What the warning says after the standard sentence.
        """
        value = getattr(sys.modules[moduleName], name)
        emitted = self.flushWarnings([self.getDeprecatedModuleAttribute])
        self.assertEqual(len(emitted), 1, f"not exactly one warning: {emitted!r}")
        self.assertIs(emitted[0]["category"], DeprecationWarning)
        since = f"{moduleName}.{name} was deprecated in {getVersionString(version)}"
        if message is None:
            self.assertEqual(emitted[0]["message"].split(":")[0], since)
        else:
            self.assertEqual(emitted[0]["message"], f"{since}: {message}")
        return value

    # Deferreds that must, or must not, have a result by now.

    def successResultOf(self, deferred: _Pending[_T]) -> _T:
        """Return the result of a Deferred or coroutine; fail unless it has one already.

        Args:
            deferred: Its result is taken; afterwards it holds None.
        """
        pending, results = _peek(deferred)
        if not results:
            self.fail(f"Success result expected on {pending!r}, found no result instead")
        result = results[0]
        if isinstance(result, Failure):
            self.fail(
                f"Success result expected on {pending!r}, found failure result instead:\n"
                f"{result.getTraceback()}"
            )
        return result  # type: ignore[no-any-return]  # that is what the Deferred promises

    def failureResultOf(
        self,
        deferred: _Pending[Any],
        *expectedExceptionTypes: type[BaseException],
    ) -> Failure:
        """Return the Failure of a Deferred or coroutine; fail unless it has failed already.

        Args:
            deferred: Its failure is taken; afterwards it holds None.
            expectedExceptionTypes: What the exception must be one of; anything,
                if there are none.
        """
        pending, results = _peek(deferred)
        if not results:
            self.fail(f"Failure result expected on {pending!r}, found no result instead")
        result: Any = results[0]
        if not isinstance(result, Failure):
            self.fail(
                f"Failure result expected on {pending!r}, found success result ({result!r}) instead"
            )
        if expectedExceptionTypes and not result.check(*expectedExceptionTypes):
            expected = " or ".join(fullyQualifiedName(each) for each in expectedExceptionTypes)
            self.fail(
                f"Failure of type ({expected}) expected on {pending!r}, "
                f"found type {fullyQualifiedName(result.type)} instead: {result.getTraceback()}"
            )
        return result

    def assertNoResult(self, deferred: _Pending[Any]) -> None:
        """Fail if a Deferred or coroutine has a result already; leave the result to come in it."""
        results: list[Any] = []

        def keep(result: Any) -> Any:
            results.append(result)
            return result

        pending = _asDeferred(deferred)
        pending.addBoth(keep)
        if results:
            # The assertion tells of it; it must not be logged as well.
            pending.addErrback(lambda ignored: None)
            self.fail(f"No result expected on {pending!r}, found {results[0]!r} instead")


def _asDeferred(outcome: Any) -> Deferred[Any]:
    if isinstance(outcome, Deferred):
        return outcome
    return Deferred.fromCoroutine(outcome)


def _peek(outcome: Any) -> tuple[Deferred[Any], list[Any]]:
    results: list[Any] = []
    pending = _asDeferred(outcome)
    pending.addBoth(results.append)
    return pending, results


_roots: list[tempfile.TemporaryDirectory[str]] = []


def _temporaryRoot() -> str:
    # Outside trial nobody made a folder for this run: one that ends with the process.
    if not _roots:
        _roots.append(tempfile.TemporaryDirectory(prefix="trial-"))
    return _roots[0].name
