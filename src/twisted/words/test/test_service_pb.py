"""Tests of the chat server as programs that speak Perspective Broker see it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import twisted
from twisted.cred.credentials import UsernamePassword
from twisted.internet.defer import Deferred
from twisted.internet.protocol import connectionDone
from twisted.internet.task import Clock
from twisted.spread import pb
from twisted.spread.test.pair import Pair
from twisted.trial.unittest import SkipTest, SynchronousTestCase
from twisted.words.service import (
    AvatarReference,
    ChatAvatar,
    PBChatFactory,
    PBGroupReference,
    PBMind,
    PBUser,
    WordsLimits,
    _pbserver,
)
from twisted.words.test import _pbpeer
from twisted.words.test._chat import PASSWORD, Server

PEERS = Path(twisted.__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"
OURS = Path(sys.executable)

#: Nothing here waits for time to pass; this is when something broken is given up, in seconds.
PATIENCE = 30


class Mind(PBMind):
    """A program's mind, which notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []
        self.senders: list[Any] = []

    def remote_receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> None:
        self.senders.append(sender)
        self.told.append((getattr(recipient, "name", None), message))

    def remote_userJoined(self, user: Any, group: Any) -> None:
        self.told.append(("joined", user.name, group))

    def remote_userLeft(self, user: Any, group: Any, reason: str | None) -> None:
        self.told.append(("left", user.name, reason))

    def remote_groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> None:
        self.told.append(("meta", group.name, meta["topic"]))


