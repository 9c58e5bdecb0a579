"""Accounts of TOC, by which AOL Instant Messenger was spoken to, and `twisted.words.service` is.

Groups are rooms, by their names. There is no way in TOC to say that something is done and not said:
it goes as text with a "*" before it.
"""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred, succeed
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.words.im.basesupport import (
    AbstractAccount,
    AbstractClientMixin,
    AbstractGroup,
    AbstractPerson,
    clientOf,
)
from twisted.words.im.interfaces import IAccount, IClient, IGroup, IPerson
from twisted.words.im.locals import AWAY, OFFLINE, ONLINE
from twisted.words.protocols.toc import Permission, TOCClient, TOCError, normalize

__all__ = ["TOCAccount", "TOCGroup", "TOCPerson", "TOCProto"]


def _text(text: str, metadata: Any) -> str:
    return f"* {text}" if metadata and metadata.get("style") == "emote" else text


@implementer(IPerson)
class TOCPerson(AbstractPerson):
    """Somebody on the server.

    Attributes:
        idle: for how many minutes they have done nothing.
    """

    idle = 0

    def getIdleTime(self) -> str:
        """For how long they have done nothing."""
        return f"{self.idle} minutes" if self.idle else "--"

    def sendMessage(self, text: str, metadata: Any = None) -> Deferred[str]:
        """Say something to them; fires with the text."""
        clientOf(self.account).say(self.name, _text(text, metadata))
        return succeed(text)

    def imperson_warn(self) -> None:
        """Warn them."""
        clientOf(self.account).evil(self.name)


@implementer(IGroup)
class TOCGroup(AbstractGroup):
    """A room."""

    def sendGroupMessage(self, text: str, metadata: Any = None) -> Deferred[str]:
        """Say something in it; fires with the text."""
        clientOf(self.account).sayInRoom(self.name, _text(text, metadata))
        return succeed(text)

    def setTopic(self, text: str) -> None:
        """There are no topics: raises `ValueError`."""
        raise ValueError("Rooms of TOC have no topic.")


@implementer(IClient)
class TOCProto(AbstractClientMixin, TOCClient):
    """The connection of an account of TOC."""

    def __init__(
        self, account: Any, chatui: Any, logonDeferred: Deferred[Any] | None = None
    ) -> None:
        AbstractClientMixin.__init__(self, account, chatui, logonDeferred)
        TOCClient.__init__(self, account.username, account.password)
        self._roomOf: dict[str, int] = {}

    def connectionMade(self) -> None:
        """Begin to log in."""
        TOCClient.connectionMade(self)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The connection is over."""
        TOCClient.connectionLost(self, reason or connectionDone)
        AbstractClientMixin.connectionLost(self, reason)

    # --- Logging on ---

    def signedOn(self) -> None:
        """The server has let us in: come into the rooms of the account."""
        self.init_done()
        self.loggedOn()
        for name in self.account.groups:
            self.joinGroup(name)

    def gotConfig(
        self, mode: Permission, groups: dict[str, list[str]], permit: list[str], deny: list[str]
    ) -> None:
        """The server has kept a list of friends: hear of them."""
        friends = [name for names in groups.values() for name in names]
        if friends:
            self.add_buddy(*friends)

    def gotError(self, code: str, about: str) -> None:
        """Before we are in, that is why we do not come in."""
        if self.account.client is None:
            self.logOnFailed(Failure(TOCError(f"The server refuses: error {code} {about}".strip())))
            self.transport.loseConnection()
        else:
            TOCClient.gotError(self, code, about)

    # --- What one can do ---

    def addContact(self, name: str) -> None:
        """Hear of somebody."""
        self.add_buddy(name)

    def joinGroup(self, name: str) -> None:
        """Come into a room."""
        self.chat_join(name)

    def leaveGroup(self, name: str) -> None:
        """Go out of a room, and show it no more."""
        room = self._roomOf.pop(name, None)
        if room is not None:
            self.chat_leave(room)
        self.getGroupConversation(name, 1).hide()

    def sayInRoom(self, name: str, text: str) -> None:
        """Say something in a room; raises `ValueError` if one is not in it."""
        if name not in self._roomOf:
            raise ValueError(f"You are not in the group {name!r}: join it first.")
        self.chat_say(self._roomOf[name], text)

    def _isUs(self, name: str) -> bool:
        return normalize(name) == normalize(self.name)

    # --- What the server tells ---

    def hearMessage(self, user: str, message: str, auto: bool) -> None:
        """Somebody says something to us alone."""
        person = self.getPerson(user)
        if not person.isOnline():
            person.setStatus(ONLINE)
        metadata = {"dontAutoRespond": True} if auto else {}
        self.chat.getConversation(person).showMessage(message, metadata)

    def updateBuddy(
        self, user: str, online: bool, evil: int, since: int, idle: int, away: bool
    ) -> None:
        """A friend comes or goes, or changes."""
        person = self.getPerson(user)
        person.idle = idle
        person.setStatus(OFFLINE if not online else AWAY if away else ONLINE)

    def chatJoined(self, roomid: int, roomname: str, users: list[str]) -> None:
        """We are in a room."""
        self._roomOf[roomname] = roomid
        self.getGroupConversation(roomname).setGroupMembers([user for user in users if user])

    def chatUpdate(self, roomid: int, username: str, inroom: bool) -> None:
        """Somebody comes into a room, or leaves it."""
        talk = self._talkIn(roomid)
        if talk is not None:
            (talk.memberJoined if inroom else talk.memberLeft)(username)

    def chatHearMessage(self, roomid: int, username: str, message: str) -> None:
        """Somebody says something in a room; what we say comes as well, and is shown already."""
        talk = self._talkIn(roomid)
        if talk is not None and not self._isUs(username):
            talk.showGroupMessage(username, message, {})

    def chatHearWhisper(self, roomid: int, username: str, message: str) -> None:
        """Somebody in a room says something to us alone."""
        self.hearMessage(username, message, False)

    def chatLeft(self, roomid: int) -> None:
        """We are not in a room any more."""
        for name, room in list(self._roomOf.items()):
            if room == roomid:
                del self._roomOf[name]

    def _talkIn(self, roomid: int) -> Any:
        """The conversation in the room of a number, or None if we are in none."""
        for name, room in self._roomOf.items():
            if room == roomid:
                return self.getGroupConversation(name)
        return None


@implementer(IAccount)
class TOCAccount(AbstractAccount):
    """Who one is on a server of TOC.

    Args:
        groups: the names of the rooms to come into, with commas in between.

    Attributes:
        groups: these names, as a list.
    """

    gatewayType = "TOC"

    _groupFactory = TOCGroup
    _personFactory = TOCPerson

    def __init__(
        self,
        accountName: str,
        autoLogin: Any,
        username: str,
        password: str,
        host: str,
        port: int | str,
        groups: str = "",
    ) -> None:
        super().__init__(accountName, autoLogin, username, password, host, port)
        self.groups = [one for one in groups.split(",") if one]

    def _startLogOn(self, chatui: Any) -> Deferred[Any]:
        done: Deferred[Any] = Deferred()
        self._connect(TOCProto(self, chatui, done))
        return done
