"""The front end for clients of IRC: `IRCUser` is one of them, and `IRCFactory` serves them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.protocol import ServerFactory
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.ewords import NoSuchGroup
from twisted.words.iwords import IChatClient
from twisted.words.protocols import irc
from twisted.words.service._ircchannels import ChannelConnection
from twisted.words.service._irclines import CHANNEL, RENDERED, channel
from twisted.words.service._irclogin import State
from twisted.words.service._limits import DEFAULT_LIMITS, WordsLimits
from twisted.words.service._modes import matches
from twisted.words.service._names import fold

__name__ = "twisted.words.service"  # the public path, for pickles and messages

#: What one may say before one is logged in.
_BEFORE = frozenset(
    ["AUTHENTICATE", "CAP", "NICK", "NICKSERV", "NS", "PASS", "PING", "PONG", "QUIT", "USER"]
)

#: The parameters of a command: `IRCUser` has a method that is called `list`.
Params = list[str]

#: How many lines one LIST or WHO may be answered with; all of them wait for the client at once.
_MOST_FOUND = 1000


#: How many members one WHO for a mask looks at: nobody is to wait for it.
_MOST_SEEN = 10_000


@implementer(IChatClient)
class IRCUser(ChannelConnection):
    """A client of IRC, and the user who is logged in by it.

    Attributes:
        encoding: of what it says and hears: UTF-8.
        groups: the groups that the user is in.
        realm: the realm.
    """

    encoding = "utf-8"

    def connectionMade(self) -> None:
        """See `irc.IRC`: one more connection, if there may be one."""
        self.realm = self.factory.realm
        super().connectionMade()
        refusal = self.factory.arrived(self)
        if refusal is not None:
            self.end(refusal)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # always given
        """Log out."""
        self.factory.left(self)
        super().connectionLost(reason)
        if self.quitReason is None:
            self.quitReason = "Connection closed"
        if self.logout is not None:
            logout, self.logout = self.logout, None
            logout()
            self.avatar = None

    def end(self, reason: str) -> None:
        """See `IRCConnection.end`; the others hear of it at once."""
        super().end(reason)
        if self.logout is not None:
            self.logout()

    @property
    def name(self) -> str:
        """The user's name."""
        name: str = self.avatar.name
        return name

    @property
    def groups(self) -> list[Any]:
        """The groups that the user is in."""
        return [] if self.avatar is None else list(self.avatar.itergroups())

    def handleCommand(self, command: str, prefix: str, params: Params) -> None:
        """See `irc.IRC.handleCommand`: before the login there are few commands."""
        if self.state is State.THERE or command in _BEFORE:
            super().handleCommand(command, prefix, params)
        elif command == "PRIVMSG" and len(params) > 1 and fold(params[0]) == "nickserv":
            self.irc_NICKSERV_PRIVMSG(prefix, params)
        elif command == "PRIVMSG" and self.nickname is not None:
            self.nickServ("Denied. Please tell me your password: /msg NickServ <password>")
        else:
            self.reply(irc.ERR_NOTREGISTERED, "You have not logged in")

    def sendMessage(self, command: str, *parameter_list: str, **kw: Any) -> None:
        """See `irc.IRC.sendMessage`.

        Args:
            command: a name or a number.
            parameter_list: the parameters; the last has its ":" if it needs one.
            kw: ``prefix``, by default this server; ``to``, by default the nickname, is put before
                the parameters, unless it is None.
        """
        kw.setdefault("prefix", self.hostname)
        to = kw.pop("to", self.nickname or "*")
        before = () if to is None else (to,)
        super().sendMessage(command, *before, *parameter_list, **kw)

    # What others do.

    @staticmethod
    def tellAll(clients: Sequence[Any], exclude: Any, event: str, args: tuple[Any, ...]) -> None:
        """Tell many clients of one event: see `Group.tell`."""
        # Benchmark words-messages: the bytes are made once, and each of the clients costs a call.
        data = RENDERED[event](*args)
        for client in clients:
            if client is not exclude:
                client.write(data)

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> None:
        """See `IChatClient.receive`."""
        self.tellAll((self,), None, "receive", (sender, recipient, message))

    def groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> None:
        """See `IChatClient.groupMetaUpdate`."""
        self.tellAll((self,), None, "groupMetaUpdate", (group, meta))

    def userJoined(self, group: Any, user: Any) -> None:
        """See `IChatClient.userJoined`."""
        self.tellAll((self,), None, "userJoined", (group, user))

    def userLeft(self, group: Any, user: Any, reason: str | None = None) -> None:
        """See `IChatClient.userLeft`."""
        self.tellAll((self,), None, "userLeft", (group, user, reason))

    def invited(self, group: Any, client: Any, user: Any, message: str | None = None) -> None:
        """The user is invited to a group; IRC has no room for what is said with it."""
        self.tellAll((self,), None, "invited", (group, client, user))

    def hangUp(self, reason: str) -> None:
        """The user is logged out, and not by the client: the connection ends."""
        self.end(reason)

    # What the client asks.

    def irc_PING(self, prefix: str, params: Params) -> None:
        """PING <word>."""
        self.sendLine(f":{self.hostname} PONG {self.hostname} :{params[0] if params else ''}")

    def irc_PONG(self, prefix: str, params: Params) -> None:
        """PONG: a sign of life."""

    def irc_LIST(self, prefix: str, params: Params) -> None:
        """LIST [<channel>,...]."""
        names = params[0].split(",") if params else []
        wanted = {fold(name.removeprefix(CHANNEL)) for name in names}

        def found(groups: Iterable[Any]) -> None:
            self.list(
                group
                for group in groups
                if (not wanted or fold(group.name) in wanted) and self._knows(group)
            )

        self.lookUp("LIST", self.realm.itergroups(), found)

    def list(self, channels: Iterable[Any]) -> None:
        """Tell of groups, and how many are in them."""
        for group in self._most(channels, "LIST"):
            count = str(len(group.users))
            self.reply(irc.RPL_LIST, channel(group), count, group.meta.get("topic") or "")
        self.reply(irc.RPL_LISTEND, "End of /LIST")

    def _knows(self, group: Any) -> bool:
        """Whether the user may hear of a group."""
        return not group.modes.hidden or self.group(channel(group)) is group

    def irc_NAMES(self, prefix: str, params: Params) -> None:
        """NAMES <channel>,..."""
        if not params:
            self.reply(irc.RPL_ENDOFNAMES, "*", "End of /NAMES list")
            return
        for name in self._targets(params[0]):
            group = self.group(name)
            if group is not None:
                self.tellNames(group)
                continue
            self._ifVisible(name, self.tellNames, self._noNames)

    def _ifVisible(
        self, name: str, tell: Callable[[Any], None], otherwise: Callable[[str], None]
    ) -> None:
        """Tell of a group that the user is not in, or as if there were none."""

        def found(group: Any) -> None:
            if group.modes.hidden:
                otherwise(name)
            else:
                tell(group)

        def missing(failure: Failure) -> None:
            failure.trap(NoSuchGroup)
            otherwise(name)

        self.realm.lookupGroup(name[1:]).addCallbacks(found, missing).addErrback(self._failed, name)

    def _noNames(self, name: str) -> None:
        self.reply(irc.RPL_ENDOFNAMES, name, "End of /NAMES list")

    def irc_WHO(self, prefix: str, params: Params) -> None:
        """WHO <channel>, or WHO <nick or mask>: of those in channels that the user is in."""
        name = params[0] if params else "*"
        group = self.group(name)
        if group is not None:
            self._whoGroup(group)
        elif name.startswith(CHANNEL):
            self._ifVisible(name, self._whoGroup, self._endOfWho)
        else:
            self._whoMask(name)

    def _whoGroup(self, group: Any) -> None:
        for client in self._most(group.iterusers(), channel(group)):
            self._whoLine(channel(group), client.avatar, group.modes.rank(client.name))
        self._endOfWho(channel(group))

    def _whoMask(self, mask: str) -> None:
        members = chain([self], *(group.iterusers() for group in self.groups))
        clients = {id(client): client for client in islice(members, _MOST_SEEN)}
        found = (
            client
            for client in clients.values()
            if matches(mask, client.name) or matches(mask, client.avatar.who)
        )
        for client in self._most(found, mask):
            self._whoLine("*", client.avatar, "")
        self._endOfWho(mask)

    def _most(self, things: Iterable[Any], asked: str) -> Iterator[Any]:
        """As many as there may be; the user is told if that is not all."""
        for number, thing in enumerate(things):
            if number == _MOST_FOUND:
                text = f"These are the first {_MOST_FOUND}; ask for less"
                self.reply(irc.ERR_TOOMANYMATCHES, asked, text)
                return
            yield thing

    def _whoLine(self, where: str, user: Any, rank: str) -> None:
        here = "H" if user.away is None else "G"
        signs = rank if "multi-prefix" in self.capabilities else rank[:1]
        host = user.host
        self.reply(irc.RPL_WHOREPLY, where, user.name, host, host, user.name, here + signs,
                   f"0 {user.realName}")  # fmt: skip

    def _endOfWho(self, name: str) -> None:
        self.reply(irc.RPL_ENDOFWHO, name, "End of /WHO list.")

    def irc_WHOIS(self, prefix: str, params: Params) -> None:
        """WHOIS [<server>] <nick>."""
        if not self._enough("WHOIS", params):
            return
        nick = params[-1] if len(params) == 2 else params[0]
        found = self.realm.lookupUser(nick)
        self.lookUp(nick, found, self._tellWhois)
        # Clients wait for it, whatever there is to tell.
        found.addCallback(lambda _: self.reply(irc.RPL_ENDOFWHOIS, nick, "End of /WHOIS list."))

    def _tellWhois(self, user: Any) -> None:
        name = user.name
        if user.mind is None:
            self.reply(irc.ERR_NOSUCHNICK, name, "No such nick/channel")
        else:
            host = user.host
            self.reply(irc.RPL_WHOISUSER, name, name, host, "*", user.realName)
            places = [
                f"{group.modes.rank(name)}{channel(group)}"
                for group in user.itergroups()
                if self._knows(group)
            ]
            self.replyPacked(irc.RPL_WHOISCHANNELS, places, name)
            self.reply(irc.RPL_WHOISSERVER, name, host, "Words, at your service")
            self._tellAway(user)
            now = time.time()
            idle = str(max(0, int(now - user.lastMessage)))
            times = (idle, str(int(user.signOn)))
            self.reply(irc.RPL_WHOISIDLE, name, *times, "seconds idle, signon time")

    def irc_WHOWAS(self, prefix: str, params: Params) -> None:
        """WHOWAS <nick>,...: nobody is remembered who has gone."""
        if self._enough("WHOWAS", params):
            for nick in self._targets(params[0]):
                self.reply(irc.ERR_WASNOSUCHNICK, nick, "There was no such nickname")
            self.reply(irc.RPL_ENDOFWHOWAS, params[0], "End of WHOWAS")

    def irc_USERHOST(self, prefix: str, params: Params) -> None:
        """USERHOST <nick> ...: at most five."""
        self._tellThose(irc.RPL_USERHOST, params[:5], self._userHost)

    def _userHost(self, user: Any) -> str:
        return f"{user.name}={'+' if user.away is None else '-'}{user.name}@{user.host}"

    def irc_ISON(self, prefix: str, params: Params) -> None:
        """ISON <nick> ...: which of them are there."""
        names = " ".join(params).split()[: self.factory.limits.targetsPerLine]
        self._tellThose(irc.RPL_ISON, names, lambda user: str(user.name))

    def _tellThose(self, number: str, names: Sequence[str], form: Any) -> None:
        there = []
        for name in names:
            self.realm.lookupUser(name).addCallbacks(
                lambda user: there.append(form(user)) if user.mind is not None else None,
                lambda failure: None,
            )
        self.reply(number, " ".join(there))

    def irc_LUSERS(self, prefix: str, params: Params) -> None:
        """LUSERS: how many there are."""
        count = self.factory.count
        self.reply(irc.RPL_LUSERCLIENT, f"There are {count} users on 1 server")

    def irc_VERSION(self, prefix: str, params: Params) -> None:
        """VERSION: which program this is."""
        self.reply(irc.RPL_VERSION, "torsion", self.hostname or "", "Words")

    def irc_TIME(self, prefix: str, params: Params) -> None:
        """TIME: what time it is here."""
        self.reply(irc.RPL_TIME, self.hostname or "", time.strftime("%A %d %B %Y %H:%M:%S %z"))


