"""What is shown on a terminal alone: colours, and how far a long run has come."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import time

from twisted.trial import reporter, unittest
from twisted.trial.reporter import _progress
from twisted.trial.test.commands import CommandCase
from twisted.trial.test.running import caseOf


class Terminal(io.StringIO):
    """A terminal of 80 columns."""

    def isatty(self) -> bool:
        return True


class ProgressTests(unittest.SynchronousTestCase):
    """`Progress`, on a `RightOfCursor`."""

    def setUp(self) -> None:
        self.variables: dict[str, str] = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
        self.patch(os, "environ", self.variables)
        self.terminal = Terminal()
        self.stream = _progress.RightOfCursor(self.terminal)

    def take(self) -> str:
        """What has been written since the last time."""
        text = self.terminal.getvalue()
        self.terminal.seek(0)
        self.terminal.truncate()
        return text

    def test_words(self) -> None:
        """They stand at the right end, and go before anything else is written."""
        self.stream.write("abc\ntest ... ")
        self.take()
        self.stream.show("1/2")
        self.assertEqual(self.take(), "\x1b7" + " " * 65 + "  1/2\x1b8")
        self.stream.write("[OK]\n")
        self.stream.write("more")
        self.assertEqual(self.take(), "\x1b[K[OK]\nmore")

    def test_noRoom(self) -> None:
        self.stream.write("x" * 75)
        self.take()
        self.stream.show("1/2")
        self.assertEqual(self.take(), "")

    def test_otherAttributes(self) -> None:
        self.assertTrue(self.stream.isatty())

    def test_movesItsCursor(self) -> None:
        self.assertTrue(_progress.movesItsCursor(self.terminal))
        self.assertFalse(_progress.movesItsCursor(io.StringIO()))
        self.assertFalse(_progress.movesItsCursor(object()))
        self.variables["TERM"] = "dumb"
        self.assertFalse(_progress.movesItsCursor(self.terminal))

    def progress(self) -> _progress.Progress:
        return _progress.Progress(reporter.MinimalReporter(self.stream), self.stream, 40)

    def test_shortRun(self) -> None:
        """A run that does not take long says nothing of it."""
        caseOf(lambda case: None).run(self.progress())
        self.assertEqual(self.take(), "")

    def test_longRun(self) -> None:
        """One that does says how many tests it has begun, how many are bad, and the time."""
        now = [1000.0]
        self.patch(time, "monotonic", lambda: now[0])
        progress = self.progress()
        now[0] += 65
        caseOf(lambda case: case.fail()).run(progress)
        self.assertIn("  1/40, 1:05\x1b8", self.take())
        caseOf(lambda case: 1 // 0).run(progress)
        self.assertIn("  2/40, 1 bad, 1:05\x1b8", self.take())
        caseOf(lambda case: None).run(progress)
        self.assertIn("  3/40, 2 bad, 1:05\x1b8", self.take())
        self.assertFalse(progress.wasSuccessful())


class ColourTests(CommandCase):
    """The command, on a terminal of the system."""

    def shown(self, *words: str, **variables: str) -> str:
        """What a terminal gets."""
        self.write(
            "test_it.py",
            """
            from twisted.trial import unittest
            class Tests(unittest.TestCase):
                def test_it(self):
                    pass
            """,
        )
        ours, theirs = pty.openpty()
        environment = self.environment(**variables)
        if "NO_COLOR" not in variables:
            environment.pop("NO_COLOR", None)
        with subprocess.Popen(
            [sys.executable, "-m", "twisted.trial", *words, "test_it"],
            cwd=self.folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as child:
            os.close(theirs)
            heard = b""
            while True:
                try:
                    data = os.read(ours, 4096)
                except OSError:
                    # How Linux says that nobody has the other end any more.
                    break
                if not data:
                    break
                heard += data
            os.close(ours)
        self.assertEqual(child.returncode, 0, heard)
        return heard.decode()

    def test_colours(self) -> None:
        self.assertIn("\x1b[32;1m[OK]\x1b[0m", self.shown(TERM="xterm"))

    def test_noColours(self) -> None:
        """Not on a terminal without any, nor if they are not wanted, nor from other reporters."""
        for words, variables in (
            (["--reporter=tree"], {"TERM": "dumb"}),
            (["--reporter=tree"], {"TERM": "xterm", "NO_COLOR": "1"}),
            (["--reporter=bwverbose"], {"TERM": "xterm"}),
        ):
            output = self.shown(*words, **variables)
            self.assertIn("[OK]", output)
            self.assertNotIn("\x1b", output)


class PluginTests(CommandCase):
    """Reporters of others."""

    PLUGIN = """
        from zope.interface import directlyProvides
        from twisted.plugin import IPlugin
        from twisted.trial.itrial import IReporter
        class Choice:
            name = "A reporter that sings"
            module = "songs"
            klass = {klass!r}
            description = "tells of tests in song"
            longOpt = {name!r}
            shortOpt = None
        choice = Choice()
        directlyProvides(choice, IPlugin, IReporter)
    """

    def install(self, name: str, klass: str = "Singing") -> None:
        self.write(
            "songs.py",
            """
            from twisted.trial.reporter import Reporter
            class Singing(Reporter):
                def startTest(self, test):
                    super().startTest(test)
                    self._stream.write(f"la la {test.id()}\\n")
            """,
        )
        self.write("twisted/plugins/songs_plugin.py", self.PLUGIN.format(name=name, klass=klass))
        self.write("test_it.py", "from twisted.trial.unittest import TestCase as Tests\n")

    def command(self, *words: str, **options: str) -> tuple[int, str]:  # type: ignore[override]  # narrower
        sys.path.insert(0, self.folder)
        try:
            return super().command(*words)
        finally:
            sys.path.remove(self.folder)

    def test_chosen(self) -> None:
        self.install("singing")
        self.assertIn("singing ", self.command("--help-reporters")[1])
        self.assertIn("tells of tests in song", self.command("--help-reporters")[1])
        status, output = self.command("--reporter=singing", "unittest.FunctionTestCase.id")
        self.assertEqual(status, 1)
        self.assertIn("la la ", output)

    def test_broken(self) -> None:
        """One that cannot be loaded is a sentence, if it is asked for."""
        self.install("singing", "Missing")
        done = self.command("--reporter=singing", "test_it")
        self.assertIn("The reporter 'singing' cannot be loaded", self.last(done, status=1))

    def test_ours(self) -> None:
        """No other takes the place of ours."""
        self.install("text")
        self.assertNotIn("la la", self.command("--reporter=text", "nothing")[1])
