"""The parser of XML, and of what is nearly XML."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.parsers import expat

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twisted.trial import unittest
from twisted.web import sux
from twisted.web.sux import ParseError, XMLParser, _parser, _states

#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


class Recorder(XMLParser):
    """Keeps what is found."""

    def __init__(self, lenient: bool) -> None:
        self.found: list[tuple[Any, ...]] = []
        self.beExtremelyLenient = lenient
        self.connectionMade()

    def gotTagStart(self, name: str, attributes: dict[str, str]) -> None:
        self.found.append(("start", name, attributes))

    def gotTagEnd(self, name: str) -> None:
        self.found.append(("end", name))

    def gotText(self, data: str) -> None:
        self.found.append(("text", data))

    def gotComment(self, comment: str) -> None:
        self.found.append(("comment", comment))

    def gotCData(self, cdata: str) -> None:
        self.found.append(("cdata", cdata))

    def gotDoctype(self, doctype: str) -> None:
        self.found.append(("doctype", doctype))

    def gotEntityReference(self, entityRef: str) -> None:
        self.found.append(("reference", entityRef))


def parsed(*pieces: Any, lenient: bool = False) -> list[tuple[Any, ...]]:
    """What is found in a document; last the message of the error, if there is one."""
    parser = Recorder(lenient)
    try:
        for piece in pieces:
            parser.dataReceived(piece)
        parser.connectionLost(None)
    except ParseError as error:
        parser.found.append(("error", error.message))
    return parser.found


def start(name: str, **attributes: str) -> tuple[Any, ...]:
    return ("start", name, attributes)


class StrictTests(unittest.SynchronousTestCase):
    """Documents that are well-formed, and some that are not."""

    def test_document(self) -> None:
        """All kinds of things."""
        document = """<?xml version="1.0"?>
