"""Tests of the chat server as clients of IRC see it."""

from __future__ import annotations

import base64
import gc
import random
import weakref
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.cred.credentials import UsernamePassword
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionDone
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.iwords import IUser
from twisted.words.service import IRCUser, WordsLimits, _ircuser
from twisted.words.service._flood import Budget
from twisted.words.service._irclines import LINE_BYTES
from twisted.words.service._irclogin import TRANSITIONS, State
from twisted.words.test._chat import PASSWORD, QUICK, SERVER, Client, Server, source


class LoginTests(SynchronousTestCase):
    """Coming in."""

    def setUp(self) -> None:
        self.server = Server()

    def test_password(self) -> None:
        client = self.server.connect()
        numbers = client.numbers(f"PASS {PASSWORD}", "NICK alice", "USER a 0 * :Alice Doe")
        self.assertEqual(numbers, ["001", "002", "003", "004", "005", "005", "375", "376"])
        user = self.server.realm.users["alice"]
        self.assertIs(user.mind, client.protocol)
        self.assertEqual(user.realName, "Alice Doe")

    def test_nickServ(self) -> None:
        """Without a password, a service asks for it."""
        client = self.server.connect()
        heard = client.answers("NICK alice")
        self.assertEqual(heard[-1], ":NickServ!NickServ@services PRIVMSG alice :Password?")
        self.assertEqual(client.numbers("PRIVMSG someone :hi"), ["PRIVMSG"])
        self.assertEqual(client.numbers("JOIN #x"), ["451"])
        self.assertEqual(client.numbers(f"PRIVMSG nickserv :{PASSWORD}")[0], "001")
        self.assertIn("logged in", client.answers("PRIVMSG NickServ :again")[0])

    def test_identify(self) -> None:
        for line in (f"NS IDENTIFY {PASSWORD}", f"PRIVMSG NickServ :identify {PASSWORD}"):
            client = self.server.connect()
            client.say("NICK alice")
            self.assertEqual(client.numbers(line)[0], "001")
            client.leave()

    def test_wrongPassword(self) -> None:
        client = self.server.connect()
        self.assertEqual(client.numbers("PASS wrong", "NICK alice"), ["464", "PRIVMSG"])
        self.assertFalse(client.transport.disconnecting)
        client.say("PRIVMSG NickServ :wronger")
        heard = client.answers("PRIVMSG NickServ :wrongest")
        self.assertEqual(heard[-1], "ERROR :Closing link: Login failed")
        self.assertTrue(client.transport.disconnecting)
        self.assertEqual(client.answers(f"PRIVMSG NickServ :{PASSWORD}"), [])
        self.assertIsNone(self.server.realm.users.get("alice"))

    def test_twice(self) -> None:
        self.server.login("alice")
        client = self.server.connect()
        self.assertEqual(client.numbers(f"PASS {PASSWORD}", "NICK Alice"), ["464", "PRIVMSG"])
        client = self.server.connect()
        self.assertEqual(client.numbers(f"PASS {PASSWORD}", "NICK alice"), ["433", "PRIVMSG"])

    def test_badNicks(self) -> None:
        client = self.server.connect()
        for nick in ("#a", "a!b", "a@b", "1a", "x" * 31, "a,b", "*"):
            self.assertEqual(client.numbers(f"NICK {nick}"), ["432"], nick)
        self.assertEqual(client.numbers("NICK", "NICK :"), ["431", "431"])

    def test_fixedNick(self) -> None:
        """A nickname is an account: it does not change."""
        client = self.server.login("alice")
        self.assertEqual(client.numbers("NICK bob"), ["484"])
        self.assertEqual(client.numbers("NICK ALICE"), [])

    def test_again(self) -> None:
        client = self.server.login("alice")
        self.assertEqual(client.numbers("USER a b c d", "PASS x"), ["462", "462"])
        client = self.server.connect()
        self.assertEqual(client.numbers("USER a", "PASS"), ["461", "461"])

    def test_capabilities(self) -> None:
        """While capabilities are negotiated, nobody is welcomed."""
        client = self.server.connect()
        self.assertEqual(
            client.answers("CAP LS 302", f"PASS {PASSWORD}", "NICK alice"),
            ["CAP * LS :multi-prefix sasl=PLAIN"],
        )
        self.assertEqual(
            client.answers("CAP REQ :multi-prefix", "CAP REQ :nonsense", "CAP LIST", "CAP X"),
            [
                "CAP alice ACK :multi-prefix",
                "CAP alice NAK :nonsense",
                "CAP alice LIST :multi-prefix",
                "410 alice X :Invalid CAP command",
            ],
        )
        self.assertEqual(
            client.answers("CAP REQ :-multi-prefix", "CAP LIST")[1], "CAP alice LIST :"
        )
        self.assertEqual(client.numbers("CAP END")[0], "001")

    def plain(self, client: Client, name: str, password: str) -> list[str]:
        """Log in by SASL."""
        answer = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        chunks = [answer[start : start + 400] for start in range(0, len(answer), 400)]
        if len(chunks[-1]) == 400:
            chunks.append("+")
        return client.numbers(*(f"AUTHENTICATE {chunk}" for chunk in chunks))

    def test_sasl(self) -> None:
        client = self.server.connect()
        client.say("CAP REQ :sasl", "NICK Alice_", "USER a 0 * :A")
        self.assertEqual(client.answers("AUTHENTICATE PLAIN"), ["AUTHENTICATE +"])
        self.assertEqual(self.plain(client, "alice", PASSWORD), ["900", "903"])
        heard = client.answers("CAP END")
        self.assertEqual(heard[0], ":Alice_ NICK alice")
        self.assertEqual(client.numbers("AUTHENTICATE PLAIN"), ["904"])

    def test_badSasl(self) -> None:
        client = self.server.connect()
        self.assertEqual(client.numbers("AUTHENTICATE SCRAM"), ["908", "904"])
        client.say("AUTHENTICATE PLAIN")
        self.assertEqual(client.numbers("AUTHENTICATE *"), ["906"])
        client.say("AUTHENTICATE PLAIN")
        self.assertEqual(client.numbers("AUTHENTICATE !!!"), ["904"])
        client.say("AUTHENTICATE PLAIN")
        self.assertEqual(client.numbers("AUTHENTICATE " + "x" * 401), ["905"])
        client.say("AUTHENTICATE PLAIN")
        self.assertEqual(client.numbers(*["AUTHENTICATE " + "x" * 400] * 11), ["905"])
        client.say("AUTHENTICATE PLAIN")
        self.assertEqual(self.plain(client, "alice", "x" * 293), ["464", "PRIVMSG", "904"])

    def test_motd(self) -> None:
        self.server.factory.motd = ["Be nice."]
        client = self.server.login("alice")
        self.assertEqual(client.answers("MOTD")[1], "372 alice :- Be nice.")

    def test_slowChecker(self) -> None:
        """While a password is checked, what else is said about the login has to wait."""
        login: Deferred[Any] = Deferred()

        class Slow:
            def login(self, *args: object) -> Deferred[Any]:
                return login

        portal, self.server.factory.portal = self.server.factory.portal, Slow()
        client = self.server.connect()
        self.assertEqual(client.answers("PASS x", "NICK alice"), [])
        self.assertEqual(client.numbers("NICK bob", "NS x", "AUTHENTICATE PLAIN"), [
            "437", "PRIVMSG", "904"
        ])  # fmt: skip
        credentials = UsernamePassword(b"alice", PASSWORD.encode())
        portal.login(credentials, client.protocol, IUser).chainDeferred(login)
        self.assertIn(f":{SERVER} 001 alice :Welcome to {SERVER}, alice", client.heard())

    def test_transitions(self) -> None:
        """Whatever happens when: what is not in the table changes nothing."""
        for state in State:
            for event in ("ask", "try", "right", "wrong"):
                protocol = IRCUser()
                protocol.state = state
                expected = TRANSITIONS.get((state, event))
                self.assertIs(protocol._move(event), expected is not None)
                self.assertIs(protocol.state, expected or state)

    def test_lostMeanwhile(self) -> None:
        """A connection that ends while the password is checked does not leave a user behind."""
        client = self.server.connect()
        client.leave()
        client.protocol.logInAs("alice", PASSWORD)
        self.assertIsNone(self.server.realm.users["alice"].mind)


