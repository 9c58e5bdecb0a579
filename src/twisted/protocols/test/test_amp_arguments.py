"""Types of arguments in AMP."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

from twisted.protocols import amp
from twisted.python.filepath import FilePath
from twisted.trial.unittest import SynchronousTestCase

WEST = datetime.timezone(-datetime.timedelta(hours=1, minutes=23))
NUMBERS = amp.AmpList([(b"a", amp.Integer()), (b"b-c", amp.String(optional=True))])

#: Types, values and what stands for them.
PAIRS: list[tuple[amp.Argument, Any, bytes]] = [
    (amp.Integer(), 0, b"0"),
    (amp.Integer(), -42, b"-42"),
    (amp.Integer(), 10**100, b"1" + b"0" * 100),
    (amp.String(), b"\0\xff", b"\0\xff"),
    (amp.Unicode(), "caf\xe9", b"caf\xc3\xa9"),
    (amp.Float(), 1.1, b"1.1"),
    (amp.Float(), -math.inf, b"-inf"),
    (amp.Boolean(), True, b"True"),
    (amp.Boolean(), False, b"False"),
    (amp.Decimal(), decimal.Decimal("1e2"), b"1E+2"),
    (amp.Decimal(), decimal.Decimal("-Infinity"), b"-Infinity"),
    (
        amp.DateTime(),
        datetime.datetime(2012, 1, 23, 12, 34, 56, 54321, WEST),
        b"2012-01-23T12:34:56.054321-01:23",
    ),
    (
        amp.DateTime(),
        datetime.datetime(12, 1, 2, 3, 4, 5, 0, amp.utc),
        b"0012-01-02T03:04:05.000000+00:00",
    ),
    (amp.Path(), FilePath("/tmp/caf\xe9"), b"/tmp/caf\xc3\xa9"),
    (amp.ListOf(amp.Integer()), [], b""),
    (amp.ListOf(amp.Integer()), [1, 22], b"\0\x011\0\x0222"),
    (amp.ListOf(amp.ListOf(amp.Unicode())), [["a"], []], b"\0\x03\0\x01a\0\0"),
    (NUMBERS, [{"a": 1, "b_c": b"x"}], b"\0\x01a\0\x011\0\x03b-c\0\x01x\0\0"),
    (NUMBERS, [], b""),
]

#: Types, and what is none of their values.
BAD_STRINGS: list[tuple[amp.Argument, bytes]] = [
    *((amp.Integer(), bad) for bad in (b"", b"-", b"1_0", b" 5", b"5\n", b"x", b"1" * 5000)),
    *((amp.Integer(), bad) for bad in ("\u0661".encode(), b"--5", b"0x10")),
    *((amp.Boolean(), bad) for bad in (b"true", b"", b"1")),
    *((amp.Float(), bad) for bad in (b"", b"1_0", b"x")),
    *((amp.Decimal(), bad) for bad in (b"", b"1_0", b"x", b"\xff")),
    (amp.Unicode(), b"\xff"),
    *((amp.DateTime(), bad) for bad in (b"", b"2012-13-02T03:04:05.000006-00:00")),
    (amp.DateTime(), b"2012-01-02T03:04:05.000006-99:00"),
    (amp.DateTime(), b"2012-01-02T03:04:05.000006-00:00 "),
    *((amp.ListOf(amp.Integer()), bad) for bad in (b"\0", b"\0\x02", b"\0\x021")),
    *((NUMBERS, bad) for bad in (b"\0\x01", b"\0\0", b"\x01\0")),
]

#: Types, and what they do not take.
BAD_VALUES: list[tuple[amp.Argument, Any]] = [
    (amp.Integer(), "5"),
    (amp.String(), "text"),
    (amp.Unicode(), b"bytes"),
    (amp.Float(), 1),
    (amp.Decimal(), 1),
    (amp.DateTime(), datetime.datetime(2012, 1, 2)),
    (amp.ListOf(amp.String()), [b"x" * 65536]),
    (NUMBERS, [{"b_c": b"x"}]),
]


class ArgumentTests(SynchronousTestCase):
    """Every type."""

    def test_bothWays(self) -> None:
        """Each value is written as the specification says, and read again."""
        for kind, value, string in PAIRS:
            self.assertEqual(kind.toStringProto(value, None), string)
            self.assertEqual(kind.fromStringProto(string, None), value)

    def test_notANumber(self) -> None:
        """What does not equal itself survives too."""
        self.assertTrue(math.isnan(amp.Float().fromString(amp.Float().toString(math.nan))))
        kind = amp.Decimal()
        self.assertTrue(kind.fromString(kind.toString(decimal.Decimal("NaN"))).is_nan())

    def test_badStrings(self) -> None:
        """What a peer may not send is refused, whatever the type."""
        for kind, string in BAD_STRINGS:
            with self.subTest(kind=type(kind).__name__, string=string[:40]):
                self.assertRaises(
                    (ValueError, TypeError, amp.AmpError), kind.fromStringProto, string, None
                )

    def test_badValues(self) -> None:
        """What a program may not send is refused."""
        for kind, value in BAD_VALUES:
            with self.subTest(kind=type(kind).__name__):
                self.assertRaises(
                    (ValueError, TypeError, amp.AmpError), kind.toStringProto, value, None
                )

    def test_anyTrueObject(self) -> None:
        """Boolean takes any object."""
        self.assertEqual(amp.Boolean().toString([1]), b"True")
        self.assertEqual(amp.Boolean().toString(None), b"False")

    def test_universalTime(self) -> None:
        """Other programs write no offset as minus nothing."""
        moment = amp.DateTime().fromString(b"2012-01-02T03:04:05.000006-00:00")
        self.assertEqual(moment, datetime.datetime(2012, 1, 2, 3, 4, 5, 6, amp.utc))

    def test_own(self) -> None:
        """A program's own type has two methods."""

        class Reversed(amp.Argument):
            def toString(self, inObject: bytes) -> bytes:
                return inObject[::-1]

            def fromString(self, inString: bytes) -> bytes:
                return inString[::-1]

        self.assertEqual(amp.ListOf(Reversed()).toString([b"abc"]), b"\0\x03cba")
        self.assertRaises(NotImplementedError, amp.Argument().toString, 1)
        self.assertRaises(NotImplementedError, amp.Argument().fromString, b"")


