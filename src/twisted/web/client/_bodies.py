"""The bodies of requests: from files, and from what is in memory."""

from __future__ import annotations

import os
from typing import Any, BinaryIO

from zope.interface import implementer

from twisted.internet import task
from twisted.internet.defer import Deferred, succeed
from twisted.web.iweb import UNKNOWN_LENGTH, IBodyProducer

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: How much of a file is read at a time: as much as a socket takes at once, as a rule.
_READ_BYTES = 2**16


def lengthOf(file: Any) -> int | str:
    """How much there is in a file from where it stands."""
    try:
        here = file.tell()
        end = file.seek(0, os.SEEK_END)
        # Python 2's way, in which files of programs may be written: `seek` says nothing.
        size = int(file.tell() if end is None else end)
        file.seek(here, os.SEEK_SET)
        return max(0, size - int(here))
    except (AttributeError, OSError):
        return UNKNOWN_LENGTH


@implementer(IBodyProducer)
class FileBodyProducer:
    """A file as the body of a request.

    It is read a piece at a time, while the connection takes it, and closed at the end.

    Args:
        inputFile: has `read`; if it can seek as well, the length of the body is known.
        cooperator: what reads it in turn with others.
        readSize: how many bytes are read at a time.

    Attributes:
        length: of the body; `UNKNOWN_LENGTH` if it cannot be told.
    """

    def __init__(
        self,
        inputFile: BinaryIO | Any,
        cooperator: Any = task,
        readSize: int = _READ_BYTES,
    ) -> None:
        self._inputFile = inputFile
        self._cooperate = cooperator.cooperate
        self._readSize = readSize
        self._task: Any = None
        self.length: int | str = lengthOf(inputFile)

    def startProducing(self, consumer: Any) -> Deferred[None]:
        """Begin to write to `consumer`; see `IBodyProducer.startProducing`."""
        self._task = self._cooperate(self._pieces(consumer))
        # It never fires if the task is stopped.
        result: Deferred[None] = Deferred(lambda _: self.stopProducing())
        self._task.whenDone().addCallbacks(
            lambda _: result.callback(None),
            lambda reason: None if reason.check(task.TaskStopped) else result.errback(reason),
        )
        return result

    def _pieces(self, consumer: Any) -> Any:
        try:
            while data := self._inputFile.read(self._readSize):
                consumer.write(data)
                yield None
        finally:
            self._close()

    def _close(self) -> None:
        # What has nothing but `read` will do.
        close = getattr(self._inputFile, "close", None)
        if close is not None:
            close()

    def stopProducing(self) -> None:
        """Read no more, and close the file."""
        if self._task is None:
            return
        try:
            self._task.stop()
        except task.TaskFinished:
            return
        self._close()

    def pauseProducing(self) -> None:
        """Read nothing for now."""
        self._task.pause()

    def resumeProducing(self) -> None:
        """Go on reading."""
        self._task.resume()


@implementer(IBodyProducer)
class BytesBody:
    """Bytes as the body of a request; they can be sent again.

    Args:
        data: all of it.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.length = len(data)

    def startProducing(self, consumer: Any) -> Deferred[None]:
        """Write all at once."""
        consumer.write(self.data)
        return succeed(None)

    def stopProducing(self) -> None:
        """There is nothing to stop."""

    def pauseProducing(self) -> None:
        """There is nothing to pause."""

    def resumeProducing(self) -> None:
        """There is nothing to go on with."""
