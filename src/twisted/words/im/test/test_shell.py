"""The Instance Messenger as one sees it: over IRC, without a server; and its terminal."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.im import _command, _shell
from twisted.words.im.baseaccount import AccountManager
from twisted.words.im.ircsupport import IRCAccount, IRCProto
from twisted.words.im.terminal import TerminalChat, TerminalProtocol
from twisted.words.protocols.irc import IRCBadMessage, IRCPasswordMismatch

#: What a server may say, and the messenger heeds.
COMMANDS = ["JOIN", "PART", "QUIT", "NICK", "KICK", "TOPIC", "MODE", "PRIVMSG", "NOTICE"]
COMMANDS += ["001", "332", "333", "353", "366", "433", "464"]

#: What a server says when we come into a channel.
ENTERED = [
    ":me!u@h JOIN #snakes",
    ":srv 332 me #snakes :All about sn\xe4kes",
    ":srv 333 me #snakes bob!u@h 123",
    ":srv 353 me = #snakes :me @bob",
    ":srv 353 me = #snakes :+carol",
    ":srv 366 me #snakes :End",
]


class Account(IRCAccount):
    """Has a connection in memory."""

    def _startLogOn(self, chatui: Any) -> Deferred[Any]:
        done: Deferred[Any] = Deferred()
        self.proto = IRCProto(self, chatui, done)
        self.proto.heartbeatInterval = None
        self.transport = StringTransport()
        self.proto.makeConnection(self.transport)
        return done


class ShellTests(SynchronousTestCase):
    """Somebody at a terminal."""

    def setUp(self) -> None:
        self.account = Account("net", 1, "me", "pw", "localhost", 6667, "snakes")
        self.accounts = AccountManager()
        self.accounts.addAccount(self.account)
        self.lines: list[str] = []
        self.left = 0
        self.chat = TerminalChat(self.accounts, self.lines.append, self.quit)

    def quit(self) -> None:
        self.left += 1

    def on(self) -> None:
        """Log on, and come into a group."""
        self.chat.typed("/connect net")
        self.hear(
            ":srv 001 me :Welcome",
            *ENTERED,
        )
        self.sent()

    def hear(self, *lines: str) -> list[str]:
        """Have the server say something; what is shown of it."""
        self.lines.clear()
        for line in lines:
            self.account.proto.dataReceived(f"{line}\r\n".encode())
        return list(self.lines)

    def type(self, *lines: str) -> list[str]:
        """Type something; what is shown of it."""
        self.lines.clear()
        for line in lines:
            self.chat.typed(line)
        return list(self.lines)

    def sent(self) -> list[str]:
        """What the server got."""
        data = self.account.transport.value().decode()
        self.account.transport.clear()
        return data.split("\r\n")[:-1]

    # --- Logging on and off ---

    def test_logOn(self) -> None:
        """The channels of the account are joined."""
        self.assertEqual(self.type("/accounts"), ["net (IRC): off"])
        self.chat.typed("/connect net")
        self.assertEqual(self.sent()[:2], ["PASS pw", "NICK me"])
        self.assertEqual(self.hear(":srv 001 me :Welcome"), ["Logged on: net"])
        self.assertEqual(self.sent(), ["JOIN #snakes"])
        self.assertEqual(
            self.hear(
                *ENTERED,
            ),
            [
                "You speak in [#snakes].",
                "[#snakes] * topic: All about sn\xe4kes",
                "[#snakes] * topic (bob): All about sn\xe4kes",
                "[#snakes] * here: me bob carol",
            ],
        )
        self.assertEqual(self.type("/accounts"), ["net (IRC): on"])
        self.assertEqual(
            self.type("/connect net"),
            ["!! The account 'net' is logged on: log off first."],
        )

    def test_refused(self) -> None:
        """A wrong password is said."""
        result = self.account.logOn(self.chat)
        self.hear(":srv 464 * :Password incorrect")
        self.failureResultOf(result, IRCPasswordMismatch)
        self.assertTrue(self.account.transport.disconnecting)
        self.type("/connect net")
        self.hear(":srv 464 * :Password incorrect")
        self.assertEqual(self.lines, ["!! Password incorrect"])

    def test_lost(self) -> None:
        """The connection is lost: what was in a group is over."""
        self.on()
        self.lines.clear()
        self.account.proto.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.lines, ["Logged off: net"])
        self.assertIsNone(self.chat.current)
        self.assertEqual(self.type("hello")[0][:20], "!! Nothing is chosen")

    def test_logOff(self) -> None:
        """Saying goodbye."""
        self.on()
        self.assertEqual(self.type("/disconnect net"), ["Logged off: net"])
        self.assertEqual(self.sent(), ["QUIT :Goodbye."])
        self.assertTrue(self.account.transport.disconnecting)
        self.account.proto.connectionLost(Failure(ConnectionDone()))
        self.assertFalse(self.account.isOnline())

    def test_quit(self) -> None:
        """Enough."""
        self.on()
        self.type("/quit")
        self.assertEqual(self.sent(), ["QUIT :Goodbye."])
        self.assertEqual(self.left, 1)

    # --- Groups ---

    def test_group(self) -> None:
        """What is said and done, and who comes and goes."""
        self.on()
        heard = self.hear(
            ":bob!u@h PRIVMSG #snakes :hello \x02you\x02",
            ":bob!u@h PRIVMSG #snakes :\x01ACTION waves\x01",
            ":bob!u@h NOTICE #snakes :note",
            ":dan!u@h JOIN #snakes",
            ":dan!u@h NICK dan2",
            ":dan2!u@h PART #snakes",
            ":carol!u@h QUIT :bye",
            ":eve!u@h QUIT :of whom nothing was known",
            ":bob!u@h TOPIC #snakes :new",
            ":srv 999 me something",
        )
        self.assertEqual(
            heard,
            [
                "[#snakes] <bob> hello you",
                "[#snakes] * bob waves",
                "[#snakes] -bob- note",
                "[#snakes] * dan has come",
                "[#snakes] * dan is now known as dan2",
                "[#snakes] * dan2 has gone",
                "[#snakes] * carol has gone",
                "[#snakes] * topic (bob): new",
            ],
        )
        self.assertEqual(self.type("/who"), ["[#snakes] * here: me bob"])

    def test_saying(self) -> None:
        """What one says is shown as well."""
        self.on()
        self.assertEqual(
            self.type("hello", "/me waves", "/topic new one"),
            ["[#snakes] <me> hello", "[#snakes] * me waves"],
        )
        self.assertEqual(
            self.sent(),
            [
                "PRIVMSG #snakes :hello",
                "PRIVMSG #snakes :\x01ACTION waves\x01",
                "TOPIC #snakes :new one",
            ],
        )

    def test_kicked(self) -> None:
        """Somebody is sent out; then we are."""
        self.on()
        self.assertEqual(
            self.hear(":bob!u@h KICK #snakes carol :out", ":bob!u@h KICK #snakes me :you too"),
            [
                "[#snakes] * carol has gone",
                "[#snakes] * bob has sent you out of #snakes: you too",
            ],
        )

    def test_joinLeave(self) -> None:
        """Groups by their names, with the mark or without."""
        self.on()
        self.type("/join #birds", "/join fish")
        self.assertEqual(self.sent(), ["JOIN #birds", "JOIN #fish"])
        self.assertEqual(self.hear(":me!u@h JOIN #birds"), ["You speak in [#birds]."])
        self.assertEqual(self.type("/to #snakes"), ["You speak in [#snakes]."])
        self.assertEqual(self.type("/to #fish"), ["!! You are not in #fish: /join it."])
        self.assertEqual(self.type("/leave"), ["You speak in [#birds]."])
        self.assertEqual(self.sent(), ["PART #snakes"])
        self.assertEqual(self.hear(":me!u@h PART #snakes"), [])

    # --- Persons ---

    def test_person(self) -> None:
        """A conversation of two."""
        self.on()
        self.assertEqual(self.hear(":eve!u@h PRIVMSG me :psst"), ["[eve] <eve> psst"])
        self.assertEqual(self.type("/to eve", "what?"), ["You speak in [eve].", "[eve] <me> what?"])
        self.assertEqual(self.sent(), ["PRIVMSG eve :what?"])
        self.assertEqual(
            self.hear(":eve!u@h NICK mallory", ":mallory!u@h PRIVMSG me :\x01ACTION hides\x01"),
            ["[mallory] * eve is now known as mallory", "[mallory] * mallory hides"],
        )
        self.assertEqual(self.type("/contacts"), ["mallory@net: Online"])
        self.hear(":mallory!u@h QUIT :gone")
        self.assertEqual(self.type("/contacts"), ["mallory@net: Offline"])
        self.assertEqual(self.type("/topic x"), ["!! Only groups have a topic."])
        self.assertEqual(self.type("/leave"), ["You speak in [#snakes]."])

    def test_server(self) -> None:
        """What the server itself says is not somebody's."""
        self.on()
        self.assertEqual(self.hear(":srv NOTICE me :restarting"), [])

    def test_commands(self) -> None:
        """What persons and groups offer."""
        self.on()
        bob = self.account.getPerson("bob")
        for command in bob.getPersonCommands():
            command()
        group = self.account.getGroup("snakes")
        for command in group.getGroupCommands():
            command()
        for command in group.getTargetCommands(bob):
            command(bob)
        self.assertEqual(
            self.sent(),
            [
                "WHOIS bob",
                "PRIVMSG #snakes :\x01ACTION tries something out.\x01",
                "KICK #snakes bob",
            ],
        )

    # --- What goes wrong ---

    def test_wrong(self) -> None:
        """What cannot be done is said, each with what to do."""
        for line, said in [
            ("hello", "!! Nothing is chosen to say it to: /join GROUP, or /to NAME."),
            ("/join", "!! Say a group: see /help."),
            ("/join x", "!! Not logged on: /connect ACCOUNT."),
            ("/to x", "!! Not logged on: /connect ACCOUNT."),
            ("/connect x", "!! There is no account 'x': see /accounts."),
            ("/disconnect x", "!! There is no account 'x': see /accounts."),
            ("/__class__", "There is no command /__class__: see /help."),
            ("/\x1b[2J", "There is no command /\ufffd[2J: see /help."),
        ]:
            self.assertEqual(self.type(line), [said])
        self.assertEqual(self.type("", "   "), [])
        self.assertIn("/me TEXT: do something", self.type("/help"))

    def test_injection(self) -> None:
        """A name with a line break in it is no command to the server."""
        self.on()
        self.assertEqual(self.type("/join a\nQUIT")[0][:4], "!! '")
        self.assertEqual(self.sent(), [])

    @settings(deadline=None, max_examples=200)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["me!u@h", "bob!u@h", "srv", "", "\x1b!"]),
                st.sampled_from(
                    ["JOIN", "PART", "QUIT", "NICK", "KICK", "TOPIC", "MODE", "PRIVMSG", "NOTICE"]
                )
                | st.sampled_from(["001", "332", "333", "353", "366", "433", "464"]),
                st.lists(
                    st.sampled_from(
                        ["me", "bob", "#snakes", "#a", "=", "@bob +me", "", "+o", "\x07"]
                    ),
                    max_size=4,
                ),
                st.sampled_from([None, "", "text", "me", "\x01ACTION x\x01", "#snakes", "@me bob"]),
            ),
            max_size=20,
        )
    )
    def test_anything(self, messages: list[tuple[str, str, list[str], str | None]]) -> None:
        """Whatever a server says, what is shown is readable, and nothing breaks."""
        self.setUp()
        self.on()
        for prefix, command, params, last in messages:
            words = [f":{prefix}", command, *params]
            if last is not None:
                words.append(":" + last)
            self.hear(" ".join(words))
            for line in self.lines:
                self.assertTrue(line.isprintable(), line)
        errors = [failure.type for failure in self.flushLoggedErrors()]
        self.assertTrue(set(errors) <= {IRCBadMessage}, errors)

    def test_readable(self) -> None:
        """Nothing that others say rewrites the terminal, or looks like what another says."""
        self.on()
        heard = self.hear(
            ":bob!u@h PRIVMSG #snakes :a\x1b[2Jb\x10nc\u202ed\x9b",
            ":b\x1bb!u@h PRIVMSG me :x",
            ":bob!u@h TOPIC #snakes :\x1b]0;title\x07",
            ":e\x1b!u@h JOIN #snakes",
            ":bob!u@h PRIVMSG #snakes :" + "y" * 5000,
        )
        self.assertEqual(heard[0], "[#snakes] <bob> a\ufffd[2Jb\ufffdc\ufffdd\ufffd")
        self.assertEqual(heard[1], "[b\ufffdb] <b\ufffdb> x")
        for line in heard:
            self.assertTrue(line.isprintable(), line)
        self.assertIn("[and 1000 more characters]", heard[-1])
        self.assertEqual(_shell.readable("sn\xe4kes \U0001f40d"), "sn\xe4kes \U0001f40d")


