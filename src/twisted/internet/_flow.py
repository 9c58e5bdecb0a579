"""A producer that feeds a transport, and what it has been told.

Chapter 1.3; `IConsumer`, `IPushProducer`, `IPullProducer`.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IProducer


class Flow:
    """Back-pressure between one producer and the queue of one transport, which keeps `queued`.

    A push producer is paused when too many bytes wait, and resumed when none do.
    A pull producer is asked for more whenever none wait.

    Args:
        producer: who writes.
        streaming: whether it is a push producer.
        queued: how many bytes wait already.
    """

    __slots__ = ("paused", "producer", "queued", "streaming")

    def __init__(self, producer: IProducer, streaming: bool, queued: int) -> None:
        self.producer: Any = producer
        self.streaming = streaming
        self.queued = queued
        self.paused = False

    def start(self) -> None:
        """The producer has been registered: a pull producer waits to be asked."""
        self.producer.resumeProducing()

    def filled(self) -> None:
        """More waits than should."""
        if self.streaming and not self.paused:
            self.paused = True
            self.producer.pauseProducing()

    def drained(self) -> None:
        """Nothing waits: let the producer go on."""
        if self.paused or not self.streaming:
            self.paused = False
            self.producer.resumeProducing()
