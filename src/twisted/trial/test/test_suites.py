"""Suites, and what is put around tests."""

from __future__ import annotations

import gc
import unittest as pyunit
import weakref
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.defer import fail
from twisted.internet.testing import MemoryReactor
from twisted.python import log
from twisted.python.failure import Failure
from twisted.trial import _cleanup, itrial, runner, unittest
from twisted.trial.reporter import TestResult
from twisted.trial.runner import _suites
from twisted.trial.test.running import LoopedReactor, outcome, ran


class _Case(unittest.SynchronousTestCase):
    # Not named as tests are: the loader must not find them.
    def one(self) -> None:
        pass

    def two(self) -> None:
        self.fail("two")


def _suite(kind: type[unittest.TestSuite] = unittest.TestSuite) -> unittest.TestSuite:
    return kind([_Case("one"), unittest.TestSuite([_Case("two")])])


class SuiteTests(unittest.SynchronousTestCase):
    """`TestSuite` and its relatives."""

    def test_run(self) -> None:
        suite = _suite()
        for _ in range(2):
            self.assertEqual(outcome(ran(suite)), {"successes": 1, "failures": 1})

    def test_stop(self) -> None:
        """Nothing is run after the result says to stop."""
        result = TestResult()
        result.stop()
        _suite().run(result)
        self.assertEqual(result.testsRun, 0)

    def test_fixtures(self) -> None:
        """Class fixtures of the standard library are run."""
        happened: list[str] = []

        class Case(unittest.SynchronousTestCase):
            @classmethod
            def setUpClass(cls) -> None:
                happened.append("up")

            @classmethod
            def tearDownClass(cls) -> None:
                happened.append("down")

            def test(self) -> None:
                happened.append("test")

        ran(unittest.TestSuite([Case("test"), Case("test")]))
        self.assertEqual(happened, ["up", "test", "test", "down"])

    def test_failingFixture(self) -> None:
        class Case(unittest.SynchronousTestCase):
            @classmethod
            def setUpClass(cls) -> None:
                raise ValueError("no class")

            def test(self) -> None:
                raise AssertionError("must not run")

        result = ran(unittest.TestSuite([Case("test")]))
        self.assertEqual(outcome(result), {"errors": 1})
        self.assertIn("setUpClass", result.errors[0][0].id())

    def test_destructive(self) -> None:
        """Tests that have run are let go of."""
        case = _Case("one")
        gone = weakref.ref(case)
        suite = runner.DestructiveTestSuite([case])
        del case
        ran(suite)
        gc.collect()
        self.assertIs(gone(), None)
        self.assertEqual(list(suite), [])

    def test_destructiveStopped(self) -> None:
        """Those that have not run are kept."""
        result = TestResult()
        suite = runner.DestructiveTestSuite([_Case("one")])
        result.stop()
        suite.run(result)
        self.assertEqual(suite.countTestCases(), 1)

    def test_logged(self) -> None:
        """Errors that are logged between tests are told of."""

        class Careless(pyunit.TestCase):
            def runTest(self) -> None:
                log.err(ValueError("outside"))

        result = ran(runner.LoggedSuite([Careless(), _Case("one")]))
        self.assertEqual(outcome(result), {"successes": 2, "errors": 1})
        self.assertEqual(result.errors[0][0].id(), runner.NOT_IN_TEST)

    def test_trialSuite(self) -> None:
        """The reactor is shut down when everything has run."""
        reactor = MemoryReactor()
        self.patch(_suites, "reactorIfInstalled", lambda: reactor)
        ran(runner.TrialSuite([_Case("one")]))
        self.assertTrue(reactor.hasRun)
        self.assertTrue(reactor.hasStopped)

    def test_trialSuiteWithoutReactor(self) -> None:
        self.patch(_suites, "reactorIfInstalled", lambda: None)
        self.assertEqual(outcome(ran(runner.TrialSuite([_Case("one")]))), {"successes": 1})

    def test_trialSuiteLeftovers(self) -> None:
        """What no single test is to blame for is told of too."""
        reactor = LoopedReactor()
        self.patch(_suites, "_shutDown", lambda reactor: None)
        self.patch(_cleanup, "reactorIfInstalled", lambda: reactor)

        class Case(unittest.SynchronousTestCase):
            def test(self) -> None:
                reactor.callLater(10, print)

        result = ran(runner.TrialSuite([Case("test")]))
        self.assertEqual([test.id() for test, _ in result.errors], [runner.NOT_IN_TEST])


