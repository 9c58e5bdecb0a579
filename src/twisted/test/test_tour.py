"""The tour of the inside says what is so: its tables are those of the code."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from twisted.application.internet import _client
from twisted.internet import _lifecycle, abstract
from twisted.python.reflect import namedAny
from twisted.test._source import ROOT, modules
from twisted.test.test_architecture import MAX_LINES_OF_FILE, MAX_LINES_OF_FUNCTION
from twisted.trial.unittest import SkipTest, SynchronousTestCase

#: Where the documents are in a checkout; an installed package has none.
DOCS = ROOT.parent.parent / "docs"


def tables(text: str) -> dict[str, list[list[str]]]:
    """The tables of a Markdown text: rows of cells, by the first cell of the first row."""
    found = {}
    for lines in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines.splitlines()]
        found[rows[0][0]] = [rows[0], *rows[2:]]
    return found


def transitions(rows: list[list[str]], states: type[Enum], events: type[Enum]) -> dict[Any, Any]:
    """The transitions of a table, with members for the names; empty cells are none."""
    header, *body = rows
    named = [events[cell.rpartition(" ")[2].upper()] for cell in header[1:]]
    return {
        (states[state.upper()], event): states[cell.upper()]
        for state, *cells in body
        for event, cell in zip(named, cells, strict=True)
        if cell
    }


class TourTests(SynchronousTestCase):
    """`docs/architecture.md`."""

    def setUp(self) -> None:
        path = DOCS / "architecture.md"
        if not path.exists():
            raise SkipTest("the documents are not installed")
        self.text = path.read_text("utf-8")
        self.tables = tables(self.text)

    def test_lifecycle(self) -> None:
        """What a reactor may do when."""
        told = transitions(self.tables["state"], _lifecycle.State, _lifecycle.Event)
        self.assertEqual(told, _lifecycle.TRANSITIONS)
        self.assertEqual(len(self.tables["state"]) - 1, len(_lifecycle.State))

    def test_client(self) -> None:
        """What a service that keeps a connection does when."""
        told = transitions(self.tables["what it does"], _client.State, _client.Event)
        self.assertEqual(told, _client.TRANSITIONS)
        self.assertEqual(len(self.tables["what it does"]) - 1, len(_client.State))

    def test_endings(self) -> None:
        """How a connection ends."""
        told = transitions(self.tables["planned"], abstract.Ending, abstract.Ending)
        self.assertEqual(told, abstract.ENDINGS)
        self.assertEqual(len(self.tables["planned"]) - 1, len(abstract.Ending))

    def test_limits(self) -> None:
        """Every limit is where it is said to be, and is as great."""
        _, *rows = self.tables["limit"]
        for what, value, where in rows:
            self.assertEqual(namedAny(where.strip("`")), int(value.split()[0]), what)

    def test_sizes(self) -> None:
        """Files and functions may be as long as it says."""
        self.assertIn(f"({MAX_LINES_OF_FILE} lines)", self.text)
        self.assertIn(f"be seen at once ({MAX_LINES_OF_FUNCTION})", self.text)

    def test_files(self) -> None:
        """The files that it names are there."""
        known = {path for module in modules().values() for path in _endings(module.path)}
        for path in re.findall(r"`([\w/]+\.py)", self.text):
            self.assertIn(path, known)

    def test_tables(self) -> None:
        """Tables are found in a text, and empty cells in them."""
        text = "x\n\n| a | b |\n|---|---|\n| c |  |\n\n| d |\n|---|\n"
        self.assertEqual(tables(text), {"a": [["a", "b"], ["c", ""]], "d": [["d"]]})


def _endings(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[begin:]) for begin in range(len(parts))]
