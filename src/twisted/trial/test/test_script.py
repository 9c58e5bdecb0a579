"""The command `trial`: its options, and whole runs of it."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import pdb  # noqa: T100  # an option of the command
import sys
import warnings
from typing import Any

import twisted
from twisted.python import usage
from twisted.scripts import trial
from twisted.trial import _choices, reporter, runner, unittest
from twisted.trial.test.commands import CommandCase


class OptionTests(unittest.SynchronousTestCase):
    """The command line."""

    def parse(self, *words: str) -> trial.Options:
        config = trial.Options()
        config.parseOptions(words)
        return config

    def refused(self, *words: str) -> str:
        return str(self.assertRaises(usage.UsageError, self.parse, *words))

    def shown(self, *words: str) -> str:
        output = io.StringIO()
        with contextlib.redirect_stdout(output), self.assertRaises(SystemExit) as exited:
            self.parse(*words)
        self.assertIn(exited.exception.code, (None, 0))
        return output.getvalue()

    def test_defaults(self) -> None:
        config = self.parse("package.module", "file.py")
        self.assertEqual(config["tests"], ["package.module", "file.py"])
        self.assertIs(config["reporter"], reporter.TreeReporter)
        made = config.makeRunner()
        self.assertEqual(
            (made.mode, made.logfile, made.tbformat, made.workingDirectory),
            (None, "test.log", "default", "_trial_temp"),
        )
        loader = config.makeLoader()
        self.assertIs(loader.suiteFactory, runner.DestructiveTestSuite)
        self.assertIs(loader.sorter, runner.name)

    def test_noTests(self) -> None:
        self.assertIn("No tests given", self.refused())

    def test_reporter(self) -> None:
        for name, kind in (("text", reporter.TextReporter), ("tree", reporter.TreeReporter)):
            self.assertIs(self.parse("--reporter", name, "x")["reporter"], kind)
        text = self.refused("--reporter=zzz", "x")
        self.assertIn("There is no reporter 'zzz': there are verbose", text)

    def test_lists(self) -> None:
        self.assertIn("bwverbose", self.shown("--help-reporters"))
        self.assertIn("epoll", self.shown("--help-reactors"))
        self.assertIn("toptobottom", self.shown("--help-orders"))

    def test_help(self) -> None:
        """Every option of the manual page is named."""
        text = self.shown("--help")
        for option in (
            "-b, --debug", "-B, --debug-stacktraces", "--coverage", "--disablegc", "--extra",
            "-e, --rterrors", "--force-gc", "--help", "--help-reporters", "--help-reactors",
            "-l, --logfile", "-n, --dry-run", "-N, --no-recurse", "--nopm", "--profile",
            "-r, --reactor", "--recursionlimit", "--reporter", "--spew", "--tbformat",
            "--temp-directory", "--testmodule", "--unclean-warnings", "-u, --until-failure",
            "--version", "--without-module", "-z, --random", "-x, --exitfirst", "--order",
        ):  # fmt: skip
            self.assertIn(option, text)

    def test_version(self) -> None:
        self.assertIn(twisted.__version__, self.shown("--version"))

    def test_runnerOptions(self) -> None:
        made = self.parse("-e", "-n", "-l", "x.log", "--temp-directory", "tmp", "t").makeRunner()
        self.assertTrue(made.rterrors)
        self.assertEqual(
            (made.mode, made.logfile, made.workingDirectory), ("dry-run", "x.log", "tmp")
        )

    def test_tracebackFormat(self) -> None:
        for name, value in (("plain", "default"), ("emacs", "brief"), ("cgitb", "verbose")):
            self.assertEqual(self.parse("--tbformat", name, "x").makeRunner().tbformat, value)
        self.assertIn("'zzz'", self.refused("--tbformat", "zzz", "x"))

    def test_random(self) -> None:
        """A seed always gives the same order."""
        with contextlib.redirect_stdout(io.StringIO()) as output:
            first, second = (
                self.parse("--random", "7", "x").makeLoader().sort("abcdefgh") for _ in range(2)
            )
        self.assertEqual(first, second)
        self.assertNotEqual(first, sorted(first))
        self.assertIn("seed 7", output.getvalue())

    def test_randomSeeds(self) -> None:
        self.assertGreater(self.parse("-z", "0", "x")["random"], 0)
        self.assertIn("whole number", self.refused("-z", "dice", "x"))
        self.assertIn("not negative", self.refused("-z", "-4", "x"))
        self.assertIn("exclude", self.refused("-z", "4", "--order", "alphabetical", "x"))

    def test_order(self) -> None:
        class Case(unittest.TestCase):
            def test_b(self) -> None: ...
            def test_a(self) -> None: ...

        loader = self.parse("--order", "toptobottom", "x").makeLoader()
        names = [test.id().split(".")[-1] for test in loader.loadClass(Case)]
        self.assertEqual(names, ["test_b", "test_a"])
        self.assertEqual(loader.sort([OptionTests, RunTests]), [OptionTests, RunTests])
        self.assertEqual(loader.sort(["b", "a", int]), ["a", "b", int])
        self.assertIn("'zzz'", self.refused("--order", "zzz", "x"))

    def test_untilFailure(self) -> None:
        """Suites that are run again must keep their tests."""
        self.assertIs(self.parse("-u", "x").makeLoader().suiteFactory, unittest.TestSuite)

    def test_debug(self) -> None:
        made = self.parse("--debug", "x").makeRunner()
        self.assertEqual(made.mode, "debug")
        self.assertIsInstance(made.debugger, pdb.Pdb)
        self.assertIn("--debug", self.refused("--nopm", "x"))

    def test_debugCommands(self) -> None:
        folder = self.mktemp()
        os.makedirs(folder)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        with open(".pdbrc", "w", encoding="utf-8") as commands:
            commands.write("break here\n")
        debugger: Any = self.parse("--debug", "x").makeRunner().debugger
        self.assertIn("break here\n", debugger.rcLines)

    def test_debugger(self) -> None:
        config = self.parse("--debug", "--debugger", "bdb.Bdb", "x")
        self.assertEqual(type(config.makeRunner().debugger).__name__, "Bdb")
        config = self.parse("--debug", "--debugger", "no.such.debugger", "x")
        self.assertRaises(usage.UsageError, config.makeRunner)

    def test_withoutModule(self) -> None:
        self.addCleanup(sys.modules.pop, "no_such_module", None)
        self.patch(warnings, "warn", lambda *args, **kwargs: None)
        self.parse("--without-module", "no_such_module", "x")
        self.assertRaises(ImportError, __import__, "no_such_module")

    def test_garbageCollection(self) -> None:
        self.addCleanup(gc.enable)
        self.parse("--disablegc", "x")
        self.assertFalse(gc.isenabled())

    def test_recursionLimit(self) -> None:
        self.addCleanup(sys.setrecursionlimit, sys.getrecursionlimit())
        self.parse("--recursionlimit", "2345", "x")
        self.assertEqual(sys.getrecursionlimit(), 2345)
        self.refused("--recursionlimit", "deep", "x")
        self.refused("--recursionlimit", "-3", "x")

    def test_extra(self) -> None:
        self.assertEqual(self.parse("--extra", "y", "x")["tests"], ["y", "x"])

    def test_unknownReactor(self) -> None:
        self.assertIn("There is no reactor 'zzz'", self.refused("--reactor", "zzz", "x"))

    def test_choicesHaveNames(self) -> None:
        self.assertIn("    text       a letter", _choices.table(_choices.reporters()))


class TestModuleTests(unittest.SynchronousTestCase):
    """`--testmodule`."""

    def write(self, text: str, name: str = "module.py") -> str:
        folder = self.mktemp()
        os.makedirs(folder)
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as source:
            source.write(text)
        return path

    def parse(self, path: str) -> list[str]:
        config = trial.Options()
        config.parseOptions(["--testmodule", path])
        tests: list[str] = config["tests"]
        return tests

    def test_variable(self) -> None:
        path = self.write("# -*- mode: python; test-case-name: a.test_b,a.test_c -*-\n")
        self.assertEqual(self.parse(path), ["a.test_b", "a.test_c"])
        self.assertEqual(
            trial.loadLocalVariables(path),
            {"mode": "python", "test-case-name": "a.test_b,a.test_c"},
        )

    def test_secondLine(self) -> None:
        path = self.write("#!/usr/bin/python\n# -*- test-case-name: a.test_b -*-\n")
        self.assertEqual(trial.getTestModules(path), ["a.test_b"])

    def test_thirdLine(self) -> None:
        """Further down, they are not looked for."""
        path = self.write("\n\n# -*- test-case-name: a.test_b -*-\n")
        self.assertIs(trial.getTestModules(path), None)

    def test_unclear(self) -> None:
        self.assertRaises(ValueError, trial.loadLocalVariables, self.write("# -*- nonsense -*-\n"))

    def test_testFile(self) -> None:
        """A module of tests stands for itself."""
        path = self.write("", "test_it.py")
        self.assertTrue(trial.isTestFile(path))
        self.assertEqual(self.parse(path), [path])
        self.assertFalse(trial.isTestFile("test_it.txt"))
        self.assertFalse(trial.isTestFile("it.py"))

    def test_missing(self) -> None:
        error = self.assertRaises(usage.UsageError, self.parse, "no_such_file.py")
        self.assertIn("doesn't exist", str(error))


_SAMPLE = """
import warnings
from twisted.trial import unittest
from twisted.internet import defer, protocol, reactor, task, threads
from twisted.python import log

