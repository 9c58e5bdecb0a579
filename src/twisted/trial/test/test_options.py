"""Each option of the command, in a real run of it."""

from __future__ import annotations

import itertools
import os
import pstats
import re
from xml.etree import ElementTree

import twisted
from twisted.scripts import trial
from twisted.trial import _choices
from twisted.trial.test.commands import CommandCase
from twisted.trial.unittest import SkipTest

MODULE = """
    import gc, os, sys
    from twisted.internet import defer, reactor
    from twisted.internet.base import DelayedCall
    from twisted.trial import unittest

    class ATests(unittest.TestCase):
        def test_b(self):
            pass
        def test_a(self):
            pass

    class BTests(unittest.TestCase):
        def test_bad(self):
            self.assertEqual(1, 2)
        def test_left(self):
            self.call = reactor.callLater(100, print)
        def test_state(self):
            print("GC", gc.isenabled(), "LIMIT", sys.getrecursionlimit())
            print("DEBUG", defer.getDebugging(), DelayedCall.debug)
            print("REACTOR", type(reactor).__name__)
            try:
                import xml.dom.minidom
            except ImportError:
                print("NO XML")
"""


class _OptionCase(CommandCase):
    def setUp(self) -> None:
        super().setUp()
        self.write("test_it.py", MODULE)

    def order(self, *words: str) -> list[str]:
        """Which tests ran, in their order."""
        _, output = self.command("--reporter=bwverbose", *words)
        return re.findall(r"^test_it\.(\S+) \.\.\. ", output, re.M)

    def state(self, *words: str) -> str:
        """What a test sees of the process that it runs in."""
        done = self.command(*words, "test_it.BTests.test_state")
        self.last(done)
        return done[1]


class ArgumentTests(_OptionCase):
    """What is to be tested."""

    def test_names(self) -> None:
        """Modules, files, classes, methods, packages and folders."""
        self.write("package/__init__.py", "")
        self.write("package/test_inner.py", MODULE)
        self.write("package/deeper/__init__.py", "")
        self.write("package/deeper/test_inner.py", MODULE)
        for names, count in (
            (["test_it"], 5),
            (["test_it.py"], 5),
            (["./test_it.py"], 5),
            (["test_it.ATests"], 2),
            (["test_it.ATests.test_a"], 1),
            (["test_it.ATests.test_a", "test_it.BTests"], 4),
            (["package"], 10),
            (["package/"], 10),
            (["package/test_inner.py"], 5),
            (["--no-recurse", "package"], 5),
            (["-N", "package"], 5),
            (["--extra", "test_it.ATests", "test_it.BTests.test_bad"], 3),
        ):
            done = self.command("--dry-run", "--reporter=minimal", *names)
            self.assertEqual(self.last(done).split()[1:], f"{count} {count} 0 0 0".split(), names)

    def test_testModule(self) -> None:
        """The variable of an editor names the tests."""
        self.write("it.py", "# -*- test-case-name: test_it.ATests -*-\n")
        self.assertEqual(self.order("--testmodule", "it.py"), ["ATests.test_a", "ATests.test_b"])
        self.assertEqual(len(self.order("--testmodule", "test_it.py")), 5)

    def test_helps(self) -> None:
        """Each tells what there is, and runs nothing."""
        for option, words in (
            ("--help", "--until-failure"),
            ("-h", "--until-failure"),
            ("--help-reporters", "bwverbose"),
            ("--help-reactors", "select"),
            ("--help-orders", "toptobottom"),
            ("--version", twisted.__version__),
        ):
            status, output = self.command(option)
            self.assertEqual(status, 0)
            self.assertIn(words, output)
            self.assertFalse(os.path.exists(os.path.join(self.folder, "_trial_temp")))


class OrderTests(_OptionCase):
    """Which tests run, how often, and in which order."""

    def test_orders(self) -> None:
        self.assertEqual(self.order("test_it.ATests"), ["ATests.test_a", "ATests.test_b"])
        written = ["ATests.test_b", "ATests.test_a"]
        self.assertEqual(self.order("--order=toptobottom", "test_it.ATests"), written)
        self.assertEqual(self.order("-o", "toptobottom", "test_it.ATests"), written)

    def test_random(self) -> None:
        """A seed always gives one order, which is announced."""
        first = self.order("--random", "3", "test_it")
        self.assertEqual(self.order("-z", "3", "test_it"), first)
        self.assertEqual(len(first), 5)
        self.assertIn("seed 3\n", self.command("-z", "3", "test_it")[1])
        self.assertRegex(self.command("-z", "0", "test_it")[1], r"seed [1-9]\d*\n")

    def test_exitFirst(self) -> None:
        for option in ("--exitfirst", "-x"):
            self.assertEqual(self.order(option, "test_it")[-1], "BTests.test_bad")

    def test_dryRun(self) -> None:
        for option in ("--dry-run", "-n"):
            self.assertEqual(self.last(self.command(option, "test_it")), "PASSED (successes=5)")

    def test_untilFailure(self) -> None:
        self.write(
            "test_third.py",
            """
            from twisted.trial import unittest
            class Tests(unittest.TestCase):
                runs = []
                def test_it(self):
                    self.runs.append(1)
                    self.assertLess(len(self.runs), 3)
            """,
        )
        for option in ("--until-failure", "-u"):
            done = self.command(option, "test_third")
            self.assertEqual(self.last(done, status=1), "FAILED (failures=1)")
            self.assertIn("Test Pass 3\n", done[1])
            self.assertNotIn("Test Pass 4\n", done[1])


