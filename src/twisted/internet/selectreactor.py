"""The reactor over ``select(2)``; chapter 3.9.3."""

from __future__ import annotations

from twisted.internet._multiplexers.select import SelectMultiplexer
from twisted.internet.main import installReactor
from twisted.internet.posixbase import PosixReactorBase

__all__ = ["SelectReactor", "install"]


class SelectReactor(PosixReactorBase):
    """A reactor that runs everywhere, with at most about a thousand descriptors."""

    multiplexer = SelectMultiplexer


def install() -> None:
    """Make a `SelectReactor` the reactor of this process."""
    installReactor(SelectReactor())
