"""A client: messages from a server, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property

from twisted.internet.interfaces import ISSLTransport
from twisted.logger import Logger
from twisted.words.protocols.irc._ctcp import X_DELIM, extract
from twisted.words.protocols.irc._ctcpclient import nickOf
from twisted.words.protocols.irc._dccclient import DccClient
from twisted.words.protocols.irc._grammar import CHANNEL_PREFIXES, IRCBadMessage
from twisted.words.protocols.irc._limits import MAX_MOTD_LINES, MAX_NICKNAMES
from twisted.words.protocols.irc._modes import IRCBadModes, Mode, parseModes
from twisted.words.protocols.irc._negotiation import Negotiation, State
from twisted.words.protocols.irc._sasl import (
    External,
    LoginFailed,
    Mechanism,
    Plain,
    ScramSha256,
)

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.words.protocols.irc")


class IRCPasswordMismatch(Exception):
    """The server does not take our password."""


class IRCClient(DccClient):
    """A client's end of a connection.

    Override the methods for the events that matter: `signedOn`, `joined`, `privmsg`, and so on.
    Whatever else a server sends calls the method ``irc_<COMMAND>(prefix, params)``, with the name
    of RFC 2812 for a number, or with the number; what has none calls `irc_unknown`.

    Text is `str`. It is sent as UTF-8; a line that is none is read as Latin-1.

    Attributes:
        nickname: what we are called. Before the connection, what we want to be called.
        password: the password of the server, or None.
        realname: what our user is called; None is the nickname.
        username: the name of our user where we run; None is the nickname.
        performLogin: whether to `register` as soon as the connection is there.
        erroneousNickFallback: what to be called if the server does not take `nickname` for one.
        motd: the lines of the message of the day, while it comes and after.
        wantedCapabilities: the capabilities of IRCv3 to switch on, if the server has them.
        capabilities: those that are switched on.
        saslUsername: the account to log in to by SASL; None is the user name.
        saslPassword: its password; None is not to log in by a password.
        saslExternal: whether to log in by the certificate of the connection.
        saslInsecure: whether the password may be sent (SASL PLAIN) over a connection without TLS.
            SCRAM-SHA-256 does not send it, and is used wherever the server has it.
    """

    nickname = "irc"
    password: str | None = None
    realname: str | None = None
    username: str | None = None
    performLogin: bool | int = 1
    erroneousNickFallback = "defaultnick"
    motd: list[str] | None = None
    wantedCapabilities: Collection[str] = ()
    saslUsername: str | None = None
    saslPassword: str | None = None
    saslExternal = False
    saslInsecure = False

    _ircRegistered = False
    _ircNicknamesTried = 0

    @cached_property
    def _ircNegotiation(self) -> Negotiation:
        private = self.saslInsecure or ISSLTransport.providedBy(self.transport)
        return Negotiation(self.wantedCapabilities, self._ircMechanisms(), private)

    def connectionMade(self) -> None:
        """The connection is there: `register`, if that is wanted."""
        super().connectionMade()
        self._ircForget("_ircRegistered", "_ircNicknamesTried", "_ircNegotiation")
        if self.performLogin:
            self.register(self.nickname)

    @property
    def capabilities(self) -> frozenset[str]:
        """The capabilities of IRCv3 that are switched on."""
        return frozenset(self._ircNegotiation.enabled)

    # --- Being let in ---

    def register(self, nickname: str, hostname: str = "foo", servername: str = "bar") -> None:
        """Ask the server to let us in; `signedOn` follows.

        Args:
            nickname: what we want to be called.
            hostname: what servers ignore;
            servername: and this, too.
        """
        self._ircNegotiate(self._ircNegotiation.begin)
        if self.password is not None:
            self._ircCommand("PASS", self.password)
        self.setNick(nickname)
        username = self.username if self.username is not None else nickname
        realname = self.realname if self.realname is not None else nickname
        self._ircCommand("USER", username, hostname, servername, ":" + realname)

    def alterCollidedNick(self, nickname: str) -> str:
        """What to try if a nickname is in use: the same with something after it."""
        return nickname + "_"

    def irc_ERR_NICKNAMEINUSE(self, prefix: str, params: list[str]) -> None:
        """The nickname is somebody else's: try another, see `alterCollidedNick`."""
        self._ircTryNick(self.alterCollidedNick(self._ircAttemptedNick))

    def irc_ERR_ERRONEUSNICKNAME(self, prefix: str, params: list[str]) -> None:
        """The nickname is none: before we are let in, try `erroneousNickFallback`."""
        if not self._ircRegistered:
            self._ircTryNick(self.erroneousNickFallback)

    def _ircTryNick(self, nickname: str) -> None:
        self._ircNicknamesTried += 1
        if self._ircNicknamesTried <= MAX_NICKNAMES:
            self.setNick(nickname)
            return
        _log.error("The server refuses any nickname, the last being {nick}", nick=nickname)
        if not self._ircRegistered:
            self.transport.loseConnection()

    def irc_ERR_PASSWDMISMATCH(self, prefix: str, params: list[str]) -> None:
        """The server does not take our password. This raises what is then logged."""
        raise IRCPasswordMismatch("Password Incorrect.")

    def irc_RPL_WELCOME(self, prefix: str, params: list[str]) -> None:
        """The server has let us in: `signedOn`."""
        try:
            self._ircNegotiation.welcomed()
        except LoginFailed as problem:
            self._ircGiveUp(problem)
            return
        self.hostname = prefix
        self._ircRegistered = True
        self._ircNicknamesTried = 0
        # It may have made a nickname that it knows of one that is too long.
        self.nickname = self._ircAttemptedNick = params[0]
        self.signedOn()
        self.startHeartbeat()

    # --- Capabilities and SASL ---

    def _ircMechanisms(self) -> list[Mechanism]:
        """The ways to log in that we have, the best first."""
        found: list[Mechanism] = [External()] if self.saslExternal else []
        if self.saslPassword is not None:
            account = self.saslUsername or self.username or self.nickname
            found += [
                ScramSha256(account, self.saslPassword),
                Plain(account, self.saslPassword),
            ]
        return found

    def _ircNegotiate(self, step: Callable[..., list[str]], *said: object) -> None:
        """Do what is to be done about what the server has said."""
        try:
            for line in step(*said):
                self._ircSendNow(line)
        except LoginFailed as problem:
            self._ircGiveUp(problem)

    def _ircGiveUp(self, problem: LoginFailed) -> None:
        _log.error("Not logged in: {problem}", problem=problem)
        self._ircNegotiation.state = State.DONE
        self.loginFailed(str(problem))
        self._ircSendNow("QUIT")
        self.transport.loseConnection()

    def irc_CAP(self, prefix: str, params: list[str]) -> None:
        """The server tells of its capabilities."""
        _, kind, *_, capabilities = params
        before = self.capabilities
        if kind == "LS":
            self._ircNegotiate(self._ircNegotiation.listed, capabilities, len(params) > 3)
            return
        steps = {
            "ACK": self._ircNegotiation.granted,
            "NAK": self._ircNegotiation.refused,
            "NEW": self._ircNegotiation.added,
            "DEL": self._ircNegotiation.removed,
        }
        if kind in steps:
            self._ircNegotiate(steps[kind], capabilities)
        if self.capabilities != before:
            self.capabilitiesChanged(self.capabilities)

    def irc_AUTHENTICATE(self, prefix: str, params: list[str]) -> None:
        """The server goes on with the login."""
        self._ircNegotiate(self._ircNegotiation.asked, params[0])

    def irc_900(self, prefix: str, params: list[str]) -> None:
        """RPL_LOGGEDIN: the server knows us by an account: `loggedIn`."""
        if len(params) > 2:
            self.loggedIn(params[2])

    def irc_903(self, prefix: str, params: list[str]) -> None:
        """RPL_SASLSUCCESS: we are logged in."""
        self._ircNegotiate(self._ircNegotiation.succeeded)

    def irc_904(self, prefix: str, params: list[str]) -> None:
        """ERR_SASLFAIL, and those around it: we are not logged in."""
        self._ircNegotiate(self._ircNegotiation.failed, params[-1] if params else "")

    irc_902 = irc_905 = irc_906 = irc_904

    def irc_908(self, prefix: str, params: list[str]) -> None:
        """RPL_SASLMECHS: the server does not know the mechanism, but these. An error follows."""
        if len(params) > 1:
            self._ircNegotiation.offered["sasl"] = params[1]

    # --- The server ---

    def irc_RPL_YOURHOST(self, prefix: str, params: list[str]) -> None:
        """What the server is called: `yourHost`."""
        self.yourHost(params[1])

    def irc_RPL_CREATED(self, prefix: str, params: list[str]) -> None:
        """Since when it runs: `created`."""
        self.created(params[1])

    def irc_RPL_MYINFO(self, prefix: str, params: list[str]) -> None:
        """What it is: `myInfo`."""
        name, *rest = " ".join(params[1:]).split(" ", 3)
        version, umodes, cmodes = [*rest, None, None, None][:3]
        self.myInfo(name, version, umodes, cmodes)

    def irc_RPL_BOUNCE(self, prefix: str, params: list[str]) -> None:
        """Which server to use instead: `bounce`."""
        self.bounce(params[1])

    def irc_RPL_ISUPPORT(self, prefix: str, params: list[str]) -> None:
        """What it supports: `isupport`, and `supported`."""
        options = params[1:-1]  # The last is for humans.
        self.supported.parse(options)
        self.isupport(options)

    def irc_RPL_LUSERCLIENT(self, prefix: str, params: list[str]) -> None:
        """How many users there are: `luserClient`."""
        self.luserClient(params[1])

    def irc_RPL_LUSEROP(self, prefix: str, params: list[str]) -> None:
        """How many operators there are: `luserOp`."""
        self.luserOp(_count(params[1]))

    def irc_RPL_LUSERCHANNELS(self, prefix: str, params: list[str]) -> None:
        """How many channels there are: `luserChannels`."""
        self.luserChannels(_count(params[1]))

    def irc_RPL_LUSERME(self, prefix: str, params: list[str]) -> None:
        """How many clients the server has: `luserMe`."""
        self.luserMe(params[1])

    def irc_RPL_MOTDSTART(self, prefix: str, params: list[str]) -> None:
        """The message of the day begins."""
        self.motd = []
        self.irc_RPL_MOTD(prefix, params)

    def irc_RPL_MOTD(self, prefix: str, params: list[str]) -> None:
        """A line of the message of the day."""
        if self.motd is None:
            self.motd = []
        if len(self.motd) < MAX_MOTD_LINES:
            self.motd.append(params[1].removeprefix("- "))
        elif len(self.motd) == MAX_MOTD_LINES:
            self.motd.append(f"[more than {MAX_MOTD_LINES} lines]")

    def irc_RPL_ENDOFMOTD(self, prefix: str, params: list[str]) -> None:
        """The message of the day is complete: `receivedMOTD`."""
        self.receivedMOTD(self.motd or [])

    # --- Messages ---

    def irc_PRIVMSG(self, prefix: str, params: list[str]) -> None:
        """Somebody says something: `privmsg`, or a request of CTCP: `ctcpQuery`."""
        channel, message = params[0], params[-1]
        if message[:1] == X_DELIM:
            message = self._ircRest(self.ctcpQuery, prefix, channel, message)
            if not message:
                return
        self.privmsg(prefix, channel, message)

    def irc_NOTICE(self, prefix: str, params: list[str]) -> None:
        """A notice: `noticed`, or an answer of CTCP: `ctcpReply`."""
        channel, message = params[0], params[-1]
        if message[:1] == X_DELIM:
            message = self._ircRest(self.ctcpReply, prefix, channel, message)
            if not message:
                return
        self.noticed(prefix, channel, message)

    def _ircRest(self, handle: Callable[..., None], user: str, channel: str, message: str) -> str:
        """Handle the messages of CTCP in a text; the text without them."""
        extended, normal = extract(message)
        if extended:
            handle(user, channel, extended)
        return " ".join(normal)

    # --- Channels ---

    def _ircIsMe(self, nick: str) -> bool:
        return len(nick) == len(self.nickname) and nick.lower() == self.nickname.lower()

    def irc_JOIN(self, prefix: str, params: list[str]) -> None:
        """Somebody comes in: `joined` or `userJoined`."""
        nick = nickOf(prefix)
        if self._ircIsMe(nick):
            self.joined(params[0])
        else:
            self.userJoined(nick, params[0])

    def irc_PART(self, prefix: str, params: list[str]) -> None:
        """Somebody leaves: `left` or `userLeft`."""
        nick = nickOf(prefix)
        if self._ircIsMe(nick):
            self.left(params[0])
        else:
            self.userLeft(nick, params[0])

    def irc_KICK(self, prefix: str, params: list[str]) -> None:
        """Somebody is sent out: `kickedFrom` or `userKicked`."""
        channel, kicked, *message = params
        kicker, why = nickOf(prefix), message[0] if message else ""
        if self._ircIsMe(kicked):
            self.kickedFrom(channel, kicker, why)
        else:
            self.userKicked(kicked, channel, kicker, why)

    def irc_QUIT(self, prefix: str, params: list[str]) -> None:
        """Somebody has gone: `userQuit`."""
        self.userQuit(nickOf(prefix), params[0] if params else "")

    def irc_NICK(self, prefix: str, params: list[str]) -> None:
        """Somebody is called something else: `nickChanged` or `userRenamed`."""
        nick = nickOf(prefix)
        if self._ircIsMe(nick):
            self._ircNicknamesTried = 0
            self.nickChanged(params[0])
        else:
            self.userRenamed(nick, params[0])

    def irc_TOPIC(self, prefix: str, params: list[str]) -> None:
        """A channel has a new topic: `topicUpdated`."""
        self.topicUpdated(nickOf(prefix), params[0], params[1])

    def irc_RPL_TOPIC(self, prefix: str, params: list[str]) -> None:
        """A channel has a topic: `topicUpdated`."""
        self.topicUpdated(nickOf(prefix), params[1], params[2])

    def irc_RPL_NOTOPIC(self, prefix: str, params: list[str]) -> None:
        """A channel has no topic: `topicUpdated`."""
        self.topicUpdated(nickOf(prefix), params[1], "")

    def irc_MODE(self, user: str, params: list[str]) -> None:
        """Modes have changed: `modeChanged`, for those that are set and for those taken away."""
        channel, modes, *args = params
        if modes[:1] not in ("+", "-"):
            modes = "+" + modes
        isChannel = channel[:1] in self.supported.getFeature("CHANTYPES", tuple(CHANNEL_PREFIXES))
        taking = self.getChannelModeParams() if isChannel else self.getUserModeParams()
        try:
            parsed = parseModes(modes, args, taking)
        except IRCBadModes as problem:
            raise IRCBadMessage(f"MODE {' '.join(params)!r}: {problem}")
        for isSet, changed in zip((True, False), parsed, strict=True):
            if changed:
                self._ircModesChanged(user, channel, isSet, changed)

    def _ircModesChanged(self, user: str, channel: str, isSet: bool, changed: list[Mode]) -> None:
        letters, taken = zip(*changed, strict=True)
        self.modeChanged(user, channel, isSet, "".join(letters), taken)

    def getChannelModeParams(self) -> list[str]:
        """The modes of channels that take something: when they are set, and when taken away."""
        return list(self.supported.channelModesTaking())

    def getUserModeParams(self) -> list[str]:
        """The modes of users that take something; as `getChannelModeParams`. There are none."""
        return ["", ""]


def _count(text: str) -> int:
    """A number that a server gives; raises `IRCBadMessage`."""
    if not text.isdecimal() or len(text) > 20:
        raise IRCBadMessage(f"{text[:80]!r} is not a number.")
    return int(text)
