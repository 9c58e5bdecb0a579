"""Tests of servers that are one chat, without what is between them."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.defer import ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.words._link import Link
from twisted.words._news import MAX_MESSAGE, VERSION, BadNews
from twisted.words.service import WordsLimits
from twisted.words.test._chat import QUICK, Client, Server


class Cluster:
    """Servers, and a channel in memory that carries what they publish.

    Attributes:
        servers: the servers.
        links: their links.
        down: the numbers of those that are cut off.
    """

    def __init__(self, count: int = 2) -> None:
        self.clock = Clock()
        self.servers: list[Server] = []
        self.links: list[Link] = []
        self.down: set[int] = set()
        self.published: list[bytes] = []
        for number in range(count):
            server = Server(QUICK, groups=("lobby",))
            server.realm.name = f"chat{number}"
            self.servers.append(server)
            self.links.append(Link(server.realm, str(number), self.send, self.clock.seconds))
            run(self.links[-1].attach())
        for number in range(count):
            self.connect(number)

    def send(self, data: bytes) -> None:
        """Publish."""
        self.published.append(data)

    def carry(self) -> None:
        """Carry everything to everybody who is connected."""
        while self.published:
            data = self.published.pop(0)
            for number, link in enumerate(self.links):
                if number not in self.down:
                    run(link.take(data))

    def cut(self, number: int) -> None:
        """Cut a server off."""
        self.carry()
        self.down.add(number)
        self.links[number].disconnected("is cut off")

    def connect(self, number: int) -> None:
        """Connect a server."""
        self.down.discard(number)
        run(self.links[number].connected())
        self.carry()

    def login(self, number: int, name: str, *channels: str) -> Client:
        """Log in at a server."""
        client = self.servers[number].login(name, *channels)
        self.carry()
        return client

    def say(self, client: Client, *lines: str) -> list[str]:
        """Send lines; gives what that client hears of them."""
        client.heard()
        client.say(*lines)
        self.carry()
        return words(client)


def run(coroutine: Any) -> Any:
    """What becomes of a coroutine that waits for nothing."""
    results: list[Any] = []
    ensureDeferred(coroutine).addBoth(results.append)
    (result,) = results
    if hasattr(result, "raiseException"):
        result.raiseException()
    return result


def words(client: Client) -> list[str]:
    """What a client heard, without whom it is from."""
    return [line.split(" ", 1)[1] if line[0] == ":" else line for line in client.heard()]


class TogetherTests(SynchronousTestCase):
    """Users of two servers."""

    def setUp(self) -> None:
        self.cluster = Cluster()
        self.alice = self.cluster.login(0, "alice", "#a", "#lobby")
        self.bob = self.cluster.login(1, "bob", "#a")
        self.alice.heard()
        self.bob.heard()

    def states(self) -> list[Any]:
        """What each server thinks of all groups."""
        return [
            {
                name: (
                    sorted(group.users),
                    group.meta["topic"],
                    group.modes.changes_to(
                        self.cluster.servers[0].realm.groups[name].modes.state()
                    ),
                )
                for name, group in sorted(server.realm.groups.items())
            }
            for server in self.cluster.servers
        ]

    def assertAlike(self) -> None:
        """All servers see the same."""
        first, *others = self.states()
        for other in others:
            self.assertEqual(other, first)

    def test_members(self) -> None:
        """Members are seen at both, by IRC's commands too."""
        self.assertAlike()
        names = self.cluster.say(self.bob, "NAMES #a")
        self.assertEqual(names[0], "353 bob = #a :@alice bob")
        self.assertEqual(self.cluster.say(self.bob, "WHOIS alice")[1], "319 bob alice :@#a #lobby")
        carol = self.cluster.login(1, "carol")
        self.assertEqual(self.cluster.say(carol, "JOIN #a")[0], "JOIN #a")
        self.assertEqual(self.alice.heard(), [":carol!carol@chat1 JOIN #a"])

    def test_talk(self) -> None:
        """Each hears the other once."""
        self.assertEqual(self.cluster.say(self.bob, "PRIVMSG #a :hello"), [])
        self.assertEqual(words(self.alice), ["PRIVMSG #a :hello"])
        self.cluster.say(self.alice, "PRIVMSG #a :\x01ACTION waves\x01", "NOTICE bob :x")
        self.assertEqual(words(self.bob), ["PRIVMSG #a :\x01ACTION waves\x01", "NOTICE bob :x"])
        self.assertEqual(words(self.alice), [])

    def test_noEcho(self) -> None:
        """What came from elsewhere is not published again."""
        self.bob.say("PRIVMSG #a :x", "PRIVMSG alice :x", "TOPIC #lobby", "PART #a")
        before = len(self.cluster.published)
        self.assertEqual(before, 3)
        seen = list(self.cluster.published)
        self.cluster.carry()
        self.assertEqual(len(seen), 3)
        self.assertEqual({json.loads(data)["from"] for data in seen}, {"1"})

    def test_leave(self) -> None:
        self.cluster.say(self.bob, "PART #a :bye")
        self.assertEqual(words(self.alice), ["PART #a :bye"])
        self.cluster.say(self.bob, "JOIN #a", "QUIT :gone")
        self.assertEqual(words(self.alice), ["JOIN #a", "QUIT :gone"])
        self.assertEqual(self.cluster.say(self.alice, "PRIVMSG bob :x"), [
            "401 alice bob :No such nick/channel"
        ])  # fmt: skip
        self.assertAlike()
        self.cluster.login(0, "bob")

    def test_operators(self) -> None:
        """Who may do what is the same everywhere."""
        self.assertEqual(self.cluster.say(self.bob, "MODE #a +m"), [
            "482 bob #a :You're not channel operator"
        ])  # fmt: skip
        self.cluster.say(self.alice, "MODE #a +mk-t key", "TOPIC #a :News", "MODE #a +b x")
        self.assertEqual(
            words(self.bob), ["MODE #a +mk-t key", "TOPIC #a :News", "MODE #a +b x!*@*"]
        )
        self.assertEqual(self.cluster.say(self.bob, "PRIVMSG #a :x"), [
            "404 bob #a :Cannot send to channel"
        ])  # fmt: skip
        self.cluster.say(self.alice, "MODE #a -m+o bob")
        self.cluster.say(self.bob, "MODE #a -o alice", "TOPIC #a :")
        self.assertEqual(words(self.alice)[-2:], ["MODE #a -o alice", "TOPIC #a :"])
        self.assertAlike()

    def test_kick(self) -> None:
        self.cluster.say(self.alice, "KICK #a bob :out")
        self.assertEqual(words(self.bob), ["KICK #a bob :out"])
        self.assertEqual(self.bob.protocol.groups, [])
        self.assertAlike()

    def test_invite(self) -> None:
        carol = self.cluster.login(1, "carol")
        self.cluster.say(self.alice, "MODE #a +i")
        self.assertEqual(self.cluster.say(carol, "JOIN #a")[0][:3], "473")
        self.assertEqual(self.cluster.say(self.alice, "INVITE carol #a"), ["341 alice carol #a"])
        self.assertEqual(words(carol), ["INVITE carol :#a"])
        self.assertEqual(self.cluster.say(carol, "JOIN #a")[0], "JOIN #a")

    def test_away(self) -> None:
        self.cluster.say(self.bob, "AWAY :lunch")
        self.assertEqual(self.cluster.say(self.alice, "PRIVMSG bob :x"), ["301 alice bob :lunch"])
        self.cluster.say(self.bob, "AWAY")
        self.assertEqual(self.cluster.say(self.alice, "PRIVMSG bob :x"), [])

    def test_onePlace(self) -> None:
        """A user is logged in once, wherever."""
        client = self.cluster.servers[1].connect()
        self.assertIn("433", client.numbers("PASS secret", "NICK alice"))

    def test_empty(self) -> None:
        """A group that nobody is in, anywhere, is gone everywhere."""
        self.cluster.say(self.alice, "PART #a")
        self.assertIn("a", self.cluster.servers[0].realm.groups)
        self.cluster.say(self.bob, "PART #a")
        for server in self.cluster.servers:
            self.assertEqual(sorted(server.realm.groups), ["lobby"])

    def test_cut(self) -> None:
        """A server that is cut off sees its own users, and all of them again afterwards."""
        self.cluster.cut(1)
        self.assertEqual(words(self.bob), ["QUIT :is cut off"])
        self.assertEqual(self.cluster.say(self.bob, "PRIVMSG #a :anybody?"), [])
        self.assertEqual(self.cluster.say(self.bob, "NAMES #a")[0], "353 bob = #a :bob")
        carol = self.cluster.login(1, "carol", "#a", "#new")
        self.assertEqual(words(self.alice), [])
        self.cluster.say(self.alice, "MODE #a +m", "TOPIC #a :meanwhile")
        self.cluster.connect(1)
        self.assertAlike()
        self.assertIn("JOIN #a", words(self.alice))
        self.assertIn("TOPIC #a :meanwhile", words(carol))
        self.assertEqual(self.cluster.say(carol, "PRIVMSG #a :x")[0][:3], "404")
        self.cluster.say(self.alice, "MODE #a -m")
        self.cluster.say(carol, "PRIVMSG #a :back")
        self.assertEqual(words(self.alice)[-1], "PRIVMSG #a :back")

    def test_bothHere(self) -> None:
        """Of two who came by one name, while their servers were apart, the first stays."""
        self.cluster.cut(1)
        other = self.cluster.login(1, "alice", "#a")
        self.cluster.servers[1].realm.users["alice"].signOn += 5
        self.cluster.connect(1)
        self.assertTrue(other.transport.disconnecting)
        self.assertFalse(self.alice.transport.disconnecting)
        other.leave()
        self.cluster.carry()
        self.assertAlike()
        self.assertEqual(
            self.cluster.say(self.bob, "NAMES #a")[0].split(":")[1].replace("@", ""), "bob alice"
        )

    def test_missed(self) -> None:
        """What was missed is made up for."""
        self.cluster.carry()
        self.bob.say("JOIN #b")
        self.cluster.published.clear()
        self.bob.say("TOPIC #b :x", "PRIVMSG #a :x")
        self.cluster.carry()
        self.assertAlike()
        self.assertIn("b", self.cluster.servers[0].realm.groups)
        self.assertEqual(self.cluster.servers[0].realm.groups["b"].meta["topic"], "x")
        self.cluster.say(self.bob, "PRIVMSG #a :y")
        self.assertEqual(words(self.alice)[-1], "PRIVMSG #a :y")

    def test_silent(self) -> None:
        """A server that is not heard of is gone, and its users with it."""
        self.cluster.clock.advance(10)
        self.cluster.links[0].beat(15)
        self.assertEqual(words(self.alice), [])
        self.cluster.published.clear()
        self.cluster.clock.advance(10)
        self.cluster.links[0].beat(15)
        self.assertEqual(words(self.alice), ["QUIT :chat1 is not heard of any more"])
        self.cluster.links[1].beat(15)
        self.cluster.carry()
        self.assertAlike()
        self.assertIn("bob", self.cluster.servers[0].realm.groups["a"].users)

    def test_end(self) -> None:
        """A server that ends says so."""
        self.cluster.links[1].leave()
        self.cluster.carry()
        self.assertEqual(words(self.alice), ["QUIT :chat1 has ended"])
        self.cluster.links[1].leave()
        self.assertEqual(self.cluster.published, [])

    def test_three(self) -> None:
        """A third comes later, and sees all; what goes through one is not doubled."""
        cluster = Cluster(3)
        cluster.cut(2)
        alice = cluster.login(0, "alice", "#a")
        bob = cluster.login(1, "bob", "#a")
        carol = cluster.login(2, "carol", "#a")
        cluster.connect(2)
        for client in (alice, bob, carol):
            client.heard()
        cluster.say(carol, "PRIVMSG #a :hello")
        self.assertEqual(words(alice), ["PRIVMSG #a :hello"])
        self.assertEqual(words(bob), ["PRIVMSG #a :hello"])
        cluster.say(alice, "PRIVMSG carol :psst")
        self.assertEqual(words(carol), ["PRIVMSG carol :psst"])
        self.assertEqual(words(bob), [])

    def test_fullServer(self) -> None:
        """What a server has no room for, it does not follow; the rest it does."""
        realm = self.cluster.servers[0].realm
        realm.limits = WordsLimits(users=2)
        self.cluster.login(1, "carol", "#a")
        self.assertNotIn("carol", realm.users)
        self.cluster.say(self.bob, "PRIVMSG #a :x")
        self.assertEqual(words(self.alice)[-1], "PRIVMSG #a :x")


