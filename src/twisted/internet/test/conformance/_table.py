"""The table of what each reactor is tested to do, made of the test cases themselves.

Theory of operation
-------------------
The test modules of `twisted.internet.test` hold a test case for each suite and each reactor
that runs through it.  A reactor has a capability if there is a case of every suite that is
about it, and the reactor provides what these suites require; whether they pass is for
the run of the tests to say, which this is a part of.

A reactor that is made in a test is shown if it has an attribute `testedWith`, the text for the
last row: all others are tested with the system that the table is made on.

Not every reactor is on every machine.  The columns of those that are not here stay as they
are; whoever removes a reactor for good removes its column.
"""

from __future__ import annotations

import re
import sys
import unittest
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from zope.interface import Interface, providedBy

from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import ReactorSuite
from twisted.python.reflect import namedModule

Case = type[ReactorSuite]
#: The columns of a table by their headings: what each has in each row.
Columns = dict[str, list[str]]

BEGIN = "<!-- conformance: python -m twisted.internet.test.conformance FILE -->"
END = "<!-- end of conformance -->"

_TESTED_WITH = "tested with"
_ROWS = [*(capability.value for capability in Capability), _TESTED_WITH]
_YES, _NO, _UNTESTED = "yes", "no", "—"
_PLATFORMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
_PACKAGE = "twisted.internet.test"
_TESTS = Path(__file__).parents[1]


def testModules() -> Iterator[ModuleType]:
    """The test modules that have reactors run through suites."""
    for path in sorted(_TESTS.glob("test_*.py")):
        if "casesFor(" in path.read_text("utf-8"):
            yield namedModule(f"{_PACKAGE}.{path.stem}")


def casesIn(modules: Iterable[ModuleType]) -> list[Case]:
    """The cases that `casesFor` made for these modules."""
    return [
        member
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, ReactorSuite) and member.reactorName
    ]


def columnsOf(cases: Iterable[Case]) -> Columns:
    """What each reactor is tested to do, of those that are on this machine."""
    byReactor: dict[str, list[Case]] = {}
    suites: dict[Capability, set[type]] = {}
    for case in cases:
        byReactor.setdefault(case.reactorName, []).append(case)
        if case.capability is not None:
            suites.setdefault(case.capability, set()).add(case.__bases__[0])
    columns: Columns = {}
    for name, itsCases in byReactor.items():
        testedWith = _testedWith(itsCases[0].reactorFactory)
        provided = _interfacesOf(itsCases[0]) if testedWith is not None else None
        if testedWith is not None and provided is not None:
            columns[name.lower()] = [
                *(_mark(suites.get(what, set()), what, itsCases, provided) for what in Capability),
                testedWith,
            ]
    return columns


def _testedWith(factory: Any) -> str | None:
    """What a reactor is tested with; None if it is part of a test and nothing more."""
    isOfTests = factory.__module__.startswith(f"{_PACKAGE}.")
    default = None if isOfTests else _PLATFORMS.get(sys.platform, sys.platform)
    text: str | None = getattr(factory, "testedWith", default)
    return text


def _interfacesOf(case: Case) -> set[type[Interface]] | None:
    """What the reactor of a case provides; None if this machine does not have it."""
    found: list[set[Any]] = []

    class Look(ReactorSuite):
        def runTest(self) -> None:
            found.append(set(providedBy(self.reactor).flattened()))

    Look.reactorFactory = case.reactorFactory
    result = unittest.TestResult()
    Look("runTest").run(result)
    for _, problem in (*result.errors, *result.failures):
        raise AssertionError(f"the reactor {case.reactorName} cannot be made: {problem}")
    return found[0] if found else None


def _mark(
    suites: set[type], what: Capability, cases: Iterable[Case], provided: set[type[Interface]]
) -> str:
    its = {case.__bases__[0]: case for case in cases if case.capability is what}
    if not its:
        return _UNTESTED
    able = [case for case in its.values() if provided.issuperset(case.requires)]
    if not able:
        return _NO
    return _YES if len(able) == len(suites) else f"{len(able)} of {len(suites)} suites"


# In a document


def parsed(text: str) -> Columns:
    """The columns of the table in a document.

    Raises:
        ValueError: the document does not say where the table is.
    """
    lines = [line.strip("| ") for line in _tableIn(text)[1].splitlines() if line.startswith("|")]
    if not lines:
        return {}
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    rows = {row[0]: row[1:] for row in cells[2:]}
    return {
        heading: [rows[row][place] if row in rows else _UNTESTED for row in _ROWS]
        for place, heading in enumerate(cells[0])
    }


def _tableIn(text: str) -> tuple[str, str, str]:
    found = re.search(f"({re.escape(BEGIN)}\n)(.*?)({re.escape(END)})", text, re.DOTALL)
    if found is None:
        raise ValueError(f"there is no line {BEGIN!r} with {END!r} somewhere after it")
    return text[: found.end(1)], found[2], text[found.start(3) :]


def updated(text: str, columns: Mapping[str, list[str]]) -> str:
    """A document with its table brought up to date.

    Args:
        columns: what is known now; other columns of the document stay as they are.

    Raises:
        ValueError: the document does not say where the table is.
    """
    before, _, after = _tableIn(text)
    merged = {**parsed(text), **columns}
    lines = [["", *merged], ["---"] * (len(merged) + 1)]
    lines += [[row, *(marks[at] for marks in merged.values())] for at, row in enumerate(_ROWS)]
    return before + "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + after
