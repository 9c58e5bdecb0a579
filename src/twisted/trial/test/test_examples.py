"""The listing of the documentation on tests, run."""

from __future__ import annotations

import os
import shutil

import twisted
from twisted.trial.test.commands import CommandCase
from twisted.trial.unittest import SkipTest

EXAMPLES = os.path.join(
    os.path.dirname(twisted.__file__), "..", "..", "docs", "examples", "ch05_trial"
)


class ExampleTests(CommandCase):
    """`docs/examples/ch05_trial`."""

    def setUp(self) -> None:
        super().setUp()
        if not os.path.isdir(EXAMPLES):
            raise SkipTest("the examples are not installed with the package")
        shutil.copy(os.path.join(EXAMPLES, "test_warning.py"), self.folder)

    def test_warnings(self) -> None:
        """What is flushed is not told of; what is not comes once, after the test."""
        done = self.command("--reporter=bwverbose", "test_warning.py")
        self.assertEqual(self.last(done), "PASSED (successes=2)")
        self.assertNotIn("foo is bad", done[1])
        self.assertEqual(done[1].count("UserWarning: bar is bad"), 1)
        self.assertLess(done[1].index("test_notFlushed ... [OK]"), done[1].index("bar is bad"))

    def test_warningsAsErrors(self) -> None:
        """Where warnings are errors, one that is not flushed fails its test, after its end."""
        done = self.command("test_warning.py", python=("-W", "error::UserWarning"))
        self.assertEqual(self.last(done, status=1), "FAILED (errors=1, successes=1)")
        self.assertIn("[ERROR]\n", done[1])
        self.assertIn("bar is bad\n\ntest_warning.WarningTests.test_notFlushed\n", done[1])

    def test_outsideOfTests(self) -> None:
        """In the body of a module it raises."""
        self.write("test_body.py", "import warnings\nwarnings.warn('in the body')\n")
        done = self.command("test_body", python=("-W", "error::UserWarning"))
        self.assertEqual(self.last(done, status=1), "FAILED (errors=1)")
        self.assertIn("UserWarning: in the body", done[1])
