"""A body that we send, and who writes it."""

from __future__ import annotations

from typing import Any

from twisted.web._http2._streams import Stream


class Outbox:
    """Lets a producer write the body of a stream, at the speed at which it goes.

    Args:
        connection: sends what is written.
        stream: the stream.
    """

    __slots__ = ("_connection", "_paused", "_producer", "_streaming", "stream")

    def __init__(self, connection: Any, stream: Stream) -> None:
        self._connection = connection
        self.stream = stream
        self._producer: Any = None
        self._streaming = False
        self._paused = False

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let `producer` write the body; see `IConsumer`."""
        if self._producer is not None:
            raise RuntimeError(f"cannot register {producer!r}: {self._producer!r} is registered")
        if not self.stream.sending:
            producer.stopProducing()
            return
        self._producer = producer
        self._streaming = streaming
        self._paused = False
        if not streaming:
            self.resume()

    def unregisterProducer(self) -> None:
        """The producer has written all."""
        self._producer = None

    def _slowDown(self) -> None:
        """Pause who writes, if there is more than enough."""
        if self._producer is None or self._paused or not self._streaming:
            return
        connection = self._connection
        if connection.slow or self.stream.waiting > connection.limits.http2.queuedBytes:
            self._paused = True
            self._producer.pauseProducing()

    @property
    def wanting(self) -> bool:
        """Whether there is a producer that waits to be told to write."""
        return self._producer is not None and (self._paused or not self._streaming)

    def resume(self) -> None:
        """What was queued has been sent: let the producer write more."""
        if self.wanting and not self.stream.waiting and not self._connection.slow:
            self._paused = False
            self._producer.resumeProducing()

    def forget(self) -> Any:
        """The stream is gone.

        Returns:
            The producer, if there was one.
        """
        producer, self._producer = self._producer, None
        return producer
