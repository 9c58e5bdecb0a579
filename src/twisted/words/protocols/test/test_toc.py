"""Tests of TOC: its frames, and a client and a server of ours that talk to each other."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.protocols import toc
from twisted.words.protocols.toc import (
    MAX_NAMES,
    Config,
    Flap,
    Frame,
    Permission,
    TOCClient,
    TOCError,
    TOCFactory,
    normalize,
    quote,
    roast,
    unroast,
)
from twisted.words.protocols.toc._client import TRANSITIONS as CLIENT
from twisted.words.protocols.toc._client import State as ClientState
from twisted.words.protocols.toc._flap import FLAPON, buildCommand, parseCommand, readSignon, signon
from twisted.words.protocols.toc._server import TRANSITIONS as SERVER
from twisted.words.protocols.toc._server import State as ServerState
from twisted.words.service import WordsLimits
from twisted.words.test._chat import PASSWORD, QUICK, Server


class FrameTests(SynchronousTestCase):
    """Bytes and frames."""

    def test_form(self) -> None:
        """An asterisk, a type, a number, a length, the data."""
        flap = Flap(100)
        self.assertEqual(flap.frame(Frame.DATA, b"hello"), b"*\x02\x00\x00\x00\x05hello")
        self.assertEqual(flap.frame(Frame.KEEP_ALIVE, b""), b"*\x05\x00\x01\x00\x00")
        self.assertRaises(ValueError, flap.frame, Frame.DATA, bytes(65536))

    def test_bad(self) -> None:
        """What is no frame is the one error."""
        for data, why in (
            (b"x\x02\x00\x00\x00\x00", "asterisk"),
            (b"*\x00\x00\x00\x00\x00", "type 0"),
            (b"*\x06\x00\x00\x00\x00", "type 6"),
            (b"*\x02\x00\x00\x00\x0b", "at most 10"),
            (b"*\x02\x00\x05\x00\x00*\x02\x00\x07\x00\x00", "Frame 7 comes where 6"),
        ):
            e = self.assertRaises(TOCError, list, Flap(10).feed(data))
            self.assertIn(why, str(e))

    def test_numbers(self) -> None:
        """They begin anywhere, and begin again after the largest: some have two bytes for them."""
        for last in (0x7FFF, 0xFFFF):
            frames = [b"*\x05" + number.to_bytes(2, "big") + b"\0\0" for number in (last, 0, 1)]
            self.assertEqual(len(list(Flap(10).feed(b"".join(frames)))), 3)
        flap = Flap(10)
        written = b"".join(flap.frame(Frame.DATA, b"") for _ in range(0x10002))
        self.assertEqual(len(list(Flap(10).feed(written))), 0x10002)

    @given(
        st.lists(st.tuples(st.sampled_from(Frame), st.binary(max_size=20)), max_size=6),
        st.lists(st.integers(1, 9)),
    )
    @settings(max_examples=100, deadline=None)
    def test_splits(self, frames: list[tuple[Frame, bytes]], sizes: list[int]) -> None:
        """However bytes are split, the frames are the same."""
        writer, reader = Flap(20), Flap(20)
        data = b"".join(writer.frame(kind, content) for kind, content in frames)
        found: list[Any] = []
        for size in sizes:
            found += reader.feed(data[:size])
            data = data[size:]
        found += reader.feed(data)
        self.assertEqual(found, frames)

    @given(st.binary(max_size=60))
    @settings(max_examples=200, deadline=None)
    def test_anything(self, data: bytes) -> None:
        """Any bytes are frames, or the one error."""
        for content in (data, b"*\x02\0\0\0" + data):
            try:
                for _, command in Flap(30).feed(content):
                    parseCommand(command)
            except TOCError:
                pass
            try:
                readSignon(content)
            except TOCError:
                pass


class WordTests(SynchronousTestCase):
    """Commands, passwords and lists."""

    def test_roast(self) -> None:
        """The example of the document."""
        self.assertEqual(roast("password"), "0x2408105c23001130")
        self.assertEqual(unroast("0x2408105c23001130"), "password")
        for bad in ("", "2408", "0x2", "0xzz"):
            self.assertRaises(TOCError, unroast, bad)

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    @settings(max_examples=100, deadline=None)
    def test_roasted(self, password: str) -> None:
        self.assertEqual(unroast(roast(password)), password)

    def test_quote(self) -> None:
        self.assertEqual(quote('a "b" $c {d} [e] (f) \\'), r'"a \"b\" \$c \{d\} \[e\] \(f\) \\"')
        self.assertEqual(normalize("Some Body"), "somebody")

    @given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
    @settings(max_examples=100, deadline=None)
    def test_commands(self, words: list[str]) -> None:
        """What is quoted is read as it was."""
        self.assertEqual(parseCommand(buildCommand("toc_x", words)), ["toc_x", *words])

    def test_bareWords(self) -> None:
        data = b'toc_send_im  joe "hi \\"you\\"" a\\ b\0'
        self.assertEqual(parseCommand(data), ["toc_send_im", "joe", 'hi "you"', "a b"])

    def test_badCommands(self) -> None:
        for data in (
            b"", b"\0", b"x", b"x\0y\0", b'"x\0', b"x\\\0", b" \0", b"x " * 1100 + b"\0"
        ):  # fmt: skip
            self.assertRaises(TOCError, parseCommand, data)
        for word in ("x" * 2048, "\0"):
            self.assertRaises(ValueError, buildCommand, "x", [word])

    def test_signon(self) -> None:
        self.assertEqual(readSignon(signon("joe")), "joe")
        for data in (b"", signon(), signon("joe")[:-1], signon("joe") + b"x", bytes(11)):
            self.assertRaises(TOCError, readSignon, data)

    def test_config(self) -> None:
        config = Config({"Work": ["joe", "jane"], "Fun": []}, ["p"], ["d"], Permission.ALL_BUT_SOME)
        self.assertEqual(Config.parse(config.text()), config)
        self.assertEqual(config.buddies, ["joe", "jane"])
        self.assertEqual(Config.parse("b joe\nm 9\nm ²\nx y\n\n"), Config({"Buddies": ["joe"]}))

    def test_transitions(self) -> None:
        """Whatever is said when: what is not in the table is no TOC."""
        machines: list[tuple[Any, Any, Any]] = [
            (ClientState, CLIENT, lambda: TOCClient("x", "y")),
            (ServerState, SERVER, toc.TOC),
        ]
        for states, table, make in machines:
            for state in states:
                for event in {event for _, event in table}:
                    protocol = make()
                    protocol.state = state
                    if (state, event) in table:
                        protocol._move(event)
                        self.assertIs(protocol.state, table[state, event])
                    else:
                        self.assertRaises(TOCError, protocol._move, event)


class Talker(TOCClient):
    """A client that notes what it is told."""

    def __init__(self, *args: str) -> None:
        super().__init__(*args)
        self.told: list[Any] = []

    def take(self) -> list[Any]:
        """What it was told since this was last asked."""
        told, self.told = self.told, []
        return told


def _noting(name: str) -> Any:
    def note(self: Talker, *what: Any) -> None:
        self.told.append((name, *what))

    return note


for _name in [
    "gotConfig",
    "gotName",
    "gotError",
    "gotURL",
    "hearMessage",
    "updateBuddy",
    "eviled",
    "chatJoined",
    "chatUpdate",
    "chatHearMessage",
    "chatHearWhisper",
    "chatInvited",
    "chatLeft",
    "unknownCommand",
]:
    setattr(Talker, _name, _noting(_name))


class Wire:
    """A client and a server's end, with everything carried between them."""

    def __init__(self, factory: TOCFactory, client: Talker) -> None:
        self.client, self.server = client, factory.buildProtocol(None)
        self.near, self.far = StringTransport(), StringTransport()
        self.server.makeConnection(self.far)
        client.makeConnection(self.near)

    def pump(self) -> bool:
        """Carry what there is; whether there was anything."""
        said, answered = self.near.value(), self.far.value()
        self.near.clear()
        self.far.clear()
        if said and not self.far.disconnecting:
            self.server.dataReceived(said)
        if answered:
            self.client.dataReceived(answered)
        return bool(said or answered)

    def close(self) -> None:
        """End the connection."""
        self.server.connectionLost(Failure(ConnectionDone()))


