"""What the accounts, clients, persons and groups of all protocols have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.error import ConnectionDone
from twisted.persisted.styles import Versioned
from twisted.python.failure import Failure
from twisted.words.im.locals import OFFLINE, Enum, OfflineError

__all__ = ["AbstractAccount", "AbstractClientMixin", "AbstractGroup", "AbstractPerson"]

#: Persons that an account remembers; then it forgets those of whom it has known the longest. Many
#: join large channels, and anybody may invent names.
MAX_PERSONS = 20_000


def _commands(thing: object, begin: str) -> list[Callable[..., Any]]:
    """The methods whose names begin so, for menus."""
    return [getattr(thing, name) for name in dir(thing) if name.startswith(begin)]


def clientOf(account: Any) -> Any:
    """The client of an account.

    Raises:
        OfflineError: it has none.
    """
    if account.client is None:
        raise OfflineError(f"The account {account.accountName!r} is not logged on: log on first.")
    return account.client


class AbstractGroup:
    """A group, as an account knows it.

    A method ``imgroup_<name>(self)`` is something that one can do with it, and
    ``imtarget_<name>(self, target)`` with somebody in it.
    """

    def __init__(self, name: str, account: Any) -> None:
        self.name = name
        self.account = account

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def __str__(self) -> str:
        return f"{self.name}@{self.account.accountName}"

    def getGroupCommands(self) -> list[Callable[..., Any]]:
        """What one can do with it."""
        return _commands(self, "imgroup_")

    def getTargetCommands(self, target: Any) -> list[Callable[..., Any]]:
        """What one can do with somebody in it."""
        return _commands(self, "imtarget_")

    def join(self) -> None:
        """Come into it; raises `OfflineError`."""
        clientOf(self.account).joinGroup(self.name)

    def leave(self) -> None:
        """Go out of it; raises `OfflineError`."""
        clientOf(self.account).leaveGroup(self.name)


class AbstractPerson:
    """Somebody, as an account knows them.

    A method ``imperson_<name>(self)`` is something that one can do with them.

    Attributes:
        status: whether they are there.
    """

    def __init__(self, name: str, baseAccount: Any) -> None:
        self.name = name
        self.account = baseAccount
        self.status: Enum = OFFLINE

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}/{self.status}>"

    def __str__(self) -> str:
        return f"{self.name}@{self.account.accountName}"

    def isOnline(self) -> bool:
        """Whether they are there, as far as is known."""
        return self.status is not OFFLINE

    def getStatus(self) -> Enum:
        """Whether they are there, as far as is known."""
        return self.status

    def setStatus(self, status: Enum) -> None:
        """Know whether they are there, and tell the list of contacts."""
        self.status = status
        client = self.account.client
        if client is not None:
            client.chat.getContactsList().setContactStatus(self)

    def getPersonCommands(self) -> list[Callable[..., Any]]:
        """What one can do with them."""
        return _commands(self, "imperson_")

    def getIdleTime(self) -> str:
        """For how long they have said nothing: that is not known."""
        return "--"


class AbstractClientMixin:
    """What clients do about logging on, and about the end.

    Attributes:
        account: the account.
        chat: the `twisted.words.im.basechat.ChatUI`.
    """

    def __init__(
        self, account: Any, chatui: Any, logonDeferred: Deferred[Any] | None = None
    ) -> None:
        self.account = account
        self.chat = chatui
        self._logonDeferred = logonDeferred
        self._registered = False

    @property
    def accountName(self) -> str:
        """What the owner of the account calls it."""
        name: str = self.account.accountName
        return name

    def connectionMade(self) -> None:
        """There is a connection, and we are not logged on yet."""

    def loggedOn(self) -> None:
        """We are logged on now. For the clients of protocols to call."""
        self.account.client = self
        self._registered = True
        self.chat.registerAccountClient(self)
        self._fire(self)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The connection is over, before or after we were logged on."""
        self.unregisterAsAccountClient()
        self.account.clientLost(self)
        self._fire(reason or Failure(ConnectionDone()))

    def logOnFailed(self, reason: Failure) -> None:
        """The server does not let us in. For the clients of protocols to call."""
        self._fire(reason)

    def unregisterAsAccountClient(self) -> None:
        """Show nothing more."""
        if self._registered:
            self._registered = False
            self.chat.unregisterAccountClient(self)

    def getPerson(self, name: str) -> Any:
        """The person of a name."""
        return self.chat.getPerson(name, self)

    def getGroupConversation(self, name: str, hide: Any = 0) -> Any:
        """The conversation in a group.

        Args:
            name: its name.
            hide: do not show it, if it is new.
        """
        return self.chat.getGroupConversation(self.chat.getGroup(name, self), stayHidden=hide)

    def _fire(self, result: Any) -> None:
        waiting, self._logonDeferred = self._logonDeferred, None
        if waiting is not None:
            if isinstance(result, Failure):
                waiting.errback(result)
            else:
                waiting.callback(result)


