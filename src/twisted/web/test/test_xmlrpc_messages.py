"""Messages of XML-RPC: what the standard library writes and reads, and what hostile peers send."""

from __future__ import annotations

import datetime
import enum
import math
import xmlrpc.client
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.xmlrpc import BadMessage, Fault, Limits
from twisted.web.xmlrpc._reading import read_call, read_result
from twisted.web.xmlrpc._tokens import SMALL, expat_tokens, simple_tokens
from twisted.web.xmlrpc._writing import write_call, write_result

# What XML can carry, without halves of surrogate pairs.
characters = st.characters(
    exclude_categories=["Cs", "Cc"], include_characters="\t\n\r", exclude_characters="\ufffe\uffff"
)
texts = st.text(characters, max_size=20)
times = st.datetimes(min_value=datetime.datetime(1000, 1, 1)).map(
    lambda time: time.replace(microsecond=0)
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.floats(allow_nan=False)
    | texts
    | times,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)

TAGS = ["value", "int", "string", "struct", "array", "data", "member", "name", "param", "fault"]


def call(inside: str) -> bytes:
    """A call whose argument is written like this."""
    return (
        "<methodCall><methodName>m</methodName><params><param>"
        f"{inside}</param></params></methodCall>"
    ).encode()


def argument(inside: str) -> Any:
    """The argument that is written like this."""
    return read_call(call(f"<value>{inside}</value>"))[1][0]


class PeersTests(SynchronousTestCase):
    """`xmlrpc.client` is the other end."""

    @given(st.lists(values, max_size=3))
    def test_itReadsUs(self, given: list[Any]) -> None:
        read, name = xmlrpc.client.loads(write_call("a.b", given, True), use_builtin_types=True)
        self.assertEqual((list(read), name), (given, "a.b"))

    @given(st.lists(values, max_size=3))
    def test_weReadOurselves(self, given: list[Any]) -> None:
        self.assertEqual(
            read_call(write_call("a.b", given, True), use_datetime=True), ("a.b", tuple(given))
        )

    @given(st.lists(values, max_size=3))
    def test_weReadIt(self, given: list[Any]) -> None:
        written = xmlrpc.client.dumps(tuple(given), "a.b", allow_none=True).encode()
        # A carriage return is lost there.
        read = xmlrpc.client.loads(written, use_builtin_types=True)[0]
        self.assertEqual(read_call(written, use_datetime=True), ("a.b", read))

    def test_faults(self) -> None:
        error = self.assertRaises(
            Fault, xmlrpc.client.loads, write_result(Fault(5, "no <b> & no c"))
        )
        self.assertEqual((error.faultCode, error.faultString), (5, "no <b> & no c"))
        written = xmlrpc.client.dumps(Fault(5, "no <b>")).encode()
        error = self.assertRaises(Fault, read_result, written)
        self.assertEqual((error.faultCode, error.faultString), (5, "no <b>"))

    def test_binary(self) -> None:
        """Bytes, whatever they are in."""
        every = bytes(range(256))
        for held in (every, bytearray(every), xmlrpc.client.Binary(every)):
            written = write_result(held)
            self.assertEqual(read_result(written), xmlrpc.client.Binary(every))
            self.assertEqual(xmlrpc.client.loads(written, use_builtin_types=True)[0], (every,))

    def test_dates(self) -> None:
        """`DateTime`, or `datetime` if that is asked for."""
        time = datetime.datetime(2020, 2, 3, 4, 5, 6)
        written = write_result([time, xmlrpc.client.DateTime(time)])
        old = read_result(written)
        self.assertIsInstance(old[0], xmlrpc.client.DateTime)
        self.assertEqual([str(each) for each in old], ["20200203T04:05:06"] * 2)
        self.assertEqual(read_result(written, use_datetime=True), [time, time])


