"""What the servers of a cluster tell each other, and what each makes of it: without a connection.

Theory of operation: every server publishes what its own users do, and hears what all others do, in
one order. To a server, users of others are users like its own, whose clients (`RemoteClient`) are
far away; so groups, modes and front ends need not know of clusters at all.

A server that is new, or that missed something (messages are numbered), asks for the *state* of the
others: who is there, in which groups. What differs is corrected as if it had happened just then. A
server that is not heard of for a while is gone, and its users with it.

Two servers that were apart may both have a user of one name: the one who came first stays. They
may have different ideas of a group: its modes are those of the server where it is older, its topic
is the newer one. All servers decide that by the same numbers, so they decide alike.

What does not work: to have each message acknowledged. A server that waits for others is no faster
than the slowest of them, and stops when one does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from zope.interface import implementer

from twisted.logger import Logger
from twisted.words._news import (
    MAX_NAME,
    VERSION,
    BadNews,
    groupState,
    plainMeta,
    readNews,
    userState,
)
from twisted.words.ewords import NoSuchGroup, NoSuchUser, WordsError
from twisted.words.iwords import IChatClient
from twisted.words.service import RealmWatcher, User
from twisted.words.service._modes import MODES, RANKS, Change
from twisted.words.service._names import check_group_name, check_message, check_text, fold

_log = Logger(namespace="twisted.words.cluster")


@implementer(IChatClient)
class RemoteClient:
    """The client of a user who is logged in at another server.

    Args:
        link: what connects the servers.
        node: the server's number.
        user: who it is.
    """

    def __init__(self, link: Link, node: str, user: User) -> None:
        self.link = link
        self.node = node
        self.avatar = user

    @property
    def name(self) -> str:
        """The user's name."""
        return self.avatar.name

    @staticmethod
    def tellAll(clients: Sequence[Any], exclude: Any, event: str, args: tuple[Any, ...]) -> None:
        """What happens in groups is published once, for all; what is said to one is, too."""
        if event == "receive" and not hasattr(args[1], "modes"):
            for client in clients:
                client.receive(*args)

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> None:
        """Have the other server deliver what is said to this user alone."""
        if not isinstance(sender, RemoteClient):
            self.link.publish(
                op="say", by=sender.name, to=self.name, node=self.node, message=message
            )

    def groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> None:
        """Its own server tells it; so with the others."""

    def userJoined(self, group: Any, user: Any) -> None:
        """See `groupMetaUpdate`."""

    def userLeft(self, group: Any, user: Any, reason: str | None = None) -> None:
        """See `groupMetaUpdate`."""


class Node:
    """Another server, as far as it is known.

    Attributes:
        name: what it is called.
        number: the number of its last message; None until its state has come.
        heard: when it was last heard of, in seconds.
        asked: whether its state has been asked for.
        refused: names of users of whom there is another login, in small letters.
        users: who is logged in there, by their names in small letters.
    """

    def __init__(self, now: float) -> None:
        self.name = "?"
        self.asked = False
        self.refused: set[str] = set()
        self.number: int | None = None
        self.heard = now
        self.users: dict[str, User] = {}