class GoodTests(unittest.TestCase):
    def test_sync(self):
        pass
    async def test_coroutine(self):
        await task.deferLater(reactor, 0.001, lambda: None)
    @defer.inlineCallbacks
    def test_inline(self):
        yield task.deferLater(reactor, 0, lambda: None)
    def test_thread(self):
        return threads.deferToThread(lambda: 3).addCallback(self.assertEqual, 3)
    @defer.inlineCallbacks
    def test_connection(self):
        server = protocol.Factory.forProtocol(protocol.Protocol)
        port = reactor.listenTCP(0, server, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        creator = protocol.ClientCreator(reactor, protocol.Protocol)
        client = yield creator.connectTCP("127.0.0.1", port.getHost().port)
        client.transport.loseConnection()

class BadTests(unittest.TestCase):
    def test_call(self):
        reactor.callLater(100, print)
    def test_port(self):
        reactor.listenTCP(0, protocol.Factory(), interface="127.0.0.1")
    def test_log(self):
        try:
            raise ValueError("told the log")
        except ValueError:
            log.err(None, "why")
    def test_hung(self):
        return defer.Deferred()
    test_hung.timeout = 0.02
    def test_warns(self):
        warnings.warn("take care")
    def test_unhandled(self):
        defer.fail(KeyError("nobody looks"))
    def test_fails(self):
        self.assertEqual(1, 2)
    def test_stops(self):
        reactor.callLater(0, lambda: reactor.stop())
        return defer.Deferred()
    def test_skipped(self):
        raise unittest.SkipTest("not today")
    def test_todo(self):
        raise ValueError
    test_todo.todo = "later"
"""


class RunTests(CommandCase):
    """The command, run as a user runs it."""

    def test_sample(self) -> None:
        """One of everything, with the real reactor."""
        self.write("test_sample.py", _SAMPLE)
        status, output = self.command("test_sample.py")
        self.assertEqual(status, 1)
        lines = output.splitlines()
        self.assertEqual(
            lines[-1],
            "FAILED (skips=1, expectedFailures=1, failures=1, errors=6, successes=6)",
            output,
        )
        outcomes = {line.split()[0]: line.split()[-1] for line in lines if line.startswith("    t")}
        self.assertEqual(
            outcomes,
            {
                "test_call": "[ERROR]",
                "test_fails": "[FAIL]",
                "test_hung": "[ERROR]",
                "test_log": "[ERROR]",
                "test_port": "[ERROR]",
                "test_skipped": "[SKIPPED]",
                "test_stops": "[ERROR]",
                "test_todo": "[TODO]",
                "test_unhandled": "[ERROR]",
                "test_warns": "[OK]",
                "test_connection": "[OK]",
                "test_coroutine": "[OK]",
                "test_inline": "[OK]",
                "test_sync": "[OK]",
                "test_thread": "[OK]",
            },
        )
        for text in (
            "test_sample.BadTests.test_hung (test_hung) still running at 0.02 secs",
            "DirtyReactorAggregateError: Reactor was unclean.\nDelayedCalls:",
            "Selectables:\n<Port of Factory",
            "ValueError: told the log",
            "KeyError: 'nobody looks'",
            "UserWarning: take care",
        ):
            self.assertIn(text, output)
        with open(os.path.join(self.folder, "_trial_temp", "test.log"), encoding="utf-8") as log:
            self.assertIn("told the log", log.read())

    def test_standardRunner(self) -> None:
        """The same tests under `python -m unittest`."""
        self.write("test_sample.py", _SAMPLE)
        status, output = self.command("test_sample", module="unittest")
        self.assertEqual(status, 1)
        self.assertIn("Ran 15 tests", output)
        self.assertIn("FAILED (failures=1, errors=6, skipped=1, expected failures=1)", output)
        self.assertIn("still running at 0.02 secs", output)
        self.assertNotIn("_trial_temp", os.listdir(self.folder))

    def test_passing(self) -> None:
        self.write(
            "test_good.py",
            """
            from twisted.trial import unittest
            class Tests(unittest.TestCase):
                def test_it(self):
                    import sys
                    assert "twisted.internet.reactor" not in sys.modules
            """,
        )
        status, output = self.command("--reporter=bwverbose", "test_good")
        self.assertEqual(status, 0, output)
        self.assertEqual(output.splitlines()[0], "test_good.Tests.test_it ... [OK]")
        self.assertEqual(output.splitlines()[-1], "PASSED (successes=1)")

    def test_brokenModule(self) -> None:
        self.write("test_broken.py", "import no_such_module\n")
        status, output = self.command("test_broken", "also_missing.py")
        self.assertEqual(status, 1)
        self.assertIn("No module named 'no_such_module'", output)
        self.assertEqual(output.splitlines()[-1], "FAILED (errors=2)")

    def test_reactor(self) -> None:
        """The reactor that was asked for is the one that runs."""
        self.write(
            "test_kind.py",
            """
            from twisted.internet import reactor
            from twisted.trial import unittest
            class Tests(unittest.TestCase):
                def test_it(self):
                    self.assertEqual(type(reactor).__name__, "SelectReactor")
            """,
        )
        status, output = self.command("--reactor=select", "--reporter=text", "test_kind")
        self.assertEqual(status, 0, output)

    def test_busyThread(self) -> None:
        """A thread of the reactor's pool that works on after its test fails the test."""
        self.write(
            "test_thread.py",
            """
            import threading
            from twisted.internet import defer, reactor
            from twisted.trial import unittest, _cleanup
            _cleanup._THREAD_GRACE_SECONDS = 0.01
            event, begun = threading.Event(), defer.Deferred()
            def work():
                reactor.callFromThread(begun.callback, None)
                event.wait()
            class Tests(unittest.TestCase):
                def test_busy(self):
                    reactor.callInThread(work)
                    return begun
                def test_then(self):
                    event.set()
            """,
        )
        status, output = self.command("test_thread")
        self.assertEqual(status, 1)
        self.assertEqual(output.splitlines()[-1], "FAILED (errors=1, successes=1)", output)
        self.assertIn("Threads:\n<Thread(PoolThread-twisted.internet.reactor-", output)

    def test_wrongOption(self) -> None:
        status, output = self.command("--no-such-option")
        self.assertEqual(status, 1)
        self.assertEqual(len(output.splitlines()), 1, output)

    def test_folderNotOurs(self) -> None:
        os.makedirs(os.path.join(self.folder, "_trial_temp"))
        status, output = self.command("--reporter=text", "unittest")
        self.assertEqual(status, 1)
        self.assertIn("was not made by trial", output.splitlines()[-1])

    def test_nothing(self) -> None:
        status, output = self.command()
        self.assertEqual(status, 0)
        self.assertIn("--until-failure", output)

    def test_coverage(self) -> None:
        self.write(
            "test_good.py",
            """
            from twisted.trial import unittest
            class Tests(unittest.TestCase):
                def test_it(self):
                    pass
            """,
        )
        status, output = self.command("--coverage", "test_good.py")
        self.assertEqual(status, 0, output)
        report = os.path.join(self.folder, "_trial_temp", "coverage", "report.txt")
        with open(report, encoding="utf-8") as text:
            self.assertIn("test_good.py", text.read())