class ProgramTests(SynchronousTestCase):
    """Programs, and clients of IRC, on one realm."""

    limits = WordsLimits(floodRate=None)

    def setUp(self) -> None:
        self.server = Server(self.limits, groups=("chat",))
        self.pairs: list[Pair] = []

    def pump(self) -> None:
        """Carry all there is to be said, between all of them."""
        for _ in range(3):
            for pair in self.pairs:
                pair.pump()

    def wait(self, deferred: Deferred[Any]) -> Any:
        """What becomes of something."""
        self.pump()
        return self.successResultOf(deferred)

    def refused(self, deferred: Deferred[Any], name: str) -> str:
        """An error that a program is told, by its name; gives its text."""
        self.pump()
        failure = self.failureResultOf(deferred)
        self.assertTrue(failure.check(f"twisted.words.ewords.{name}"), failure)
        self.assertEqual(self.flushLoggedErrors(), [])
        return str(failure.value)

    def login(self, name: str, mind: Any = None) -> Any:
        """Log a program in; gives what it has of its user."""
        pair = Pair(None, pb.PBServerFactory(self.server.portal))
        self.pairs.append(pair)
        credentials = UsernamePassword(name.encode(), PASSWORD.encode())
        return self.wait(pair.clientFactory.login(credentials, mind or Mind()))

    def test_login(self) -> None:
        avatar = self.login("alice")
        self.assertIsInstance(avatar, AvatarReference)
        self.assertEqual(self.server.realm.users["alice"].mind.name, "alice")

    def connect(self, factory: PBChatFactory) -> Pair:
        """Connect a program, which says nothing yet."""
        pair = Pair(None, factory)
        self.pairs.append(pair)
        self.pump()
        return pair

    def test_late(self) -> None:
        """Who does not log in in time is disconnected; who has may stay."""
        factory = PBChatFactory(self.server.realm, self.server.portal)
        factory.clock = clock = Clock()
        silent, alice, gone = (self.connect(factory) for _ in range(3))
        known = UsernamePassword(b"alice", PASSWORD.encode())
        self.wait(alice.clientFactory.login(known, Mind()))
        gone.disconnect(connectionDone.value)
        self.pairs.remove(gone)
        self.assertEqual(len(clock.getDelayedCalls()), 1)
        aborted: list[str] = []
        self.patch(silent.server.transport, "abortConnection", lambda: aborted.append("silent"))
        clock.advance(self.limits.loginSeconds)
        self.assertEqual(aborted, ["silent"])
        self.assertEqual(clock.getDelayedCalls(), [])
        self.assertEqual(factory.count, 2)

    def test_connections(self) -> None:
        """There may not be too many."""
        factory = PBChatFactory(self.server.realm, self.server.portal)
        factory.clock, factory.limits = Clock(), WordsLimits(connections=1)
        only = self.connect(factory)
        self.assertIsNone(factory.buildProtocol(None))
        only.disconnect(connectionDone.value)
        self.pairs.remove(only)
        self.assertIsNotNone(factory.buildProtocol(None))

    def test_avatar(self) -> None:
        """The server's end of what a program has passes on what it is told."""
        mind = Mind()
        alice = self.login("alice", mind)
        group = self.wait(alice.join("chat"))
        user = self.server.realm.users["alice"]
        avatar = ChatAvatar(user)
        self.assertEqual(avatar.name, "alice")
        there = self.server.realm.groups["chat"]
        avatar.receive(user.mind, there, {"text": "x"})
        avatar.groupMetaUpdate(there, {"topic": "x"})
        avatar.userJoined(there, user.mind)
        avatar.userLeft(there, user.mind, "bye")
        self.pump()
        self.assertEqual(
            [told[:2] for told in mind.told],
            [("chat", {"text": "x"}), ("meta", "chat"), ("joined", "chat"), ("left", "chat")],
        )
        self.assertEqual(group.name, "chat")

    def test_quit(self) -> None:
        """A program leaves, and hears when it has left."""
        alice = self.login("alice")
        quitting = alice.quit()
        pair = self.pairs.pop()
        pair.client.connectionLost(connectionDone)
        pair.server.connectionLost(connectionDone)
        self.successResultOf(quitting)
        self.assertIsNone(self.server.realm.users["alice"].mind)

    def test_notAMind(self) -> None:
        """A mind that cannot be told anything cannot log in."""
        pair = Pair(None, pb.PBServerFactory(self.server.portal))
        self.pairs.append(pair)
        credentials = UsernamePassword(b"alice", PASSWORD.encode())
        for mind in (None, pb.Referenceable()):
            login = pair.clientFactory.login(credentials, mind)
            self.pump()
            failure = self.failureResultOf(login)
            self.assertTrue(failure.check("twisted.cred.error.LoginDenied"), failure)

    def test_together(self) -> None:
        """A program and a client of IRC hear each other."""
        mind = Mind()
        alice = self.login("alice", mind)
        group = self.wait(alice.join("Chat"))
        self.assertIsInstance(group, PBGroupReference)
        self.assertEqual(group.name, "chat")
        bob = self.server.login("bob", "#chat")
        bob.say("PRIVMSG #chat :hello", "PRIVMSG #chat :\x01ACTION waves\x01", "PRIVMSG alice :x")
        bob.say("TOPIC #chat :News", "PART #chat :bye")
        self.pump()
        self.assertEqual(mind.told[0][:2], ("joined", "chat"))
        self.assertEqual(
            mind.told[1:],
            [
                ("chat", {"text": "hello"}),
                ("chat", {"text": "waves", "type": "action"}),
                (None, {"text": "x"}),
                ("meta", "chat", "News"),
                ("left", "chat", "bye"),
            ],
        )
        self.assertEqual(self.wait(mind.senders[0].callRemote("getName")), "bob")
        self.assertEqual(mind.senders[0], mind.senders[2])
        self.wait(mind.senders[0].callRemote("send", {"text": "you too"}))
        bob.say("JOIN #chat")
        bob.heard()
        self.wait(group.send({"text": "again", "type": "notice"}))
        self.wait(group.receive(None, None, {"text": "and again"}))
        self.assertEqual(
            [line.split(" ", 1)[1] for line in bob.heard()],
            ["NOTICE #chat :again", "PRIVMSG #chat :and again"],
        )
        self.wait(group.leave("bye"))
        self.assertEqual(bob.heard(), [":alice!alice@chat.example PART #chat :bye"])

    def test_group(self) -> None:
        """What a program can do with a group."""
        alice, mind = self.login("alice"), Mind()
        group = self.wait(alice.join("new"))
        bob = self.login("bob", mind)
        its = self.wait(bob.join("new"))
        self.assertEqual(self.wait(its.size()), 2)
        self.assertEqual(self.wait(its.callRemote("getMembers")), ["alice", "bob"])
        self.assertEqual(self.wait(bob.callRemote("getGroupNames")), ["chat", "new"])
        self.refused(its.setMetadata({"topic": "x"}), "NotAllowed")
        self.refused(its.callRemote("changeModes", "+m"), "NotAllowed")
        self.refused(its.callRemote("kick", "alice"), "NotAllowed")
        self.wait(group.setMetadata({"topic": "x"}))
        self.assertIn(("meta", "new", "x"), mind.told)
        self.wait(group.callRemote("changeModes", "+im"))
        self.refused(its.send({"text": "x"}), "NotAllowed")
        self.wait(group.callRemote("changeModes", "+v", "bob"))
        self.wait(its.send({"text": "x"}))
        carol = self.login("carol")
        self.refused(carol.join("new"), "NotAllowed")
        self.wait(group.callRemote("invite", "carol"))
        self.wait(carol.join("new"))
        self.wait(group.callRemote("kick", "bob", "out"))
        self.assertEqual(mind.told[-1], ("left", "new", "out"))
        self.refused(its.callRemote("getMembers"), "NotAllowed")
        self.wait(group.callRemote("changeModes", "+s"))
        self.assertEqual(self.wait(bob.callRemote("getGroupNames")), ["chat"])

    def test_refused(self) -> None:
        """What is not to be had is an error at the program, and none at the server."""
        self.server.realm.createGroupOnRequest = False
        alice = self.login("alice")
        self.assertIn("none", self.refused(alice.join("none"), "NoSuchGroup"))
        group = self.wait(alice.join(b"chat"))
        for message in (
            "x",
            {"text": "a\r\nQUIT"},
            {"text": b"x"},
            {"text": "x" * 9000},
            None,
            [1],
        ):
            self.refused(group.send(message), "BadText")
        self.refused(group.leave("a\nb"), "BadText")
        self.refused(group.setMetadata({"topic": "a\nb"}), "BadText")
        self.refused(group.setMetadata({"other": "x"}), "BadText")
        self.refused(group.setMetadata(5), "BadText")
        self.refused(alice.join(5), "BadText")
        self.refused(alice.callRemote("getUser", "nobody"), "NoSuchUser")
        self.refused(group.callRemote("changeModes", "+X"), "BadText")
        self.refused(group.callRemote("changeModes", "+o", "x"), "NoSuchUser")
        self.wait(alice.callRemote("getUser", "alice"))

    def test_only(self) -> None:
        """What a reference cannot do, it says, and what to do instead."""
        group = self.wait(self.login("alice").join("chat"))
        for call in (group.iterusers, lambda: group.add(None), lambda: group.remove(None)):
            self.assertIn("callRemote", str(self.assertRaises(NotImplementedError, call)))

    def test_gone(self) -> None:
        """A program that is gone is logged out, and the others hear of it."""
        alice = self.login("alice")
        self.wait(alice.join("chat"))
        bob = self.server.login("bob", "#chat")
        pair = self.pairs.pop()
        del alice
        pair.server.connectionLost(connectionDone)
        self.assertEqual(bob.heard(), [":alice!alice@chat.example QUIT :"])
        self.assertIsNone(self.server.realm.users["alice"].mind)
        self.pairs.append(pair)
        pair.client.connectionLost(connectionDone)
        self.pairs.remove(pair)

    def test_loggedOut(self) -> None:
        """One who is logged out by the server is told so, whatever it still asks for."""
        alice = self.login("alice")
        group = self.wait(alice.join("chat"))
        self.server.realm.users["alice"].logout("maintenance")
        self.refused(alice.join("chat"), "NoSuchUser")
        self.refused(group.send({"text": "x"}), "NoSuchUser")
        self.refused(alice.callRemote("getGroupNames"), "NoSuchUser")
        self.login("alice")
        mind = self.server.realm.users["alice"].mind
        self.server.realm.users["alice"].disconnect("maintenance")
        self.assertTrue(mind.broker.transport.disconnecting)

    def test_unanswered(self) -> None:
        """A program that does not answer is disconnected."""
        self.server.realm.limits = WordsLimits(floodRate=None, unansweredCalls=3)
        alice = self.login("alice")
        self.wait(alice.join("chat"))
        bob = self.server.login("bob", "#chat")
        bob.say(*(f"PRIVMSG #chat :{number}" for number in range(5)))
        self.assertEqual(len(self.flushLoggedErrors()), 1)
        self.assertTrue(self.pairs[0].server.transport.disconnected)
        self.assertEqual(bob.heard()[-1], ":alice!alice@chat.example QUIT :could not be reached")

    def test_flood(self) -> None:
        """A program that says too much is not read for a while."""
        clock = Clock()
        self.patch(_pbserver, "installedReactor", lambda: clock)
        self.server.realm.limits = WordsLimits(floodRate=2, floodBurst=2)
        alice = self.login("alice")
        group = self.wait(alice.join("chat"))
        transport = self.pairs[0].server.transport
        for number in range(3):
            group.send({"text": str(number)})
        self.pump()
        self.assertEqual(transport.producerState, "paused")
        clock.advance(0.5)
        self.assertEqual(transport.producerState, "producing")

    def test_identity(self) -> None:
        """A user is one object for a program, however often it hears of them."""
        realm = self.server.realm
        user = self.successResultOf(realm.getUser("alice"))
        one, other = PBUser(realm, user, user), PBUser(realm, user, user)
        self.assertEqual(one.processUniqueID(), other.processUniqueID())


