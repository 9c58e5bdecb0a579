"""What reporters keep and write."""

from __future__ import annotations

import io
import os
import re
import sys
import unittest as pyunit
import warnings
from collections.abc import Callable
from typing import Any

from zope.interface.verify import verifyObject

from twisted.python.failure import Failure
from twisted.trial import itrial, reporter, unittest
from twisted.trial._cleanup import DirtyReactorAggregateError
from twisted.trial.reporter import _tracebacks
from twisted.trial.reporter._wrappers import ExitFirst
from twisted.trial.test.running import outcome


class _Sample(unittest.SynchronousTestCase):
    """One of each kind; not named as tests are."""

    def good(self) -> None:
        pass

    def bad(self) -> None:
        self.assertEqual(1, 2)

    def worse(self) -> None:
        raise ValueError("worse")

    def skipped(self) -> None:
        raise unittest.SkipTest("too dark")

    def expected(self) -> None:
        self.fail("known")

    expected.todo = "mend it"  # type: ignore[attr-defined]  # how tests are marked

    def unexpected(self) -> None:
        pass

    unexpected.todo = "mended"  # type: ignore[attr-defined]


class _Other(unittest.SynchronousTestCase):
    def good(self) -> None:
        pass


_KINDS = ("good", "bad", "worse", "skipped", "expected", "unexpected")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Publisher:
    def __init__(self) -> None:
        self.observers: list[Callable[[Any], object]] = []

    def addObserver(self, observer: Callable[[Any], object]) -> None:
        self.observers.append(observer)

    def removeObserver(self, observer: Callable[[Any], object]) -> None:
        self.observers.remove(observer)


class _ReporterCase(unittest.SynchronousTestCase):
    factory: Callable[..., Any] = reporter.Reporter

    def setUp(self) -> None:
        self.stream = io.StringIO()
        self.reporter = type(self).factory(self.stream)

    def report(self, *kinds: str) -> str:
        """Run samples, end the run, and return what was written without the seconds."""
        for kind in kinds:
            _Sample(kind).run(self.reporter)
        self.reporter.done()
        return re.sub(r"\d+\.\d{3}", "0.000", self.stream.getvalue())


class ReporterTests(_ReporterCase):
    """The tracebacks and the summary."""

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(itrial.IReporter, self.reporter))
        self.assertTrue(verifyObject(itrial.IReporterWithDurations, self.reporter))
        self.assertTrue(verifyObject(itrial.IReporter, reporter.TestResult()))

    def test_nothing(self) -> None:
        self.assertTrue(self.report().endswith("Ran 0 tests in 0.000s\n\nPASSED\n"))

    def test_passed(self) -> None:
        text = self.report("good", "skipped", "good")
        self.assertTrue(
            text.endswith("Ran 3 tests in 0.000s\n\nPASSED (skips=1, successes=2)\n"), text
        )
        self.assertTrue(self.reporter.wasSuccessful())

    def test_singular(self) -> None:
        self.assertIn("Ran 1 test in 0.000s", self.report("good"))

    def test_failed(self) -> None:
        last = self.report(*_KINDS).splitlines()[-1]
        self.assertEqual(
            last,
            "FAILED (skips=1, expectedFailures=1, failures=1, errors=1, "
            "unexpectedSuccesses=1, successes=1)",
        )
        self.assertFalse(self.reporter.wasSuccessful())

    def test_sections(self) -> None:
        text = self.report(*_KINDS)
        name = _Sample("good").id().removesuffix("good")
        self.assertIn(f"[SKIPPED]\ntoo dark\n\n{name}skipped\n", text)
        self.assertIn("[TODO]\nReason: 'mend it'\nTraceback", text)
        self.assertIn(f"twisted.trial.unittest.FailTest: 1 != 2\n\n{name}bad\n", text)
        self.assertRegex(
            text,
            rf"\[ERROR\]\n{__file__}:\d+: ValueError: worse\n\nTraceback \(most recent call last\)",
        )
        self.assertIn(f"builtins.ValueError: worse\n\n{name}worse\n", text)
        self.assertIn(f"[SUCCESS!?!]\nReason: 'mended'\n\n{name}unexpected\n", text)

    def test_grouped(self) -> None:
        """Tests that fail alike are told of together."""
        text = self.report("worse", "bad", "worse")
        name = _Sample("worse").id()
        self.assertEqual(text.count("[ERROR]"), 1)
        self.assertIn(f"{name}\n{name}\n", text)

    def test_realTime(self) -> None:
        self.reporter.realtime = True
        _Sample("worse").run(self.reporter)
        self.assertIn("ValueError: worse", self.stream.getvalue())

    def test_excInfo(self) -> None:
        """Errors may come as `sys.exc_info` gives them."""
        try:
            raise KeyError("k")
        except KeyError:
            self.reporter.addError(_Sample("good"), sys.exc_info())
            self.reporter.addFailure(_Sample("good"), sys.exc_info())
        self.assertIsInstance(self.reporter.errors[0][1], Failure)
        self.assertEqual(outcome(self.reporter), {"errors": 1, "failures": 1})

    def test_warnings(self) -> None:
        """Warnings that are published are written, each once, until the run is over."""
        publisher = _Publisher()
        told = type(self).factory(self.stream, publisher=publisher)
        event = {
            "warning": "careful",
            "category": "builtins.DeprecationWarning",
            "filename": "x.py",
            "lineno": 3,
        }
        for each in (event, event, {"message": ("other",)}):
            for observer in publisher.observers:
                observer(each)
        self.assertEqual(self.stream.getvalue(), "x.py:3: DeprecationWarning: careful\n")
        told.done()
        self.assertEqual(publisher.observers, [])

    def test_percentSigns(self) -> None:
        """Text with percent signs is written as it is."""
        self.reporter.addSkip(_Sample("good"), "100 %s sure")
        self.assertIn("100 %s sure", self.report())

    def test_brokenFixture(self) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.reporter.upDownError("setUpClass", Failure(ValueError("x")))
            self.reporter.cleanupErrors(Failure(ValueError("y")))
        self.assertIn("setUpClass", self.stream.getvalue())
        self.assertEqual([each.category for each in caught], [reporter.BrokenTestCaseWarning] * 2)

    def test_durations(self) -> None:
        self.reporter.addDuration(_Sample("good"), 0.5)
        self.assertEqual(self.reporter.collectedDurations, [(str(_Sample("good")), 0.5)])

    def test_repr(self) -> None:
        self.assertIn("run=0 errors=0", repr(reporter.TestResult()))


