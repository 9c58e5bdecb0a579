"""Tests for twisted.python.monkey."""

from __future__ import annotations

from twisted.python.monkey import MonkeyPatcher
from twisted.trial import unittest


class Target:
    """Something with attributes to replace."""

    def __init__(self) -> None:
        self.foo = "foo value"
        self.bar = "bar value"


class MonkeyPatcherTests(unittest.SynchronousTestCase):
    """`MonkeyPatcher`."""

    def setUp(self) -> None:
        self.target = Target()

    def test_empty(self) -> None:
        """Nothing to patch is no error."""
        MonkeyPatcher().patch()
        MonkeyPatcher().restore()

    def test_patchAndRestore(self) -> None:
        """Patches given at once and later are made, and undone."""
        patcher = MonkeyPatcher((self.target, "foo", 1))
        patcher.addPatch(self.target, "bar", 2)
        patcher.patch()
        self.assertEqual((self.target.foo, self.target.bar), (1, 2))
        patcher.restore()
        self.assertEqual((self.target.foo, self.target.bar), ("foo value", "bar value"))

    def test_sameTwice(self) -> None:
        """The last of two values holds, and the first of all comes back."""
        patcher = MonkeyPatcher((self.target, "foo", 1), (self.target, "foo", 2))
        patcher.patch()
        self.assertEqual(self.target.foo, 2)
        patcher.patch()
        patcher.restore()
        self.assertEqual(self.target.foo, "foo value")

    def test_again(self) -> None:
        """A patcher can be used any number of times, and restoring twice changes nothing."""
        patcher = MonkeyPatcher((self.target, "foo", 1))
        for before in ("first", "second"):
            self.target.foo = before
            patcher.patch()
            self.assertEqual(self.target.foo, 1)
            patcher.restore()
            self.assertEqual(self.target.foo, before)
        self.target.foo = "mine"
        patcher.restore()
        self.assertEqual(self.target.foo, "mine")

    def test_missingAttribute(self) -> None:
        """An attribute that is not there is an error, and the others can be restored."""
        patcher = MonkeyPatcher((self.target, "foo", 1), (self.target, "nothing", 2))
        self.assertRaises(AttributeError, patcher.patch)
        patcher.restore()
        self.assertEqual(self.target.foo, "foo value")
        self.assertFalse(hasattr(self.target, "nothing"))

    def test_runWithPatches(self) -> None:
        """A function runs with the patches, gets its arguments, and gives its result."""

        def look(*args: object, **kw: object) -> object:
            return self.target.foo, args, kw

        patcher = MonkeyPatcher((self.target, "foo", 1))
        self.assertEqual(patcher.runWithPatches(look, 2, key=3), (1, (2,), {"key": 3}))
        self.assertEqual(self.target.foo, "foo value")

    def test_runWithPatchesRaises(self) -> None:
        """An exception is let through, after everything was restored."""
        patcher = MonkeyPatcher((self.target, "foo", 1))
        self.assertRaises(ZeroDivisionError, patcher.runWithPatches, divmod, 1, 0)
        self.assertEqual(self.target.foo, "foo value")
