"""A reactor for tests: real sockets, time that does not pass."""

from __future__ import annotations

from twisted.internet._multiplexers.fake import FakeMultiplexer
from twisted.internet.posixbase import PosixReactorBase

__all__ = ["FakeReactor"]


class FakeReactor(PosixReactorBase):
    """A reactor that never waits: its clock jumps to the next timer instead.

    A test of an hour's timeout takes no time, and sees events in the order in which a real
    hour would bring them.
    """

    def __init__(self) -> None:
        self._multiplexer = FakeMultiplexer()
        self.seconds = self._multiplexer.seconds
        super().__init__()

    def _release(self) -> None:
        super()._release()
        self._multiplexer.close()

    def _makeMultiplexer(self) -> FakeMultiplexer:
        return self._multiplexer
