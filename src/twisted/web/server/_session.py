"""Sessions: what a server remembers of a client between its requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet._reactor import installedReactor
from twisted.internet.interfaces import IDelayedCall
from twisted.python.components import Componentized

__name__ = "twisted.web.server"  # the public path, for pickles and messages


class Session(Componentized):
    """What is remembered of one client, until it has not asked for some time.

    Components can be set and asked for, by interface; see `Request.getSession`.

    Args:
        site: the site.
        uid: what the client knows the session by. Nobody else may know it.
        reactor: has the clock; that of the site by default, or the installed one.

    Attributes:
        sessionTimeout: after so many seconds without a request it is forgotten.
        lastModified: when it was last used, as the reactor tells the time.
    """

    sessionTimeout: float = 900

    _expireCall: IDelayedCall | None = None

    def __init__(self, site: Any, uid: bytes, reactor: Any = None) -> None:
        super().__init__()
        self.site = site
        self.uid = uid
        reactor = getattr(site, "reactor", None) if reactor is None else reactor
        self._reactor = installedReactor() if reactor is None else reactor
        self.expireCallbacks: list[Callable[[], object]] = []
        self.sessionNamespaces: dict[Any, Any] = {}
        self.touch()

    def startCheckingExpiration(self) -> None:
        """Begin to count the time."""
        self._expireCall = self._reactor.callLater(self.sessionTimeout, self.expire)

    def notifyOnExpire(self, callback: Callable[[], object]) -> None:
        """Call `callback` when the session is forgotten."""
        self.expireCallbacks.append(callback)

    def expire(self) -> None:
        """Forget the session now."""
        self.site.sessions.pop(self.uid, None)
        callbacks, self.expireCallbacks = self.expireCallbacks, []
        call, self._expireCall = self._expireCall, None
        if call is not None and call.active():
            call.cancel()
        for callback in callbacks:
            callback()

    def touch(self) -> None:
        """It is used: begin to count anew."""
        self.lastModified = self._reactor.seconds()
        if self._expireCall is not None:
            self._expireCall.reset(self.sessionTimeout)
