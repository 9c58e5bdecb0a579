"""Tests for twisted.python.zipstream."""

from __future__ import annotations

import os
import zipfile
from typing import Any

from twisted.python import zipstream
from twisted.python.filepath import InsecurePath
from twisted.trial import unittest

LINES = b"line 1\nline 2\n"
CONTENT = bytes(range(256)) * 300


class ZipstreamCase(unittest.SynchronousTestCase):
    """An archive with files of both kinds."""

    def setUp(self) -> None:
        self.directory = self.mktemp()
        os.makedirs(self.directory)
        self.filename = self.make(
            {"plain": (LINES, zipfile.ZIP_STORED), "dir/packed": CONTENT, "empty": b""}
        )

    def make(self, files: dict[str, Any], name: str = "archive.zip") -> str:
        path = os.path.join(self.directory, name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inside, content in files.items():
                data, method = content if isinstance(content, tuple) else (content, None)
                archive.writestr(inside, data, method)
        return path


class ReadTests(ZipstreamCase):
    """Entries of a `ChunkingZipFile`."""

    def open(self) -> zipstream.ChunkingZipFile:
        archive = zipstream.ChunkingZipFile(self.filename)
        self.addCleanup(archive.close)
        return archive

    def test_whole(self) -> None:
        """Everything at once, and then nothing."""
        archive = self.open()
        for name, expected in (("plain", LINES), ("dir/packed", CONTENT), ("empty", b"")):
            entry = archive.readfile(name)
            self.assertEqual(entry.read(), expected)
            self.assertEqual(entry.read(), b"")
            self.assertEqual(entry.read(5), b"")
            self.assertEqual(entry.tell(), len(expected))
            self.assertTrue(entry.finished)
            self.assertFalse(entry.isatty())

    def test_kinds(self) -> None:
        """The class says how the entry is packed."""
        archive = self.open()
        self.assertIsInstance(archive.readfile("plain"), zipstream.ZipFileEntry)
        self.assertIsInstance(archive.readfile("dir/packed"), zipstream.DeflatedZipFileEntry)

    def test_pieces(self) -> None:
        """Pieces of any size make up the whole."""
        archive = self.open()
        for name, expected in (("plain", LINES), ("dir/packed", CONTENT)):
            for size in (1000, 4096, 70_000) if len(expected) > 100 else (1, 3, 99):
                entry = archive.readfile(name)
                pieces = []
                while piece := entry.read(size):
                    self.assertTrue(len(piece) <= size)
                    pieces.append(piece)
                    self.assertEqual(entry.tell(), sum(map(len, pieces)))
                self.assertEqual(b"".join(pieces), expected)

    def test_turns(self) -> None:
        """Several entries can be read in turns."""
        archive = self.open()
        one, two = archive.readfile("dir/packed"), archive.readfile("plain")
        read = [one.read(10), two.read(3), one.read(10), two.read(4)]
        self.assertEqual(read, [CONTENT[:10], b"lin", CONTENT[10:20], b"e 1\n"])

    def test_lines(self) -> None:
        """Lines with their ends, one by one or all."""
        archive = self.open()
        self.assertEqual(list(archive.readfile("plain")), [b"line 1\n", b"line 2\n"])
        entry = archive.readfile("plain")
        self.assertEqual((entry.readline(), entry.readlines()), (b"line 1\n", [b"line 2\n"]))

    def test_closed(self) -> None:
        """Nothing can be read from an entry that is closed."""
        entry = self.open().readfile("plain")
        entry.close()
        self.assertTrue(entry.closed)
        self.assertRaises(ValueError, entry.read)

    def test_missing(self) -> None:
        """A name that is not there."""
        self.assertRaises(KeyError, self.open().readfile, "nothing")

    def test_unsupported(self) -> None:
        """A way of packing that is not known."""
        self.filename = self.make({"x": (b"data", zipfile.ZIP_BZIP2)}, "bz2.zip")
        error = self.assertRaises(zipfile.BadZipFile, self.open().readfile, "x")
        self.assertIn("12", str(error))

    def test_damaged(self) -> None:
        """An archive whose directory leads astray, or which is cut."""
        with open(self.filename, "r+b") as target:
            target.write(b"XXXX")
        self.assertRaises(zipfile.BadZipFile, self.open().readfile, "plain")
        archive = self.open()
        entry = zipstream.ZipFileEntry(archive, 10**9)
        with self.assertRaises(zipfile.BadZipFile):
            while True:
                entry.read(10**8)


class CountTests(ZipstreamCase):
    """How many pieces there will be."""

    def test_file(self) -> None:
        """Part of a piece is a piece, and nothing is one too."""
        info = zipfile.ZipInfo("x")
        for size, expected in ((0, 1), (1, 1), (10, 1), (11, 2), (100, 10)):
            info.file_size = size
            self.assertEqual(zipstream.countFileChunks(info, 10), expected)

    def test_archive(self) -> None:
        """All files together."""
        self.assertEqual(zipstream.countZipFileChunks(self.filename, 100_000), 3)
        self.assertEqual(zipstream.countZipFileChunks(self.filename, 10_000), 1 + 8 + 1)


class UnzipTests(ZipstreamCase):
    """`unzipIterChunky`."""

    def setUp(self) -> None:
        super().setUp()
        self.target = os.path.join(self.directory, "target")

    def read(self, name: str) -> bytes:
        with open(os.path.join(self.target, name), "rb") as source:
            return source.read()

    def test_unzip(self) -> None:
        """The count goes down to nothing, and all is there."""
        left = list(zipstream.unzipIterChunky(self.filename, self.target, chunksize=10_000))
        self.assertEqual(left, list(range(9, -1, -1)))
        self.assertEqual(self.read("dir/packed"), CONTENT)
        self.assertEqual(self.read("plain"), LINES)
        self.assertEqual(self.read("empty"), b"")

    def test_directories(self) -> None:
        """Entries for directories are made as such."""
        filename = self.make({"a/": b"", "a/b/": b""}, "dirs.zip")
        self.assertEqual(list(zipstream.unzipIterChunky(filename, self.target)), [1, 0])
        self.assertTrue(os.path.isdir(os.path.join(self.target, "a", "b")))

    def test_overwrite(self) -> None:
        """What is there stays, unless it may be replaced."""
        os.makedirs(self.target)
        with open(os.path.join(self.target, "plain"), "wb") as target:
            target.write(b"mine")
        left = list(zipstream.unzipIterChunky(self.filename, self.target, chunksize=10_000))
        self.assertEqual(left[0], 9)
        self.assertEqual(self.read("plain"), b"mine")
        list(zipstream.unzipIterChunky(self.filename, self.target, overwrite=True))
        self.assertEqual(self.read("plain"), LINES)

    def test_escape(self) -> None:
        """A name that leads out of the directory is refused before anything is written."""
        for name in ("../evil", "/evil", "a/../../evil"):
            filename = self.make({"good": b"", name: b"evil"}, "evil.zip")
            unzip = zipstream.unzipIterChunky(filename, self.target)
            self.assertRaises(InsecurePath, list, unzip)
            self.assertFalse(os.path.exists(self.target))

    def test_checksum(self) -> None:
        """Damage within a file is noticed."""
        with open(self.filename, "r+b") as target:
            data = target.read().replace(b"line 1", b"lime 1")
            target.seek(0)
            target.write(data)
        unzip = zipstream.unzipIterChunky(self.filename, self.target)
        self.assertRaises(zipfile.BadZipFile, list, unzip)