class TerminalTests(SynchronousTestCase):
    """The terminal."""

    def test_lines(self) -> None:
        """Lines in and out, in UTF-8; and its end is that of the program."""
        account = Account("net", 1, "me", "pw", "localhost", 6667)
        accounts = AccountManager()
        accounts.addAccount(account)
        left: list[int] = []
        terminal = TerminalProtocol(accounts, lambda: left.append(1))
        transport = StringTransport()
        terminal.makeConnection(transport)
        account.proto.dataReceived(b":srv 001 me :Welcome\r\n")
        terminal.dataReceived("/to b\xf6b\nhi \u20ac\n\xff\n".encode())
        self.assertEqual(
            transport.value().decode().splitlines()[1:],
            [
                "Logged on: net",
                "You speak in [b\xf6b].",
                "[b\xf6b] <me> hi \u20ac",
                "[b\xf6b] <me> \xff",
            ],
        )
        terminal.dataReceived(b"x" * 20_000)
        self.assertIn(b"at most", transport.value())
        self.assertFalse(transport.disconnecting)
        terminal.connectionLost()
        self.assertEqual(left, [1])
        self.assertFalse(account.isOnline())


class CommandLineTests(SynchronousTestCase):
    """The addresses of accounts."""

    def test_accounts(self) -> None:
        """IRC and PB, with what is usual where nothing is said."""
        path = self.mktemp()
        with open(path, "w") as file:
            file.write("pb://bob:p%40ss@host:99\n\n")
        options = _command.Options()
        options.parseOptions(["-a", path, "irc://alice@irc.example/snakes,birds"])
        first, second = options.accounts.accounts.values()
        self.assertEqual(
            (first.accountName, first.gatewayType, first.port, first.channels),
            ("alice@irc.example", "IRC", 6667, ["snakes", "birds"]),
        )
        self.assertEqual(
            (second.username, second.password, second.gatewayType, second.port),
            ("bob", "p@ss", "PB", 99),
        )

    def test_wrong(self) -> None:
        """What is no address."""
        for address in ("alice", "http://a@b", "irc://host", "irc://a@", "irc://a@b:x", "irc://["):
            error = self.assertRaises(UsageError, _command.accountOf, address)
            self.assertIn("is not the address", str(error))
        options = _command.Options()
        self.assertRaises(UsageError, options.parseOptions, ["-a", self.mktemp()])
