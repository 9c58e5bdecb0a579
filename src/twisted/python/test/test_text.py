"""Tests for twisted.python.text."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.python import text
from twisted.trial import unittest

sample = """Every attempt to employ mathematical methods in the study of chemical
questions must be considered profoundly irrational and contrary to the
spirit of chemistry ...


  If mathematical analysis should ever hold a prominent place in chemistry."""


class WrapTests(unittest.SynchronousTestCase):
    """`greedyWrap`."""

    def test_words(self) -> None:
        """No word is lost or changed."""
        self.assertEqual(" ".join(text.greedyWrap(sample)).split(), sample.split())

    def test_width(self) -> None:
        """Lines are as long as fits, not longer."""
        self.assertEqual(text.greedyWrap("aa bb cc dd", 5), ["aa bb", "cc dd"])
        self.assertEqual(text.greedyWrap("aa bb cc dd", 4), ["aa", "bb", "cc", "dd"])
        self.assertTrue(all(len(line) <= 30 for line in text.greedyWrap(sample, 30)))

    def test_paragraphs(self) -> None:
        """An empty line separates paragraphs; a simple line break is white space."""
        self.assertEqual(text.greedyWrap("a\nb\n \nc  d", 80), ["a b", "", "c d"])

    def test_tooLong(self) -> None:
        """A word that does not fit has a line of its own, whole."""
        self.assertEqual(text.greedyWrap("a " + "w" * 20 + " b", 10), ["a", "w" * 20, "b"])

    def test_empty(self) -> None:
        """No words, no lines."""
        self.assertEqual(text.greedyWrap("   \n "), [])

    def test_alias(self) -> None:
        """`wordWrap` is the same."""
        self.assertIs(text.wordWrap, text.greedyWrap)

    @settings(deadline=None, max_examples=50)
    @given(st.text("ab \n", max_size=80), st.integers(1, 20))
    def test_any(self, source: str, width: int) -> None:
        """Words are kept in order, and lines fit unless they are one word."""
        lines = text.greedyWrap(source, width)
        self.assertEqual(" ".join(lines).split(), source.split())
        self.assertTrue(all(len(line) <= width or " " not in line for line in lines))


class LineTests(unittest.SynchronousTestCase):
    """Questions about lines, and blank ones."""

    def test_isMultiline(self) -> None:
        """A line break makes it more than one line."""
        self.assertTrue(text.isMultiline("a\nb"))
        self.assertFalse(text.isMultiline("a b"))

    def test_endsInNewline(self) -> None:
        """Only a line break at the end counts."""
        self.assertTrue(text.endsInNewline("a\n"))
        self.assertFalse(text.endsInNewline("a\nb"))

    def test_removeLeadingBlanks(self) -> None:
        """Blank lines go only from the start."""
        self.assertEqual(text.removeLeadingBlanks(["", " \t", "a", "", "b"]), ["a", "", "b"])
        self.assertEqual(text.removeLeadingBlanks(["", " "]), [])

    def test_removeLeadingTrailingBlanks(self) -> None:
        """Blank lines go from both ends, the indentation of the others stays."""
        self.assertEqual(text.removeLeadingTrailingBlanks("\n \n  a\n\nb\n\n"), "  a\n\nb\n")


class SplitQuotedTests(unittest.SynchronousTestCase):
    """`splitQuoted`."""

    def test_table(self) -> None:
        """Quotes keep words together."""
        table = {
            "": [],
            "   ": [],
            "foo bar  bash": ["foo", "bar", "bash"],
            '"foo bar" bash': ["foo bar", "bash"],
            "'foo bar' bash": ["foo bar", "bash"],
            '"I\'m here" \'say "no"\'': ["I'm here", 'say "no"'],
            '"" x': ["", "x"],
            'a"b c"d': ['a"b c"d'],
            '"open to the end': ["open to the end"],
            '"': [""],
        }
        for source, expected in table.items():
            self.assertEqual(text.splitQuoted(source), expected, source)


class StrFileTests(unittest.SynchronousTestCase):
    """`strFile`."""

    def test_found(self) -> None:
        """A text is found anywhere, across the pieces in which the file is read too."""
        self.patch(text, "_READ_SIZE", 3)
        content = "this is a test string"
        for start in range(len(content)):
            for end in range(start + 1, len(content) + 1):
                self.assertTrue(text.strFile(content[start:end], io.StringIO(content)))

    def test_notFound(self) -> None:
        """What is not there is not found."""
        self.assertFalse(text.strFile("x", io.StringIO("abc")))
        self.assertFalse(text.strFile("abcd", io.StringIO("abc")))
        self.assertFalse(text.strFile(b"x", io.BytesIO(b"")))

    def test_empty(self) -> None:
        """Nothing is in everything."""
        self.assertTrue(text.strFile("", io.StringIO("abc")))
        self.assertTrue(text.strFile("", io.StringIO("")))

    def test_case(self) -> None:
        """Capitals matter unless told otherwise."""
        self.assertFalse(text.strFile("TEST", io.StringIO("a test")))
        self.assertTrue(text.strFile("TEST", io.StringIO("a tEsT"), caseSensitive=False))


class StringyStringTests(unittest.SynchronousTestCase):
    """`stringyString`."""

    def test_tuple(self) -> None:
        """A sequence has its items on lines of their own."""
        self.assertEqual(text.stringyString((1, 2)), "(\n 1\n 2\n)")
        self.assertEqual(text.stringyString([1]), "[\n 1\n]")

    def test_dict(self) -> None:
        """A dict has its items on lines, deeper ones indented."""
        self.assertEqual(text.stringyString({"a": 1, "b": {"c": 2}}), "a: 1\nb:\n   c: 2")

    def test_lines(self) -> None:
        """Each line of a text is indented."""
        self.assertEqual(text.stringyString("a\nb", "  "), "  a\n  b")
