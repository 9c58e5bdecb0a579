"""Tests for `twisted.python.failure`; those for its texts are in `test_failure_text`."""

from __future__ import annotations

import gc
import pickle
import sys
import weakref
from collections.abc import Generator
from io import StringIO
from types import FrameType, TracebackType
from typing import Any

from twisted.python import failure
from twisted.python.failure import (
    DefaultException,
    Failure,
    NoCurrentExceptionError,
)
from twisted.python.reflect import qual
from twisted.python.test import _failures
from twisted.python.test._failures import Broken, SomeError, Subclass, caught, raiser
from twisted.trial.unittest import SynchronousTestCase


class Creation(SynchronousTestCase):
    """What a failure can be made of."""

    def test_current(self) -> None:
        """Without arguments it holds the exception that is being handled."""
        error = SomeError("now")
        try:
            raise error
        except SomeError:
            f = Failure()
        self.assertIs(f.value, error)
        self.assertIs(f.type, SomeError)
        self.assertIs(f.tb, error.__traceback__)
        self.assertFalse(f.pickled)

    def test_nothingToHold(self) -> None:
        """Outside an except clause there is nothing to hold, and the error says what to do."""
        error = self.assertRaises(NoCurrentExceptionError, Failure)
        self.assertIn("except clause", str(error))

    def test_given(self) -> None:
        """An exception that was never raised has no traceback; one that was keeps its own."""
        self.assertIsNone(Failure(SomeError()).tb)
        error = SomeError()
        try:
            raise error
        except SomeError:
            pass
        self.assertIs(Failure(error).tb, error.__traceback__)

    def test_givenWhileAnotherIsHandled(self) -> None:
        """A given exception counts, not the one that is being handled."""
        try:
            raise KeyError("current")
        except KeyError:
            f = Failure(SomeError("given"))
        self.assertIs(f.type, SomeError)

    def test_typeAndTraceback(self) -> None:
        """Type and traceback can be given on their own."""
        other = caught()
        f = Failure(ValueError("x"), Exception, other.tb)
        self.assertIs(f.type, Exception)
        self.assertIs(f.tb, other.tb)
        self.assertEqual([frame[0] for frame in f.frames], ["caught", "raiser"])

    def test_class(self) -> None:
        """An exception class stands for an exception of that class."""
        f = Failure(ValueError)
        self.assertIsInstance(f.value, ValueError)
        self.assertIs(f.type, ValueError)
        f = Failure(None, KeyError)
        self.assertIsInstance(f.value, KeyError)

    def test_string(self) -> None:
        """What is no exception is wrapped in one, so that it can be raised."""
        f = Failure("old style")
        self.assertIs(f.type, DefaultException)
        self.assertEqual(f.getErrorMessage(), "old style")
        self.assertRaises(DefaultException, f.raiseException)

    def test_failure(self) -> None:
        """A failure of a failure is a copy of it."""
        original = caught()
        copy = Failure(original)
        self.assertIs(copy.value, original.value)
        self.assertIs(copy.type, SomeError)
        self.assertEqual(copy.frames, original.frames)
        self.assertIs(copy.tb, original.tb)

    def test_raisedFailure(self) -> None:
        """A failure is an exception itself; caught, it is what it holds."""
        original = caught()
        try:
            raise original
        except Failure:
            copy = Failure()
        self.assertIs(copy.value, original.value)
        self.assertIn("in raiser", copy.getTraceback())

    def test_attributes(self) -> None:
        """Users can leave notes of their own on a failure, and they pickle."""
        f = Failure(ValueError())
        f.remark = "mine"  # type: ignore[attr-defined]  # what is tested
        self.assertEqual(pickle.loads(pickle.dumps(f)).remark, "mine")


