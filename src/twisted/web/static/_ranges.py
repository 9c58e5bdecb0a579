"""Parts of files: which are asked for (RFC 9110, 14), and how they are sent."""

from __future__ import annotations

import re
from io import UnsupportedOperation
from typing import Any, BinaryIO

from zope.interface import implementer

from twisted.internet.interfaces import IPullProducer

__name__ = "twisted.web.static"  # the public path, for pickles and messages

#: More ranges than that are not for a reader, but to make the server work: all is sent instead.
MAX_RANGES = 16

_range = re.compile(rb"[ \t]*([0-9]{0,19})-([0-9]{0,19})[ \t]*").fullmatch


def parseRanges(header: bytes, size: int) -> list[tuple[int, int]] | None:
    """The parts of a file of `size` bytes that are asked for.

    Returns:
        Where each begins and how long it is; none if the file does not reach there; None if the
        header is to be ignored: it is none, or asks for too much.
    """
    unit, _, asked = header.partition(b"=")
    parts = asked.split(b",")
    if unit.strip().lower() != b"bytes" or len(parts) > MAX_RANGES:
        return None
    found = []
    for part in parts:
        match = _range(part)
        if match is None or match.groups() == (b"", b""):
            return None
        first, last = match.groups()
        if not first:
            begin, end = max(0, size - int(last)), size
        else:
            begin, end = int(first), min(size, int(last) + 1 if last else size)
            if last and int(last) < begin:
                return None
        if begin < end:
            found.append((begin, end - begin))
    if sum(length for _, length in found) > size:
        return None  # they overlap
    return found


@implementer(IPullProducer)
class StaticProducer:
    """Sends a file, or parts of it, as fast as the client takes it.

    Args:
        request: to which it is sent; finished at the end.
        fileObject: the file; closed at the end.

    Attributes:
        bufferSize: how much is read at a time.
    """

    bufferSize = 64 * 1024

    def __init__(self, request: Any, fileObject: BinaryIO) -> None:
        self.request: Any = request
        self.fileObject = fileObject

    def start(self) -> None:
        """Begin to send."""
        self.request.registerProducer(self, False)

    def resumeProducing(self) -> None:
        """Send the next piece."""
        raise NotImplementedError(f"{type(self).__name__} does not say what to send")

    def stopProducing(self) -> None:
        """Nobody reads it any more: close the file."""
        self.fileObject.close()
        self.request = None

    def _breakOff(self) -> None:
        """The file has become shorter: who reads it must see that this is not all."""
        self.request.channel.forceAbortClient()

    def _finish(self) -> None:
        request = self.request
        self.stopProducing()
        request.unregisterProducer()
        request.finish()


class NoRangeStaticProducer(StaticProducer):
    """Sends a file as a whole.

    Args:
        request: to which it is sent.
        fileObject: the file.
        size: so much is sent, though there may be more by then; None for all that is there.
    """

    def __init__(self, request: Any, fileObject: BinaryIO, size: int | None = None) -> None:
        super().__init__(request, fileObject)
        self._left = size
        self._bySystem = size is not None

    def resumeProducing(self) -> None:
        """Send the next piece."""
        if self.request is None or (self._bySystem and self._sentBySystem()):
            return
        most = self.bufferSize if self._left is None else min(self.bufferSize, self._left)
        data = self.fileObject.read(most)
        if self._left is not None:
            self._left -= len(data)
        if data:
            self.request.write(data)
        elif self._left:
            self._breakOff()
        else:
            self._finish()

    def _sentBySystem(self) -> bool:
        """Whether the system sends the next part, without it being read here."""
        # Benchmark http-static-large: what is not read need not be copied.
        request = self.request
        send = getattr(request, "_sendFile", None)
        try:
            left = None if send is None else send(self.fileObject.fileno())
        except UnsupportedOperation:  # what a subclass has opened is no file of the system
            left = None
        if left is None:
            self._bySystem = False
            sent = 0 if send is None else request.sentLength
            if sent and self._left is not None:
                self._left -= sent
                self.fileObject.seek(sent)
            return False
        if left < 0:
            self._breakOff()
        elif not left:
            self._finish()
        return True


class MultipleRangeStaticProducer(StaticProducer):
    """Sends parts of a file.

    Args:
        request: to which they are sent.
        fileObject: the file.
        rangeInfo: for each part what is sent before it, where it begins, and how long it is.
    """

    def __init__(
        self, request: Any, fileObject: BinaryIO, rangeInfo: list[tuple[bytes, int, int]]
    ) -> None:
        super().__init__(request, fileObject)
        self.rangeInfo = list(rangeInfo)
        self._left = 0

    def resumeProducing(self) -> None:
        """Send the next piece."""
        if self.request is None:
            return
        data = b""
        while not self._left:
            if not self.rangeInfo:
                if data:
                    self.request.write(data)
                self._finish()
                return
            before, begin, self._left = self.rangeInfo.pop(0)
            data += before
            self.fileObject.seek(begin)
        piece = self.fileObject.read(min(self.bufferSize, self._left))
        if not piece:
            self._breakOff()
            return
        self._left -= len(piece)
        self.request.write(data + piece)


class SingleRangeStaticProducer(MultipleRangeStaticProducer):
    """Sends one part of a file.

    Args:
        request: to which it is sent.
        fileObject: the file.
        offset: where it begins.
        size: how long it is.
    """

    def __init__(self, request: Any, fileObject: BinaryIO, offset: int, size: int) -> None:
        super().__init__(request, fileObject, [(b"", offset, size)])
