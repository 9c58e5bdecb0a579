"""`IReactorTime`: calls in the future."""

from __future__ import annotations

import os
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IDelayedCall, IReactorFDSet, IReactorTime
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import ReactorSuite
from twisted.internet.test.conformance.descriptors import PipeReader
from twisted.internet.test.conformance.recorders import Fault
from twisted.trial.unittest import SkipTest


class TimeSuite(ReactorSuite):
    """When delayed calls are made, and how they are moved."""

    capability = Capability.TIME
    requires = (IReactorTime,)

    def setUp(self) -> None:
        super().setUp()
        self.order: list[object] = []

    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(IReactorTime, self.reactor))
        call = self.reactor.callLater(1, self.order.append, None)
        self.assertTrue(verifyObject(IDelayedCall, call))

    def test_secondsDoNotGoBack(self) -> None:
        async def scenario() -> None:
            times = []
            for _ in range(20):
                times.append(self.reactor.seconds())
                await self.after(0.0001)
            self.assertEqual(times, sorted(times))
            self.assertGreater(times[-1], times[0])

        self.play(scenario())

    def test_notBeforeItsTime(self) -> None:
        async def scenario() -> None:
            for delay in (0, 0.0001, 0.003, 0.02):
                start = self.reactor.seconds()
                await self.after(delay)
                self.assertGreaterEqual(self.reactor.seconds() - start, delay)

        self.play(scenario())

    def test_orderOfTimes(self) -> None:
        async def scenario() -> None:
            for delay in (0.03, 0.01, 0.02, 0):
                self.reactor.callLater(delay, self.order.append, delay)
            await self.after(0.04)
            self.assertEqual(self.order, [0, 0.01, 0.02, 0.03])

        self.play(scenario())

    def test_orderOfEqualTimes(self) -> None:
        async def scenario() -> None:
            for number in range(50):
                self.reactor.callLater(0, self.order.append, number)
            await self.turns(2)
            self.assertEqual(self.order, list(range(50)))

        self.play(scenario())

    def test_argumentsArePassed(self) -> None:
        async def scenario() -> None:
            self.reactor.callLater(0, lambda *a, **kw: self.order.append((a, kw)), 1, key=2)
            await self.turns(2)
            self.assertEqual(self.order, [((1,), {"key": 2})])

        self.play(scenario())

    def test_plannedBeforeTheReactorRuns(self) -> None:
        self.reactor.callLater(0, self.order.append, "planned")

        async def scenario() -> None:
            await self.turns(2)
            self.assertEqual(self.order, ["planned"])

        self.play(scenario())

    def test_cancel(self) -> None:
        async def scenario() -> None:
            call = self.reactor.callLater(0, self.order.append, "never")
            self.assertTrue(call.active())
            call.cancel()
            self.assertFalse(call.active())
            await self.turns(3)
            self.assertEqual(self.order, [])
            self.assertRaises(AlreadyCancelled, call.cancel)
            self.assertRaises(AlreadyCancelled, call.reset, 1)
            self.assertRaises(AlreadyCancelled, call.delay, 1)

        self.play(scenario())

    def test_cancelAnotherOfTheSameMoment(self) -> None:
        async def scenario() -> None:
            calls: list[IDelayedCall] = []

            def cancelThem() -> None:
                for call in calls:
                    call.cancel()

            self.reactor.callLater(0, cancelThem)
            calls.append(self.reactor.callLater(0, self.order.append, "never"))
            await self.turns(3)
            self.assertEqual(self.order, [])

        self.play(scenario())

    def test_cancelAfterTheCall(self) -> None:
        async def scenario() -> None:
            call = self.reactor.callLater(0, self.order.append, "made")
            await self.turns(2)
            self.assertFalse(call.active())
            self.assertRaises(AlreadyCalled, call.cancel)
            self.assertRaises(AlreadyCalled, call.reset, 1)
            self.assertRaises(AlreadyCalled, call.delay, 1)

        self.play(scenario())

    def test_cancelFromWithin(self) -> None:
        async def scenario() -> None:
            call = self.reactor.callLater(
                0, lambda: self.order.append(self.assertRaises(AlreadyCalled, call.cancel))
            )
            await self.turns(2)
            self.assertEqual(len(self.order), 1)

        self.play(scenario())

    def test_getTime(self) -> None:
        before = self.reactor.seconds()
        call = self.reactor.callLater(100, self.order.append, None)
        after = self.reactor.seconds()
        self.assertTrue(before + 100 <= call.getTime() <= after + 100)

    def test_resetToEarlier(self) -> None:
        async def scenario() -> None:
            call = self.reactor.callLater(1000, self.order.append, "made")
            call.reset(0)
            await self.turns(2)
            self.assertEqual(self.order, ["made"])

        self.play(scenario())

    def test_resetToLater(self) -> None:
        async def scenario() -> None:
            call = self.reactor.callLater(0, self.order.append, "late")
            self.reactor.callLater(0.01, self.order.append, "early")
            call.reset(0.02)
            await self.after(0.03)
            self.assertEqual(self.order, ["early", "late"])

        self.play(scenario())

    def test_resetIsFromNow(self) -> None:
        call = self.reactor.callLater(100, self.order.append, None)
        call.reset(7)
        self.assertAlmostEqual(call.getTime() - self.reactor.seconds(), 7, delta=5)

    def test_delayIsFromThePlannedTime(self) -> None:
        call = self.reactor.callLater(100, self.order.append, None)
        planned = call.getTime()
        call.delay(11)
        self.assertAlmostEqual(call.getTime(), planned + 11, delta=1e-6)
        call.delay(-50)
        self.assertAlmostEqual(call.getTime(), planned - 39, delta=1e-6)

    def test_manyMoves(self) -> None:
        async def scenario() -> None:
            moving = self.reactor.callLater(0.005, self.order.append, "made")
            for _ in range(1000):
                moving.reset(1000)
                moving.reset(0.005)
            await self.after(0.02)
            self.assertEqual(self.order, ["made"])

        self.play(scenario())

    def test_getDelayedCalls(self) -> None:
        calls = [self.reactor.callLater(delay, self.order.append, delay) for delay in (3, 1, 2)]
        self.assertEqual(set(self.reactor.getDelayedCalls()), set(calls))
        calls[1].cancel()
        self.assertEqual(set(self.reactor.getDelayedCalls()), {calls[0], calls[2]})

    def test_badCallsFailAtOnce(self) -> None:
        bad: Any = "not a function"
        for delay in (-1, -0.0001, float("nan")):
            self.assertRaises(
                (ValueError, AssertionError), self.reactor.callLater, delay, self.order.append
            )
        self.assertRaises((TypeError, AssertionError), self.reactor.callLater, 1, bad)
        self.assertEqual(list(self.reactor.getDelayedCalls()), [])

    def test_exceptionIsLoggedAndTheLoopLives(self) -> None:
        def broken() -> None:
            raise Fault("in a timer")

        async def scenario() -> None:
            self.reactor.callLater(0, broken)
            self.reactor.callLater(0, self.order.append, "next")
            await self.turns(3)
            self.assertEqual(self.order, ["next"])
            self.assertLogged(Fault, mention="broken")

        self.play(scenario())

    def test_systemExitIsLoggedAndTheLoopLives(self) -> None:
        async def scenario() -> None:
            self.reactor.callLater(0, exit)
            await self.turns(3)
            self.assertLogged(SystemExit)

        self.play(scenario())

    def test_callsForAtOnceDoNotStarveDescriptors(self) -> None:
        if not IReactorFDSet.providedBy(self.reactor):
            raise SkipTest("no descriptors of others")
        read, write = os.pipe()
        self.addCleanup(os.close, write)
        reader = PipeReader(read)
        spinning = True

        def spin() -> None:
            if spinning:
                self.reactor.callLater(0, spin)

        async def scenario() -> None:
            nonlocal spinning
            self.reactor.addReader(reader)
            spin()
            os.write(write, b"x")
            await reader.when(lambda: reader.data)
            spinning = False
            self.reactor.removeReader(reader)
            reader.close()
            await self.turns(2)

        self.expectLeftovers()
        self.play(scenario())
        self.assertEqual(reader.data, b"x")

    def test_callsForAtOnceTakeTurns(self) -> None:
        async def scenario() -> None:
            def again(name: str, left: int) -> None:
                self.order.append(name)
                if left:
                    self.reactor.callLater(0, again, name, left - 1)

            again("a", 2)
            again("b", 2)
            await self.turns(6)
            self.assertEqual(self.order, ["a", "b"] * 3)

        self.play(scenario())

    def test_manyCallsAtOneMoment(self) -> None:
        async def scenario() -> None:
            for number in range(20_000):
                self.reactor.callLater(0.001, self.order.append, number)
            await self.after(0.002)
            await self.turns(2)
            self.assertEqual(len(self.order), 20_000)

        self.play(scenario())

    def test_farFuture(self) -> None:
        # Longer than what a system call takes for a timeout.
        calls = [self.reactor.callLater(delay, self.order.append, 0) for delay in (1e7, 1e12)]

        async def scenario() -> None:
            for call in calls:
                self.assertTrue(call.active())
            ended = self.after(0.005)
            await ended
            for call in calls:
                call.cancel()

        self.play(scenario())

    def test_farFutureAlone(self) -> None:
        # The loop has nothing else to wait for than a call in 30,000 years.
        call = self.reactor.callLater(1e12, self.order.append, 0)
        called = []

        def wake() -> None:
            called.append(1)
            call.cancel()
            self.reactor.stop()

        self.reactor.callWhenRunning(self.reactor.callInThread, self.reactor.callFromThread, wake)
        self.runReactor(self.reactor)
        self.assertEqual(called, [1])


suites = [TimeSuite]