class QueryTests(SynchronousTestCase):
    """What one can ask."""

    def setUp(self) -> None:
        self.server = Server(QUICK)
        self.alice = self.server.login("alice", "#a")
        self.bob = self.server.login("bob", "#a")
        self.alice.heard()

    def test_who(self) -> None:
        self.bob.say("AWAY :x")
        self.assertEqual(
            self.alice.answers("WHO #a"),
            [
                f"352 alice #a alice {SERVER} {SERVER} alice H@ :0 Alice Doe",
                f"352 alice #a bob {SERVER} {SERVER} bob G :0 Bob Doe",
                "315 alice #a :End of /WHO list.",
            ],
        )
        self.assertEqual(self.alice.numbers("WHO bob"), ["352", "315"])
        self.assertEqual(self.alice.numbers("WHO b*"), ["352", "315"])
        self.assertEqual(self.alice.numbers("WHO #none"), ["315"])
        carol = self.server.login("carol")
        self.assertEqual(carol.numbers("WHO *"), ["352", "315"])
        self.assertEqual(carol.numbers("WHO #a"), ["352", "352", "315"])

    def test_whois(self) -> None:
        self.assertEqual(self.bob.numbers("WHOIS Alice"), ["311", "319", "312", "317", "318"])
        self.assertEqual(self.bob.answers("WHOIS alice")[1], "319 bob alice :@#a")
        self.alice.say("AWAY :x")
        self.assertIn("301", self.bob.numbers("WHOIS alice alice"))
        self.assertEqual(self.bob.numbers("WHOIS nobody", "WHOIS"), ["401", "318", "461"])
        self.alice.leave()
        self.assertEqual(self.bob.numbers("WHOIS alice"), ["401", "318"])

    def test_whowas(self) -> None:
        self.assertEqual(
            self.alice.answers("WHOWAS bob,x"),
            [
                "406 alice bob :There was no such nickname",
                "406 alice x :There was no such nickname",
                "369 alice bob,x :End of WHOWAS",
            ],
        )
        self.assertEqual(self.alice.numbers("WHOWAS"), ["461"])

    def test_list(self) -> None:
        self.alice.say("TOPIC #a :News", "JOIN #b")
        self.assertEqual(
            self.bob.answers("LIST"),
            ["322 bob #a 2 :News", "322 bob #b 1 :", "323 bob :End of /LIST"],
        )
        self.assertEqual(self.bob.numbers("LIST #B,#c"), ["322", "323"])

    def test_names(self) -> None:
        self.assertEqual(self.bob.numbers("NAMES", "NAMES #none"), ["366", "366"])
        carol = self.server.login("carol")
        self.assertEqual(carol.answers("NAMES #A")[0], "353 carol = #a :@alice bob")

    def test_longNames(self) -> None:
        """A list that is longer than a line comes in several."""
        group = self.server.realm.groups["a"]
        for number in range(60):
            client = self.server.connect()
            user = self.successResultOf(self.server.realm.getUser(f"user-number-{number}"))
            user.loggedIn(self.server.realm, client.protocol)
            client.protocol.avatar = user
            user.joinNow(group)
        lines = self.alice.answers("NAMES #a")
        names = [line for line in lines if line.startswith("353")]
        self.assertGreater(len(names), 1)
        self.assertEqual(sum(len(line.partition(":")[2].split()) for line in names), 62)
        for line in lines:
            self.assertLessEqual(len(f":{SERVER} {line}\r\n"), LINE_BYTES)

    def test_small(self) -> None:
        self.bob.say("AWAY :x")
        self.assertEqual(
            self.alice.answers("USERHOST alice bob nobody"),
            [f"302 alice :alice=+alice@{SERVER} bob=-bob@{SERVER}"],
        )
        self.assertEqual(self.alice.answers("ISON Bob nobody"), ["303 alice :bob"])
        self.assertEqual(self.alice.answers("PING :a b"), [f"PONG {SERVER} :a b"])
        self.assertEqual(
            self.alice.numbers("PONG", "LUSERS", "VERSION", "TIME", "OPER a b", "NONSENSE"),
            ["251", "351", "391", "491", "421"],
        )

    def test_sendMessage(self) -> None:
        """What programs send by the method that is documented."""
        protocol = self.alice.protocol
        protocol.sendMessage("371", ":Hello")
        protocol.sendMessage("NOTICE", ":Hello", prefix="x", to=None)
        self.assertEqual(self.alice.heard(), [f":{SERVER} 371 alice :Hello", ":x NOTICE :Hello"])
        self.assertEqual(protocol.name, "alice")
        self.assertEqual([group.name for group in protocol.groups], ["a"])