class ProcessTests(_OptionCase):
    """The process that tests run in."""

    def test_defaults(self) -> None:
        output = self.state()
        for line in ("GC True LIMIT 1000", "DEBUG False False"):
            self.assertIn(line, output)
        self.assertNotIn("NO XML", output)

    def test_collector(self) -> None:
        self.assertIn("GC False", self.state("--disablegc"))
        self.write(
            "test_cycle.py",
            """
            import weakref
            from twisted.trial import unittest
            class Thing: pass
            class Tests(unittest.SynchronousTestCase):
                things = []
                def test_a(self):
                    thing = Thing()
                    thing.itself = thing
                    self.things.append(weakref.ref(thing))
                    # It survives what is looked at after each test.
                    import gc; gc.collect(0); gc.collect(1)
                def test_b(self):
                    print("COLLECTED", self.things[0]() is None)
            """,
        )
        self.assertIn("COLLECTED True", self.command("--force-gc", "test_cycle")[1])

    def test_recursionLimit(self) -> None:
        self.assertIn("LIMIT 2345", self.state("--recursionlimit", "2345"))

    def test_debugStacks(self) -> None:
        self.assertIn("DEBUG True True", self.state("--debug-stacktraces"))
        self.assertIn("DEBUG True True", self.state("-B"))

    def test_reactor(self) -> None:
        self.assertIn("REACTOR SelectReactor", self.state("--reactor", "select"))
        self.assertIn("REACTOR PollReactor", self.state("-r", "poll"))

    def test_withoutModule(self) -> None:
        self.assertIn("NO XML", self.state("--without-module", "gzip,xml.dom.minidom"))

    def test_spew(self) -> None:
        """Every call is told of."""
        self.assertRegex(self.state("--spew"), r"method test_state of test_it\.BTests at ")


class DebuggerTests(_OptionCase):
    """`--debug` and what belongs to it."""

    def debugged(self, *words: str, given: str) -> str:
        done = self.command(*words, "--reporter=bwverbose", "test_it.BTests.test_bad", given=given)
        self.last(done, status=1)
        return done[1]

    def test_postMortem(self) -> None:
        """Begins in the debugger, and comes to it again where the exception was raised."""
        for option in ("--debug", "-b"):
            output = self.debugged(
                option, given="p 'BEGINS'\nc\nup\nup\nup\np ('WHERE', self.id())\nc\n"
            )
            self.assertIn("'BEGINS'", output)
            self.assertIn("post-mortem of exception", output)
            self.assertIn("('WHERE', 'test_it.BTests.test_bad')", output)

    def test_noPostMortem(self) -> None:
        output = self.debugged("--debug", "--nopm", given="c\np 'AGAIN'\n")
        self.assertNotIn("AGAIN", output)

    def test_quit(self) -> None:
        """To leave the debugger before the tests have run is not to pass them."""
        output = self.debugged("--debug", given="q\n")
        self.assertIn("the debugger was left, after 0 of 1 tests", output)

    def test_commands(self) -> None:
        """A file .pdbrc in the folder is for it."""
        self.write(".pdbrc", "p 'FROM THE FILE'\n")
        self.assertIn("FROM THE FILE", self.debugged("--debug", "--nopm", given="c\n"))

    def test_another(self) -> None:
        self.write(
            "mine.py",
            """
            class Debugger:
                def runcall(self, function, *args):
                    print("MINE")
                    return function(*args)
            """,
        )
        output = self.debugged("--debug", "--nopm", "--debugger=mine.Debugger", given="")
        self.assertIn("MINE\n", output)


