"""Logging in by IRC: PASS and NICK, a word to NickServ, or SASL.

The login is over when both a name is there and its password; capabilities that are being negotiated
(IRCv3 ``CAP``) hold the welcome back.

| state | NICK | PASS | word to NickServ | SASL | right | wrong |
|---|---|---|---|---|---|---|
| nobody | asked, or trying | nobody |  | trying |  |  |
| asked | asked, or trying | asked | trying | trying |  |  |
| trying |  |  |  |  | there | asked, or the end |
| there |  |  |  |  |  |  |
"""

from __future__ import annotations

import base64
import binascii
import enum
from collections.abc import Callable
from typing import Any

from twisted.cred.credentials import UsernamePassword
from twisted.cred.error import Unauthorized
from twisted.python.failure import Failure
from twisted.words.ewords import AlreadyLoggedIn, BadText, WordsError
from twisted.words.iwords import IUser
from twisted.words.protocols import irc
from twisted.words.service._ircconnection import IRCConnection
from twisted.words.service._irclines import CHANNEL
from twisted.words.service._modes import CHANMODES, FLAGS, KEY, LIMIT, LISTS, PREFIX, RANKS
from twisted.words.service._names import check_user_name, fold

__name__ = "twisted.words.service"  # the public path, for pickles and messages

#: Whom one tells the password, and as whom it answers.
NICKSERV = "NickServ"
NICKSERV_SOURCE = "NickServ!NickServ@services"

#: Capabilities (IRCv3): SASL, and all ranks of a member instead of the highest.
CAPABILITIES = ("multi-prefix", "sasl")

#: A line of SASL has at most so many characters; one that has as many is followed by another.
_SASL_LINE = 400
#: Characters of an answer of SASL: a name and a password, of any length that is sensible.
_SASL_MAX = 4096

# Numbers of SASL (IRCv3), of which there is no word in the RFCs.
_RPL_LOGGEDIN, _RPL_SASLSUCCESS = "900", "903"
_ERR_SASLFAIL, _ERR_SASLTOOLONG = "904", "905"
_ERR_SASLABORTED, _RPL_SASLMECHS = "906", "908"
_ERR_INVALIDCAPCMD = "410"


class State(enum.Enum):
    """How far a login is."""

    NOBODY = "nobody"
    ASKED = "asked"
    TRYING = "trying"
    THERE = "there"


#: What may happen when: the table above. An empty cell is refused.
TRANSITIONS: dict[tuple[State, str], State] = {
    (State.NOBODY, "ask"): State.ASKED,
    (State.NOBODY, "try"): State.TRYING,
    (State.ASKED, "ask"): State.ASKED,
    (State.ASKED, "try"): State.TRYING,
    (State.TRYING, "right"): State.THERE,
    (State.TRYING, "wrong"): State.ASKED,
}


