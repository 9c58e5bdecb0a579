"""The examples of the chapter on logging do what it says."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import twisted
from twisted.trial import unittest

DIRECTORY = pathlib.Path(twisted.__file__).resolve().parents[2] / "docs/examples/ch05_logging"

# What the time at the start of an entry looks like.
TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} ", re.MULTILINE)


class LoggingExampleTests(unittest.SynchronousTestCase):
    """Each program of the chapter, in a process of its own: it begins to log."""

    def setUp(self) -> None:
        if not DIRECTORY.is_dir():
            raise unittest.SkipTest(f"there is no {DIRECTORY}")

    def run_(self, name: str, *arguments: str) -> tuple[str, str]:
        """What a program writes to standard output and to standard error."""
        done = subprocess.run(
            [sys.executable, str(DIRECTORY / name), *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout, done.stderr

    def entries(self, text: str) -> str:
        """The log without the times, which every entry must have."""
        for line in text.splitlines():
            self.assertTrue(line.startswith("\t") or TIME.match(line), line)
        return TIME.sub("", text)

    def test_message(self) -> None:
        """Before the log is started, messages are discarded."""
        self.assertEqual(self.run_("message.py"), ("", ""))

    def test_error(self) -> None:
        """Before the log is started, errors are written to standard error."""
        out, error = self.run_("error.py")
        self.assertEqual(out, "")
        self.assertTrue(error.startswith("Unhandled Error\nTraceback (most recent call last):\n"))
        self.assertIn("error.py", error)
        self.assertTrue(error.endswith("ZeroDivisionError: division by zero\n"))

    def test_toFile(self) -> None:
        """The log, and what is printed, goes to a file."""
        path = self.mktemp()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.assertEqual(self.run_("to_file.py", path), ("", ""))
        log = self.entries(pathlib.Path(path).read_text())
        self.assertTrue(
            log.startswith(
                "[-] Log opened.\n"
                "[-] Hello, world.\n"
                "[-] This is logged, too.\n"
                "[-] So is this.\n"
                "[-] While showing what an error looks like\n"
                "\tTraceback (most recent call last):\n"
            ),
            log,
        )
        self.assertTrue(log.endswith("ValueError: no good\n[example] I am done.\n"), log)

    def test_toStdout(self) -> None:
        """So it does to standard output."""
        out, error = self.run_("to_stdout.py")
        self.assertEqual(error, "")
        self.assertEqual(
            self.entries(out), "[-] Log opened.\n[-] Hello, world.\n[-] This is logged, too.\n"
        )

    def test_notCaptured(self) -> None:
        """What is printed may be left alone."""
        out, error = self.run_("not_captured.py")
        self.assertEqual(error, "")
        *log, last = out.splitlines()
        self.assertEqual(last, "This is not logged.")
        self.assertEqual(self.entries("\n".join(log)), "[-] Log opened.\n[-] Hello, world.")

    def test_daily(self) -> None:
        """The file of the day is in the directory."""
        directory = self.mktemp()
        os.makedirs(directory)
        self.assertEqual(self.run_("daily.py", directory), ("", ""))
        self.assertEqual(os.listdir(directory), ["my.log"])
        log = (pathlib.Path(directory) / "my.log").read_text()
        self.assertEqual(self.entries(log), "[-] Log opened.\n[-] Hello, world.\n")

    def test_pythonLogging(self) -> None:
        """The standard module has the events, with their levels."""
        out, error = self.run_("python_logging.py")
        self.assertEqual(
            out,
            "CRITICAL twisted: This is important!\n"
            "DEBUG twisted: Don't mind\n"
            "INFO twisted: Information\n"
            "ERROR twisted: 'An error'\n",
        )
        # It was not said that logging begins, so errors go there all the same.
        self.assertIn("'An error'", error)

    def test_observer(self) -> None:
        """An observer sees what was logged, and the keywords."""
        out, _ = self.run_("observer.py")
        self.assertEqual(
            out,
            "message ('Hello,', 'world.') green\n"
            "error (\"'not found'\",) None\n"
            "error () None\n"
            "because of KeyError\n",
        )

    def test_structured(self) -> None:
        """Text is filtered; the file has all, and can be read again."""
        path = self.mktemp()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        out, error = self.run_("structured.py", path)
        self.assertEqual(error, "")
        lines = [line for line in out.splitlines() if not line.startswith("\t")]
        self.assertEqual(
            lines,
            [
                "- [__main__.Door#info] alice opens the door",
                "- [__main__.Door#critical] while closing the door",
                "closed: False",
                "debug None",
                "info alice",
                "critical None",
            ],
        )

    def test_all(self) -> None:
        """No program is left out."""
        tests = pathlib.Path(__file__).read_text()
        for program in DIRECTORY.glob("*.py"):
            self.assertIn(f'self.run_("{program.name}"', tests)