<!DOCTYPE html PUBLIC '>' "]" [<!ENTITY a 'b'>]>
<!-- c -- d -->
<a b='c>' d = "e'" > t&amp;u<!---->&#65;<![CDATA[x]]y<]]>
<?php x > ?><c:d/><e-f.g_h /></a >
"""
        self.assertEqual(
            parsed(document),
            [
                ("doctype", "html PUBLIC '>' \"]\" [<!ENTITY a 'b'>]"),
                ("comment", " c -- d "),
                start("a", b="c>", d="e'"),
                ("text", " t"),
                ("reference", "amp"),
                ("text", "u"),
                ("comment", ""),
                ("reference", "#65"),
                ("cdata", "x]]y<"),
                ("text", "\n"),
                start("c:d"),
                ("end", "c:d"),
                start("e-f.g_h"),
                ("end", "e-f.g_h"),
                ("end", "a"),
                ("text", "\n"),
            ],
        )

    def test_attributes(self) -> None:
        """Values are as they are written."""
        found = [start("a", b="&amp;<\n", c=""), ("end", "a")]
        self.assertEqual(parsed("<a\n b='&amp;<\n'c=''/>"), found)

    def test_bad(self) -> None:
        """What is not well-formed raises an error that says what and where."""
        for document, line, column, message in [
            ("text", 1, 1, "First char of document ['t'] wasn't <"),
            ("<a b=c>", 1, 6, "Attribute values must be quoted"),
            ("<a b>", 1, 5, "Invalid attribute name: 'b' '>'"),
            ("<a b c='d'>", 1, 6, "Attribute without a value: 'b'"),
            ("<1>", 1, 2, "Invalid tag character: '1'"),
            ("<a -b='c'>", 1, 4, "Unexpected character: '-'"),
            ("<a &b>", 1, 4, "Unexpected character: '&'"),
            ("<a>a & b</a>", 1, 7, "Bad entity reference"),
            ("<a>&;</a>", 1, 5, "Bad entity reference"),
            ("<a>\n< b>", 2, 2, "Whitespace before tag-name"),
            ("<>", 1, 2, "Invalid tag character: '>'"),
            ("</>", 1, 3, "Invalid tag character: '>'"),
            ("<a(>", 1, 3, "Invalid tag character: '('"),
            ("<a/ >", 1, 4, "No data allowed after '/'"),
            ("</a b>", 1, 5, "Unexpected character in an end tag: 'b'"),
            ("<a b='1' b='2'>", 1, 14, "The attribute 'b' is there twice"),
            ("<!FOO>", 1, 6, "Unknown declaration: '!FOO'"),
            ("<![IF x]>", 1, 4, "Mal-formed CDATA header"),
            ("<a>\x00", 1, 3, "cannot be in XML: '\\x00'"),
            ("<a>\ud800", 1, 3, "cannot be in XML"),
        ]:
            parser = Recorder(False)
            parser.filename = "it.xml"
            error = self.assertRaises(ParseError, parser.dataReceived, document)
            self.assertIn(message, error.message)
            self.assertEqual((error.line, error.col), (line, column), document)
            self.assertTrue(str(error).startswith(f"it.xml:{line}:{column}: "))
            # Nothing is parsed after it, nor is there an end.
            self.assertIs(self.assertRaises(ParseError, parser.dataReceived, "<b>"), error)
            parser.connectionLost(None)

    def test_unfinished(self) -> None:
        """A document that ends in the middle of something is not well-formed."""
        for document in (
            "<a",
            "<",
            "<a b",
            "<a b='",
            "<!-- ",
            "<![CDATA[",
            "<a>&amp",
            "<?x",
            "</a",
        ):
            self.assertIn("ends in the middle", parsed(document)[-1][1])

    def test_entities(self) -> None:
        """Nothing grows: what a document declares has no effect."""
        declared = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
        document = f'<!DOCTYPE a [<!ENTITY e0 "ha">{declared}]><a>&e9;</a>'
        self.assertEqual(parsed(document)[1:], [start("a"), ("reference", "e9"), ("end", "a")])

    def test_limits(self) -> None:
        """There is a limit on whatever is kept."""
        self.patch(_parser, "MAX_DATA", 1000)
        self.patch(_parser, "MAX_VALUE", 100)
        for document in (
            "<a" + "a" * 2000,
            "<a " + "a" * 2000,
            "<a>" + "a" * 2000,
            "<a>&" + "a" * 200,
            "<a b='" + "c" * 200,
            "<a " + "".join(f"b{n}='' " for n in range(300)),
            "<!--" + "a" * 2000,
            "<a><![CDATA[" + "a" * 2000,
            "<!DOCTYPE " + "a" * 2000,
        ):
            for pieces in ([document], list(document)):
                self.assertEqual(parsed(*pieces)[-1][0], "error", document[:10])
        self.assertEqual(parsed("<a b=" + "c" * 200, lenient=True)[-1][0], "error")
        self.assertEqual(parsed("<script>" + "<" * 2000, lenient=True)[-1][0], "error")

    def test_encodings(self) -> None:
        """Bytes are UTF-8, or what their mark or the declaration says; text is text."""
        document = "<a>\xe9\u20ac</a>"
        found = [start("a"), ("text", "\xe9\u20ac"), ("end", "a")]
        for data in (
            document,
            document.encode(),
            document.encode("utf-8-sig"),
            document.encode("utf-16"),
            b"\xfe\xff" + document.encode("utf-16-be"),
            b"<?xml version='1.0' encoding='windows-1252'?>" + document.encode("cp1252"),
            b"<?xml version='1.0' encoding='rot13'?>" + document.encode(),
            b"<?xml version='1.0' encoding='nonsense'?>" + document.encode(),
        ):
            self.assertEqual(parsed(data), found)
            self.assertEqual(parsed(*[data[at : at + 1] for at in range(len(data))]), found)
        self.assertIn("cannot be in XML", parsed(b"<a>\xff")[-1][1])
        self.assertEqual(parsed(b"<a>\xff", lenient=True)[1:], [("text", "\ufffd")])
        parser = Recorder(False)
        parser.dataReceived(b"<a/>")
        self.assertEqual(parser.encodings, "utf-8")

    def test_transitions(self) -> None:
        """The table has the states that there are methods for, all of which can be reached."""
        states = set(sux.prefixedMethodClassDict(XMLParser, "do_"))
        self.assertEqual(set(_states.TRANSITIONS), states)
        self.assertEqual(set().union(*_states.TRANSITIONS.values()), states)
        for prefix in ("begin_", "end_"):
            self.assertLess(set(sux.prefixedMethodClassDict(XMLParser, prefix)), states)


class LenientTests(unittest.SynchronousTestCase):
    """What browsers take."""

    def test_attributes(self) -> None:
        """Attributes without quotes, values or spaces."""
        for document, attributes in [
            ("<a b=c d=e/f>", {"b": "c", "d": "e/f"}),
            ("<a b c = d e>", {"b": "True", "c": "d", "e": "True"}),
            ("<a b = >", {"b": "True"}),
            ("<a b='1' b='2' &c @d>", {"b": "1", "c": "True", "d": "True"}),
            ("<a/b>", {"b": "True"}),
            ("<a b  =  'c' d\"e=f>", {"b": "c", "de": "f"}),
            ("<a / b @>", {"b": "True"}),
        ]:
            self.assertEqual(parsed(document, lenient=True), [("start", "a", attributes)])
        closed = [("start", "a", {"b": "c"}), ("end", "a")]
        self.assertEqual(parsed("<a b=c/>", lenient=True), closed)
        self.assertEqual(parsed("<a b='c' / >", lenient=True), closed)
        self.assertEqual(parsed("<a b/>", lenient=True), [start("a", b="True"), ("end", "a")])

    def test_text(self) -> None:
        """What cannot be a tag or a reference is text."""
        for document, text in [
            ("text", "text"),
            ("a < b", "a < b"),
            ("a <<b>", "a <"),
            ("a & b &", "a & b &"),
            ("&&", "&&"),
            ("a&b<", "a&b<"),
            ("<>", "<>"),
            ("<--><1>", "<--><1>"),
            ("</>", "</>"),
            ("&" + "a" * 40, "&" + "a" * 40),
        ]:
            found = parsed(document, lenient=True)
            self.assertEqual("".join(one[1] for one in found if one[0] == "text"), text)

    def test_unclosed(self) -> None:
        """A tag may end where another begins."""
        self.assertEqual(parsed("<a <b>", lenient=True), [start("a"), start("b")])
        self.assertEqual(parsed("<a b <c>", lenient=True), [start("a", b="True"), start("c")])

    def test_bogus(self) -> None:
        """Declarations that nobody knows are left out, and comments may be short."""
        document = "<![if x]><!foo><?y>a<!--><!---></a b>"
        found = [("text", "a"), ("comment", ""), ("comment", ""), ("end", "a")]
        self.assertEqual(parsed(document, lenient=True), found)

    def test_scripts(self) -> None:
        """Scripts are text, up to their end; but for a comment at their beginning."""
        for inside in ("if (a<b && c) x</b>", " <b>", "<<", "</scrip>", "a<!-- b -->", "<!-a", ""):
            text = [("text", inside)] if inside else []
            self.assertEqual(
                parsed(f"<Script>{inside}</scRipt >y", lenient=True),
                [start("Script"), *text, ("end", "scRipt"), ("text", "y")],
            )
        self.assertEqual(
            parsed("<style> <!-- a --> <![CDATA[b]]>c</style>", lenient=True)[1:-1],
            [("text", " "), ("comment", " a "), ("text", " "), ("cdata", "b"), ("text", "c")],
        )
        self.assertEqual(parsed("<script/>a<b/>", lenient=True)[-1], ("end", "b"))
        for inside in ("x", "x<", "x</scr", " "):
            self.assertEqual(parsed(f"<script>{inside}", lenient=True)[-1], ("text", inside))


class HelperTests(unittest.SynchronousTestCase):
    """The public functions beside the parser."""

    def test_dictionaries(self) -> None:
        self.assertEqual(sux.unionlist([1, 2], (2, 3)), [1, 2, 3])
        self.assertEqual(sux.zipfndict({1: 2}, {3: 4}), {1: (2, sux.nop), 3: (sux.nop, 4)})
        self.assertEqual(sux.zipfndict({1: 2}, {3: 4}, default=0), {1: (2, 0), 3: (0, 4)})
        sux.nop(1, a=2)

    def test_methods(self) -> None:
        class Methods:
            def x_a(self) -> str:
                return "a"

        self.assertEqual(sux.prefixedMethodClassDict(Methods, "x_"), {"a": Methods.x_a})
        self.assertEqual(sux.prefixedMethodObjDict(Methods(), "x_")["a"](), "a")


#: Pieces of documents, in any order.
PIECES = ["<", ">", "/", "</", "<a", "<a>", "</a>", "<b c='d'>", "=", '"', "'", "&", ";", "&amp;"]
PIECES += ["<!--", "-->", "-", "<![CDATA[", "]]>", "]", "<!DOCTYPE ", "[", "<?", "?>", "<script>"]
PIECES += ["</script>", "<style", " ", "\n", "x", "\xe9", "\u20ac", "\x00", "\ufeff", "!"]
DOCUMENTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=15).map(
    "".join
)
CUTS = st.lists(st.integers(0, 60), max_size=6)


class FuzzTests(unittest.SynchronousTestCase):
    """Any document, cut anywhere."""

    def check(self, document: Any, cuts: list[int], lenient: bool) -> None:
        whole = parsed(document, lenient=lenient)
        bounds = [0, *sorted(cuts), len(document)]
        pieces = [document[a:b] for a, b in pairwise(bounds)]
        self.assertEqual(parsed(*pieces, lenient=lenient), whole)
        single = [document[at : at + 1] for at in range(len(document))]
        self.assertEqual(parsed(*single, lenient=lenient), whole)

    @UNHURRIED
    @given(DOCUMENTS, CUTS, st.booleans())
    def test_text(self, document: str, cuts: list[int], lenient: bool) -> None:
        """The same is found however it is cut, and there is one kind of error."""
        self.check(document, cuts, lenient)

    @UNHURRIED
    @given(
        st.one_of(
            st.binary(max_size=40), DOCUMENTS.map(lambda text: text.encode("utf-8", "replace"))
        ),
        CUTS,
        st.booleans(),
    )
    def test_bytes(self, document: bytes, cuts: list[int], lenient: bool) -> None:
        """Likewise in bytes."""
        self.check(document, cuts, lenient)

    @UNHURRIED
    @given(DOCUMENTS)
    def test_lenient(self, document: str) -> None:
        """If anything goes, there is no error."""
        self.assertNotIn("error", [one[0] for one in parsed(document, lenient=True)])

    @UNHURRIED
    @given(DOCUMENTS)
    def test_expat(self, document: str) -> None:
        """What expat takes for XML is XML, with the same tags."""
        found: list[str] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: found.append(name)
        try:
            parser.Parse(document.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError:
            return
        ours = parsed(document)
        self.assertEqual([one[1] for one in ours if one[0] == "start"], found)
        self.assertNotEqual(ours[-1][0], "error")
