"""Running synchronous test cases."""

from __future__ import annotations

import os
import sys
import types
import unittest as pyunit
import warnings
from collections.abc import Callable
from typing import Any

from incremental import Version
from zope.interface.verify import verifyObject

from twisted.internet.defer import Deferred, fail, succeed
from twisted.python import log
from twisted.python.deprecate import deprecated
from twisted.trial import itrial, unittest
from twisted.trial.reporter import TestResult
from twisted.trial.test.running import outcome, ran


class _Staged(unittest.SynchronousTestCase):
    """Notes its stages; fails in those that it is told to."""

    def __init__(self, methodName: str = "runTest", **raising: BaseException) -> None:
        super().__init__(methodName)
        self.raising: dict[str, BaseException] = raising
        self.stages: list[str] = []

    def reach(self, stage: str) -> None:
        self.stages.append(stage)
        if stage in self.raising:
            raise self.raising[stage]

    def setUp(self) -> None:
        self.addCleanup(self.reach, "cleanup 1")
        self.addCleanup(self.reach, "cleanup 2")
        self.reach("setUp")

    def tearDown(self) -> None:
        self.reach("tearDown")

    def runTest(self) -> None:
        self.reach("test")


def _case(method: Callable[[Any], object], **attributes: Any) -> unittest.SynchronousTestCase:
    """A test case of a class made of one method."""
    members = {"__module__": __name__, **attributes, "test": method}
    case: unittest.SynchronousTestCase
    case = type("Made", (unittest.SynchronousTestCase,), members)("test")
    return case


class StageTests(unittest.SynchronousTestCase):
    """Which stage follows which, and what is reported."""

    def test_success(self) -> None:
        case = _Staged()
        result = ran(case)
        self.assertEqual(case.stages, ["setUp", "test", "tearDown", "cleanup 2", "cleanup 1"])
        self.assertEqual(outcome(result), {"successes": 1})
        self.assertEqual(result.testsRun, 1)

    def test_failure(self) -> None:
        case = _Staged(test=AssertionError("no"))
        result = ran(case)
        self.assertEqual(case.stages, ["setUp", "test", "tearDown", "cleanup 2", "cleanup 1"])
        self.assertEqual(outcome(result), {"failures": 1})
        self.assertIs(result.failures[0][0], case)
        self.assertEqual(result.failures[0][1].getErrorMessage(), "no")

    def test_error(self) -> None:
        self.assertEqual(outcome(ran(_Staged(test=ValueError()))), {"errors": 1})

    def test_setUpFails(self) -> None:
        """Neither the test nor tearDown is called, but the cleanups are."""
        case = _Staged(setUp=ValueError())
        self.assertEqual(outcome(ran(case)), {"errors": 1})
        self.assertEqual(case.stages, ["setUp", "cleanup 2", "cleanup 1"])

    def test_everythingFails(self) -> None:
        """Each failure is reported."""
        case = _Staged(test=AssertionError(), tearDown=ValueError())
        case.raising |= {"cleanup 1": KeyError(), "cleanup 2": AssertionError()}
        self.assertEqual(outcome(ran(case)), {"failures": 2, "errors": 2})

    def test_skipInTest(self) -> None:
        case = _Staged(test=unittest.SkipTest("why"))
        result = ran(case)
        self.assertEqual(result.skips, [(case, "why")])
        self.assertEqual(outcome(result), {"skips": 1})
        self.assertIn("tearDown", case.stages)

    def test_skipInSetUp(self) -> None:
        case = _Staged(setUp=unittest.SkipTest("why"))
        self.assertEqual(outcome(ran(case)), {"skips": 1})
        self.assertNotIn("test", case.stages)

    def test_skipWithoutReason(self) -> None:
        result = ran(_Staged(test=unittest.SkipTest.__new__(unittest.SkipTest)))
        self.assertEqual(result.skips[0][1], "no reason given")

    def test_interrupt(self) -> None:
        """Ctrl-C ends the run after this test, whose stages are all finished."""
        case = _Staged(test=KeyboardInterrupt())
        result = ran(case)
        self.assertEqual(outcome(result), {"errors": 1})
        self.assertTrue(result.shouldStop)
        self.assertIn("cleanup 1", case.stages)

    def test_systemExit(self) -> None:
        self.assertEqual(outcome(ran(_Staged(test=SystemExit(1)))), {"errors": 1})

    def test_cleanupAddsCleanup(self) -> None:
        stages: list[str] = []

        def test(self: Any) -> None:
            self.addCleanup(self.addCleanup, stages.append, "inner")
            self.addCleanup(stages.append, "outer")

        ran(_case(test))
        self.assertEqual(stages, ["outer", "inner"])

    def test_twice(self) -> None:
        """A test case can be run again."""
        case = _Staged()
        ran(case)
        case.stages.clear()
        self.assertEqual(outcome(ran(case)), {"successes": 1})
        self.assertEqual(case.stages, ["setUp", "test", "tearDown", "cleanup 2", "cleanup 1"])

    def test_coroutine(self) -> None:
        """A coroutine would silently never run: that is an error."""

        async def test(self: Any) -> None:
            raise AssertionError("never")

        result = ran(_case(test))
        self.assertEqual(outcome(result), {"errors": 1})
        self.assertIn("unittest.TestCase", result.errors[0][1].getErrorMessage())

    def test_generator(self) -> None:
        def test(self: Any) -> Any:
            yield 1

        result = ran(_case(test))
        self.assertIn("inlineCallbacks", result.errors[0][1].getErrorMessage())

    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(itrial.ITestCase, _Staged()))

    def test_identity(self) -> None:
        """Two test cases of one method are two tests."""
        one, other = _Staged(), _Staged()
        self.assertNotEqual(one, other)
        self.assertEqual(len({one, other}), 2)

    def test_missingMethod(self) -> None:
        self.assertRaises(ValueError, unittest.SynchronousTestCase, "test_nothing")

    def test_shortDescription(self) -> None:
        def test(self: Any) -> None:
            """One line.

            And more."""

        self.assertEqual(_case(test).shortDescription(), "One line.")
        self.assertEqual(_Staged().shortDescription(), "runTest")