class LimitTests(SynchronousTestCase):
    """What clients may not do."""

    def test_flood(self) -> None:
        """Who sends too fast is read slower, and loses nothing."""
        server = Server(WordsLimits(floodBurst=10, floodRate=2))
        alice, bob = server.login("alice", "#a"), server.login("bob", "#a")
        alice.heard()
        bob.say(*(f"PRIVMSG #a :{number}" for number in range(20)))
        self.assertEqual(len(alice.heard()), 6)
        self.assertEqual(bob.transport.producerState, "paused")
        heard = 6
        for _ in range(7):
            server.clock.advance(0.5)
            heard += len(alice.heard())
        self.assertEqual(heard, 13)
        server.clock.pump([0.5] * 7)
        self.assertEqual(len(alice.heard()), 7)
        self.assertEqual(bob.transport.producerState, "producing")
        bob.say("PRIVMSG #a :again")
        self.assertEqual(len(alice.heard()), 0)
        bob.leave()
        alice.leave()
        self.assertEqual(server.clock.getDelayedCalls(), [])

    def test_budget(self) -> None:
        """However fast somebody is, in the long run there is what the rate gives."""
        now = 0.0
        budget = Budget(5, 2, lambda: now)
        served = 0
        rng = random.Random(1)
        for _ in range(10000):
            served += not budget.use()
            now += rng.random() / 50
        self.assertAlmostEqual(served, 5 + now * 2, delta=2)

    def test_longLine(self) -> None:
        server = Server(QUICK)
        alice = server.login("alice")
        self.assertEqual(alice.numbers("PRIVMSG alice :" + "x" * 600), ["417"])
        self.assertEqual(alice.numbers("@tag=" + "y" * 600 + " PING x"), ["PONG"])
        self.assertFalse(alice.transport.disconnecting)

    def test_longerLine(self) -> None:
        for data in (b"x" * 6000, b"x" * 6000 + b"\r\n"):
            alice = Server(QUICK).login("alice")
            alice.send(data)
            self.assertIn("longer than", alice.heard()[0])
            self.assertTrue(alice.transport.disconnecting)

    def test_nul(self) -> None:
        server = Server(QUICK)
        alice, bob = server.login("alice", "#a"), server.login("bob", "#a")
        alice.heard()
        for text in ("a\0b", "a\rQUIT"):
            bob.say(f"PRIVMSG #a :{text}")
        self.assertEqual([line.split()[1] for line in alice.heard()], ["QUIT"])
        self.assertTrue(bob.transport.disconnecting)

    def test_slowReader(self) -> None:
        """Who does not read is disconnected, when too much waits."""
        server = Server(WordsLimits(floodRate=None, queueBytes=1000))
        alice, bob = server.login("alice", "#a"), server.login("bob", "#a")
        alice.transport.producer.pauseProducing()
        for _ in range(30):
            bob.say("PRIVMSG #a :" + "x" * 50)
        self.assertTrue(alice.transport.disconnected)
        self.assertLess(len(alice.transport.value()), 1100)
        alice.leave()
        self.assertIn("does not read", bob.heard()[-1])

    def test_slowForAWhile(self) -> None:
        server = Server(WordsLimits(floodRate=None, queueBytes=200))
        alice, bob = server.login("alice", "#a"), server.login("bob", "#a")
        for _ in range(10):
            alice.transport.producer.pauseProducing()
            bob.say("PRIVMSG #a :" + "x" * 50)
            alice.transport.producer.resumeProducing()
        self.assertFalse(alice.transport.disconnected)
        alice.transport.producer.stopProducing()

    def test_connections(self) -> None:
        server = Server(WordsLimits(connections=1))
        first, second = server.connect(), server.connect()
        self.assertEqual(second.heard(), ["ERROR :Closing link: The server is full"])
        self.assertTrue(second.transport.disconnecting)
        second.leave()
        first.leave()
        self.assertEqual(server.connect().heard(), [])

    def test_connectionsPerAddress(self) -> None:
        server = Server(WordsLimits(connectionsPerAddress=1))
        server.connect()
        self.assertIn("your address", server.connect().heard()[0])

    def test_loginTime(self) -> None:
        server = Server()
        client = server.connect()
        client.say("NICK alice")
        client.heard()
        server.clock.advance(60)
        self.assertEqual(client.heard(), ["ERROR :Closing link: You did not log in in time"])

    def test_signsOfLife(self) -> None:
        server = Server()
        alice, bob = server.login("alice", "#a"), server.login("bob", "#a")
        alice.heard()
        server.clock.pump([120, 120])
        self.assertEqual(alice.heard(), [f"PING :{SERVER}"])
        alice.say(f"PONG {SERVER}")
        server.clock.advance(60)
        self.assertFalse(alice.transport.disconnecting)
        self.assertEqual(bob.heard()[-1], "ERROR :Closing link: Ping timeout: 60 seconds")
        self.assertEqual(alice.heard(), [f"{source('bob')} QUIT :Ping timeout: 60 seconds"])
        bob.leave()
        alice.say("PING x")
        server.clock.advance(120)
        alice.say("PING x")
        server.clock.advance(120)
        self.assertFalse(alice.transport.disconnecting)
        alice.leave()
        self.assertEqual(server.clock.getDelayedCalls(), [])

    def test_brokenChecker(self) -> None:
        """A checker that fails is logged, and the client is told that it is not its fault."""

        class Broken:
            def login(self, *args: object) -> object:
                return fail(ConnectionDone("the database is gone"))

        server = Server()
        server.factory.portal = Broken()
        client = server.connect()
        heard = client.answers("PASS x", "NICK alice")
        self.assertIn("try again later", heard[0])
        self.assertEqual(len(self.flushLoggedErrors(ConnectionDone)), 1)