class Case(SynchronousTestCase):
    """A chat server, and clients of TOC."""

    limits = QUICK

    def setUp(self) -> None:
        self.chat = Server(self.limits)
        self.factory = TOCFactory(self.chat.realm, self.chat.portal)
        self.factory.clock = self.chat.clock
        self.wires: list[Wire] = []

    def pump(self) -> None:
        """Carry everything."""
        while sum(wire.pump() for wire in self.wires):
            pass

    def login(self, name: str, password: str = PASSWORD) -> Talker:
        """Log in."""
        client = Talker(name, password)
        self.wires.append(Wire(self.factory, client))
        self.pump()
        return client

    def wire(self, client: Talker) -> Wire:
        """The connection of a client."""
        return next(wire for wire in self.wires if wire.client is client)

    def after(self, client: Talker, *others: Talker) -> list[Any]:
        """What somebody is told of what was just said; what others were told is left out."""
        self.pump()
        for other in others:
            other.take()
        return client.take()


class LoginTests(Case):
    """Coming in."""

    def test_login(self) -> None:
        alice = self.login("Alice")
        self.assertEqual(
            alice.take(), [("gotConfig", Permission.ALL, {}, [], []), ("gotName", "alice")]
        )
        self.assertIs(alice.state, ClientState.ONLINE)
        self.assertIsNotNone(self.chat.realm.users["alice"].mind)
        self.wires[0].close()
        self.assertIsNone(self.chat.realm.users["alice"].mind)

    def test_wrong(self) -> None:
        alice = self.login("alice", "wrong")
        self.assertEqual(alice.take(), [("gotError", "980", "")])
        self.assertTrue(self.wires[0].far.disconnecting)

    def test_twice(self) -> None:
        self.login("alice")
        again = self.login("alice")
        self.assertEqual([each[:2] for each in again.take()], [("gotError", "989")])

    def test_time(self) -> None:
        """Who does not log in is disconnected; who does gets signs of life."""
        server = self.factory.buildProtocol(None)
        transport = StringTransport()
        server.makeConnection(transport)
        self.login("alice")
        self.chat.clock.advance(60)
        self.assertTrue(transport.disconnecting)
        self.chat.clock.advance(60)
        kind, _ = next(Flap(10).feed(self.wires[0].far.value()))
        self.assertIs(kind, Frame.KEEP_ALIVE)
        self.wires[0].client.keepAlive()
        self.pump()
        self.assertFalse(self.wires[0].far.disconnecting)

    def test_full(self) -> None:
        self.factory.limits = WordsLimits(connections=1)
        self.login("alice")
        self.login("bob")
        self.assertTrue(self.wires[1].far.disconnecting)
        for wire in self.wires:
            wire.close()
        self.assertEqual(self.factory.count, 0)

    def test_config(self) -> None:
        """What a client has kept is there when it comes again."""
        alice = self.login("alice")
        alice.set_config(Config({"Friends": ["bob"]}, [], ["carol"], Permission.ALL_BUT_SOME))
        self.pump()
        self.wires[0].close()
        self.assertEqual(
            self.login("alice").take()[0],
            ("gotConfig", Permission.ALL_BUT_SOME, {"Friends": ["bob"]}, [], ["carol"]),
        )


