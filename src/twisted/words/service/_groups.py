"""Groups: who is in them, what is said of them, and how all of them hear of it.

Theory of operation: members are told by kinds. All members that come by one front end share a
function, their class's `tellAll`, which is given all of them at once and so can make its bytes
once, however many there are; a class without one has its methods called, one client at a time.
The members by kinds are kept until somebody joins or leaves. What does not work well is a Deferred
for each member of each message: nearly none ever has something to wait for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.ewords import NoSuchUser, NotAllowed, Refusal
from twisted.words.iwords import IGroup
from twisted.words.service._limits import DEFAULT_LIMITS, WordsLimits
from twisted.words.service._modes import Change, Modes
from twisted.words.service._names import check_text, fold

__name__ = "twisted.words.service"  # the public path, for pickles and messages

#: Tells clients of one kind of an event: the name of a method of `IChatClient`, or of one of those
#: that a client may have beside it, and its arguments. One client may be left out.
TellAll = Callable[[Sequence[Any], Any, str, tuple[Any, ...]], None]

_log = Logger(namespace=__name__)


def tellEach(clients: Sequence[Any], exclude: Any, event: str, args: tuple[Any, ...]) -> None:
    """Tell clients of an event by their methods, one after the other."""
    for client in clients:
        if client is exclude:
            continue
        try:
            for result in _calls(client, event, args):
                if isinstance(result, Deferred):
                    result.addErrback(clientFailed, client)
        # A client's code is not ours, and the others are to hear of the event.
        except Exception:
            clientFailed(Failure(), client)


def _calls(client: Any, event: str, args: tuple[Any, ...]) -> Iterator[Any]:
    """What a client's methods return; some events it need not know by their names."""
    method = getattr(client, event, None)
    if method is not None:
        yield method(*args)
    elif event == "userKicked":
        group, _, victim, reason = args
        yield client.userLeft(group, victim, reason)
    elif event == "userQuit":
        _, quitter, groups, reason = args
        for group in groups:
            if group.users.get(fold(client.name)) is client:
                yield client.userLeft(group, quitter, reason)


def clientFailed(failure: Failure, client: Any) -> None:
    """A client could not be told: it is logged, and logged out."""
    _log.failure("{name} could not be told and is logged out", failure, name=client.name)
    user = getattr(client, "avatar", None)
    if user is not None:
        user.disconnect("could not be reached")


