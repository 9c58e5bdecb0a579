"""Other people's tests under trial, and tests of trial under other people's runners."""

from __future__ import annotations

import importlib.util

from twisted.trial.test.commands import CommandCase
from twisted.trial.unittest import SkipTest

OURS = """
    from twisted.internet import defer, protocol, reactor, task
    from twisted.python import log
    from twisted.trial import unittest

    class Tests(unittest.TestCase):
        def test_sync(self):
            pass
        def test_deferred(self):
            return task.deferLater(reactor, 0, lambda: None)
        async def test_coroutine(self):
            await task.deferLater(reactor, 0, lambda: None)
        def test_fails(self):
            return task.deferLater(reactor, 0, self.assertEqual, "yes", "no")
        def test_unhandled(self):
            defer.fail(ValueError("nobody looks"))
        def test_logged(self):
            try:
                helper()
            except KeyError:
                log.err()
        def test_left(self):
            reactor.callLater(100, print)
        def test_hung(self):
            return defer.Deferred()
        test_hung.timeout = 0.02
        def test_parts(self):
            for number in (1, 2):
                with self.subTest(number=number):
                    self.assertEqual(number, 2)
        def test_todo(self):
            helper()
        test_todo.todo = "later"
        def test_skipped(self):
            raise unittest.SkipTest("not today")

    def helper():
        raise KeyError("told the log")
"""

THEIRS = """
    import asyncio, unittest

    def setUpModule():
        print("the module")

    class Tests(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.value = 3
        def test_good(self):
            self.assertEqual(self.value, 3)
        def test_bad(self):
            self.assertEqual(self.value, 4)
        def test_both(self):
            self.addCleanup(lambda: 1 / 0)
            self.fail("first")
        @unittest.skip("not today")
        def test_skipped(self):
            pass
        @unittest.expectedFailure
        def test_expected(self):
            self.fail()
        def test_parts(self):
            for number in (1, 2, 3):
                with self.subTest(number=number):
                    self.assertEqual(number, 2)

    class Asynchronous(unittest.IsolatedAsyncioTestCase):
        async def test_sleep(self):
            await asyncio.sleep(0)
        async def test_error(self):
            raise KeyError("in a coroutine")
"""


class OthersTests(CommandCase):
    """Plain `unittest.TestCase` classes under trial."""

    def test_everything(self) -> None:
        self.write("test_theirs.py", THEIRS)
        done = self.command("--reporter=bwverbose", "test_theirs")
        self.assertEqual(
            self.last(done, status=1),
            "FAILED (skips=1, expectedFailures=1, failures=4, errors=2, successes=2)",
        )
        for text in (
            "the module\n",
            "test_theirs.Tests.test_bad ... [FAILURE]",
            "test_theirs.Tests.test_parts (number=1)\n",
            "test_theirs.Tests.test_parts (number=3)\n",
            "AssertionError: 3 != 4",
            "AssertionError: first",
            "ZeroDivisionError: division by zero",
            "KeyError: 'in a coroutine'",
        ):
            self.assertIn(text, done[1])


class ElsewhereTests(CommandCase):
    """Trial's test cases under other runners: nothing that went wrong is lost, or cut short."""

    def setUp(self) -> None:
        super().setUp()
        self.path = self.write("test_ours.py", OURS)

    def assertTold(self, output: str) -> None:
        """All that is wrong is told of, with its place."""
        for text in (
            "'yes' != 'no'",
            "ValueError: nobody looks",
            "KeyError: 'told the log'",
            'raise KeyError("told the log")',
            "Reactor was unclean.",
            "in test_left: reactor.callLater(100, print)",
            "(test_hung) still running at 0.02 secs",
            "1 != 2",
        ):
            self.assertIn(text, output)

    def test_standard(self) -> None:
        """`python -m unittest`."""
        done = self.command("test_ours", module="unittest")
        self.assertEqual(
            self.last(done, status=1),
            "FAILED (failures=2, errors=4, skipped=1, expected failures=1)",
        )
        self.assertTold(done[1])
        self.assertIn("FAIL: test_parts (test_ours.Tests.test_parts) (number=1)", done[1])
        # What did not happen on any line happened in the test.
        self.assertRegex(done[1], r'test_ours.py", line \d+, in test_hung\n')

    def test_pytest(self) -> None:
        if importlib.util.find_spec("pytest") is None:
            raise SkipTest("pytest is not installed")
        done = self.command("-p", "twisted.trial._pytestplugin", "test_ours.py", module="pytest")
        self.assertIn("6 failed, 4 passed, 1 skipped, 1 xfailed", done[1].splitlines()[-1], done[1])
        self.assertEqual(done[0], 1)
        self.assertTold(done[1])
        self.assertIn("test_parts (number=1)", done[1])
        self.assertRegex(done[1], r"test_ours.py:\d+: TimeoutError")
        self.assertNotIn("Incompatible", done[1])

    def test_trial(self) -> None:
        """And so it does under its own."""
        done = self.command("test_ours")
        self.assertEqual(
            self.last(done, status=1),
            "FAILED (skips=1, expectedFailures=1, failures=2, errors=4, successes=3)",
        )
        self.assertTold(done[1])
