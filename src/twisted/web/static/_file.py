"""Files and folders."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable
from io import FileIO
from typing import Any, BinaryIO, Self

from twisted.python.filepath import FilePath
from twisted.web import http
from twisted.web.resource import ForbiddenResource, NoResource, Resource
from twisted.web.server import NOT_DONE_YET
from twisted.web.static._data import Registry, addSlash, isDangerous
from twisted.web.static._listing import DirectoryLister
from twisted.web.static._ranges import (
    MultipleRangeStaticProducer,
    NoRangeStaticProducer,
    SingleRangeStaticProducer,
    StaticProducer,
    parseRanges,
)
from twisted.web.static._types import getTypeAndEncoding, loadMimeTypes
from twisted.web.util import redirectTo

__name__ = "twisted.web.static"  # the public path, for pickles and messages


#: Files up to so many bytes are read and sent in one piece.
SMALL = 64 * 1024
#: Of so many children a folder remembers that they are below the top.
_MAX_KNOWN = 1000

Identity = tuple[int, int]


def _identity(path: str) -> Identity:
    """Which file this is, whatever it is called."""
    status = os.stat(path)
    return status.st_dev, status.st_ino


class File(Resource, FilePath[str]):  # type: ignore[misc]  # `children` is the resource's
    """Serves a file, or a folder and what is in it.

    What is not below the first `File` is not served, whatever a path or a symbolic link says.

    Args:
        path: of the file or the folder.
        defaultType: what files are whose name does not tell.
        ignoredExts: endings that the client may leave away; ``"*"`` for all.
        registry: is given to processors; one for all children by default.
        allowExt: whether all endings may be left away.

    Attributes:
        indexNames: which file answers for its folder, the first that is there.
        processors: what makes a resource of a file, by the ending of its name: called with the
            path and the registry.
        contentTypes, contentEncodings: these by the ending of the name.
        childNotFound, forbidden: what answers instead.
        type: what this file is; by its name by default.
    """

    contentTypes = loadMimeTypes()
    contentEncodings = {".gz": "gzip", ".bz2": "bzip2"}
    processors: dict[str, Callable[[str, Any], Any]] = {}
    indexNames = ["index", "index.html", "index.htm", "index.rpy"]
    type: str | None = None
    encoding: str | None = None
    childNotFound: Any = NoResource("File not found.")
    forbidden: Any = ForbiddenResource()

    def __init__(
        self,
        path: str | bytes,
        defaultType: str = "text/html",
        ignoredExts: Iterable[str] = (),
        registry: Any = None,
        allowExt: bool | int = 0,
    ) -> None:
        Resource.__init__(self)
        FilePath.__init__(self, os.fsdecode(path))
        self.defaultType = defaultType
        self.ignoredExts = [*ignoredExts] or (["*"] if allowExt else [])
        self.registry = registry if registry is not None else Registry()
        self._top = os.path.realpath(self.path)
        self._known: dict[str, tuple[Identity, Self]] = {}

    def ignoreExt(self, ext: str) -> None:
        """Let clients leave this ending away.

        Args:
            ext: the ending, with its dot; ``"*"`` for all.
        """
        self.ignoredExts.append(ext)

    def createSimilarFile(self, path: str) -> Self:
        """A resource for a file below this one, with the same settings."""
        made = self.__class__(path, self.defaultType, self.ignoredExts, self.registry)
        made.processors = self.processors
        made.indexNames = self.indexNames[:]
        made.childNotFound = self.childNotFound
        made.forbidden = self.forbidden
        made._top = self._top
        return made

    def directoryListing(self) -> Any:
        """What answers for a folder without an index."""
        return DirectoryLister(
            self.path, self.listNames(), self.contentTypes, self.contentEncodings, self.defaultType
        )

    def listNames(self) -> list[Any]:
        """The names of what is in the folder."""
        return sorted(os.listdir(self.path)) if os.path.isdir(self.path) else []

    def listEntities(self) -> list[Any]:
        """Resources for what is in the folder."""
        return [self.createSimilarFile(os.path.join(self.path, name)) for name in self.listNames()]

    # --- Children ---

    def getChild(self, path: bytes, request: Any) -> Any:
        """What is in the folder under a name.

        Args:
            path: the name; empty for the folder itself.
            request: what is asked.
        """
        if path:
            try:
                name = path.decode("utf-8")
            except UnicodeDecodeError:
                return self.childNotFound
            known = self._stillThere(name)
            if known is not None:
                return known
            if isDangerous(name) or not os.path.isdir(self.path):
                return self.childNotFound
            found = self._named(name)
        elif not os.path.isdir(self.path):
            return self.childNotFound
        else:
            found = self._first(self.indexNames)
            if found is None:
                return self.directoryListing()
        if found is None or not self._isBelowTop(found):
            return self.childNotFound
        processor = self.processors.get(os.path.splitext(found)[1].lower())
        if processor is not None and not os.path.isdir(found):
            return processor(found, self.registry)
        child = self.createSimilarFile(found)
        if path and type(self) is File and os.path.basename(found) == name:
            # What was found by another name may be found by its own, one day.
            self._remember(name, child)
        return child

    # Benchmark http-static-small: to find out where a file really is takes a system call for each
    # part of its path, and more than all the rest. A file that was found below the top is served
    # again as long as there is the same one under its path. What subclasses make is not kept, as
    # it may be made for one request.

    def _stillThere(self, name: str) -> Self | None:
        known = self._known.get(name)
        if known is None:
            return None
        identity, child = known
        try:
            if identity == _identity(child.path):
                return child
        except OSError:
            pass  # it has gone, and is looked for anew
        del self._known[name]
        return None

    def _remember(self, name: str, child: Self) -> None:
        try:
            identity = _identity(child.path)
        except OSError:
            return  # it goes just now; whoever serves it will say so
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[name] = identity, child

    def _first(self, names: Iterable[str]) -> str | None:
        for name in names:
            path = os.path.join(self.path, name)
            if os.path.exists(path):
                return path
        return None

    def _named(self, name: str) -> str | None:
        """The path of a child; its name may lack an ending that clients may leave away."""
        found = self._first([name, *(name + ext for ext in self.ignoredExts if ext != "*")])
        if found is None and "*" in self.ignoredExts:
            found = self._first(n for n in self.listNames() if os.path.splitext(n)[0] == name)
        return found

    def _isBelowTop(self, path: str) -> bool:
        real = os.path.realpath(path)
        return real == self._top or real.startswith(os.path.join(self._top, ""))

    # --- Answering ---

    def openForReading(self) -> BinaryIO | FileIO:
        """Open the file."""
        return open(self.path, "rb", buffering=0)

    def getFileSize(self) -> int:
        """How long the file is."""
        return int(self.getsize())

    def redirect(self, request: Any) -> bytes:
        """Send the client to the folder, with a slash, so that relative links are right."""
        return redirectTo(addSlash(request), request)

    def render_GET(self, request: Any) -> Any:
        """The file, or the part of it that is asked for."""
        request.setHeader(b"accept-ranges", b"bytes")
        try:
            file = self.openForReading()
        except IsADirectoryError:
            return self.redirect(request)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                return self.forbidden.render(request)
            return self.childNotFound.render(request)
        self._setType()
        status = os.fstat(file.fileno())
        request.setLastModified(int(status.st_mtime))
        request.setETag(b'"%x-%x"' % (status.st_mtime_ns, status.st_size))
        if request.code in (http.NOT_MODIFIED, http.PRECONDITION_FAILED):
            file.close()
            return b""
        if status.st_size <= SMALL and request.method == b"GET" and self._isPlain(request):
            # Benchmark http-static-small: no producer for what is sent in one piece.
            with file:
                return file.read(SMALL + 1)
        self.restat(False)
        producer = self.makeProducer(request, file)
        if request.method == b"HEAD":
            file.close()
            request.finish()
        else:
            producer.start()
        return NOT_DONE_YET

    render_HEAD = render_GET

    def _isPlain(self, request: Any) -> bool:
        """Whether all of the file is asked for; if so, the headers that tell about it are set."""
        if type(self).makeProducer is not File.makeProducer or request.getHeader(b"range"):
            return False
        self._describe(request)
        return True

    def _describe(self, request: Any) -> None:
        if self.type:
            request.setHeader(b"content-type", self.type)
        if self.encoding:
            request.setHeader(b"content-encoding", self.encoding)

    def _setType(self) -> None:
        if self.type is None:
            self.type, self.encoding = getTypeAndEncoding(
                self.basename(), self.contentTypes, self.contentEncodings, self.defaultType
            )

    def makeProducer(self, request: Any, fileForReading: BinaryIO) -> StaticProducer:
        """What sends the file; sets the headers and the status.

        Args:
            request: what is asked; its `Range` counts.
            fileForReading: the file.
        """
        self._setType()
        size = self.getFileSize()
        self._describe(request)
        asked = request.getHeader(b"range") if self._rangeCounts(request) else None
        ranges = None if asked is None else parseRanges(asked, size)
        if ranges is None:
            request.setHeader(b"content-length", b"%d" % size)
            return NoRangeStaticProducer(request, fileForReading, size)
        if not ranges:
            request.setResponseCode(http.REQUESTED_RANGE_NOT_SATISFIABLE)
            request.setHeader(b"content-range", b"bytes */%d" % size)
            request.setHeader(b"content-length", b"0")
            return MultipleRangeStaticProducer(request, fileForReading, [])
        request.setResponseCode(http.PARTIAL_CONTENT)
        if len(ranges) == 1:
            [(begin, length)] = ranges
            request.setHeader(b"content-range", _contentRange(begin, length, size))
            request.setHeader(b"content-length", b"%d" % length)
            return SingleRangeStaticProducer(request, fileForReading, begin, length)
        return self._severalRanges(request, fileForReading, ranges, size)

    def _rangeCounts(self, request: Any) -> bool:
        """Whether the part is wanted of this version of the file (RFC 9110, 13.1.5)."""
        condition = request.getHeader(b"if-range")
        if condition is None:
            return True
        if condition.startswith((b'"', b"W/")):
            return bool(condition == request.etag)
        try:
            when = http.stringToDatetime(condition)
        except ValueError:
            return False
        return bool(when == request.lastModified)

    def _severalRanges(
        self, request: Any, file: BinaryIO, ranges: list[tuple[int, int]], size: int
    ) -> StaticProducer:
        boundary = secrets.token_hex(16).encode("ascii")
        parts = []
        kind = (self.type or self.defaultType).encode("latin-1")
        for begin, length in ranges:
            before = b"\r\n--%b\r\nContent-Type: %b\r\nContent-Range: %b\r\n\r\n" % (
                boundary,
                kind,
                _contentRange(begin, length, size),
            )
            parts.append((before, begin, length))
        parts.append((b"\r\n--%b--\r\n" % boundary, 0, 0))
        total = sum(len(before) + length for before, _, length in parts)
        request.setHeader(b"content-type", b"multipart/byteranges; boundary=" + boundary)
        request.setHeader(b"content-length", b"%d" % total)
        return MultipleRangeStaticProducer(request, file, parts)


def _contentRange(begin: int, length: int, size: int) -> bytes:
    return b"bytes %d-%d/%d" % (begin, begin + length - 1, size)


class ASISProcessor(Resource):
    """Serves a file that holds a whole response: a status line, headers and a body.

    Args:
        path: of the file.
        registry: as a `File` gives it to its processors.
    """

    def __init__(self, path: str, registry: Any = None) -> None:
        super().__init__()
        self.path = path
        self.registry = registry

    def render(self, request: Any) -> bytes:
        """What is in the file, as it says."""
        with open(self.path, "rb") as file:
            data = file.read()
        head, _, body = data.partition(b"\r\n\r\n" if b"\r\n\r\n" in data else b"\n\n")
        status, *lines = head.splitlines()
        _, code, reason = (status + b"  ").split(b" ", 2)
        request.setResponseCode(int(code), reason.strip())
        for line in lines:
            name, _, value = line.partition(b":")
            request.responseHeaders.addRawHeader(name.strip(), value.strip())
        return body
