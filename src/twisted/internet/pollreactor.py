"""The reactor over ``poll(2)``; chapter 3.9.3."""

from __future__ import annotations

from twisted.internet._multiplexers.poll import PollMultiplexer
from twisted.internet.main import installReactor
from twisted.internet.posixbase import PosixReactorBase

__all__ = ["PollReactor", "install"]


class PollReactor(PosixReactorBase):
    """A reactor for any number of descriptors, on any POSIX system."""

    multiplexer = PollMultiplexer


def install() -> None:
    """Make a `PollReactor` the reactor of this process."""
    installReactor(PollReactor())
