"""Tests for the table of what each reactor is tested to do."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from zope.interface import implementer_only

from twisted.internet.epollreactor import EPollReactor
from twisted.internet.interfaces import IReactorCore, IReactorProcess, IReactorTime
from twisted.internet.selectreactor import SelectReactor
from twisted.internet.test.conformance import ReactorSuite, _table, casesFor
from twisted.internet.test.conformance.__main__ import main
from twisted.internet.test.conformance._capabilities import Capability
from twisted.trial import unittest

CHAPTER = Path(__file__).parents[4] / "docs" / "howto" / "reactors.md"
ROWS = [*(capability.value for capability in Capability), "tested with"]
EMPTY = f"before\n{_table.BEGIN}\n{_table.END}\nafter\n"


class TimeSuite(ReactorSuite):
    """One of two suites about the same."""

    capability = Capability.TIME
    requires = (IReactorTime,)


class ProgramTimeSuite(ReactorSuite):
    """The other one, which wants more of the reactor."""

    capability = Capability.TIME
    requires = (IReactorTime, IReactorProcess)


class ProgramSuite(ReactorSuite):
    """What not every reactor can do."""

    capability = Capability.PROCESSES
    requires = (IReactorProcess,)


class OtherSuite(ReactorSuite):
    """About what the table has no row for."""


@implementer_only(IReactorCore, IReactorTime)
class Less(SelectReactor):
    """A reactor that runs no programs."""

    testedWith = "a fake"


class Hidden(SelectReactor):
    """A reactor that is part of a test, and not of what is documented."""


class Absent(SelectReactor):
    """A reactor that this system does not have."""

    testedWith = "nothing"

    def __init__(self) -> None:
        raise OSError("no such system call")


class Broken(SelectReactor):
    """A reactor that cannot be made, for no fault of the system's."""

    testedWith = "nothing"

    def __init__(self) -> None:
        raise ZeroDivisionError


SUITES = [TimeSuite, ProgramTimeSuite, ProgramSuite, OtherSuite]


def columns(suites: list[type[ReactorSuite]], **reactors: Any) -> dict[str, dict[str, str]]:
    """What the table says of these reactors, row by row."""
    cases = casesFor(suites, reactors, __name__).values()
    return {
        name: dict(zip(ROWS, marks, strict=True)) for name, marks in _table.columnsOf(cases).items()
    }


class ColumnTests(unittest.SynchronousTestCase):
    """What the test cases say."""

    def test_able(self) -> None:
        column = columns(SUITES, EPoll=EPollReactor)["epoll"]
        self.assertEqual(column["delayed calls"], "yes")
        self.assertEqual(column["programs on pipes"], "yes")

    def test_unable(self) -> None:
        column = columns(SUITES, Less=Less)["less"]
        self.assertEqual(column["delayed calls"], "1 of 2 suites")
        self.assertEqual(column["programs on pipes"], "no")

    def test_untested(self) -> None:
        self.assertEqual(columns(SUITES, Less=Less)["less"]["UDP over IPv4"], "—")

    def test_someSuites(self) -> None:
        """A suite that others run through, and this reactor does not, is missing."""
        cases = {
            **casesFor(SUITES, {"EPoll": EPollReactor}, __name__),
            **casesFor([TimeSuite], {"Select": SelectReactor}, __name__),
        }
        row = ROWS.index("delayed calls")
        marks = {name: column[row] for name, column in _table.columnsOf(cases.values()).items()}
        self.assertEqual(marks, {"epoll": "yes", "select": "1 of 2 suites"})

    def test_testedWith(self) -> None:
        self.patch(sys, "platform", "linux")
        found = columns(SUITES, EPoll=EPollReactor, Less=Less)
        self.assertEqual(found["epoll"]["tested with"], "Linux")
        self.assertEqual(found["less"]["tested with"], "a fake")

    def test_notShown(self) -> None:
        self.assertEqual(columns(SUITES, Hidden=Hidden, Absent=Absent), {})

    def test_broken(self) -> None:
        self.assertRaisesRegex(
            AssertionError,
            r"(?s)reactor B cannot be made.*ZeroDivisionError",
            columns,
            SUITES,
            B=Broken,
        )

    def test_nothingIsLeft(self) -> None:
        columns(SUITES, Warm=Less)
        before = len(os.listdir("/dev/fd"))
        columns(SUITES, EPoll=EPollReactor, Less=Less)
        self.assertEqual(len(os.listdir("/dev/fd")), before)

    def test_casesOfModules(self) -> None:
        module = ModuleType("cases")
        made = casesFor(SUITES, {"Less": Less}, __name__)
        vars(module).update(made, TimeSuite=TimeSuite, number=3)
        self.assertEqual(_table.casesIn([module]), [*made.values()])


