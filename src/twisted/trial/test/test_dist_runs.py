"""Runs in several processes, as a user makes them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import Any

from twisted.python import usage
from twisted.scripts.trial import Options
from twisted.trial._dist._runner import Team
from twisted.trial._dist._workers import Settings
from twisted.trial.reporter import TestResult
from twisted.trial.test.commands import CommandCase
from twisted.trial.unittest import SynchronousTestCase

EVERYTHING = """
    import os, unittest as standard, warnings
    from twisted.python import log
    from twisted.trial import unittest

    class First(unittest.TestCase):
        def test_failure(self):
            self.fail("this")
        def test_error(self):
            1 / 0
        def test_logged(self):
            log.err(ValueError("logged"))
        def test_skip(self):
            pass
        test_skip.skip = "why"
        def test_success(self):
            pass
        def test_todo(self):
            self.fail("x")
        test_todo.todo = "later"
        def test_unexpected(self):
            pass
        test_unexpected.todo = "later"
        def test_warning(self):
            warnings.warn("careful")

    class Second(standard.TestCase):
        def test_parts(self):
            for number in range(3):
                with self.subTest(number=number):
                    self.assertEqual(number, 1)

    class Unready(standard.TestCase):
        @classmethod
        def setUpClass(cls):
            raise ValueError("broken fixture")
        def test_one(self):
            pass
        def test_two(self):
            pass
        def test_three(self):
            pass
