"""Running commands on modules of tests, as a user does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap

from twisted.trial import unittest


class CommandCase(unittest.SynchronousTestCase):
    """Has a folder, in which modules can be written and commands run."""

    def setUp(self) -> None:
        self.folder = os.path.abspath(self.mktemp())
        os.makedirs(self.folder)

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder; return its path."""
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as source:
            source.write(textwrap.dedent(text))
        return path

    def read(self, *names: str) -> str:
        """What is in a file of the folder."""
        with open(os.path.join(self.folder, *names), encoding="utf-8") as source:
            return source.read()

    def environment(self, **variables: str) -> dict[str, str]:
        """The environment of a command: our modules, and no settings of whoever runs the tests."""
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), **variables)
        for name in ("PYTHONWARNINGS", "PYTEST_ADDOPTS"):
            environment.pop(name, None)
        return environment

    def command(
        self,
        *words: str,
        module: str = "twisted.trial",
        python: tuple[str, ...] = (),
        given: str = "",
    ) -> tuple[int, str]:
        """Run a module of Python in the folder; return its exit status and what it wrote.

        Args:
            words: The command line.
            module: What to run.
            python: Options of Python.
            given: Its standard input.
        """
        finished = subprocess.run(
            [sys.executable, *python, "-m", module, *words],
            cwd=self.folder,
            env=self.environment(),
            input=given.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        return finished.returncode, finished.stdout.decode("utf-8")

    def last(self, done: tuple[int, str], *, status: int = 0) -> str:
        """The last line that a command wrote, which must have ended with `status`."""
        self.assertEqual(done[0], status, done[1])
        return re.sub(r"[\d.]+s(ec(ond)?s)?\b", "SECONDS", done[1].splitlines()[-1])