class IRCFactory(ServerFactory):
    """Serves clients of IRC.

    Args:
        realm: an `twisted.words.iwords.IChatService`.
        portal: the `twisted.cred.portal.Portal` over it.

    Attributes:
        limits: a `WordsLimits`; by default those of the realm.
        motd: the message of the day, in lines.
        clock: what time is told by.
        count: how many connections there are.
        started: when it was made, in words.
    """

    protocol = IRCUser
    log = Logger(namespace=__name__)

    def __init__(self, realm: Any, portal: Any) -> None:
        self.realm = realm
        self.portal = portal
        self.limits: WordsLimits = getattr(realm, "limits", DEFAULT_LIMITS)
        self.motd: Sequence[str] = ()
        self.clock: Any = None
        self.started = time.strftime("%Y-%m-%d %H:%M:%S %z")
        self.count = 0
        self._byAddress: Counter[Any] = Counter()

    def buildProtocol(self, addr: Any) -> Any:
        """A connection."""
        if self.clock is None:
            self.clock = installedReactor()
        return super().buildProtocol(addr)

    def arrived(self, client: IRCUser) -> str | None:
        """Count a connection.

        Returns:
            Why there may not be another one; None if there may.
        """
        address = _addressOf(client)
        self.count += 1
        self._byAddress[address] += 1
        limits = self.limits
        if self.count > limits.connections:
            return "The server is full"
        each = limits.connectionsPerAddress
        if each is not None and self._byAddress[address] > each:
            return "There are too many connections from your address"
        return None

    def left(self, client: IRCUser) -> None:
        """A connection is over."""
        address = _addressOf(client)
        self.count -= 1
        self._byAddress[address] -= 1
        if not self._byAddress[address]:
            del self._byAddress[address]


def _addressOf(client: IRCUser) -> Any:
    return getattr(client.transport.getPeer(), "host", None)