class DocumentTests(unittest.SynchronousTestCase):
    """The table in a document."""

    def column(self, **marks: str) -> list[str]:
        return [marks.get(capability.name, "—") for capability in Capability] + ["Linux"]

    def test_written(self) -> None:
        text = _table.updated(EMPTY, {"one": self.column(TLS="yes"), "two": self.column()})
        self.assertIn("| TLS | yes | — |\n", text)
        self.assertTrue(text.startswith("before\n") and text.endswith("\nafter\n"), text)

    def test_readBack(self) -> None:
        written = {"one": self.column(TLS="yes", LIFE="no"), "two": self.column()}
        text = _table.updated(EMPTY, written)
        self.assertEqual(_table.parsed(text), written)
        self.assertEqual(_table.updated(text, written), text)

    def test_othersStay(self) -> None:
        """A reactor that is not on this machine keeps its column, and all keep their places."""
        old = {"one": self.column(), "elsewhere": self.column(TLS="yes"), "two": self.column()}
        text = _table.updated(EMPTY, old)
        now = {"two": self.column(TIME="yes"), "one": self.column(), "new": self.column()}
        self.assertEqual(
            list(_table.parsed(_table.updated(text, now)).items()),
            [
                ("one", self.column()),
                ("elsewhere", self.column(TLS="yes")),
                ("two", self.column(TIME="yes")),
                ("new", self.column()),
            ],
        )

    def test_rowsChange(self) -> None:
        """A row that is new is one that columns of other machines know nothing of."""
        text = _table.updated(EMPTY, {"one": self.column(TLS="yes")})
        older = text.replace("| TLS | yes |\n", "| carrier pigeons | yes |\n")
        self.assertEqual(_table.parsed(older), {"one": self.column()})
        self.assertNotIn("pigeons", _table.updated(older, {}))

    def test_noPlace(self) -> None:
        for text in ("", _table.BEGIN, f"{_table.END}\n{_table.BEGIN}\n"):
            self.assertRaisesRegex(ValueError, "there is no line", _table.updated, text, {})


class CommandTests(unittest.SynchronousTestCase):
    """`python -m twisted.internet.test.conformance`."""

    def setUp(self) -> None:
        self.complaints = io.StringIO()
        self.patch(sys, "stderr", self.complaints)

    def test_upToDate(self) -> None:
        """The table of the documentation says what the tests say."""
        if not CHAPTER.is_file() or sys.platform != "linux":
            raise unittest.SkipTest("the table is made on Linux, for the documentation")
        self.assertEqual(main(["--check", str(CHAPTER)]), 0, self.complaints.getvalue())

    def test_outOfDate(self) -> None:
        path = Path(self.mktemp())
        path.write_text(EMPTY, "utf-8")
        self.assertEqual(main(["--check", str(path)]), 1)
        self.assertIn("out of date; run", self.complaints.getvalue())
        self.assertEqual(path.read_text("utf-8"), EMPTY)
        self.assertEqual(main([str(path)]), 0)
        self.assertEqual(main(["--check", str(path)]), 0)
        self.assertEqual(_table.parsed(path.read_text("utf-8"))["epoll"][0], "yes")

    def test_usage(self) -> None:
        for arguments in ([], ["one", "two"], ["--check"]):
            self.assertEqual(main(arguments), 2)
            self.assertIn("python -m", self.complaints.getvalue())