#: What lines are made of, when they are made of anything.
WORDS = [
    "JOIN",
    "PART",
    "PRIVMSG",
    "NOTICE",
    "TOPIC",
    "MODE",
    "KICK",
    "INVITE",
    "NAMES",
    "LIST",
    "WHO",
    "WHOIS",
    "AWAY",
    "NICK",
    "USER",
    "PASS",
    "CAP",
    "AUTHENTICATE",
    "PING",
    "PONG",
    "ISON",
    "USERHOST",
    "LUSERS",
    "MOTD",
    "#a",
    "#b",
    "alice",
    "bob",
    "carol",
    ",",
    ":",
    "+",
    "-",
    "+ov-b",
    "+k",
    "+l",
    "-kl",
    "LS",
    "REQ",
    "END",
    "PLAIN",
    "\x01ACTION",
    "é",
    "\x02",
    "*",
    "0",
    "nickserv",
]


class ClientTests(SynchronousTestCase):
    """A client of IRC as others see it: an `IChatClient`."""

    def test_methods(self) -> None:
        server = Server(QUICK)
        alice, bob = server.login("alice", "#a"), server.login("bob", "#a")
        group, client, other = server.realm.groups["a"], alice.protocol, bob.protocol
        alice.heard()
        client.receive(other, group, {"text": "x" * 600, "type": "action"})
        client.receive(other, client.avatar, {"text": ""})
        client.groupMetaUpdate(group, {"topic": "News", "topic_author": "nobody"})
        client.userJoined(group, other)
        client.userLeft(group, other, "bye")
        client.userLeft(group, other)
        lines = alice.heard()
        before, after = f"{source('bob')} PRIVMSG #a :\x01ACTION ", "\x01"
        parts = [line.removeprefix(before).removesuffix(after) for line in lines[:2]]
        self.assertEqual("".join(parts), "x" * 600)
        self.assertEqual(
            lines[2:],
            [
                f"{source('bob')} PRIVMSG alice :",
                ":nobody TOPIC #a :News",
                f"{source('bob')} JOIN #a",
                f"{source('bob')} PART #a :bye",
                f"{source('bob')} PART #a",
            ],
        )


