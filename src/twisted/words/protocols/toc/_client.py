"""The client's side of TOC."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.words.protocols.toc._flap import (
    FLAPON,
    MAX_FROM_SERVER,
    Config,
    Flap,
    Frame,
    Permission,
    TOCError,
    buildCommand,
    decode,
    normalize,
    roast,
    signon,
)

__name__ = "twisted.words.protocols.toc"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)

#: Who checks passwords, as the document has it. Servers that do so themselves ignore it.
_AUTHORIZER = ("localhost", "29999")


class State(enum.Enum):
    """How far a client is."""

    BEGINNING = "waits for the server's first frame"
    ASKED = "has sent its password"
    KNOWN = "is logged in, and not seen by others"
    ONLINE = "is seen by others"


#: What the server may say when, and what follows from it; all else is no TOC.
TRANSITIONS = {
    (State.BEGINNING, "signon"): State.ASKED,
    (State.ASKED, "SIGN_ON"): State.KNOWN,
    (State.ONLINE, "SIGN_ON"): State.KNOWN,  # after a PAUSE
    (State.KNOWN, "online"): State.ONLINE,
}


class TOCClient(Protocol):
    """A client: subclass it, and override what is of interest.

    Texts of messages are as they came, which for most programs of this network is HTML.

    Args:
        username: who logs in.
        password: with which.

    Attributes:
        name: how the server writes the user's name.
        rooms: the names of the rooms that the user is in, by their numbers.
    """

    #: What kind of program it says that it is.
    version = "Torsion"
    transport: ITransport

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password
        self.name = username
        self.state = State.BEGINNING
        self.rooms: dict[int, str] = {}
        self._flap = Flap(MAX_FROM_SERVER)
        self._joined: set[int] = set()

    # The connection.

    def connectionMade(self) -> None:
        """Ask for frames."""
        self.transport.write(FLAPON)

    def dataReceived(self, data: bytes) -> None:
        """Take frames."""
        try:
            for kind, content in self._flap.feed(data):
                if kind is Frame.SIGNON:
                    self._begin()
                elif kind is Frame.DATA:
                    self._said(decode(content))
                elif kind is Frame.SIGNOFF:
                    self.transport.loseConnection()
        except TOCError as e:
            _log.warn("The server does not speak TOC: {error}", error=e)
            self.transport.loseConnection()

    def _move(self, event: str) -> None:
        following = TRANSITIONS.get((self.state, event))
        if following is None:
            raise TOCError(f"{event} comes while the client {self.state.value}.")
        self.state = following

    def _begin(self) -> None:
        self._move("signon")
        name = normalize(self.username)
        self.transport.write(self._flap.frame(Frame.SIGNON, signon(name)))
        self.send("toc_signon", *_AUTHORIZER, name, roast(self.password), "english", self.version)

    def send(self, command: str, *words: object) -> None:
        """Send a command.

        Args:
            command: its name.
            words: what it takes.

        Raises:
            ValueError: it is longer than a command may be.
        """
        data = buildCommand(command, list(map(str, words)))
        self.transport.write(self._flap.frame(Frame.DATA, data))

    def keepAlive(self) -> None:
        """Send a sign of life."""
        self.transport.write(self._flap.frame(Frame.KEEP_ALIVE, b""))

    def _said(self, text: str) -> None:
        """The server says something."""
        command, _, rest = text.partition(":")
        handler: Callable[[str], None] | None = getattr(self, f"toc_{command}", None)
        if handler is None:
            self.unknownCommand(command, rest)
        else:
            handler(rest)

    # What the server says.

    def toc_SIGN_ON(self, rest: str) -> None:
        """The password was right."""
        self._move("SIGN_ON")
        self.signedOn()

    def toc_CONFIG(self, rest: str) -> None:
        """What the server keeps for the user."""
        config = Config.parse(rest)
        self.gotConfig(config.mode, config.groups, config.permit, config.deny)

    def toc_NICK(self, rest: str) -> None:
        """How the user's name is written."""
        self.name = rest
        self.gotName(rest)

    def toc_ERROR(self, rest: str) -> None:
        """Something is wrong."""
        code, _, about = rest.partition(":")
        self.gotError(code, about)

    def toc_IM_IN(self, rest: str) -> None:
        """Somebody writes."""
        user, auto, message = _fields(rest, 3)
        self.hearMessage(user, message, auto == "T")

    def toc_UPDATE_BUDDY(self, rest: str) -> None:
        """Somebody comes, goes, or is idle or away."""
        user, online, evil, since, idle, kind = _fields(rest, 6)
        away = kind[2:3] == "U"
        level, start, minutes = _number(evil), _number(since), _number(idle)
        self.updateBuddy(user, online == "T", level, start, minutes, away)

    def toc_EVILED(self, rest: str) -> None:
        """Somebody has warned the user."""
        level, by = _fields(rest, 2)
        self.eviled(_number(level), by or None)

    def toc_CHAT_JOIN(self, rest: str) -> None:
        """The user is in a room."""
        room, name = _fields(rest, 2)
        self.rooms[_number(room)] = name

    def toc_CHAT_UPDATE_BUDDY(self, rest: str) -> None:
        """Others are in a room, or leave it."""
        room, inside, users = _fields(rest, 3)
        number, names = _number(room), users.split(":")
        if number not in self._joined:
            self._joined.add(number)
            self.chatJoined(number, self.rooms.get(number, ""), names)
            return
        for name in names:
            self.chatUpdate(number, name, inside == "T")

    def toc_CHAT_IN(self, rest: str) -> None:
        """Somebody says something in a room."""
        room, user, whisper, message = _fields(rest, 4)
        if whisper == "T":
            self.chatHearWhisper(_number(room), user, message)
        else:
            self.chatHearMessage(_number(room), user, message)

    def toc_CHAT_INVITE(self, rest: str) -> None:
        """Somebody invites the user to a room."""
        name, room, sender, message = _fields(rest, 4)
        self.chatInvited(_number(room), name, sender, message)

    def toc_CHAT_LEFT(self, rest: str) -> None:
        """The user is not in a room any more."""
        number = _number(rest)
        self.rooms.pop(number, None)
        self._joined.discard(number)
        self.chatLeft(number)

    def toc_GOTO_URL(self, rest: str) -> None:
        """There is a page to look at."""
        window, url = _fields(rest, 2)
        self.gotURL(window, url)

    def toc_PAUSE(self, rest: str) -> None:
        """The server is busy: it says SIGN_ON again."""

    # What a program overrides.

    def signedOn(self) -> None:
        """The user is logged in: tell of friends, then `init_done`, which is all this does."""
        self.init_done()

    def gotConfig(
        self, mode: Permission, groups: dict[str, list[str]], permit: list[str], deny: list[str]
    ) -> None:
        """What the server keeps for the user: see `Config`."""

    def gotName(self, name: str) -> None:
        """How the user's name is written."""

    def gotError(self, code: str, about: str) -> None:
        """Something is wrong.

        Args:
            code: the number, such as "980" for a wrong password.
            about: what it is about.
        """
        _log.warn("The TOC server says: error {code} {about}", code=code, about=about)

    def gotURL(self, window: str, url: str) -> None:
        """There is a page to look at."""

    def hearMessage(self, user: str, message: str, auto: bool) -> None:
        """Somebody writes.

        Args:
            user: who.
            message: what.
            auto: whether their program does, since they are away.
        """

    def updateBuddy(
        self, user: str, online: bool, evil: int, since: int, idle: int, away: bool
    ) -> None:
        """A friend comes or goes, or changes.

        Args:
            user: who.
            online: whether they are there.
            evil: how much they have been warned, in per cent.
            since: when they came, in seconds since 1970.
            idle: for how many minutes they have done nothing.
            away: whether they say that they are away.
        """

    def eviled(self, level: int, by: str | None) -> None:
        """The user was warned: how much in all, in per cent, and by whom, if that is said."""

    def chatJoined(self, roomid: int, roomname: str, users: list[str]) -> None:
        """The user is in a room, with these users."""

    def chatUpdate(self, roomid: int, username: str, inroom: bool) -> None:
        """Somebody comes into a room, or leaves it."""

    def chatHearMessage(self, roomid: int, username: str, message: str) -> None:
        """Somebody says something in a room; the user, too."""

    def chatHearWhisper(self, roomid: int, username: str, message: str) -> None:
        """Somebody in a room says something to the user alone."""

    def chatInvited(self, roomid: int, roomname: str, username: str, message: str) -> None:
        """Somebody invites the user to a room: see `chat_accept`."""

    def chatLeft(self, roomid: int) -> None:
        """The user is not in a room any more."""

    def unknownCommand(self, command: str, rest: str) -> None:
        """The server says something else."""
        _log.debug("The TOC server says {command}, which is not known", command=command)

    # What a program calls.

    def init_done(self) -> None:
        """Be seen by others, from now on."""
        self._move("online")
        self.send("toc_init_done")

    def say(self, user: str, message: str, auto: bool = False) -> None:
        """Write to somebody.

        Args:
            user: to whom.
            message: what.
            auto: whether the program does, since the user is away.
        """
        self.send("toc_send_im", normalize(user), message, *(["auto"] if auto else []))

    def add_buddy(self, *users: str) -> None:
        """Hear of friends, as `updateBuddy`."""
        self.send("toc_add_buddy", *map(normalize, users))

    def remove_buddy(self, *users: str) -> None:
        """Hear of them no more."""
        self.send("toc_remove_buddy", *map(normalize, users))

    def add_permit(self, *users: str) -> None:
        """Be seen by these only; without any, by nobody."""
        self.send("toc_add_permit", *map(normalize, users))

    def add_deny(self, *users: str) -> None:
        """Be seen by all but these; without any, by all."""
        self.send("toc_add_deny", *map(normalize, users))

    def set_config(self, config: Config) -> None:
        """Have the server keep something for the user."""
        self.send("toc_set_config", config.text())

    def set_idle(self, seconds: int) -> None:
        """Say for how long the user has done nothing; 0 if they have just done something."""
        self.send("toc_set_idle", seconds)

    def away(self, message: str | None = None) -> None:
        """Say that the user is away; or, without a message, is back."""
        self.send("toc_set_away", *([] if message is None else [message]))

    def evil(self, user: str, anonymous: bool = False) -> None:
        """Warn somebody who has written to the user."""
        self.send("toc_evil", normalize(user), "anon" if anonymous else "norm")

    def chat_join(self, name: str, exchange: int = 4) -> None:
        """Go into a room."""
        self.send("toc_chat_join", exchange, name)

    def chat_say(self, roomid: int, message: str) -> None:
        """Say something in a room."""
        self.send("toc_chat_send", roomid, message)

    def chat_whisper(self, roomid: int, user: str, message: str) -> None:
        """Say something to somebody in a room, alone."""
        self.send("toc_chat_whisper", roomid, normalize(user), message)

    def chat_invite(self, roomid: int, message: str, *users: str) -> None:
        """Invite somebody to a room."""
        self.send("toc_chat_invite", roomid, message, *map(normalize, users))

    def chat_accept(self, roomid: int) -> None:
        """Follow an invitation."""
        self.send("toc_chat_accept", roomid)

    def chat_leave(self, roomid: int) -> None:
        """Leave a room."""
        self.send("toc_chat_leave", roomid)


def _fields(rest: str, count: int) -> list[Any]:
    """The fields of what a server says; the last has the colons that are left.

    Raises:
        TOCError: there are too few.
    """
    fields = rest.split(":", count - 1)
    if len(fields) < count:
        raise TOCError(f"There are {len(fields)} fields where {count} are to be.")
    return fields


def _number(text: str) -> int:
    # Ten digits: times are the largest of all numbers, and one of any length takes time to read.
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise TOCError(f"{text[:20]!r} is no number.")
    return int(text)