class Asking(SynchronousTestCase):
    """check, trap, and the other questions."""

    def test_checkClasses(self) -> None:
        f = caught()
        self.assertIs(f.check(SomeError), SomeError)
        self.assertIs(f.check(KeyError, Exception, SomeError), Exception)
        self.assertIsNone(f.check(KeyError, OSError))
        self.assertIsNone(f.check())

    def test_checkNames(self) -> None:
        """Classes can be named, so that nothing need be imported to ask."""
        f = caught(FileNotFoundError(2, "gone"))
        self.assertEqual(f.check("builtins.OSError"), "builtins.OSError")
        self.assertEqual(f.check("builtins.FileNotFoundError"), "builtins.FileNotFoundError")
        self.assertIsNone(f.check("OSError", "builtins.KeyError"))
        self.assertEqual(caught().check(KeyError, qual(SomeError)), qual(SomeError))

    def test_trap(self) -> None:
        f = caught()
        self.assertIs(f.trap(KeyError, SomeError), SomeError)
        self.assertEqual(f.trap("builtins.Exception"), "builtins.Exception")

    def test_trapRaises(self) -> None:
        """What is not trapped is raised again: the very exception, its traceback continued."""
        f = caught()
        error = self.assertRaises(SomeError, f.trap, KeyError, OSError)
        self.assertIs(error, f.value)
        self.assertIn("in raiser", Failure(error).getTraceback())

    def test_getErrorMessage(self) -> None:
        self.assertEqual(Failure(ValueError("just this")).getErrorMessage(), "just this")
        self.assertEqual(Failure(ValueError()).getErrorMessage(), "")

    def test_getErrorMessageBroken(self) -> None:
        """An exception that cannot be shown is described."""
        self.assertIn("Broken", Failure(Broken()).getErrorMessage())

    def test_parents(self) -> None:
        self.assertEqual(
            Failure(KeyError()).parents,
            [
                "builtins.KeyError",
                "builtins.LookupError",
                "builtins.Exception",
                "builtins.BaseException",
                "builtins.object",
            ],
        )

    def test_frames(self) -> None:
        """From the frame that caught the exception to the one that raised it."""
        frames = caught().frames
        self.assertEqual([frame[0] for frame in frames], ["caught", "raiser"])
        for frame in frames:
            self.assertEqual(frame[1].removesuffix("c"), _failures.__file__.removesuffix("c"))
            self.assertEqual(frame[3:], ((), ()))
        self.assertEqual(frames[1][2], raiser.__code__.co_firstlineno + 2)

    def test_framesAreKept(self) -> None:
        """Asking twice gives the same list."""
        f = caught()
        self.assertIs(f.frames, f.frames)

    def test_stack(self) -> None:
        """The callers of the catcher are only kept on demand."""
        self.assertEqual(caught().stack, [])
        stack = caught(captureVars=True).stack
        self.assertEqual(stack[-1][0], "test_stack")
        self.assertGreater(len(stack), 3)

    def test_stackOfUnraised(self) -> None:
        """For an exception that was never raised these are the callers of its failure's maker."""

        def make() -> Failure:
            return Failure(ValueError(), captureVars=True)

        self.assertEqual(
            [frame[0] for frame in make().stack[-2:]], ["test_stackOfUnraised", "make"]
        )

    def test_variables(self) -> None:
        f = caught(captureVars=True)
        self.assertEqual(dict(f.frames[1][3])["local"], "the local value")
        self.assertIs(dict(f.frames[0][4])["Failure"], Failure)

    def test_count(self) -> None:
        """Failures are numbered in the order in which they are asked for their numbers."""
        first, second = caught(), caught()
        number = second.count
        self.assertEqual(number, failure.count)
        self.assertEqual(first.count, number + 1)
        self.assertEqual(second.count, number)
        self.assertEqual(failure.count, number + 1)

    def test_getTracebackObject(self) -> None:
        f = caught()
        self.assertIsInstance(f.getTracebackObject(), TracebackType)
        f.cleanFailure()
        self.assertIsNone(f.getTracebackObject())