#: What somebody does, at which server and who; or what happens to a server.
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["alice", "bob", "carol"]),
        st.sampled_from(
            [
                "cut",
                "connect",
                "miss",
                "JOIN #a",
                "JOIN #b",
                "PART #a",
                "PART #b",
                "QUIT",
                "TOPIC #a :{}",
                "TOPIC #lobby :{}",
                "JOIN #lobby",
                "MODE #a +o bob",
                "MODE #a +m",
                "MODE #a +k-m key",
                "MODE #a -k *",
                "MODE #a +b x{}",
                "MODE #a -o alice",
                "MODE #b +l 5",
                "KICK #a bob",
                "AWAY :{}",
                "AWAY",
            ]
        ),
    ),
    max_size=40,
)


class AgreementTests(SynchronousTestCase):
    """Whatever happens, and whoever misses what: in the end all servers agree."""

    @given(STEPS, st.sampled_from([1.0, 0.03]))
    @settings(max_examples=100, deadline=None)
    def test_agree(self, steps: list[tuple[int, str, str]], tick: float) -> None:
        ticks = itertools.count()
        # Many things happen in one second, too.
        with patch.object(time, "time", lambda: 1000 + next(ticks) * tick):
            cluster = self.live(steps)
            for number in range(3):
                cluster.connect(number)
            for _ in range(3):
                for link in cluster.links:
                    link.beat(1000)
                cluster.carry()
        first, *others = [self.view(server) for server in cluster.servers]
        for other in others:
            self.assertEqual(other, first)

    def live(self, steps: list[tuple[int, str, str]]) -> Cluster:
        """Have things happen."""
        cluster = Cluster(3)
        clients: dict[tuple[int, str], Client] = {}
        for count, (number, name, what) in enumerate(steps):
            if what == "cut":
                cluster.cut(number)
            elif what == "connect":
                cluster.connect(number)
            elif what == "miss":
                cluster.published.clear()
            else:
                client = clients.get((number, name))
                if client is None or client.transport.disconnecting:
                    client = clients[number, name] = cluster.servers[number].connect()
                    client.say("PASS secret", f"NICK {name}")
                client.say(what.format(count))
                # Some of it is carried at once, and some only with what comes later.
                if count % 3:
                    cluster.carry()
        return cluster

    def view(self, server: Server) -> Any:
        """What a server thinks."""
        users = {
            name: (user.who, user.away, sorted(user.groups))
            for name, user in server.realm.users.items()
            if user.mind is not None
        }
        groups = {}
        for name, group in server.realm.groups.items():
            modes = group.modes.state()
            modes["lists"] = {mode: sorted(e[0] for e in es) for mode, es in modes["lists"].items()}
            groups[name] = (sorted(group.users), group.meta["topic"], modes)
        return users, groups


