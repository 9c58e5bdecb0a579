"""IRC over sockets: with servers and clients that are not ours, and with TLS.

The tests with Twisted are skipped where there is no environment with it; see CONTRIBUTING.md.
"""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

import twisted
from twisted.application.test._daemons import DaemonCase, Foreground
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import (
    SSL4ServerEndpoint,
    TCP4ClientEndpoint,
    connectProtocol,
    wrapClientTLS,
)
from twisted.internet.protocol import ClientFactory, connectionDone
from twisted.internet.task import deferLater
from twisted.internet.test._tlspeers import Authority
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, TestCase
from twisted.words.protocols import irc
from twisted.words.protocols.test import _ircpeer
from twisted.words.protocols.test.test_irc_dcc import Receiving
from twisted.words.service import InMemoryWordsRealm, IRCFactory
from twisted.words.test._programs import ircServer

PEERS = pathlib.Path(twisted.__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"

#: Text that takes several lines, in several alphabets.
LONG = " ".join(f"w\xf6rd\u20ac{number} \U0001f40d" for number in range(200))


class Talker(irc.IRCClient):
    """A client whose events can be waited for."""

    username = realname = "talker"
    dccAllowPrivate = True
    versionName = "Talker"

    def __init__(self, nickname: str) -> None:
        self.nickname = nickname
        self.heard: list[list[Any]] = []
        self.lost: Deferred[None] = Deferred()
        self._awaited: tuple[str, Deferred[list[Any]]] | None = None

    def tell(self, *event: Any) -> None:
        """An event has come."""
        self.heard.append(list(event))
        self._look()

    def _look(self) -> None:
        if self._awaited is None:
            return
        name, found = self._awaited
        for at, event in enumerate(self.heard):
            if event[0] == name:
                del self.heard[: at + 1]
                self._awaited = None
                found.callback(event[1:])
                return

    def event(self, name: str) -> Deferred[list[Any]]:
        """The next event of a name; those before it are forgotten."""
        found: Deferred[list[Any]] = Deferred()
        self._awaited = (name, found)
        self._look()
        return found

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self.lost.callback(None)
        if self._awaited is not None:
            self._awaited[1].errback(reason)

    def irc_unknown(self, prefix: str, command: str, params: list[str]) -> None:
        self.tell(command, *params)

    def ctcpUnknownReply(self, user: str, channel: str, tag: str, data: str | None) -> None:
        self.tell("reply", tag, data)

    def loggedIn(self, account: str) -> None:
        self.tell("loggedIn", account)

    def dccDoSend(
        self, user: str, address: str, port: int, fileName: str, size: int, data: list[str]
    ) -> None:
        receiver = Receiving(fileName, size, (user, "", data), self.dcc_destdir)
        receiver.done = Deferred()
        receiver.done.addCallback(lambda _: self.tell("received", fileName))
        factory = ClientFactory()
        factory.protocol = lambda: receiver
        TCP4ClientEndpoint(reactor, address, port).connect(factory)


def _telling(name: str) -> Any:
    event = getattr(irc.IRCClient, name)

    def tell(self: Talker, *what: Any) -> None:
        event(self, *what)
        self.tell(name, *what)

    return tell


for _name in _ircpeer.EVENTS:
    setattr(Talker, _name, _telling(_name))


class ProgramCase(DaemonCase, TestCase):
    """Starts programs, and connects clients."""

    async def connected(self, port: int, nickname: str, **settings: object) -> Talker:
        """A client that has been let in."""
        client = Talker(nickname)
        for name, value in settings.items():
            setattr(client, name, value)
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), client)
        self.addCleanup(self.gone, client)
        await client.event("signedOn")
        return client

    def gone(self, client: Talker) -> Deferred[None]:
        """Hang up; when that is done."""
        client.transport.loseConnection()
        return client.lost

    async def empty(self, factory: Any) -> None:
        """Wait until nobody is on a chat server any more."""
        while factory.count:
            await deferLater(reactor, 0)