class HolderTests(unittest.SynchronousTestCase):
    """What stands in the place of a test."""

    def test_holder(self) -> None:
        holder = runner.TestHolder("name")
        self.assertTrue(verifyObject(itrial.ITestCase, holder))
        self.assertEqual((holder.id(), holder.shortDescription()), ("name", "name"))
        self.assertEqual(outcome(ran(holder)), {"successes": 1})
        self.assertIn("name", repr(holder))

    def test_error(self) -> None:
        failure = Failure(ValueError("x"))
        holder = runner.ErrorHolder("name", failure)
        result = ran(holder)
        self.assertEqual(result.errors, [(holder, failure)])
        self.assertIn("name", repr(holder))

    def test_excInfo(self) -> None:
        error = ValueError("x")
        result = ran(runner.ErrorHolder("name", (ValueError, error, None)))
        self.assertIs(result.errors[0][1].value, error)

    def test_call(self) -> None:
        result = TestResult()
        runner.ErrorHolder("name", Failure(ValueError("x")))(result)
        self.assertEqual(outcome(result), {"errors": 1})


class DecorateTests(unittest.SynchronousTestCase):
    """`decorate` and `TestDecorator`."""

    def test_case(self) -> None:
        case = _Case("two")
        decorated = unittest.decorate(case, unittest.TestDecorator)
        self.assertEqual(decorated.id(), case.id())
        self.assertEqual(decorated.countTestCases(), 1)
        result = ran(decorated)
        self.assertEqual(outcome(result), {"failures": 1})
        self.assertIs(result.failures[0][0], decorated)

    def test_suite(self) -> None:
        suite = _suite()
        names: list[str] = []

        class Noting(unittest.TestDecorator):
            def run(self, result: Any) -> Any:
                names.append(self.id().split(".")[-1])
                return super().run(result)

        self.assertIs(unittest.decorate(suite, Noting), suite)
        self.assertEqual(outcome(ran(suite)), {"successes": 1, "failures": 1})
        self.assertEqual(names, ["one", "two"])

    def test_everyOutcome(self) -> None:
        """The reporter sees the decorator in the place of the test."""

        class Case(unittest.SynchronousTestCase):
            def error(self) -> None:
                raise ValueError

            def expected(self) -> None:
                raise ValueError

            expected.todo = "later"  # type: ignore[attr-defined]  # how tests are marked

            def unexpected(self) -> None:
                pass

            unexpected.todo = "later"  # type: ignore[attr-defined]

        result = TestResult()
        for name in ("error", "expected", "unexpected"):
            unittest.TestDecorator(Case(name)).run(result)
        entries = (*result.errors, *result.expectedFailures, *result.unexpectedSuccesses)
        for test, *_ in entries:
            self.assertIsInstance(test, unittest.TestDecorator)
        self.assertEqual(len(entries), 3)

    def test_forcedCollection(self) -> None:
        """A Deferred's unhandled error is that of the test, even in a cycle."""

        class Case(unittest.SynchronousTestCase):
            def test(self) -> None:
                cycle: list[Any] = [fail(ValueError("in a cycle"))]
                cycle.append(cycle)

        gc.disable()
        self.addCleanup(gc.enable)
        suite = runner.TrialSuite([Case("test")], forceGarbageCollection=True)
        self.patch(_suites, "reactorIfInstalled", lambda: None)
        result = ran(suite)
        self.assertEqual([failure.type for _, failure in result.errors], [ValueError])
        self.assertIn("Case.test", result.errors[0][0].id())
