"""Text of IRC: CTCP's quotings, modes, what servers support, splitting and formatting."""

from __future__ import annotations

import io
import tempfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.trial.unittest import SynchronousTestCase
from twisted.words.protocols import irc
from twisted.words.protocols.irc import _isupport, _limits
from twisted.words.protocols.irc import attributes as A

UNHURRIED = settings(deadline=None, max_examples=200)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


class QuotingTests(SynchronousTestCase):
    """CTCP's two quotings, and its messages."""

    def test_quote(self) -> None:
        """What is quoted, and how."""
        self.assertEqual(irc.lowQuote("a\nb\rc\0d\x10e"), "a\x10nb\x10rc\x100d\x10\x10e")
        self.assertEqual(irc.ctcpQuote("a\x01b\\c"), r"a\ab\\c")

    def test_dequote(self) -> None:
        """What is quoted without need loses its quote; what ends in one keeps it."""
        self.assertEqual(irc.lowDequote("\x10n\x10r\x100\x10\x10\x10z\x10"), "\n\r\0\x10z\x10")
        self.assertEqual(irc.ctcpDequote("\\a\\\\\\z\\"), "\x01\\z\\")

    @UNHURRIED
    @given(TEXT)
    def test_roundTrip(self, text: str) -> None:
        """What is quoted comes back, and cannot break what it is in."""
        self.assertEqual(irc.lowDequote(irc.lowQuote(text)), text)
        self.assertEqual(irc.ctcpDequote(irc.ctcpQuote(text)), text)
        self.assertFalse(set(irc.lowQuote(text)) & {"\0", "\r", "\n"})
        self.assertNotIn("\x01", irc.ctcpQuote(text))
        self.assertEqual(
            irc.ctcpExtract("a" + irc.ctcpStringify([("TAG", text or None), ("END", None)])),
            {"normal": ["a"], "extended": [("TAG", text or None), ("END", None)]},
        )

    def test_extract(self) -> None:
        """Messages of CTCP in text, complete and not."""
        for text, extended, normal in [
            ("\x01ACTION x\x01", [("ACTION", "x")], []),
            ("a\x01B c\x01d\x01E\x01", [("B", "c"), ("E", None)], ["a", "d"]),
            ("\x01\x01", [], []),
            ("\x01A", [("A", None)], []),
            ("\x01A  b c\x01", [("A", " b c")], []),
            ("plain", [], ["plain"]),
            ("", [], []),
        ]:
            self.assertEqual(irc.ctcpExtract(text), {"extended": extended, "normal": normal}, text)

    def test_stringify(self) -> None:
        """Data may be text, several, or nothing."""
        self.assertEqual(
            irc.ctcpStringify([("A", "b"), ("C", None), ("D", ["x", "y"]), ("E", "\x01")]),
            "\x01A b\x01\x01C\x01\x01D x y\x01\x01E \\a\x01",
        )


class ModeTests(SynchronousTestCase):
    """Changes of modes."""

    def test_modes(self) -> None:
        """What is set and what is taken away."""
        for modes, params, taking, expected in [
            ("+ov", ["a", "b"], ("ov", "ov"), ([("o", "a"), ("v", "b")], [])),
            ("+o-v+l", ["a", "b", "5"], ("ovl", "ov"), ([("o", "a"), ("l", "5")], [("v", "b")])),
            ("-l", [], ("l", ""), ([], [("l", None)])),
            ("+i", [], ("", ""), ([("i", None)], [])),
        ]:
            self.assertEqual(irc.parseModes(modes, params, taking), (expected[0], expected[1]))

    def test_bad(self) -> None:
        """What cannot be read is refused, and says why."""
        for modes, params, why in [
            ("", [], "Empty mode string"),
            ("ov", [], "Malformed modes string"),
            ("+", [], "Empty mode sequence"),
            ("+-o", ["a"], "Empty mode sequence"),
            ("+o", [], "Not enough parameters"),
            ("+o", ["a", "b"], "Too many parameters"),
            ("+x", ["a"], "Too many parameters"),
        ]:
            error = self.assertRaises(irc.IRCBadModes, irc.parseModes, modes, params, ("o", "o"))
            self.assertIn(why, str(error))
            self.assertIsInstance(error, ValueError)