class Raising(SynchronousTestCase):
    """Failures turned into exceptions again."""

    def test_raiseException(self) -> None:
        """The traceback leads on to where the exception was first raised, every time."""
        f = caught()
        for _ in range(3):
            try:
                f.raiseException()
            except SomeError:
                again = Failure()
            self.assertIs(again.value, f.value)
            names = [frame[0] for frame in again.frames]
            self.assertEqual(names, ["test_raiseException", "raiseException", "caught", "raiser"])

    def test_raiseCleaned(self) -> None:
        f = caught()
        f.cleanFailure()
        self.assertRaises(SomeError, f.raiseException)

    def test_throwIntoGenerator(self) -> None:
        got: list[BaseException] = []

        def generator() -> Generator[str, None, None]:
            try:
                yield "first"
            except SomeError as error:
                got.append(error)
                got.append(Failure())
                yield "second"

        f = caught()
        g = generator()
        next(g)
        self.assertEqual(f.throwExceptionIntoGenerator(g), "second")
        self.assertIs(got[0], f.value)
        self.assertIsInstance(got[1], Failure)
        self.assertEqual(
            [frame[0] for frame in getattr(got[1], "frames", [])], ["generator", "caught", "raiser"]
        )

    def test_throwIntoGeneratorThatEnds(self) -> None:
        def generator() -> Generator[None, None, str]:
            try:
                yield
            except SomeError:
                return "result"
            return "no error"

        g = generator()
        next(g)
        ended = self.assertRaises(StopIteration, caught().throwExceptionIntoGenerator, g)
        self.assertEqual(ended.value, "result")

    def test_throwIntoGeneratorThatIgnores(self) -> None:
        def generator() -> Generator[None, None, None]:
            yield

        g = generator()
        next(g)
        f = caught()
        error = self.assertRaises(SomeError, f.throwExceptionIntoGenerator, g)
        self.assertIs(error, f.value)


class Keeping(SynchronousTestCase):
    """Failures without their frames, and over a pickle."""

    def test_cleanFailure(self) -> None:
        """The texts stay, the frames go."""

        def work() -> Failure:
            try:
                try:
                    raiser(KeyError("cause"))
                except KeyError as error:
                    raise SomeError("effect") from error
            except SomeError:
                return Failure()
            raise AssertionError

        f = work()
        texts = [f.getTraceback(detail=each) for each in ("default", "brief", "verbose")]
        f.cleanFailure()
        f.cleanFailure()
        self.assertIsNone(f.tb)
        self.assertIsNone(f.value.__traceback__)
        self.assertIsNotNone(f.value.__cause__)
        self.assertIsNone(getattr(f.value.__cause__, "__traceback__", "?"))
        self.assertEqual(
            texts, [f.getTraceback(detail=each) for each in ("default", "brief", "verbose")]
        )

    def test_cleanFailureVariables(self) -> None:
        """Variables live on as their texts."""
        f = caught(captureVars=True)
        text = f.getTraceback(detail="verbose")
        f.cleanFailure()
        self.assertEqual(f.getTraceback(detail="verbose"), text)
        self.assertEqual(dict(f.frames[1][3])["local"], "'the local value'")

    def test_cleanFailureLetsGo(self) -> None:
        class Precious:
            pass

        def work() -> tuple[Failure, weakref.ref[Precious]]:
            precious = Precious()
            ref = weakref.ref(precious)
            try:
                raise SomeError
            except SomeError:
                return Failure(captureVars=True), ref

        f, ref = work()
        self.assertIsNotNone(ref())
        f.cleanFailure()
        self.assertIsNone(ref())

    def test_cleanFailureOfCircle(self) -> None:
        """Exceptions that are each other's causes are no trap."""
        one, two = SomeError("one"), SomeError("two")
        one.__cause__, two.__cause__ = two, one
        f = Failure(one)
        f.cleanFailure()
        self.assertIn("two", f.getTraceback())

    def test_cleanFailureOfGroup(self) -> None:
        inner = caught(KeyError("k")).value
        assert isinstance(inner, KeyError)
        f = Failure(ExceptionGroup("g", [inner]))
        f.cleanFailure()
        self.assertIsNone(inner.__traceback__)
        self.assertIn("in raiser", f.getTraceback())

    def roundTrip(self, f: Failure) -> Failure:
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            copy: Failure = pickle.loads(pickle.dumps(f, protocol))
        return copy

    def test_pickle(self) -> None:
        """A pickled failure tells all that it told before."""
        f = caught(SomeError("text", 7))
        copy = self.roundTrip(f)
        self.assertTrue(copy.pickled)
        self.assertFalse(f.pickled)
        self.assertIs(type(copy), Failure)
        self.assertIs(copy.type, SomeError)
        self.assertEqual(copy.value.args, ("text", 7))
        self.assertIsNone(copy.tb)
        self.assertEqual(copy.frames, f.frames)
        self.assertEqual(copy.stack, [])
        self.assertEqual(copy.parents, f.parents)
        self.assertEqual(copy.count, f.count)
        self.assertEqual(copy.getTraceback(), f.getTraceback())
        self.assertEqual(str(copy), str(f))
        self.assertEqual(repr(copy), repr(f))
        self.assertIs(copy.check(SomeError), SomeError)
        self.assertRaises(SomeError, copy.raiseException)
        self.assertIn("(pickled)", copy.getTraceback(detail="verbose"))

    def test_pickleTwice(self) -> None:
        f = caught(captureVars=True)
        text = f.getTraceback()
        copy = self.roundTrip(self.roundTrip(f))
        self.assertEqual(copy.getTraceback(), text)
        self.assertIn("  local : 'the local value'\n", copy.getTraceback(detail="verbose"))

    def test_pickleCause(self) -> None:
        """Python forgets causes in a pickle; a failure does not."""

        def work() -> Failure:
            try:
                raise SomeError("effect") from KeyError("cause")
            except SomeError as error:
                error.add_note("a note")
                return Failure()

        copy = self.roundTrip(work())
        self.assertIn("KeyError: 'cause'", copy.getTraceback())
        self.assertIn("a note", copy.getTraceback())

    def test_pickleSubclass(self) -> None:
        self.assertIs(type(self.roundTrip(Subclass(ValueError()))), Subclass)

    def test_pickleUnpicklableVariables(self) -> None:
        def work() -> Failure:
            nothingPickles = lambda: None  # noqa: E731  # a value that does not pickle
            try:
                raise SomeError(nothingPickles.__name__)
            except SomeError:
                return Failure(captureVars=True)

        self.assertIn("nothingPickles : <function", self.roundTrip(work()).getTraceback(
            detail="verbose"
        ))  # fmt: skip

    def test_noCycles(self) -> None:
        """A failure that is dropped is gone, with its frames, without the garbage collector."""

        def work() -> weakref.ref[Failure]:
            ref = weakref.ref(caught())
            self.assertIsNone(ref())
            return ref

        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        f: Any = caught()
        try:
            f.raiseException()
        except SomeError:
            pass
        ref = weakref.ref(f)
        del f
        self.assertIsNone(ref())
        work()
        self.assertEqual(gc.collect(), 0)