class AttributeTests(unittest.SynchronousTestCase):
    """skip and todo, at method, class and module."""

    def module(self, **attributes: Any) -> str:
        """Make a module for test cases to be in."""
        module = types.ModuleType("twisted_trial_made")
        vars(module).update(attributes)
        sys.modules[module.__name__] = module
        self.addCleanup(sys.modules.pop, module.__name__)
        return module.__name__

    def test_skipMethod(self) -> None:
        def test(self: Any) -> None:
            raise AssertionError("must not run")

        test.skip = "method"  # type: ignore[attr-defined]  # how tests are marked
        case = _case(test, skip="class")
        result = ran(case)
        self.assertEqual(result.skips, [(case, "method")])
        self.assertEqual(result.testsRun, 1)

    def test_skipClass(self) -> None:
        result = ran(_case(lambda self: self.fail(), skip="class"))
        self.assertEqual(result.skips[0][1], "class")

    def test_skipModule(self) -> None:
        name = self.module(skip="module")
        result = ran(_case(lambda self: self.fail(), __module__=name))
        self.assertEqual(result.skips[0][1], "module")

    def test_skipNot(self) -> None:
        """A reason that is false, such as an empty one, does not skip."""
        self.assertEqual(outcome(ran(_case(lambda self: None, skip=""))), {"successes": 1})

    def test_standardSkip(self) -> None:
        @pyunit.skip("decorated")
        class Case(unittest.SynchronousTestCase):
            def test(self) -> None:
                raise AssertionError("must not run")

        self.assertEqual(ran(Case("test")).skips[0][1], "decorated")

    def test_standardSkipMethod(self) -> None:
        class Case(unittest.SynchronousTestCase):
            @pyunit.skipIf(True, "decorated")
            def test(self) -> None:
                raise AssertionError("must not run")

        self.assertEqual(ran(Case("test")).skips[0][1], "decorated")

    def test_standardExpectedFailure(self) -> None:
        class Case(unittest.SynchronousTestCase):
            @pyunit.expectedFailure
            def test(self) -> None:
                raise AssertionError("as expected")

        self.assertEqual(outcome(ran(Case("test"))), {"expectedFailures": 1})

    def test_todo(self) -> None:
        case = _case(lambda self: self.fail("x"), todo="later")
        result = ran(case)
        self.assertEqual(outcome(result), {"expectedFailures": 1})
        failed, failure, todo = result.expectedFailures[0]
        self.assertIs(failed, case)
        self.assertEqual(failure.getErrorMessage(), "x")
        self.assertEqual(todo.reason, "later")

    def test_todoModule(self) -> None:
        name = self.module(todo="later")
        result = ran(_case(lambda self: self.fail(), __module__=name))
        self.assertEqual(outcome(result), {"expectedFailures": 1})

    def test_todoPasses(self) -> None:
        result = ran(_case(lambda self: None, todo="later"))
        self.assertEqual(outcome(result), {"unexpectedSuccesses": 1})
        self.assertTrue(result.wasSuccessful())

    def test_todoErrors(self) -> None:
        """Only the announced errors are expected."""
        todo = ([KeyError, OSError], "later")
        expected = ran(_case(lambda self: {"y": 1}["x"], todo=todo))
        other = ran(_case(lambda self: int("x"), todo=todo))
        self.assertEqual(outcome(expected), {"expectedFailures": 1})
        self.assertEqual(outcome(other), {"errors": 1})

    def test_makeTodo(self) -> None:
        self.assertEqual(unittest.makeTodo("why").reason, "why")
        self.assertIs(unittest.makeTodo("why").errors, None)
        one = unittest.makeTodo((KeyError, "why"))
        self.assertEqual((one.errors, one.reason), ([KeyError], "why"))
        self.assertIn("KeyError", repr(one))

    def test_makeTodoOfNonsense(self) -> None:
        error = self.assertRaises(TypeError, unittest.makeTodo, 3)
        self.assertIn("give the reason", str(error))


