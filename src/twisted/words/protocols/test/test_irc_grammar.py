"""The grammar of IRC."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.trial.unittest import SynchronousTestCase
from twisted.words.protocols import irc

UNHURRIED = settings(deadline=None, max_examples=200)

#: Text of any kind that can be in a line.
TEXT = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
#: Text that can be a parameter wherever it is.
WORDS = TEXT.filter(lambda text: bool(text) and " " not in text and text[0] != ":")
KEYS = st.from_regex(r"\+?([a-z.]+/)?[A-Za-z0-9-]+", fullmatch=True)


class ParseTests(SynchronousTestCase):
    """Lines are taken apart."""

    def test_messages(self) -> None:
        """Whom it is from, the command, the parameters."""
        for line, expected in [
            (":a!b@c PRIVMSG #x :hello world", ("a!b@c", "PRIVMSG", ["#x", "hello world"])),
            ("PING", ("", "PING", [])),
            ("PING :", ("", "PING", [""])),
            ("ping x", ("", "ping", ["x"])),
            ("NICK  foo  bar ", ("", "NICK", ["foo", "bar"])),
            ("FOO a b :c :d", ("", "FOO", ["a", "b", "c :d"])),
            (":p 001 me  :b", ("p", "001", ["me", "b"])),
            ("A b:c d", ("", "A", ["b:c", "d"])),
            (" X y", ("", "X", ["y"])),
            ("@a=b;c :x!y PRIVMSG z :q", ("x!y", "PRIVMSG", ["z", "q"])),
        ]:
            self.assertEqual(irc.parsemsg(line), expected, line)

    def test_onlySpacesSplit(self) -> None:
        """The marks of underlined and italic text are no spaces, nor are those of other scripts."""
        self.assertEqual(
            irc.parsemsg("TOPIC \x1fa\x1d\u3000b\x0b c"),
            ("", "TOPIC", ["\x1fa\x1d\u3000b\x0b", "c"]),
        )

    def test_tags(self) -> None:
        """Their values are unescaped; the last of several counts, and rubbish is let pass."""
        tags, prefix, command, params = irc.parseMessage(
            r"@id=1;+x/y-z=a\:b\sc\\\r\nd\e\;empty=;bare;id=2;;=q  :s C p"
        )
        self.assertEqual(
            dict(tags), {"id": "2", "+x/y-z": "a;b c\\\r\nde", "empty": "", "bare": ""}
        )
        self.assertEqual((prefix, command, params), ("s", "C", ["p"]))

    def test_noTags(self) -> None:
        """Those of a message without tags cannot be changed for all others."""
        tags = irc.parseMessage("PING")[0]
        with self.assertRaises(TypeError):
            tags["a"] = "b"  # type: ignore[index]  # that is what is tried

    def test_bad(self) -> None:
        """What is no message is refused, and says why."""
        for line, why in [
            ("", "no command"),
            ("   ", "no command"),
            (" :trailing", "no command"),
            (":lonely", "no command"),
            ("@tags", "no command"),
            (": ", "no command"),
            ("PRIV\0MSG a", "CR, LF or NUL"),
            ("A b\rQUIT", "CR, LF or NUL"),
            ("A b\nQUIT", "CR, LF or NUL"),
            ("F-O x", "'F-O' is no command"),
            ("RPL_WELCOME x", "is no command"),
            ("\u0661\u0661\u0661 x", "is no command"),
            ("A" + " b" * 65, "65 parameters"),
            ("@a=" + "\u20ac" * 2729 + "x A", "tags are longer than 8191"),
        ]:
            error = self.assertRaises(irc.IRCBadMessage, irc.parseMessage, line)
            self.assertIn(why, str(error), line)

    def test_limits(self) -> None:
        """What is just short enough is taken."""
        self.assertEqual(len(irc.parsemsg("A" + " b" * 64)[2]), irc.MAX_PARAMETERS)
        self.assertEqual(irc.parsemsg("@a=" + "\u20ac" * 2729 + " A"), ("", "A", []))

    @UNHURRIED
    @given(st.text())
    def test_anything(self, line: str) -> None:
        """Any text is a message or an `IRCBadMessage`."""
        try:
            _, prefix, command, params = irc.parseMessage(line)
        except irc.IRCBadMessage:
            return
        self.assertEqual((prefix, command, params), irc.parsemsg(line))
        self.assertTrue(command.isalnum())
        self.assertNotIn(" ", "".join([prefix, *params[:-1]]))


class BuildTests(SynchronousTestCase):
    """Lines are put together."""

    def test_messages(self) -> None:
        """The last parameter gets its colon if it needs one and has none."""
        build = irc.buildMessage
        self.assertEqual(build("PING", []), "PING")
        self.assertEqual(build("FOO", ["a", "b"], "p"), ":p FOO a b")
        self.assertEqual(build("FOO", ["a", "b c"]), "FOO a :b c")
        self.assertEqual(build("FOO", ["a", ""]), "FOO a :")
        self.assertEqual(build("FOO", ["a", ":b c"]), "FOO a :b c")

    def test_tags(self) -> None:
        """Tags are escaped; None is a tag without a value."""
        self.assertEqual(
            irc.buildMessage("FOO", ["a"], "p", {"k": "x;y \\\r\n", "z": None, "+a.b/c": ""}),
            r"@k=x\:y\s\\\r\n;z;+a.b/c= :p FOO a",
        )

    def test_bad(self) -> None:
        """What would be read as something else is refused."""
        for args in [
            ("",),
            ("F OO",),
            (":FOO",),
            ("@FOO",),
            ("FOO", ["a\r\nQUIT"]),
            ("FOO", ["a\0"]),
            ("FOO", ["a"], "p\nQUIT"),
            ("FOO\r\nQUIT",),
            ("FOO", [], None, {"": "x"}),
            ("FOO", [], None, {"a b": "x"}),
            ("FOO", [], None, {"a;b": "x"}),
            ("FOO", [], None, {"a": "\0"}),
        ]:
            with self.assertRaises(ValueError):
                irc.buildMessage(*(args if len(args) > 1 else (*args, [])))  # type: ignore[arg-type]  # tuples of all lengths

    @UNHURRIED
    @given(
        st.dictionaries(KEYS, TEXT, max_size=4),
        st.none() | WORDS,
        st.from_regex("[A-Z]{1,8}|[0-9]{3}", fullmatch=True),
        st.lists(WORDS, max_size=5),
        st.none() | TEXT.filter(lambda text: text[:1] != ":"),
    )
    def test_roundTrip(
        self,
        tags: dict[str, str],
        prefix: str | None,
        command: str,
        params: list[str],
        last: str | None,
    ) -> None:
        """What is put together is taken apart again."""
        words = params if last is None else [*params, last]
        line = irc.buildMessage(command, words, prefix, tags)
        self.assertEqual(irc.parseMessage(line), (tags, prefix or "", command, words))


class NumericTests(SynchronousTestCase):
    """The numbers of replies."""

    def test_tables(self) -> None:
        """There are 140, each with one name."""
        self.assertEqual(len(irc.symbolic_to_numeric), 140)
        self.assertEqual(len(irc.numeric_to_symbolic), 140)
        self.assertEqual(irc.symbolic_to_numeric["RPL_WELCOME"], "001")
        self.assertEqual(irc.numeric_to_symbolic["433"], "ERR_NICKNAMEINUSE")
        for name, number in irc.symbolic_to_numeric.items():
            self.assertEqual(getattr(irc, name), number)
            self.assertIn(name, irc.__all__)