class BadNewsTests(SynchronousTestCase):
    """What is no message."""

    def setUp(self) -> None:
        self.cluster = Cluster()
        self.alice = self.cluster.login(0, "alice", "#a")
        self.bob = self.cluster.login(1, "bob", "#a")
        self.alice.heard()

    def bad(self, data: bytes) -> None:
        """It is refused."""
        self.assertRaises(BadNews, run, self.cluster.links[0].take(data))

    def message(self, **what: Any) -> bytes:
        """The next message of the other server, with something in it."""
        number = self.cluster.links[0].nodes["1"].number
        assert number is not None
        message = {"v": VERSION, "from": "1", "n": number + 1, "op": "say", **what}
        return json.dumps(message).encode()

    def test_forms(self) -> None:
        for data in (
            b"", b"x", b"[]", b"{}", b"\xff", b"[" * 100000, b" " * (MAX_MESSAGE + 1),
            self.message(v=2), self.message(n="1"), self.message(op=1), self.message(op="dance"),
        ):  # fmt: skip
            self.bad(data)

    def test_contents(self) -> None:
        """What is in a message is looked at as if users had sent it."""
        bad: list[dict[str, Any]] = [
            {"op": "say"},
            {"op": "say", "by": "bob", "group": 5, "message": {"text": "x"}},
            {"op": "meta", "group": "a", "meta": "x"},
            {"op": "modes", "by": None, "group": "a", "modes": {}},
            {"op": "came", "user": {"name": "x"}},
            {"op": "state", "name": "x", "users": 5, "groups": []},
        ]
        for what in bad:
            self.bad(self.message(**what))
        for text in ("a\r\nQUIT", "a\0", "x" * 9000):
            data = self.message(by="bob", group="a", message={"text": text})
            run(self.cluster.links[0].take(data))
            meta = {"topic": text, "topic_author": "", "topic_date": 0}
            run(self.cluster.links[0].take(self.message(op="meta", group="a", meta=meta)))
        for by in ("nobody", "alice"):
            data = self.message(by=by, group="a", message={"text": "x"})
            run(self.cluster.links[0].take(data))
        for reason in ("a\nb", "x" * 999):
            run(self.cluster.links[0].take(self.message(op="gone", user="bob", reason=reason)))
        user = {"name": "a b", "realName": "", "away": None, "signOn": 1}
        run(self.cluster.links[0].take(self.message(op="came", user=user)))
        self.assertEqual(self.alice.heard(), [])

    @given(
        st.sampled_from(["say", "came", "gone", "joined", "left", "kicked", "modes", "state"]),
        st.recursive(
            st.none() | st.integers() | st.sampled_from(["a", "bob", "alice", "x", "+m"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["by", "to", "group", "user", "name", "message", "text", "modes", "users"]
                    ),
                    inner,
                    max_size=6,
                )
            ),
            max_leaves=12,
        ),
    )
    @settings(max_examples=150, deadline=None)
    def test_anything(self, op: str, what: Any) -> None:
        """Whatever comes, the one error is all there is to it."""
        cluster = Cluster()
        cluster.login(0, "alice", "#a")
        cluster.login(1, "bob", "#a")
        node = cluster.links[0].nodes["1"]
        assert node.number is not None
        message = {"v": VERSION, "from": "1", "n": node.number + 1, "op": op}
        if isinstance(what, dict):
            message |= what
        try:
            run(cluster.links[0].take(json.dumps(message).encode()))
        except BadNews:
            pass