class SubTestTests(unittest.SynchronousTestCase):
    """`subTest`."""

    def test_goesOn(self) -> None:
        reached: list[int] = []

        def test(self: Any) -> None:
            for number in range(3):
                with self.subTest("parity", number=number):
                    reached.append(number)
                    self.assertEqual(number % 2, 0)

        case = _case(test)
        result = ran(case)
        self.assertEqual(reached, [0, 1, 2])
        self.assertEqual(outcome(result), {"failures": 1})
        self.assertEqual(result.failures[0][0].id(), f"{case.id()} [parity] (number=1)")

    def test_success(self) -> None:
        def test(self: Any) -> None:
            with self.subTest():
                pass

        self.assertEqual(outcome(ran(_case(test))), {"successes": 1})

    def test_error(self) -> None:
        def test(self: Any) -> None:
            with self.subTest():
                raise ValueError

        self.assertEqual(outcome(ran(_case(test))), {"errors": 1})

    def test_outsideATest(self) -> None:
        case = _case(lambda self: None)
        with self.assertRaises(ValueError), case.subTest():
            raise ValueError


class LoggedErrorTests(unittest.SynchronousTestCase):
    """Errors that are logged in a test."""

    def test_unflushed(self) -> None:
        """They fail the test, each one, with the traceback."""

        def test(self: Any) -> None:
            try:
                raise ValueError("first")
            except ValueError:
                log.err(None, "why")
            log.err(KeyError("second"))

        result = ran(_case(test))
        self.assertEqual(outcome(result), {"errors": 2})
        self.assertIn("in test", result.errors[0][1].getTraceback())
        self.assertEqual(result.errors[1][1].type, KeyError)

    def test_flushed(self) -> None:
        flushed: list[Any] = []

        def test(self: Any) -> None:
            log.err(ValueError("x"))
            flushed.extend(self.flushLoggedErrors())

        self.assertEqual(outcome(ran(_case(test))), {"successes": 1})
        self.assertEqual([each.type for each in flushed], [ValueError])

    def test_flushedByType(self) -> None:
        def test(self: Any) -> None:
            log.err(ValueError())
            log.err(KeyError())
            self.assertEqual(len(self.flushLoggedErrors(OSError, KeyError)), 1)

        result = ran(_case(test))
        self.assertEqual([failure.type for _, failure in result.errors], [ValueError])

    def test_inCleanup(self) -> None:
        """A cleanup belongs to the test."""
        result = ran(_case(lambda self: self.addCleanup(log.err, ValueError())))
        self.assertEqual(outcome(result), {"errors": 1})

    def test_doesNotLeak(self) -> None:
        """What the inner test logged is not an error of this one."""
        ran(_case(lambda self: log.err(ValueError())))
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_notFailures(self) -> None:
        result = ran(_case(lambda self: log.msg("just text", isError=1)))
        self.assertEqual(outcome(result), {"successes": 1})

    def test_expected(self) -> None:
        result = ran(_case(lambda self: log.err(ValueError()), todo="later"))
        self.assertEqual(outcome(result), {"expectedFailures": 1})

    def test_unhandledInDeferred(self) -> None:
        """The error of a Deferred that nobody looked at is found."""

        def test(self: Any) -> None:
            fail(ValueError("nobody looks"))

        result = ran(_case(test))
        self.assertEqual([failure.type for _, failure in result.errors], [ValueError])


