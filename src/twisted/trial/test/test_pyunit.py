"""Test cases of trial and of the standard library together."""

from __future__ import annotations

import inspect
import os
import unittest as pyunit
from typing import Any

from zope.interface.verify import verifyObject

from twisted.python import log
from twisted.python.failure import Failure
from twisted.trial import itrial, unittest
from twisted.trial.reporter import TestResult
from twisted.trial.test.running import caseOf, outcome


class PyUnitTests(unittest.SynchronousTestCase):
    """Test cases of trial with results of the standard library, and the reverse."""

    def standardResult(self, case: Any) -> pyunit.TestResult:
        result = pyunit.TestResult()
        case.run(result)
        return result

    def test_success(self) -> None:
        result = self.standardResult(caseOf(lambda self: None))
        self.assertEqual((result.testsRun, result.wasSuccessful()), (1, True))

    def test_failure(self) -> None:
        result = self.standardResult(caseOf(lambda self: self.fail("x")))
        self.assertEqual(len(result.failures), 1)
        self.assertIn("FailTest: x", result.failures[0][1])

    def test_error(self) -> None:
        """The traceback is whole."""
        result = self.standardResult(caseOf(lambda self: int("x")))
        self.assertIn(os.path.basename(__file__), result.errors[0][1])
        self.assertIn("ValueError: invalid literal", result.errors[0][1])

    def test_skip(self) -> None:
        result = self.standardResult(caseOf(lambda self: None, skip="why"))
        self.assertEqual(result.skipped[0][1], "why")

    def test_todo(self) -> None:
        result = self.standardResult(caseOf(lambda self: self.fail(), todo="later"))
        self.assertEqual(len(result.expectedFailures), 1)
        result = self.standardResult(caseOf(lambda self: None, todo="later"))
        self.assertEqual(len(result.unexpectedSuccesses), 1)

    def test_loggedError(self) -> None:
        result = self.standardResult(caseOf(lambda self: log.err(ValueError("logged"))))
        self.assertIn("ValueError: logged", result.errors[0][1])

    def test_nowhere(self) -> None:
        """What was raised on no line is shown on the first one of the test."""
        line = inspect.currentframe().f_lineno + 1  # type: ignore[union-attr]  # there is one
        case = caseOf(lambda self: log.err(Failure(ValueError("logged"))))
        self.assertIn(f'{__file__}", line {line}, in ', self.standardResult(case).errors[0][1])

    def test_adapter(self) -> None:
        original = pyunit.TestResult()
        adapter = unittest.PyUnitResultAdapter(original)
        self.assertTrue(verifyObject(itrial.IReporter, adapter))
        adapter.stop()
        self.assertTrue(adapter.shouldStop)
        self.assertTrue(original.shouldStop)
        self.assertTrue(adapter.wasSuccessful())

    def test_defaultResult(self) -> None:
        result = caseOf(lambda self: None).run()
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
