"""What came of tests, on its way between processes."""

from __future__ import annotations

import json
import types
import unittest as standard
from typing import Any

from twisted.python import log
from twisted.python.failure import Failure
from twisted.trial import unittest
from twisted.trial._cleanup import DirtyReactorAggregateError
from twisted.trial._dist._outcomes import MAX_TEXT, Recorder, Replay, failureFrom, told
from twisted.trial._dist._protocol import Pieces, digest, send
from twisted.trial.reporter import TestResult
from twisted.trial.test.running import caseOf, outcome


def travelled(*cases: Any) -> TestResult:
    """What a reporter has heard of tests that ran elsewhere."""
    recorder = Recorder()
    for case in cases:
        case.run(recorder)
    result = TestResult()
    Replay(result, log).tell(json.loads(json.dumps(recorder.take())))
    return result


class OutcomeTests(unittest.SynchronousTestCase):
    """Every outcome arrives as what it was."""

    def test_success(self) -> None:
        result = travelled(caseOf(lambda self: None))
        self.assertEqual((outcome(result), result.testsRun), ({"successes": 1}, 1))

    def test_failure(self) -> None:
        result = travelled(caseOf(lambda self: self.fail("caf\xe9 \ud800")))
        self.assertEqual(outcome(result), {"failures": 1})
        [(test, failure)] = result.failures
        self.assertTrue(test.id().endswith("Made.test"))
        self.assertEqual(failure.getErrorMessage(), "caf\xe9 \ud800")
        self.assertEqual(failure.type.__name__, "FailTest")

    def test_error(self) -> None:
        def broken(self: Any) -> None:
            raise ZeroDivisionError("by zero")

        result = travelled(caseOf(broken))
        self.assertTrue(result.errors[0][1].check(ZeroDivisionError))

    def test_skip(self) -> None:
        result = travelled(caseOf(lambda self: None, skip="why"))
        self.assertEqual(result.skips[0][1], "why")

    def test_todo(self) -> None:
        result = travelled(caseOf(lambda self: self.fail(), todo="later"))
        self.assertEqual(result.expectedFailures[0][2].reason, "later")
        result = travelled(caseOf(lambda self: None, todo="later"))
        self.assertEqual(result.unexpectedSuccesses[0][1].reason, "later")

    def test_subTests(self) -> None:
        class Parts(standard.TestCase):
            def test(self) -> None:
                for number in range(3):
                    with self.subTest(number=number):
                        self.assertEqual(number, 1)

        result = travelled(Parts("test"))
        names = [test.id().rpartition(".")[2] for test, _ in result.failures]
        self.assertEqual(names, ["test (number=0)", "test (number=2)"])

    def test_warning(self) -> None:
        there, here = log.LogPublisher(), log.LogPublisher()
        heard: list[dict[str, Any]] = []
        here.addObserver(heard.append)
        recorder = Recorder(there)
        there.msg(warning=UserWarning("w"), category=UserWarning, filename="f", lineno=7)
        recorder.close()
        there.msg(warning=UserWarning("late"), category=UserWarning, filename="f", lineno=8)
        Replay(TestResult(), here).tell(recorder.take())
        self.assertEqual(len(heard), 1)
        event = heard[0]
        self.assertEqual((event["warning"], event["filename"], event["lineno"]), ("w", "f", 7))
        self.assertEqual(event["category"], "builtins.UserWarning")

    def test_duration(self) -> None:
        """Tests know how long they took."""
        seen: list[Any] = []

        class Result(TestResult):
            def stopTest(self, test: Any) -> None:
                seen.append(test)

        Replay(Result(), log).tell([["start", "x", None, "x"], ["stop", "x", 1.5]])
        self.assertEqual(seen[0].secondsElsewhere, 1.5)

    def test_fixtures(self) -> None:
        """What is wrong with a fixture is told once, though each worker has met it."""
        failure = told(Failure(ValueError("x")))
        result = TestResult()
        replay = Replay(result, log)
        for _ in range(2):
            replay.tell([["error", "setUpClass (m.C)", failure]])
            replay.tell([["error", "tearDownClass (m.C)", failure]])
        names = [test.id() for test, _ in result.errors]
        self.assertEqual(names.count("setUpClass (m.C)"), 1)
        self.assertEqual(names.count("tearDownClass (m.C)"), 2)


class FailureTests(unittest.SynchronousTestCase):
    """Failures show themselves as they would have where they happened."""

    def there(self, failure: Failure) -> Failure:
        return failureFrom(json.loads(json.dumps(told(failure))))

    def test_traceback(self) -> None:
        """All forms of the traceback, with what led to the error, notes and variables."""
        for captureVars in (False, True):
            try:
                try:
                    {}["x"]  # type: ignore[index]  # that is the error
                except KeyError as earlier:
                    earlier.add_note("a note")
                    raise ValueError("later") from earlier
            except ValueError:
                failure = Failure(captureVars=captureVars)
            there = self.there(failure)
            self.assertEqual(there.getTraceback(), failure.getTraceback())
            self.assertEqual(there.getBriefTraceback(), failure.getBriefTraceback())
            self.assertEqual(
                [each[:3] for each in there.frames], [each[:3] for each in failure.frames]
            )

    def test_kinds(self) -> None:
        """Classes that are known here are those; others have the same name."""
        there = self.there(Failure(DirtyReactorAggregateError(["call"])))
        self.assertTrue(there.check(DirtyReactorAggregateError))
        self.assertIn("call", there.getErrorMessage())
        module = types.ModuleType("only_there")
        exec("class Base(LookupError): pass\nclass Odd(Base): pass", vars(module))
        there = self.there(Failure(module.Odd("text")))
        self.assertEqual(there.check("only_there.Base"), "only_there.Base")
        self.assertTrue(there.check(LookupError))
        self.assertEqual(there.parents[0], "only_there.Odd")
        self.assertEqual(there.getErrorMessage(), "text")

    def test_unreadable(self) -> None:
        """An exception that cannot show itself does no harm."""

        class Broken(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no")

        self.assertIn("Broken", self.there(Failure(Broken())).getTraceback())

    def test_long(self) -> None:
        """A message that nobody could read is cut."""
        there = self.there(Failure(ValueError("x" * (2 * MAX_TEXT))))
        self.assertLess(len(there.getErrorMessage()), MAX_TEXT + 100)


class ProtocolTests(unittest.SynchronousTestCase):
    """Long things travel in pieces."""

    def test_pieces(self) -> None:
        sent: list[dict[str, Any]] = []
        whole = ["x" * 100_000, "\u20ac" * 50_000]
        send(lambda command, **kw: sent.append(kw), None, whole, number=3)  # type: ignore[arg-type]  # nobody looks
        self.assertGreater(len(sent), 3)
        self.assertEqual({each["number"] for each in sent}, {3})
        self.assertLess(max(len(each["piece"]) for each in sent), 65536)
        pieces = Pieces()
        self.assertEqual([pieces.add(each["piece"], each["last"]) for each in sent][-1], whole)

    def test_digest(self) -> None:
        """Lists of names are told apart, odd names included."""
        self.assertEqual(digest(["a", "b\ud800"]), digest(["a", "b\ud800"]))
        self.assertNotEqual(digest(["a", "b"]), digest(["b", "a"]))
        self.assertNotEqual(digest(["ab"]), digest(["a", "b"]))