class ToolTests(unittest.SynchronousTestCase):
    """patch, mktemp and what is deprecated."""

    attribute = "original"

    def test_patch(self) -> None:
        seen: list[str] = []

        def test(case: Any) -> None:
            case.patch(self, "attribute", "patched")
            case.addCleanup(lambda: seen.append(self.attribute))
            seen.append(self.attribute)

        ran(_case(test))
        self.assertEqual(seen, ["patched", "patched"])
        self.assertEqual(self.attribute, "original")

    def test_patchRestoredEarly(self) -> None:
        patch = self.patch(self, "attribute", "patched")
        patch.restore()
        self.assertEqual(self.attribute, "original")

    def test_patchMissing(self) -> None:
        self.assertRaises(AttributeError, self.patch, self, "noSuchAttribute", 1)

    def test_mktemp(self) -> None:
        one, other = self.mktemp(), self.mktemp()
        self.assertNotEqual(one, other)
        for path in (one, other):
            self.assertFalse(os.path.exists(path))
            self.assertTrue(os.path.isdir(os.path.dirname(path)))
            self.assertIn("test_mktemp", path)

    def test_mktempIsShort(self) -> None:
        """It must be possible to bind a UNIX socket there."""
        name = "test_" + "x" * 200
        case = type("C" * 200, (unittest.SynchronousTestCase,), {name: lambda self: None})(name)
        self.patch(os, "getcwd", lambda: "/")
        self.assertLess(len(case.mktemp()), 108)

    def test_mktempOutsideTrial(self) -> None:
        """Where there is no folder of trial's, the working directory stays clean."""
        folder = self.mktemp()
        os.makedirs(folder)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        path = self.mktemp()
        self.assertTrue(os.path.isabs(path))
        self.assertEqual(os.listdir("."), [])

    def test_callDeprecated(self) -> None:
        version = Version("Twisted", 1, 2, 3)

        @deprecated(version, "newFunction")
        def oldFunction(value: int) -> int:
            return value

        self.assertEqual(self.callDeprecated((version, "newFunction"), oldFunction, 4), 4)
        self.assertEqual(self.flushWarnings(), [])
        self.assertRaises(
            unittest.FailTest, self.callDeprecated, Version("Twisted", 9, 9, 9), oldFunction, 4
        )

    def test_callDeprecatedNot(self) -> None:
        error = self.assertRaises(
            unittest.FailTest, self.callDeprecated, Version("Twisted", 1, 0, 0), int
        )
        self.assertIn("is not deprecated", str(error))


class DeferredResultTests(unittest.SynchronousTestCase):
    """successResultOf, failureResultOf and assertNoResult."""

    def failing(self, assertion: Callable[..., Any], *args: Any) -> str:
        return str(self.assertRaises(unittest.FailTest, assertion, *args))

    def test_success(self) -> None:
        result = object()
        self.assertIs(self.successResultOf(succeed(result)), result)

    def test_successTakesTheResult(self) -> None:
        deferred = succeed(1)
        self.successResultOf(deferred)
        self.assertIs(self.successResultOf(deferred), None)

    def test_successOfFailure(self) -> None:
        text = self.failing(self.successResultOf, fail(ValueError("the value")))
        self.assertIn("found failure result instead", text)
        self.assertIn("the value", text)

    def test_successOfNothing(self) -> None:
        text = self.failing(self.successResultOf, Deferred())
        self.assertIn("found no result instead", text)

    def test_successOfCoroutine(self) -> None:
        async def four() -> int:
            return await succeed(4)

        self.assertEqual(self.successResultOf(four()), 4)

    def test_successOfFailingCoroutine(self) -> None:
        async def wrong() -> None:
            raise ValueError("x")

        self.assertIn("ValueError", self.failing(self.successResultOf, wrong()))

    def test_failure(self) -> None:
        failure = self.failureResultOf(fail(ValueError("x")))
        self.assertEqual(failure.type, ValueError)

    def test_failureOfType(self) -> None:
        self.failureResultOf(fail(ValueError("x")), KeyError, ValueError)
        text = self.failing(self.failureResultOf, fail(ValueError("x")), KeyError, OSError)
        self.assertIn("Failure of type (builtins.KeyError or builtins.OSError) expected", text)
        self.assertIn("found type builtins.ValueError", text)

    def test_failureOfSuccess(self) -> None:
        self.assertIn("found success result (3)", self.failing(self.failureResultOf, succeed(3)))

    def test_failureOfNothing(self) -> None:
        self.assertIn("found no result", self.failing(self.failureResultOf, Deferred()))

    def test_failureOfCoroutine(self) -> None:
        async def wrong() -> None:
            raise ValueError("x")

        self.failureResultOf(wrong(), ValueError)

    def test_noResult(self) -> None:
        """The result that comes later passes."""
        deferred: Deferred[int] = Deferred()
        self.assertNoResult(deferred)
        deferred.callback(5)
        self.assertEqual(self.successResultOf(deferred), 5)

    def test_noResultButSuccess(self) -> None:
        deferred = succeed(5)
        self.assertIn("found 5 instead", self.failing(self.assertNoResult, deferred))

    def test_noResultButFailure(self) -> None:
        """The failure is told of by the assertion, and not logged as well."""
        self.assertIn("ValueError", self.failing(self.assertNoResult, fail(ValueError("x"))))
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_noResultOfCoroutine(self) -> None:
        waiting: Deferred[None] = Deferred()

        async def wait() -> None:
            await waiting

        self.assertNoResult(wait())
        waiting.callback(None)


