"""The front end for programs that speak Perspective Broker: what the server gives them.

A program logs in to a `twisted.spread.pb.PBServerFactory` around the portal, with a `PBMind` of its
own as its mind, and gets a `ChatAvatar`. That, and the `PBGroup` objects that it gets by it, are
known by their names at the other end, where `_pbclient` has what they become.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure
from twisted.spread.flavors import Referenceable
from twisted.spread.pb import (
    DeadReferenceError,
    Error,
    Jellyable,
    PBConnectionLost,
    RemoteReference,
    failure2Copyable,
)
from twisted.words.ewords import BadText, NoSuchUser, WordsError
from twisted.words.iwords import IChatClient, IGroup
from twisted.words.service._flood import Budget
from twisted.words.service._modes import parse_changes

__name__ = "twisted.words.service"  # the public path, for the wire, pickles and messages


class Refused(Error, Jellyable):
    """What a peer is told who asked for what is not to be had: the error itself, by its name.

    As a `twisted.spread.pb.Error` it is not logged: it is no bug.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.getErrorMessage())
        self._failure = failure

    def jellyFor(self, jellier: Any) -> Any:
        """The error, as a failure."""
        return failure2Copyable(self._failure).jellyFor(jellier)


def _asked(avatar: Any, function: Callable[..., Any], *args: Any) -> Deferred[Any]:
    """Do what a program asks for; what it may not have is its error, and not ours."""

    def refused(failure: Failure) -> None:
        failure.trap(WordsError)
        raise Refused(failure)

    def ask() -> Any:
        if avatar.realm is None:
            raise NoSuchUser(f"{avatar.name} is not logged in any more")
        mind = avatar.mind
        if isinstance(mind, PBMindReference):
            mind.spend()
        return function(*args)

    return maybeDeferred(ask).addErrback(refused)


def _named(thing: Referenceable, jellier: Any, *more: bytes) -> list[Any]:
    """A reference, under the name of the class, for a peer that knows the class."""
    if jellier.invoker is None:
        raise TypeError(f"{thing!r} can be sent over a connection only")
    name = f"{__name__}.{type(thing).__name__}".encode()
    return [name, *more, jellier.invoker.registerReference(thing)]


class ChatAvatar(Referenceable):
    """A user, as the program that has logged in as it sees it.

    Args:
        avatar: an `twisted.words.iwords.IUser` that is logged in.
    """

    def __init__(self, avatar: Any) -> None:
        self.avatar = avatar

    @property
    def name(self) -> str:
        """The user's name."""
        name: str = self.avatar.name
        return name

    def jellyFor(self, jellier: Any) -> list[Any]:
        """It goes as what becomes an `AvatarReference`."""
        return _named(self, jellier)

    def remote_join(self, groupName: str) -> Deferred[PBGroup]:
        """Join a group, and get it."""

        def found(group: Any) -> Any:
            return self.avatar.join(group).addCallback(lambda _: PBGroup(realm, avatar, group))

        avatar = self.avatar
        realm = avatar.realm
        return _asked(avatar, lambda: realm.getGroup(_text(groupName)).addCallback(found))

    def remote_getUser(self, name: str) -> Deferred[PBUser]:
        """A user, by name."""
        avatar = self.avatar
        realm = avatar.realm

        def found(user: Any) -> PBUser:
            return PBUser(realm, avatar, user)

        return _asked(avatar, lambda: realm.lookupUser(_text(name)).addCallback(found))

    def remote_getGroupNames(self) -> Deferred[list[str]]:
        """The names of all groups that the user may know of."""
        avatar = self.avatar

        def found(groups: Iterable[Any]) -> list[str]:
            return [
                group.name
                for group in groups
                if not group.modes.hidden or group.member(avatar.name) is not None
            ]

        return _asked(avatar, lambda: avatar.realm.itergroups().addCallback(found))

    # The client that chat knows is the peer's mind.

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> Any:
        """Pass it on to the mind; so with the others."""
        return self.avatar.mind.receive(sender, recipient, message)

    def groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> Any:
        """See `receive`."""
        return self.avatar.mind.groupMetaUpdate(group, meta)

    def userJoined(self, group: Any, user: Any) -> Any:
        """See `receive`."""
        return self.avatar.mind.userJoined(group, user)

    def userLeft(self, group: Any, user: Any, reason: str | None = None) -> Any:
        """See `receive`."""
        return self.avatar.mind.userLeft(group, user, reason)


def _text(given: Any) -> str:
    """What a peer gave as text, or as bytes in UTF-8."""
    if isinstance(given, bytes):
        given = given.decode("utf-8", "replace")
    if not isinstance(given, str):
        raise BadText(f"a name is text, not {type(given).__name__}")
    return given


class PBUser(Referenceable):
    """Another user, as a program that has logged in sees it.

    Args:
        realm: the realm.
        avatar: whose it is: the `twisted.words.iwords.IUser` of the program.
        user: an `twisted.words.iwords.IUser` or an `twisted.words.iwords.IChatClient`.
    """

    def __init__(self, realm: Any, avatar: Any, user: Any) -> None:
        self.realm = realm
        self.avatar = avatar
        self.user = user

    def processUniqueID(self) -> Any:
        """One for each user, at each peer."""
        return (id(self.realm), id(self.avatar), id(self.user))

    def remote_getName(self) -> str:
        """What they are called."""
        name: str = self.user.name
        return name

    def remote_send(self, message: dict[str, Any]) -> Deferred[None]:
        """Say something to them."""

        def found(user: Any) -> None:
            self.avatar.say(user, message)

        return _asked(self.avatar, lambda: self.realm.lookupUser(self.user.name).addCallback(found))