"""


class RunTests(CommandCase):
    """``trial --jobs``."""

    def test_sameReport(self) -> None:
        """The report is that of a run in one process, in the same order."""
        self.write("test_everything.py", EVERYTHING)
        words = ("--reporter", "bwverbose", "test_everything")
        reports = []
        for more in ((), ("-j2",), ("--jobs", "3")):
            status, text = self.command(*more, *words)
            self.assertEqual(status, 1)
            reports.append(re.sub(r"in [\d.]+s", "in SECONDS", text))
        self.assertIn("Ran 9 tests in SECONDS", reports[0])
        self.assertEqual(reports[1], reports[0])
        self.assertEqual(reports[2], reports[0])

    def test_death(self) -> None:
        """A worker that dies costs one test, which is told with how it died and what it said."""
        self.write(
            "test_death.py",
            """
            import os, signal, sys
            from twisted.trial import unittest

            class Cases(unittest.TestCase):
                def test_a(self):
                    print("words of another test")
                def test_b(self):
                    print("last words", file=sys.stderr)
                    os.kill(os.getpid(), signal.SIGKILL)
                def test_c(self):
                    pass
                def test_d(self):
                    os.kill(os.getpid(), signal.SIGSEGV)
                def test_e(self):
                    pass
            """,
        )
        status, text = self.command("-j1", "--reporter", "bwverbose", "test_death")
        self.assertEqual(status, 1)
        self.assertIn("FAILED (errors=2, successes=3)", text)
        self.assertIn("test_b ... [ERROR]\ntest_death.Cases.test_c ... [OK]", text)
        self.assertIn("it was ended by signal 9 (SIGKILL)", text)
        self.assertIn("last words", text)
        self.assertNotIn("words of another test", text)
        # What Python has to say of a crash.
        self.assertIn("it was ended by signal 11 (SIGSEGV)", text)
        self.assertIn("in test_d", text)

    def test_seconds(self) -> None:
        """Reporters tell how long a test took where it ran."""
        self.write(
            "test_slow.py",
            """
            import time, unittest

            class Cases(unittest.TestCase):
                def test(self):
                    time.sleep(0.1)
            """,
        )
        _, text = self.command("-j1", "--reporter", "timing", "--junit", "x.xml", "test_slow")
        self.assertRegex(text, r"\(0\.[1-9]\d* secs\)")
        self.assertRegex(self.read("x.xml"), r'name="test" time="0\.[1-9]')

    def test_escape(self) -> None:
        """What comes out of a test past everything is the end of that worker, threads or not."""
        self.write(
            "test_escape.py",
            """
            import threading, time, unittest

            class Cases(unittest.TestCase):
                def test_a(self):
                    threading.Thread(target=time.sleep, args=(1000,)).start()
                    raise KeyboardInterrupt("away")
                def test_b(self):
                    pass
            """,
        )
        status, text = self.command("-j1", "--reporter", "text", "test_escape")
        self.assertEqual(status, 1)
        self.assertIn("FAILED (errors=1, successes=1)", text)
        self.assertIn("it ended with exit status 1", text)
        self.assertIn("KeyboardInterrupt: away", text)

    def test_folders(self) -> None:
        """Each worker has a folder, in which its tests run, with its log and its output."""
        self.write(
            "test_folders.py",
            """
            import os
            from twisted.python import log
            from twisted.trial import unittest

            class Cases(unittest.TestCase):
                def test_folder(self):
                    print("printed", os.path.basename(os.getcwd()))
                    log.msg("logged here")
            """,
        )
        self.last(self.command("-j1", "test_folders"))
        self.assertEqual(self.read("_trial_temp", "0", "out.log"), "printed 0\n")
        self.assertIn("logged here", self.read("_trial_temp", "0", "test.log"))

    def test_fixtures(self) -> None:
        """Fixtures of classes and modules run once in each worker, around its tests."""
        self.write(
            "test_fixtures.py",
            """
            import unittest

            def setUpModule():
                print("module up")
            def tearDownModule():
                print("module down")

            class Cases(unittest.TestCase):
                @classmethod
                def setUpClass(cls):
                    print("class up")
                @classmethod
                def tearDownClass(cls):
                    print("class down")
                def test_a(self):
                    print("a")
                def test_b(self):
                    print("b")
            """,
        )
        self.last(self.command("-j1", "test_fixtures"))
        self.assertEqual(
            self.read("_trial_temp", "0", "out.log").splitlines(),
            ["module up", "class up", "a", "b", "class down", "module down"],
        )

    def test_noModule(self) -> None:
        """A module that cannot be imported is an error, as in one process."""
        self.write("test_broken.py", "import nothing_of_this_name\n")
        status, text = self.command("-j2", "test_broken")
        self.assertEqual(status, 1)
        self.assertIn("No module named 'nothing_of_this_name'", text)
        self.assertIn("errors=1", text)

    def test_deathWhileLoading(self) -> None:
        """If no worker can load the tests, that is the error."""
        self.write("test_fatal.py", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n")
        status, text = self.command("-j2", "test_fatal")
        self.assertEqual(status, 1)
        self.assertIn("Worker 0 died: it was ended by signal 9", text)

    def test_exitFirst(self) -> None:
        """Nothing is told after the first failure."""
        self.write("test_everything.py", EVERYTHING)
        status, text = self.command("-j2", "--exitfirst", "--reporter", "text", "test_everything")
        self.assertEqual(status, 1)
        self.assertIn("Ran 1 test in", text)

    def test_untilFailure(self) -> None:
        """Passes go on in the same workers until something fails."""
        self.write(
            "test_passes.py",
            """
            from twisted.trial import unittest

            class Cases(unittest.TestCase):
                passes = []
                def test_third(self):
                    self.passes.append(None)
                    self.assertLess(len(self.passes), 3)
            """,
        )
        status, text = self.command("-j1", "--until-failure", "test_passes")
        self.assertEqual(status, 1)
        self.assertIn("Test Pass 3", text)
        self.assertNotIn("Test Pass 4", text)

    def test_random(self) -> None:
        """A random order is the same as in one process, and its seed is told."""
        self.write("test_everything.py", EVERYTHING)
        words = ("--random", "7", "--reporter", "bwverbose", "test_everything")
        outcomes = []
        for more in ((), ("-j2",)):
            _, text = self.command(*more, *words)
            self.assertIn("Running tests shuffled with seed 7", text)
            outcomes.append(re.findall(r"^test_everything\S+ \.\.\.", text, re.M))
        self.assertEqual(outcomes[0], outcomes[1])

    def test_excluded(self) -> None:
        """What cannot be is refused, with the reason."""
        for words, reason in (
            (["--debug"], "a debugger needs the terminal"),
            (["--debug", "--nopm"], "a debugger needs the terminal"),
            (["--profile"], "it measures one process"),
            (["--coverage"], "it measures one process"),
            (["--logfile", "-"], "each process has a log of its own"),
        ):
            error = self.assertRaises(
                usage.UsageError, Options().parseOptions, ["-j2", *words, "x"]
            )
            self.assertIn(reason, str(error))
        for bad in ("0", "-1", "x", ""):
            error = self.assertRaises(
                usage.UsageError, Options().parseOptions, ["--jobs", bad, "x"]
            )
            self.assertIn("--jobs needs a number of processes", str(error))


class _Dismissed:
    """In the place of a worker."""

    number = 1
    dismissed = killed = told = False

    def kill(self) -> None:
        self.killed = True

    def tell(self) -> None:
        self.told = True


class TeamTests(SynchronousTestCase):
    """What workers say that tests have nothing to do with."""

    def test_differentTests(self) -> None:
        """A worker that has found other tests than the first gets none, which is told."""
        team: Any = Team(2, Settings([], None, "", ""))
        first, second = _Dismissed(), _Dismissed()
        team.loaded(first, 1, "digest")
        team.loaded(second, 2, "other digest")
        self.assertEqual((first.told, first.killed), (True, False))
        self.assertEqual((second.dismissed, second.killed), (True, True))
        result = TestResult()
        team.blame(result)
        [(test, failure)] = result.errors
        self.assertEqual(test.id(), "<not in test>")
        self.assertIn("are not those of another worker", failure.getErrorMessage())


class InterruptTests(CommandCase):
    """Ctrl-C."""

    def interrupted(self, times: int) -> str:
        """What a run has told that was interrupted so many times in its first test."""
        self.write(
            "test_long.py",
            """
            import os
            from twisted.trial import unittest

            class Cases(unittest.TestCase):
                def test_a(self):
                    with open(os.environ["BEGUN"], "w") as begun:
                        begun.write("x")
                    with open(os.environ["GO_ON"]) as goOn:
                        goOn.read()
                def test_b(self):
                    pass
            """,
        )
        begun, goOn = (os.path.join(self.folder, name) for name in ("begun", "go-on"))
        os.mkfifo(begun)
        os.mkfifo(goOn)
        # If the tests run in the background of a script, interrupts are ignored there.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            program = subprocess.Popen(
                [sys.executable, "-m", "twisted.trial", "-j1", "--reporter", "text", "test_long"],
                cwd=self.folder,
                env=self.environment(BEGUN=begun, GO_ON=goOn),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        finally:
            signal.signal(signal.SIGINT, before)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        with open(begun, encoding="ascii") as file:
            file.read()
        assert program.stderr is not None and program.stdout is not None
        for number in range(times):
            program.send_signal(signal.SIGINT)
            if number == 0:
                # Until it has said that it has heard.
                program.stderr.readline()
                program.stderr.readline()
        if times == 1:
            with open(goOn, "w", encoding="ascii"):
                pass
        text = program.stdout.read().decode()
        self.assertEqual(program.wait(), 1)
        return text

    def test_once(self) -> None:
        """Once, and the tests that run are the last."""
        text = self.interrupted(1)
        self.assertIn("Ctrl-C, after 1 of 2 tests", text)
        self.assertIn("FAILED (errors=1, successes=1)", text)

    def test_twice(self) -> None:
        """Twice, and they end now."""
        text = self.interrupted(2)
        self.assertIn("it was ended by signal 9 (SIGKILL)", text)
        self.assertIn("Ctrl-C, after 1 of 2 tests", text)


if sys.platform == "win32":
    RunTests.skip = InterruptTests.skip = "processes need POSIX"
