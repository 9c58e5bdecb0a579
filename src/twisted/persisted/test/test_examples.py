"""The listings of the chapter on directories as dictionaries run."""

from __future__ import annotations

from twisted.python.test._examples import ExampleCase


class DirDBMExampleTests(ExampleCase):
    chapter = "ch05_dirdbm"

    def test_directory(self) -> None:
        """Values are bytes."""
        expected = "b'ook'\n[b'librarian']\n[]\n"
        self.assertEqual(self.run_("directory.py", self.mktemp()), expected)

    def test_shelf(self) -> None:
        """Values are copies of objects."""
        expected = "[1, 2]\n[1, 2]\n[1, 2, 3]\n"
        self.assertEqual(self.run_("shelf.py", self.mktemp()), expected)

    def test_all(self) -> None:
        """None is left out of the tests above."""
        self.assertEqual(self.names(), {"directory.py", "shelf.py"})