class ServerTests(ProgramCase):
    """Our client, and ngIRCd."""

    async def pair(self) -> tuple[Talker, Talker]:
        """Two clients in one channel."""
        _, port = ircServer(self)
        alice = await self.connected(port, "alice")
        bob = await self.connected(port, "bob")
        alice.join("#snakes")
        self.assertEqual(await alice.event("joined"), ["#snakes"])
        bob.join("snakes")
        self.assertEqual(await alice.event("userJoined"), ["bob", "#snakes"])
        return alice, bob

    async def test_messages(self) -> None:
        """What is said arrives, each byte of it, and so does what is done and noticed."""
        alice, bob = await self.pair()
        alice.say("snakes", LONG)
        alice.msg("#snakes", "end")
        got = []
        while (message := (await bob.event("privmsg"))[2]) != "end":
            got.append(message)
        self.assertEqual(" ".join(got), LONG)
        self.assertGreater(len(got), 8)
        alice.describe("#snakes", "waves")
        self.assertEqual((await bob.event("action"))[1:], ["#snakes", "waves"])
        bob.notice("alice", "psst")
        user, channel, message = await alice.event("noticed")
        self.assertEqual((user.partition("!")[0], channel, message), ("bob", "alice", "psst"))

    async def test_channel(self) -> None:
        """Topics, modes, kicks, and who goes by which name."""
        alice, bob = await self.pair()
        topic = "All about sn\xe4kes"
        alice.topic("#snakes", topic)
        self.assertEqual(
            await bob.event("topicUpdated"), ["alice", "#snakes", "All about sn\xe4kes"]
        )
        alice.mode("#snakes", True, "v", user="bob")
        self.assertEqual((await bob.event("modeChanged"))[1:], ["#snakes", True, "v", ("bob",)])
        alice.mode("#snakes", True, "l", limit=5)
        self.assertEqual((await bob.event("modeChanged"))[1:], ["#snakes", True, "l", ("5",)])
        bob.setNick("robert")
        self.assertEqual(await bob.event("nickChanged"), ["robert"])
        self.assertEqual(await alice.event("userRenamed"), ["bob", "robert"])
        alice.kick("#snakes", "robert", "go away")
        self.assertEqual(await bob.event("kickedFrom"), ["#snakes", "alice", "go away"])
        bob.join("#snakes")
        self.assertEqual(await bob.event("topicUpdated"), ["irc.test", "#snakes", topic])
        bob.leave("#snakes", "bye")
        self.assertEqual(await bob.event("left"), ["#snakes"])
        bob.whois("alice")
        await bob.event("RPL_WHOISUSER")
        bob.quit("gone")
        await bob.lost

    async def test_nicknames(self) -> None:
        """A name that is taken, and one that is none."""
        _, port = ircServer(self)
        first = await self.connected(port, "alice")
        second = await self.connected(port, "alice")
        self.assertEqual((first.nickname, second.nickname), ("alice", "alice_"))
        third = await self.connected(port, "1alice")
        self.assertEqual(third.nickname, "defaultnick")

    async def test_ctcp(self) -> None:
        """Requests are answered."""
        alice, _ = await self.pair()
        alice.ping("bob")
        user, seconds = await alice.event("pong")
        self.assertTrue(user.startswith("bob!"))
        self.assertGreaterEqual(seconds, 0)
        alice.ctcpMakeQuery("bob", [("VERSION", None)])
        self.assertEqual(await alice.event("reply"), ["VERSION", "Talker::"])

    async def test_dcc(self) -> None:
        """A file goes from one to the other."""
        alice, bob = await self.pair()
        content = os.urandom(300_000)
        pathlib.Path(self.path("a file.bin")).write_bytes(content)
        os.mkdir(self.path("in"))
        bob.dcc_destdir = self.path("in")
        alice.dccSend("bob", self.path("a file.bin"))
        self.assertEqual(await bob.event("received"), ["a file.bin"])
        self.assertEqual(pathlib.Path(self.path("in/a file.bin")).read_bytes(), content)


class SecureTests(ProgramCase):
    """Our client and our server, over TLS."""

    async def test_sasl(self) -> None:
        """A certificate that is right, a password by SASL, and who we are."""
        authority = Authority()
        own = authority.server("localhost")
        endpoint = SSL4ServerEndpoint(reactor, 0, own, interface="127.0.0.1")
        factory = wordsFactory()
        port: Any = await endpoint.listen(factory)
        self.addCleanup(self.empty, factory)
        self.addCleanup(port.stopListening)
        client = Talker("alice")
        client.saslUsername, client.saslPassword = "alice", "secret"
        options = authority.client("localhost")
        there = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        await connectProtocol(wrapClientTLS(options, there), client)
        self.addCleanup(self.gone, client)
        self.assertEqual(await client.event("loggedIn"), ["alice"])
        await client.event("signedOn")
        self.assertEqual(client.capabilities, {"sasl"})


