"""Tests for twisted.python.procutils."""

from __future__ import annotations

import os
import stat

from twisted.python.procutils import which
from twisted.trial import unittest


class WhichTests(unittest.SynchronousTestCase):
    """`which` in directories of the test's own."""

    def setUp(self) -> None:
        self.root = self.mktemp()
        self.first, self.second = (os.path.join(self.root, name) for name in ("first", "second"))
        for directory in (self.first, self.second):
            os.makedirs(directory)
        self.patch(os, "environ", {"PATH": os.pathsep.join([self.first, self.second])})

    def add(self, directory: str, name: str, mode: int = 0o700) -> str:
        path = os.path.join(directory, name)
        with open(path, "wb"):
            pass
        os.chmod(path, mode)
        return path

    def test_order(self) -> None:
        """Every program of the name is found, in the order of the path."""
        expected = [self.add(self.first, "executable"), self.add(self.second, "executable")]
        self.assertEqual(which("executable"), expected)

    def test_none(self) -> None:
        """Nothing is found when nothing is there, or without a path."""
        self.assertEqual(which("executable"), [])
        del os.environ["PATH"]
        self.assertEqual(which("executable"), [])

    def test_notExecutable(self) -> None:
        """A file that may not be run is none, unless it is asked for."""
        path = self.add(self.first, "text", stat.S_IRUSR)
        self.assertEqual(which("text"), [])
        self.assertEqual(which("text", flags=os.R_OK), [path])

    def test_directory(self) -> None:
        """A directory is no program, though it has the permission."""
        os.mkdir(os.path.join(self.first, "folder"))
        self.assertEqual(which("folder"), [])

    def test_endings(self) -> None:
        """The endings of PATHEXT are tried after the name itself."""
        os.environ["PATHEXT"] = os.pathsep.join([".bin", ".exe", ".sh"])
        expected = [
            self.add(self.first, "executable"),
            self.add(self.first, "executable.bin"),
            self.add(self.first, "executable.exe"),
        ]
        self.add(self.first, "executable.txt")
        self.assertEqual(which("executable"), expected)
