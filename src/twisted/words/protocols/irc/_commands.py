"""What a client says to a server."""

from __future__ import annotations

import secrets
from functools import cached_property

from twisted.words.protocols.irc._ctcp import X_DELIM, Message, ctcpStringify
from twisted.words.protocols.irc._grammar import (
    CHANNEL_PREFIXES,
    MAX_COMMAND_LENGTH,
    checkLine,
)
from twisted.words.protocols.irc._limits import MAX_PINGS
from twisted.words.protocols.irc._link import Link
from twisted.words.protocols.irc._splitting import split

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

#: Bytes that the server puts before what we say, when it passes it on: ":nick!user@host ", without
#: the nickname. A host is at most 63 bytes long (RFC 2812, 2.3.1), and a user name, on the servers
#: of today, 20.
ORIGIN_LENGTH = len(":!@ ") + 20 + 63


class Commands(Link):
    """What one can ask of a server.

    A method that is given a CR, LF or NUL in the name of something or in its text raises
    `ValueError`: it would be another command. `msg`, `say`, `notice` and `describe` take text of
    several lines, and send them one by one.
    """

    nickname: str = "irc"

    # --- Channels ---

    def join(self, channel: str, key: str | None = None) -> None:
        """Ask to come into a channel; `joined` follows.

        Args:
            channel: its name; without one of `CHANNEL_PREFIXES`, a "#" is put before it.
            key: its key, if it has one.
        """
        self._ircCommand("JOIN", _channel(channel), *_given(key))

    def leave(self, channel: str, reason: str | None = None) -> None:
        """Ask to leave a channel; `left` follows.

        Args:
            channel: as in `join`.
            reason: what the others are told.
        """
        self._ircCommand("PART", _channel(channel), *_trailing(reason))

    def part(self, channel: str, reason: str | None = None) -> None:
        """The same as `leave`."""
        self.leave(channel, reason)

    def kick(self, channel: str, user: str, reason: str | None = None) -> None:
        """Send somebody out of a channel.

        Args:
            channel: as in `join`.
            user: the nickname.
            reason: why; all are told.
        """
        self._ircCommand("KICK", _channel(channel), user, *_trailing(reason))

    def invite(self, user: str, channel: str) -> None:
        """Invite somebody (the nickname) into a channel."""
        self._ircCommand("INVITE", user, _channel(channel))

    def topic(self, channel: str, topic: str | None = None) -> None:
        """Set the topic of a channel, or ask for it; `topicUpdated` follows.

        Args:
            channel: as in `join`.
            topic: the topic; "" takes it away, and None asks for it.
        """
        self._ircCommand("TOPIC", _channel(channel), *_trailing(topic, empty=True))

    def mode(
        self,
        chan: str,
        set: bool,
        modes: str,
        limit: int | None = None,
        user: str | None = None,
        mask: str | None = None,
    ) -> None:
        """Change modes of a channel or of ourselves; `modeChanged` follows.

        Args:
            chan: the channel, with its "#", or our nickname.
            set: whether they are set, and not taken away.
            modes: their letters.
            limit: what the mode takes, if it is a number;
            user: if it is a user;
            mask: or if it is a mask of users.
        """
        taken = user if limit is None and mask is None else mask if limit is None else str(limit)
        self._ircCommand("MODE", chan, ("+" if set else "-") + modes, *_given(taken))

    # --- Messages ---

    def say(self, channel: str, message: str, length: int | None = None) -> None:
        """Say something in a channel: `msg`, with a "#" put before its name if it has none."""
        self.msg(_channel(channel), message, length)

    def msg(self, user: str, message: str, length: int | None = None) -> None:
        """Say something, in as many messages as it takes.

        Args:
            user: to whom: a nickname, or a channel with its "#".
            message: what. Each line of it becomes a message, or several; empty ones do not.
            length: the most bytes of a line that is sent. The default lets what the server puts
                before it fit, too.

        Raises:
            ValueError: `length` is too short for anything.
        """
        self._ircSendText(f"PRIVMSG {user} :", message, length)

    def notice(self, user: str, message: str, length: int | None = None) -> None:
        """Send a notice, to which nothing answers by itself; as `msg`."""
        self._ircSendText(f"NOTICE {user} :", message, length)

    def describe(self, channel: str, action: str) -> None:
        """Tell what we are doing ("/me"), in as many messages as it takes.

        Args:
            channel: to whom: a nickname, or a channel with its "#".
            action: what, without our nickname.
        """
        self._ircSendText(f"PRIVMSG {channel} :{X_DELIM}ACTION ", action, None, X_DELIM)

    def ping(self, user: str, text: str | None = None) -> None:
        """Ask somebody's client for an answer; `pong` follows, if it comes.

        Args:
            user: the nickname.
            text: by which the answer is known.
        """
        text = text or secrets.token_hex(6)
        while len(self._ircPings) >= MAX_PINGS:
            del self._ircPings[next(iter(self._ircPings))]
        self._ircPings[user, text] = self._ircTime().seconds()
        self.ctcpMakeQuery(user, [("PING", text)])

    @cached_property
    def _ircPings(self) -> dict[tuple[str, str], float]:
        return {}

    def ctcpMakeQuery(self, user: str, messages: list[Message]) -> None:
        """Send requests of CTCP.

        Args:
            user: to whom.
            messages: each a tag and its data, or None.
        """
        self._ircCommand("PRIVMSG", user, ":" + ctcpStringify(messages))

    # --- Ourselves ---

    def away(self, message: str = "") -> None:
        """Be away; who writes to us is told `message`. Without one, be back."""
        self._ircCommand("AWAY", ":" + message)

    def back(self) -> None:
        """Be back, after `away`."""
        self.away()

    def whois(self, nickname: str, server: str | None = None) -> None:
        """Ask who somebody is.

        Args:
            nickname: the nickname.
            server: the server to ask; by default this one.
        """
        self._ircCommand("WHOIS", *_given(server), nickname)

    def setNick(self, nickname: str) -> None:
        """Ask to be called something else; `nickChanged` follows."""
        self._ircAttemptedNick = nickname
        self._ircCommand("NICK", nickname)

    _ircAttemptedNick: str = ""

    def quit(self, message: str = "") -> None:
        """Go. The server closes the connection.

        Args:
            message: what the others are told.
        """
        self._ircCommand("QUIT", ":" + message)

    # ---

    def _ircCommand(self, command: str, *params: str) -> None:
        self.sendLine(checkLine(" ".join((command, *params))))

    def _ircSendText(self, begin: str, text: str, length: int | None, end: str = "") -> None:
        """Send text in lines of at most `length` bytes, each with the same around it."""
        checkLine(begin)
        if length is None:
            nickname = max(len(self.nickname), self.supported.getFeature("NICKLEN", 0))
            length = MAX_COMMAND_LENGTH - ORIGIN_LENGTH - nickname
        taken = len(begin.encode()) + len(end) + len("\r\n")
        if length <= taken:
            raise ValueError(f"Maximum length must exceed {taken} for message {begin!r}")
        for piece in split(text, length - taken):
            self.sendLine(begin + piece + end)


def _channel(name: str) -> str:
    """The name of a channel, with what makes it one."""
    return name if name[:1] and name[0] in CHANNEL_PREFIXES else "#" + name


def _given(param: str | None) -> tuple[str, ...]:
    """A parameter, unless it is not there."""
    return (param,) if param else ()


def _trailing(text: str | None, empty: bool = False) -> tuple[str, ...]:
    """Text as a last parameter, unless there is none."""
    return (":" + text,) if text or (empty and text is not None) else ()
