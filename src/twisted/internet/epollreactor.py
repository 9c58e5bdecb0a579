"""The reactor over ``epoll(7)``; chapter 3.9.4."""

from __future__ import annotations

from twisted.internet._multiplexers.epoll import EpollMultiplexer
from twisted.internet.main import installReactor
from twisted.internet.posixbase import PosixReactorBase

__all__ = ["EPollReactor", "install"]


class EPollReactor(PosixReactorBase):
    """The reactor for Linux, whose cost does not grow with idle descriptors."""

    multiplexer = EpollMultiplexer


def install() -> None:
    """Make an `EPollReactor` the reactor of this process."""
    installReactor(EPollReactor())
