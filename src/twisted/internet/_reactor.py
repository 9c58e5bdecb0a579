"""What transports use of a reactor, and which one they use when they are given none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall


class TransportReactor(Protocol):
    """The part of a reactor that transports and ports stand on.

    A reactor may have more: a list ``_dirty``, of the descriptors that it is to let send
    at the end of the turn.  One without it is asked for writability instead.
    """

    def addReader(self, reader: Any) -> None: ...
    def addWriter(self, writer: Any) -> None: ...
    def removeReader(self, reader: Any) -> None: ...
    def removeWriter(self, writer: Any) -> None: ...
    def callLater(
        self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any
    ) -> IDelayedCall: ...


def installedReactor() -> Any:
    """The reactor of this process; installs the default one if there is none."""
    # Late, because this import installs: a program must have had its chance to choose.
    from twisted.internet import reactor

    return cast(Any, reactor)
