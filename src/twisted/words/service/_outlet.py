"""What waits for a client that does not read, and how much may."""

from __future__ import annotations

from typing import Any


class Outlet:
    """Stands as the producer of a connection, to hear when its peer does not read.

    While it does, its owner's ``write`` is the transport's. From the moment that it does not,
    what is written is counted, and past the limit the owner is told.

    Args:
        owner: has an attribute ``write``, which is changed, and a method ``clogged``.
        transport: the connection.
        limit: how many bytes may wait.
    """

    def __init__(self, owner: Any, transport: Any, limit: int) -> None:
        self.owner = owner
        self.transport = transport
        self.limit = limit
        self.waiting = 0
        owner.write = transport.write
        transport.registerProducer(self, True)

    def pauseProducing(self) -> None:
        """The peer does not read: count."""
        if self.owner.write == self.transport.write:
            self.waiting = 0
            self.owner.write = self._count

    def resumeProducing(self) -> None:
        """The peer has read what there was."""
        if self.owner.write == self._count:
            self.owner.write = self.transport.write

    def stopProducing(self) -> None:
        """The connection is over."""

    def _count(self, data: bytes) -> None:
        self.waiting += len(data)
        if self.waiting <= self.limit:
            self.transport.write(data)
            return
        owner = self.owner
        self.close()
        self.transport.abortConnection()
        owner.clogged()

    def close(self) -> None:
        """Write no more: the connection is over, or is to be."""
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.write = _nowhere
            # A transport with a producer would wait for its end.
            self.transport.unregisterProducer()


def _nowhere(data: bytes) -> None:
    """Write to a connection that is over."""