class ReadingTests(SynchronousTestCase):
    """What the grammar has, and what it has not."""

    def test_scalars(self) -> None:
        for inside, value in (
            ("", ""),
            (" a\n", " a\n"),
            ("<string/>", ""),
            ("<string> a&lt;&#65;<![CDATA[<]]></string>", " a<A<"),
            ("\n <int> 5 </int>\n", 5),
            ("<i4>+5</i4>", 5),
            ("<i8>-5000000000</i8>", -5000000000),
            ("<ex:i8 xmlns:ex='http://ws.apache.org/xmlrpc/namespaces/extensions'>5</ex:i8>", 5),
            ("<boolean>1</boolean>", True),
            ("<double>-1.5e3</double>", -1500.0),
            ("<bigdecimal>1.10</bigdecimal>", Decimal("1.10")),
            ("<nil/>", None),
            ("<array><data/></array>", []),
            ("<struct/>", {}),
            ("<base64>\n YWI\n=\n</base64>", xmlrpc.client.Binary(b"ab")),
        ):
            self.assertEqual(argument(inside), value, inside)
        self.assertEqual(argument("<double>inf</double>"), math.inf)

    def test_noParams(self) -> None:
        self.assertEqual(
            read_call(b"<methodCall><methodName> a </methodName></methodCall>"), ("a", ())
        )

    def test_encodings(self) -> None:
        for encoding in ("utf-8", "utf-16", "iso-8859-1", "windows-1252"):
            text = (
                f"<?xml version='1.0' encoding='{encoding}'?>" + call("<value>é</value>").decode()
            )
            self.assertEqual(read_call(text.encode(encoding)), ("m", ("é",)), encoding)

    def test_badValues(self) -> None:
        for inside in (
            "<int></int>",
            "<int>1_0</int>",
            "<int>٣</int>",
            "<int>1.5</int>",
            f"<int>{'9' * 5000}</int>",
            "<boolean>2</boolean>",
            "<boolean>true</boolean>",
            "<double>1_0.0</double>",
            "<double>0x10</double>",
            "<double>.</double>",
            "<bigdecimal>1.2.3</bigdecimal>",
            "<base64>Y</base64>",
            "<base64>é</base64>",
            "<nil>1</nil>",
            "<int>1</int><int>2</int>",
            "<int>1</int>text",
            "text<int>1</int>",
            "<int><int>1</int></int>",
            "<value>1</value>",
            "<name>1</name>",
            "<unknown/>",
            "<array/>",
            "<array><value>1</value></array>",
            "<array><data/><data/></array>",
            "<array><data>text</data></array>",
            "<struct><value/></struct>",
            "<struct><member/></struct>",
            "<struct><member><name>a</name></member></struct>",
            "<struct><member><value/><name>a</name></member></struct>",
            "<struct><member><name>a</name><name>a</name></member></struct>",
            "<struct><member><name>a</name><value/><value/></member></struct>",
        ):
            self.assertRaises(BadMessage, argument, inside)
        with self.assertRaises(BadMessage):
            read_call(call("<value><dateTime.iso8601>x</dateTime.iso8601></value>"), True)

    def test_badCalls(self) -> None:
        for message in (
            b"",
            b"\x00",
            b"<",
            b"text",
            b"<methodCall/>",
            b"<methodCall><params/></methodCall>",
            b"<methodCall><params/><methodName>m</methodName></methodCall>",
            b"<methodCall><methodName>m</methodName><methodName>m</methodName></methodCall>",
            b"<methodCall><methodName>m</methodName><params/><params/></methodCall>",
            b"<methodCall><methodName>m</methodName><fault/></methodCall>",
            b"<methodCall><methodName>m</methodName></methodCall><methodCall/>",
            call(""),
            call("<value/><value/>"),
            call("<value/>text"),
            call("<value/>")[:-1],
            b"\xff" + call("<value/>"),
            b"<?xml version='1.0' encoding='no-such'?>" + call("<value/>"),
            b"<methodResponse><params><param><value/></param></params></methodResponse>",
        ):
            self.assertRaises(BadMessage, read_call, message)

    def test_badResults(self) -> None:
        for inside in (
            b"",
            b"<params/>",
            b"<params><param><value/></param><param><value/></param></params>",
            b"<fault/>",
            b"<fault><value>5</value></fault>",
            b"<fault><value><struct/></value></fault>",
            b"<params><param><value/></param></params><params/>",
        ):
            self.assertRaises(
                BadMessage, read_result, b"<methodResponse>" + inside + b"</methodResponse>"
            )
        with self.assertRaises(BadMessage):
            read_result(call("<value/>"))

    @given(st.binary(max_size=60))
    def test_anyBytes(self, data: bytes) -> None:
        """There is one error, whatever arrives."""
        for message in (data, call("<value>")[:-30] + data, data.join([call("<value/>")] * 2)):
            with self.assertRaises(BadMessage):
                read_call(message)

    @given(
        st.lists(
            st.sampled_from(TAGS).flatmap(
                lambda tag: st.sampled_from([f"<{tag}>", f"</{tag}>", f"<{tag}/>", "1"])
            ),
            max_size=12,
        )
    )
    def test_anyTags(self, tags: list[str]) -> None:
        """However tags are put together, there is a value or the one error."""
        try:
            argument("".join(tags))
        except BadMessage:
            return
        self.assertNotIn("<param", "".join(tags))


