"""The server's side of a connection of IRC: commands in, messages and replies out."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from twisted.internet.interfaces import ITransport
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver
from twisted.words.protocols.irc import _numerics as numerics
from twisted.words.protocols.irc._grammar import (
    MAX_COMMAND_LENGTH,
    NO_TAGS,
    IRCBadMessage,
    buildMessage,
    checkCommand,
    checkLine,
    checkText,
    parseMessage,
)

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.words.protocols.irc")

#: One who is told of by `IRC.who`: user name, host, server, nickname, "H"ere or "G"one with
#: modes, servers in between, real name.
MemberInfo = tuple[str, str, str, str, str, int, str]


class IRC(LineOnlyReceiver):
    """A server's end of a connection.

    A message calls the method ``irc_<COMMAND>(prefix, params)``; what has none calls `irc_unknown`.
    Such a method finds the IRCv3 tags of its message in ``self.tags``.

    Text is `str`, here and in what is sent.

    Attributes:
        hostname: what this server is called in its replies; by default the name of the host.
        encoding: how text is read and written; None is UTF-8. A line that cannot be read so is
            read as Latin-1.
        MAX_LENGTH: the longest line that is taken, in bytes, tags included. RFC 2812 has 512 for
            what follows the tags; what exceeds that is not refused here, because it can be read.
        channels: the channels that the user is in. For subclasses.
        tags: the tags of the message that is being handled.
    """

    MAX_LENGTH = 16384
    delimiter = b"\n"
    hostname: str | None = None
    encoding: str | None = None
    transport: ITransport
    tags: Mapping[str, str] = NO_TAGS

    @property
    def buffer(self) -> bytes:
        """What has arrived of a line that is not complete."""
        return self._recvKept

    def connectionMade(self) -> None:
        """Get ready for the first message."""
        self.channels: list[Any] = []
        if self.hostname is None:
            # Not getfqdn(), which would wait for the name servers.
            self.hostname = socket.gethostname()

    # --- What arrives ---

    def lineReceived(self, line: bytes) -> None:
        """A line has come: handle the message that is in it."""
        line = line.rstrip(b"\r")
        if not line or line.isspace():
            return  # RFC 1459, 2.3: empty messages are silently ignored.
        try:
            text = line.decode(self.encoding or "utf-8")
        except UnicodeDecodeError:
            text = line.decode("latin-1")
        try:
            self.tags, prefix, command, params = parseMessage(text)
        except IRCBadMessage as problem:
            self.badMessage(text, problem)
            return
        try:
            self.handleCommand(command.upper(), prefix, params)
        except Exception:
            # A mistake in one command's method must not end the conversation.
            _log.failure("{command} could not be handled", command=command)

    def handleCommand(self, command: str, prefix: str, params: list[str]) -> None:
        """Call the method for a command.

        Args:
            command: in capitals, or a number.
            prefix: whom the message says that it is from; not to be believed.
            params: its parameters.
        """
        method: Callable[[str, list[str]], object] | None
        method = getattr(self, "irc_" + command, None)
        if method is not None:
            method(prefix, params)
        else:
            self.irc_unknown(prefix, command, params)

    def irc_unknown(self, prefix: str, command: str, params: list[str]) -> None:
        """There is no method for this command. This tells the peer so."""
        self.sendMessage(numerics.ERR_UNKNOWNCOMMAND, command, ":Unknown command")

    def badMessage(self, line: str, problem: IRCBadMessage) -> None:
        """A line is no message. This tells the peer so and closes the connection.

        Args:
            line: the line.
            problem: what is wrong with it.
        """
        self._refuse(str(problem))

    def lineLengthExceeded(self, line: bytes) -> None:
        """A line is longer than `MAX_LENGTH`. This tells the peer so and closes the connection."""
        self._refuse(f"A line is longer than {self.MAX_LENGTH} bytes.")

    def _refuse(self, why: str) -> None:
        self.sendLine(f"ERROR :{why}")
        self.transport.loseConnection()

    # --- What is sent ---

    def sendLine(self, line: str) -> None:  # type: ignore[override]  # IRC is text: see `encoding`
        """Send a line.

        Args:
            line: text, without CR and LF.

        Raises:
            ValueError: it has a CR, LF or NUL in it.
            TypeError: it is not text.
        """
        checkText(self, line)
        self.transport.write((checkLine(line) + "\r\n").encode(self.encoding or "utf-8"))

    def sendMessage(self, command: str, *parameter_list: str, **prefix: str | None) -> None:
        """Send a message as it is: the last parameter must bring its ":" if it needs one.

        `sendCommand` is safer.

        Args:
            command: a name or a number.
            parameter_list: the parameters.
            prefix: ``prefix=``, whom it is from; by default nobody.

        Raises:
            ValueError: it is not one message.
        """
        checkCommand(command)
        source = prefix.get("prefix")
        words = (command, *parameter_list)
        self.sendLine(" ".join((":" + source, *words) if source else words))

    def sendCommand(
        self,
        command: str,
        parameters: Sequence[str],
        prefix: str | None = None,
        tags: Mapping[str, str | None] | None = None,
    ) -> None:
        """Send a message.

        Args:
            command: a name or a number.
            parameters: the parameters. A last one that has a space in it or is empty gets the ":"
                that it needs, unless it begins with one.
            prefix: whom it is from, or None.
            tags: its IRCv3 tags; None is a tag without a value.

        Raises:
            ValueError: it is not one message.
        """
        self.sendLine(buildMessage(command, parameters, prefix, tags))

    # --- Messages ---

    def privmsg(self, sender: str, recip: str, message: str) -> None:
        """Deliver a message.

        Args:
            sender: whom it is from, as ``nick!user@host``.
            recip: whom it is for: a nickname or a channel.
            message: one line.

        Raises:
            ValueError: it is not one line.
        """
        self.sendLine(f":{sender} PRIVMSG {recip} :{message}")

    def notice(self, sender: str, recip: str, message: str) -> None:
        """Deliver a notice, to which nothing answers by itself; as `privmsg`."""
        self.sendLine(f":{sender} NOTICE {recip} :{message}")

    def action(self, sender: str, recip: str, message: str) -> None:
        """Deliver what somebody does, a CTCP ACTION ("/me"); as `privmsg`."""
        self.privmsg(sender, recip, f"\x01ACTION {message}\x01")

    def topic(self, user: str, channel: str, topic: str | None, author: str | None = None) -> None:
        """Tell of the topic of a channel.

        Args:
            user: who is told: the nickname of the one at the other end.
            channel: the channel.
            topic: the topic; None if there is none.
            author: who has set it just now. None is an answer to one who asks.
        """
        if author is not None:
            self.sendLine(f":{author} TOPIC {channel} :{topic or ''}")
        elif topic is None:
            self._reply(numerics.RPL_NOTOPIC, user, channel, ":No topic is set.")
        else:
            self._reply(numerics.RPL_TOPIC, user, channel, ":" + topic)

    def topicAuthor(self, user: str, channel: str, author: str, date: float) -> None:
        """Tell who has set the topic of a channel.

        Args:
            user: who is told.
            channel: the channel.
            author: who has set it.
            date: when, in seconds since 1970.
        """
        # RPL_TOPICWHOTIME, which no RFC has and clients expect.
        self._reply("333", user, channel, author, str(int(date)))

    def names(self, user: str, channel: str, names: Iterable[str]) -> None:
        """Tell who is in a channel.

        Args:
            user: who is told.
            channel: the channel.
            names: the nicknames, with the "@" or "+" of their modes.
        """
        self._replyPacked(names, numerics.RPL_NAMREPLY, user, "=", channel)
        self._reply(numerics.RPL_ENDOFNAMES, user, channel, ":End of /NAMES list")

    def who(self, user: str, channel: str, memberInfo: Iterable[MemberInfo]) -> None:
        """Answer the command WHO.

        Args:
            user: who is told.
            channel: the channel.
            memberInfo: for each, user name, host, server, nickname, "H" or "G" with modes, number
                of servers in between, real name.
        """
        for username, host, server, nick, flags, hops, realName in memberInfo:
            who = (channel, username, host, server, nick, flags)
            self._reply(numerics.RPL_WHOREPLY, user, *who, f":{hops} {realName}")
        self._reply(numerics.RPL_ENDOFWHO, user, channel, ":End of /WHO list.")

    def whois(
        self,
        user: str,
        nick: str,
        username: str,
        hostname: str,
        realName: str,
        server: str,
        serverInfo: str,
        oper: bool,
        idle: int,
        signOn: int,
        channels: Iterable[str],
    ) -> None:
        """Answer the command WHOIS.

        Args:
            user: who is told.
            nick: who it is about.
            username: their user name.
            hostname: their host.
            realName: what they say that they are called.
            server: the server that they are at.
            serverInfo: what there is to say of it.
            oper: whether they are an operator of the network.
            idle: for how many seconds they have said nothing.
            signOn: when they came, in seconds since 1970.
            channels: the channels that they are in.
        """
        self._reply(numerics.RPL_WHOISUSER, user, nick, username, hostname, "*", ":" + realName)
        self._reply(numerics.RPL_WHOISSERVER, user, nick, server, ":" + serverInfo)
        if oper:
            self._reply(numerics.RPL_WHOISOPERATOR, user, nick, ":is an IRC operator")
        times = (str(idle), str(signOn), ":seconds idle, signon time")
        self._reply(numerics.RPL_WHOISIDLE, user, nick, *times)
        self._replyPacked(channels, numerics.RPL_WHOISCHANNELS, user, nick)
        self._reply(numerics.RPL_ENDOFWHOIS, user, nick, ":End of WHOIS list.")

    def join(self, who: str, where: str) -> None:
        """Tell that somebody (as ``nick!user@host``) has come into a channel."""
        self.sendLine(f":{who} JOIN {where}")

    def part(self, who: str, where: str, reason: str | None = None) -> None:
        """Tell that somebody (as ``nick!user@host``) has left a channel, and why."""
        self.sendLine(f":{who} PART {where} :{reason}" if reason else f":{who} PART {where}")

    def channelMode(self, user: str, channel: str, mode: str, *args: str) -> None:
        """Tell of the modes of a channel.

        Args:
            user: who is told.
            channel: the channel.
            mode: the modes, with a "+".
            args: what those modes have that take something.
        """
        self._reply(numerics.RPL_CHANNELMODEIS, user, channel, mode, *args)

    def _reply(self, number: str, *words: str) -> None:
        self.sendLine(f":{self.hostname} {number} {' '.join(words)}")

    def _replyPacked(self, items: Iterable[str], number: str, *words: str) -> None:
        """Reply with a list, in as many messages as it takes; none if it is empty."""
        fixed = len(f":{self.hostname} {number} {' '.join(words)} :\r\n".encode())
        for packed in _packed(items, MAX_COMMAND_LENGTH - fixed):
            self._reply(number, *words, ":" + packed)


def _packed(items: Iterable[str], width: int) -> Iterator[str]:
    """The items with spaces in between, in lines of at most `width` bytes as far as they fit."""
    line: list[str] = []
    used = 0
    for item in items:
        size = len(item.encode()) + 1
        if line and used + size - 1 > width:
            yield " ".join(line)
            line, used = [], 0
        line.append(item)
        used += size
    if line:
        yield " ".join(line)
