"""The server's end of a connection of TOC.

Friends are users of the realm, whatever they are logged in by, and rooms are its groups.
"""

from __future__ import annotations

import enum
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from zope.interface import implementer

from twisted.cred.credentials import UsernamePassword
from twisted.cred.error import Unauthorized
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.ewords import NoSuchUser, NotAllowed, WordsError
from twisted.words.iwords import IChatClient, IUser
from twisted.words.protocols.toc._flap import (
    FLAPON,
    MAX_FROM_CLIENT,
    MAX_FROM_SERVER,
    Flap,
    Frame,
    Permission,
    TOCError,
    parseCommand,
    readSignon,
    signon,
    unroast,
)
from twisted.words.service import WordsLimits
from twisted.words.service._flood import Budget
from twisted.words.service._names import fold
from twisted.words.service._outlet import Outlet

__name__ = "twisted.words.protocols.toc"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)

#: Names that one user may have in each list. Programs of the time had a limit of 200 friends.
MAX_NAMES = 500

#: How many of those who have last written to somebody they may warn.
_RECENT = 50

#: By how many per cent a warning warns: one that is signed, and one that is not.
_SIGNED, _ANONYMOUS = 10, 3

# The errors of the document.
_UNAVAILABLE, _NO_WARNING, _TOO_FAST = "901", "902", "903"
_INVALID, _NO_SERVICE, _NO_CHAT = "911", "914", "950"
_TOO_BIG, _WRONG_PASSWORD, _UNKNOWN = "961", "980", "989"

#: What is said with an invitation by those who say nothing.
_JOIN = "Join me in this room."

#: How what somebody does is written in this network.
_ACTION = "/me "


class State(enum.Enum):
    """How far a connection is."""

    BEGINNING = "beginning"
    NAMELESS = "nameless"
    ASKED = "asked"
    TRYING = "trying"
    KNOWN = "known"
    ONLINE = "online"
    OVER = "over"


#: What may happen when; all else is no TOC.
TRANSITIONS = {
    (State.BEGINNING, "flapon"): State.NAMELESS,
    (State.NAMELESS, "signon"): State.ASKED,
    (State.ASKED, "toc_signon"): State.TRYING,
    (State.TRYING, "right"): State.KNOWN,
    (State.KNOWN, "toc_init_done"): State.ONLINE,
}


