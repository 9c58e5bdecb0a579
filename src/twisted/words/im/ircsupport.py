"""Accounts of IRC.

Groups are channels, by their names without the "#"; one of another kind has its first letter.
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
from twisted.words.im.locals import OFFLINE, ONLINE
from twisted.words.protocols import irc

__all__ = ["IRCAccount", "IRCGroup", "IRCPerson", "IRCProto"]

#: How metadata says that something is done and not said.
EMOTE = "emote"


@implementer(IPerson)
class IRCPerson(AbstractPerson):
    """Somebody on IRC."""

    def __init__(self, name: str, baseAccount: Any) -> None:
        super().__init__(name, baseAccount)
        # Who is heard of is there; that they have gone is heard of if a channel is shared.
        self.status = ONLINE

    def sendMessage(self, text: str, meta: Any = None) -> Deferred[str]:
        """Say something to them, or do something before them.

        Args:
            text: what.
            meta: ``{"style": "emote"}`` if it is done.
        """
        _say(clientOf(self.account), self.name, text, meta)
        return succeed(text)

    def imperson_whois(self) -> None:
        """Ask the server who they are."""
        clientOf(self.account).whois(self.name)


@implementer(IGroup)
class IRCGroup(AbstractGroup):
    """A channel."""

    def sendGroupMessage(self, text: str, meta: Any = None) -> Deferred[str]:
        """Say or do something in it; as `IRCPerson.sendMessage`."""
        _say(clientOf(self.account), channelOf(self.name), text, meta)
        return succeed(text)

    def setTopic(self, topic: str) -> None:
        """Ask the server to change its topic."""
        clientOf(self.account).topic(channelOf(self.name), topic)

    def leave(self) -> None:
        """Go out of it."""
        clientOf(self.account).leaveGroup(self.name)

    def imgroup_testAction(self) -> None:
        """Do something in it, to see how that looks."""
        self.sendGroupMessage("tries something out.", {"style": EMOTE})

    def imtarget_kick(self, target: Any) -> None:
        """Send somebody out of it."""
        name = getattr(target, "name", target)
        clientOf(self.account).kick(channelOf(self.name), name)


@implementer(IClient)
class IRCProto(AbstractClientMixin, irc.IRCClient):
    """The connection of an account of IRC."""

    def __init__(
        self, account: Any, chatui: Any, logonDeferred: Deferred[Any] | None = None
    ) -> None:
        super().__init__(account, chatui, logonDeferred)
        self._topics: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._listing: dict[str, list[str]] = {}

    def connectionMade(self) -> None:
        """Ask the server to let us in."""
        self.nickname = self.username = self.account.username
        self.password = self.account.password or None
        self.realname = f"{self.account.username}, by the Instance Messenger"
        irc.IRCClient.connectionMade(self)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The connection is over."""
        irc.IRCClient.connectionLost(self, reason or connectionDone)
        AbstractClientMixin.connectionLost(self, reason)

    # --- Logging on ---

    def signedOn(self) -> None:
        """The server has let us in: come into the channels of the account."""
        self.loggedOn()
        for channel in self.account.channels:
            self.joinGroup(channel)

    def irc_ERR_PASSWDMISMATCH(self, prefix: str, params: list[str]) -> None:
        """The server does not take the password."""
        self.logOnFailed(Failure(irc.IRCPasswordMismatch(params[-1] if params else "")))
        self.transport.loseConnection()

    def loginFailed(self, reason: str) -> None:
        """The server does not take the account."""
        self.logOnFailed(Failure(irc.IRCPasswordMismatch(reason)))

    # --- What one can do ---

    def setNick(self, nick: str) -> None:
        """Ask to be called something else."""
        irc.IRCClient.setNick(self, nick)

    def joinGroup(self, name: str) -> None:
        """Come into a channel."""
        self.join(channelOf(name))

    def leaveGroup(self, name: str) -> None:
        """Go out of a channel, and show it no more."""
        self.leave(channelOf(name))
        self.getGroupConversation(name, 1).hide()
        self._channelOver(channelOf(name))

    # --- What is said ---

    def privmsg(self, username: str, channel: str, message: str, metadata: Any = None) -> None:
        """Somebody says something, here or to us alone."""
        nick = username.partition("!")[0]
        if channel[:1] in irc.CHANNEL_PREFIXES:
            conversation = self.getGroupConversation(nameOf(channel))
            conversation.showGroupMessage(nick, message, metadata or {})
            return
        person = self.getPerson(nick)
        person.setStatus(ONLINE)
        self.chat.getConversation(person).showMessage(message, metadata or {})

    def noticed(self, username: str, channel: str, message: str) -> None:
        """A notice: nothing is to be answered by itself."""
        if "!" in username:  # The others are from the server.
            self.privmsg(username, channel, message, {"dontAutoRespond": True})

    def action(self, username: str, channel: str, emote: str) -> None:
        """Somebody does something."""
        self.privmsg(username, channel, emote, {"style": EMOTE})

    # --- Channels ---

    def irc_JOIN(self, prefix: str, params: list[str]) -> None:
        """Somebody has come, or we have."""
        nick, channel = prefix.partition("!")[0], params[0]
        if self._ircIsMe(nick):
            self._members[channel] = []
            self.getGroupConversation(nameOf(channel))
        elif channel in self._members:
            self._members[channel].append(nick)
            self.getGroupConversation(nameOf(channel)).memberJoined(nick)

    def irc_PART(self, prefix: str, params: list[str]) -> None:
        """Somebody has gone, or we have."""
        nick, channel = prefix.partition("!")[0], params[0]
        if self._ircIsMe(nick):
            self._channelOver(channel)
        else:
            self._gone(nick, channel)

    def irc_QUIT(self, prefix: str, params: list[str]) -> None:
        """Somebody has gone for good."""
        nick = prefix.partition("!")[0]
        for channel in list(self._members):
            self._gone(nick, channel)
        self.getPerson(nick).setStatus(OFFLINE)

    def userKicked(self, kickee: str, channel: str, kicker: str, message: str) -> None:
        """Somebody has been sent out."""
        self._gone(kickee, channel)

    def kickedFrom(self, channel: str, kicker: str, message: str) -> None:
        """We have been sent out: say so, where we were."""
        conversation = self.getGroupConversation(nameOf(channel))
        text = f"has sent you out of {channel}: {message}"
        conversation.showGroupMessage(kicker, text, {"style": EMOTE})
        self._channelOver(channel)

    def _gone(self, nick: str, channel: str) -> None:
        if nick in self._members.get(channel, ()):
            self._members[channel].remove(nick)
            self.getGroupConversation(nameOf(channel)).memberLeft(nick)

    def _channelOver(self, channel: str) -> None:
        for known in (self._members, self._topics, self._listing):
            known.pop(channel, None)

    def irc_NICK(self, prefix: str, params: list[str]) -> None:
        """Somebody is called something else, or we are."""
        old, new = prefix.partition("!")[0], params[0]
        for channel, members in self._members.items():
            if old in members:
                members[members.index(old)] = new
                self.getGroupConversation(nameOf(channel)).memberChangedNick(old, new)
        if not self._ircIsMe(old):
            self.chat.contactChangedNick(self.getPerson(old), new)
        irc.IRCClient.irc_NICK(self, prefix, params)

    def irc_RPL_NAMREPLY(self, prefix: str, params: list[str]) -> None:
        """Some of those who are in a channel."""
        *_, channel, names = params
        if channel not in self._members:
            return  # We are not in it, and have not asked.
        marks = "".join(mark for mark, _ in self.supported.getFeature("PREFIX", {}).values())
        found = self._listing.setdefault(channel, [])
        found.extend(name.lstrip(marks) for name in names.split(" ") if name)

    def irc_RPL_ENDOFNAMES(self, prefix: str, params: list[str]) -> None:
        """That was all of them."""
        channel = params[1]
        if channel in self._listing:
            self._members[channel] = members = self._listing.pop(channel)
            self.getGroupConversation(nameOf(channel)).setGroupMembers(list(members))

    def irc_RPL_TOPIC(self, prefix: str, params: list[str]) -> None:
        """The topic of a channel; who has set it may follow."""
        self._topics[params[1]] = params[2]
        self.getGroupConversation(nameOf(params[1])).setTopic(params[2], "")

    def irc_333(self, prefix: str, params: list[str]) -> None:
        """Who has set the topic of a channel."""
        _, channel, author, *_ = params
        topic = self._topics.get(channel)
        if topic is not None:
            nick = author.partition("!")[0]
            self.getGroupConversation(nameOf(channel)).setTopic(topic, nick)

    def irc_TOPIC(self, prefix: str, params: list[str]) -> None:
        """Somebody has changed the topic of a channel."""
        channel, topic = params[:2]
        self._topics[channel] = topic
        nick = prefix.partition("!")[0]
        self.getGroupConversation(nameOf(channel)).setTopic(topic, nick)

    def irc_unknown(self, prefix: str, command: str, params: list[str]) -> None:
        """Anything else: nothing that is shown."""


