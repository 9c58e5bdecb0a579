"""Reports for programs: subunit, and XML as JUnit has it."""

from __future__ import annotations

import io
import unittest as pyunit
from typing import Any
from xml.etree import ElementTree

from twisted.trial import reporter, unittest
from twisted.trial.itrial import IReporter
from twisted.trial.reporter._junit import JUnitFile
from twisted.trial.reporter._wrappers import Both
from twisted.trial.runner import ErrorHolder

try:
    import subunit
except ImportError:
    subunit = None

#: What no document of XML can hold, what has a meaning there, and other scripts.
NASTY = "\x00\x1b[31m ]]> <&\"' \ud800 \uffff caf\xe9 \U0001f40d"


class _Sample(unittest.TestCase):
    """One of each outcome; not named as tests are."""

    def good(self) -> None: ...

    def bad(self) -> None:
        self.assertEqual(1, 2)

    def worse(self) -> None:
        raise ValueError(f"worse\n]\n{NASTY}")

    def skipped(self) -> None:
        raise unittest.SkipTest("too dark")

    def expected(self) -> None:
        self.fail("known")

    expected.todo = "mend it"  # type: ignore[attr-defined]  # how tests are marked

    def unexpected(self) -> None: ...

    unexpected.todo = "mended"  # type: ignore[attr-defined]  # how tests are marked

    def parts(self) -> None:
        for number in (1, 2, 3):
            with self.subTest(number=number):
                self.assertEqual(number, 2)

    def twice(self) -> None:
        self.addCleanup(self.fail, "second")
        self.fail("first")


class _Plain(pyunit.TestCase):
    """A test case of the standard library."""

    def parts(self) -> None:
        for number in (1, 2):
            with self.subTest(number=number):
                self.assertEqual(number, 2)


NAMES = ("good", "bad", "worse", "skipped", "expected", "unexpected", "parts", "twice")


def sample() -> unittest.TestSuite:
    """A suite of all these, and something that cannot be loaded."""
    holder: Any = ErrorHolder("missing.module", (ImportError, ImportError("gone"), None))
    return unittest.TestSuite([*map(_Sample, NAMES), _Plain("parts"), holder])


PREFIX = f"{__name__}._Sample."


class SubunitTests(unittest.SynchronousTestCase):
    """`SubunitReporter`."""

    def run_(self, suite: Any, **options: Any) -> tuple[Any, str]:
        stream = io.StringIO()
        result = reporter.SubunitReporter(stream, **options)
        suite.run(result)
        result.done()
        return result, stream.getvalue()

    def test_interface(self) -> None:
        result, _ = self.run_(unittest.TestSuite())
        self.assertTrue(IReporter.providedBy(result))
        self.assertTrue(result.wasSuccessful())
        self.assertFalse(result.shouldStop)
        result.stop()
        self.assertTrue(result.shouldStop)

    def test_lines(self) -> None:
        """A test begins, with its time, and ends; details are in brackets."""
        result, text = self.run_(unittest.TestSuite([_Sample("good"), _Sample("skipped")]))
        self.assertRegex(
            text,
            rf"^time: \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{6}}Z\n"
            rf"test: {PREFIX}good\nsuccess: {PREFIX}good\n"
            rf"time: .*Z\ntest: {PREFIX}skipped\nskip: {PREFIX}skipped \[\ntoo dark\n\]\n$",
        )
        self.assertEqual(result.testsRun, 2)

    def test_brackets(self) -> None:
        """Details cannot end early."""
        _, text = self.run_(_Sample("worse"))
        self.assertIn("builtins.ValueError: worse\n ]\n", text)
        self.assertTrue(text.endswith("\n]\n"))

    def test_format(self) -> None:
        _, text = self.run_(_Sample("bad"), tbformat="brief")
        self.assertRegex(text, r"test_formats.py:\d+:bad\n")

    def test_oneOutcomeEach(self) -> None:
        """The format has one for each test: what is more becomes a test of its own."""
        _, text = self.run_(_Sample("twice"))
        self.assertEqual(text.count(f"test: {PREFIX}twice\nfailure: {PREFIX}twice [\n"), 2)
        _, text = self.run_(_Sample("parts"))
        self.assertIn(f"failure: {PREFIX}parts [\nsee {PREFIX}parts (number=1)\n]\n", text)
        self.assertEqual(text.count("\ntest: "), 3)

    def test_noOutcome(self) -> None:
        """A test of which nobody says how it went has failed."""
        stream = io.StringIO()
        client = reporter.TestProtocolClient(stream)
        client.startTest(_Sample("good"))
        client.stopTest(_Sample("good"))
        self.assertIn(f"failure: {PREFIX}good [\nit ended without an outcome\n]", stream.getvalue())

    def test_reader(self) -> None:
        """The library of subunit reads what is written."""
        if subunit is None:
            raise unittest.SkipTest("python-subunit is not installed")
        result, text = self.run_(sample())
        self.assertFalse(result.wasSuccessful())
        heard = pyunit.TestResult()
        rest = io.BytesIO()
        server = subunit.TestProtocolServer(heard, rest)
        for line in text.encode("utf-8", "backslashreplace").splitlines(keepends=True):
            server.lineReceived(line)
        server.lostConnection()
        self.assertEqual(rest.getvalue(), b"", "all lines belong to the format")
        counts = [len(heard.failures), len(heard.errors), len(heard.skipped)]
        # Of parts the whole has failed, too.
        self.assertEqual(counts, [1 + 3 + 2 + 2, 2, 1])
        self.assertEqual(len(heard.expectedFailures), 1)
        self.assertEqual(len(heard.unexpectedSuccesses), 1)


