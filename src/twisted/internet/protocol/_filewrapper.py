"""A file in the place of a transport."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from zope.interface import implementer

from twisted.internet.interfaces import IConsumer, IProducer, ITransport
from twisted.logger import Logger

__name__ = "twisted.internet.protocol"  # the public path, for pickles and messages


@implementer(ITransport, IConsumer, IProducer)
class FileWrapper:
    """Lets a protocol write to a file as if it were a transport.

    Attributes:
        closed: whether the file has been closed.
        disconnecting: always false: what is written is written at once.
        producer, streamingProducer: the registered producer, and whether it pushes.
    """

    closed: int = 0
    disconnecting: int = 0
    producer: Any = None
    streamingProducer: int = 0

    _hungry: bool = False
    _feeding: bool = False

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def write(self, data: bytes) -> None:
        """Write to the file, then ask a pull producer for more."""
        try:
            self.file.write(data)
        except Exception:  # any file's, or any consumer's
            self.handleException()
        self._feed()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Write each item in order."""
        self.write(b"".join(iovec))

    def handleException(self) -> None:
        """The file raised an exception, which is being handled. This logs it."""
        Logger("twisted.internet.protocol", source=self).failure(
            "{file!r} could not be written or closed", file=self.file
        )

    def _feed(self) -> None:
        # A pull producer writes when asked, and writing asks it: a loop, or the stack
        # would grow with the file.
        self._hungry = True
        if self._feeding:
            return
        self._feeding = True
        try:
            while self._hungry and self.producer is not None and not self.streamingProducer:
                self._hungry = False
                self.producer.resumeProducing()
        finally:
            self._feeding = False

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Take data from `producer`; one that pulls is asked at once.

        Raises:
            RuntimeError: another producer is registered.
        """
        if self.producer is not None:
            raise RuntimeError(
                f"Cannot register {producer!r}: {self.producer!r} has not been unregistered."
            )
        self.producer = producer
        self.streamingProducer = streaming
        self._feed()

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self.producer = None

    def stopConsuming(self) -> None:
        """Take no more: forget the producer and close the file."""
        self.unregisterProducer()
        self.loseConnection()

    def loseConnection(self) -> None:
        """Close the file."""
        self.closed = 1
        try:
            self.file.close()
        except Exception:  # any file's, or any consumer's
            self.handleException()

    def getPeer(self) -> Any:
        """Words in the place of an address."""
        return "file", "file"

    def getHost(self) -> Any:
        """A word in the place of an address."""
        return "file"

    def pauseProducing(self) -> None:
        """Nothing: a file sends no data."""

    def resumeProducing(self) -> None:
        """Nothing: a file sends no data."""

    def stopProducing(self) -> None:
        """Close the file."""
        self.loseConnection()