class FakeDebugger:
    """Stands for the module `pdb`."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def post_mortem(self, tb: TracebackType) -> None:
        self.calls.append(tb)

    def set_trace(self) -> None:
        self.calls.append("here")


class Debugging(SynchronousTestCase):
    """`startDebugMode`."""

    def setUp(self) -> None:
        self.debugger = FakeDebugger()
        self.patch(sys, "stdout", StringIO())
        self.patch(failure, "namedModule", {"pdb": self.debugger}.__getitem__)
        self.patch(Failure, "__init__", Failure.__init__)
        failure.startDebugMode()

    def test_postMortem(self) -> None:
        """The debugger is brought up where the exception was raised."""
        f = caught()
        self.assertEqual(self.debugger.calls, [f.tb])

    def test_noTraceback(self) -> None:
        """An exception that was not raised is no reason to stop."""
        Failure(ValueError())
        self.assertEqual(self.debugger.calls, [])

    def test_notPostMortem(self) -> None:
        self.patch(failure, "DO_POST_MORTEM", False)
        caught()
        self.assertEqual(self.debugger.calls, ["here"])


class Cheapness(SynchronousTestCase):
    """What making a failure must not do."""

    def test_looksAtNoFrames(self) -> None:
        """Frames are described when they are asked for, not before."""
        looked: list[int] = []

        def describe(frame: FrameType, line: int, captureVars: bool) -> failure.Frame:
            looked.append(line)
            return ("", "", line, (), ())

        self.patch(failure, "_describe", describe)
        f = caught()
        self.assertEqual(looked, [])
        f.getBriefTraceback()
        self.assertEqual(len(looked), 2)

    def test_noDictionary(self) -> None:
        """What a failure holds is in slots."""
        self.assertEqual(vars(caught()), {})
