"""The engine: event loops, transports, Deferreds, timers and threads."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twisted.internet.posixbase import PosixReactorBase

    # At run time, `twisted.internet.reactor` or `installReactor` puts it here.
    reactor: PosixReactorBase
