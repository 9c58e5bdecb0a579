"""Tests for twisted.python.zippath."""

from __future__ import annotations

import os
import time
import zipfile
from typing import Any

from zope.interface.verify import verifyObject

from twisted.python.filepath import IFilePath, UnlistableError
from twisted.python.zippath import ZipArchive, ZipPath
from twisted.trial import unittest


class ZipPathTests(unittest.SynchronousTestCase):
    """A small archive."""

    def setUp(self) -> None:
        self.filename = os.path.abspath(self.mktemp()) + ".zip"
        with zipfile.ZipFile(self.filename, "w") as target:
            target.writestr("file1", b"file 1")
            info = zipfile.ZipInfo("sub/deep/file2.txt", (2001, 2, 3, 4, 5, 6))
            target.writestr(info, b"file 2")
            target.writestr("made/", b"")
        self.archive = ZipArchive(self.filename)
        self.addCleanup(self.archive.zipfile.close)

    def test_interface(self) -> None:
        """Both classes provide the interface."""
        self.assertTrue(verifyObject(IFilePath, self.archive))
        self.assertTrue(verifyObject(IFilePath, self.archive.child("file1")))

    def test_kinds(self) -> None:
        """Directories need no entry of their own."""
        for names, isdir, isfile in (
            (["file1"], False, True),
            (["sub"], True, False),
            (["sub", "deep"], True, False),
            (["sub", "deep", "file2.txt"], False, True),
            (["made"], True, False),
            (["nothing"], False, False),
            (["sub", "file1"], False, False),
        ):
            path = self.archive.descendant(names)
            assert isinstance(path, ZipPath)
            self.assertEqual((path.isdir(), path.isfile()), (isdir, isfile), names)
            self.assertEqual(path.exists(), isdir or isfile)
            self.assertFalse(path.islink())
        self.assertTrue(self.archive.isdir() and self.archive.exists())
        self.assertFalse(self.archive.isfile())

    def test_listing(self) -> None:
        """What is in a directory."""
        self.assertEqual(self.archive.listdir(), ["file1", "sub", "made"])
        self.assertEqual(self.archive.child("sub").listdir(), ["deep"])
        self.assertEqual(self.archive.child("made").children(), [])
        self.assertEqual(self.archive.child("sub").children()[0].basename(), "deep")
        for name in ("file1", "nothing"):
            self.assertRaises(UnlistableError, self.archive.child(name).children)

    def test_walk(self) -> None:
        """Everything."""
        found = ["/".join(path.segmentsFrom(self.archive)) for path in self.archive.walk()]
        self.assertEqual(found, ["", "file1", "sub", "sub/deep", "sub/deep/file2.txt", "made"])

    def test_names(self) -> None:
        """The parts of a path."""
        path = self.archive.child("sub").child("deep").child("file2.txt")
        self.assertEqual(path.path, os.path.join(self.filename, "sub", "deep", "file2.txt"))
        self.assertEqual(path.dirname(), os.path.join(self.filename, "sub", "deep"))
        self.assertEqual((path.basename(), path.splitext()[1]), ("file2.txt", ".txt"))
        self.assertEqual(path.sep, "/")
        self.assertEqual(path.parent().parent().parent(), self.archive)
        self.assertEqual(path.sibling("x"), path.parent().child("x"))
        self.assertIs(self.archive.parent(), self.archive)
        self.assertEqual(list(path.parents())[-1], self.archive)
        self.assertEqual(repr(self.archive), f"ZipArchive({self.filename!r})")
        self.assertIn("ZipPath(", repr(path))
        self.assertEqual(self.archive.basename(), os.path.basename(self.filename))
        self.assertEqual(self.archive.dirname(), os.path.dirname(self.filename))

    def test_noSpecialNames(self) -> None:
        """Two dots are a name like any other, which is not there."""
        self.assertFalse(self.archive.child("sub").child("..").exists())

    def test_comparison(self) -> None:
        """Paths compare by archive and name."""
        one, two = self.archive.child("a"), self.archive.child("b")
        self.assertTrue(one < two and self.archive < one)
        self.assertEqual(one, self.archive.child("a"))
        self.assertEqual(len({one, self.archive.child("a"), two}), 2)
        self.assertNotEqual(one, "a")

    def test_content(self) -> None:
        """Files can be read, not written."""
        path = self.archive.child("file1")
        self.assertEqual((path.getContent(), path.getsize()), (b"file 1", 6))
        with path.open("rb") as source:
            self.assertEqual(source.read(4), b"file")
        self.assertRaises(ValueError, path.open, "w")
        self.assertRaises(KeyError, self.archive.child("nothing").open)
        self.assertRaises(KeyError, self.archive.child("sub").getsize)

    def test_times(self) -> None:
        """A file has the time of its entry, a directory that of the archive."""
        path: Any = self.archive.descendant(["sub", "deep", "file2.txt"])
        self.assertEqual(time.localtime(path.getModificationTime())[:6], (2001, 2, 3, 4, 5, 6))
        self.assertEqual(path.getAccessTime(), path.getStatusChangeTime())
        status = os.stat(self.filename)
        self.assertEqual(self.archive.child("sub").getModificationTime(), status.st_mtime)
        self.assertEqual(
            (
                self.archive.getModificationTime(),
                self.archive.getStatusChangeTime(),
                self.archive.getAccessTime(),
            ),
            (status.st_mtime, status.st_ctime, status.st_atime),
        )
        path.changed()

    def test_bytes(self) -> None:
        """The same in bytes; the name given decides."""
        archive = ZipArchive(os.fsencode(self.filename))
        self.addCleanup(archive.zipfile.close)
        self.assertEqual(archive.listdir(), [b"file1", b"sub", b"made"])
        path = archive.child(b"sub").child(b"deep")
        self.assertEqual((path.listdir(), path.sep), ([b"file2.txt"], b"/"))
        self.assertIsInstance(path.path, bytes)
        self.assertIsInstance(self.archive.child(b"sub").path, bytes)
        self.assertEqual(archive.child(b"file1").getContent(), b"file 1")
