"""Tests for twisted.python.versions."""

from __future__ import annotations

import incremental

from twisted.python import versions
from twisted.trial import unittest


class VersionsTests(unittest.SynchronousTestCase):
    """The names are those of `incremental`, which programs use side by side with these."""

    def test_same(self) -> None:
        """One class under both names, so that versions compare."""
        self.assertIs(versions.Version, incremental.Version)
        self.assertIs(versions.IncomparableVersions, incremental.IncomparableVersions)

    def test_text(self) -> None:
        """A version as text."""
        self.assertEqual(versions.getVersionString(versions.Version("x", 1, 2, 3)), "x 1.2.3")

    def test_incomparable(self) -> None:
        """Versions of different packages have no order."""
        with self.assertRaises(versions.IncomparableVersions):
            versions.Version("x", 1, 0, 0) < versions.Version("y", 1, 0, 0)  # noqa: B015  # raises
