"""Running synchronous test cases."""

from __future__ import annotations

import os
import sys
import types
import unittest as pyunit
from typing import Any

from incremental import Version
from zope.interface.verify import verifyObject

from twisted.internet.defer import fail
from twisted.python import log
from twisted.python.deprecate import deprecated, deprecatedModuleAttribute
from twisted.trial import itrial, unittest
from twisted.trial.test.running import caseOf, outcome, ran


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

        ran(caseOf(test))
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

        result = ran(caseOf(test))
        self.assertEqual(outcome(result), {"errors": 1})
        self.assertIn("unittest.TestCase", result.errors[0][1].getErrorMessage())

    def test_generator(self) -> None:
        def test(self: Any) -> Any:
            yield 1

        result = ran(caseOf(test))
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

        self.assertEqual(caseOf(test).shortDescription(), "One line.")
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
        case = caseOf(test, skip="class")
        result = ran(case)
        self.assertEqual(result.skips, [(case, "method")])
        self.assertEqual(result.testsRun, 1)

    def test_skipClass(self) -> None:
        result = ran(caseOf(lambda self: self.fail(), skip="class"))
        self.assertEqual(result.skips[0][1], "class")

    def test_skipModule(self) -> None:
        name = self.module(skip="module")
        result = ran(caseOf(lambda self: self.fail(), __module__=name))
        self.assertEqual(result.skips[0][1], "module")

    def test_skipNot(self) -> None:
        """A reason that is false, such as an empty one, does not skip."""
        self.assertEqual(outcome(ran(caseOf(lambda self: None, skip=""))), {"successes": 1})

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
        case = caseOf(lambda self: self.fail("x"), todo="later")
        result = ran(case)
        self.assertEqual(outcome(result), {"expectedFailures": 1})
        failed, failure, todo = result.expectedFailures[0]
        self.assertIs(failed, case)
        self.assertEqual(failure.getErrorMessage(), "x")
        self.assertEqual(todo.reason, "later")

    def test_todoModule(self) -> None:
        name = self.module(todo="later")
        result = ran(caseOf(lambda self: self.fail(), __module__=name))
        self.assertEqual(outcome(result), {"expectedFailures": 1})

    def test_todoPasses(self) -> None:
        result = ran(caseOf(lambda self: None, todo="later"))
        self.assertEqual(outcome(result), {"unexpectedSuccesses": 1})
        self.assertTrue(result.wasSuccessful())

    def test_todoErrors(self) -> None:
        """Only the announced errors are expected."""
        todo = ([KeyError, OSError], "later")
        expected = ran(caseOf(lambda self: {"y": 1}["x"], todo=todo))
        other = ran(caseOf(lambda self: int("x"), todo=todo))
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

        case = caseOf(test)
        result = ran(case)
        self.assertEqual(reached, [0, 1, 2])
        self.assertEqual(outcome(result), {"failures": 1})
        self.assertEqual(result.failures[0][0].id(), f"{case.id()} [parity] (number=1)")

    def test_success(self) -> None:
        def test(self: Any) -> None:
            with self.subTest():
                pass

        self.assertEqual(outcome(ran(caseOf(test))), {"successes": 1})

    def test_error(self) -> None:
        def test(self: Any) -> None:
            with self.subTest():
                raise ValueError

        self.assertEqual(outcome(ran(caseOf(test))), {"errors": 1})

    def test_outsideATest(self) -> None:
        case = caseOf(lambda self: None)
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

        result = ran(caseOf(test))
        self.assertEqual(outcome(result), {"errors": 2})
        self.assertIn("in test", result.errors[0][1].getTraceback())
        self.assertEqual(result.errors[1][1].type, KeyError)

    def test_flushed(self) -> None:
        flushed: list[Any] = []

        def test(self: Any) -> None:
            log.err(ValueError("x"))
            flushed.extend(self.flushLoggedErrors())

        self.assertEqual(outcome(ran(caseOf(test))), {"successes": 1})
        self.assertEqual([each.type for each in flushed], [ValueError])

    def test_flushedByType(self) -> None:
        def test(self: Any) -> None:
            log.err(ValueError())
            log.err(KeyError())
            self.assertEqual(len(self.flushLoggedErrors(OSError, KeyError)), 1)

        result = ran(caseOf(test))
        self.assertEqual([failure.type for _, failure in result.errors], [ValueError])

    def test_inCleanup(self) -> None:
        """A cleanup belongs to the test."""
        result = ran(caseOf(lambda self: self.addCleanup(log.err, ValueError())))
        self.assertEqual(outcome(result), {"errors": 1})

    def test_doesNotLeak(self) -> None:
        """What the inner test logged is not an error of this one."""
        ran(caseOf(lambda self: log.err(ValueError())))
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_notFailures(self) -> None:
        result = ran(caseOf(lambda self: log.msg("just text", isError=1)))
        self.assertEqual(outcome(result), {"successes": 1})

    def test_expected(self) -> None:
        result = ran(caseOf(lambda self: log.err(ValueError()), todo="later"))
        self.assertEqual(outcome(result), {"expectedFailures": 1})

    def test_unhandledInDeferred(self) -> None:
        """The error of a Deferred that nobody looked at is found."""

        def test(self: Any) -> None:
            fail(ValueError("nobody looks"))

        result = ran(caseOf(test))
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

        ran(caseOf(test))
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

    def test_getDeprecatedModuleAttribute(self) -> None:
        version = Version("Twisted", 1, 2, 3)
        module = types.ModuleType("twisted_trial_old")
        sys.modules[module.__name__] = module
        self.addCleanup(sys.modules.pop, module.__name__)
        vars(module).update(old=3, fresh=4)
        deprecatedModuleAttribute(version, "Use fresh.", module.__name__, "old")
        get = self.getDeprecatedModuleAttribute
        self.assertEqual(get(module.__name__, "old", version), 3)
        self.assertEqual(get(module.__name__, "old", version, "Use fresh."), 3)
        self.assertRaises(unittest.FailTest, get, module.__name__, "old", version, "Other.")
        self.assertRaises(unittest.FailTest, get, module.__name__, "fresh", version)

    def test_callDeprecatedNot(self) -> None:
        error = self.assertRaises(
            unittest.FailTest, self.callDeprecated, Version("Twisted", 1, 0, 0), int
        )
        self.assertIn("is not deprecated", str(error))
