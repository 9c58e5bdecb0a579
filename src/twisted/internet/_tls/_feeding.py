"""What stands in for the producer of a connection under TLS."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import IPushProducer


@implementer(IPushProducer)
class Feeding:
    """What the transport below takes for its producer.

    Args:
        layer: is told instead.
    """

    __slots__ = ("_layer",)

    def __init__(self, layer: Any) -> None:
        self._layer = layer

    def pauseProducing(self) -> None:
        """The transport below has enough."""
        self._layer._pauseProducer()

    def resumeProducing(self) -> None:
        """The transport below has sent all."""
        self._layer._resumeProducer()

    def stopProducing(self) -> None:
        """The transport below is gone."""
        self._layer._stopProducer()