class SupportTests(SynchronousTestCase):
    """What a server says that it supports."""

    def setUp(self) -> None:
        self.supported = irc.ServerSupportedFeatures()

    def test_defaults(self) -> None:
        """Without a word from the server, RFC 1459 holds."""
        get = self.supported.getFeature
        self.assertEqual(get("CHANTYPES"), ("#", "&"))
        self.assertEqual((get("CHANNELLEN"), get("NICKLEN"), get("MODES")), (200, 9, 3))
        self.assertEqual(get("PREFIX"), {"o": ("@", 0), "v": ("+", 1), "h": ("%", 2)})
        self.assertEqual(get("CHANMODES")["setParam"], "lk")
        self.assertFalse(self.supported.hasFeature("EXCEPTS"))
        self.assertEqual(get("EXCEPTS", "x"), "x")

    def test_features(self) -> None:
        """The values of features."""
        modes = {"addressModes": "b", "param": "k", "setParam": "l", "noParam": "imn"}
        for param, value in [
            ("CHANLIMIT=#&:25,+:", [("#&", 25), ("+", None)]),
            ("CHANMODES=b,k,l,imn", modes),
            ("CHANMODES=b,k,l,imn,xyz", modes),
            ("CHANNELLEN=50", 50),
            ("CHANTYPES=#!", ("#", "!")),
            ("EXCEPTS", "e"),
            ("EXCEPTS=f", "f"),
            ("IDCHAN=!:5", [("!", "5")]),
            ("INVEX", "I"),
            ("INVEX=J", "J"),
            ("KICKLEN=9", 9),
            ("MAXLIST=beI:25,q:x", [("beI", 25), ("q", None)]),
            ("MODES=4", 4),
            ("NETWORK=a\\x20b", "a b"),
            ("NICKLEN=30", 30),
            ("PREFIX=(qoh)~@%", {"q": ("~", 0), "o": ("@", 1), "h": ("%", 2)}),
            ("SAFELIST", True),
            ("STATUSMSG=@+", "@+"),
            ("TARGMAX=PRIVMSG:4,NOTICE:", {"PRIVMSG": 4, "NOTICE": None}),
            ("TOPICLEN=80", 80),
            ("CASEMAPPING=rfc1459", ("rfc1459",)),
            ("FOO=a,b:c\\x3D", ("a", "b:c=")),
            ("FOO", ("",)),
        ]:
            self.supported.parse([param])
            feature = param.partition("=")[0]
            self.assertEqual(self.supported.getFeature(feature), value, param)
            self.assertTrue(self.supported.hasFeature(feature))

    def test_noMore(self) -> None:
        """What a server takes back it does not have; nor a feature with the value of none."""
        self.supported.parse(["FOO=x", "-FOO", "-NICKLEN", "-UNHEARD", "PREFIX=", "MODES"])
        for feature in ("FOO", "NICKLEN", "PREFIX", "MODES"):
            self.assertFalse(self.supported.hasFeature(feature), feature)

    def test_wrong(self) -> None:
        """What a server gets wrong is as if it had not said it."""
        self.supported.parse(
            ["NICKLEN=x", "NICKLEN", "CHANNELLEN=", "PREFIX=ov", "CHANMODES=", "FOO=\\xZZ"]
        )
        self.assertEqual(self.supported.getFeature("NICKLEN"), 9)
        self.assertEqual(self.supported.getFeature("CHANNELLEN"), 200)
        self.assertEqual(self.supported.getFeature("PREFIX")["o"], ("@", 0))
        self.assertEqual(self.supported.getFeature("CHANMODES")["addressModes"], "b")
        self.assertEqual(self.supported.getFeature("FOO"), ("\\xZZ",))

    def test_many(self) -> None:
        """Features do not fill the memory."""
        self.supported.parse(f"F{number}" for number in range(10_000))
        self.assertLessEqual(len(self.supported._features), _isupport.MAX_FEATURES)


class SplitTests(SynchronousTestCase):
    """Text in pieces."""

    def test_pieces(self) -> None:
        """Between words if possible, by the line."""
        for text, length, pieces in [
            ("hello world foo bar", 8, ["hello", "world", "foo bar"]),
            ("aaaaaaaaaaaa", 5, ["aaaaa", "aaaaa", "aa"]),
            ("a b\nc d\r\n\ne\rf", 80, ["a b", "c d", "e", "f"]),
            ("  lead and trail  ", 80, ["  lead and trail"]),
            ("  leadandtrail", 6, ["  lead", "andtra", "il"]),
            ("      x", 3, ["x"]),
            ("   ", 3, []),
            ("", 80, []),
            ("word " * 5, 10, ["word word", "word word", "word"]),
            ("\u20ac\u20ac\u20ac", 7, ["\u20ac\u20ac", "\u20ac"]),
            ("a \u20ac\u20ac", 5, ["a", "\u20ac", "\u20ac"]),
        ]:
            self.assertEqual(irc.split(text, length), pieces, text)
        self.assertEqual([len(piece) for piece in irc.split("x" * 100)], [80, 20])

    def test_tooShort(self) -> None:
        """A piece must have room for a character."""
        self.assertRaises(ValueError, irc.split, "x", 0)
        error = self.assertRaises(ValueError, irc.split, "a\U0001f600", 3)
        self.assertIn("allow 4", str(error))

    @UNHURRIED
    @given(TEXT, st.integers(4, 30))
    def test_anything(self, text: str, length: int) -> None:
        """No piece is too long or empty, and nothing but spaces and line ends is lost."""
        pieces = irc.split(text, length)
        for piece in pieces:
            self.assertTrue(0 < len(piece.encode()) <= length)
            self.assertFalse(set(piece) & {"\r", "\n"})
        kept = str.maketrans("", "", " \r\n")
        self.assertEqual("".join(pieces).translate(kept), text.translate(kept))