#: What clients may say.
WORDS = [
    *("toc_send_im", "toc_chat_join", "toc_chat_send", "toc_add_buddy", "toc_set_away"),
    *("toc_set_idle", "toc_evil", "toc_chat_leave", "toc_chat_invite", "toc_add_permit"),
    *("toc_chat_accept", "alice", "bob", "room", "1", "4", "norm", "x"),
]


class TalkTests(Case):
    """Friends and rooms."""

    def setUp(self) -> None:
        super().setUp()
        self.alice, self.bob = self.login("alice"), self.login("bob")
        self.alice.take()
        self.bob.take()

    def test_messages(self) -> None:
        text = '<b>hello</b>: "you" $ {x} \\ é'
        self.alice.say("B o b", text)
        self.assertEqual(self.after(self.bob), [("hearMessage", "alice", text, False)])
        self.bob.say("alice", "away", auto=True)
        self.bob.say("alice", "/me waves")
        self.assertEqual(
            self.after(self.alice),
            [("hearMessage", "bob", "away", True), ("hearMessage", "bob", "/me waves", False)],
        )
        self.alice.say("nobody", "x")
        self.alice.say("bob", "a\nb")
        self.assertEqual(
            self.after(self.alice), [("gotError", "901", "nobody"), ("gotError", "911", "")]
        )

    def test_tooBig(self) -> None:
        """What is too long for the wire is told of."""
        users = self.chat.realm.users
        users["alice"].say(users["bob"], {"text": "x" * 8192})
        self.assertEqual(self.after(self.bob), [("gotError", "961", "alice")])

    def test_irc(self) -> None:
        """Clients of IRC are friends like others, and are in the same rooms."""
        self.alice.add_buddy("carol")
        self.assertEqual(self.after(self.alice), [])
        carol = self.chat.login("carol", "#Room")
        ((event, name, online, evil, since, idle, away),) = self.after(self.alice)
        self.assertEqual(
            (event, name, online, evil, idle, away), ("updateBuddy", "carol", True, 0, 0, False)
        )
        self.assertGreater(since, 0)
        self.alice.chat_join("room")
        ((event, number, name, users),) = self.after(self.alice)
        self.assertEqual((event, name, users), ("chatJoined", "Room", ["carol", "alice"]))
        self.assertIn("JOIN #Room", carol.heard()[0])
        carol.say(
            "PRIVMSG #room :hello", "PRIVMSG #room :\x01ACTION waves\x01", "TOPIC #room :News"
        )
        carol.say("PRIVMSG alice :psst", "AWAY :lunch", "PART #room")
        told = self.after(self.alice)
        self.assertEqual(
            told[:4],
            [
                ("chatHearMessage", number, "carol", "hello"),
                ("chatHearMessage", number, "carol", "/me waves"),
                ("chatHearMessage", number, "carol", "/me has set the topic: News"),
                ("hearMessage", "carol", "psst", False),
            ],
        )
        self.assertEqual((told[4][1], told[4][-1]), ("carol", True))
        self.assertEqual(told[5], ("chatUpdate", number, "carol", False))
        carol.say("JOIN #room")
        carol.heard()
        self.alice.chat_say(number, "hi")
        self.alice.chat_whisper(number, "carol", "psst")
        told = self.after(self.alice)
        self.assertEqual(told[-1], ("chatHearMessage", number, "alice", "hi"))
        self.assertEqual(
            [line.split(" ", 1)[1] for line in carol.heard()],
            ["PRIVMSG #Room :hi", "PRIVMSG carol :psst"],
        )
        self.alice.chat_leave(number)
        self.assertEqual(self.after(self.alice), [("chatLeft", number)])
        self.assertIn("PART", carol.heard()[0])
        carol.leave()
        ((event, name, online, *_),) = self.after(self.alice)
        self.assertEqual((event, name, online), ("updateBuddy", "carol", False))

    def test_room(self) -> None:
        self.alice.chat_join("A  Room")
        self.assertEqual(self.after(self.alice), [("gotError", "950", "A Room")])
        self.alice.chat_join("room")
        ((_, number, _, _),) = self.after(self.alice)
        self.alice.chat_invite(number, "come: in", "bob", "nobody")
        self.assertEqual(self.after(self.alice), [("gotError", "901", "nobody")])
        self.assertEqual(self.bob.take(), [("chatInvited", number, "room", "alice", "come: in")])
        self.bob.chat_accept(number)
        self.assertEqual(self.after(self.bob), [("chatJoined", number, "room", ["alice", "bob"])])
        self.assertEqual(self.alice.take(), [("chatUpdate", number, "bob", True)])
        self.alice.chat_whisper(number, "bob", "psst")
        self.assertEqual(self.after(self.bob), [("chatHearWhisper", number, "alice", "psst")])
        self.bob.add_deny("alice")
        self.after(self.bob)
        self.alice.chat_whisper(number, "bob", "psst")
        self.assertEqual(self.after(self.alice), [("gotError", "901", "bob")])
        self.assertEqual(self.after(self.bob), [])
        group = self.chat.realm.groups["room"]
        group.kick(self.wire(self.alice).server, "bob", "out")
        self.assertEqual(self.after(self.bob), [("chatLeft", number)])
        self.bob.chat_say(number, "x")
        self.bob.chat_accept(99)
        self.bob.chat_accept(number)
        self.assertEqual([each[:2] for each in self.after(self.bob)], [("gotError", "911")] * 3)

    def test_permissions(self) -> None:
        """Who is not wanted does not see the user, and cannot write."""
        self.bob.add_buddy("alice")
        self.assertTrue(self.after(self.bob)[0][2])
        self.alice.add_deny("bob")
        self.assertFalse(self.after(self.bob)[0][2])
        self.bob.say("alice", "x")
        self.assertEqual(self.after(self.bob), [("gotError", "901", "alice")])
        self.alice.add_deny()
        self.alice.add_permit("bob")
        self.assertEqual([each[2] for each in self.after(self.bob)], [False, True])
        self.alice.add_permit("x" * 10)
        self.bob.say("alice", "x")
        self.assertIn(("hearMessage", "bob", "x", False), self.after(self.alice))
        carol = self.chat.login("carol")
        carol.say("PRIVMSG alice :x")
        self.assertEqual(self.after(self.alice), [])

    def test_state(self) -> None:
        """Away and idle."""
        self.bob.add_buddy("alice")
        self.after(self.bob)
        self.alice.away("at lunch")
        self.assertTrue(self.after(self.bob)[0][-1])
        self.alice.away()
        self.assertFalse(self.after(self.bob)[0][-1])
        self.alice.set_idle(600)
        self.assertEqual(self.after(self.bob)[0][5], 10)
        self.alice.set_idle(0)
        self.assertEqual(self.after(self.bob)[0][5], 0)
        self.bob.remove_buddy("alice")
        self.pump()
        self.alice.set_idle(60)
        self.assertEqual(self.after(self.bob), [])
        self.assertEqual(self.factory._watching, {})

    def test_warnings(self) -> None:
        """Only those who have written can be warned."""
        self.alice.evil("bob")
        self.assertEqual(self.after(self.alice), [("gotError", "902", "bob")])
        self.bob.say("alice", "buy this")
        self.pump()
        self.alice.evil("bob")
        self.alice.evil("bob", anonymous=True)
        self.assertEqual(self.after(self.bob), [("eviled", 10, "alice"), ("eviled", 13, None)])
        carol = self.chat.login("carol")
        carol.say("PRIVMSG alice :x")
        self.alice.evil("carol")
        self.assertIn(("gotError", "902", "carol"), self.after(self.alice))

    def test_unknown(self) -> None:
        """What the server has not, it says; what makes no sense, too."""
        self.alice.send("toc_get_dir", "bob")
        self.alice.send("hello")
        self.assertEqual([each[1] for each in self.after(self.alice)], ["914", "914"])
        for command, words in (
            ("toc_send_im", ["bob"]),
            ("toc_chat_send", ["x", "y"]),
            ("toc_chat_send", ["99", "y"]),
            ("toc_chat_join", []),
            ("toc_set_idle", ["x"]),
            ("toc_set_config", []),
            ("toc_evil", []),
        ):
            self.alice.send(command, *words)
            self.assertEqual(self.after(self.alice), [("gotError", "911", "")], command)

    def test_manyNames(self) -> None:
        """A list of friends has an end."""
        for start in range(0, MAX_NAMES + 100, 100):
            self.alice.add_buddy(*(f"n{number}" for number in range(start, start + 100)))
        self.assertEqual(self.after(self.alice), [("gotError", "911", "")])

    def test_bad(self) -> None:
        """What is no TOC ends the connection, on either side."""
        self.alice.send("toc_init_done")
        self.pump()
        self.assertTrue(self.wires[0].far.disconnecting)
        self.bob.dataReceived(b"x" * 6)
        self.assertTrue(self.wires[1].near.disconnecting)
        for data in (b"GET / HTTP/1.0\r\n\r\n", FLAPON + b"*\x02\0\0\0\x02x\0"):
            server = self.factory.buildProtocol(None)
            transport = StringTransport()
            server.makeConnection(transport)
            for at in range(len(data)):
                server.dataReceived(data[at : at + 1])
            self.assertTrue(transport.disconnecting)

    def test_badServer(self) -> None:
        """A client is as careful."""
        for data in (b"IM_IN:x", b"UPDATE_BUDDY:x:T:x:1:1: O ", b"SIGN_ON:TOC1.0", b"CHAT_LEFT:x"):
            client = Talker("x", "y")
            transport = StringTransport()
            client.makeConnection(transport)
            server = Flap(10)
            client.dataReceived(server.frame(Frame.SIGNON, signon()))
            client.dataReceived(server.frame(Frame.DATA, b"SIGN_ON:TOC1.0"))
            client.dataReceived(server.frame(Frame.DATA, data))
            self.assertEqual(transport.disconnecting, data != b"SIGN_ON:TOC1.0")
            client.dataReceived(server.frame(Frame.SIGNOFF, b""))
            self.assertTrue(transport.disconnecting)

    def test_others(self) -> None:
        """What else servers say."""
        self.alice.toc_GOTO_URL("win:http://x:80/")
        self.alice._said("DIR_STATUS:0")
        self.alice.toc_PAUSE("")
        self.assertEqual(
            self.alice.take(),
            [("gotURL", "win", "http://x:80/"), ("unknownCommand", "DIR_STATUS", "0")],
        )

    @given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
    @settings(max_examples=100, deadline=None)
    def test_anything(self, words: list[str]) -> None:
        """Whatever a client says, the server answers or ends the connection."""
        if self.wires[0].far.disconnecting:
            return
        self.alice.send(*words)
        self.pump()


class LimitTests(Case):
    """Who is too fast, or too slow."""

    limits = WordsLimits(floodBurst=3, floodRate=1, queueBytes=1000)

    def test_flood(self) -> None:
        alice = self.login("alice")
        bob = self.login("bob")
        self.after(bob, alice)
        for number in range(5):
            alice.say("bob", str(number))
        self.assertEqual([each[2] for each in self.after(bob)], ["0", "1"])
        self.assertEqual(alice.take(), [("gotError", "903", "")] * 3)

    def test_slowReader(self) -> None:
        self.login("alice")
        wire = self.wires[0]
        wire.far.producer.pauseProducing()
        for _ in range(20):
            wire.server.tell("IM_IN", "x", "F", "y" * 100)
        self.assertTrue(wire.far.disconnected)
        wire.close()

    def test_hangUp(self) -> None:
        alice = self.login("alice")
        alice.take()
        self.wires[0].server.hangUp("elsewhere")
        self.assertEqual(self.after(alice), [("gotError", "989", "elsewhere")])
        self.assertTrue(self.wires[0].far.disconnecting)
