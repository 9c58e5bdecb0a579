"""What the parts of the Instance Messenger are to each other.

Text is `str`. What is said of a text beside it is a dictionary, `metadata`: ``{"style": "emote"}``
is something that one does, and ``{"dontAutoRespond": True}`` nothing to answer by itself.
"""

from __future__ import annotations

from typing import Any

from zope.interface import Attribute, Interface

from twisted.internet.defer import Deferred
from twisted.words.im.locals import Enum

__all__ = [
    "IAccount",
    "IChatUI",
    "IClient",
    "IConversation",
    "IGroup",
    "IGroupConversation",
    "IPerson",
]


class IAccount(Interface):
    """Who one is at a server, and how to get there."""

    client = Attribute("The `IClient` that is logged on; None if none is.")
    gatewayType = Attribute("The name of the protocol, as text.")

    def __init__(
        accountName: str, autoLogin: Any, username: str, password: str, host: str, port: int
    ) -> None:
        """Know of an account.

        Args:
            accountName: what its owner calls it.
            autoLogin: whether to log on when the program starts.
            username: who one is there.
            password: and how that is proved.
            host: the server.
            port: its port.
        """

    def isOnline() -> bool:
        """Whether it is logged on."""

    def logOn(chatui: Any) -> Deferred[Any]:
        """Log on.

        Args:
            chatui: the `IChatUI` that shows what happens.

        Returns:
            A Deferred of the `IClient`. It fails if the server cannot be reached, or refuses.
        """

    def logOff() -> None:
        """Log off."""

    def getGroup(groupName: str) -> Any:
        """The `IGroup` of a name; the same each time."""

    def getPerson(personName: str) -> Any:
        """The `IPerson` of a name; the same each time."""


class IClient(Interface):
    """An account's connection, once it is logged on."""

    account = Attribute("The `IAccount`.")

    def __init__(account: Any, chatui: Any, logonDeferred: Any) -> None:
        """Know whom to tell.

        Args:
            account: the `IAccount`.
            chatui: the `IChatUI` that shows what happens.
            logonDeferred: fires with this when it is logged on.
        """

    def joinGroup(groupName: str) -> Any:
        """Come into a group."""

    def leaveGroup(groupName: str) -> Any:
        """Go out of a group."""

    def getGroupConversation(name: str, hide: Any = 0) -> Any:
        """The `IGroupConversation` of a group."""

    def getPerson(name: str) -> Any:
        """The `IPerson` of a name."""


class IPerson(Interface):
    """Somebody else, as an account knows them."""

    def __init__(name: str, account: Any) -> None:
        """Know somebody.

        Args:
            name: what they are called at the server.
            account: the `IAccount` that knows them.
        """

    def isOnline() -> bool:
        """Whether they are there, as far as is known."""

    def getStatus() -> Enum:
        """`ONLINE`, `AWAY` or `OFFLINE` of `twisted.words.im.locals`."""

    def getIdleTime() -> str:
        """For how long they have said nothing, in words."""

    def sendMessage(text: str, metadata: Any = None) -> Deferred[str]:
        """Say something to them; fires with the text. Raises `OfflineError`."""


class IGroup(Interface):
    """A group, as an account knows it."""

    name = Attribute("What it is called at the server.")
    account = Attribute("The `IAccount` that knows it.")

    def __init__(name: str, account: Any) -> None:
        """Know a group; as `IPerson`."""

    def setTopic(text: str) -> Any:
        """Change its topic. Raises `OfflineError`."""

    def sendGroupMessage(text: str, metadata: Any = None) -> Deferred[str]:
        """Say something in it; fires with the text. Raises `OfflineError`."""

    def join() -> None:
        """Come into it. Raises `OfflineError`."""

    def leave() -> None:
        """Go out of it. Raises `OfflineError`."""


class IConversation(Interface):
    """What is shown of what one and somebody else say."""

    def __init__(person: Any, chatui: Any) -> None:
        """Show nothing yet.

        Args:
            person: the `IPerson` at the other end.
            chatui: the `IChatUI` that it is a part of.
        """

    def show() -> None:
        """Show it."""

    def hide() -> None:
        """Do not show it any more."""

    def sendText(text: str, metadata: Any) -> Any:
        """Say something."""

    def showMessage(text: str, metadata: Any) -> Any:
        """Show what the other says."""

    def changedNick(person: Any, newnick: str) -> None:
        """The other is called something else now."""


class IGroupConversation(Interface):
    """What is shown of a group that one is in."""

    def show() -> None:
        """Show it."""

    def hide() -> None:
        """Do not show it any more."""

    def sendText(text: str, metadata: Any) -> Any:
        """Say something in it."""

    def showGroupMessage(sender: str, text: str, metadata: Any) -> Any:
        """Show what somebody says."""

    def setGroupMembers(members: list[str]) -> None:
        """Show who is in it."""

    def setTopic(topic: str, author: str) -> None:
        """Show what it is about, and who says so."""

    def memberJoined(member: str) -> None:
        """Show that somebody has come."""

    def memberChangedNick(oldnick: str, newnick: str) -> None:
        """Show that somebody is called something else now."""

    def memberLeft(member: str) -> None:
        """Show that somebody has gone."""


class IChatUI(Interface):
    """Shows conversations, and knows whom they are with."""

    def registerAccountClient(client: Any) -> Any:
        """An account is logged on by this client."""

    def unregisterAccountClient(client: Any) -> None:
        """It is so no more."""

    def getContactsList() -> Any:
        """The list of those whom one knows."""

    def getConversation(person: Any, Class: Any = None, stayHidden: Any = 0) -> Any:
        """The conversation with somebody; a new one, that is shown, if there is none."""

    def getGroupConversation(group: Any, Class: Any = None, stayHidden: Any = 0) -> Any:
        """The conversation in a group; as `getConversation`."""

    def getPerson(name: str, client: Any) -> Any:
        """The `IPerson` of a name."""

    def getGroup(name: str, client: Any) -> Any:
        """The `IGroup` of a name."""

    def contactChangedNick(oldnick: Any, newnick: str) -> None:
        """Somebody is called something else now."""
