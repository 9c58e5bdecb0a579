"""A client of IRC: events, commands, and servers that misbehave."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.words.protocols import irc
from twisted.words.protocols.irc import _limits
from twisted.words.protocols.test._irc import ClientTests, Noting


class LoginTests(ClientTests):
    """How a client comes in."""

    def test_register(self) -> None:
        """The nickname stands for whatever is not said."""
        self.connect(Noting(), performLogin=True)
        self.assertEqual(self.sent(), ["NICK me", "USER me foo bar :me"])
        names = {"username": "usr", "realname": "A Real Name", "password": "pw"}
        self.connect(Noting(), performLogin=True, **names)
        self.assertEqual(self.sent(), ["PASS pw", "NICK me", "USER usr foo bar :A Real Name"])

    def test_welcome(self) -> None:
        """The server lets us in, perhaps by a shorter name."""
        self.client.register("nickname")
        self.assertEqual(self.hear(":srv.example 001 nick :Welcome"), [("signedOn",)])
        self.assertEqual((self.client.nickname, self.client.hostname), ("nick", "srv.example"))

    def test_nicknameInUse(self) -> None:
        """Another is tried, as `alterCollidedNick` says; after the login as well."""
        self.client.register("me")
        self.sent()
        self.hear(":srv 433 * me :In use", ":srv 433 * me_ :In use")
        self.assertEqual(self.sent(), ["NICK me_", "NICK me__"])
        self.hear(":srv 001 me__ :Welcome")
        self.client.setNick("you")
        self.hear(":srv 433 me__ you :In use")
        self.assertEqual(self.sent(), ["NICK you", "NICK you_"])
        self.assertEqual(self.hear(":me__!u@h NICK you_"), [("nickChanged", "you_")])
        self.assertEqual(self.client.nickname, "you_")

    def test_nicknameWrong(self) -> None:
        """What is no nickname is replaced before the login, and let be after it."""
        self.client.register("1me")
        self.sent()
        self.hear(":srv 432 * 1me :Erroneous")
        self.assertEqual(self.sent(), ["NICK defaultnick"])
        self.hear(":srv 001 defaultnick :Welcome", ":srv 432 defaultnick 2 :Erroneous")
        self.assertEqual(self.sent(), [])

    def test_nicknameNever(self) -> None:
        """A server that refuses every nickname is left."""
        self.client.register("me")
        for _ in range(_limits.MAX_NICKNAMES):
            self.assertFalse(self.transport.disconnecting)
            self.hear(":srv 433 * me :In use")
        self.hear(":srv 433 * me :In use")
        self.assertTrue(self.transport.disconnecting)

    def test_password(self) -> None:
        """That it is wrong is logged."""
        self.hear(":srv 464 me :Password incorrect")
        self.assertEqual(len(self.flushLoggedErrors(irc.IRCPasswordMismatch)), 1)

    def test_reconnect(self) -> None:
        """What was known of a server does not hold for another."""
        self.hear(":srv 005 me NICKLEN=30 :are supported")
        self.client.connectionLost(Failure(ConnectionDone()))
        self.connect(self.client)
        self.assertEqual(self.client.supported.getFeature("NICKLEN"), 9)


class EventTests(ClientTests):
    """What a server tells."""

    def test_server(self) -> None:
        """What it says of itself."""
        heard = self.hear(
            ":srv 002 me :Your host is srv",
            ":srv 003 me :Created today",
            ":srv 004 me srv v1 iow bklmn",
            ":srv 004 me :srv v1",
            ":srv 005 me NICKLEN=20 SAFELIST :are supported",
            ":srv 010 me other 6667 :Go there",
            ":srv 251 me :There are 3 users",
            ":srv 252 me 3 :operators",
            ":srv 254 me 7 :channels",
            ":srv 255 me :I have 3 clients",
        )
        self.assertEqual(
            heard,
            [
                ("yourHost", "Your host is srv"),
                ("created", "Created today"),
                ("myInfo", "srv", "v1", "iow", "bklmn"),
                ("myInfo", "srv", "v1", None, None),
                ("isupport", ["NICKLEN=20", "SAFELIST"]),
                ("bounce", "other"),
                ("luserClient", "There are 3 users"),
                ("luserOp", 3),
                ("luserChannels", 7),
                ("luserMe", "I have 3 clients"),
            ],
        )

    def test_motd(self) -> None:
        """The message of the day comes in lines, and is told as a whole."""
        self.hear(":s 375 me :- srv:", ":s 372 me :- a", ":s 372 me :b")
        self.assertEqual(self.hear(":s 376 me :End"), [("receivedMOTD", ["srv:", "a", "b"])])

    def test_motdLong(self) -> None:
        """It does not fill the memory."""
        self.hear(*[":s 372 me :- " + "x" * 80] * (_limits.MAX_MOTD_LINES + 10))
        assert self.client.motd is not None
        self.assertEqual(len(self.client.motd), _limits.MAX_MOTD_LINES + 1)
        self.assertEqual(self.client.motd[-1], "[more than 2000 lines]")

    def test_messages(self) -> None:
        """What is said, in a channel and to us; the low quoting is taken off."""
        heard = self.hear(
            ":o!u@h PRIVMSG #c :hi there",
            "@time=12:00 :o!u@h PRIVMSG me :a\x10nb\x10rc\x100d\x10\x10e\x10z",
            ":o!u@h NOTICE me :n",
            ":o!u@h PRIVMSG #c :\x01ACTION waves\x01",
            ":o!u@h PRIVMSG #c :a\x01ACTION waves\x01b",
            ":o!u@h PRIVMSG #c :\x01FOO x\x01 rest",
            ":o!u@h NOTICE #c :\x01FOO x\x01 rest",
        )
        self.assertEqual(
            heard,
            [
                ("privmsg", "o!u@h", "#c", "hi there"),
                ("privmsg", "o!u@h", "me", "a\nb\rc\0d\x10ez"),
                ("noticed", "o!u@h", "me", "n"),
                ("action", "o!u@h", "#c", "waves"),
                ("privmsg", "o!u@h", "#c", "a\x01ACTION waves\x01b"),
                ("ctcpUnknownQuery", "o!u@h", "#c", "FOO", "x"),
                ("privmsg", "o!u@h", "#c", " rest"),
                ("ctcpUnknownReply", "o!u@h", "#c", "FOO", "x"),
                ("noticed", "o!u@h", "#c", " rest"),
            ],
        )

    def test_ourselves(self) -> None:
        """What we do, or is done to us."""
        heard = self.hear(
            ":me!u@h JOIN :#c",
            ":ME!u@h PART #c :bye",
            ":o!u@h KICK #c me :out",
            ":o!u@h KICK #c me",
            ":me!u@h NICK you",
        )
        self.assertEqual(
            heard,
            [
                ("joined", "#c"),
                ("left", "#c"),
                ("kickedFrom", "#c", "o", "out"),
                ("kickedFrom", "#c", "o", ""),
                ("nickChanged", "you"),
            ],
        )

    def test_others(self) -> None:
        """What others do."""
        heard = self.hear(
            ":o!u@h JOIN #c",
            ":o!u@h PART #c :why",
            ":o!u@h QUIT :bye",
            ":o!u@h QUIT",
            ":o!u@h KICK #c x :out",
            ":o!u@h NICK p",
            ":o!u@h TOPIC #c :new t",
            ":srv 332 me #c :top",
            ":srv 331 me #c :No topic is set",
        )
        self.assertEqual(
            heard,
            [
                ("userJoined", "o", "#c"),
                ("userLeft", "o", "#c"),
                ("userQuit", "o", "bye"),
                ("userQuit", "o", ""),
                ("userKicked", "x", "#c", "o", "out"),
                ("userRenamed", "o", "p"),
                ("topicUpdated", "o", "#c", "new t"),
                ("topicUpdated", "srv", "#c", "top"),
                ("topicUpdated", "srv", "#c", ""),
            ],
        )

    def test_modes(self) -> None:
        """Modes are told in two calls, with what they take."""
        heard = self.hear(
            ":o!u@h MODE #c +o-v+l a b 5",
            ":me MODE me :+i",
            ":o!u@h MODE #c -k",
            ":o!u@h MODE #c xy",
            ":srv 005 me PREFIX=(qo)~@ CHANMODES=e,k,j,m :are supported",
            ":o!u@h MODE #c +qej a b 3:4",
        )
        self.assertEqual(
            [args for name, *args in heard if name == "modeChanged"],
            [
                ["o!u@h", "#c", True, "ol", ("a", "5")],
                ["o!u@h", "#c", False, "v", ("b",)],
                ["me", "me", True, "i", (None,)],
                ["o!u@h", "#c", False, "k", (None,)],
                ["o!u@h", "#c", True, "xy", (None, None)],
                ["o!u@h", "#c", True, "qej", ("a", "b", "3:4")],
            ],
        )

    def test_modesWrong(self) -> None:
        """Modes that cannot be read are logged."""
        self.assertEqual(self.hear(":o!u@h MODE #c +o", ":o!u@h MODE #c +m x y"), [])
        self.assertEqual(len(self.flushLoggedErrors(irc.IRCBadMessage)), 2)

    def test_unknown(self) -> None:
        """What there is no method for, by the name of its number if that has one."""
        heard = self.hear(":srv 401 me x :No such", ":srv 999 me", "ERROR :Closing", "unknown a")
        self.assertEqual(
            heard,
            [
                ("irc_unknown", "srv", "ERR_NOSUCHNICK", ["me", "x", "No such"]),
                ("irc_unknown", "srv", "999", ["me"]),
                ("irc_unknown", "", "ERROR", ["Closing"]),
                ("irc_unknown", "", "UNKNOWN", ["a"]),
            ],
        )


class MisbehaviourTests(ClientTests):
    """What no server should send."""

    def test_bad(self) -> None:
        """It is told as such, and what follows is heard."""
        lines = [":lonely", "a\0b", "x\ry", "!?", ":o!u@h PRIVMSG me", ":o!u@h JOIN", "PING"]
        self.assertEqual(self.hear(*lines, ":o!u@h JOIN #c"), [("userJoined", "o", "#c")])
        self.assertEqual(len(self.client.bad), len(lines))
        self.assertIn("PRIVMSG with 1 parameters", self.client.bad[4])

    def test_badLogged(self) -> None:
        """By itself, a client logs it."""
        client = irc.IRCClient()
        self.connect(client)  # type: ignore[arg-type]  # only its connection matters
        client.dataReceived(b":lonely\r\n")
        self.assertEqual(len(self.flushLoggedErrors(irc.IRCBadMessage)), 1)

    def test_notUtf8(self) -> None:
        """It is read as Latin-1."""
        self.assertEqual(
            self.hear(b":o!u@h PRIVMSG me :\xe9\xff"), [("privmsg", "o!u@h", "me", "\xe9\xff")]
        )

    def test_tooLong(self) -> None:
        """A line that does not end closes the connection."""
        self.client.dataReceived(b"x" * 20000)
        self.assertTrue(self.transport.disconnecting)

    def test_numbers(self) -> None:
        """What should be a number and is none is logged."""
        self.assertEqual(self.hear(":s 252 me x :ops", ":s 254 me " + "9" * 5000 + " :c"), [])
        self.assertEqual(len(self.flushLoggedErrors(irc.IRCBadMessage)), 2)

    def test_mistakes(self) -> None:
        """A mistake in a method is logged, and ends nothing."""

        def privmsg(*args: object) -> None:
            raise ZeroDivisionError

        self.client.privmsg = privmsg  # type: ignore[assignment, method-assign]  # as if overridden
        self.assertEqual(
            self.hear(":o!u@h PRIVMSG me :a", ":o!u@h JOIN #c"), [("userJoined", "o", "#c")]
        )
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_pings(self) -> None:
        """PING is answered, and a storm of it ends the connection."""
        self.hear("PING :srv", "PING a b", "PING :a b")
        self.assertEqual(self.sent(), ["PONG srv", "PONG b", "PONG :a b"])
        self.hear(*["PING x"] * 1000)
        self.assertTrue(self.transport.disconnecting)
        self.assertLess(len(self.sent()), 60)

    def test_pingsNow(self) -> None:
        """PING is answered at once, whatever waits to be said."""
        self.client.lineRate = 10
        self.client.msg("o", "a\nb\nc")
        self.hear("PING :srv")
        self.assertEqual(self.sent(), ["PRIVMSG o :a", "PONG srv"])

    @settings(deadline=None, max_examples=200)
    @given(
        st.lists(
            st.binary(max_size=20)
            | st.sampled_from(
                [f":a!b@c {name} ".encode() for name in (*irc.numeric_to_symbolic, "MODE", "KICK")]
                + [
                    b"@b=c ",
                    b"\r\n",
                    b"\n",
                    b" :",
                    b"\x01DCC SEND ",
                    b"\x01",
                    b"me ",
                    b"#c ",
                    b"+o",
                ]
            )
        ),
        st.lists(st.integers(0, 200)),
    )
    def test_anySplit(self, pieces: list[bytes], cuts: list[int]) -> None:
        """Any bytes, however they are split, are the same events, and nothing else."""
        data = b"".join(pieces)
        told = []
        for places in ([], sorted(cuts)):
            self.connect(Noting())
            at = 0
            for cut in [*places, len(data)]:
                self.client.dataReceived(data[at:cut])
                at = max(at, cut)
            told.append((self.client.events, self.client.bad, self.transport.value()))
            errors = [failure.type for failure in self.flushLoggedErrors()]
            self.assertTrue(set(errors) <= {irc.IRCBadMessage, irc.IRCPasswordMismatch}, errors)
        self.assertEqual(told[0], told[1])


class CommandTests(ClientTests):
    """What a client says."""

    def test_channels(self) -> None:
        """Joining, leaving, and what operators do."""
        client = self.client
        client.join("c")
        client.join("&c", "key")
        client.leave("#c")
        client.part("c", "why now")
        client.kick("c", "u")
        client.kick("#c", "u", "bad boy")
        client.invite("u", "c")
        client.topic("c")
        client.topic("#c", "new t")
        client.topic("#c", "")
        client.mode("#c", True, "o", user="u")
        client.mode("#c", True, "l", 5)
        client.mode("#c", False, "b", mask="*!*@x")
        client.mode("me", True, "i")
        self.assertEqual(
            self.sent(),
            [
                "JOIN #c",
                "JOIN &c key",
                "PART #c",
                "PART #c :why now",
                "KICK #c u",
                "KICK #c u :bad boy",
                "INVITE u #c",
                "TOPIC #c",
                "TOPIC #c :new t",
                "TOPIC #c :",
                "MODE #c +o u",
                "MODE #c +l 5",
                "MODE #c -b *!*@x",
                "MODE me +i",
            ],
        )

    def test_ourselves(self) -> None:
        """Being away, asking who somebody is, and going."""
        client = self.client
        client.away("gone out")
        client.back()
        client.whois("n")
        client.whois("n", "srv")
        client.setNick("you")
        client.quit()
        client.quit("bye bye")
        self.assertEqual(
            self.sent(),
            [
                "AWAY :gone out",
                "AWAY :",
                "WHOIS n",
                "WHOIS srv n",
                "NICK you",
                "QUIT :",
                "QUIT :bye bye",
            ],
        )

    def test_messages(self) -> None:
        """Each line is one; none is empty."""
        client = self.client
        client.say("c", "hello")
        client.msg("u", "a\nb\n\r\n c\rd")
        client.notice("u", "x")
        client.describe("#c", "waves\nand goes")
        client.msg("u", "")
        self.assertEqual(
            self.sent(),
            [
                "PRIVMSG #c :hello",
                "PRIVMSG u :a",
                "PRIVMSG u :b",
                "PRIVMSG u : c",
                "PRIVMSG u :d",
                "NOTICE u :x",
                "PRIVMSG #c :\x01ACTION waves\x01",
                "PRIVMSG #c :\x01ACTION and goes\x01",
            ],
        )

    def test_length(self) -> None:
        """A long message is split at spaces; `length` counts the bytes of the line."""
        self.client.msg("u", "a b c d e f g", length=20)
        self.assertEqual(self.sent(), ["PRIVMSG u :a b c d", "PRIVMSG u :e f g"])
        self.client.msg("u", "\u20ac" * 5, length=20)
        self.assertEqual(
            self.sent(), ["PRIVMSG u :\u20ac\u20ac", "PRIVMSG u :\u20ac\u20ac", "PRIVMSG u :\u20ac"]
        )
        error = self.assertRaises(ValueError, self.client.msg, "u", "x", 13)
        self.assertIn("must exceed 13", str(error))

    def test_lengthByDefault(self) -> None:
        """What the server puts before a message fits as well, and not a byte is lost."""
        self.hear(":srv 005 me NICKLEN=30 :are supported")
        for text in ("x" * 3000, "\u20ac" * 1000, "w\xf6rd " * 500):
            for send in (self.client.msg, self.client.notice):
                send("#channel", text)
                lines = self.sent()
                for line in lines:
                    whole = f":{'n' * 30}!{'u' * 20}@{'h' * 63} {line}\r\n"
                    self.assertLessEqual(len(whole.encode()), 512)
                got = "".join(line.partition(" :")[2] for line in lines)
                self.assertEqual(got.replace(" ", ""), text.replace(" ", ""))
                self.assertLess(len(lines), 11)
        self.client.describe("#channel", "\u20ac" * 1000)
        got = "".join(line.partition(" :\x01ACTION ")[2].rstrip("\x01") for line in self.sent())
        self.assertEqual(got, "\u20ac" * 1000)

    def test_injection(self) -> None:
        """What would be another command is refused, where it is not quoted or split."""
        client = self.client
        for text in ("a\r\nQUIT", "a\nQUIT", "a\rQUIT"):
            for call in (
                lambda: client.join(text),  # noqa: B023 # called in the loop
                lambda: client.join("#c", text),  # noqa: B023
                lambda: client.leave("#c", text),  # noqa: B023
                lambda: client.kick("#c", text),  # noqa: B023
                lambda: client.topic("#c", text),  # noqa: B023
                lambda: client.mode("#c", True, "o", user=text),  # noqa: B023
                lambda: client.setNick(text),  # noqa: B023
                lambda: client.away(text),  # noqa: B023
                lambda: client.whois(text),  # noqa: B023
                lambda: client.quit(text),  # noqa: B023
                lambda: client.msg(text, "x"),  # noqa: B023
                lambda: client.notice(text, "x"),  # noqa: B023
                lambda: client.describe(text, "x"),  # noqa: B023
                lambda: client.ping(text, "x"),  # noqa: B023
                lambda: client.register(text),  # noqa: B023
            ):
                self.assertRaises(ValueError, call)
        self.assertEqual(self.sent(), [])
        client.sendLine("PRIVMSG u :a\r\nQUIT\0")
        client.msg("u", "a\0b")
        self.assertEqual(self.sent(), ["PRIVMSG u :a\x10r\x10nQUIT\x100", "PRIVMSG u :a\x100b"])

    def test_bytes(self) -> None:
        """Bytes are refused, and told what to do."""
        error = self.assertRaises(TypeError, self.client.sendLine, b"PING")
        self.assertIn(".decode()", str(error))


class UnconnectedTests(ClientTests):
    """A client that has never been connected, as tests of bots have it."""

    def test_methods(self) -> None:
        """Commands go to whatever is its transport; events come by any way in."""
        client = Noting()
        client.transport = self.transport
        client.register("me")
        client.msg("u", "x")
        client.ping("u", "x")
        client.lineReceived("PING y")
        client.lineReceived(b":s 001 me :Welcome")
        client.stopHeartbeat()
        client.handleCommand("PRIVMSG", "a!b@c", ["#c", "\x01PING z\x01"])
        self.assertEqual(
            self.sent(),
            [
                "NICK me",
                "USER me foo bar :me",
                "PRIVMSG u :x",
                "PRIVMSG u :\x01PING x\x01",
                "PONG y",
                "NOTICE a :\x01PING z\x01",
            ],
        )
        self.assertEqual(client.events, [("signedOn",)])


class TimeTests(ClientTests):
    """What a client does by the clock."""

    def test_lineRate(self) -> None:
        """Lines go out one by one."""
        self.client.lineRate = 2
        self.client.msg("u", "a\nb\nc")
        counts = []
        for _ in range(6):
            counts.append(len(self.sent()))
            self.client._ircClock.advance(1)
        self.assertEqual(counts, [1, 0, 1, 0, 1, 0])
        self.client.msg("u", "d")
        self.assertEqual(self.sent(), ["PRIVMSG u :d"])

    def test_lineRateLost(self) -> None:
        """What waits when the connection is lost is not sent, and no call is left over."""
        self.client.lineRate = 2
        self.client.msg("u", "a\nb\nc")
        self.client.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.client._ircClock.getDelayedCalls(), [])

    def test_heartbeat(self) -> None:
        """Once we are in, the server is sent a PING now and then."""
        self.client._ircClock.advance(1000)
        self.assertEqual(self.sent(), [])
        self.hear(":srv 001 me :Welcome")
        self.client._ircClock.pump([60] * 4)
        self.assertEqual(self.sent(), ["PING srv", "PING srv"])
        self.client.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.client._ircClock.getDelayedCalls(), [])

    def test_noHeartbeat(self) -> None:
        """None, if that is wanted."""
        self.client.heartbeatInterval = None
        self.hear(":srv 001 me :Welcome")
        self.assertEqual(self.client._ircClock.getDelayedCalls(), [])
