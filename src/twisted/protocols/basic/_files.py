"""Sending a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConsumer, IPullProducer
from twisted.python.failure import Failure

__name__ = "twisted.protocols.basic"  # the public path, for pickles and messages


@implementer(IPullProducer)
class FileSender:
    """Sends a file to a consumer, a piece at a time, no faster than the consumer takes it.

    Attributes:
        CHUNK_SIZE: how much is read at a time, in bytes.
        lastSent: the last byte sent; b"" before the first.
        deferred: the result of `beginFileTransfer` while it is under way.
    """

    CHUNK_SIZE: int = 2**14
    lastSent: bytes = b""
    deferred: Deferred[bytes] | None = None

    def beginFileTransfer(
        self,
        file: IO[bytes],
        consumer: IConsumer,
        transform: Callable[[bytes], bytes] | None = None,
    ) -> Deferred[bytes]:
        """Begin to send.

        Args:
            file: read from where it stands to its end; not closed.
            consumer: such as a transport.
            transform: applied to each piece before it is sent.

        Returns:
            Fires with the last byte sent when all has been given to the consumer; fails
            when the file cannot be read, or the consumer stops before the end.
        """
        self.file = file
        self.consumer = consumer
        self.transform = transform
        deferred: Deferred[bytes] = Deferred()
        self.deferred = deferred
        consumer.registerProducer(self, False)
        return deferred

    def resumeProducing(self) -> None:
        """Send the next piece, or finish."""
        try:
            piece = self._nextPiece()
        except Exception:
            self.consumer.unregisterProducer()
            self._finish(Failure())
            return
        if piece:
            self.lastSent = piece[-1:]
            self.consumer.write(piece)
        else:
            self.consumer.unregisterProducer()
            self._finish(self.lastSent)

    def _nextPiece(self) -> bytes:
        """Something to send, or b"" at the end of the file."""
        while piece := self.file.read(self.CHUNK_SIZE):
            if isinstance(piece, str):
                raise TypeError(f"{self.file!r} gives str, not bytes: open it in mode 'rb'.")
            if self.transform is not None:
                piece = self.transform(piece)
            if piece:
                return piece
        return b""

    def _finish(self, result: bytes | Failure) -> None:
        deferred, self.deferred = self.deferred, None
        if deferred is None:
            return
        if isinstance(result, Failure):
            deferred.errback(result)
        else:
            deferred.callback(result)

    def pauseProducing(self) -> None:
        """Nothing: pieces are sent only when asked for."""

    def stopProducing(self) -> None:
        """The consumer takes no more: fail."""
        self._finish(Failure(Exception("Consumer asked us to stop producing")))
