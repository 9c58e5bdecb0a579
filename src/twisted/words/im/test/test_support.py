"""Accounts of PB and of TOC, without a server."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.im.baseaccount import AccountManager
from twisted.words.im.locals import AWAY, OFFLINE, ONLINE, OfflineError
from twisted.words.im.pbsupport import PBAccount, TwistedWordsClient
from twisted.words.im.terminal import TerminalChat
from twisted.words.im.tocsupport import TOCAccount, TOCProto
from twisted.words.protocols.toc import Permission, TOCError


class FakeReference:
    """Something at the server: notes what is asked of it, and answers."""

    def __init__(self, name: str = "", answers: dict[str, Any] | None = None) -> None:
        if name:
            self.name = name
        self.answers = answers or {}
        self.asked: list[tuple[Any, ...]] = []

    def callRemote(self, name: str, *args: Any) -> Deferred[Any]:
        self.asked.append((name, *args))
        answer = self.answers.get(name)
        if callable(answer):
            answer = answer(*args)
        if isinstance(answer, Deferred):
            return answer
        return fail(answer) if isinstance(answer, Exception) else succeed(answer)

    def send(self, message: dict[str, Any]) -> Deferred[Any]:
        return self.callRemote("send", message)

    def join(self, name: str) -> Deferred[Any]:
        return self.callRemote("join", name)

    def notifyOnDisconnect(self, callback: Any) -> None:
        self.lost = callback


class SupportTests(SynchronousTestCase):
    """Somebody at a terminal."""

    account: Any

    def setUp(self) -> None:
        self.lines: list[str] = []
        self.chat = TerminalChat(AccountManager(), self.lines.append, lambda: None)

    def shown(self) -> list[str]:
        """What is shown since the last call."""
        lines = list(self.lines)
        self.lines.clear()
        return lines


class PBTests(SupportTests):
    """What the server says by Perspective Broker, and what it does not take."""

    def setUp(self) -> None:
        super().setUp()
        self.account = PBAccount("pb", 1, "me", "pw", "localhost", 8787)
        self.client = TwistedWordsClient(self.account, "twisted.words", "me", self.chat)
        self.user = FakeReference(answers={"send": self.plainOnly})
        self.group = FakeReference("snakes", {"send": self.plainOnly, "getMembers": ["me", "bob"]})
        self.avatar = FakeReference(answers={"getUser": self.user, "join": self.group})
        self.client.connected(self.avatar)
        self.shown()

    def plainOnly(self, message: dict[str, Any]) -> Any:
        """A server that knows nothing of how things are said."""
        return ValueError("what is that?") if "type" in message else None

    def test_plain(self) -> None:
        """What cannot be said as it is meant is said in text alone."""
        emote = {"style": "emote"}
        self.chat.typed("/join snakes")
        for thing, send in (
            (self.user, self.account.getPerson("bob").sendMessage),
            (self.group, self.account.getGroup("snakes").sendGroupMessage),
        ):
            thing.asked.clear()
            self.successResultOf(send("waves", emote))
            self.assertEqual(
                thing.asked,
                [
                    ("send", {"text": "waves", "type": "action"}),
                    ("send", {"text": "* waves"}),
                ],
            )

    def test_members(self) -> None:
        """A server that does not tell who is in a group."""
        self.group.answers["getMembers"] = AttributeError("no such thing")
        self.chat.typed("/join snakes")
        self.assertEqual(self.shown(), ["You speak in [#snakes]."])

    def test_names(self) -> None:
        """Who speaks is asked for once, and what they say keeps its order meanwhile."""
        answer: Deferred[str] = Deferred()
        bob: Any = FakeReference(answers={"getName": answer})
        for text in ("one", "two"):
            self.client.remote_receive(bob, FakeReference(), {"text": text, "type": "notice"})
        self.assertEqual(self.shown(), [])
        answer.callback("bob")
        self.client.remote_receive(bob, FakeReference(), {"text": "three"})
        self.assertEqual(
            self.shown(),
            ["You speak in [bob].", "[bob] -bob- one", "[bob] -bob- two", "[bob] <bob> three"],
        )
        self.assertEqual(bob.asked, [("getName",)])

    def test_nameless(self) -> None:
        """Whose name is not to be had is not shown; it is logged, and asked for anew."""
        bob: Any = FakeReference(answers={"getName": ValueError("no")})
        self.client.remote_receive(bob, FakeReference(), {"text": "one"})
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        bob.answers["getName"] = "bob"
        self.client.remote_receive(bob, FakeReference(), "no dictionary")  # type: ignore[arg-type]  # tried
        self.assertEqual(self.shown(), ["You speak in [bob].", "[bob] <bob> "])

    def test_nonsense(self) -> None:
        """What is no text is shown as some; it is the server's fault."""
        nonsense: Any = 5
        self.client.remote_receiveDirectMessage(nonsense, nonsense, nonsense)
        self.client.remote_receiveGroupMessage(nonsense, nonsense, nonsense, nonsense)
        self.client.remote_memberJoined(nonsense, nonsense)
        self.client.remote_memberLeft(nonsense, nonsense)
        self.client.remote_receiveGroupMembers([nonsense], nonsense)
        self.client.remote_setGroupMetadata({"topic": nonsense}, nonsense)
        self.assertIn("[5] <5> 5", self.shown())

    def test_contacts(self) -> None:
        """Who is there."""
        self.client.remote_receiveContactList([("bob", "Online")])
        bob = self.account.getPerson("bob")
        self.assertEqual((bob.getStatus(), bob.isOnline()), (ONLINE, True))
        self.client.remote_notifyStatusChanged("bob", AWAY)
        self.assertEqual(bob.getStatus(), AWAY)
        self.client.remote_notifyStatusChanged("bob", "nonsense")
        self.assertEqual((bob.getStatus(), bob.isOnline()), (OFFLINE, False))

    def test_lost(self) -> None:
        """The connection is over."""
        self.avatar.lost(self.avatar)
        self.assertFalse(self.account.isOnline())
        self.assertRaises(OfflineError, self.account.getPerson("bob").sendMessage, "x")
        self.assertRaises(OfflineError, self.account.getGroup("snakes").setTopic, "x")


