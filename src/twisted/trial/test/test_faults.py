"""Tests and modules that are wrong: each ends with a word about what is, and the others run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from twisted.trial.test.commands import CommandCase

HEAD = """
    import os, signal, sys
    from twisted.internet import defer, reactor, task
    from twisted.trial import unittest
    class Tests(unittest.TestCase):
        def test_zLast(self):
            pass
"""


class FaultTests(CommandCase):
    """Whole runs."""

    def ran(self, body: str, *words: str, status: int = 1) -> str:
        """What a run of a class with these tests, and a good one, wrote."""
        self.write("test_it.py", HEAD + body)
        done = self.command("--reporter=bwverbose", *words, "test_it")
        self.assertEqual(done[0], status, done[1])
        return done[1]

    def test_brokenModules(self) -> None:
        """Modules that cannot be imported, in a package too, are errors; the others are tested."""
        self.write("package/__init__.py", "")
        self.write("package/test_missing.py", "import no_such_module")
        self.write("package/test_syntax.py", "def")
        self.write("package/test_exits.py", "raise SystemExit")
        self.write("package/test_good.py", HEAD)
        done = self.command("package")
        self.assertEqual(self.last(done, status=1), "FAILED (errors=3, successes=1)")
        self.assertIn("No module named 'no_such_module'", done[1])
        self.assertIn("SyntaxError", done[1])
        self.assertIn("package.test_exits", done[1])

    def test_missingNames(self) -> None:
        """Names that mean nothing are errors, each with its name."""
        self.write("test_it.py", HEAD)
        names = ["no_such_module", "test_it.Nobody", "test_it.Tests.test_not", "gone.py", "os.path"]
        done = self.command(*names, "test_it.Tests.test_zLast")
        self.assertEqual(self.last(done, status=1), "FAILED (errors=4, successes=1)")
        for name in names[:-1]:
            self.assertIn(f"\n{name}\n", done[1])

    def test_twoOfOneName(self) -> None:
        """Of two tests with one name Python keeps the second: a warning says so."""
        output = self.ran(
            """
        def test_same(self):
            self.fail()
        def test_same(self):
            pass
    class Twice(unittest.TestCase):
        def test_a(self): ...
    class Twice(unittest.TestCase):
        def test_a(self): ...
    class Twice(Twice):
        def test_b(self): ...
    if reactor:
        class Other(unittest.TestCase):
            def test_a(self): ...
    else:
        class Other(unittest.TestCase):
            def test_a(self): ...
            """,
            status=0,
        )
        self.assertIn("test_it.py:9: BrokenTestCaseWarning: Tests.test_same is defined", output)
        self.assertIn("again on line 11, and so never runs", output)
        self.assertIn("test_it.py:13: BrokenTestCaseWarning: Twice is defined again", output)
        self.assertEqual(output.count("BrokenTestCaseWarning:"), 2, output)

    def test_twiceOnTheCommandLine(self) -> None:
        self.write("test_it.py", HEAD)
        done = self.command("test_it", "test_it.py", "test_it")
        self.assertEqual(self.last(done), "PASSED (successes=1)")

    def test_stopsTheReactor(self) -> None:
        """Whether it waits meanwhile or not."""
        output = self.ran("""
        def test_now(self):
            reactor.stop()
        def test_later(self):
            reactor.callLater(0, reactor.stop)
            return defer.Deferred()
        """)
        self.assertIn("FAILED (errors=2, successes=1)", output)
        self.assertIn("ReactorNotRunning", output)
        self.assertIn("the reactor was stopped while the test waited", output)

    def test_exits(self) -> None:
        """`os._exit` fails the test that calls it; in a child it does what it is for."""
        output = self.ran("""
        def test_exit(self):
            os._exit(0)
        def test_child(self):
            pid = os.fork()
            if not pid:
                os._exit(7)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 7)
        def test_sys(self):
            sys.exit(0)
        """)
        self.assertIn("FAILED (errors=2, successes=2)", output)
        self.assertIn("os._exit(0) would have ended the run", output)
        self.assertIn("in test_exit", output)

    def test_crashes(self) -> None:
        """Of a test that crashes Python itself, there is the name."""
        output = self.ran(
            """
        def test_crash(self):
            os.kill(os.getpid(), signal.SIGSEGV)
            """,
            status=-signal.SIGSEGV,
        )
        self.assertIn("Segmentation fault", output)
        self.assertIn("in test_crash", output)

    def test_neverFires(self) -> None:
        output = self.ran("""
        timeout = 0.05
        def test_never(self):
            return defer.Deferred()
        async def test_neither(self):
            await defer.Deferred()
        """)
        self.assertIn("FAILED (errors=2, successes=1)", output)
        self.assertIn("test_it.Tests.test_never (test_never) still running at 0.05 secs", output)

    def test_failsTwice(self) -> None:
        """A `tearDown` that fails after a failing test is reported as well."""
        output = self.ran("""
        def test_it(self):
            self.addCleanup(lambda: {}["cleanup"])
            self.fail("first")
        def tearDown(self):
            raise ValueError("second")
        """)
        self.assertIn("FAILED (failures=1, errors=3)", output)
        for text in ("first", "ValueError: second", "KeyError: 'cleanup'"):
            self.assertIn(text, output)

    def test_notWritable(self) -> None:
        """A folder that cannot be made is one sentence."""
        self.write("file", "")
        self.write("test_it.py", HEAD)
        for folder in ("file/temp", "/proc/1/temp"):
            status, output = self.command("--temp-directory", folder, "test_it")
            self.assertEqual((status, len(output.splitlines())), (1, 1), output)
            self.assertIn(f"the folder {folder!r}", output)
            self.assertIn("--temp-directory", output)

    def test_logNotWritable(self) -> None:
        self.write("file", "")
        self.write("test_it.py", HEAD)
        status, output = self.command("--logfile", os.path.join(self.folder, "file/log"), "test_it")
        self.assertEqual((status, len(output.splitlines())), (1, 1), output)
        self.assertIn("the log cannot be written", output)

    def test_nobodyReads(self) -> None:
        """Output into a pipe that is closed, as by `head`, ends the run without a word."""
        self.write("test_it.py", HEAD)
        for words in (("test_it",), ("--help-reporters",), ("-j1", "test_it")):
            ours, theirs = os.pipe()
            os.close(ours)
            with open(theirs, "wb") as nobody:
                finished = subprocess.run(
                    [sys.executable, "-m", "twisted.trial", *words],
                    cwd=self.folder,
                    env=self.environment(),
                    stdout=nobody,
                    stderr=subprocess.PIPE,
                    timeout=60,
                    check=False,
                )
            self.assertEqual((finished.returncode, finished.stderr), (1, b""), words)

    def test_afterTheLastPass(self) -> None:
        """What goes wrong when the reactor ends is shown, after the tests of the last pass."""
        self.write(
            "test_it.py",
            """
            from twisted.internet import reactor
            from twisted.trial import unittest
            class Tests(unittest.TestCase):
                def test_it(self):
                    reactor.addSystemEventTrigger("after", "shutdown", self.asItEnds)
                    self.fail()
                def asItEnds(self):
                    raise RuntimeError("at the end")
            """,
        )
        status, output = self.command("--until-failure", "test_it")
        self.assertEqual(status, 1)
        self.assertIn("RuntimeError: at the end", output)
        self.assertIn("FAILED (failures=1, errors=1)", output.splitlines()[-1])


class InterruptTests(CommandCase):
    """Ctrl-C."""

    def interrupted(self, body: str, presses: int) -> tuple[int, str]:
        """Run tests of which one writes "now", and then press Ctrl-C."""
        self.write("test_it.py", HEAD + body)
        child = subprocess.Popen(
            [sys.executable, "-m", "twisted.trial", "--reporter=bwverbose", "test_it"],
            cwd=self.folder,
            env=self.environment(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert child.stdout is not None
        with child, child.stdout:
            self.addCleanup(child.kill)
            heard = self.until(child, b"now\n")
            child.send_signal(signal.SIGINT)
            heard += self.until(child, b"end the test now.\n")
            self.write("heard", "")
            for _ in range(presses - 1):
                child.send_signal(signal.SIGINT)
            heard += child.stdout.read()
        return child.returncode, heard.decode()

    def until(self, child: subprocess.Popen[bytes], words: bytes) -> bytes:
        assert child.stdout is not None
        heard = b""
        for line in child.stdout:
            heard += line
            if line.endswith(words):
                return heard
        raise AssertionError(f"it has ended: {heard!r}")

    def test_once(self) -> None:
        """The test goes on; none follows, and the report says so."""
        done = self.interrupted(
            """
        def test_it(self):
            print("now")
            # Until Ctrl-C has been heard.
            waiting = task.LoopingCall(lambda: os.path.exists("../heard") and waiting.stop())
            return waiting.start(0.01)
            """,
            1,
        )
        self.assertEqual(self.last(done, status=1), "FAILED (errors=1, successes=1)")
        self.assertIn("Ctrl-C, after 1 of 2 tests", done[1])
        self.assertNotIn("test_zLast", done[1])

    def test_twiceWaiting(self) -> None:
        """A test that waits is given up, and cleaned up."""
        done = self.interrupted(
            """
        def test_it(self):
            print("now")
            return defer.Deferred()
        def tearDown(self):
            print("cleaned")
            """,
            2,
        )
        self.assertEqual(self.last(done, status=1), "FAILED (errors=2)")
        self.assertIn("KeyboardInterrupt", done[1])
        self.assertIn("cleaned\n", done[1])

    def test_twiceBusy(self) -> None:
        """And so is one that computes."""
        done = self.interrupted(
            """
        def test_it(self):
            print("now")
            while True:
                pass
            """,
            2,
        )
        self.assertEqual(self.last(done, status=1), "FAILED (errors=2)")
        self.assertIn("KeyboardInterrupt", done[1])
        self.assertNotIn("test_zLast", done[1])
