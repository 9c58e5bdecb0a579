"""Read zip archives piece by piece, so that a program can do other things in between."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator

from twisted.python.filepath import FilePath

__all__ = [
    "DIR_BIT",
    "ChunkingZipFile",
    "DeflatedZipFileEntry",
    "ZipFileEntry",
    "countFileChunks",
    "countZipFileChunks",
    "unzipIterChunky",
]

#: Set in the external attributes of an entry that is a directory, as MS-DOS has it.
DIR_BIT = 16

# APPNOTE.TXT 4.3.7: signature, 22 bytes that the directory of the archive has too, and the
# lengths of name and extra field, which may differ from those there.
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"

_READ_SIZE = 4096


class ChunkingZipFile(zipfile.ZipFile):
    """A zip archive whose entries can be read in turns."""

    def readfile(self, name: str) -> ZipFileEntry | DeflatedZipFileEntry:
        """Open an entry.

        Args:
            name: its name in the archive.

        Raises:
            KeyError: there is none of that name.
            zipfile.BadZipFile: the archive is damaged, or the entry is packed in a way that is
                not supported.
        """
        info = self.getinfo(name)
        if info.flag_bits & 1:
            raise zipfile.BadZipFile(f"{name!r} is encrypted, which is not supported")
        assert self.fp is not None
        self.fp.seek(info.header_offset)
        header = self.fp.read(_LOCAL_HEADER.size)
        if len(header) != _LOCAL_HEADER.size or not header.startswith(_SIGNATURE):
            raise zipfile.BadZipFile(f"there is no entry where {name!r} should be")
        _, nameLength, extraLength = _LOCAL_HEADER.unpack(header)
        self.fp.seek(nameLength + extraLength, os.SEEK_CUR)
        if info.compress_type == zipfile.ZIP_STORED:
            return ZipFileEntry(self, info.compress_size)
        if info.compress_type == zipfile.ZIP_DEFLATED:
            return DeflatedZipFileEntry(self, info.compress_size)
        raise zipfile.BadZipFile(
            f"{name!r} is packed by method {info.compress_type}, which is not supported"
        )


class _FileEntry:
    """A file in an archive, which begins where the archive's file is when this is made.

    It remembers its own place, so that several can be read in turns.
    """

    def __init__(self, chunkingZipFile: ChunkingZipFile, length: int) -> None:
        assert chunkingZipFile.fp is not None
        self.chunkingZipFile = chunkingZipFile
        self.length = length
        self.closed = False
        self.finished = length == 0
        self._place = chunkingZipFile.fp.tell()
        self._left = length

    def _take(self, size: int) -> bytes:
        """The next bytes as they are in the archive."""
        archive = self.chunkingZipFile.fp
        if archive is None or self.closed:
            raise ValueError("read from an entry that is closed, or whose archive is")
        archive.seek(self._place)
        data = archive.read(min(size, self._left))
        if not data and self._left:
            raise zipfile.BadZipFile("the archive ends within an entry")
        self._place += len(data)
        self._left -= len(data)
        return data

    def read(self, n: int | None = None) -> bytes:
        """Read.

        Args:
            n: how many bytes at most; all that is left by default.

        Returns:
            Nothing at the end.
        """
        raise NotImplementedError(type(self))

    def isatty(self) -> bool:
        """An archive is no terminal."""
        return False

    def close(self) -> None:
        """No more is to be read; the archive stays open."""
        self.closed = True

    def readline(self) -> bytes:
        """A line with its end; nothing at the end of the file."""
        line = bytearray()
        while byte := self.read(1):
            line += byte
            if byte == b"\n":
                break
        return bytes(line)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def readlines(self) -> list[bytes]:
        """The lines that are left, with their ends."""
        return list(self)


class ZipFileEntry(_FileEntry):
    """A file that is in an archive as it is.

    Args:
        chunkingZipFile: the archive, whose file is where this one begins.
        length: how many bytes it has.
    """

    def read(self, n: int | None = None) -> bytes:
        data = self._take(self._left if n is None else n)
        self.finished = not self._left
        return data

    def tell(self) -> int:
        """How many bytes were read."""
        return self.length - self._left


class DeflatedZipFileEntry(_FileEntry):
    """A file that is packed in an archive.

    Args:
        chunkingZipFile: the archive, whose file is where this one begins.
        length: how many bytes it has in the archive.
    """

    def __init__(self, chunkingZipFile: ChunkingZipFile, length: int) -> None:
        super().__init__(chunkingZipFile, length)
        # The negative size says that there is no header, as in zip archives.
        self._unpack = zlib.decompressobj(-zlib.MAX_WBITS)
        self._given = 0

    def read(self, n: int | None = None) -> bytes:
        pieces = []
        wanted = n
        while not self.finished and wanted != 0:
            packed = self._unpack.unconsumed_tail or self._take(_READ_SIZE)
            data = self._unpack.decompress(packed, wanted or 0)
            if not packed and not data:
                data = self._unpack.flush()
                self.finished = True
            self.finished = self.finished or self._unpack.eof
            pieces.append(data)
            if wanted is not None:
                wanted -= len(data)
        result = b"".join(pieces)
        self._given += len(result)
        return result

    def tell(self) -> int:
        """How many bytes were read."""
        return self._given


def countFileChunks(zipinfo: zipfile.ZipInfo, chunksize: int) -> int:
    """How many pieces `unzipIterChunky` makes of an entry; one at least.

    Args:
        zipinfo: the entry.
        chunksize: how many bytes a piece has.
    """
    return max(-(-zipinfo.file_size // chunksize), 1)


def countZipFileChunks(filename: str, chunksize: int) -> int:
    """How many pieces `unzipIterChunky` makes of an archive.

    Args:
        filename: path of the archive.
        chunksize: how many bytes a piece has.
    """
    with ChunkingZipFile(filename) as archive:
        return sum(countFileChunks(info, chunksize) for info in archive.infolist())


def unzipIterChunky(
    filename: str, directory: str = ".", overwrite: bool = False, chunksize: int = 4096
) -> Iterator[int]:
    """Unpack an archive, as far as one iterates.

    Args:
        filename: path of the archive.
        directory: where to; it is made if need be.
        overwrite: whether to replace files that are there.
        chunksize: how many bytes to write at a time.

    Yields:
        How many pieces are left, after each piece.

    Raises:
        InsecurePath: the archive has a name that leads out of the directory.
    """
    root = FilePath(directory)
    with ChunkingZipFile(filename) as archive:
        entries = archive.infolist()
        # Before anything is written: an archive with such a name is not to be trusted at all.
        targets = [root.preauthChild(info.filename) for info in entries]
        left = sum(countFileChunks(info, chunksize) for info in entries)
        for info, target in zip(entries, targets, strict=True):
            if info.is_dir() or info.external_attr & DIR_BIT:
                target.makedirs(ignoreExistingDirectory=True)
                left -= 1
                yield left
            elif target.exists() and not overwrite:
                left -= countFileChunks(info, chunksize)
                yield left
            else:
                target.parent().makedirs(ignoreExistingDirectory=True)
                for _ in _unpack(archive, info, target, chunksize):
                    left -= 1
                    yield left


def _unpack(
    archive: ChunkingZipFile, info: zipfile.ZipInfo, target: FilePath[str], chunksize: int
) -> Iterator[None]:
    entry = archive.readfile(info.filename)
    check = 0
    with target.open("w") as out:
        for _ in range(countFileChunks(info, chunksize)):
            piece = entry.read(chunksize)
            check = zlib.crc32(piece, check)
            out.write(piece)
            yield
    if check != info.CRC:
        raise zipfile.BadZipFile(f"{info.filename!r} in the archive is damaged")