class MinimalTests(_ReporterCase):
    factory = reporter.MinimalReporter

    def test_line(self) -> None:
        self.assertEqual(self.report(*_KINDS), "0.000 6 6 1 1 1\n")

    def test_publisher(self) -> None:
        publisher = _Publisher()
        reporter.MinimalReporter(self.stream, publisher=publisher).done()
        self.assertEqual(publisher.observers, [])


class TextTests(_ReporterCase):
    factory = reporter.TextReporter

    def test_letters(self) -> None:
        self.assertEqual(self.report(*_KINDS).splitlines()[0], ".FEST!")


class VerboseTextTests(_ReporterCase):
    factory = reporter.VerboseTextReporter

    def test_lines(self) -> None:
        lines = self.report(*_KINDS).splitlines()[:6]
        name = _Sample("good").id().removesuffix("good")
        self.assertEqual(
            lines,
            [
                f"{name}good ... [OK]",
                f"{name}bad ... [FAILURE]",
                f"{name}worse ... [ERROR]",
                f"{name}skipped ... [SKIPPED]",
                f"{name}expected ... [TODO]",
                f"{name}unexpected ... [SUCCESS!?!]",
            ],
        )


class TimingTests(_ReporterCase):
    factory = reporter.TimingTextReporter

    def test_seconds(self) -> None:
        self.assertTrue(self.report("good").splitlines()[0].endswith("good ... [OK] (0.000 secs)"))