class ManyTests(SynchronousTestCase):
    """Answers have an end."""

    def test_list(self) -> None:
        server = Server(QUICK)
        self.patch(_ircuser, "_MOST_FOUND", 2)
        alice = server.login("alice", "#a", "#b", "#c")
        self.assertEqual(alice.numbers("LIST"), ["322", "322", "416", "323"])
        for name in ("bob", "carol"):
            server.login(name, "#a")
        self.assertEqual(alice.numbers("WHO #a"), ["352", "352", "416", "315"])
        self.assertEqual(alice.numbers("WHO *"), ["352", "352", "416", "315"])
        self.assertEqual(alice.numbers("WHO b*"), ["352", "315"])

    def test_broken(self) -> None:
        """A connection whose client could not be told is ended, and not left without a user."""
        server = Server(QUICK)
        alice = server.login("alice", "#a")
        server.realm.users["alice"].disconnect("could not be reached")
        self.assertEqual(alice.heard(), ["ERROR :Closing link: could not be reached"])
        self.assertTrue(alice.transport.disconnecting)
        alice.say("PRIVMSG #a :x")
        alice.leave()
        server.login("alice")


class MemoryTests(SynchronousTestCase):
    """What is over is gone."""

    def test_gone(self) -> None:
        """Nothing refers to a connection that has ended, in a circle or otherwise."""
        server = Server()
        bob = server.login("bob", "#a")
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        for ending in ("QUIT", "NONSENSE"):
            alice = server.login("alice", "#a", "#b")
            alice.say("PRIVMSG #a :x", "PRIVMSG bob :x", "LIST", "WHO #a", ending)
            alice.leave()
            gone = weakref.ref(alice.protocol)
            del alice
            self.assertIsNone(gone(), gc.get_referrers(gone()))
        bob.leave()


class FuzzTests(SynchronousTestCase):
    """Whatever comes, the server stands, and others hear whole lines."""

    @given(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=30), st.binary())
    @settings(max_examples=60, deadline=None)
    def test_lines(self, lines: list[list[str]], junk: bytes) -> None:
        server = Server(QUICK)
        alice, bob = server.login("alice", "#a"), server.login("bob", "#a")
        stranger = server.connect()
        for words in lines:
            for client in (bob, stranger):
                client.say(" ".join(words))
        for client in (stranger, bob):
            client.send(junk)
            client.heard()
        for line in alice.heard():
            self.assertLessEqual(len(line.encode()) + 2, LINE_BYTES)
            self.assertTrue(line.startswith(":"), line)
        for client in (alice, bob, stranger):
            client.leave()
        self.assertEqual(server.realm.groups, {})
        self.assertEqual(server.clock.getDelayedCalls(), [])
        self.assertEqual(server.factory.count, 0)
