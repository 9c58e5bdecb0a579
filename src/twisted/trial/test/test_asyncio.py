"""asyncio in tests, and what tests leave in its loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.trial import unittest, util
from twisted.trial.test.running import outcome, ran

HOUR = 3600.0


class LeftoverTests(unittest.SynchronousTestCase):
    """A test that leaves something in the loop fails, and says what."""

    def case(self, method: Callable[[Any], Awaitable[object]]) -> Any:
        members = {"__module__": __name__, "test": method}
        return type("Made", (unittest.TestCase,), members)("test")

    def message(self, case: Any) -> str:
        """What the error of a test says, of which there must be one."""
        ((_, failure),) = ran(case).errors
        self.assertEqual(failure.type, util.DirtyReactorAggregateError)
        self.assertEqual(reactor.getDelayedCalls(), [])
        text = failure.getErrorMessage()
        assert isinstance(text, str)
        return text

    def test_waitingTask(self) -> None:
        """It is named, and cancelled, so that it is not in the next test's way."""
        seen: list[BaseException] = []

        async def waitForEver() -> None:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError as error:
                seen.append(error)
                raise

        async def test(case: Any) -> None:
            case.kept = asyncio.create_task(waitForEver(), name="left-behind")
            await asyncio.sleep(0)

        message = self.message(self.case(test))
        self.assertIn("Tasks of asyncio:\n<Task pending name='left-behind'", message)
        self.assertIn("waitForEver", message)
        self.assertEqual(len(seen), 1)

    def test_sleepingTask(self) -> None:
        """Its timer goes with it, and is no second fault."""

        async def test(case: Any) -> None:
            case.kept = asyncio.create_task(asyncio.sleep(HOUR), name="asleep")
            await asyncio.sleep(0)

        message = self.message(self.case(test))
        self.assertIn("name='asleep'", message)
        self.assertNotIn("DelayedCalls", message)

    def test_taskThatIgnoresCancellation(self) -> None:
        asked: list[int] = []

        async def stubborn() -> None:
            while len(asked) < 3:
                try:
                    await asyncio.sleep(HOUR)
                except asyncio.CancelledError:
                    asked.append(1)

        async def test(case: Any) -> None:
            case.kept = asyncio.create_task(stubborn(), name="stubborn")
            await asyncio.sleep(0)
            self.addCleanup(self.end, case.kept)

        self.assertIn("stubborn", str(ran(self.case(test)).errors))
        self.assertEqual(asked, [1])

    def end(self, task: asyncio.Task[Any]) -> None:
        while not task.done():
            task.cancel()
            reactor.iterate(0)

    def test_taskThatEnds(self) -> None:
        """One that needs a few turns to end by itself is no fault."""

        async def turns() -> None:
            for _ in range(5):
                await asyncio.sleep(0)

        async def test(case: Any) -> None:
            case.kept = asyncio.create_task(turns())
            cancelled = asyncio.create_task(asyncio.sleep(HOUR))
            await asyncio.sleep(0)
            cancelled.cancel()

        self.assertEqual(outcome(ran(self.case(test))), {"successes": 1})

    def test_olderTask(self) -> None:
        """What was there before is not the test's, and goes on."""
        older = reactor._loopOfAsyncio().create_task(asyncio.sleep(HOUR))
        self.addCleanup(self.end, older)

        async def test(case: Any) -> None:
            await asyncio.sleep(0)

        self.assertEqual(outcome(ran(self.case(test))), {"successes": 1})
        self.assertFalse(older.done())

    def test_timer(self) -> None:
        """The line that made it is told, not one of asyncio's."""

        async def test(case: Any) -> None:
            asyncio.get_running_loop().call_later(HOUR, print)

        message = self.message(self.case(test))
        self.assertIn("DelayedCalls", message)
        self.assertIn(f"made at {__file__}:", message)

    def test_server(self) -> None:
        async def test(case: Any) -> None:
            case.kept = await asyncio.start_server(print, "127.0.0.1", 0)

        left = self.case(test)
        message = self.message(left)
        left.kept.close()
        self.assertIn("<asyncio in the reactor, with the descriptors ", message)
        self.assertIn("Descriptors:", message)


class FirstLineTests(unittest.SynchronousTestCase):
    """The loop is there from the first line of a test."""

    def test_reactorNotImported(self) -> None:
        path = Path(self.mktemp()) / "test_first.py"
        path.parent.mkdir()
        path.write_text(
            "import asyncio\n"
            "from twisted.trial.unittest import TestCase\n"
            "class Tests(TestCase):\n"
            "    async def test_task(self):\n"
            "        task = asyncio.create_task(asyncio.sleep(0, 3))\n"
            "        self.assertEqual(await task, 3)\n"
        )
        command = [sys.executable, "-m", "twisted.trial", "--reporter", "text", path.name]
        done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
        self.assertIn("PASSED (successes=1)", done.stdout, done.stderr)