class JUnitTests(unittest.SynchronousTestCase):
    """`JUnitReporter`."""

    def document(self, suite: Any) -> ElementTree.Element:
        stream = io.StringIO()
        result = reporter.JUnitReporter(stream, realtime=True)
        suite.run(result)
        self.assertEqual(stream.getvalue(), "", "nothing is written before the end")
        result.done()
        return ElementTree.fromstring(stream.getvalue())

    def cases(self, suite: Any) -> dict[str | None, ElementTree.Element]:
        return {case.get("name"): case for case in self.document(suite).iter("testcase")}

    def test_counts(self) -> None:
        document = self.document(sample())
        self.assertEqual(document.tag, "testsuites")
        (suite,) = document
        for element in (document, suite):
            counts = [element.get(name) for name in ("tests", "failures", "errors", "skipped")]
            # Three parts have failed, which are listed by themselves.
            self.assertEqual(counts, ["13", "5", "2", "2"])
            float(element.get("time", ""))
        self.assertEqual(len(suite.findall("testcase")), 13)
        self.assertRegex(suite.get("timestamp", ""), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
        self.assertTrue(suite.get("hostname"))

    def test_cases(self) -> None:
        """Each has its class, its name and its time, and what came of it."""
        cases = self.cases(sample())
        good = cases["good"]
        self.assertEqual((good.get("classname"), list(good)), (PREFIX[:-1], []))
        self.assertRegex(good.get("time", ""), r"^\d+\.\d{3}$")
        (failure,) = cases["bad"]
        self.assertEqual(
            (failure.tag, failure.get("message"), failure.get("type")),
            ("failure", "1 != 2", "twisted.trial.unittest.FailTest"),
        )
        self.assertIn("in bad\n", failure.text or "")
        self.assertEqual([each.tag for each in cases["worse"]], ["error"])
        (skip,) = cases["skipped"]
        self.assertEqual((skip.tag, skip.get("message")), ("skipped", "too dark"))
        (todo,) = cases["expected"]
        self.assertEqual((todo.tag, todo.get("message")), ("skipped", "expected to fail: mend it"))
        (done,) = cases["unexpected"]
        self.assertEqual(
            (done.tag, done.text), ("system-out", "passed, but was expected to fail: mended")
        )
        self.assertEqual([each.tag for each in cases["twice"]], ["failure", "failure"])
        self.assertEqual([each.tag for each in cases["parts (number=3)"]], ["failure"])
        self.assertEqual(cases["module"].get("classname"), "missing")

    def test_characters(self) -> None:
        """What a document cannot hold is shown as Python shows it; the rest is as it was."""
        (error,) = self.cases(_Sample("worse"))["worse"]
        shown = "\\x00\\x1b[31m ]]> <&\"' \\ud800 \\uffff caf\xe9 \U0001f40d"
        self.assertIn(shown, error.get("message", ""))
        self.assertIn(shown, error.text or "")

    def test_nothing(self) -> None:
        document = self.document(unittest.TestSuite())
        self.assertEqual(document.get("tests"), "0")

    def test_file(self) -> None:
        """In a file, beside another reporter, which alone is asked how it went."""
        path = self.mktemp()
        first = reporter.TestResult()
        both = Both(first, JUnitFile(path))
        sample().run(both)
        both.done()
        self.assertEqual((first.testsRun, len(first.failures)), (10, 6))
        self.assertFalse(both.wasSuccessful())
        with open(path, encoding="ascii") as file:
            document = ElementTree.fromstring(file.read())
        self.assertEqual(document.get("tests"), "13")