# What a message may be put together from, as it is, and in other ways than we write it.
pieces = st.sampled_from(
    [
        *(f"<{tag}>" for tag in (*TAGS, "methodCall", "params", "methodName")),
        *(f"</{tag}>" for tag in (*TAGS, "methodCall", "params", "methodName")),
        *("<nil/>", "<value />", "<int >", "</int >", "< int>", "<int a='b'>", "<ex:nil/>", "</>"),
        *("1", " ", "\n", "\r\n", "\u00e9", "\x00", "\ufffe", "\xa0"),
        *("]]>", ">", '"', "&lt;", "&#65;", "&a;"),
        *("<!-- 1 -->", "<![CDATA[1]]>", "<?a b?>", "<!DOCTYPE a>", "<?xml version='1.0'?>"),
    ]
)  # fmt: skip


class TagsTests(SynchronousTestCase):
    """The two ways in which the tags of a message are found."""

    def compare(self, message: bytes) -> None:
        """They find the same, or the quick one leaves it to the other."""
        quick = simple_tokens(message)
        if quick is None:
            return
        # One of them writes an element that is empty in one tag.
        tags = []
        for slash, tag, empty, text in quick:
            tags += [("", tag, "", ""), ("/", tag, "", text)] if empty else [(slash, tag, "", text)]
        # Space after the message is not told by the other.
        tags[-1:] = [(*tag[:3], tag[3].strip(" \n")) for tag in tags[-1:]]
        try:
            slow = list(expat_tokens(message))
        except BadMessage:
            # It looks at what is whose end as well, as the reader does for the other.
            self.assertRaises(BadMessage, read_call, message)
            self.assertRaises(BadMessage, read_result, message)
        else:
            # To show where long lists differ takes too long.
            self.assertTrue(tags == slow, message[:500])

    @given(st.lists(pieces, max_size=12))
    def test_anyPieces(self, some: list[str]) -> None:
        for message in ("".join(some), "<value>" + "".join(some) + "</value>"):
            self.compare(message.encode("utf-8"))

    @given(st.lists(values, max_size=3), st.lists(pieces, max_size=2), st.integers(0, 400))
    def test_nearlyMessages(self, arguments: list[Any], some: list[str], at: int) -> None:
        """Messages with something put into them."""
        message = write_call("a.b", arguments, True).decode()
        at %= len(message)
        self.compare((message[:at] + "".join(some) + message[at:]).encode())

    def test_quick(self) -> None:
        """What clients send is found in the quick way."""
        arguments = ([1, "text", {"a": 1.5}], True, b"bytes", None)
        for message in (
            write_call("m", arguments, True),
            xmlrpc.client.dumps(arguments, "m", allow_none=True).encode(),
            xmlrpc.client.dumps(arguments, "m", None, "utf-8", allow_none=True).encode(),
        ):
            self.assertIsNotNone(simple_tokens(message))
            self.compare(message)

    def test_large(self) -> None:
        """Messages that are taken bit by bit, in both ways."""
        data = [{"a": n, "b": "é" * 100} for n in range(5000)]
        for text in ("", "&amp;\r\n"):
            message = write_call("m", [data, text])
            self.assertGreater(len(message), 5 * SMALL)
            self.compare(message)
            read = read_call(message)[1]
            self.assertEqual(read, (data, text))


