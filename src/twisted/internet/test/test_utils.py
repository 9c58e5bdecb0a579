"""The output and the end of programs, as Deferreds; warnings that are not wanted."""

from __future__ import annotations

import gc
import signal
import warnings
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ProcessDone
from twisted.internet.utils import (
    Filter,
    getProcessOutput,
    getProcessOutputAndValue,
    getProcessValue,
    runWithWarningsSuppressed,
    suppressWarnings,
)
from twisted.trial.unittest import SynchronousTestCase, TestCase

SHELL = "/bin/sh"


class OutputTests(TestCase):
    """`getProcessOutput`."""

    async def test_output(self) -> None:
        self.assertEqual(await getProcessOutput(SHELL, ["-c", "echo a; echo b"]), b"a\nb\n")

    async def test_status(self) -> None:
        """How the program ended does not matter."""
        self.assertEqual(await getProcessOutput(SHELL, ["-c", "echo a; exit 3"]), b"a\n")

    async def test_environmentAndPath(self) -> None:
        script = "echo $WHAT; pwd"
        output = await getProcessOutput(SHELL, ["-c", script], {"WHAT": "it"}, "/")
        self.assertEqual(output, b"it\n/\n")

    async def test_errorToo(self) -> None:
        script = "echo a; echo b >&2"
        output = await getProcessOutput(SHELL, ["-c", script], errortoo=True)
        self.assertEqual(sorted(output.split()), [b"a", b"b"])

    async def test_error(self) -> None:
        """Output to standard error fails at once; the end of the program can be awaited."""
        with self.assertRaises(OSError) as caught:
            await getProcessOutput(SHELL, ["-c", "echo b >&2; read line; exit 0"])
        self.assertEqual(str(caught.exception), "got stderr: " + repr(b"b\n"))
        with self.assertRaises(ProcessDone):
            await caught.exception.processEnded

    async def test_errorUnheeded(self) -> None:
        """Nothing is logged if nobody wants to know of the end."""
        with self.assertRaises(OSError):
            await getProcessOutput(SHELL, ["-c", "echo b >&2; read line"])
        await getProcessValue("/bin/true")
        gc.collect()
        self.assertEqual(self.flushLoggedErrors(), [])

    async def test_missing(self) -> None:
        for get in (getProcessOutput, getProcessValue, getProcessOutputAndValue):
            with self.assertRaises(FileNotFoundError):
                await get("/no/such/program")

    def test_badArguments(self) -> None:
        self.assertRaises(TypeError, getProcessOutput, SHELL, "-c")
        self.assertRaises(ValueError, getProcessOutput, SHELL, ["a\0b"])


class ValueTests(TestCase):
    """`getProcessValue` and `getProcessOutputAndValue`."""

    async def test_value(self) -> None:
        self.assertEqual(await getProcessValue("/bin/true"), 0)
        self.assertEqual(await getProcessValue("/bin/false"), 1)
        self.assertEqual(await getProcessValue(SHELL, ["-c", "echo lost; exit 9"]), 9)

    async def test_signal(self) -> None:
        self.assertIsNone(await getProcessValue(SHELL, ["-c", "kill -9 $$"]))

    async def test_everything(self) -> None:
        result = await getProcessOutputAndValue(SHELL, ["-c", "echo a; echo b >&2; exit 3"])
        self.assertEqual(result, (b"a\n", b"b\n", 3))

    async def test_input(self) -> None:
        much = b"line\n" * 50_000
        result = await getProcessOutputAndValue("/bin/cat", stdinBytes=much)
        self.assertEqual(result, (much, b"", 0))
        result = await getProcessOutputAndValue("/bin/cat", stdinBytes=b"")
        self.assertEqual(result, (b"", b"", 0))

    async def test_everythingSignal(self) -> None:
        d = getProcessOutputAndValue(SHELL, ["-c", "echo a; kill -9 $$"])
        failure: Any = await d.addErrback(lambda failure: failure.value)
        out, err, number = failure
        self.assertEqual((out, err, number), (b"a\n", b"", signal.SIGKILL))
        self.assertEqual(failure, (b"a\n", b"", signal.SIGKILL))
        self.assertEqual((failure[2], len(failure)), (signal.SIGKILL, 3))
        self.assertIn("signal 9", str(failure))


class SuppressTests(SynchronousTestCase):
    """Warnings that are filtered for the time of a call."""

    FILTER: Filter = (("ignore", "quiet.*"), {})

    def warned(self) -> list[str]:
        return [one["message"] for one in self.flushWarnings()]

    def test_call(self) -> None:
        def both(one: int, two: int) -> int:
            warnings.warn("quiet please", stacklevel=1)
            warnings.warn("loud", stacklevel=1)
            return one + two

        self.assertEqual(runWithWarningsSuppressed([self.FILTER], both, 1, two=2), 3)
        self.assertEqual(self.warned(), ["loud"])
        both(1, 2)
        self.assertEqual(self.warned(), ["quiet please", "loud"])
        self.assertEqual(suppressWarnings(both, self.FILTER)(3, 4), 7)
        self.assertEqual(self.warned(), ["loud"])

    def test_raises(self) -> None:
        def fault() -> None:
            raise ZeroDivisionError

        before = list(warnings.filters)
        self.assertRaises(ZeroDivisionError, runWithWarningsSuppressed, [self.FILTER], fault)
        self.assertEqual(list(warnings.filters), before)

    def test_deferreds(self) -> None:
        """Until the Deferred fires, in whatever order several of them do."""
        before = list(warnings.filters)
        first: Deferred[int] = Deferred()
        second: Deferred[int] = Deferred()
        give = iter((first, second)).__next__
        for _ in range(2):
            runWithWarningsSuppressed([self.FILTER], give)
        first.callback(1)
        warnings.warn("quiet", stacklevel=1)
        self.assertEqual(self.warned(), [])
        second.callback(2)
        self.assertEqual(self.successResultOf(second), 2)
        warnings.warn("quiet", stacklevel=1)
        self.assertEqual(self.warned(), ["quiet"])
        self.assertEqual(list(warnings.filters), before)
        runWithWarningsSuppressed([self.FILTER], succeed, None)
        self.assertEqual(list(warnings.filters), before)
