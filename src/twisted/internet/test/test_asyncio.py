"""Tests for asyncio in the loop of the reactor."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Generator
from typing import Any

from twisted.internet import reactor
from twisted.internet._asyncioloop import ReactorLoop
from twisted.internet._fakereactor import FakeReactor
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import (
    Deferred,
    ensureDeferred,
    inlineCallbacks,
)
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.test.conformance import (
    ReactorSuite,
    casesFor,
    mixing,
    shippedReactors,
)
from twisted.internet.test.conformance.mixing import HOUR, waitFor
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase, TestCase


class FakeTimeTests(ReactorSuite):
    """Under a reactor whose clock jumps, asyncio does not wait either."""

    reactorFactory = FakeReactor

    def test_hours(self) -> None:
        async def scenario() -> float:
            before = self.reactor.seconds()
            await asyncio.gather(asyncio.sleep(HOUR), waitFor(self.after(2 * HOUR)))
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(HOUR):
                    await asyncio.sleep(24 * HOUR)
            return self.reactor.seconds() - before

        self.assertAlmostEqual(self.play(scenario()), 3 * HOUR, delta=1)


globals().update(casesFor(mixing.suites, shippedReactors(), __name__))
globals().update(
    casesFor(mixing.ridingSuites, {"Fake": FakeReactor, "EPoll": EPollReactor}, __name__)
)


class GlobalReactorTests(TestCase):
    """Test methods await what is of asyncio."""

    async def test_coroutine(self) -> None:
        self.assertEqual(await asyncio.sleep(0.001, 3), 3)
        async with asyncio.timeout(HOUR):
            await asyncio.sleep(0)

    @inlineCallbacks
    def test_generator(self) -> Generator[Any, Any, None]:
        result = yield asyncio.sleep(0.001, 3)
        self.assertEqual(result, 3)

    def test_beforeTheReactorRuns(self) -> Deferred[None]:
        """What is begun before the reactor runs goes on when it does."""
        self.assertFalse(reactor.running)
        return ensureDeferred(asyncio.sleep(0.001))

    def test_notInOtherThreads(self) -> None:
        """A thread that is not the reactor's has no part in its loop."""
        seen: list[object] = []

        async def work() -> None:
            try:
                seen.append(asyncio.get_running_loop())
            except RuntimeError as error:
                seen.append(type(error))

        def elsewhere() -> None:
            ensureDeferred(work())
            asyncio.run(work())

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        self.assertIs(seen[0], RuntimeError)
        self.assertNotIsInstance(seen[1], ReactorLoop)

    def test_leftovers(self) -> None:
        """What a test leaves in asyncio makes it fail, as does what it leaves in the reactor."""

        class Leaves(TestCase):
            async def test_timer(self) -> None:
                asyncio.get_running_loop().call_later(HOUR, print)

            async def test_reader(self) -> None:
                ours, self.theirs = socket.socketpair()
                asyncio.get_running_loop().add_reader(ours, print)

            async def test_nothing(self) -> None:
                async with asyncio.timeout(HOUR):
                    await asyncio.sleep(0)

        outcomes: dict[str, int] = {}
        for name in ("test_timer", "test_reader", "test_nothing"):
            result = Leaves(name).defaultTestResult()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                Leaves(name).run(result)
                gc.collect()
            outcomes[name] = len(result.errors)
        self.assertEqual(outcomes, {"test_timer": 1, "test_reader": 1, "test_nothing": 0})


class ReactorOnALoopTests(SynchronousTestCase):
    """`asyncioreactor`, where the loop is somebody else's."""

    def test_givenLoop(self) -> None:
        """It is run by `run`, and not closed."""
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        ours = AsyncioSelectorReactor(loop)
        seen: list[object] = []
        ours.callWhenRunning(lambda: ours.callLater(0, ours.stop))
        ours.callLater(0, lambda: seen.append(asyncio.get_running_loop()))
        ours.run(installSignalHandlers=False)
        self.assertEqual(seen, [loop])
        self.assertFalse(loop.is_closed())

    def test_loopRunsIt(self) -> None:
        """`startRunning` and the loop's own `run_until_complete` do as well."""
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        ours = AsyncioSelectorReactor(loop)
        stopped: list[bool] = []
        ours.addSystemEventTrigger("after", "shutdown", stopped.append, True)

        async def main() -> int:
            ours.startRunning(installSignalHandlers=False)
            d: Deferred[int] = Deferred()
            ours.callLater(0.001, d.callback, 3)
            result = await d
            ours.stop()
            while ours.waker is not None:
                await asyncio.sleep(0)
            return result

        self.assertEqual(loop.run_until_complete(main()), 3)
        self.assertEqual(stopped, [True])

    def test_unsuitableLoop(self) -> None:
        deaf = type("Deaf", (asyncio.AbstractEventLoop,), {})()
        self.assertRaisesRegex(TypeError, "add_reader", AsyncioSelectorReactor, deaf)

    def test_install(self) -> None:
        self.assertEqual(
            run(
                "import asyncio\n"
                "from twisted.internet import asyncioreactor\n"
                "loop = asyncio.new_event_loop()\n"
                "asyncioreactor.install(loop)\n"
                "from twisted.internet import reactor, task\n"
                "async def main(reactor):\n"
                "    await asyncio.sleep(0)\n"
                "    print(asyncio.get_running_loop() is loop)\n"
                "task.react(main)\n"
            ),
            "True\n",
        )


def run(program: str) -> str:
    """What another interpreter prints; it must end well and not complain."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    if done.returncode or done.stderr:
        raise AssertionError(done.stderr or f"ended with {done.returncode}")
    return done.stdout


class LateTests(SynchronousTestCase):
    """asyncio is let in when a program imports it, and not before."""

    def test_notImported(self) -> None:
        self.assertEqual(
            run(
                "import sys\n"
                "from twisted.internet import reactor, task\n"
                "async def main(reactor):\n"
                "    await task.deferLater(reactor, 0)\n"
                "    print('asyncio' in sys.modules)\n"
                "task.react(main)\n"
            ),
            "False\n",
        )

    def test_importedInACoroutine(self) -> None:
        self.assertEqual(
            run(
                "import sys\n"
                "from twisted.internet import reactor, task\n"
                "finders = len(sys.meta_path)\n"
                "async def main(reactor):\n"
                "    await task.deferLater(reactor, 0)\n"
                "    import asyncio\n"
                "    print(await asyncio.sleep(0.001, 3), finders - len(sys.meta_path))\n"
                "    print(asyncio.get_running_loop().is_running())\n"
                "task.react(main)\n"
            ),
            "3 1\nTrue\n",
        )

    def test_importedInAThread(self) -> None:
        self.assertEqual(
            run(
                "import importlib\n"
                "from twisted.internet import reactor, task, threads\n"
                "async def main(reactor):\n"
                "    asyncio = await threads.deferToThread(importlib.import_module, 'asyncio')\n"
                "    print(await asyncio.sleep(0.001, 3))\n"
                "task.react(main)\n"
            ),
            "3\n",
        )


class OtherLoopTests(SynchronousTestCase):
    """A coroutine that waits for Deferreds, in a loop that has nothing to do with us."""

    def test_anyLoop(self) -> None:
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        clock = MemoryReactorClock()

        async def inner() -> int:
            d: Deferred[int] = Deferred()
            clock.callLater(1, d.callback, 3)
            asyncio.get_running_loop().call_soon(clock.advance, 1)
            async with asyncio.timeout(HOUR):
                return await d

        async def main() -> int:
            return await ensureDeferred(inner()).asFuture(loop)

        self.assertEqual(loop.run_until_complete(main()), 3)
