"""`twisted.internet.task.react`: a program that is one function."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from twisted.internet import task
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ReactorNotRunning
from twisted.python.failure import Failure
from twisted.trial import unittest


class _Runner:
    """As much of a reactor as `react` uses; `run` makes the calls that are waiting."""

    def __init__(self) -> None:
        self.clock = task.Clock()
        self.shutdown: list[Callable[[], object]] = []
        self.running = False
        self.stops = 0
        self._begun: list[Callable[[], object]] = []

    def callWhenRunning(self, f: Callable[..., object], *a: object) -> None:
        if self.running:
            f(*a)
        else:
            self._begun.append(lambda: f(*a))

    def addSystemEventTrigger(self, phase: str, event: str, f: Callable[[], object]) -> None:
        assert (phase, event) == ("before", "shutdown")
        self.shutdown.append(f)

    def run(self) -> None:
        self.running = True
        for f in self._begun:
            f()
        while self.running:
            self.clock.advance(1)
            assert self.clock.seconds() < 100, "nobody stops the reactor"

    def stop(self) -> None:
        if not self.running:
            raise ReactorNotRunning()
        self.stops += 1
        self.running = False
        for f in self.shutdown:
            f()


class ReactTests(unittest.SynchronousTestCase):
    """Programs that are one function."""

    def setUp(self) -> None:
        self.reactor = _Runner()

    def react(self, main: Callable[..., Any], argv: tuple[object, ...] = ()) -> object:
        with self.assertRaises(SystemExit) as caught:
            task.react(main, argv, _reactor=self.reactor)
        return caught.exception.code

    def test_success(self) -> None:
        self.assertEqual(self.react(lambda r: task.deferLater(r.clock, 3)), 0)
        self.assertEqual(self.reactor.stops, 1)
        self.assertEqual(self.reactor.clock.seconds(), 3)

    def test_arguments(self) -> None:
        seen: list[object] = []

        def main(*a: object) -> Deferred[None]:
            seen.append(a)
            return succeed(None)

        self.react(main, ("x", 2))
        self.assertEqual(seen, [(self.reactor, "x", 2)])

    def test_alreadyDone(self) -> None:
        self.assertEqual(self.react(lambda r: succeed(None)), 0)
        self.assertEqual(self.reactor.stops, 1)

    def test_coroutineFunction(self) -> None:
        async def main(reactor: Any) -> None:
            await task.deferLater(reactor.clock, 1)
            raise SystemExit(7)

        self.assertEqual(self.react(main), 7)

    def test_failureIsLogged(self) -> None:
        self.assertEqual(self.react(lambda r: fail(KeyError("broken"))), 1)
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_systemExit(self) -> None:
        self.assertEqual(self.react(lambda r: fail(SystemExit(23))), 23)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_stoppedBySomethingElse(self) -> None:
        def main(reactor: _Runner) -> Deferred[None]:
            reactor.clock.callLater(1, reactor.stop)
            return Deferred()

        self.assertEqual(self.react(main), 0)

    def test_failureDuringShutdownIsNoNews(self) -> None:
        result: Deferred[None] = Deferred()

        def main(reactor: _Runner) -> Deferred[None]:
            reactor.addSystemEventTrigger(
                "before", "shutdown", lambda: result.errback(Failure(KeyError()))
            )
            reactor.clock.callLater(1, reactor.stop)
            return result

        self.assertEqual(self.react(main), 0)
        self.assertEqual(self.reactor.stops, 1)

    def test_wrongReturnValue(self) -> None:
        error = self.assertRaises(
            TypeError, task.react, lambda reactor: None, (), _reactor=self.reactor
        )
        self.assertIn("must return a Deferred", str(error))

    def test_onTheGlobalReactor(self) -> None:
        program = (
            "from twisted.internet import task\n"
            "async def main(reactor, word):\n"
            "    await task.deferLater(reactor, 0.001)\n"
            "    print(word)\n"
            "    raise SystemExit(5)\n"
            "task.react(main, ['hello'])\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, timeout=60, check=False
        )
        self.assertEqual((done.returncode, done.stdout), (5, b"hello\n"), done.stderr.decode())

    def test_sigintStopsTheGlobalReactor(self) -> None:
        program = (
            "import os, signal\n"
            "from twisted.internet import defer, task\n"
            # Shells have programs in the background ignore it, which programs inherit.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "def main(reactor):\n"
            "    reactor.callWhenRunning(os.kill, os.getpid(), signal.SIGINT)\n"
            "    reactor.addSystemEventTrigger('after', 'shutdown', print, 'down')\n"
            "    return defer.Deferred()\n"
            "task.react(main)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, timeout=60, check=False
        )
        self.assertEqual((done.returncode, done.stdout), (0, b"down\n"), done.stderr.decode())