class TreeTests(_ReporterCase):
    factory = reporter.TreeReporter

    def test_tree(self) -> None:
        lines = self.report(*_KINDS).splitlines()[:8]
        self.assertEqual(lines[:2], [__name__, "  _Sample"])
        self.assertEqual(
            [" ".join(line.split()) for line in lines[2:]],
            [
                "good ... [OK]",
                "bad ... [FAIL]",
                "worse ... [ERROR]",
                "skipped ... [SKIPPED]",
                "expected ... [TODO]",
                "unexpected ... [SUCCESS!?!]",
            ],
        )
        self.assertEqual({len(line) for line in lines[2:]}, {79})

    def test_newClass(self) -> None:
        """A class is named when it changes, its module only if that changes."""

        for case in (_Sample("good"), _Other("good"), _Other("good")):
            case.run(self.reporter)
        lines = self.stream.getvalue().splitlines()
        self.assertEqual(lines.count(__name__), 1)
        self.assertEqual([line.split()[0] for line in lines[3:]], ["_Other", "good", "good"])

    def test_secondOutcome(self) -> None:
        """A test that fails twice has two lines, the second with its whole name."""
        case = _Sample("bad")
        case.addCleanup(case.worse)
        case.run(self.reporter)
        lines = self.stream.getvalue().splitlines()
        self.assertEqual(len(lines), 4)
        self.assertTrue(lines[3].strip().startswith(case.id()), lines)

    def test_noColours(self) -> None:
        self.assertNotIn("\x1b", self.report(*_KINDS))

    def colored(self, **environment: str) -> str:
        self.patch(os, "environ", environment)
        stream = _Terminal()
        tree = reporter.TreeReporter(stream)
        for kind in _KINDS:
            _Sample(kind).run(tree)
        tree.done()
        return stream.getvalue()

    def test_colours(self) -> None:
        text = self.colored(TERM="xterm")
        for code, what in (
            (32, "[OK]"),
            (31, "[FAIL]"),
            (31, "[ERROR]"),
            (34, "[SKIPPED]"),
            (34, "[TODO]"),
            (31, "[SUCCESS!?!]"),
            (31, "FAILED"),
        ):
            self.assertIn(f"\x1b[{code};1m{what}\x1b[0m", text)

    def test_coloursNotWanted(self) -> None:
        self.assertNotIn("\x1b", self.colored(TERM="dumb"))
        self.assertNotIn("\x1b", self.colored())
        self.assertNotIn("\x1b", self.colored(TERM="xterm", NO_COLOR="1"))

    def test_brokenFixture(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.reporter.upDownError("setUpClass", Failure(ValueError("x")))
            self.reporter.cleanupErrors(Failure(ValueError("y")))
        lines = [" ".join(line.split()) for line in self.stream.getvalue().splitlines()]
        self.assertEqual(lines[0], "setUpClass [ERROR]")
        self.assertIn("cleanup errors [ERROR]", lines[1])


class TracebackTests(unittest.SynchronousTestCase):
    """Which frames are shown."""

    def failureOf(self, method: Callable[[Any], object]) -> Failure:
        members = {"__module__": __name__, "test": method}
        case = type("Made", (unittest.SynchronousTestCase,), members)("test")
        result = reporter.TestResult()
        case.run(result)
        failure: Failure = (result.failures + result.errors)[0][1]
        return failure

    def namesIn(self, failure: Failure) -> list[str]:
        return [frame[0] for frame in _tracebacks.trim(failure.frames)]

    def test_assertion(self) -> None:
        """It begins in the test and ends where that calls the assertion."""

        def test(case: Any) -> None:
            case.assertEqual(1, 2)

        self.assertEqual(self.namesIn(self.failureOf(test)), ["test"])

    def test_raises(self) -> None:
        def test(case: Any) -> None:
            case.assertRaises(ValueError, int, "1")

        self.assertEqual(self.namesIn(self.failureOf(test)), ["test"])

    def test_deeper(self) -> None:
        def helper() -> None:
            int("x")

        failure = self.failureOf(lambda case: helper())
        self.assertEqual(self.namesIn(failure), ["<lambda>", "helper"])

    def test_allFramework(self) -> None:
        """If everything is the machinery's, everything is shown."""
        frames = [("run", unittest.__file__, 1, (), ())]
        self.assertEqual(_tracebacks.trim(frames), frames)
        self.assertEqual(_tracebacks.trim([]), [])

    def test_formats(self) -> None:
        failure = self.failureOf(lambda case: int("x"))
        whole = list(failure.frames)
        self.assertIn(f'File "{__file__}"', _tracebacks.format(failure, "default"))
        self.assertIn(f"{__file__}:", _tracebacks.format(failure, "brief"))
        self.assertIn("<lambda>(...)", _tracebacks.format(failure, "verbose"))
        self.assertEqual(failure.frames, whole)
        self.assertRaises(ValueError, _tracebacks.format, failure, "nonsense")


class WrapperTests(unittest.SynchronousTestCase):
    """Reporters around reporters."""

    def setUp(self) -> None:
        self.original = reporter.TestResult()
        self.dirty = Failure(DirtyReactorAggregateError(["a call"]))

    def test_decorator(self) -> None:
        wrapper = reporter.TestResultDecorator(self.original)
        _Sample("good").run(wrapper)
        _Sample("bad").run(wrapper)
        self.assertEqual(outcome(self.original), {"successes": 1, "failures": 1})
        self.assertEqual(wrapper.testsRun, 2)
        self.assertFalse(wrapper.wasSuccessful())
        wrapper.stop()
        self.assertTrue(wrapper.shouldStop)

    def test_standardSuite(self) -> None:
        """Suites of the standard library, which keep notes on results, can use one."""
        wrapper = reporter.TestResultDecorator(self.original)
        pyunit.TestSuite([_Sample("good")]).run(wrapper)
        self.assertEqual(outcome(self.original), {"successes": 1})

    def test_unclean(self) -> None:
        wrapper = reporter.UncleanWarningsReporterWrapper(self.original)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            wrapper.addError(_Sample("good"), self.dirty)
        self.assertEqual(outcome(self.original), {})
        self.assertIn("a call", str(caught[0].message))
        self.assertIn(_Sample("good").id(), str(caught[0].message))

    def test_otherErrors(self) -> None:
        wrapper = reporter.UncleanWarningsReporterWrapper(self.original)
        wrapper.addError(_Sample("good"), (ValueError, ValueError("x"), None))
        self.assertEqual(outcome(self.original), {"errors": 1})

    def test_exitFirst(self) -> None:
        for kind, stops in (("good", False), ("skipped", False), ("bad", True), ("worse", True)):
            original = reporter.TestResult()
            _Sample(kind).run(ExitFirst(original))
            self.assertEqual(original.shouldStop, stops, kind)


class StreamTests(unittest.SynchronousTestCase):
    """`SafeStream`."""

    def test_interrupted(self) -> None:
        """A write that a signal interrupted is made again."""
        written: list[str] = []

        class Stream:
            encoding = "utf-8"

            def write(self, text: str) -> None:
                written.append(text)
                if len(written) == 1:
                    raise InterruptedError

        safe = reporter.SafeStream(Stream())
        safe.write("x")
        self.assertEqual(written, ["x", "x"])
        self.assertEqual(safe.encoding, "utf-8")
