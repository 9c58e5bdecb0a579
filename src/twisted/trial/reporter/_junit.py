"""Reports for continuous integration: an XML document in the form that JUnit made common.

There is no standard.  What is written is what Jenkins, GitLab and their like have in common: a
``testsuites`` with one ``testsuite``, in it a ``testcase`` for each test, and in that a
``failure``, an ``error`` or a ``skipped``.
"""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree

from twisted.python.failure import Failure
from twisted.python.reflect import fullyQualifiedName
from twisted.trial.reporter._reporter import Reporter

# What a document of XML 1.0 cannot hold, not even escaped: section 2.2 of its specification.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(value: object) -> str:
    """Text that can stand in a document: what cannot is shown as in a string of Python."""
    return _NOT_XML.sub(lambda found: ascii(found[0])[1:-1], str(value))


class _Entry:
    """One test, as far as it has come."""

    def __init__(self, test: Any) -> None:
        self.name = str(test.id())
        self.seconds = 0.0
        self.outcomes: list[tuple[str, dict[str, str], str]] = []

    def element(self) -> ElementTree.Element:
        owner, _, method = self.name.partition(" ")[0].rpartition(".")
        rest = self.name[len(owner) + len(method) + bool(owner) :]
        attributes = {
            "classname": _text(owner or self.name),
            "name": _text(method + rest),
            "time": f"{self.seconds:.3f}",
        }
        made = ElementTree.Element("testcase", attributes)
        for kind, about, text in self.outcomes:
            ElementTree.SubElement(made, kind, about).text = text
        return made


class JUnitReporter(Reporter):
    """Writes one XML document, when the tests are done; see `Reporter` for the arguments."""

    __module__ = "twisted.trial.reporter"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._began = datetime.now(UTC)
        self._entries: list[_Entry] = []
        # Tests in progress, by their identity: two of them may have one name.
        self._current: dict[int, _Entry] = {}

    def _observeWarnings(self, event: dict[str, Any]) -> None:
        """A warning; the log has it, and the document has no place for it."""

    def _entry(self, test: Any) -> _Entry:
        entry = self._current.get(id(test))
        if entry is None:
            # A part of a test, or something outside any test.
            entry = _Entry(test)
            self._entries.append(entry)
        return entry

    def startTest(self, test: Any) -> None:
        """`test` is about to run."""
        super().startTest(test)
        self._current[id(test)] = self._entry(test)

    def stopTest(self, test: Any) -> None:
        """`test` has ended."""
        super().stopTest(test)
        entry = self._current.pop(id(test))
        entry.seconds = self._secondsOfTest(test)

    def _tell(self, test: Any, kind: str, text: str = "", **about: object) -> None:
        attributes = {name: _text(value) for name, value in about.items()}
        self._entry(test).outcomes.append((kind, attributes, _text(text)))

    def _tellFailure(self, test: Any, kind: str, failure: Failure) -> None:
        self._tell(
            test,
            kind,
            self._formatFailureTraceback(failure),
            message=failure.getErrorMessage(),
            type=fullyQualifiedName(failure.type),
        )

    def addFailure(self, test: Any, fail: Any) -> None:
        """An assertion of `test` failed."""
        super().addFailure(test, fail)
        self._tellFailure(test, "failure", self.failures[-1][1])

    def addError(self, test: Any, error: Any) -> None:
        """`test` raised something that is not an assertion."""
        super().addError(test, error)
        self._tellFailure(test, "error", self.errors[-1][1])

    def addSkip(self, test: Any, reason: Any) -> None:
        """`test` was not run."""
        super().addSkip(test, reason)
        self._tell(test, "skipped", message=reason)

    def addExpectedFailure(self, test: Any, error: Any, todo: Any = None) -> None:
        """`test` failed as expected, which counts as skipped."""
        super().addExpectedFailure(test, error, todo)
        _, failure, why = self.expectedFailures[-1]
        trace = self._formatFailureTraceback(failure)
        self._tell(test, "skipped", trace, message=f"expected to fail: {why.reason}")

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        """`test` passed, unexpectedly."""
        super().addUnexpectedSuccess(test, todo)
        reason = self.unexpectedSuccesses[-1][1].reason
        self._tell(test, "system-out", f"passed, but was expected to fail: {reason}")

    def _showNow(self, failure: Failure) -> None:
        """Nothing: everything stands in the document."""

    def _document(self) -> ElementTree.Element:
        cases = [entry.element() for entry in self._entries]
        counts = {
            "tests": str(len(cases)),
            "failures": str(sum(case.find("failure") is not None for case in cases)),
            "errors": str(sum(case.find("error") is not None for case in cases)),
            "skipped": str(sum(case.find("skipped") is not None for case in cases)),
            "time": f"{sum(entry.seconds for entry in self._entries):.3f}",
        }
        suites = ElementTree.Element("testsuites", counts)
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            {
                "name": "trial",
                **counts,
                "timestamp": f"{self._began:%Y-%m-%dT%H:%M:%S}",
                "hostname": _text(socket.gethostname()),
            },
        )
        suite.extend(cases)
        return suites

    def _printSummary(self) -> None:
        document = self._document()
        ElementTree.indent(document)
        # In this encoding, whatever the one of the stream is.
        self._write(ElementTree.tostring(document, "us-ascii", xml_declaration=True).decode())
        self._write("\n")

    def done(self) -> None:
        """The run is over: write the document."""
        self._ignoreWarnings()
        self._printSummary()


class JUnitFile(JUnitReporter):
    """Writes the document to a file.

    Args:
        path: The file, which is made anew.
    """

    def __init__(self, path: str) -> None:
        self._file = open(path, "w", encoding="ascii")  # noqa: SIM115  # `done` closes it
        super().__init__(self._file)

    def done(self) -> None:
        """The run is over: write the document."""
        with self._file:
            super().done()