class OutputTests(_OptionCase):
    """What is written, and where to."""

    def test_reporters(self) -> None:
        """Each reporter that is offered can be used, and its exit status is right."""
        for name in _choices.reporters():
            status, output = self.command("--reporter", name, "test_it.ATests", "test_it.BTests")
            self.assertEqual(status, 1, f"{name}: {output}")
            self.assertNotIn("Error: ", output.replace("DirtyReactorAggregateError: ", ""), name)

    def test_realTimeErrors(self) -> None:
        """A traceback comes before the next test, and again at the end."""
        for option in ("--rterrors", "-e"):
            _, output = self.command("--reporter=bwverbose", option, "test_it.BTests")
            first = output.index("1 != 2")
            self.assertLess(first, output.index("test_it.BTests.test_left ..."))

    def test_formats(self) -> None:
        test = "test_it.BTests.test_bad"
        here = re.escape(os.path.join(self.folder, "test_it.py"))
        for name, pattern in (
            ("default", rf'File "{here}", line \d+, in test_bad\n    self.assertEqual'),
            ("brief", rf"{here}:\d+:test_bad\n"),
            ("verbose", r"\*--- Failure #\d+ ---\n"),
        ):
            self.assertRegex(self.command("--tbformat", name, test)[1], pattern)

    def test_unclean(self) -> None:
        done = self.command("--unclean-warnings", "test_it.BTests.test_left")
        self.assertEqual(self.last(done), "PASSED")
        self.assertIn("Reactor was unclean", done[1])

    def test_log(self) -> None:
        """Relative to the folder of the run; `-` is the terminal."""
        self.command("-l", "mine.log", "--temp-directory", "there", "test_it.ATests")
        self.assertEqual(sorted(os.listdir(os.path.join(self.folder, "there"))),
                         ["_trial_marker", "mine.log"])  # fmt: skip
        self.assertIn("Log opened", self.read("there", "mine.log"))
        self.assertIn("Log opened", self.command("--logfile=-", "test_it.ATests")[1])

    def test_profile(self) -> None:
        self.command("--profile", "test_it.ATests")
        path = os.path.join(self.folder, "_trial_temp", "profile.data")
        self.assertIn("test_a", {name for _, _, name in pstats.Stats(path).stats})  # type: ignore[attr-defined]  # typeshed does not know it

    def test_coverage(self) -> None:
        """By line, for what is tested; where coverage.py is not installed, it is asked for."""
        self.write("code.py", "def used():\n    return 3\ndef unused():\n    return 4\n")
        self.write(
            "test_code.py",
            """
            import code_under_test as code
            from twisted.trial import unittest
            class Tests(unittest.TestCase):
                def test_it(self):
                    self.assertEqual(code.used(), 3)
            """,
        )
        os.rename(f"{self.folder}/code.py", f"{self.folder}/code_under_test.py")
        self.last(self.command("--coverage", "test_code"))
        self.assertRegex(
            self.read("_trial_temp", "coverage", "report.txt"), r"code_under_test\.py +4 +1 .*75%"
        )
        self.assertTrue(os.path.exists(f"{self.folder}/_trial_temp/coverage/index.html"))
        done = self.command("--without-module=coverage", "--coverage", "test_code")
        self.assertIn("pip install coverage", self.last(done, status=1))

    def test_junit(self) -> None:
        """The file is beside where we are, and the reporter writes as ever."""
        done = self.command("--junit", "results.xml", "--reporter=bwverbose", "test_it")
        self.assertIn("test_it.ATests.test_a ... [OK]", done[1])
        document = ElementTree.fromstring(self.read("results.xml"))
        self.assertEqual((document.get("tests"), document.get("failures")), ("5", "1"))
        done = self.command("--junit", "no/such/folder.xml", "test_it")
        self.assertIn("cannot be written: No such file", self.last(done, status=1))


class CompletionTests(CommandCase):
    """What shells are told."""

    def options(self) -> set[str]:
        """All options, long and short, as ``--help`` has them."""
        text = trial.Options().getUsage()
        return set(re.findall(r"(?:^ +|, )(--?[\w-]+)", text, re.M))

    def test_options(self) -> None:
        """Everything that is said about an option is about one that there is."""
        data = trial.Options.compData
        for name in (*data.optActions, *data.descriptions):
            self.assertIn(f"--{name}", self.options())

    def test_script(self) -> None:
        status, output = self.command("--reporter", "", "--_shell-completion", "zsh:3")
        self.assertEqual(status, 0, output)
        self.assertIn("#compdef", output)
        for words in ("--until-failure", "subunit", '_files -g "*.py"'):
            self.assertIn(words, output)

    def test_manual(self) -> None:
        """The manual page has every option, and none that is not there."""
        path = os.path.join(os.path.dirname(twisted.__file__), "..", "..", "man", "trial.1")
        if not os.path.exists(path):
            raise SkipTest("the manual page is not installed with the package")
        with open(path, encoding="utf-8") as page:
            lines = re.sub(r"\\f\w", "", page.read().replace("\\-", "-")).splitlines()
        text = " ".join(after for line, after in itertools.pairwise(lines) if line == ".TP")
        described = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", text))
        self.assertEqual(described, self.options())
