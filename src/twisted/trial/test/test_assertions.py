"""The assertions of test cases."""

from __future__ import annotations

import unittest as pyunit
import warnings
from collections.abc import Callable
from typing import Any

from twisted.trial import unittest


class _Case(unittest.SynchronousTestCase):
    def runTest(self) -> None:
        pass


class _AssertionCase(pyunit.TestCase):
    """Made with the standard library's assertions, which do not depend on ours."""

    def setUp(self) -> None:
        self.case = _Case()

    def failing(self, assertion: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
        with self.assertRaises(unittest.FailTest) as caught:
            assertion(*args, **kwargs)
        return str(caught.exception)


class AssertionTests(_AssertionCase):
    """The assertions that compare."""

    def test_failIsAnAssertionError(self) -> None:
        self.assertTrue(issubclass(unittest.FailTest, AssertionError))
        self.assertEqual(self.failing(self.case.fail, "because"), "because")

    def test_equal(self) -> None:
        value = [1]
        self.assertIs(self.case.assertEqual(value, [1]), value)
        self.assertIn("[1] != [2]", self.failing(self.case.assertEqual, [1], [2]))
        self.assertIn("why", self.failing(self.case.assertEqual, 1, 2, "why"))

    def test_notEqual(self) -> None:
        self.assertEqual(self.case.assertNotEqual(1, 2), 1)
        self.assertEqual(self.failing(self.case.assertNotEqual, 1, 1), "1 == 1")

    def test_notEqualAsksForInequality(self) -> None:
        class Odd:
            def __eq__(self, other: object) -> bool:
                return True

            def __ne__(self, other: object) -> bool:
                return True

            __hash__ = None  # type: ignore[assignment]  # how Python marks what has no hash

        self.case.assertNotEqual(Odd(), Odd())

    def test_truth(self) -> None:
        self.assertEqual(self.case.assertTrue([0]), [0])
        self.assertEqual(self.case.assertFalse([]), [])
        self.failing(self.case.assertTrue, [])
        self.failing(self.case.assertFalse, [0])

    def test_identity(self) -> None:
        one, other = [1], [1]
        self.assertIs(self.case.assertIs(one, one), one)
        self.assertIs(self.case.assertIsNot(one, other), one)
        self.assertEqual(self.failing(self.case.assertIs, one, other), "[1] is not [1]")
        self.assertEqual(self.failing(self.case.assertIsNot, one, one), "[1] is [1]")

    def test_containment(self) -> None:
        self.assertEqual(self.case.assertIn(1, [1]), 1)
        self.assertEqual(self.case.assertNotIn(2, [1]), 2)
        self.failing(self.case.assertIn, 2, [1])
        self.failing(self.case.assertNotIn, 1, [1])
        self.assertEqual(self.case.assertSubstring("b", "abc"), "b")
        self.failing(self.case.assertSubstring, "x", "abc")
        self.failing(self.case.assertNotSubstring, "b", "abc")

    def test_closeness(self) -> None:
        self.assertEqual(self.case.assertAlmostEqual(1.00000001, 1), 1.00000001)
        self.failing(self.case.assertAlmostEqual, 1.1, 1)
        self.case.assertAlmostEqual(1.1, 1, delta=0.2)
        self.assertEqual(self.case.assertNotAlmostEqual(1.1, 1), 1.1)
        self.failing(self.case.assertNotAlmostEqual, 1.1, 1, delta=0.2)
        self.assertEqual(self.case.assertApproximates(5, 7, 2), 5)
        self.assertEqual(
            self.failing(self.case.assertApproximates, 5, 8, 2), "5 ~== 8 (tolerance 2)"
        )

    def test_instances(self) -> None:
        self.case.assertIsInstance(1, (str, int))
        self.case.assertNotIsInstance(1, str)
        self.assertEqual(
            self.failing(self.case.assertIsInstance, 1, (str, bytes), "odd"),
            "1 is not an instance of (str, bytes): odd",
        )
        self.assertEqual(
            self.failing(self.case.assertNotIsInstance, 1, int), "1 is an instance of int"
        )

    def test_secondSpellings(self) -> None:
        case = self.case
        for old, new in (
            (case.failUnlessEqual, case.assertEqual),
            (case.assertEquals, case.assertEqual),
            (case.assertNotEquals, case.assertNotEqual),
            (case.failIfEqual, case.assertNotEqual),
            (case.failUnless, case.assertTrue),
            (case.assert_, case.assertTrue),
            (case.failIf, case.assertFalse),
            (case.assertIdentical, case.assertIs),
            (case.failUnlessIdentical, case.assertIs),
            (case.assertNotIdentical, case.assertIsNot),
            (case.failUnlessIn, case.assertIn),
            (case.failIfIn, case.assertNotIn),
            (case.failUnlessRaises, case.assertRaises),
            (case.failUnlessSubstring, case.assertSubstring),
            (case.failIfSubstring, case.assertNotSubstring),
            (case.failUnlessApproximates, case.assertApproximates),
            (case.failUnlessIsInstance, case.assertIsInstance),
            (case.failUnlessWarns, case.assertWarns),
        ):
            self.assertEqual(old, new)


class RaisesTests(_AssertionCase):
    """`assertRaises`."""

    def test_returnsTheException(self) -> None:
        error = self.case.assertRaises(ValueError, int, "x")
        self.assertIsInstance(error, ValueError)

    def test_oneOfSeveral(self) -> None:
        error = self.case.assertRaises((KeyError, ValueError), int, "x")
        self.assertIsInstance(error, ValueError)

    def test_nothingRaised(self) -> None:
        self.assertEqual(
            self.failing(self.case.assertRaises, ValueError, int, "1"),
            "ValueError not raised (1 returned)",
        )

    def test_another(self) -> None:
        """The failure shows where the other exception was raised, once."""

        def blunder() -> None:
            raise KeyError("k")

        with self.assertRaises(unittest.FailTest) as caught:
            self.case.assertRaises((ValueError, OSError), blunder)
        text = str(caught.exception)
        self.assertTrue(text.startswith("KeyError raised instead of (ValueError, OSError):"), text)
        self.assertIn("in blunder", text)
        self.assertTrue(caught.exception.__suppress_context__)

    def test_skipPasses(self) -> None:
        """A test that skips inside is skipped."""

        def skip() -> None:
            raise unittest.SkipTest("not here")

        with self.assertRaises(unittest.SkipTest):
            self.case.assertRaises(ValueError, skip)

    def test_interruptPasses(self) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            self.case.assertRaises(ValueError, interrupt)

    def test_failTestCanBeExpected(self) -> None:
        error = self.case.assertRaises(unittest.FailTest, self.case.fail, "x")
        self.assertEqual(str(error), "x")

    def test_contextManager(self) -> None:
        with self.case.assertRaises(ValueError) as raised:
            int("x")
        self.assertIsInstance(raised.exception, ValueError)

    def test_contextManagerNothingRaised(self) -> None:
        with self.assertRaises(unittest.FailTest) as caught, self.case.assertRaises(ValueError):
            pass
        self.assertEqual(str(caught.exception), "ValueError not raised")

    def test_contextManagerAnother(self) -> None:
        with self.assertRaises(unittest.FailTest), self.case.assertRaises(ValueError):
            raise KeyError("k")

    def test_contextManagerTooEarly(self) -> None:
        with self.case.assertRaises(ValueError) as raised:
            with self.assertRaises(AttributeError):
                _ = raised.exception
            int("x")


class WarnsTests(_AssertionCase):
    """`assertWarns`."""

    def warn(self, text: str = "foo is bad", category: type[Warning] = DeprecationWarning) -> int:
        warnings.warn(text, category, stacklevel=1)
        return 3

    def test_result(self) -> None:
        self.assertEqual(
            self.case.assertWarns(DeprecationWarning, "foo is bad", __file__, self.warn), 3
        )

    def test_arguments(self) -> None:
        self.case.assertWarns(UserWarning, "other", __file__, self.warn, "other", UserWarning)

    def test_none(self) -> None:
        text = self.failing(self.case.assertWarns, UserWarning, "x", __file__, int)
        self.assertEqual(text, "No warnings emitted")

    def test_wrongText(self) -> None:
        self.failing(self.case.assertWarns, DeprecationWarning, "bar", __file__, self.warn)

    def test_wrongCategory(self) -> None:
        self.failing(self.case.assertWarns, UserWarning, "foo is bad", __file__, self.warn)

    def test_wrongFile(self) -> None:
        self.failing(self.case.assertWarns, DeprecationWarning, "foo is bad", "x.py", self.warn)

    def test_repeated(self) -> None:
        """The same warning several times is one; different ones are a failure."""

        def twice(second: str) -> None:
            self.warn()
            self.warn(second)

        self.case.assertWarns(DeprecationWarning, "foo is bad", __file__, twice, "foo is bad")
        text = self.failing(
            self.case.assertWarns, DeprecationWarning, "foo is bad", __file__, twice, "else"
        )
        self.assertIn("DeprecationWarning: else", text)

    def test_standardForm(self) -> None:
        with self.case.assertWarns(DeprecationWarning):
            self.warn()
