"""The reactor over ``kqueue(2)``; chapter 3.9.4."""

from __future__ import annotations

from twisted.internet._multiplexers.kqueue import KqueueMultiplexer
from twisted.internet.main import installReactor
from twisted.internet.posixbase import PosixReactorBase

__all__ = ["KQueueReactor", "install"]


class KQueueReactor(PosixReactorBase):
    """The reactor for BSD and macOS, whose cost does not grow with idle descriptors."""

    multiplexer = KqueueMultiplexer


def install() -> None:
    """Make a `KQueueReactor` the reactor of this process."""
    installReactor(KQueueReactor())
