"""Run the example programs of the documentation in this process."""

from __future__ import annotations

import contextlib
import io
import pathlib
import runpy
import sys

import twisted
from twisted.trial import unittest

_EXAMPLES = pathlib.Path(twisted.__file__).resolve().parents[2] / "docs" / "examples"


class ExampleCase(unittest.SynchronousTestCase):
    """Runs the programs of one chapter; skipped where the documentation is not installed."""

    chapter = ""

    def setUp(self) -> None:
        self.directory = _EXAMPLES / self.chapter
        if not self.directory.is_dir():
            raise unittest.SkipTest(f"there is no {self.directory}")
        self.patch(sys, "path", [str(self.directory), *sys.path])
        self.addCleanup(self.forgetModules, set(sys.modules))

    def forgetModules(self, before: set[str]) -> None:
        """What examples import of each other must not stay for other tests."""
        for name in set(sys.modules) - before:
            if str(self.directory) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]

    def run_(self, name: str, *arguments: str) -> str:
        """Run a program with arguments; gives what it writes, and why it exits, if it does."""
        path = str(self.directory / name)
        self.patch(sys, "argv", [path, *arguments])
        with contextlib.redirect_stdout(io.StringIO()) as out:
            try:
                runpy.run_path(path, run_name="__main__")
            except SystemExit as exiting:
                if exiting.code:
                    out.write(f"{exiting.code}\n")
        return out.getvalue()

    def names(self) -> set[str]:
        """Every program of the chapter."""
        return {path.name for path in self.directory.glob("*.py")}
