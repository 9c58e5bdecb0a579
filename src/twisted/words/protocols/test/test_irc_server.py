"""The server's side of a connection of IRC."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.protocols import irc


class Noting(irc.IRC):
    """Notes what it is called with."""

    hostname = "srv"

    def __init__(self) -> None:
        self.heard: list[tuple[str, ...]] = []

    def irc_FOO(self, prefix: str, params: list[str]) -> None:
        self.heard.append((prefix, *params))

    def irc_TAGGED(self, prefix: str, params: list[str]) -> None:
        self.heard.append((*sorted(self.tags.items()).pop(0), *params))

    def irc_BOOM(self, prefix: str, params: list[str]) -> None:
        raise ZeroDivisionError


class ServerTests(SynchronousTestCase):
    """`IRC`, by itself."""

    def setUp(self) -> None:
        self.connect()

    def connect(self) -> None:
        """A connection in `self.server`."""
        self.transport = StringTransport()
        self.server = Noting()
        self.server.makeConnection(self.transport)

    def sent(self) -> list[str]:
        """The lines that were sent since the last call."""
        data = self.transport.value().decode()
        self.transport.clear()
        self.assertTrue(not data or data.endswith("\r\n"))
        return data.split("\r\n")[:-1]


class ReceiveTests(ServerTests):
    """Commands come in."""

    def test_commands(self) -> None:
        """They call their methods, whatever their case and whatever ends their lines."""
        self.server.dataReceived(b"FOO a b\r\n:x foo :c d\n\r\n\nFoo \r\r\n")
        self.assertEqual(self.server.heard, [("", "a", "b"), ("x", "c d"), ("",)])
        self.assertEqual(self.sent(), [])

    def test_pieces(self) -> None:
        """A line may come in pieces, between the bytes of a character too."""
        for byte in "FOO \u20ac\r\n".encode():
            self.server.dataReceived(bytes([byte]))
        self.assertEqual(self.server.heard, [("", "\u20ac")])
        self.server.dataReceived(b"FOO x\r")
        self.assertEqual(self.server.buffer, b"FOO x\r")

    def test_encodings(self) -> None:
        """What is no UTF-8 is Latin-1; another encoding may be set."""
        self.server.dataReceived(b"FOO \xe9\xff\r\n")
        self.server.encoding = "koi8-r"
        self.server.dataReceived(b"FOO \xc1\r\n")
        self.assertEqual(self.server.heard, [("", "\xe9\xff"), ("", "\u0430")])
        self.server.sendLine("\u0430")
        self.assertEqual(self.transport.value(), b"\xc1\r\n")

    def test_tags(self) -> None:
        """Tags are there while their message is handled, and not for the next."""
        self.server.dataReceived(b"@a=b TAGGED c\r\n")
        self.assertEqual(self.server.heard, [("a", "b", "c")])
        self.server.dataReceived(b"FOO\r\n")
        self.assertEqual(dict(self.server.tags), {})

    def test_unknown(self) -> None:
        """What there is no method for is answered so."""
        self.server.dataReceived(b"unknown x\r\nBar\r\n001\r\n")
        self.assertEqual(
            self.sent(),
            [
                "421 UNKNOWN :Unknown command",
                "421 BAR :Unknown command",
                "421 001 :Unknown command",
            ],
        )

    def test_blank(self) -> None:
        """Lines with nothing in them are no messages, and nothing is said of them."""
        self.server.dataReceived(b"\r\n\n   \r\n\t\nFOO a\r\n")
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.server.heard, [("", "a")])

    def test_mistake(self) -> None:
        """A mistake in a method is logged, and ends nothing."""
        self.server.dataReceived(b"BOOM\r\nFOO a\r\n")
        self.assertEqual(self.server.heard, [("", "a")])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_bad(self) -> None:
        """What is no message ends the connection, and what follows it is not heeded."""
        for line in (b"A \0", b"FOO a\rb", b":lonely", b"!?", b"@t"):
            self.connect()
            self.server.dataReceived(line + b"\r\nFOO a\r\n")
            (told,) = self.sent()
            self.assertTrue(told.startswith("ERROR :"), told)
            self.assertTrue(self.transport.disconnecting)
            self.assertEqual(self.server.heard, [])

    def test_tooLong(self) -> None:
        """A line that does not end is not waited for."""
        self.server.dataReceived(b"FOO ".ljust(irc.IRC.MAX_LENGTH, b"x"))
        self.assertFalse(self.transport.disconnecting)
        self.server.dataReceived(b"xx")
        self.assertEqual(self.sent(), ["ERROR :A line is longer than 16384 bytes."])
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(self.server.buffer, b"")

    @settings(deadline=None, max_examples=200)
    @given(
        st.lists(
            st.binary(max_size=20)
            | st.sampled_from([b"FOO ", b":a ", b"@b=c ", b"\r\n", b"\n", b" :", "\u20ac".encode()])
        ),
        st.lists(st.integers(0, 200)),
    )
    def test_anySplit(self, pieces: list[bytes], cuts: list[int]) -> None:
        """Any bytes, however they are split, call the same methods and get the same answers."""
        data = b"".join(pieces)
        self.connect()
        self.server.dataReceived(data)
        heard, sent = self.server.heard, self.sent()
        self.connect()
        at = 0
        for cut in [*sorted(cuts), len(data)]:
            if not self.transport.disconnecting:
                self.server.dataReceived(data[at:cut])
            at = max(at, cut)
        self.assertEqual((self.server.heard, self.sent()), (heard, sent))


class SendTests(ServerTests):
    """Messages and replies go out."""

    def test_hostname(self) -> None:
        """Without another, a server goes by the name of its host."""
        server = irc.IRC()
        server.makeConnection(StringTransport())
        self.assertTrue(server.hostname)
        self.assertEqual(server.channels, [])

    def test_injection(self) -> None:
        """No text becomes a second message."""
        for text in ("a\r\nQUIT", "a\nQUIT", "a\rQUIT", "a\0"):
            for call in (
                lambda: self.server.sendLine(text),  # noqa: B023 # called in the loop
                lambda: self.server.sendMessage("FOO", text),  # noqa: B023
                lambda: self.server.sendCommand("FOO", [text]),  # noqa: B023
                lambda: self.server.privmsg("a!b@c", "#x", text),  # noqa: B023
                lambda: self.server.notice("a!b@c", text, "x"),  # noqa: B023
                lambda: self.server.topic("a", "#x", text),  # noqa: B023
                lambda: self.server.part("a", "#x", text),  # noqa: B023
                lambda: self.server.join(text, "#x"),  # noqa: B023
                lambda: self.server.names("a", "#x", [text]),  # noqa: B023
            ):
                self.assertRaises(ValueError, call)
        self.assertNotIn(b"QUIT", self.transport.value())

    def test_bytes(self) -> None:
        """Bytes are refused, and told what to do."""
        error = self.assertRaises(TypeError, self.server.sendLine, b"PING")
        self.assertIn(".decode()", str(error))

    def test_sendMessage(self) -> None:
        """Goes out as it is."""
        self.server.sendMessage("FOO", "a b", ":c", prefix="p")
        self.server.sendMessage("FOO")
        self.assertEqual(self.sent(), [":p FOO a b :c", "FOO"])
        for command in ("", " FOO", ":FOO"):
            self.assertRaises(ValueError, self.server.sendMessage, command)

    def test_sendCommand(self) -> None:
        """Goes out as it is meant."""
        self.server.sendCommand("FOO", ["a", "b c"], "p", {"k": "v w"})
        self.server.sendCommand("FOO", ("a", ":b"))
        self.assertEqual(self.sent(), [r"@k=v\sw :p FOO a :b c", "FOO a :b"])

    def test_messages(self) -> None:
        """What others say and do."""
        self.server.privmsg("s!u@h", "#r", "hello you")
        self.server.notice("s!u@h", "#r", "")
        self.server.action("s!u@h", "#r", "waves")
        self.server.join("s!u@h", "#r")
        self.server.part("s!u@h", "#r")
        self.server.part("s!u@h", "#r", "bye bye")
        self.assertEqual(
            self.sent(),
            [
                ":s!u@h PRIVMSG #r :hello you",
                ":s!u@h NOTICE #r :",
                ":s!u@h PRIVMSG #r :\x01ACTION waves\x01",
                ":s!u@h JOIN #r",
                ":s!u@h PART #r",
                ":s!u@h PART #r :bye bye",
            ],
        )

    def test_channels(self) -> None:
        """What there is to say of a channel."""
        self.server.topic("u", "#c", "top ic")
        self.server.topic("u", "#c", None)
        self.server.topic("u", "#c", "new", "a!b@c")
        self.server.topic("u", "#c", None, "a!b@c")
        self.server.topicAuthor("u", "#c", "a", 1234.5)
        self.server.channelMode("u", "#c", "+tn")
        self.server.channelMode("u", "#c", "+k", "key")
        self.server.who("u", "#c", [("usr", "host", "srv", "nick", "H", 0, "A. Name")])
        self.assertEqual(
            self.sent(),
            [
                ":srv 332 u #c :top ic",
                ":srv 331 u #c :No topic is set.",
                ":a!b@c TOPIC #c :new",
                ":a!b@c TOPIC #c :",
                ":srv 333 u #c a 1234",
                ":srv 324 u #c +tn",
                ":srv 324 u #c +k key",
                ":srv 352 u #c usr host srv nick H :0 A. Name",
                ":srv 315 u #c :End of /WHO list.",
            ],
        )

    def test_names(self) -> None:
        """Names go out in lines of 512 bytes at most, none lost."""
        self.server.names("u", "#c", [])
        self.server.names("u", "#c", ["a", "@b"])
        self.assertEqual(
            self.sent(),
            [
                ":srv 366 u #c :End of /NAMES list",
                ":srv 353 u = #c :a @b",
                ":srv 366 u #c :End of /NAMES list",
            ],
        )
        many = [f"n\u00e4me{number}" for number in range(500)]
        self.server.names("u", "#c", many)
        *lines, end = self.sent()
        self.assertEqual(" ".join(line.partition(" :")[2] for line in lines).split(), many)
        for line in lines[:-1]:
            self.assertTrue(495 < len(line.encode()) <= 510, len(line.encode()))
        self.assertEqual(end, ":srv 366 u #c :End of /NAMES list")
        self.server.names("u", "#c", ["x" * 600])
        self.assertEqual(len(self.sent()), 2)

    def test_whois(self) -> None:
        """All that is known of somebody."""
        common = ("u", "nick", "user", "host", "Real N", "srv", "info")
        self.server.whois(*common, True, 12, 34, ["#a", "@#b"])
        self.server.whois(*common, False, 12, 34, [])
        begin = [":srv 311 u nick user host * :Real N", ":srv 312 u nick srv :info"]
        idle = ":srv 317 u nick 12 34 :seconds idle, signon time"
        end = ":srv 318 u nick :End of WHOIS list."
        self.assertEqual(
            self.sent(),
            [
                *begin,
                ":srv 313 u nick :is an IRC operator",
                idle,
                ":srv 319 u nick :#a @#b",
                end,
                *begin,
                idle,
                end,
            ],
        )