class TOCTests(SupportTests):
    """What the server says by TOC."""

    def setUp(self) -> None:
        super().setUp()
        self.account = TOCAccount("toc", 1, "me", "pw", "localhost", 9898, "snakes")
        self.logon: Deferred[Any] = Deferred()
        self.client = TOCProto(self.account, self.chat, self.logon)
        self.transport = StringTransport()
        self.client.makeConnection(self.transport)
        self.client.send = self.send  # type: ignore[method-assign]  # to see what is sent
        self.commands: list[tuple[object, ...]] = []

    def send(self, command: str, *words: object) -> None:
        """Note a command."""
        self.commands.append((command, *words))

    def on(self) -> None:
        """Log on, and come into the room of the account."""
        self.client._begin()
        self.client.toc_SIGN_ON("TOC1.0")
        self.successResultOf(self.logon)
        self.client.toc_CHAT_JOIN("7:snakes")
        self.client.toc_CHAT_UPDATE_BUDDY("7:T:me:bob")
        self.commands.clear()
        self.shown()

    def test_refused(self) -> None:
        """A wrong password; later on an error is but logged."""
        self.client.toc_ERROR("980")
        self.failureResultOf(self.logon, TOCError)
        self.assertTrue(self.transport.disconnecting)
        self.logon = Deferred()
        self.client._logonDeferred = self.logon
        self.on()
        self.client.toc_ERROR("901:bob")
        self.assertTrue(self.account.isOnline())

    def test_friends(self) -> None:
        """Friends that the server has kept come and go."""
        self.on()
        self.client.gotConfig(Permission.ALL, {"Friends": ["bob"]}, [], [])
        self.assertEqual(self.commands, [("toc_add_buddy", "bob")])
        bob = self.account.getPerson("bob")
        self.assertEqual((bob.getStatus(), bob.getIdleTime()), (OFFLINE, "--"))
        for said, status, idle in [
            ("bob:T:0:1:5: O ", ONLINE, "5 minutes"),
            ("bob:T:0:1:0: OU", AWAY, "--"),
            ("bob:F:0:0:0: O ", OFFLINE, "--"),
        ]:
            self.client.toc_UPDATE_BUDDY(said)
            self.assertEqual((bob.getStatus(), bob.getIdleTime()), (status, idle))
        (warn,) = bob.getPersonCommands()
        warn()
        self.assertEqual(self.commands[1:], [("toc_evil", "bob", "norm")])

    def test_said(self) -> None:
        """By programs, in whispers, and by ourselves."""
        self.on()
        self.client.toc_IM_IN("bob:T:I am not here")
        self.client.toc_CHAT_IN("7:bob:T:psst")
        self.client.toc_CHAT_IN("7:bob:F:hello: all")
        self.client.toc_CHAT_IN("7:Me:F:hello")
        self.client.toc_CHAT_IN("8:bob:F:elsewhere")
        self.assertEqual(
            self.shown(),
            ["[bob] -bob- I am not here", "[bob] <bob> psst", "[#snakes] <bob> hello: all"],
        )

    def test_left(self) -> None:
        """The server has us leave: nothing can be said there any more."""
        self.on()
        self.client.toc_CHAT_LEFT("7")
        group = self.account.getGroup("snakes")
        self.assertRaises(ValueError, group.sendGroupMessage, "x")
        self.client.connectionLost(Failure(TOCError("over")))
        self.assertRaises(OfflineError, group.sendGroupMessage, "x")