class AbstractAccount(Versioned):
    """Who one is at a server.

    Subclasses define `gatewayType`, `_startLogOn`, `_hangUp`, `_groupFactory` and `_personFactory`.
    Pickled, it forgets its connection and all that came by it.

    Attributes:
        accountName: what its owner calls it.
        autoLogin: whether to log on when the program starts.
        username: who one is there.
        password: how that is proved.
        host: the server.
        port: its port.
        client: what is logged on, or None.
    """

    persistanceVersion = 2
    persistenceVersion = 2
    persistenceForgets = ("client", "_connecting", "_groups", "_persons")
    gatewayType = ""
    client: Any = None

    _groupFactory: Callable[[str, Any], Any] = AbstractGroup
    _personFactory: Callable[[str, Any], Any] = AbstractPerson
    _connecting: Deferred[Any] | None = None

    def __init__(
        self,
        accountName: str,
        autoLogin: Any,
        username: str,
        password: str,
        host: str,
        port: int | str,
    ) -> None:
        self.accountName = accountName
        self.autoLogin = autoLogin
        self.username = username
        self.password = password
        self.host = host
        self.port = int(port)
        self._groups: dict[str, Any] = {}
        self._persons: dict[str, Any] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._groups, self._persons = {}, {}

    def __repr__(self) -> str:
        where = f"{self.username}@{self.host}:{self.port}"
        return f"<{type(self).__name__}: {self.accountName} ({where})>"

    def upgrateToVersion2(self) -> None:
        """Complete an account of version 1, whose port could be text."""
        self.port = int(self.port)

    upgradeToVersion2 = upgrateToVersion2

    def isOnline(self) -> bool:
        """Whether it is logged on."""
        return self.client is not None

    def logOn(self, chatui: Any) -> Deferred[Any]:
        """Log on.

        Args:
            chatui: the `twisted.words.im.basechat.ChatUI` that shows what happens.

        Returns:
            A Deferred of the client. It fails if the server cannot be reached, or refuses.

        Raises:
            ValueError: it is logged on, or about to be.
        """
        if self.client is not None or self._connecting is not None:
            raise ValueError(f"The account {self.accountName!r} is logged on: log off first.")
        self._connecting = result = self._startLogOn(chatui)

        def over(result: Any) -> Any:
            self._connecting = None
            return result

        return result.addBoth(over)

    def _startLogOn(self, chatui: Any) -> Deferred[Any]:
        raise NotImplementedError(f"{type(self).__name__} has to define _startLogOn(self, chatui).")

    def _connect(self, client: Any) -> None:
        """Connect a client that is a protocol."""
        there = TCP4ClientEndpoint(installedReactor(), self.host, self.port)
        connectProtocol(there, client).addErrback(client.logOnFailed)

    def logOff(self) -> None:
        """Log off, if it is logged on."""
        client = self.client
        if client is not None:
            client.unregisterAsAccountClient()
            self._hangUp(client)
            self.clientLost(client)

    def _hangUp(self, client: Any) -> None:
        client.transport.loseConnection()

    def clientLost(self, client: Any) -> None:
        """A client's connection is over."""
        if self.client is client:
            self.client = None

    def getGroup(self, name: str) -> Any:
        """The group of a name; the same each time."""
        if name not in self._groups:
            self._groups[name] = self._groupFactory(name, self)
        return self._groups[name]

    def getPerson(self, name: str) -> Any:
        """The person of a name; the same each time, while somebody knows of them."""
        if name not in self._persons:
            self._persons[name] = self._personFactory(name, self)
            while len(self._persons) > MAX_PERSONS:
                del self._persons[next(iter(self._persons))]
        return self._persons[name]

    def renamed(self, person: Any, newname: str) -> None:
        """Somebody is called something else now: know them by that. Called before they know."""
        known = self._persons.get(person.name)
        if known is not None and known is person:
            del self._persons[person.name]
            self._persons[newname] = person