class PyUnitTests(unittest.SynchronousTestCase):
    """Test cases of trial with results of the standard library, and the reverse."""

    def standardResult(self, case: Any) -> pyunit.TestResult:
        result = pyunit.TestResult()
        case.run(result)
        return result

    def test_success(self) -> None:
        result = self.standardResult(_case(lambda self: None))
        self.assertEqual((result.testsRun, result.wasSuccessful()), (1, True))

    def test_failure(self) -> None:
        result = self.standardResult(_case(lambda self: self.fail("x")))
        self.assertEqual(len(result.failures), 1)
        self.assertIn("FailTest: x", result.failures[0][1])

    def test_error(self) -> None:
        """The traceback is whole."""
        result = self.standardResult(_case(lambda self: int("x")))
        self.assertIn(os.path.basename(__file__), result.errors[0][1])
        self.assertIn("ValueError: invalid literal", result.errors[0][1])

    def test_skip(self) -> None:
        result = self.standardResult(_case(lambda self: None, skip="why"))
        self.assertEqual(result.skipped[0][1], "why")

    def test_todo(self) -> None:
        result = self.standardResult(_case(lambda self: self.fail(), todo="later"))
        self.assertEqual(len(result.expectedFailures), 1)
        result = self.standardResult(_case(lambda self: None, todo="later"))
        self.assertEqual(len(result.unexpectedSuccesses), 1)

    def test_loggedError(self) -> None:
        result = self.standardResult(_case(lambda self: log.err(ValueError("logged"))))
        self.assertIn("ValueError: logged", result.errors[0][1])

    def test_adapter(self) -> None:
        original = pyunit.TestResult()
        adapter = unittest.PyUnitResultAdapter(original)
        self.assertTrue(verifyObject(itrial.IReporter, adapter))
        adapter.stop()
        self.assertTrue(adapter.shouldStop)
        self.assertTrue(original.shouldStop)
        self.assertTrue(adapter.wasSuccessful())

    def test_defaultResult(self) -> None:
        result = _case(lambda self: None).run()
        self.assertEqual(result.testsRun, 1)

    def test_standardCase(self) -> None:
        """A plain test case reports to our results, its subtests and skips included."""

        class Plain(pyunit.TestCase):
            def test_good(self) -> None:
                pass

            def test_bad(self) -> None:
                self.assertEqual(1, 2)

            def test_worse(self) -> None:
                raise ValueError("x")

            def test_skipped(self) -> None:
                self.skipTest("why")

            @pyunit.expectedFailure
            def test_expected(self) -> None:
                self.fail()

            @pyunit.expectedFailure
            def test_unexpected(self) -> None:
                pass

            def test_parts(self) -> None:
                for number in range(3):
                    with self.subTest(number=number):
                        self.assertNotEqual(number, 1)

        result = TestResult()
        pyunit.defaultTestLoader.loadTestsFromTestCase(Plain).run(result)
        self.assertEqual(
            outcome(result),
            {
                "successes": 1,
                "failures": 2,
                "errors": 1,
                "skips": 1,
                "expectedFailures": 1,
                "unexpectedSuccesses": 1,
            },
        )


