"""The front end of the chat server that serves clients of TOC."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from twisted.internet._reactor import installedReactor
from twisted.internet.protocol import ServerFactory
from twisted.words.protocols.toc._server import TOC, State
from twisted.words.service import DEFAULT_LIMITS, RealmWatcher, WordsLimits
from twisted.words.service._names import fold

__name__ = "twisted.words.protocols.toc"  # the public path, for pickles and messages


class TOCFactory(ServerFactory, RealmWatcher):
    """Serves clients of TOC.

    Args:
        realm: an `twisted.words.iwords.IChatService`.
        portal: the `twisted.cred.portal.Portal` over it. Clients send names in small letters and
            without spaces: those are the accounts that can be used.

    Attributes:
        limits: a `twisted.words.service.WordsLimits`; by default those of the realm.
        clock: what time is told by.
        configs: what is kept for users, by their names in small letters; it is gone when the
            process ends.
        count: how many connections there are.
    """

    protocol = TOC

    def __init__(self, realm: Any, portal: Any) -> None:
        self.realm = realm
        self.portal = portal
        self.limits: WordsLimits = getattr(realm, "limits", DEFAULT_LIMITS)
        self.clock: Any = None
        self.configs: dict[str, str] = {}
        self.count = 0
        self._watching: dict[str, set[TOC]] = {}
        self._numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._lastNumber = 0
        realm.watchers.append(self)

    def buildProtocol(self, addr: Any) -> Any:
        """A connection."""
        if self.clock is None:
            self.clock = installedReactor()
        return super().buildProtocol(addr)

    def arrived(self) -> bool:
        """Count a connection; whether there may be another one."""
        self.count += 1
        return self.count <= self.limits.connections

    def left(self, client: TOC) -> None:
        """A connection is over."""
        self.count -= 1
        for name in client.buddies:
            self.unwatch(name, client)

    def roomOf(self, group: Any) -> int:
        """The number of a room."""
        number = self._numbers.get(group)
        if number is None:
            self._lastNumber += 1
            number = self._numbers[group] = self._lastNumber
        return number

    def watch(self, name: str, client: TOC) -> None:
        """Have a client hear of a user."""
        self._watching.setdefault(name, set()).add(client)

    def unwatch(self, name: str, client: TOC) -> None:
        """Have it hear of them no more."""
        clients = self._watching.get(name, set())
        clients.discard(client)
        if not clients:
            self._watching.pop(name, None)

    def tellOf(self, user: Any, online: bool) -> None:
        """Say to all who want to know that a user is there, or is not, or has changed."""
        for client in list(self._watching.get(fold(user.name), ())):
            if client.state is State.ONLINE:
                client.tellOf(user, online)

    def userArrived(self, user: Any) -> None:
        """See `RealmWatcher`. Clients of TOC say by themselves when they are to be seen."""
        if not isinstance(user.mind, TOC):
            self.tellOf(user, True)

    def userGone(self, user: Any, mind: Any, groups: list[Any], reason: str | None) -> None:
        """See `RealmWatcher`."""
        self.tellOf(user, False)

    def userChanged(self, user: Any) -> None:
        """See `RealmWatcher`."""
        self.tellOf(user, True)
