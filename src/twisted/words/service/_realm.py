"""Realms: users and groups by their names, and what somebody gets who logs in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from zope.interface import implementer

from twisted.cred.error import LoginDenied
from twisted.cred.portal import IRealm
from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure
from twisted.spread.pb import IPerspective
from twisted.words.ewords import (
    DuplicateGroup,
    DuplicateUser,
    NoSuchGroup,
    NoSuchUser,
    NotAllowed,
    Refusal,
)
from twisted.words.iwords import IChatClient, IChatService, IUser
from twisted.words.service._groups import Group
from twisted.words.service._limits import DEFAULT_LIMITS, WordsLimits
from twisted.words.service._names import check_group_name, check_user_name, fold
from twisted.words.service._pbserver import ChatAvatar
from twisted.words.service._users import User

__name__ = "twisted.words.service"  # the public path, for pickles and messages


@implementer(IRealm, IChatService)
class WordsRealm:
    """Users and groups, wherever they are kept.

    A subclass says where: it overrides `addUser`, `addGroup`, `lookupUser`, `lookupGroup` and
    `itergroups`.

    Attributes:
        name: what the server is called.
        createUserOnRequest: whether one who logs in is made a user, if there is none of the name:
            who may log in is for the portal's checkers to say.
        createGroupOnRequest: whether to join a group makes it, if there is none of the name; who
            does is its operator, and when all have left, it is gone.
        limits: a `WordsLimits`.
        operators: the names of users who are operators of every group that they join.
        facets: what there is for one who logs in, by the interface that is asked for: a function
            that takes the `IUser`. More front ends can be added.
        watchers: objects that hear of logins and groups; see `RealmWatcher`.
    """

    createUserOnRequest = True
    createGroupOnRequest = False
    limits: WordsLimits = DEFAULT_LIMITS
    facets: dict[Any, Callable[[Any], Any]] = {IUser: lambda user: user, IPerspective: ChatAvatar}

    def __init__(self, name: str) -> None:
        self.name = name
        self.operators: set[str] = set()
        self.watchers: list[RealmWatcher] = []

    # Logging in.

    def requestAvatar(self, avatarId: Any, mind: Any, *interfaces: Any) -> Deferred[Any]:
        """See `twisted.cred.portal.IRealm.requestAvatar`.

        Args:
            avatarId: the name of a user, as bytes in UTF-8 or as text.
            mind: the `twisted.words.iwords.IChatClient` at the other end. Its attribute ``avatar``
                becomes the user.
            interfaces: `IUser` for the user itself, or what a front end has registered.

        Returns:
            A Deferred that fails with `twisted.words.ewords.AlreadyLoggedIn` if the user is there
            already, and with `twisted.cred.error.LoginDenied` for one who has no name (somebody
            anonymous) or whose mind is no client.
        """
        if isinstance(avatarId, bytes):
            try:
                avatarId = avatarId.decode()
            except UnicodeDecodeError:
                return fail(LoginDenied("the name of a user is text in UTF-8"))
        if not isinstance(avatarId, str):
            return fail(LoginDenied("whoever chats has a name"))
        if not IChatClient.providedBy(mind):
            return fail(LoginDenied(f"{mind!r} is no client that can be told anything"))
        interface = next((each for each in interfaces if each in self.facets), None)
        if interface is None:
            return fail(NotImplementedError(f"{self} has nothing for any of {interfaces}"))

        def found(user: Any) -> tuple[Any, Any, Callable[[], None]]:
            user.loggedIn(self, mind)
            mind.avatar = user
            facet = self.facets[interface](user)
            self.userArrived(user)
            return interface, facet, self.logoutFactory(user, facet)

        return self.getUser(avatarId).addCallback(found)

    def logoutFactory(self, avatar: Any, facet: Any) -> Callable[[], None]:
        """What logs somebody out.

        Args:
            avatar: an `IUser` that has just been logged in.
            facet: what its front end was given for it.

        Returns:
            A function that can be called more than once; later logins are not touched by it.
        """
        mind = avatar.mind

        def logout() -> None:
            if avatar.mind is mind:
                avatar.logout(getattr(mind, "quitReason", None))

        return logout

    def isOperator(self, name: str) -> bool:
        """Whether a user is an operator of every group."""
        return name in self.operators

    # What users tell the realm.

    def userArrived(self, user: Any) -> None:
        """A user has logged in."""
        for watcher in list(self.watchers):
            watcher.userArrived(user)

    def userGone(self, user: Any, mind: Any, groups: list[Any], reason: str | None) -> None:
        """A user has logged out, and left these groups."""
        for watcher in list(self.watchers):
            watcher.userGone(user, mind, groups, reason)

    def userChanged(self, user: Any) -> None:
        """A user is away, or is back."""
        for watcher in list(self.watchers):
            watcher.userChanged(user)

    # Users and groups.

    def userFactory(self, name: str) -> Any:
        """Make an object for a user; override it for a class of one's own."""
        user = User(name)
        user.limits = self.limits
        return user

    def groupFactory(self, name: str) -> Any:
        """Make an object for a group; override it for a class of one's own."""
        group = Group(name)
        group.limits = group.modes.limits = self.limits
        group.server = self.name
        return group

    def createUser(self, name: str) -> Deferred[Any]:
        """See `IChatService.createUser`; it fails with `BadText` if that is no name."""
        return self._create(name, check_user_name, self.lookupUser, self._newUser, DuplicateUser)

    def createGroup(self, name: str) -> Deferred[Any]:
        """See `IChatService.createGroup`; it fails with `BadText` if that is no name."""
        return self._create(
            name, check_group_name, self.lookupGroup, self._newGroup, DuplicateGroup
        )

    def getUser(self, name: str) -> Deferred[Any]:
        """See `IChatService.getUser`."""

        def missing(failure: Failure) -> Deferred[Any]:
            failure.trap(NoSuchUser)
            return self.createUser(name)

        found = self.lookupUser(name)
        return found.addErrback(missing) if self.createUserOnRequest else found

    def getGroup(self, name: str) -> Deferred[Any]:
        """See `IChatService.getGroup`."""

        def missing(failure: Failure) -> Deferred[Any]:
            failure.trap(NoSuchGroup)
            return self.createGroup(name).addCallback(made)

        def made(group: Any) -> Any:
            group.transient = True
            group.modes.flags.add("t")
            return group

        found = self.lookupGroup(name)
        return found.addErrback(missing) if self.createGroupOnRequest else found

    def _create(
        self,
        name: str,
        check: Callable[[object, int], str],
        lookup: Callable[[str], Deferred[Any]],
        make: Callable[[str], Deferred[Any]],
        duplicate: type[Exception],
    ) -> Deferred[Any]:
        limit = self.limits.nameBytes if make == self._newUser else self.limits.groupNameBytes
        try:
            check(name, limit)
        except ValueError:
            return fail()

        def found(there: Any) -> Any:
            raise duplicate(name)

        def missing(failure: Failure) -> Deferred[Any]:
            failure.trap(NoSuchUser, NoSuchGroup)
            return make(name)

        return lookup(name).addCallbacks(found, missing)

    def _newUser(self, name: str) -> Deferred[Any]:
        return self.addUser(self.userFactory(name))

    def _newGroup(self, name: str) -> Deferred[Any]:
        return self.addGroup(self.groupFactory(name))

    def addUser(self, user: Any) -> Deferred[Any]:
        """Keep a user; override.

        Returns:
            A Deferred of the user; it fails with `twisted.words.ewords.DuplicateUser`.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say where users are kept")

    def addGroup(self, group: Any) -> Deferred[Any]:
        """Keep a group; override.

        Returns:
            A Deferred of the group; it fails with `twisted.words.ewords.DuplicateGroup`.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say where groups are kept")

    def lookupUser(self, name: str) -> Deferred[Any]:
        """A user who is there; override.

        Returns:
            A Deferred of the user; it fails with `twisted.words.ewords.NoSuchUser`.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say where users are kept")

    def lookupGroup(self, group: str) -> Deferred[Any]:
        """See `IChatService.lookupGroup`; override."""
        raise NotImplementedError(f"{type(self).__name__} does not say where groups are kept")

    def itergroups(self) -> Deferred[Iterable[Any]]:
        """See `IChatService.itergroups`; override."""
        raise NotImplementedError(f"{type(self).__name__} does not say where groups are kept")


class ServerVoice:
    """Who it is that the server speaks as: like a client, it has an avatar, which is itself.

    Args:
        name: the server's name.
    """

    def __init__(self, name: str) -> None:
        self.name = self.who = name

    @property
    def avatar(self) -> ServerVoice:
        """Whom it speaks for."""
        return self


class RealmWatcher:
    """Hears of what happens in a realm. All methods do nothing unless they are overridden."""

    def userArrived(self, user: Any) -> None:
        """A user has logged in."""

    def userGone(self, user: Any, mind: Any, groups: list[Any], reason: str | None) -> None:
        """A user has logged out.

        Args:
            user: the user, who is no longer in any group.
            mind: the client that they were logged in by.
            groups: the groups that they were in.
            reason: why, if they said so.
        """

    def userChanged(self, user: Any) -> None:
        """A user is away, or is back."""

    def groupMade(self, group: Any) -> None:
        """There is a new group."""


class InMemoryWordsRealm(WordsRealm):
    """Users and groups in memory: gone when the process ends.

    Attributes:
        users: by their names in small letters.
        groups: by their names in small letters.
    """

    def __init__(self, *a: Any, **kw: Any) -> None:
        """The arguments are those of `WordsRealm`."""
        super().__init__(*a, **kw)
        self.users: dict[str, Any] = {}
        self.groups: dict[str, Any] = {}

    def addUser(self, user: Any) -> Deferred[Any]:
        """See `WordsRealm.addUser`; fails with `NotAllowed` if there are too many."""
        key = fold(user.name)
        if key in self.users:
            return fail(DuplicateUser(user.name))
        if len(self.users) >= self.limits.users:
            return fail(NotAllowed(Refusal.SERVER_FULL, user.name))
        self.users[key] = user
        return succeed(user)

    def addGroup(self, group: Any) -> Deferred[Any]:
        """See `WordsRealm.addGroup`; fails with `NotAllowed` if there are too many."""
        key = fold(group.name)
        if key in self.groups:
            return fail(DuplicateGroup(group.name))
        if len(self.groups) >= self.limits.groups:
            return fail(NotAllowed(Refusal.SERVER_FULL, group.name))
        self.groups[key] = group
        group.emptied = self._groupEmptied
        for watcher in list(self.watchers):
            watcher.groupMade(group)
        return succeed(group)

    def _groupEmptied(self, group: Any) -> None:
        key = fold(group.name)
        if group.transient and self.groups.get(key) is group:
            del self.groups[key]

    def lookupUser(self, name: str) -> Deferred[Any]:
        """See `WordsRealm.lookupUser`."""
        user = self.users.get(fold(name))
        return fail(NoSuchUser(name)) if user is None else succeed(user)

    def lookupGroup(self, name: str) -> Deferred[Any]:
        """See `WordsRealm.lookupGroup`."""
        group = self.groups.get(fold(name))
        return fail(NoSuchGroup(name)) if group is None else succeed(group)

    def itergroups(self) -> Deferred[Iterable[Any]]:
        """See `WordsRealm.itergroups`."""
        return succeed(list(self.groups.values()))

    def announce(self, text: str) -> None:
        """Say something to everybody who is logged in here, as the server: a notice."""
        voice = ServerVoice(self.name)
        for user in list(self.users.values()):
            if user.mind is not None:
                user.receive(voice, user, {"text": text, "type": "notice"})
