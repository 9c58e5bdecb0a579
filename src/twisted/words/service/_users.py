"""Users: who may log in, where they are, and what they may say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred, execute, succeed
from twisted.words.ewords import AlreadyLoggedIn, NoSuchUser, NotAllowed, Refusal
from twisted.words.iwords import IUser
from twisted.words.service._groups import Group, byKinds
from twisted.words.service._limits import DEFAULT_LIMITS, WordsLimits
from twisted.words.service._names import check_message, check_text, fold

__name__ = "twisted.words.service"  # the public path, for pickles and messages


@implementer(IUser)
class User:
    """Somebody who may log in, in memory.

    Attributes:
        name: as it was given.
        realm: the realm that it is logged in to; None if it is not.
        mind: the `IChatClient` that it is logged in by; None if it is not.
        signOn: when it logged in, in seconds since 1970.
        lastMessage: when it last said something, in seconds since 1970.
        groups: the groups that it is in, by their names in small letters.
        realName: what it says of itself.
        host: the server that it is at.
        away: what it says while it is away; None if it is there.
        limits: a `WordsLimits`.
    """

    realm: Any = None
    mind: Any = None
    limits: WordsLimits = DEFAULT_LIMITS
    away: str | None = None
    host = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.realName = name
        self.groups: dict[str, Any] = {}
        self.signOn: float = 0
        self.lastMessage: float = time.time()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}{'' if self.mind is None else ', logged in'}>"

    @property
    def who(self) -> str:
        """The user in full, as ``nick!user@host``.

        The host is the server's: nobody hears of anybody's address.
        """
        return f"{self.name}!{self.name}@{self.host}"

    # Logging in and out.

    def loggedIn(self, realm: Any, mind: Any) -> None:
        """See `IUser.loggedIn`."""
        if self.mind is not None:
            raise AlreadyLoggedIn(self.name)
        self.realm = realm
        self.mind = mind
        self.host = realm.name
        self.away = None
        self.signOn = self.lastMessage = time.time()

    def logout(self, reason: str | None = None) -> None:
        """Leave all groups, and be gone; everybody who could hear it is told once.

        Args:
            reason: why, in words for the others.
        """
        mind, realm = self.mind, self.realm
        if mind is None:
            return
        groups = list(self.groups.values())
        self.groups.clear()
        for group in groups:
            group.discard(mind)
        others = {id(each): each for group in groups for each in group.iterusers()}
        for tellAll, clients in byKinds(others.values()):
            tellAll(clients, None, "userQuit", (self, mind, groups, reason))
        self.mind = self.realm = None
        realm.userGone(self, mind, groups, reason)
        for group in groups:
            group.leaveIfEmpty()

    def disconnect(self, reason: str, advice: str | None = None) -> None:
        """Log out, and have the client end its connection, if it can.

        Args:
            reason: why, in words for the others.
            advice: why, in words for the user; the reason by default.
        """
        mind = self.mind
        self.logout(reason)
        hangUp = getattr(mind, "hangUp", None)
        if hangUp is not None:
            hangUp(advice or reason)

    # Groups.

    def itergroups(self) -> Iterator[Any]:
        """See `IUser.itergroups`."""
        return iter(list(self.groups.values()))

    def join(self, group: Any, key: str | None = None) -> Deferred[None]:
        """See `IUser.join`.

        Args:
            group: an `IGroup`.
            key: what one has to know to join it, if it has a key.

        Returns:
            A Deferred that fires when it is in, and fails with `ewords.NotAllowed` if it may not.
        """
        return execute(self.joinNow, group, key)

    def joinNow(self, group: Group, key: str | None = None) -> None:
        """Join, or raise what `join` fails with."""
        folded = fold(group.name)
        if folded in self.groups:
            return
        if self.mind is None:
            raise NoSuchUser(self.name)
        if len(self.groups) >= self.limits.groupsPerUser:
            raise NotAllowed(Refusal.TOO_MANY_GROUPS, group.name)
        operator = self.realm.isOperator(self.name)
        if not operator:
            group.modes.check_join(group.name, self.name, self.who, key, len(group.users))
        founder = group.transient and not group.users
        if founder:
            group.modes.ranks["o"].add(fold(self.name))
        self.placedIn(group)
        if operator and not founder:
            changes = group.modes.apply([(True, "o", self.name)], self.realm.name, group.name)
            group.tell("modesChanged", (group, None, changes))

    def placedIn(self, group: Any) -> None:
        """Be in a group, whoever has decided that."""
        self.groups[fold(group.name)] = group
        group.add(self.mind)

    def leave(self, group: Any, reason: str | None = None) -> Deferred[None]:
        """See `IUser.leave`.

        Returns:
            A Deferred that fires when it is out; it fails with `ewords.NotAllowed` if it was not
            in, and with `ewords.BadText` if the reason is no text that can be sent on.
        """
        return execute(self.leaveNow, group, reason)

    def leaveNow(self, group: Any, reason: str | None = None) -> None:
        """Leave, or raise what `leave` fails with."""
        if reason is not None:
            check_text(reason, self.limits.reasonBytes, "a reason")
        if fold(group.name) not in self.groups:
            raise NotAllowed(Refusal.NOT_A_MEMBER, group.name)
        self.removedFrom(group)
        group.remove(self.mind, reason)

    def removedFrom(self, group: Any) -> None:
        """A group says that this user is no longer in it."""
        self.groups.pop(fold(group.name), None)

    # Saying something.

    def send(self, recipient: Any, message: dict[str, Any]) -> Deferred[Any]:
        """See `IUser.send`.

        Returns:
            A Deferred that fires when the message is on its way. It fails with `ewords.NotAllowed`
            if the group does not let the user speak, with `ewords.NoSuchUser` if the recipient is
            not there, and with `ewords.BadText` if it is no message.
        """
        return execute(self.say, recipient, message)

    def say(self, recipient: Any, message: dict[str, Any]) -> None:
        """Say something, or raise what `send` fails with."""
        # Benchmark words-messages: what is said in a group comes by here, each time.
        check_message(message, self.limits.messageBytes)
        self.lastMessage = time.time()
        modes = getattr(recipient, "modes", None)
        if modes is not None:
            member = fold(recipient.name) in self.groups
            if not (member and modes.quiet) and not modes.may_speak(self.name, self.who, member):
                raise NotAllowed(
                    Refusal.NOT_HEARD if member else Refusal.NOT_A_MEMBER, recipient.name
                )
        recipient.receive(self.mind, recipient, message)

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> Deferred[Any]:
        """Take a message for this user.

        Raises:
            NoSuchUser: it is not logged in.
        """
        if self.mind is None:
            raise NoSuchUser(self.name)
        for tellAll, clients in byKinds([self.mind]):
            tellAll(clients, None, "receive", (sender, recipient, message))
        return succeed(None)

    def setAway(self, message: str | None) -> None:
        """Be away, or be back.

        Args:
            message: what to say to those who write; None if it is back.

        Raises:
            twisted.words.ewords.BadText: that cannot be sent on.
        """
        if message is not None:
            check_text(message, self.limits.reasonBytes, "a reason")
        self.away = message
        if self.realm is not None:
            self.realm.userChanged(self)