@implementer(IGroup)
class Group:
    """Clients who hear each other, in memory.

    Attributes:
        name: as it was given.
        users: the members, each an `IChatClient`, by their names in small letters.
        meta: what is said of it: ``topic``, ``topic_author`` and ``topic_date``.
        modes: who may do what.
        server: the name of the server, for what nobody in particular does.
        created: when it was made, in seconds since 1970.
        transient: whether it was made on request, and goes when the last member has gone.
        limits: a `WordsLimits`.
        watchers: functions that hear of everything before the members do, as `tellAll` does.
    """

    limits: WordsLimits = DEFAULT_LIMITS
    transient = False
    server = "server"
    #: Called when the last member has gone.
    emptied: Callable[[Group], None] | None = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.users: dict[str, Any] = {}
        self.meta: dict[str, Any] = {"topic": "", "topic_author": "", "topic_date": 0}
        self.modes = Modes()
        self.created = int(time.time())
        self.watchers: list[TellAll] = []
        self._kinds: list[tuple[TellAll, list[Any]]] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}, {len(self.users)} members>"

    # Members.

    def size(self) -> Deferred[int]:
        """See `IGroup.size`."""
        return succeed(len(self.users))

    def iterusers(self) -> Iterator[Any]:
        """See `IGroup.iterusers`."""
        return iter(list(self.users.values()))

    def member(self, name: str) -> Any:
        """The member of a name, an `IChatClient`, or None."""
        return self.users.get(fold(name))

    def memberName(self, name: str) -> str | None:
        """The name of a member as it is, from any way to write it; None if there is none."""
        client = self.member(name)
        return None if client is None else str(client.name)

    def add(self, user: Any) -> Deferred[None]:
        """See `IGroup.add`; who may join has been asked before."""
        key = fold(user.name)
        if key not in self.users:
            self.users[key] = user
            self._kinds = None
            self.modes.joined(user.name)
            self.tell("userJoined", (self, user), exclude=user)
        return succeed(None)

    def remove(self, user: Any, reason: str | None = None) -> Deferred[None]:
        """See `IGroup.remove`."""
        if self.users.get(fold(user.name)) is user:
            self.discard(user)
            self.tell("userLeft", (self, user, reason))
            self.leaveIfEmpty()
        return succeed(None)

    def discard(self, user: Any) -> None:
        """Take a client out, and tell nobody."""
        del self.users[fold(user.name)]
        self._kinds = None
        self.modes.left(user.name)

    def leaveIfEmpty(self) -> None:
        """Say so if nobody is in it any more."""
        if not self.users and self.emptied is not None:
            self.emptied(self)

    # Telling.

    def tell(self, event: str, args: tuple[Any, ...], exclude: Any = None) -> None:
        """Tell the members of an event.

        Args:
            event: the name of a method of `IChatClient`, or of one that a client may have beside
                them: ``modesChanged`` (group, author, changes), ``userKicked`` (group, author,
                member, reason) or ``userQuit`` (user, client, groups, reason). An author of None
                is the server.
            args: its arguments.
            exclude: a client that is not told.
        """
        for watcher in self.watchers:
            watcher((), exclude, event, args)
        # Who joins or leaves while the others are told makes a new list.
        for tellAll, clients in self.kinds():
            tellAll(clients, exclude, event, args)

    def kinds(self) -> list[tuple[TellAll, list[Any]]]:
        """The members by the functions that tell them."""
        if self._kinds is None:
            self._kinds = byKinds(self.users.values())
        return self._kinds

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> Deferred[None]:
        """See `IGroup.receive`; who may speak has been asked before."""
        self.tell("receive", (sender, recipient, message), exclude=sender)
        return succeed(None)

    def setMetadata(self, meta: dict[str, Any]) -> Deferred[None]:
        """See `IGroup.setMetadata`.

        Raises:
            twisted.words.ewords.BadText: the topic has a line break in it, or is too long.
        """
        check_text(meta.get("topic") or "", self.limits.topicBytes, "a topic")
        self.meta = meta
        self.tell("groupMetaUpdate", (self, meta))
        return succeed(None)

    # What members ask for, and who may.

    def checkMember(self, client: Any) -> None:
        """
        Raises:
            NotAllowed: a client is not in the group.
        """
        if self.users.get(fold(client.name)) is not client:
            raise NotAllowed(Refusal.NOT_A_MEMBER, self.name)

    def checkOperator(self, client: Any) -> None:
        """
        Raises:
            NotAllowed: a client is not an operator of the group.
        """
        self.checkMember(client)
        if not self.modes.is_operator(client.name):
            raise NotAllowed(Refusal.NOT_AN_OPERATOR, self.name)

    def changeTopic(self, client: Any, topic: str) -> None:
        """Have a member change the topic.

        Raises:
            NotAllowed: it may not.
            twisted.words.ewords.BadText: it is no topic.
        """
        self.checkMember(client)
        if "t" in self.modes.flags:
            self.checkOperator(client)
        now = {"topic": topic, "topic_author": client.name, "topic_date": int(time.time())}
        self.setMetadata({**self.meta, **now})

    def changeModes(self, client: Any, changes: Iterable[Change]) -> None:
        """Have an operator change modes; the members hear of those that did change.

        Raises:
            NotAllowed: it may not.
            twisted.words.ewords.BadText: a value is none.
        """
        self.checkOperator(client)
        done = self.modes.apply(changes, client.name, self.name)
        if done:
            self.tell("modesChanged", (self, client, done))

    def kick(self, client: Any, name: str, reason: str | None = None) -> None:
        """Have an operator send a member away.

        Raises:
            NotAllowed: it may not.
            twisted.words.ewords.NoSuchUser: there is no such member.
            twisted.words.ewords.BadText: the reason is none.
        """
        self.checkOperator(client)
        victim = self.member(name)
        if victim is None:
            raise NoSuchUser(name)
        if reason is not None:
            check_text(reason, self.limits.reasonBytes, "a reason")
        self.expel(client, victim, reason)

    def expel(self, client: Any, victim: Any, reason: str | None) -> None:
        """Send a member away, who may be asked by nobody.

        Args:
            client: the `IChatClient` who does.
            victim: the `IChatClient` who goes; it hears of it, too.
            reason: why, if that is said.
        """
        self.tell("userKicked", (self, client, victim, reason))
        self.discard(victim)
        user = getattr(victim, "avatar", None)
        if user is not None:
            user.removedFrom(self)
        self.leaveIfEmpty()

    def invite(self, client: Any, user: Any, message: str | None = None) -> None:
        """Have a member let somebody in, whatever the modes, and tell them.

        Args:
            client: the `IChatClient` who invites.
            user: the `IUser` who is invited.
            message: what is said with it, to clients that can show it.

        Raises:
            NotAllowed: it may not.
            twisted.words.ewords.NoSuchUser: the user is not logged in.
            twisted.words.ewords.BadText: the message is none.
        """
        self.checkMember(client)
        if "i" in self.modes.flags:
            self.checkOperator(client)
        if user.mind is None:
            raise NoSuchUser(user.name)
        if message is not None:
            check_text(message, self.limits.reasonBytes, "a message")
        self.modes.invite(user.name)
        for watcher in self.watchers:
            watcher((), None, "invited", (self, client, user))
        invited = getattr(user.mind, "invited", None)
        if invited is not None:
            invited(self, client, user, message)


def byKinds(clients: Iterable[Any]) -> list[tuple[TellAll, list[Any]]]:
    """Clients by the functions that tell them of events."""
    kinds: dict[TellAll, list[Any]] = {}
    for client in clients:
        kinds.setdefault(getattr(client, "tellAll", tellEach), []).append(client)
    return list(kinds.items())