class PeerTests(SynchronousTestCase):
    """Over the wire, with Twisted's own at either end. Skipped where there is none."""

    EXPECTED = [
        ["AvatarReference"],
        ["PBGroupReference", "chat"],
        ["AvatarReference"],
        ["PBGroupReference", "chat"],
        ["joined", "chat"],
        ["sent", None],
        ["receive", "RemoteReference", "chat", {"text": "hello"}],
        ["sent", None],
        ["receive", "RemoteReference", "chat", {"text": "hops é", "type": "action"}],
        ["RemoteError", "NoSuchGroup: none"],
        ["left", "chat", "bye"],
        ["quit"],
    ]

    def start(self, python: Path, argument: str) -> subprocess.Popen[str]:
        """Run one end."""
        if not python.exists():
            raise SkipTest(f"there is no {python}")
        program = subprocess.Popen(
            [str(python), "-P", str(_pbpeer.__file__), argument],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def check(self, server: Path, client: Path) -> None:
        """A conversation."""
        serving = self.start(server, "serve")
        assert serving.stdout is not None
        (port,) = json.loads(serving.stdout.readline())
        out, err = self.start(client, str(port)).communicate(timeout=PATIENCE)
        notes = [json.loads(line) for line in out.splitlines()]
        # Which of the two comes first is not said: they are two connections.
        self.assertEqual(sorted(map(str, notes)), sorted(map(str, self.EXPECTED)), err[-2000:])

    def test_ours(self) -> None:
        self.check(OURS, OURS)

    def test_ourServer(self) -> None:
        """Twisted's client."""
        self.check(OURS, PEERS)

    def test_ourClient(self) -> None:
        """Twisted's server."""
        self.check(PEERS, OURS)
