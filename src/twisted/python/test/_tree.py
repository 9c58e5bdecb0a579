"""A small tree of files that tests of paths share."""

from __future__ import annotations

import os

from twisted.python.filepath import FilePath
from twisted.trial import unittest


class PathCase(unittest.SynchronousTestCase):
    """A directory with a few files in it."""

    def setUp(self) -> None:
        self.root = os.path.abspath(self.mktemp())
        os.makedirs(os.path.join(self.root, "sub1"))
        os.makedirs(os.path.join(self.root, "sub3"))
        for name, content in (
            ("file1", b"file 1"),
            ("sub1/file2", b"file 2"),
            ("sub3/file3.ext1", b""),
            ("sub3/file3.ext2", b""),
        ):
            with open(os.path.join(self.root, name), "wb") as target:
                target.write(content)
        self.path = FilePath(self.root)

    def names(self) -> set[str]:
        return set(os.listdir(self.root))