class PBGroup(Referenceable):
    """A group, as a program that has logged in sees it.

    Args:
        realm: the realm.
        avatar: whose it is: the `twisted.words.iwords.IUser` of the program.
        group: an `twisted.words.iwords.IGroup`.
    """

    def __init__(self, realm: Any, avatar: Any, group: Any) -> None:
        self.realm = realm
        self.avatar = avatar
        self.group = group

    def processUniqueID(self) -> Any:
        """One for each group, at each peer."""
        return (id(self.realm), id(self.avatar), id(self.group))

    def jellyFor(self, jellier: Any) -> list[Any]:
        """It goes with its name, as what becomes a `PBGroupReference`."""
        return _named(self, jellier, self.group.name.encode())

    def remote_leave(self, reason: str | None = None) -> Deferred[None]:
        """Leave it."""
        return _asked(self.avatar, self.avatar.leave, self.group, reason)

    def remote_send(self, message: dict[str, Any]) -> Deferred[None]:
        """Say something in it."""
        return _asked(self.avatar, self.avatar.say, self.group, message)

    def remote_size(self) -> Deferred[int]:
        """How many are in it."""
        size: Deferred[int] = self.group.size()
        return size

    def remote_getMembers(self) -> Deferred[list[str]]:
        """The names of those who are in it; for members."""

        def names() -> list[str]:
            self.group.checkMember(self.avatar.mind)
            return [client.name for client in self.group.iterusers()]

        return _asked(self.avatar, names)

    def remote_setMetadata(self, meta: Any) -> Deferred[None]:
        """Change its topic, which is what members can say of it."""

        def change() -> None:
            if not isinstance(meta, dict) or set(meta) != {"topic"}:
                raise BadText('what can be said of a group is {"topic": ...}')
            self.group.changeTopic(self.avatar.mind, meta["topic"])

        return _asked(self.avatar, change)

    def remote_invite(self, name: str) -> Deferred[None]:
        """Let somebody come in, whatever the modes, and tell them."""

        def found(user: Any) -> None:
            self.group.invite(self.avatar.mind, user)

        return _asked(self.avatar, lambda: self.realm.lookupUser(_text(name)).addCallback(found))

    def remote_kick(self, name: str, reason: str | None = None) -> Deferred[None]:
        """Send a member away; for operators."""

        def kick() -> None:
            self.group.kick(self.avatar.mind, _text(name), reason)

        return _asked(self.avatar, kick)

    def remote_changeModes(self, *words: str) -> Deferred[None]:
        """Change its modes, in the words of IRC: ``"+ml", "10"``; for operators."""

        def change() -> None:
            most = self.avatar.limits.changesPerLine
            changes, _, unknown, nobody = parse_changes(
                [_text(word) for word in words], most, self.group.memberName
            )
            if unknown:
                raise BadText(f"these are no modes: {', '.join(unknown)}")
            if nobody:
                raise NoSuchUser(nobody[0])
            self.group.changeModes(self.avatar.mind, changes)

        return _asked(self.avatar, change)


@implementer(IChatClient)
class PBMindReference(RemoteReference):
    """The program's mind, as the server sees it: a client.

    Attributes:
        avatar: the `twisted.words.iwords.IUser` that has logged in by it.
    """

    avatar: Any = None
    _budget: Budget | None = None
    _unanswered = 0

    @property
    def name(self) -> str:
        """The user's name."""
        if self.avatar is None:
            raise NoSuchUser("nobody has logged in by this mind")
        name: str = self.avatar.name
        return name

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> Any:
        """Have the program told; so with the others."""
        return self._tell("receive", self._user(sender), self._thing(recipient), message)

    def groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> Any:
        """See `receive`."""
        return self._tell("groupMetaUpdate", self._thing(group), meta)

    def userJoined(self, group: Any, user: Any) -> Any:
        """See `receive`."""
        return self._tell("userJoined", self._thing(group), self._user(user))

    def userLeft(self, group: Any, user: Any, reason: str | None = None) -> Any:
        """See `receive`."""
        return self._tell("userLeft", self._thing(group), self._user(user), reason)

    def hangUp(self, reason: str) -> None:
        """The user is logged out, and not by the program: the connection ends."""
        self.broker.transport.loseConnection()

    def _user(self, user: Any) -> PBUser:
        return PBUser(self.avatar.realm, self.avatar, getattr(user, "avatar", None) or user)

    def _thing(self, thing: Any) -> PBGroup | PBUser:
        if IGroup.providedBy(thing):
            return PBGroup(self.avatar.realm, self.avatar, thing)
        return self._user(thing)

    def _tell(self, name: str, *args: Any) -> Deferred[Any] | None:
        if self.avatar.realm is None:
            return None  # it is logging out
        if self._unanswered >= self.avatar.limits.unansweredCalls:
            self.broker.transport.abortConnection()
            raise NoSuchUser(f"{self.name} does not answer, and is disconnected")
        try:
            called = self.callRemote(name, *args)
        except DeadReferenceError:
            return None  # its logout is on the way
        self._unanswered += 1
        return called.addBoth(self._answered)

    def _answered(self, result: Any) -> Any:
        self._unanswered -= 1
        if isinstance(result, Failure) and result.check(PBConnectionLost):
            return None
        return result

    def spend(self) -> None:
        """Count one call; read no more from a program that has made too many, for a while."""
        limits = self.avatar.limits
        if limits.floodRate is None:
            return
        clock = installedReactor()
        if self._budget is None:
            self._budget = Budget(limits.floodBurst, limits.floodRate, clock.seconds)
        wait = self._budget.use()
        if wait:
            self._budget.left -= 1  # what has been read is served, on credit
            transport = self.broker.transport
            transport.pauseProducing()
            clock.callLater(wait, transport.resumeProducing)
