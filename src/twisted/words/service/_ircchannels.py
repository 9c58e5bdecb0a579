"""The commands of IRC that change something: channels, what is said, who is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.words.ewords import WordsError
from twisted.words.protocols import irc
from twisted.words.service import _irclines as lines
from twisted.words.service._irclines import CHANNEL, channel
from twisted.words.service._irclogin import NICKSERV, LoginConnection
from twisted.words.service._modes import parse_changes
from twisted.words.service._names import fold

__name__ = "twisted.words.service"  # the public path, for pickles and messages

#: Numbers of which there is no word in the RFCs, and that clients expect.
_RPL_TOPICWHOTIME, _RPL_CREATIONTIME = "333", "329"

#: How the entries of each list of masks are told, and the end of them.
_LISTED = {
    "b": (irc.RPL_BANLIST, irc.RPL_ENDOFBANLIST, "End of channel ban list"),
    "e": (irc.RPL_EXCEPTLIST, irc.RPL_ENDOFEXCEPTLIST, "End of channel exception list"),
    "I": (irc.RPL_INVITELIST, irc.RPL_ENDOFINVITELIST, "End of channel invite list"),
}

#: What a client does by CTCP, as RFC 2812's clients write it.
_ACTION, _QUOTE = "\x01ACTION ", "\x01"


class ChannelConnection(LoginConnection):
    """A connection of somebody who takes part."""

    def _enough(self, command: str, params: list[str], count: int = 1) -> bool:
        """Whether a command has what it needs; says so if it has not."""
        if len(params) >= count and params[0]:
            return True
        self.reply(irc.ERR_NEEDMOREPARAMS, command, "Not enough parameters")
        return False

    def _targets(self, names: str, *, quiet: bool = False) -> Iterator[str]:
        """The names that a command names, as many as it may; says so if there are more."""
        most = self.factory.limits.targetsPerLine
        for number, name in enumerate(dict.fromkeys(filter(None, names.split(",")))):
            if number >= most:
                if not quiet:
                    text = "Too many targets; the rest is left out"
                    self.reply(irc.ERR_TOOMANYTARGETS, name, text)
                return
            yield name

    def _mine(self, name: str) -> Any:
        """The group that a channel is, if the user is in it; else None, and the user is told."""
        group = self.group(name)
        if group is None:
            self.reply(irc.ERR_NOTONCHANNEL, name, "You're not on that channel")
        return group

    def group(self, name: str) -> Any:
        """The group that a channel is, if the user is in it; else None."""
        return self.avatar.groups.get(fold(name[1:])) if name.startswith(CHANNEL) else None

    # Coming and going.

    def irc_JOIN(self, prefix: str, params: list[str]) -> None:
        """JOIN <channel>,... [<key>,...]; ``JOIN 0`` leaves all channels."""
        if not self._enough("JOIN", params):
            return
        if params[0] == "0":
            for group in self.avatar.itergroups():
                self._leave(group, None)
            return
        keys = params[1].split(",") if len(params) > 1 else []
        names = list(self._targets(params[0]))
        for name, key in zip_longest(names, keys[: len(names)]):
            if not name.startswith(CHANNEL) or len(name) < 2:
                self.reply(irc.ERR_NOSUCHCHANNEL, name, "No such channel")
                continue
            self.lookUp(name, self.realm.getGroup(name[1:]), self._joining(name, key))

    def _joining(self, name: str, key: str | None) -> Callable[[Any], None]:
        def found(group: Any) -> None:
            if self.group(name) is not None:
                return
            try:
                self.avatar.joinNow(group, key)
            finally:
                group.leaveIfEmpty()  # one that was made for nothing
            self.write(lines.userJoined(group, self))
            if group.meta.get("topic"):
                self._tellTopic(group)
            self.tellNames(group)

        return found

    def irc_PART(self, prefix: str, params: list[str]) -> None:
        """PART <channel>,... [<reason>]."""
        if not self._enough("PART", params):
            return
        reason = params[1] if len(params) > 1 else None
        for name in self._targets(params[0]):
            group = self._mine(name)
            if group is not None:
                self._leave(group, reason)

    def _leave(self, group: Any, reason: str | None) -> None:
        if self.attempt(channel(group), self.avatar.leaveNow, group, reason):
            self.write(lines.userLeft(group, self, reason))

    def irc_KICK(self, prefix: str, params: list[str]) -> None:
        """KICK <channel> <nick>,... [<reason>]."""
        if not self._enough("KICK", params, 2):
            return
        group = self._mine(params[0])
        reason = params[2] if len(params) > 2 else None
        for name in self._targets(params[1]) if group is not None else ():
            if group.member(name) is None:
                away = "They aren't on that channel"
                self.reply(irc.ERR_USERNOTINCHANNEL, name, params[0], away)
            else:
                self.attempt(params[0], group.kick, self, name, reason)

    def irc_INVITE(self, prefix: str, params: list[str]) -> None:
        """INVITE <nick> <channel>."""
        if not self._enough("INVITE", params, 2):
            return
        nick, name = params[0], params[1]
        group = self._mine(name)
        if group is None:
            return
        if group.member(nick) is not None:
            self.reply(irc.ERR_USERONCHANNEL, nick, name, "is already on channel")
            return

        def found(user: Any) -> None:
            if user.mind is None:
                self.reply(irc.ERR_NOSUCHNICK, nick, "No such nick/channel")
            elif self.attempt(name, group.invite, self, user):
                self.sendLine(
                    f":{self.hostname} {irc.RPL_INVITING} {self.nickname} {user.name} {name}"
                )
                self._tellAway(user)

        self.lookUp(nick, self.realm.lookupUser(nick), found)

    def tellNames(self, group: Any) -> None:
        """Who is in a channel."""
        several = "multi-prefix" in self.capabilities
        rank = group.modes.rank
        signed = (
            f"{rank(client.name) if several else rank(client.name)[:1]}{client.name}"
            for client in group.iterusers()
        )
        kind = "@" if "s" in group.modes.flags else "*" if "p" in group.modes.flags else "="
        self.replyPacked(irc.RPL_NAMREPLY, signed, kind, channel(group))
        self.reply(irc.RPL_ENDOFNAMES, channel(group), "End of /NAMES list")

    # What is said of a channel.

    def irc_TOPIC(self, prefix: str, params: list[str]) -> None:
        """TOPIC <channel> [<topic>]."""
        if not self._enough("TOPIC", params):
            return
        name = params[0]
        group = self.group(name)
        if len(params) > 1:
            group = self._mine(name)
            if group is not None:
                self.attempt(name, group.changeTopic, self, params[1])
        elif group is not None:
            self._tellTopic(group)
        else:
            self.lookUp(name, self.realm.lookupGroup(name[1:]), self._tellTopicOutside)

    def _tellTopicOutside(self, group: Any) -> None:
        if group.modes.hidden:
            self.reply(irc.ERR_NOTONCHANNEL, channel(group), "You're not on that channel")
        else:
            self._tellTopic(group)

    def _tellTopic(self, group: Any) -> None:
        name, meta = channel(group), group.meta
        if not meta.get("topic"):
            self.reply(irc.RPL_NOTOPIC, name, "No topic is set")
            return
        self.reply(irc.RPL_TOPIC, name, meta["topic"])
        author, date = meta.get("topic_author") or "*", str(int(meta.get("topic_date") or 0))
        before = f":{self.hostname} {_RPL_TOPICWHOTIME} {self.nickname}"
        self.sendLine(f"{before} {name} {author} {date}")

    def irc_MODE(self, prefix: str, params: list[str]) -> None:
        """MODE <channel> [<modes> [<value> ...]], or MODE <nick> [<modes>]."""
        if not self._enough("MODE", params):
            return
        if not params[0].startswith(CHANNEL):
            self._userMode(params)
            return
        group = self.group(params[0])
        if group is not None:
            self._channelMode(group, params)
        else:
            found = self.realm.lookupGroup(params[0][1:])
            self.lookUp(params[0], found, lambda group: self._channelMode(group, params))

    def _userMode(self, params: list[str]) -> None:
        """There is one mode of users, "invisible", and all have it: nobody lists them."""
        if fold(params[0]) != fold(self.nickname or ""):
            self.reply(irc.ERR_USERSDONTMATCH, "You can't look at or change others' modes")
        elif len(params) == 1:
            self.sendLine(f":{self.hostname} {irc.RPL_UMODEIS} {self.nickname} +i")
        elif set(params[1]) - set("+-iw"):
            self.reply(irc.ERR_UMODEUNKNOWNFLAG, "Unknown MODE flag")

    def _channelMode(self, group: Any, params: list[str]) -> None:
        name = channel(group)
        if len(params) == 1:
            inside = self.group(name) is group
            before = f":{self.hostname} {{}} {self.nickname} {name}"
            modes = group.modes.text(show_key=inside)
            self.sendLine(f"{before.format(irc.RPL_CHANNELMODEIS)} {modes}")
            self.sendLine(f"{before.format(_RPL_CREATIONTIME)} {group.created}")
            return
        most = self.factory.limits.changesPerLine
        changes, asked, unknown, nobody = parse_changes(params[1:], most, group.memberName)
        for letter in unknown:
            self.reply(irc.ERR_UNKNOWNMODE, letter, "is an unknown mode")
        for nick in nobody:
            self.reply(irc.ERR_USERNOTINCHANNEL, nick, name, "They aren't on that channel")
        for letter in asked:
            self._tellList(group, letter)
        if changes:
            self.attempt(name, group.changeModes, self, changes)

    def _tellList(self, group: Any, letter: str) -> None:
        number, last, text = _LISTED[letter]
        name = channel(group)
        if group.modes.hidden and self.group(name) is not group:
            self.reply(irc.ERR_NOTONCHANNEL, name, "You're not on that channel")
            return
        before = f":{self.hostname} {number} {self.nickname} {name}"
        for entry in group.modes.lists[letter]:
            self.sendLine(f"{before} {entry.mask} {entry.author} {entry.date}")
        self.reply(last, name, text)

    # What is said.

    def irc_PRIVMSG(self, prefix: str, params: list[str]) -> None:
        """PRIVMSG <nick or channel>,... <text>."""
        # Benchmark words-messages: one channel, in which the user is, is the usual case.
        if len(params) == 2:
            group = self.avatar.groups.get(fold(params[0][1:])) if self.avatar else None
            if group is not None and params[0][0] == CHANNEL and params[1]:
                self.attempt(params[0], self.avatar.say, group, _message(params[1]))
                return
        if not params or not params[0]:
            self.reply(irc.ERR_NORECIPIENT, "No recipient given (PRIVMSG)")
            return
        if len(params) < 2 or not params[1]:
            self.reply(irc.ERR_NOTEXTTOSEND, "No text to send")
            return
        message = _message(params[1])

        def found(recipient: Any) -> None:
            self.avatar.say(recipient, message)
            self._tellAway(recipient)

        for name in self._targets(params[0]):
            if fold(name) == fold(NICKSERV):
                self.irc_NICKSERV_PRIVMSG("", [name, params[1]])
            else:
                self.lookUp(name, self._recipient(name), found)

    def irc_NOTICE(self, prefix: str, params: list[str]) -> None:
        """NOTICE <nick or channel>,... <text>: nothing answers it by itself.

        Nor does the server, with whatever is wrong (RFC 2812, 3.3.2): whoever sends notices may
        be a program that would answer.
        """
        if len(params) < 2 or not params[1]:
            return
        message = {"text": params[1], "type": "notice"}
        for name in self._targets(params[0], quiet=True):
            said = self._recipient(name).addCallback(self.avatar.say, message)
            said.addErrback(lambda failure: failure.trap(WordsError))
            said.addErrback(self._failed, name)

    def _recipient(self, name: str) -> Deferred[Any]:
        """Whom a name means: a group, or a user."""
        group = self.group(name)
        if group is not None:
            return succeed(group)
        if name.startswith(CHANNEL):
            found: Deferred[Any] = self.realm.lookupGroup(name[1:])
        else:
            found = self.realm.lookupUser(name)
        return found

    def _tellAway(self, user: Any) -> None:
        away = getattr(user, "away", None)
        if away is not None:
            self.reply(irc.RPL_AWAY, user.name, away)

    def irc_AWAY(self, prefix: str, params: list[str]) -> None:
        """AWAY [<text>]: be away, or be back."""
        text = params[0] if params and params[0] else None
        if not self.attempt("AWAY", self.avatar.setAway, text):
            return
        if text is None:
            self.reply(irc.RPL_UNAWAY, "You are no longer marked as being away")
        else:
            self.reply(irc.RPL_NOWAWAY, "You have been marked as being away")

    def irc_QUIT(self, prefix: str, params: list[str]) -> None:
        """QUIT [<reason>]."""
        most = self.factory.limits.reasonBytes
        given = params[0] if params else ""
        self.quitReason = given.encode()[:most].decode("utf-8", "ignore") or None
        self.end(self.quitReason or "Client quit")

    def irc_OPER(self, prefix: str, params: list[str]) -> None:
        """OPER: who is an operator is for the server to say, and not for a password."""
        self.reply(irc.ERR_NOOPERHOST, "O-lines not applicable")


def _message(text: str) -> dict[str, Any]:
    """What a text means: something said, or something done."""
    if text.startswith(_ACTION):
        return {"text": text[len(_ACTION) :].removesuffix(_QUOTE), "type": "action"}
    return {"text": text}