class LoginConnection(IRCConnection):
    """A connection by which somebody logs in.

    Attributes:
        password: what PASS said.
        realName: what USER said.
        capabilities: what the client has asked for.
    """

    password: str | None = None
    realName: str | None = None
    realm: Any = None
    logout: Callable[[], None] | None = None

    state = State.NOBODY
    _negotiating = False
    _welcomed = False
    _tries = 0
    _sasl: str | None = None

    def connectionMade(self) -> None:
        """Nobody is there yet."""
        self.capabilities: set[str] = set()
        super().connectionMade()

    def _move(self, event: str) -> bool:
        """Whether something may happen now; the state is what follows from it then."""
        following = TRANSITIONS.get((self.state, event))
        if following is None:
            return False
        self.state = following
        return True

    def irc_PASS(self, prefix: str, params: list[str]) -> None:
        """PASS <password>: before NICK."""
        if self.state is State.THERE:
            self.reply(irc.ERR_ALREADYREGISTRED, "You may not reregister")
        elif not params:
            self.reply(irc.ERR_NEEDMOREPARAMS, "PASS", "Not enough parameters")
        else:
            self.password = params[-1]

    def irc_NICK(self, prefix: str, params: list[str]) -> None:
        """NICK <name>: the name of an account, and no other."""
        if not params or not params[0]:
            self.reply(irc.ERR_NONICKNAMEGIVEN, "No nickname given")
            return
        nickname = params[0]
        if self.state is State.THERE:
            if fold(nickname) != fold(self.nickname or ""):
                self.reply(irc.ERR_RESTRICTED, "Your nickname is the name of your account")
            return
        try:
            check_user_name(nickname, self.factory.limits.nameBytes)
        except BadText:
            self.reply(irc.ERR_ERRONEUSNICKNAME, nickname[:32], "Erroneous nickname")
            return
        if self.state is State.TRYING:
            self.reply(irc.ERR_UNAVAILRESOURCE, nickname, "Your password is being checked")
        else:
            self.nickname = nickname
            self._proceed()

    def irc_USER(self, prefix: str, params: list[str]) -> None:
        """USER <name> <mode> <unused> <real name>: the last is what others see."""
        if self.realName is not None:
            self.reply(irc.ERR_ALREADYREGISTRED, "You may not reregister")
        elif len(params) < 4:
            self.reply(irc.ERR_NEEDMOREPARAMS, "USER", "Not enough parameters")
        else:
            most = self.factory.limits.realNameBytes
            self.realName = params[3].encode()[:most].decode("utf-8", "ignore")
            self._nameReally()

    def _nameReally(self) -> None:
        if self.avatar is not None and self.realName:
            self.avatar.realName = self.realName

    def _proceed(self) -> None:
        """Go on with the login, with what is known now."""
        if self._negotiating or self.nickname is None:
            return
        if self.state is State.THERE:
            self._welcome()
        elif self.password is not None:
            password, self.password = self.password, None
            self.logInAs(self.nickname, password)
        elif self._move("ask"):
            self.motd()
            self.nickServ("Password?")

    def nickServ(self, text: str) -> None:
        """Say something as the service that asks for passwords."""
        self.sendLine(f":{NICKSERV_SOURCE} PRIVMSG {self.nickname or '*'} :{text}")

    def irc_NICKSERV_PRIVMSG(self, prefix: str, params: list[str]) -> None:
        """A word to NickServ: the password, or ``IDENTIFY <password>``."""
        word = params[-1]
        if self.state is State.THERE:
            self.nickServ("You are logged in.")
            return
        if self.state is State.TRYING:
            self.nickServ("One moment: your password is being checked.")
            return
        if self.nickname is None:
            self.reply(irc.ERR_NONICKNAMEGIVEN, "No nickname given")
            return
        command, _, rest = word.partition(" ")
        self.logInAs(self.nickname, rest if command.upper() == "IDENTIFY" and rest else word)

    def irc_NICKSERV(self, prefix: str, params: list[str]) -> None:
        """NICKSERV <word> ...: the same, as many clients send it."""
        if params:
            self.irc_NICKSERV_PRIVMSG(prefix, [NICKSERV, " ".join(params)])

    irc_NS = irc_NICKSERV

    def logInAs(self, nickname: str, password: str) -> None:
        """Try to log in.

        Args:
            nickname: the name of an account.
            password: its password.
        """
        if not self._move("try"):
            return
        credentials = UsernamePassword(nickname.encode(), password.encode("utf-8", "replace"))
        login = self.factory.portal.login(credentials, self, IUser)
        login.addCallbacks(self._right, self._wrong)
        login.addErrback(self._broken)

    def _right(self, found: tuple[Any, Any, Callable[[], None]]) -> None:
        _, avatar, logout = found
        if self._over or not self._move("right"):
            logout()
            return
        self.avatar = avatar
        self.logout = logout
        self._nameReally()
        self._endSasl(True)
        self._proceed()

    def _wrong(self, failure: Failure) -> None:
        if self._over or not self._move("wrong"):
            return
        self._tries += 1
        there = failure.check(AlreadyLoggedIn)
        if there:
            self.reply(irc.ERR_NICKNAMEINUSE, self.nickname or "*", "Nickname is already in use")
            self.nickServ("You are logged in already, by another connection.")
        elif failure.check(Unauthorized, WordsError):
            self.reply(irc.ERR_PASSWDMISMATCH, "Password incorrect")
            self.nickServ("Login failed.")
        else:
            self._broken(failure)
        self._endSasl(False)
        if self._tries >= self.factory.limits.badLogins:
            self.nickServ("Goodbye.")
            self.end("Login failed")

    def _broken(self, failure: Failure) -> None:
        self.factory.log.failure("The login of {nick} failed", failure, nick=self.nickname)
        self.serverNotice("Something is wrong with the server; please try again later.")

    # The welcome.

    def _welcome(self) -> None:
        """All is there: tell the client where it is, and what it may do."""
        if self._welcomed:
            return
        self._welcomed = True
        name = self.avatar.name
        if self.nickname != name:
            self.sendLine(f":{self.nickname} NICK {name}")
            self.nickname = name
        self.loggedInNow()
        limits, host = self.factory.limits, self.hostname or ""
        self.reply(irc.RPL_WELCOME, f"Welcome to {host}, {name}")
        self.reply(irc.RPL_YOURHOST, f"Your host is {host}")
        self.reply(irc.RPL_CREATED, f"This server was started {self.factory.started}")
        ranks = "".join(RANKS)
        modes = "".join(sorted(LISTS + KEY + LIMIT + FLAGS + ranks))
        self.sendLine(f":{host} {irc.RPL_MYINFO} {name} {host} torsion i {modes}")
        supported = [
            "CASEMAPPING=ascii",
            f"CHANTYPES={CHANNEL}",
            f"PREFIX={PREFIX}",
            f"CHANMODES={CHANMODES}",
            f"MODES={limits.changesPerLine}",
            f"NICKLEN={limits.nameBytes}",
            f"CHANNELLEN={limits.groupNameBytes + 1}",
            f"TOPICLEN={limits.topicBytes}",
            f"KICKLEN={limits.reasonBytes}",
            f"AWAYLEN={limits.reasonBytes}",
            f"CHANLIMIT={CHANNEL}:{limits.groupsPerUser}",
            f"MAXLIST={LISTS}:{limits.masksPerGroup}",
            "EXCEPTS=e",
            "INVEX=I",
            f"MAXTARGETS={limits.targetsPerLine}",
            f"NETWORK={host}",
        ]
        # At most 13 of them fit into a line of 15 parameters.
        for start in range(0, len(supported), 13):
            words = " ".join(supported[start : start + 13])
            self.sendLine(
                f":{host} {irc.RPL_ISUPPORT} {name} {words} :are supported by this server"
            )
        self.motd()

    def motd(self) -> None:
        """The message of the day."""
        name = self.hostname or ""
        self.reply(irc.RPL_MOTDSTART, f"- {name} Message of the day - ")
        for line in self.factory.motd:
            self.reply(irc.RPL_MOTD, f"- {line}")
        self.reply(irc.RPL_ENDOFMOTD, "End of /MOTD command.")

    def irc_MOTD(self, prefix: str, params: list[str]) -> None:
        """MOTD: the message of the day."""
        self.motd()

    # Capabilities, and SASL.

    def irc_CAP(self, prefix: str, params: list[str]) -> None:
        """CAP LS, LIST, REQ and END: capabilities (IRCv3)."""
        command = params[0].upper() if params else ""
        me = self.nickname or "*"
        if command in ("LS", "REQ") and not self._welcomed:
            self._negotiating = True
        if command == "LS":
            version = params[1] if len(params) > 1 else ""
            sasl = "sasl=PLAIN" if version.isdigit() and int(version[:9]) >= 302 else "sasl"
            self.sendLine(f":{self.hostname} CAP {me} LS :multi-prefix {sasl}")
        elif command == "LIST":
            names = " ".join(sorted(self.capabilities))
            self.sendLine(f":{self.hostname} CAP {me} LIST :{names}")
        elif command == "REQ" and len(params) > 1:
            self._request(params[1], me)
        elif command == "END":
            self._negotiating = False
            if not self._welcomed:
                self._proceed()
        else:
            self.reply(_ERR_INVALIDCAPCMD, command[:32] or "*", "Invalid CAP command")

    def _request(self, wanted: str, me: str) -> None:
        words = wanted.split()
        known = all(word.removeprefix("-") in CAPABILITIES for word in words)
        for word in words if known else ():
            if word.startswith("-"):
                self.capabilities.discard(word[1:])
            else:
                self.capabilities.add(word)
        self.sendLine(f":{self.hostname} CAP {me} {'ACK' if known else 'NAK'} :{wanted}")

    def irc_AUTHENTICATE(self, prefix: str, params: list[str]) -> None:
        """AUTHENTICATE: SASL, with PLAIN (RFC 4616) as its mechanism."""
        word = params[0] if params else ""
        if self.state in (State.THERE, State.TRYING):
            self.reply(_ERR_SASLFAIL, "SASL authentication failed: you are logged in")
        elif word == "*":
            self._sasl = None
            self.reply(_ERR_SASLABORTED, "SASL authentication aborted")
        elif self._sasl is None:
            if word.upper() == "PLAIN":
                self._sasl = ""
                self.sendLine("AUTHENTICATE +")
            else:
                self.reply(_RPL_SASLMECHS, "PLAIN", "are available SASL mechanisms")
                self.reply(_ERR_SASLFAIL, "SASL authentication failed")
        else:
            self._sasl += "" if word == "+" else word
            if len(word) > _SASL_LINE or len(self._sasl) > _SASL_MAX:
                self._sasl = None
                self.reply(_ERR_SASLTOOLONG, "SASL message too long")
            elif len(word) < _SASL_LINE:
                self._plain(self._sasl)

    def _plain(self, answer: str) -> None:
        try:
            _, name, password = base64.b64decode(answer, validate=True).decode().split("\0")
        except (binascii.Error, ValueError):
            self._endSasl(False)
            return
        self.logInAs(name, password)

    def _endSasl(self, right: bool) -> None:
        if self._sasl is None:
            return
        self._sasl = None
        if not right:
            self.reply(_ERR_SASLFAIL, "SASL authentication failed")
            return
        account = self.avatar.name
        self.reply(_RPL_LOGGEDIN, self.avatar.who, account, f"You are now logged in as {account}")
        self.reply(_RPL_SASLSUCCESS, "SASL authentication successful")
