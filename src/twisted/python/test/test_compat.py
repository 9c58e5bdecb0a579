"""Tests for twisted.python.compat."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

from twisted.python import compat
from twisted.trial import unittest


class StringTests(unittest.SynchronousTestCase):
    """Between text and bytes."""

    def test_nativeString(self) -> None:
        """ASCII text and bytes become text; all else is refused."""
        self.assertEqual(compat.nativeString(b"abc"), "abc")
        self.assertEqual(compat.nativeString("abc"), "abc")
        self.assertRaises(UnicodeError, compat.nativeString, b"\xff")
        self.assertRaises(UnicodeError, compat.nativeString, "\N{SNOWMAN}")
        for wrong in (1, None, bytearray(b"x")):
            self.assertRaises(TypeError, compat.nativeString, wrong)

    def test_networkString(self) -> None:
        """ASCII text becomes bytes; all else is refused."""
        self.assertEqual(compat.networkString("abc"), b"abc")
        self.assertRaises(UnicodeError, compat.networkString, "\xff")
        self.assertRaises(TypeError, compat.networkString, b"abc")

    def test_bytes(self) -> None:
        """Single bytes, slices and numbers."""
        self.assertEqual(list(compat.iterbytes(b"ab\xff")), [b"a", b"b", b"\xff"])
        self.assertEqual([compat.intToBytes(i) for i in (0, 42, -7)], [b"0", b"42", b"-7"])
        self.assertRaises(TypeError, compat.intToBytes, "1")
        self.assertEqual(bytes(compat.lazyByteSlice(b"123XYZ")), b"123XYZ")
        self.assertEqual(bytes(compat.lazyByteSlice(b"123XYZ", 2)), b"3XYZ")
        self.assertEqual(bytes(compat.lazyByteSlice(b"123XYZ", 2, size=3)), b"3XY")
        self.assertIsInstance(compat.lazyByteSlice(b"x"), memoryview)

    def test_environment(self) -> None:
        """The environment in bytes is the environment."""
        self.assertEqual(compat.bytesEnviron(), dict(os.environb))


class ComparisonTests(unittest.SynchronousTestCase):
    """`cmp` and `comparable`."""

    def test_cmp(self) -> None:
        """Order as a number."""
        self.assertEqual([compat.cmp(a, b) for a, b in ("ab", "bb", "ba")], [-1, 0, 1])
        self.assertRaises(TypeError, compat.cmp, 1, "a")

    def test_comparable(self) -> None:
        """One method makes the six operators."""

        @compat.comparable
        class Weight:
            def __init__(self, grams: int) -> None:
                self.grams = grams

            def __cmp__(self, other: Any) -> Any:
                if not isinstance(other, Weight):
                    return NotImplemented
                return compat.cmp(self.grams, other.grams)

        one: Any = Weight(1)
        same: Any = Weight(1)
        two: Any = Weight(2)
        self.assertEqual((one == same, one == two, one != same, one != two), (1, 0, 0, 1))
        self.assertEqual((one < two, one < same, one <= same, two <= one), (1, 0, 1, 0))
        self.assertEqual((two > one, one > same, one >= same, one >= two), (1, 0, 1, 0))
        self.assertFalse(one == 1)
        self.assertTrue(one != 1)
        with self.assertRaises(TypeError):
            one < 1  # noqa: B015  # the comparison itself raises


class PythonTests(unittest.SynchronousTestCase):
    """What once differed between versions of Python."""

    def test_items(self) -> None:
        """The ways through a dict."""
        d = {"a": 1}
        self.assertEqual(compat.items(d), [("a", 1)])
        self.assertEqual(list(compat.iteritems(d)), [("a", 1)])
        self.assertEqual(list(compat.itervalues(d)), [1])

    def test_reraise(self) -> None:
        """The exception is raised with the traceback given."""
        try:
            raise ValueError("from here")
        except ValueError as error:
            value, tb = error, error.__traceback__
        caught = self.assertRaises(ValueError, compat.reraise, value, tb)
        self.assertIs(caught, value)
        origin = traceback.extract_tb(caught.__traceback__)[-1]
        self.assertEqual(origin.line, 'raise ValueError("from here")')
        self.assertRaises(ZeroDivisionError, compat.reraise, ZeroDivisionError(), None)

    def test_execfile(self) -> None:
        """A file runs in the namespaces given, and is named in tracebacks."""
        path = self.mktemp()
        with open(path, "w") as target:
            target.write("foo += 1\nwhere = __file__ if '__file__' in dir() else None\n")
        names: dict[str, Any] = {"foo": 1}
        compat.execfile(path, names)
        self.assertEqual(names["foo"], 2)
        inner: dict[str, Any] = {"foo": 10}
        compat.execfile(path, names, inner)
        self.assertEqual((names["foo"], inner["foo"]), (2, 11))
        with open(path, "w") as target:
            target.write("\n1/0\n")
        error = self.assertRaises(ZeroDivisionError, compat.execfile, path, {})
        last = traceback.extract_tb(error.__traceback__)[-1]
        self.assertEqual((last.filename, last.lineno), (path, 2))

    def test_aliases(self) -> None:
        """Old names are the objects of today."""
        self.assertIs(compat.unicode, str)
        self.assertIs(compat.xrange, range)
        self.assertIs(compat.intern, sys.intern)
        self.assertEqual(compat.unichr(0x2603), "\N{SNOWMAN}")
        self.assertEqual(compat.reduce(max, [1, 3, 2]), 3)
        self.assertEqual(compat.escape("<a&b>"), "&lt;a&amp;b&gt;")
        self.assertEqual(compat.urlunquote(compat.urlquote("a b/c")), "a b/c")
        self.assertIsInstance(compat.NativeStringIO(), compat.FileType)
