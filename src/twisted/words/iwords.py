"""What the parts of a chat server are to each other.

A *service* (a realm, to `twisted.cred`) has *users* and *groups*.  A user who is logged in has a
*mind*: the *client* at the other end of some connection, whatever that speaks.  The members of a
group are clients, and hear of each other by it.

Names are text.  A message is a dictionary: ``text`` is what is said, and ``type``, if it is there,
is how: ``action`` or ``notice``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zope.interface import Attribute, Interface

from twisted.internet.defer import Deferred

__all__ = ["IChatClient", "IChatService", "IGroup", "IProtocolPlugin", "IUser"]


class IProtocolPlugin(Interface):
    """A front end of a chat server, as a plugin: what ``twistd words`` has an option for."""

    name = Attribute("Its name, as text: the option is ``--<name>-port``.")

    def getFactory(realm: Any, portal: Any) -> Any:
        """Make a front end.

        Args:
            realm: an `IChatService`.
            portal: the `twisted.cred.portal.Portal` over it.

        Returns:
            An `twisted.internet.interfaces.IProtocolFactory`.
        """


class IChatClient(Interface):
    """Somebody who is connected, as seen by groups and users.

    Each method may return a Deferred, by which a client that fails is found out and left out.
    """

    name = Attribute("The name of the user who is logged in by it, as text.")
    avatar = Attribute("The `IUser` who is logged in by it; the realm sets it.")

    def receive(sender: Any, recipient: Any, message: dict[str, Any]) -> Deferred[Any] | None:
        """Somebody said something.

        Args:
            sender: the `IChatClient` who did.
            recipient: the `IGroup` or the `IUser` that it was said to.
            message: what was said.
        """

    def groupMetaUpdate(group: Any, meta: dict[str, Any]) -> Deferred[Any] | None:
        """What is said of a group has changed.

        Args:
            group: an `IGroup` that it is in.
            meta: what is said now: ``topic``, ``topic_author`` and ``topic_date`` (seconds since
                1970), among others.
        """

    def userJoined(group: Any, user: Any) -> Deferred[Any] | None:
        """Somebody came into a group.

        Args:
            group: an `IGroup` that it is in.
            user: the `IChatClient` who came.
        """

    def userLeft(group: Any, user: Any, reason: str | None = None) -> Deferred[Any] | None:
        """Somebody left a group.

        Args:
            group: an `IGroup` that it is in.
            user: the `IChatClient` who left.
            reason: what they said of it, if anything.
        """


class IGroup(Interface):
    """Clients who hear each other."""

    name = Attribute("Its name, as text, without what a protocol puts before it.")

    def size() -> Deferred[int]:
        """How many members there are."""

    def iterusers() -> Iterator[Any]:
        """Its members, each an `IChatClient`."""

    def add(user: Any) -> Deferred[Any]:
        """Let a client in; the members hear of it.  Does nothing if it is in already."""

    def remove(user: Any, reason: str | None = None) -> Deferred[Any]:
        """Take a client out; the members hear of it.  Does nothing if it is not in.

        Args:
            user: an `IChatClient`.
            reason: why, in words for the members.
        """

    def receive(sender: Any, recipient: Any, message: dict[str, Any]) -> Deferred[Any]:
        """Tell something to all members but the one who says it.

        Args:
            sender: an `IChatClient`.
            recipient: this group.
            message: what is said.
        """

    def setMetadata(meta: dict[str, Any]) -> Deferred[Any]:
        """Change what is said of the group; its members hear of it.

        Args:
            meta: what there is to say now, in place of what there was.
        """


class IUser(Interface):
    """Somebody who may log in: an avatar of the realm."""

    name = Attribute("The name, as text.")
    realm = Attribute("The `IChatService` that it is logged in to; None if it is not.")
    mind = Attribute("The `IChatClient` that it is logged in by; None if it is not.")
    signOn = Attribute("When it logged in, in seconds since 1970; 0 if it never did.")
    lastMessage = Attribute("When it last said something, in seconds since 1970.")

    def loggedIn(realm: Any, mind: Any) -> None:
        """A login succeeded.

        Args:
            realm: the `IChatService`.
            mind: the `IChatClient` at the other end.

        Raises:
            twisted.words.ewords.AlreadyLoggedIn: there is another connection.
        """

    def send(recipient: Any, message: dict[str, Any]) -> Deferred[Any]:
        """Say something.

        Args:
            recipient: an `IGroup` or an `IUser`.
            message: what is said.
        """

    def join(group: Any) -> Deferred[Any]:
        """Go into a group.

        Args:
            group: an `IGroup`.
        """

    def leave(group: Any, reason: str | None = None) -> Deferred[Any]:
        """Leave a group.

        Args:
            group: an `IGroup`.
            reason: why, in words for those who stay.
        """

    def itergroups() -> Iterator[Any]:
        """The groups that it is in, each an `IGroup`."""


class IChatService(Interface):
    """Users and groups, by their names.

    All names are looked up without regard to case.
    """

    name = Attribute("The name of the server, as text.")
    createGroupOnRequest = Attribute("Whether `getGroup` makes a group that is not there.")
    createUserOnRequest = Attribute("Whether `getUser` makes a user who is not there.")

    def itergroups() -> Deferred[Any]:
        """All groups: a Deferred of an iterable of `IGroup`."""

    def getGroup(name: str) -> Deferred[Any]:
        """A group, made if need be and if `createGroupOnRequest` says so.

        Returns:
            A Deferred of an `IGroup`; it fails with `twisted.words.ewords.NoSuchGroup`.
        """

    def createGroup(name: str) -> Deferred[Any]:
        """Make a group.

        Returns:
            A Deferred of the `IGroup`; it fails with `twisted.words.ewords.DuplicateGroup`.
        """

    def lookupGroup(name: str) -> Deferred[Any]:
        """A group that is there.

        Returns:
            A Deferred of an `IGroup`; it fails with `twisted.words.ewords.NoSuchGroup`.
        """

    def getUser(name: str) -> Deferred[Any]:
        """A user, made if need be and if `createUserOnRequest` says so.

        Returns:
            A Deferred of an `IUser`; it fails with `twisted.words.ewords.NoSuchUser`.
        """

    def createUser(name: str) -> Deferred[Any]:
        """Make a user.

        Returns:
            A Deferred of the `IUser`; it fails with `twisted.words.ewords.DuplicateUser`.
        """