class Link(RealmWatcher):
    """Keeps a realm in step with those of other servers.

    Args:
        realm: an `twisted.words.iwords.IChatService`.
        node: the number of this server: no two have the same, and none keeps it when it restarts.
        send: called with each message, as bytes, while the link is up.
        seconds: what time it is, by a clock that only goes forward.

    Attributes:
        up: whether there is a connection.
        nodes: the other servers, by their numbers.
        local: who is logged in here, by their names in small letters.
    """

    def __init__(
        self, realm: Any, node: str, send: Callable[[bytes], None], seconds: Callable[[], float]
    ) -> None:
        self.realm = realm
        self.node = node
        self.send = send
        self.seconds = seconds
        self.up = False
        self.nodes: dict[str, Node] = {}
        self.local: dict[str, Any] = {}
        self._number = 0
        # Set while something is done that others have done: it is not published.
        self._following = False
        # Set when what two servers thought of a group had to be settled.
        self._settled = False
        realm.watchers.append(self)

    async def attach(self) -> None:
        """Begin to watch the groups that are there."""
        for group in await self.realm.itergroups():
            if self._happened not in group.watchers:
                self.groupMade(group)

    def isRemote(self, client: Any) -> bool:
        """Whether a client is one of another server's."""
        return isinstance(client, RemoteClient)

    # Up and down.

    async def connected(self) -> None:
        """There is a connection: say who is here, and ask who is there."""
        self.up = True
        self.publish(op="hello")
        await self._tellState()

    def disconnected(self, reason: str) -> None:
        """There is none: the users of all other servers are gone, as far as one can see here."""
        self.up = False
        for node in list(self.nodes):
            self._forget(node, reason)

    def beat(self, patience: float) -> None:
        """Show that this server is there; forget those that have not, for so many seconds."""
        self.publish(op="beat")
        now = self.seconds()
        for number, node in list(self.nodes.items()):
            if node.number is None:
                self.publish(op="ask", node=number)
            if now - node.heard > patience:
                _log.warn("{name} is not heard of any more", name=node.name)
                self._forget(number, f"{node.name} is not heard of any more")

    def leave(self) -> None:
        """Say that this server ends."""
        if self.up:
            self.publish(op="bye")
        self.up = False

    def _forget(self, number: str, reason: str) -> None:
        node = self.nodes.pop(number)
        for user in list(node.users.values()):
            self._follow(user.logout, reason)

    # What happens here.

    def publish(self, op: str, **what: Any) -> None:
        """Tell the other servers; does nothing while there is no connection."""
        if not self.up:
            return
        self._number += 1
        message = {"v": VERSION, "from": self.node, "n": self._number, "op": op, **what}
        self.send(json.dumps(message, separators=(",", ":")).encode())

    def userArrived(self, user: Any) -> None:
        """See `RealmWatcher`."""
        if not self.isRemote(user.mind):
            self.local[fold(user.name)] = user
            self.publish(op="came", user=userState(user))

    def userGone(self, user: Any, mind: Any, groups: list[Any], reason: str | None) -> None:
        """See `RealmWatcher`."""
        if not self.isRemote(mind):
            self.local.pop(fold(user.name), None)
            self.publish(op="gone", user=user.name, reason=reason)
        elif mind.node in self.nodes:
            self.nodes[mind.node].users.pop(fold(user.name), None)
        for number, node in self.nodes.items():
            if fold(user.name) in node.refused:
                node.refused.discard(fold(user.name))
                self.publish(op="ask", node=number)

    def userChanged(self, user: Any) -> None:
        """See `RealmWatcher`."""
        if not self._following:
            self.publish(op="away", user=user.name, away=user.away)

    def groupMade(self, group: Any) -> None:
        """See `RealmWatcher`."""
        group.watchers.append(self._happened)

    def _happened(
        self, clients: Sequence[Any], exclude: Any, event: str, args: tuple[Any, ...]
    ) -> None:
        """Something happened in a group: it is published, if it happened here."""
        if self._following or not self.up:
            return
        publish = getattr(self, f"_here_{event}", None)
        if publish is not None:
            publish(*args)

    def _here_receive(self, sender: Any, group: Any, message: dict[str, Any]) -> None:
        self.publish(op="say", by=sender.name, group=group.name, message=message)

    def _here_userJoined(self, group: Any, client: Any) -> None:
        self.publish(op="joined", user=client.name, group=groupState(group))

    def _here_userLeft(self, group: Any, client: Any, reason: str | None = None) -> None:
        self.publish(op="left", user=client.name, group=group.name, reason=reason)

    def _here_userKicked(self, group: Any, author: Any, victim: Any, reason: str | None) -> None:
        self.publish(op="kicked", by=author.name, user=victim.name, group=group.name, reason=reason)

    def _here_groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> None:
        self.publish(op="meta", group=group.name, meta=plainMeta(meta))

    def _here_modesChanged(self, group: Any, author: Any, changes: list[Change]) -> None:
        name, changed = None if author is None else author.name, group.modes.changed
        self.publish(op="modes", by=name, group=group.name, changes=changes, changed=changed)

    def _here_invited(self, group: Any, client: Any, user: Any) -> None:
        self.publish(op="invited", by=client.name, user=user.name, group=group.name)

    # What happens elsewhere.

    def _follow(self, function: Callable[..., Any], *args: Any) -> Any:
        """Do what another server has done."""
        before, self._following = self._following, True
        try:
            return function(*args)
        finally:
            self._following = before

    async def take(self, data: bytes) -> None:
        """Take a message that was published, one's own included.

        Raises:
            BadNews: it is none.
        """
        message = readNews(data)
        number = message["from"]
        if number == self.node:
            if message["op"] in ("modes", "meta"):
                await self._echo(message)
            return
        node = self.nodes.get(number)
        if node is None:
            node = self.nodes[number] = Node(self.seconds())
        node.heard = self.seconds()
        op = message["op"]
        if op == "hello":
            # It begins, or begins again: its state follows.
            node.number = None
            node.asked = True
            await self._tellState()
        elif op == "bye":
            self._forget(number, f"{node.name} has ended")
            return
        elif op == "ask" and message.get("node") == self.node:
            await self._tellState()
        if op == "state" or (node.number is not None and message["n"] == node.number + 1):
            node.number = message["n"]
            await self._understand(op, number, node, message)
        elif op != "hello":
            # Something was missed. All that follows is told again by the state.
            node.number = None
            if not node.asked:
                node.asked = True
                self.publish(op="ask", node=number)

    async def _echo(self, message: dict[str, Any]) -> None:
        """Take one's own change again: another server may have made an earlier one since."""
        try:
            group = await self.realm.lookupGroup(message["group"])
        except NoSuchGroup:
            return
        if message["op"] == "meta":
            if plainMeta(group.meta) != message["meta"]:
                self._follow(group.setMetadata, message["meta"])
        else:
            self._changeModes(group, None, message["changes"], message["changed"])

    async def _understand(self, op: str, number: str, node: Node, message: dict[str, Any]) -> None:
        if op in ("ask", "beat"):
            return
        handler = getattr(self, f"_there_{op}", None)
        if handler is None:
            raise BadNews(f"{op!r} is nothing that a server of version {VERSION} says")
        try:
            await handler(number, node, message)
        except WordsError as e:
            _log.warn("{op} of {name} cannot be followed: {error}", op=op, name=node.name, error=e)
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            raise BadNews(f"{op!r} has not what it needs: {e!r}") from e

    async def _tellState(self) -> None:
        self.publish(
            op="state",
            name=self.realm.name,
            users=[userState(user) for user in self.local.values()],
            groups=[self._groupState(group) for group in await self.realm.itergroups()],
        )

    def _groupState(self, group: Any) -> dict[str, Any]:
        members = [client.name for client in group.iterusers() if not self.isRemote(client)]
        return {**groupState(group), "members": members}

    async def _there_state(self, number: str, node: Node, message: dict[str, Any]) -> None:
        node.name = check_group_name(message["name"], MAX_NAME)
        node.asked = False
        node.refused.clear()
        there = {fold(str(state["name"])) for state in message["users"]}
        for name in [name for name in node.users if name not in there]:
            self._follow(node.users[name].logout, None)
        for state in message["users"]:
            await self._came(number, node, state)
        inside = {
            fold(str(state["name"])): {fold(str(name)) for name in state["members"]}
            for state in message["groups"]
        }
        for name, user in list(node.users.items()):
            for group in user.itergroups():
                if name not in inside.get(fold(group.name), ()):
                    self._follow(user.leaveNow, group)
        for state in message["groups"]:
            group = await self._group(node, state)
            for name in inside[fold(group.name)] & node.users.keys():
                self._place(node.users[name], group, state)
            group.leaveIfEmpty()  # if those who are said to be in it are not followed
        if self._settled:
            # Others may have heard of both sides in another order, and of what has ended since.
            self._settled = False
            await self._tellState()

    async def _there_came(self, number: str, node: Node, message: dict[str, Any]) -> None:
        await self._came(number, node, message["user"])

    async def _came(self, number: str, node: Node, state: dict[str, Any]) -> None:
        """Somebody is logged in at another server."""
        name, signOn = str(state["name"]), float(state["signOn"])
        try:
            user = await self.realm.lookupUser(name)
        except NoSuchUser:
            user = await self.realm.createUser(name)
        if user.mind is not None:
            holder = user.mind.node if self.isRemote(user.mind) else self.node
            if holder == number:
                if user.signOn != signOn:
                    self._follow(user.logout, None)  # and came again
            elif (user.signOn, holder) < (signOn, number):
                # The other server hears of this one, and ends its own; or this one goes first.
                node.refused.add(fold(name))
                return
            else:
                user.disconnect(
                    "is logged in at another server", "You are logged in at another server"
                )
        if user.mind is None:
            user.loggedIn(self.realm, RemoteClient(self, number, user))
            user.host = node.name
            user.signOn = user.lastMessage = signOn
            node.users[fold(name)] = user
            self._follow(self.realm.userArrived, user)
        user.realName = check_text(state["realName"], self.realm.limits.realNameBytes, "a name")
        self._setAway(user, state["away"])

    def _reason(self, message: dict[str, Any]) -> str | None:
        reason = message["reason"]
        if reason is None:
            return None
        return check_text(reason, self.realm.limits.reasonBytes, "a reason")

    def _setAway(self, user: Any, away: Any) -> None:
        away = None if away is None else str(away)
        if user.away != away:
            self._follow(user.setAway, away)

    async def _there_gone(self, number: str, node: Node, message: dict[str, Any]) -> None:
        user = node.users.get(fold(message["user"]))
        if user is not None:
            self._follow(user.logout, self._reason(message))

    async def _there_away(self, number: str, node: Node, message: dict[str, Any]) -> None:
        self._setAway(_user(node, message["user"]), message["away"])

    async def _group(self, node: Node, state: dict[str, Any]) -> Any:
        """A group of another server's, made if need be; what differs is settled."""
        name, created = str(state["name"]), int(state["created"])
        try:
            group = await self.realm.lookupGroup(name)
        except NoSuchGroup:
            group = await self.realm.createGroup(name)
            group.transient = bool(state["transient"])
            group.created = created
            # Nobody is in it who could be told.
            group.meta = plainMeta(state["meta"])
            self._setModes(group, state)
            return group
        if created < group.created:
            self._settled = True
            group.created = created
            self._setModes(group, state)
            # Those who made the younger one have no rights in the older one.
            taken = [
                (False, rank, name)
                for rank, names in group.modes.ranks.items()
                for name in names
                if name not in node.users
            ]
            self._changeModes(group, None, taken, state["changed"])
        elif created == group.created and state["changed"] > group.modes.changed:
            self._setModes(group, state)
        meta, mine = plainMeta(state["meta"]), plainMeta(group.meta)
        # Of two of one second, all servers choose the same one.
        if (meta["topic_date"], meta["topic"]) > (mine["topic_date"], mine["topic"]):
            self._follow(group.setMetadata, meta)
        return group

    async def _there_joined(self, number: str, node: Node, message: dict[str, Any]) -> None:
        user = _user(node, message["user"])
        self._place(user, await self._group(node, message["group"]), message["group"])

    def _place(self, user: Any, group: Any, state: dict[str, Any]) -> None:
        """A user of another server's is in a group, with the ranks that it has there."""
        name = fold(user.name)
        if fold(group.name) not in user.groups:
            self._follow(user.placedIn, group)
        if int(state["created"]) == group.created:
            changes = [
                (name in names, rank, user.name) for rank, names in state["modes"]["ranks"].items()
            ]
            self._changeModes(group, None, changes, group.modes.changed)

    async def _there_left(self, number: str, node: Node, message: dict[str, Any]) -> None:
        user = _user(node, message["user"])
        group = user.groups.get(fold(message["group"]))
        if group is not None:
            self._follow(user.leaveNow, group, self._reason(message))

    async def _there_kicked(self, number: str, node: Node, message: dict[str, Any]) -> None:
        group = await self.realm.lookupGroup(message["group"])
        victim = group.member(message["user"])
        author = _user(node, message["by"]).mind
        if victim is not None:
            self._follow(group.expel, author, victim, self._reason(message))

    async def _there_meta(self, number: str, node: Node, message: dict[str, Any]) -> None:
        group = await self.realm.lookupGroup(message["group"])
        self._follow(group.setMetadata, plainMeta(message["meta"]))

    async def _there_modes(self, number: str, node: Node, message: dict[str, Any]) -> None:
        group = await self.realm.lookupGroup(message["group"])
        by = message["by"]
        author = None if by is None else _user(node, by).mind
        self._changeModes(group, author, message["changes"], message["changed"])

    def _setModes(self, group: Any, state: dict[str, Any]) -> None:
        """Have a group's modes be as another server says, but for ranks.

        What rank somebody has is for their own server to say: see `_place`.
        """
        changes = [
            change for change in group.modes.changes_to(state["modes"]) if change[1] not in RANKS
        ]
        self._changeModes(group, None, changes, state["changed"])

    def _changeModes(self, group: Any, author: Any, changes: Any, changed: Any) -> None:
        """Change modes as another server has; an author of None is the server.

        Raises:
            TypeError, ValueError: these are no changes.
        """
        wanted = [
            (bool(on), mode, value)
            for on, mode, value in changes
            if mode not in RANKS or group.member(value) is not None
        ]
        if not all(mode in MODES for _, mode, _ in wanted):
            raise ValueError("these are no modes")
        name = group.server if author is None else author.name
        done = group.modes.apply(wanted, name, group.name)
        group.modes.changed = float(changed)
        if done:
            self._follow(group.tell, "modesChanged", (group, author, done))

    async def _there_say(self, number: str, node: Node, message: dict[str, Any]) -> None:
        user, said = _user(node, message["by"]), message["message"]
        check_message(said, self.realm.limits.messageBytes)
        user.lastMessage = time.time()
        if "group" in message:
            group = await self.realm.lookupGroup(message["group"])
            self._follow(group.receive, user.mind, group, said)
        elif message["node"] == self.node:
            to = self.local.get(fold(message["to"]))
            if to is not None:
                to.receive(user.mind, to, said)

    async def _there_invited(self, number: str, node: Node, message: dict[str, Any]) -> None:
        group = await self.realm.lookupGroup(message["group"])
        group.modes.invite(message["user"])
        user = self.local.get(fold(message["user"]))
        if user is not None and hasattr(user.mind, "invited"):
            user.mind.invited(group, _user(node, message["by"]).mind, user)


def _user(node: Node, name: Any) -> Any:
    """A user of another server.

    Raises:
        NoSuchUser: it has none of this name, as far as we could follow.
    """
    user = node.users.get(fold(str(name)))
    if user is None:
        raise NoSuchUser(name)
    return user
