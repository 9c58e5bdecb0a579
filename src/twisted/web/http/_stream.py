"""The body of a request as it arrives, for resources that do not wait for all of it.

Theory of operation. Pieces wait here until somebody takes them. When more than `HIGH_WATER` bytes
do, the channel is asked to read no more of the request, and to go on when all were taken: a client
cannot send faster than the resource reads. Nothing is read, and a client that waits to be told
``100 Continue`` is not told, before the resource begins to take the body.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Self

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure

__name__ = "twisted.web.http"  # the public path, for pickles and messages

#: So many bytes may wait; a few reads of a socket.
HIGH_WATER = 128 * 1024


@implementer(IPushProducer)
class BodyStream:
    """The body of a request to a resource that has `streaming` set.

    Take it with ``async for piece in request.content``, or with `deliverTo`.

    Args:
        request: whose body it is.
        channel: where it comes from.
        length: how many bytes it has; None if that is not known.

    Attributes:
        length: how many bytes it has; None if that is not known.
    """

    def __init__(self, request: Any, channel: Any, length: int | None) -> None:
        self.length = length
        self._request = request
        self._channel = channel
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._begun = False
        self._held = False  # whether the channel was asked to wait
        self._paused = False  # whether the consumer has asked us to
        self._complete = False
        self._failure: Failure | None = None
        self._waiting: Deferred[None] | None = None
        self._consumer: Any = None
        self._delivered: Deferred[None] | None = None

    # --- For whoever reads it ---

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next piece.

        Raises:
            Exception: why there is none: the connection was lost, or the response was finished.
        """
        self._begin()
        while not self._pieces:
            if self._failure is not None:
                self._failure.raiseException()
            if self._complete:
                raise StopAsyncIteration
            self._waiting = Deferred()
            await self._waiting
        piece = self._pieces.popleft()
        self._size -= len(piece)
        self._letCome()
        return piece

    async def read(self) -> bytes:
        """All that is left of the body."""
        return b"".join([piece async for piece in self])

    def deliverTo(self, consumer: Any) -> Deferred[None]:
        """Write the body to a consumer, such as a file of `FileConsumer` or a transport.

        Args:
            consumer: provides `IConsumer`; this registers with it as a push producer.

        Returns:
            A Deferred that fires with None when all was written; it fails if the rest does not
            come.

        Raises:
            RuntimeError: the body is taken already.
        """
        if self._consumer is not None:
            raise RuntimeError(f"the body is already delivered to {self._consumer!r}")
        self._consumer = consumer
        delivered = self._delivered = Deferred()
        consumer.registerProducer(self, True)
        self._begin()
        self._deliver()
        return delivered

    def pauseProducing(self) -> None:
        """The consumer wants to wait."""
        self._paused = True

    def resumeProducing(self) -> None:
        """The consumer can go on."""
        self._paused = False
        self._deliver()

    def stopProducing(self) -> None:
        """The consumer wants no more: what follows is dropped."""
        self.close()

    # --- For the request ---

    def arrived(self, data: bytes) -> None:
        """A piece is there."""
        if self._failure is not None:
            return
        self._pieces.append(data)
        self._size += len(data)
        if self._consumer is not None:
            self._deliver()
        elif self._waiting is not None:
            self._wake()
        if self._size > HIGH_WATER and not self._held:
            self._held = True
            self._channel.pauseBody(self._request)

    def completed(self) -> None:
        """That was all."""
        self._complete = True
        self._wake()
        self._deliver()

    def failed(self, reason: Failure) -> None:
        """The rest will not come."""
        if self._failure is not None or (self._complete and not self._pieces):
            return
        self._failure = reason
        self._pieces.clear()
        self._size = 0
        self._wake()
        self._endDelivery()

    def close(self) -> None:
        """Nobody wants the rest."""
        self.failed(Failure(RuntimeError("the response was finished before the body was read")))

    # --- Inside ---

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            if not self._complete and self._failure is None:
                self._channel.resumeBody(self._request)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def _letCome(self) -> None:
        if self._held and not self._pieces:
            self._held = False
            if not self._complete and self._failure is None:
                self._channel.resumeBody(self._request)

    def _deliver(self) -> None:
        if self._consumer is None:
            return
        while self._pieces and not self._paused:
            piece = self._pieces.popleft()
            self._size -= len(piece)
            self._consumer.write(piece)
        self._letCome()
        if self._complete and not self._pieces:
            self._endDelivery()

    def _endDelivery(self) -> None:
        consumer, delivered = self._consumer, self._delivered
        if consumer is None or delivered is None:
            return
        self._consumer = self._delivered = None
        consumer.unregisterProducer()
        delivered.callback(None) if self._failure is None else delivered.errback(self._failure)
