"""Tests for failures as text."""

from __future__ import annotations

import sys
from io import StringIO
from typing import Any

from twisted.python.failure import (
    EXCEPTION_CAUGHT_HERE,
    Failure,
    NoCurrentExceptionError,
    format_frames,
)
from twisted.python.reflect import qual
from twisted.python.test import _failures
from twisted.python.test._failures import Broken, SomeError, Subclass, caught, raiser
from twisted.trial.unittest import SynchronousTestCase


class Showing(SynchronousTestCase):
    """Failures as text."""

    def lines(self, f: Failure, **options: Any) -> list[str]:
        return f.getTraceback(**options).splitlines()

    def test_default(self) -> None:
        """As Python shows an exception, but the class by its full name."""
        f = caught(SomeError("text"))
        catch = caught.__code__.co_firstlineno + 3
        raise_ = raiser.__code__.co_firstlineno + 2
        self.assertEqual(
            f.getTraceback(),
            "Traceback (most recent call last):\n"
            f'  File "{_failures.__file__}", line {catch}, in caught\n'
            "    raiser(error)\n"
            f'  File "{_failures.__file__}", line {raise_}, in raiser\n'
            '    raise error or SomeError("the message", local)\n'
            f"{qual(SomeError)}: text\n",
        )

    def test_brief(self) -> None:
        f = caught(SomeError("text"))
        catch = caught.__code__.co_firstlineno + 3
        raise_ = raiser.__code__.co_firstlineno + 2
        file = _failures.__file__
        text = f"Traceback: {SomeError}: text\n{file}:{catch}:caught\n{file}:{raise_}:raiser\n"
        self.assertEqual(f.getTraceback(detail="brief"), text)
        self.assertEqual(f.getBriefTraceback(), text)
        self.assertEqual(str(f), f"[Failure instance: {text}]")

    def test_repr(self) -> None:
        self.assertEqual(
            repr(Failure(ValueError("x"))),
            "<twisted.python.failure.Failure builtins.ValueError: x>",
        )
        self.assertEqual(
            repr(Subclass(ValueError("x"))), f"<{qual(Subclass)} builtins.ValueError: x>"
        )

    def test_broken(self) -> None:
        """All texts are there for an exception whose own methods fail."""
        f = caught(Broken())
        for text in (repr(f), str(f), f.getTraceback(), f.getTraceback(detail="verbose")):
            self.assertIn("Broken", text)

    def test_noFrames(self) -> None:
        f = Failure(ValueError("x"))
        self.assertEqual(
            f.getTraceback(),
            "Traceback (most recent call last):\nFailure: builtins.ValueError: x\n",
        )
        self.assertEqual(
            f.getBriefTraceback(),
            "Traceback (failure with no frames): <class 'ValueError'>: x\n",
        )

    def test_verbose(self) -> None:
        f = caught(SomeError("text"))
        lines = self.lines(f, detail="verbose")
        self.assertEqual(lines[0], f"*--- Failure #{f.count} ---")
        self.assertIn(": raiser(...)", lines[2])
        self.assertIn("captureVars=True", lines[3])
        self.assertEqual(lines[-2], f"{qual(SomeError)}: text")
        self.assertEqual(lines[-1], f"*--- End of Failure #{f.count} ---")

    def test_verboseWithVariables(self) -> None:
        lines = self.lines(caught(captureVars=True), detail="verbose")
        self.assertIn("  local : 'the local value'", lines)
        self.assertIn("  catcher : 'of the catcher'", lines)
        self.assertIn(" [ Locals ]", lines)
        self.assertIn(" ( Globals )", lines)
        self.assertFalse([line for line in lines if "captureVars=True" in line])

    def test_verboseWithoutVariables(self) -> None:
        """Even if they are there."""
        text = caught(captureVars=True).getTraceback(detail="verbose-vars-not-captured")
        self.assertNotIn("[ Locals ]", text)

    def test_brokenVariable(self) -> None:
        def work() -> Failure:
            bad = Broken()
            try:
                raise SomeError(id(bad))
            except SomeError:
                return Failure(captureVars=True)

        self.assertIn("  bad : <", work().getTraceback(detail="verbose"))

    def test_stack(self) -> None:
        """With the callers there is a line between those who called and those who raised."""
        f = caught(captureVars=True)
        for detail in ("default", "brief", "verbose"):
            lines = self.lines(f, detail=detail)
            here = lines.index(EXCEPTION_CAUGHT_HERE)
            self.assertTrue([each for each in lines[:here] if "test_stack" in each])
            self.assertTrue([each for each in lines[here:] if "raiser" in each])
        self.assertNotIn(EXCEPTION_CAUGHT_HERE, caught().getTraceback())

    def test_print(self) -> None:
        f = caught()
        for method, options in (
            (f.printTraceback, {"detail": "default"}),
            (f.printBriefTraceback, {"detail": "brief"}),
            (f.printDetailedTraceback, {"detail": "verbose"}),
        ):
            file = StringIO()
            method(file)
            self.assertEqual(file.getvalue(), f.getTraceback(**options))  # type: ignore[arg-type]

    def test_printToStandardError(self) -> None:
        file = StringIO()
        self.patch(sys, "stderr", file)
        f = caught()
        f.printTraceback()
        self.assertEqual(file.getvalue(), f.getTraceback())

    def test_unknownDetail(self) -> None:
        error = self.assertRaises(ValueError, caught().getTraceback, detail="briefly")
        self.assertIn("'briefly'", str(error))

    def test_elideFrameworkCode(self) -> None:
        """Frames of this package are left out, except where the error was raised."""

        def again() -> Failure:
            try:
                caught().raiseException()
            except SomeError:
                return Failure()

        f = again()
        self.assertIn("in raiseException", f.getTraceback())
        text = f.getTraceback(elideFrameworkCode=True)
        self.assertNotIn("in raiseException", text)
        self.assertIn("in again", text)
        self.assertIn("in raiser", text)
        with self.assertRaises(NoCurrentExceptionError):
            Failure()
        try:
            Failure()
        except NoCurrentExceptionError:
            text = Failure().getTraceback(elideFrameworkCode=True)
        self.assertIn("in _exceptionFrom", text)
        self.assertNotIn("in __init__", text)

    def test_cause(self) -> None:
        """What an exception came from is shown before it, with its own frames."""

        def work() -> Failure:
            try:
                try:
                    raiser(KeyError("the cause"))
                except KeyError as error:
                    raise SomeError("the effect") from error
            except SomeError:
                return Failure()
            raise AssertionError

        text = work().getTraceback()
        parts = ("the cause", "direct cause of", "SomeError: the effect")
        self.assertEqual(sorted(parts, key=text.index), list(parts))
        self.assertIn("in raiser", text)
        self.assertNotIn("the cause", work().getBriefTraceback())

    def test_context(self) -> None:
        def work(hide: bool) -> Failure:
            try:
                try:
                    raise KeyError("the first")
                except KeyError:
                    if hide:
                        raise SomeError("the second") from None
                    raise SomeError("the second")
            except SomeError:
                return Failure()
            raise AssertionError

        text = work(False).getTraceback()
        self.assertIn("During handling of the above exception", text)
        self.assertLess(text.index("the first"), text.index("the second"))
        self.assertNotIn("the first", work(True).getTraceback())

    def test_notes(self) -> None:
        error = SomeError("x")
        error.add_note("what to do")
        self.assertEqual(self.lines(caught(error))[-1], "what to do")

    def test_group(self) -> None:
        """The members of an exception group follow it, with their frames."""

        def member() -> Exception:
            try:
                raiser(KeyError("the member"))
            except KeyError as error:
                return error
            raise AssertionError

        text = caught(ExceptionGroup("the group", [member(), OSError("other")])).getTraceback()
        self.assertLess(text.index("the group"), text.index("the member"))
        self.assertIn("  |     raiser(KeyError", text)
        self.assertIn("OSError: other", text)

    def test_formatFrames(self) -> None:
        written: list[str] = []
        frames = [("name", "no such file", 7, [("a", 1)], [("b", 2)])]
        format_frames(frames, written.append)
        self.assertEqual("".join(written), '  File "no such file", line 7, in name\n')
        written.clear()
        format_frames(frames, written.append, "brief")
        self.assertEqual("".join(written), "no such file:7:name\n")
        written.clear()
        format_frames(frames, written.append, "verbose")
        self.assertEqual(
            "".join(written),
            "no such file:7: name(...)\n [ Locals ]\n  a : 1\n ( Globals )\n  b : 2\n",
        )