@implementer(IAccount)
class IRCAccount(AbstractAccount):
    """Who one is on a server of IRC.

    Args:
        channels: the names of the channels to come into, with commas in between.

    Attributes:
        channels: these names, as a list.
    """

    gatewayType = "IRC"

    _groupFactory = IRCGroup
    _personFactory = IRCPerson

    def __init__(
        self,
        accountName: str,
        autoLogin: Any,
        username: str,
        password: str,
        host: str,
        port: int | str,
        channels: str = "",
    ) -> None:
        super().__init__(accountName, autoLogin, username, password, host, port)
        self.channels = [one for one in channels.split(",") if one]

    def _startLogOn(self, chatui: Any) -> Deferred[Any]:
        done: Deferred[Any] = Deferred()
        self._connect(IRCProto(self, chatui, done))
        return done

    def _hangUp(self, client: Any) -> None:
        client.quit("Goodbye.")
        super()._hangUp(client)


def channelOf(name: str) -> str:
    """The channel of a group's name."""
    return name if name[:1] and name[0] in irc.CHANNEL_PREFIXES else f"#{name}"


def nameOf(channel: str) -> str:
    """The group's name of a channel."""
    return channel[1:] if channel.startswith("#") else channel


def _say(client: Any, to: str, text: str, meta: Any) -> None:
    if meta and meta.get("style") == EMOTE:
        client.describe(to, text)
    else:
        client.msg(to, text)