class PeerTests(ProgramCase):
    """Twisted's client and ours, Twisted's server and ours."""

    def start(self, *words: str) -> Foreground:
        """Twisted as the other end."""
        if not PEERS.exists():
            raise SkipTest(f"there is no {PEERS}")
        assert _ircpeer.__file__ is not None
        return Foreground(self, [str(PEERS), "-P", _ircpeer.__file__, *words], {})

    async def test_client(self) -> None:
        """Twisted's client on our server, in a channel with ours."""
        there: Any = reactor
        factory = wordsFactory()
        port = there.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(self.empty, factory)
        self.addCleanup(port.stopListening)
        number = port.getHost().port
        alice = await self.connected(number, "alice", password="secret")
        alice.join("#snakes")
        await alice.event("joined")
        peer = self.start("bot", str(number), "bob", "#snakes")

        def do(name: str, *arguments: object) -> None:
            alice.msg("bob", f"do {name} {json.dumps(arguments)}")

        self.assertEqual(await alice.event("userJoined"), ["bob", "#snakes"])
        do("msg", "#snakes", "h\xe4llo\nthere")
        self.assertEqual((await alice.event("privmsg"))[1:], ["#snakes", "h\xe4llo"])
        self.assertEqual((await alice.event("privmsg"))[1:], ["#snakes", "there"])
        do("describe", "#snakes", "waves")
        self.assertEqual((await alice.event("action"))[1:], ["#snakes", "waves"])
        alice.ping("bob", "x")
        await alice.event("pong")
        alice.describe("#snakes", "waves back")
        alice.topic("#snakes", "T\xf6pic")
        alice.mode("#snakes", True, "o", user="bob")
        alice.kick("#snakes", "bob", "go away")
        await alice.event("userKicked")
        do("quit", "bye")
        heard = [json.loads(line) for line in self.all(peer)]
        alone = [event[:1] + [str(part).partition("!")[0] for part in event[1:]] for event in heard]
        for event in (
            ["joined", "#snakes"],
            ["action", "alice", "#snakes", "waves back"],
            ["topicUpdated", "alice", "#snakes", "T\xf6pic"],
            ["modeChanged", "alice", "#snakes", "True", "o", "['bob']"],
            ["kickedFrom", "#snakes", "alice", "go away"],
        ):
            self.assertIn(event, alone)

    def all(self, peer: Foreground) -> list[str]:
        """What a bot has said, to the last event of these tests."""
        peer.until("kickedFrom")
        return peer.said.splitlines()

    async def test_server(self) -> None:
        """Our clients on Twisted's server."""
        peer = self.start("server")
        port = int(peer.until(r"(\d+)")[1])
        alice = await self.connected(port, "alice", password="secret")
        bob = await self.connected(port, "bob", password="secret")
        for client in (alice, bob):
            client.join("#snakes")
            self.assertEqual(await client.event("joined"), ["#snakes"])
        self.assertEqual(await alice.event("userJoined"), ["bob", "#snakes"])
        alice.say("#snakes", "h\xe4llo")
        user, channel, message = await bob.event("privmsg")
        self.assertEqual(
            (user.partition("!")[0], channel, message), ("alice", "#snakes", "h\xe4llo")
        )
        bob.topic("#snakes", "News")
        self.assertEqual((await alice.event("topicUpdated"))[1:], ["#snakes", "News"])
        bob.leave("#snakes", "bye")
        self.assertEqual(await alice.event("userLeft"), ["bob", "#snakes"])


def wordsFactory() -> Any:
    """A chat server for alice and bob."""
    realm = InMemoryWordsRealm("words.example")
    realm.createGroupOnRequest = True
    checker = InMemoryUsernamePasswordDatabaseDontUse()
    for name in ("alice", "bob"):
        checker.addUser(name, "secret")
    return IRCFactory(realm, Portal(realm, [checker]))