class SignatureTests(SynchronousTestCase):
    """Arguments together."""

    class Odd(amp.Command):
        arguments = [(b"class", amp.Integer()), (b"two-words", amp.Unicode(optional=True))]

    def test_names(self) -> None:
        """Names that Python does not allow are changed."""
        box = self.Odd.makeArguments({"Class": 1, "two_words": "x"}, None)
        self.assertEqual(box, {b"class": b"1", b"two-words": b"x"})
        self.assertEqual(self.Odd.parseArguments(box, None), {"Class": 1, "two_words": "x"})

    def test_optional(self) -> None:
        """What is optional may be left out or None, and is None at the other end."""
        for objects in ({"Class": 1}, {"Class": 1, "two_words": None}):
            box = self.Odd.makeArguments(objects, None)
            self.assertEqual(box, {b"class": b"1"})
        self.assertEqual(self.Odd.parseArguments(box, None), {"Class": 1, "two_words": None})

    def test_missing(self) -> None:
        """What is not optional has to be there, at both ends."""
        self.assertRaises(amp.InvalidSignature, self.Odd)
        error = self.assertRaises(amp.InvalidSignature, self.Odd.makeArguments, {}, None)
        self.assertEqual(str(error), "Class is missing")
        bad = self.assertRaises(amp.MalformedAmpBox, self.Odd.parseArguments, amp.Box(), None)
        self.assertIn("b'class' is missing", str(bad))

    def test_unknown(self) -> None:
        """An argument that there is not is refused; in a box it is left aside."""
        error = self.assertRaises(
            amp.InvalidSignature, self.Odd.makeArguments, {"Class": 1, "zz": 2}, None
        )
        self.assertEqual(str(error), "zz: Odd takes Class, two_words")
        box = amp.Box({b"class": b"1", b"zz": b"2"})
        self.assertEqual(self.Odd.parseArguments(box, None), {"Class": 1, "two_words": None})

    def test_boxIsLeftAlone(self) -> None:
        """To read a box does not change it."""
        box = amp.Box({b"class": b"1"})
        self.Odd.parseArguments(box, None)
        self.assertEqual(box, {b"class": b"1"})
