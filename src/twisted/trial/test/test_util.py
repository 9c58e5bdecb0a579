"""`twisted.trial.util`, and what belongs together without being much."""

from __future__ import annotations

import os
import pstats

from twisted.python.failure import Failure
from twisted.trial import unittest, util


class AttributeTests(unittest.SynchronousTestCase):
    """`acquireAttribute`."""

    def setUp(self) -> None:
        self.first = Failure(ValueError("first"))
        self.second = unittest.Todo("second")

    def test_first(self) -> None:
        found = util.acquireAttribute([self.first, self.second, unittest.Todo("third")], "reason")
        self.assertEqual(found, "second")

    def test_default(self) -> None:
        self.assertEqual(util.acquireAttribute([self.first], "reason", None), None)

    def test_missing(self) -> None:
        error = self.assertRaises(AttributeError, util.acquireAttribute, [self.first], "reason")
        self.assertIn("'reason'", str(error))

    def test_none(self) -> None:
        """An attribute that is None is there."""
        self.second.errors = None
        self.assertIs(util.acquireAttribute([self.second], "errors", 3), None)


class FunctionTests(unittest.SynchronousTestCase):
    def test_excInfo(self) -> None:
        error = ValueError("x")
        self.assertEqual(util.excInfoOrFailureToExcInfo(Failure(error)), (ValueError, error, None))
        triple = (ValueError, error, None)
        self.assertIs(util.excInfoOrFailureToExcInfo(triple), triple)

    def test_suppress(self) -> None:
        self.assertEqual(
            util.suppress("error", category=UserWarning), (("error",), {"category": UserWarning})
        )

    def test_profiled(self) -> None:
        path = self.mktemp()
        measured = util.profiled(divmod, path)
        self.assertEqual(measured(7, 4), (1, 3))
        pstats.Stats(path)

    def test_profiledError(self) -> None:
        path = self.mktemp()
        self.assertRaises(ValueError, util.profiled(int, path), "x")
        self.assertTrue(os.path.exists(path))

    def test_timeout(self) -> None:
        self.assertEqual(util.DEFAULT_TIMEOUT_DURATION, 120.0)