class WarningTests(unittest.SynchronousTestCase):
    """Warnings that are emitted in tests."""

    def shown(self, case: unittest.SynchronousTestCase) -> tuple[TestResult, list[str]]:
        """Run a test; return the texts of the warnings that the user would see."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = ran(case)
        return result, [str(each.message) for each in caught]

    def test_flushed(self) -> None:
        flushed: list[Any] = []

        def test(self: Any) -> None:
            warnings.warn("foo is bad", DeprecationWarning, stacklevel=1)
            warnings.warn("bar too", stacklevel=1)
            flushed.extend(self.flushWarnings())
            self.assertEqual(self.flushWarnings(), [])

        _, shown = self.shown(_case(test))
        self.assertEqual(shown, [])
        first, second = flushed
        self.assertEqual(first["message"], "foo is bad")
        self.assertIs(first["category"], DeprecationWarning)
        self.assertEqual(first["filename"], __file__)
        self.assertEqual(second["category"], UserWarning)
        self.assertEqual(second["lineno"], first["lineno"] + 1)

    def test_unflushed(self) -> None:
        """They are shown when the test is over, and do not fail it."""
        result, shown = self.shown(_case(lambda self: warnings.warn("seen", stacklevel=1)))
        self.assertEqual(shown, ["seen"])
        self.assertEqual(outcome(result), {"successes": 1})

    def test_afterTheResult(self) -> None:
        happened: list[str] = []

        class Result(TestResult):
            def addSuccess(self, test: Any) -> None:
                happened.append("success")

        with warnings.catch_warnings():
            warnings.simplefilter("always")
            self.patch(warnings, "showwarning", lambda *args: happened.append("warning"))
            _case(lambda self: warnings.warn("x", stacklevel=1)).run(Result())
        self.assertEqual(happened, ["success", "warning"])

    def test_collectedWhateverTheFilters(self) -> None:
        """A test sees warnings that the process does not show."""

        def test(self: Any) -> None:
            warnings.warn("quiet", stacklevel=1)
            self.assertEqual(len(self.flushWarnings()), 1)
            warnings.warn("quiet again", stacklevel=1)

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore")
            result = ran(_case(test))
        self.assertEqual(outcome(result), {"successes": 1})
        self.assertEqual(caught, [])

    def test_repeated(self) -> None:
        """One place that warns in every test is heard in every test."""

        def test(self: Any) -> None:
            for _ in range(2):
                warnings.warn("again", stacklevel=1)
            self.assertEqual(len(self.flushWarnings()), 2)

        case = _case(test)
        for _ in range(2):
            self.assertEqual(outcome(ran(case)), {"successes": 1})

    def test_asErrors(self) -> None:
        """They are not raised in the test, but fail it if they are not flushed."""
        reached: list[str] = []

        def test(self: Any) -> None:
            warnings.warn("an error", stacklevel=1)
            reached.append("the end")

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = ran(_case(test))
        self.assertEqual(reached, ["the end"])
        self.assertEqual(outcome(result), {"errors": 1})
        self.assertEqual(result.errors[0][1].type, UserWarning)

    def test_offendingFunctions(self) -> None:
        """Only warnings that point into the functions are taken."""

        def one() -> None:
            warnings.warn("one", stacklevel=1)

        def other() -> None:
            def inner() -> None:
                warnings.warn("other", stacklevel=1)

            inner()

        def blaming() -> None:
            warnings.warn("the caller", stacklevel=2)

        def test(self: Any) -> None:
            one()
            other()
            blaming()
            texts = [each["message"] for each in self.flushWarnings([other])]
            self.assertEqual(texts, ["other"])
            texts = [each["message"] for each in self.flushWarnings([self.test])]
            self.assertEqual(texts, ["the caller"])
            self.assertEqual(self.flushWarnings([blaming]), [])
            self.assertEqual([each["message"] for each in self.flushWarnings()], ["one"])

        result = ran(_case(test))
        self.assertEqual(result.failures, [])
        self.assertEqual(outcome(result), {"successes": 1})

    def test_suppressed(self) -> None:
        """What matches `suppress` is neither shown nor collected."""

        def test(self: Any) -> None:
            warnings.warn("known", stacklevel=1)
            warnings.warn("new", stacklevel=1)
            self.assertEqual([each["message"] for each in self.flushWarnings()], ["new"])

        suppress = [(("ignore",), {"message": "known"})]
        self.assertEqual(outcome(ran(_case(test, suppress=suppress))), {"successes": 1})
