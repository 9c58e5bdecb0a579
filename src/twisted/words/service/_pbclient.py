"""What a program that logs in by Perspective Broker has: its mind, and references to the server's.

factory = pb.PBClientFactory()
avatar = await factory.login(UsernamePassword(b"moshez", b"password"), Mind())
group = await avatar.join("python")
await group.send({"text": "Hello"})
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.spread.flavors import Referenceable
from twisted.spread.jelly import InsecureJelly, setUnjellyableForClass
from twisted.spread.pb import RemoteReference
from twisted.words.iwords import IGroup
from twisted.words.service._pbserver import ChatAvatar, PBGroup, PBMindReference

__name__ = "twisted.words.service"  # the public path, for the wire, pickles and messages


class PBMind(Referenceable):
    """What the server tells a program by: subclass it, and override what is of interest.

    Users come as references; ``user.callRemote("getName")`` asks for the name, and
    ``user.callRemote("send", {"text": "Hello"})`` says something to them alone. Groups come as
    `PBGroupReference`.
    """

    def __init__(self) -> None:
        """It takes nothing."""

    def jellyFor(self, jellier: Any) -> list[Any]:
        """It goes as what becomes a client at the server."""
        if jellier.invoker is None:
            raise TypeError("a mind can be sent over a connection only")
        return [b"twisted.words.service.PBMind", jellier.invoker.registerReference(self)]

    def remote_userJoined(self, user: Any, group: Any) -> None:
        """Somebody came into a group that this program is in.

        Args:
            user: the group, as the server sends it first.
            group: a reference to who came.
        """

    def remote_userLeft(self, user: Any, group: Any, reason: str | None) -> None:
        """Somebody left a group.

        Args:
            user: the group, as the server sends it first.
            group: a reference to who left.
            reason: why, if they said so.
        """

    def remote_receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> None:
        """Somebody said something.

        Args:
            sender: a reference to who did.
            recipient: the `PBGroupReference` that it was said in, or a reference to this user.
            message: what was said.
        """

    def remote_groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> None:
        """What is said of a group has changed.

        Args:
            group: a `PBGroupReference`.
            meta: what is said now.
        """


class AvatarReference(RemoteReference):
    """What a program gets when it logs in."""

    def join(self, groupName: str) -> Deferred[Any]:
        """Join a group.

        Returns:
            A Deferred of a `PBGroupReference`.
        """
        return self.callRemote("join", groupName)

    def quit(self) -> Deferred[None]:
        """Log out, by ending the connection.

        Returns:
            A Deferred that fires when it has ended.
        """
        ended: Deferred[None] = Deferred()
        self.broker.notifyOnDisconnect(lambda: ended.callback(None))
        self.broker.transport.loseConnection()
        return ended


@implementer(IGroup)
class PBGroupReference(RemoteReference):
    """A group at the server.

    Attributes:
        name: its name.
    """

    name: str

    def unjellyFor(self, unjellier: Any, unjellyList: list[Any]) -> Any:
        """Take the name and the number that came."""
        if len(unjellyList) != 3 or not isinstance(unjellyList[1], bytes):
            raise InsecureJelly(f"a group is a name and a number: {str(unjellyList)[:80]}")
        kind, name, number = unjellyList
        reference = super().unjellyFor(unjellier, [kind, number])
        self.name = name.decode("utf-8", "replace")
        return reference

    def send(self, message: dict[str, Any]) -> Deferred[None]:
        """Say something in it."""
        return self.callRemote("send", message)

    def leave(self, reason: str | None = None) -> Deferred[None]:
        """Leave it."""
        return self.callRemote("leave", reason)

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> Deferred[None]:
        """Say something in it, as oneself."""
        return self.send(message)

    def size(self) -> Deferred[int]:
        """See `IGroup.size`."""
        return self.callRemote("size")

    def setMetadata(self, meta: dict[str, Any]) -> Deferred[None]:
        """Change its topic: ``{"topic": "News"}``."""
        return self.callRemote("setMetadata", meta)

    def iterusers(self) -> Iterator[Any]:
        """A reference does not know them: it raises `NotImplementedError`."""
        self._cannot('ask for the names of its members: callRemote("getMembers")')

    def add(self, user: Any) -> Deferred[Any]:
        """Nobody joins for another: it raises `NotImplementedError`."""
        self._cannot("have the user join, or invite them: callRemote('invite', name)")

    def remove(self, user: Any, reason: str | None = None) -> Deferred[Any]:
        """Nobody leaves for another: it raises `NotImplementedError`."""
        self._cannot("leave() it, or have an operator callRemote('kick', name, reason)")

    def _cannot(self, instead: str) -> NoReturn:
        raise NotImplementedError(f"{self.name!r} is at the server: {instead}")


# By the name alone: the server's classes are never made of what a peer sends.
setUnjellyableForClass("twisted.words.service.PBMind", PBMindReference)
setUnjellyableForClass(ChatAvatar, AvatarReference)
setUnjellyableForClass(PBGroup, PBGroupReference)