class FormattingTests(SynchronousTestCase):
    """Bold, underlined and coloured text."""

    def test_assemble(self) -> None:
        """Each run of text has all of its marks before it."""
        cases: list[tuple[Any, str]] = [
            ("hello", "\x0fhello"),
            (A.normal["hello"], "\x0fhello"),
            (A.bold["hello, ", A.underline["you"], "!"], "\x0f\x02hello, \x0f\x02\x1fyou\x0f\x02!"),
            (A.fg.lightRed["x"], "\x0f\x0304x"),
            (A.fg.red[A.bg.blue["x"]], "\x0f\x0305,02x"),
            (A.bg.blue["x"], "\x0f\x0399,02x"),
            (A.reverseVideo["x"], "\x0f\x16x"),
            (A.italic[A.monospace[A.strikethrough["x"]]], "\x0f\x1d\x1e\x11x"),
            (A.bold[A.normal["x"]], "\x0fx"),
            (A.fg.red["1", A.fg.blue["2"], "3"], "\x0f\x03051\x0f\x03022\x0f\x03053"),
            (A.bold["a"]["b"], "\x0f\x02a\x0f\x02b"),
        ]
        for formatted, text in cases:
            self.assertEqual(irc.assembleFormattedText(formatted), text)

    def test_wrong(self) -> None:
        """What is no text, and what is no colour, is refused."""
        error = self.assertRaises(TypeError, lambda: A.bold[5])  # type: ignore[index]  # tried
        self.assertIn("use str()", str(error))
        error2 = self.assertRaises(AttributeError, lambda: A.fg.pink)
        self.assertIn("lightRed", str(error2))

    def test_parse(self) -> None:
        """Marks are read: what they turn on, they turn off."""
        for text, formatted in [
            ("", A.normal),
            ("\x02\x0304", A.normal),
            ("plain", A.normal["plain"]),
            ("\x02bold\x02not", A.normal[A.bold["bold"], "not"]),
            ("\x0304red\x03not", A.normal[A.fg.lightRed["red"], "not"]),
            (
                "\x034,8rb\x0310c",
                A.normal[A.fg.lightRed[A.bg.yellow["rb"]], A.fg.cyan[A.bg.yellow["c"]]],
            ),
            ("a\x02b\x1fc\x0fd", A.normal["a", A.bold["b"], A.bold[A.underline["c"]], "d"]),
            ("\x0312,", A.normal[A.fg.lightBlue[","]]),
            ("\x03,5x", A.normal[",5x"]),
            ("\x0320x", A.normal[A.fg.lightRed["x"]]),
            ("\x0304,05a\x0399b", A.normal[A.fg.lightRed[A.bg.red["a"]], A.bg.red["b"]]),
            ("\x03015x", A.normal[A.fg.black["5x"]]),
            ("\x04FF0000,00FF00x", A.normal["x"]),
            ("\x1d\x16\x11x", A.normal[A.italic[A.monospace[A.reverseVideo["x"]]]]),
        ]:
            self.assertEqual(irc.parseFormattedText(text), formatted, repr(text))

    @UNHURRIED
    @given(st.text("a1,\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f"))
    def test_anything(self, text: str) -> None:
        """What is read and written again looks the same, and has the same text."""
        plain = irc.stripFormatting(text)
        self.assertFalse(set(plain) - set("a1,"))
        parsed = irc.parseFormattedText(text)
        self.assertEqual("".join(run for _, run in parsed.runs()), plain)


class SizeTests(SynchronousTestCase):
    """The sizes of files."""

    def test_fileSize(self) -> None:
        """Of real files, of those in memory, and of what is none."""
        with tempfile.TemporaryFile() as file:
            file.write(b"12345")
            file.flush()
            self.assertEqual(irc.fileSize(file), 5)
        memory = io.BytesIO(b"12345")
        memory.seek(2)
        self.assertEqual((irc.fileSize(memory), memory.tell()), (5, 2))
        self.assertEqual(irc.fileSize(object()), -1)  # type: ignore[arg-type]  # tried


class AllowanceTests(SynchronousTestCase):
    """How often something may be done."""

    def test_take(self) -> None:
        """In a burst, and then once in so many seconds."""
        allowance = _limits.Allowance(2, 10)
        taken = [allowance.take(now) for now in (100, 100, 100, 109, 110, 111, 200, 200, 200)]
        self.assertEqual(taken, [True, True, False, False, True, False, True, True, False])
        self.assertFalse(allowance.take(0))
