"""What stands for objects that are not there yet."""

from __future__ import annotations

from typing import Any

from twisted.persisted.crefutil import Late, NotKnown
from twisted.trial.unittest import SynchronousTestCase


class NotKnownTests(SynchronousTestCase):
    def test_resolve(self) -> None:
        """All that have it get what it was, and later ones at once."""
        unknown, found = NotKnown(), object()
        inList, inDict = [unknown], {"a": unknown}
        unknown.addDependant(inList, 0)
        unknown.addDependant(inDict, "a")
        self.assertFalse(unknown.resolved)
        unknown.resolveDependants(found)
        self.assertTrue(unknown.resolved)
        self.assertIs(unknown.resolvedObject, found)
        self.assertEqual((inList, inDict), ([found], {"a": found}))
        late: list[Any] = [None]
        unknown.addDependant(late, 0)
        self.assertEqual(late, [found])

    def test_twice(self) -> None:
        """It is one object only."""
        unknown = NotKnown()
        unknown.resolveDependants(1)
        self.assertRaises(ValueError, unknown.resolveDependants, 1)

    def test_key(self) -> None:
        """It cannot be a key: what it will be has another hash."""
        self.assertRaises(TypeError, hash, NotKnown())
        self.assertNotEqual(NotKnown(), NotKnown())


class LateTests(SynchronousTestCase):
    def test_late(self) -> None:
        """Made when the last part is known."""
        one, other = NotKnown(), NotKnown()
        late = Late(tuple, [1, one, other, one])
        whole = [late]
        late.addDependant(whole, 0)
        other.resolveDependants("b")
        self.assertFalse(late.resolved)
        one.resolveDependants("a")
        self.assertEqual(whole, [(1, "a", "b", "a")])

    def test_known(self) -> None:
        """Parts may be known by then."""
        one = NotKnown()
        one.resolveDependants("a")
        self.assertEqual(Late(tuple, [one]).resolvedObject, ("a",))