class HostileTests(SynchronousTestCase):
    """What XML is attacked with."""

    def test_documentTypes(self) -> None:
        """No entities: neither ones that grow, nor ones that are read from elsewhere."""
        for entities in (
            "<!ENTITY a 'aaaaaaaaaa'>"
            + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(10)),
            "<!ENTITY a SYSTEM 'file:///etc/passwd'>",
            "<!ENTITY % a SYSTEM 'http://127.0.0.1/'> %a;",
        ):
            message = f"<!DOCTYPE methodCall [{entities}]>".encode() + call("<value>&k;&a;</value>")
            error = self.assertRaises(BadMessage, read_call, message)
            self.assertIn("document type", str(error))

    def test_depth(self) -> None:
        """So much in each other, and no more, at no cost of stack."""
        limits = Limits(depth=5)
        for opening, closing in (
            ("<array><data><value>", "</value></data></array>"),
            ("<struct><member><name>a</name><value>", "</value></member></struct>"),
        ):
            fine = call(f"<value>{opening * 5}<int>1</int>{closing * 5}</value>")
            read_call(fine, limits=limits)
            deep = call(f"<value>{opening * 6}{closing * 6}</value>")
            error = self.assertRaises(BadMessage, read_call, deep, limits=limits)
            self.assertIn("over 5 times", str(error))
            self.assertRaises(BadMessage, read_call, call(f"<value>{opening * 100_000}"))

    def test_size(self) -> None:
        message = call("<value/>")
        read_call(message, limits=Limits(size=len(message)))
        error = self.assertRaises(
            BadMessage, read_call, message, limits=Limits(size=len(message) - 1)
        )
        self.assertIn("longer than", str(error))

    def test_values(self) -> None:
        message = call(f"<value><array><data>{'<value/>' * 5}</data></array></value>")
        read_call(message, limits=Limits(values=6))
        error = self.assertRaises(BadMessage, read_call, message, limits=Limits(values=5))
        self.assertIn("more than 5 values", str(error))


class Point:
    """An object with attributes."""

    def __init__(self) -> None:
        self.x = 1


class Slotted:
    """An object without."""

    __slots__ = ()


class Color(enum.IntEnum):
    """An int, among others."""

    RED = 1


class WritingTests(SynchronousTestCase):
    """What can be sent, and what is said of the rest."""

    def test_subclasses(self) -> None:
        """Objects go as what their class extends, or as their attributes."""
        for value, expected in ((Color.RED, 1), (Point(), {"x": 1}), ((1,), [1])):
            self.assertEqual(read_result(write_result(value)), expected)

    def test_none(self) -> None:
        error = self.assertRaises(TypeError, write_call, "m", [None])
        self.assertIn("allowNone=True", str(error))

    def test_refused(self) -> None:
        circle: list[Any] = []
        circle.append(circle)
        for value, kind in (
            (2**31, OverflowError),
            ("a\x00b", ValueError),
            ("\ud800", ValueError),
            ({"\x01": 1}, ValueError),
            ({1: 1}, TypeError),
            (object(), TypeError),
            (Slotted(), TypeError),
            (1j, TypeError),
            (circle, ValueError),
        ):
            self.assertRaises(kind, write_result, value)
