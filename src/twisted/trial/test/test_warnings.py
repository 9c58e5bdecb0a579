"""Warnings that are emitted in tests."""

from __future__ import annotations

import warnings
from typing import Any

from twisted.trial import unittest
from twisted.trial.reporter import TestResult
from twisted.trial.test.running import caseOf, outcome, ran


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

        _, shown = self.shown(caseOf(test))
        self.assertEqual(shown, [])
        first, second = flushed
        self.assertEqual(first["message"], "foo is bad")
        self.assertIs(first["category"], DeprecationWarning)
        self.assertEqual(first["filename"], __file__)
        self.assertEqual(second["category"], UserWarning)
        self.assertEqual(second["lineno"], first["lineno"] + 1)

    def test_unflushed(self) -> None:
        """They are shown when the test is over, and do not fail it."""
        result, shown = self.shown(caseOf(lambda self: warnings.warn("seen", stacklevel=1)))
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
            caseOf(lambda self: warnings.warn("x", stacklevel=1)).run(Result())
        self.assertEqual(happened, ["success", "warning"])

    def test_collectedWhateverTheFilters(self) -> None:
        """A test sees warnings that the process does not show."""

        def test(self: Any) -> None:
            warnings.warn("quiet", stacklevel=1)
            self.assertEqual(len(self.flushWarnings()), 1)
            warnings.warn("quiet again", stacklevel=1)

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore")
            result = ran(caseOf(test))
        self.assertEqual(outcome(result), {"successes": 1})
        self.assertEqual(caught, [])

    def test_repeated(self) -> None:
        """One place that warns in every test is heard in every test."""

        def test(self: Any) -> None:
            for _ in range(2):
                warnings.warn("again", stacklevel=1)
            self.assertEqual(len(self.flushWarnings()), 2)

        case = caseOf(test)
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
            result = ran(caseOf(test))
        self.assertEqual(reached, ["the end"])
        self.assertEqual(outcome(result), {"errors": 1})
        failure = result.errors[0][1]
        self.assertEqual(failure.type, UserWarning)
        self.assertEqual(failure.frames[-1][1:3], (__file__, test.__code__.co_firstlineno + 1))

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

        result = ran(caseOf(test))
        self.assertEqual(result.failures, [])
        self.assertEqual(outcome(result), {"successes": 1})

    def test_suppressed(self) -> None:
        """What matches `suppress` is neither shown nor collected."""

        def test(self: Any) -> None:
            warnings.warn("known", stacklevel=1)
            warnings.warn("new", stacklevel=1)
            self.assertEqual([each["message"] for each in self.flushWarnings()], ["new"])

        suppress = [(("ignore",), {"message": "known"})]
        self.assertEqual(outcome(ran(caseOf(test, suppress=suppress))), {"successes": 1})