@implementer(IChatClient)
class TOC(Protocol):
    """A client of TOC, and the user who is logged in by it.

    Attributes:
        factory: the `TOCFactory`.
        avatar: the `twisted.words.iwords.IUser`, or None.
        buddies: the names of friends, in small letters.
        mode: who may know that the user is there.
        listed: the names, in small letters, that the mode is about.
        level: how much the user has been warned, in per cent.
        quitReason: why the connection ends, for others.
    """

    avatar: Any = None
    factory: Any
    transport: Any
    write: Callable[[bytes], Any]
    quitReason: str | None = None
    level = 0

    def connectionMade(self) -> None:
        """Wait for a client to begin."""
        limits: WordsLimits = self.factory.limits
        self.state = State.BEGINNING
        self.buddies: set[str] = set()
        self.mode = Permission.ALL
        self.listed: set[str] = set()
        self.idleSince: float | None = None
        self._begun = b""
        self._flap = Flap(MAX_FROM_CLIENT)
        self._outlet = Outlet(self, self.transport, limits.queueBytes)
        self._logout: Callable[[], None] | None = None
        self._rooms: dict[int, Any] = {}
        self._invitations: dict[int, str] = {}
        self._recent: deque[str] = deque(maxlen=_RECENT)
        self._budget: Budget | None = None
        clock = self.factory.clock
        if limits.floodRate is not None:
            self._budget = Budget(limits.floodBurst, limits.floodRate, clock.seconds)
        self._timer = clock.callLater(limits.loginSeconds, self._late)
        if not self.factory.arrived():
            self._end("The server is full.")

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Log out."""
        self.state = State.OVER
        self.factory.left(self)
        self._outlet.close()
        if self._timer.active():
            self._timer.cancel()
        if self._logout is not None:
            logout, self._logout = self._logout, None
            logout()

    def clogged(self) -> None:
        """The client does not read, and too much waits for it: it has been disconnected."""
        self.state = State.OVER
        self.quitReason = "does not read what is sent"

    def hangUp(self, reason: str) -> None:
        """The user is logged out, and not by the client: the connection ends."""
        self.tell("ERROR", _UNKNOWN, reason)
        self._end(reason)

    def _end(self, why: str) -> None:
        _log.info("A connection of TOC ends: {why}", why=why)
        self.state = State.OVER
        self.quitReason = self.quitReason or why
        self._outlet.close()
        self.transport.loseConnection()

    def _late(self) -> None:
        self._end("The client did not log in in time.")

    def _alive(self) -> None:
        self.write(self._flap.frame(Frame.KEEP_ALIVE, b""))
        self._timer = self.factory.clock.callLater(self.factory.limits.idleSeconds, self._alive)

    def _move(self, event: str) -> None:
        following = TRANSITIONS.get((self.state, event))
        if following is None:
            raise TOCError(f"{event} is not for a connection that is {self.state.value}.")
        self.state = following

    # What comes in.

    def dataReceived(self, data: bytes) -> None:
        """Take frames."""
        try:
            if self.state is State.BEGINNING:
                data = self._begin(data)
            if self.state in (State.BEGINNING, State.OVER):
                return
            for kind, content in self._flap.feed(data):
                if not self._frame(kind, content):
                    return
        except TOCError as e:
            self._end(str(e))

    def _begin(self, data: bytes) -> bytes:
        """The client asks for frames; gives what follows that."""
        self._begun += data
        wanted = FLAPON[: len(self._begun)]
        if not self._begun.startswith(wanted):
            raise TOCError("The client does not ask for FLAP.")
        if len(self._begun) < len(FLAPON):
            return b""
        self._move("flapon")
        self.write(self._flap.frame(Frame.SIGNON, signon()))
        rest, self._begun = self._begun[len(FLAPON) :], b""
        return rest

    def _frame(self, kind: Frame, content: bytes) -> bool:
        """Take a frame; whether there may be another one."""
        if kind is Frame.SIGNON:
            readSignon(content)
            self._move("signon")
        elif kind is Frame.SIGNOFF:
            self._end("The client signs off.")
        elif kind is Frame.DATA:
            self._command(parseCommand(content))
        return self.state is not State.OVER

    def _command(self, words: list[str]) -> None:
        name, *arguments = words
        if self.state in (State.KNOWN, State.ONLINE):
            if self._budget is not None and self._budget.use():
                self.tell("ERROR", _TOO_FAST)
                return
        elif name != "toc_signon":
            raise TOCError(f"{name[:32]} comes before the login.")
        handler: Callable[[list[str]], None] | None = None
        if name.startswith("toc_"):
            handler = getattr(self, name, None)
        if handler is None:
            # The document has more than there is here: directories, and rendezvous.
            self.tell("ERROR", _NO_SERVICE)
            return
        try:
            handler(arguments)
        except (LookupError, ValueError):
            self.tell("ERROR", _INVALID)
        except WordsError as e:
            self._refused(e, _INVALID)

    def _refused(self, error: BaseException, otherwise: str) -> None:
        if isinstance(error, NoSuchUser):
            self.tell("ERROR", _UNAVAILABLE, str(error.args[0]))
        elif isinstance(error, NotAllowed):
            self.tell("ERROR", _NO_CHAT, error.subject)
        else:
            self.tell("ERROR", otherwise)

    def _lookUp(self, found: Deferred[Any], then: Callable[[Any], None], code: str) -> None:
        """Go on with a user or a group; what it fails with is told by a number."""

        def failed(failure: Failure) -> None:
            failure.trap(WordsError)
            self._refused(failure.value, code)

        found.addCallback(then).addErrback(failed).addErrback(self._broken)

    def _broken(self, failure: Failure) -> None:
        _log.failure("What a client of TOC asked for failed", failure)
        self.tell("ERROR", _UNKNOWN, "something is wrong with the server")

    # What goes out.

    def tell(self, command: str, *fields: str) -> None:
        """Say something to the client.

        Args:
            command: what.
            fields: its fields; only the last may have colons in it.
        """
        data = ":".join([command, *fields]).encode("utf-8", "replace")
        if len(data) > MAX_FROM_SERVER:
            sender = fields[0 if command == "IM_IN" else 1]
            data = f"ERROR:{_TOO_BIG}:{sender}".encode()
        self.write(self._flap.frame(Frame.DATA, data))

    @property
    def name(self) -> str:
        """The user's name."""
        name: str = self.avatar.name
        return name

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> None:
        """See `IChatClient`. What comes from those who are not to see the user is left out."""
        kind, text = message.get("type"), message["text"]
        if kind == "action":
            text = _ACTION + text
        if hasattr(recipient, "modes"):
            self.tell("CHAT_IN", str(self._room(recipient)), sender.name, "F", text)
        elif self.visibleTo(sender.name):
            self._recent.append(fold(sender.name))
            self.tell("IM_IN", sender.name, "T" if kind == "notice" else "F", text)

    def groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> None:
        """See `IChatClient`. Rooms have no topics: it is told as something that is done."""
        author = meta.get("topic_author") or group.server
        text = f"{_ACTION}has set the topic: {meta.get('topic') or ''}"
        self.tell("CHAT_IN", str(self._room(group)), author, "F", text)

    def userJoined(self, group: Any, user: Any) -> None:
        """See `IChatClient`."""
        self.tell("CHAT_UPDATE_BUDDY", str(self._room(group)), "T", user.name)

    def userLeft(self, group: Any, user: Any, reason: str | None = None) -> None:
        """See `IChatClient`."""
        room = self._room(group)
        if user is self:
            self._rooms.pop(room, None)
            self.tell("CHAT_LEFT", str(room))
        else:
            self.tell("CHAT_UPDATE_BUDDY", str(room), "F", user.name)

    def invited(self, group: Any, client: Any, user: Any, message: str | None = None) -> None:
        """The user is invited to a group."""
        room = self._room(group)
        self._invitations[room] = group.name
        if len(self._invitations) > MAX_NAMES:
            del self._invitations[next(iter(self._invitations))]
        self.tell("CHAT_INVITE", group.name, str(room), client.name, message or _JOIN)

    def _room(self, group: Any) -> int:
        number: int = self.factory.roomOf(group)
        return number

    def tellOf(self, user: Any, online: bool) -> None:
        """Say that a friend is there, or is not."""
        mind = user.mind
        level, idle = 0, 0
        if isinstance(mind, TOC):
            online = online and mind.state is State.ONLINE and mind.visibleTo(self.name)
            level = mind.level
            if mind.idleSince is not None:
                idle = int(time.time() - mind.idleSince) // 60
        away = "U" if user.away is not None else " "
        there = "T" if online else "F"
        since = str(int(user.signOn)) if online else "0"
        self.tell("UPDATE_BUDDY", user.name, there, str(level), since, str(idle), f" O{away}")

    def visibleTo(self, name: str) -> bool:
        """Whether somebody may know that the user is there, and write to them."""
        listed = fold(name) in self.listed
        if self.mode is Permission.SOME:
            return listed
        if self.mode is Permission.ALL_BUT_SOME:
            return not listed
        return self.mode is Permission.ALL

    # Coming in.

    def toc_signon(self, words: list[str]) -> None:
        """Log in: host and port of who checks passwords, name, password, language, program."""
        self._move("toc_signon")
        _, _, name, roasted = words[:4]
        credentials = UsernamePassword(name.encode(), unroast(roasted).encode())
        login = self.factory.portal.login(credentials, self, IUser)
        login.addCallbacks(self._right, self._wrong).addErrback(self._broken)

    def _right(self, found: tuple[Any, Any, Callable[[], None]]) -> None:
        _, avatar, logout = found
        if self.state is not State.TRYING:
            logout()
            return
        self._move("right")
        self.avatar = avatar
        self._logout = logout
        self.tell("SIGN_ON", "TOC1.0")
        self.tell("CONFIG", self.factory.configs.get(fold(avatar.name), ""))
        self.tell("NICK", avatar.name)

    def _wrong(self, failure: Failure) -> None:
        if self.state is not State.TRYING:
            return
        if failure.check(Unauthorized):
            self.tell("ERROR", _WRONG_PASSWORD)
        elif failure.check(WordsError):
            self.tell("ERROR", _UNKNOWN, failure.getErrorMessage())
        else:
            self._broken(failure)
        self._end("The login failed.")

    def toc_init_done(self, words: list[str]) -> None:
        """Be seen."""
        self._move("toc_init_done")
        self._timer.cancel()
        self._timer = self.factory.clock.callLater(self.factory.limits.idleSeconds, self._alive)
        self.factory.tellOf(self.avatar, True)
        self._tellOfAll(self.buddies)

    # Friends.

    def _add(self, names: set[str], words: Iterable[str]) -> None:
        more = names | {fold(word) for word in words}
        if len(more) > MAX_NAMES:
            raise ValueError(f"{len(more)} names are too many")
        names |= more

    def toc_add_buddy(self, words: list[str]) -> None:
        """Hear of friends."""
        new = {fold(word) for word in words} - self.buddies
        self._add(self.buddies, new)
        for name in new:
            self.factory.watch(name, self)
        if self.state is State.ONLINE:
            self._tellOfAll(new)

    def _tellOfAll(self, names: Iterable[str]) -> None:
        for name in names:
            self.factory.realm.lookupUser(name).addCallbacks(
                lambda user: self.tellOf(user, True) if user.mind is not None else None,
                lambda failure: failure.trap(NoSuchUser) and None,
            )

    def toc_remove_buddy(self, words: list[str]) -> None:
        """Hear of them no more."""
        for word in words:
            self.buddies.discard(fold(word))
            self.factory.unwatch(fold(word), self)

    def toc_add_permit(self, words: list[str]) -> None:
        """Be seen by some."""
        self._permit(Permission.SOME, words)

    def toc_add_deny(self, words: list[str]) -> None:
        """Be seen by all but some."""
        self._permit(Permission.ALL_BUT_SOME, words)

    def _permit(self, mode: Permission, words: list[str]) -> None:
        if self.mode is not mode:
            self.mode = mode
            self.listed.clear()
        self._add(self.listed, words)
        if self.state is State.ONLINE:
            self.factory.tellOf(self.avatar, True)

    def toc_set_config(self, words: list[str]) -> None:
        """Have something kept."""
        self.factory.configs[fold(self.name)] = words[0]

    def toc_set_away(self, words: list[str]) -> None:
        """Be away, or be back."""
        self.avatar.setAway(words[0] if words and words[0] else None)

    def toc_set_idle(self, words: list[str]) -> None:
        """Have done nothing for some seconds."""
        seconds = int(words[0][:9])
        self.idleSince = time.time() - seconds if seconds > 0 else None
        self.factory.tellOf(self.avatar, True)

    def toc_evil(self, words: list[str]) -> None:
        """Warn somebody who has written."""
        name, how = words[:2]
        if fold(name) not in self._recent:
            self.tell("ERROR", _NO_WARNING, name)
            return

        def warn(user: Any) -> None:
            if not isinstance(user.mind, TOC):
                self.tell("ERROR", _NO_WARNING, name)
                return
            signed = how != "anon"
            user.mind.level = min(100, user.mind.level + (_SIGNED if signed else _ANONYMOUS))
            user.mind.tell("EVILED", str(user.mind.level), self.name if signed else "")
            self.factory.tellOf(user, True)

        self._lookUp(self.factory.realm.lookupUser(name), warn, _NO_WARNING)

    # Conversations.

    def toc_send_im(self, words: list[str]) -> None:
        """Write to somebody."""
        name, text = words[:2]
        message = _message(text)
        if words[2:] == ["auto"]:
            message["type"] = "notice"

        def found(user: Any) -> None:
            if isinstance(user.mind, TOC) and not user.mind.visibleTo(self.name):
                raise NoSuchUser(name)
            self.avatar.say(user, message)

        self._lookUp(self.factory.realm.lookupUser(name), found, _INVALID)

    def toc_chat_join(self, words: list[str]) -> None:
        """Go into a room."""
        self._join(" ".join(words[1].split()))

    def toc_chat_accept(self, words: list[str]) -> None:
        """Go into a room to which one was invited."""
        self._join(self._invitations.pop(int(words[0])))

    def _join(self, name: str) -> None:
        def found(group: Any) -> None:
            try:
                self.avatar.joinNow(group)
            finally:
                group.leaveIfEmpty()
            room = self._room(group)
            if room in self._rooms:
                return
            self._rooms[room] = group
            self.tell("CHAT_JOIN", str(room), group.name)
            names = [client.name for client in group.iterusers()]
            self.tell("CHAT_UPDATE_BUDDY", str(room), "T", *names)

        def failed(failure: Failure) -> None:
            failure.trap(WordsError)
            self.tell("ERROR", _NO_CHAT, name)

        joining = self.factory.realm.getGroup(name).addCallback(found)
        joining.addErrback(failed).addErrback(self._broken)

    def _inRoom(self, word: str) -> Any:
        group = self._rooms.get(int(word[:9]))
        if group is None:
            raise ValueError(f"the user is not in room {word}")
        return group

    def toc_chat_send(self, words: list[str]) -> None:
        """Say something in a room; one hears it oneself."""
        room, text = words[:2]
        group = self._inRoom(room)
        self.avatar.say(group, _message(text))
        self.tell("CHAT_IN", room, self.name, "F", text)

    def toc_chat_whisper(self, words: list[str]) -> None:
        """Say something to somebody in a room, alone."""
        room, name, text = words[:3]
        client = self._inRoom(room).member(name)
        if client is None:
            raise NoSuchUser(name)
        if isinstance(client, TOC):
            if not client.visibleTo(self.name):
                raise NoSuchUser(name)
            client.tell("CHAT_IN", room, self.name, "T", text)
        else:
            self.avatar.say(client.avatar, _message(text))

    def toc_chat_invite(self, words: list[str]) -> None:
        """Invite somebody to a room."""
        room, message, *names = words
        group = self._inRoom(room)
        for name in names[: self.factory.limits.targetsPerLine]:
            self._lookUp(
                self.factory.realm.lookupUser(name),
                lambda user: group.invite(self, user, message),
                _INVALID,
            )

    def toc_chat_leave(self, words: list[str]) -> None:
        """Leave a room."""
        group = self._inRoom(words[0])
        self.avatar.leaveNow(group)
        self.userLeft(group, self)


def _message(text: str) -> dict[str, Any]:
    if text.startswith(_ACTION):
        return {"text": text[len(_ACTION) :], "type": "action"}
    return {"text": text}
