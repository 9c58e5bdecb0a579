"""The front end for programs that speak Perspective Broker, as `twistd words` offers it."""

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.internet._reactor import installedReactor
from twisted.logger import Logger
from twisted.spread.pb import PBServerFactory
from twisted.words.service._limits import DEFAULT_LIMITS, WordsLimits
from twisted.words.service._pbserver import PBMindReference
from twisted.words.service._realm import RealmWatcher

__name__ = "twisted.words.service"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)


class PBChatFactory(PBServerFactory, RealmWatcher):
    """Serves programs that log in, and has the others go.

    Args:
        realm: an `twisted.words.iwords.IChatService`.
        portal: the `twisted.cred.portal.Portal` over it.

    Attributes:
        limits: a `WordsLimits`; by default those of the realm.
        clock: what time is told by.
        count: how many connections there are.
    """

    def __init__(self, realm: Any, portal: Any) -> None:
        super().__init__(portal)
        self.limits: WordsLimits = getattr(realm, "limits", DEFAULT_LIMITS)
        self.clock: Any = None
        self.count = 0
        self._late: dict[Any, Any] = {}
        realm.watchers.append(self)

    def buildProtocol(self, addr: Any) -> Any:
        """A broker for a connection; None if there are too many."""
        if self.count >= self.limits.connections:
            _log.warn("No connection for {address}: there are {count}", address=addr,
                      count=self.count)  # fmt: skip
            return None
        broker = super().buildProtocol(addr)
        self.count += 1
        broker.notifyOnDisconnect(partial(self._left, broker))
        clock = self.clock or installedReactor()
        self._late[broker] = clock.callLater(self.limits.loginSeconds, self._isLate, broker)
        return broker

    def userArrived(self, user: Any) -> None:
        """See `RealmWatcher`: whoever has logged in may stay."""
        if isinstance(user.mind, PBMindReference):
            self._inTime(user.mind.broker)

    def _inTime(self, broker: Any) -> None:
        late = self._late.pop(broker, None)
        if late is not None:
            late.cancel()

    def _isLate(self, broker: Any) -> None:
        del self._late[broker]
        _log.info("A program did not log in in time")
        broker.transport.abortConnection()

    def _left(self, broker: Any) -> None:
        self.count -= 1
        self._inTime(broker)
