"""`IReactorThreads` and the resolver: what the loop leaves to other threads."""

from __future__ import annotations

import socket
import threading
from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import (
    IReactorCore,
    IReactorPluggableNameResolver,
    IReactorPluggableResolver,
    IReactorThreads,
    IResolutionReceiver,
    IResolverSimple,
)
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import PATIENCE, ReactorSuite
from twisted.internet.test.conformance.recorders import Fault, Watched
from twisted.internet.threads import blockingCallFromThread, deferToThreadPool


class ThreadSuite(ReactorSuite):
    """Calls into threads, and from them into the loop."""

    capability = Capability.THREADS
    requires = (IReactorThreads,)

    def setUp(self) -> None:
        super().setUp()
        self.seen = Watched()

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IReactorThreads, self.reactor))

    def test_callFromThreadInTheLoopsOwn(self) -> None:
        async def scenario() -> None:
            self.reactor.callFromThread(self.seen.note, "called")
            self.assertEqual(self.seen.events, [])
            await self.seen.when(lambda: self.seen.events)

        self.play(scenario())

    def test_callFromThreadBeforeTheReactorRuns(self) -> None:
        self.reactor.callFromThread(self.seen.note, "called")

        async def scenario() -> None:
            await self.seen.when(lambda: self.seen.events)

        self.play(scenario())

    def test_callFromThreadWakesAWaitingLoop(self) -> None:
        called: list[threading.Thread] = []

        def called_() -> None:
            called.append(threading.current_thread())
            self.reactor.stop()

        # Nothing else is planned, so the loop waits in the kernel without limit.
        thread = threading.Timer(0.05, self.reactor.callFromThread, [called_])
        self.reactor.callWhenRunning(thread.start)
        self.runReactor(self.reactor)
        thread.join()
        self.assertEqual(called, [threading.current_thread()])

    def test_callFromThreadKeepsTheOrder(self) -> None:
        order: list[int] = []

        def work() -> None:
            for number in range(1000):
                self.reactor.callFromThread(order.append, number)

        async def scenario() -> None:
            await deferToThreadPool(self.reactor, self.reactor.getThreadPool(), work)
            self.assertEqual(order, list(range(1000)))

        self.play(scenario())

    def test_callFromManyThreads(self) -> None:
        order: list[tuple[int, int]] = []

        def work(me: int) -> None:
            for number in range(500):
                self.reactor.callFromThread(order.append, (me, number))

        async def scenario() -> None:
            threads = [threading.Thread(target=work, args=(me,)) for me in range(4)]
            for thread in threads:
                thread.start()
            await self.until(lambda: len(order) == 2000)
            for thread in threads:
                thread.join(PATIENCE)

        self.play(scenario())
        for me in range(4):
            self.assertEqual([n for who, n in order if who == me], list(range(500)))

    def test_callFromThreadThatCallsAgainLetsOthersHaveATurn(self) -> None:
        async def scenario() -> None:
            spinning = True

            def spin() -> None:
                if spinning:
                    self.reactor.callFromThread(spin)

            spin()
            await self.turns(3)
            spinning = False

        self.play(scenario())

    def test_callFromThreadThatRaises(self) -> None:
        def broken() -> None:
            raise Fault("from a thread")

        async def scenario() -> None:
            self.reactor.callFromThread(broken)
            self.reactor.callFromThread(self.seen.note, "next")
            await self.seen.when(lambda: self.seen.events)
            self.assertLogged(Fault, mention="broken")

        self.play(scenario())

    def test_callFromThreadOfWhatCannotBeCalled(self) -> None:
        bad: Any = "not a function"
        self.assertRaises((TypeError, AssertionError), self.reactor.callFromThread, bad)

    def test_callInThread(self) -> None:
        threads: list[threading.Thread] = []

        def work(*a: object, **kw: object) -> None:
            threads.append(threading.current_thread())
            self.reactor.callFromThread(self.seen.note, repr((a, kw)))

        async def scenario() -> None:
            self.reactor.callInThread(work, 1, key=2)
            await self.seen.when(lambda: self.seen.events)

        self.play(scenario())
        self.assertEqual(self.seen.events, ["((1,), {'key': 2})"])
        self.assertIsNot(threads[0], threading.current_thread())

    def test_callInThreadBeforeTheReactorRuns(self) -> None:
        self.reactor.callInThread(self.reactor.callFromThread, self.seen.note, "called")

        async def scenario() -> None:
            await self.seen.when(lambda: self.seen.events)

        self.play(scenario())

    def test_callInThreadThatRaises(self) -> None:
        def broken() -> None:
            raise Fault("in a thread")

        async def scenario() -> None:
            self.reactor.suggestThreadPoolSize(1)
            self.reactor.callInThread(broken)
            self.reactor.callInThread(self.reactor.callFromThread, self.seen.note, "next")
            await self.seen.when(lambda: self.seen.events)

        self.play(scenario())
        self.assertLogged(Fault, mention="broken")

    def test_stopFinishesTheThreadsWork(self) -> None:
        done: list[int] = []

        async def scenario() -> None:
            for number in range(100):
                self.reactor.callInThread(done.append, number)

        self.play(scenario())
        self.assertEqual(sorted(done), list(range(100)))

    def test_noThreadIsLeft(self) -> None:
        async def scenario() -> threading.Thread:
            return await deferToThreadPool(
                self.reactor, self.reactor.getThreadPool(), threading.current_thread
            )

        self.assertFalse(self.play(scenario()).is_alive())

    def test_poolIsMadeOnce(self) -> None:
        self.assertIs(self.reactor.getThreadPool(), self.reactor.getThreadPool())

    def test_poolSizes(self) -> None:
        pool = self.reactor.getThreadPool()
        self.assertEqual((pool.min, pool.max), (5, 10))
        self.reactor.suggestThreadPoolSize(30)
        self.assertEqual(pool.max, 30)
        self.reactor.suggestThreadPoolSize(2)
        self.assertEqual((pool.min, pool.max), (2, 2))

    def test_suggestedSizeIsKept(self) -> None:
        async def scenario() -> None:
            self.reactor.suggestThreadPoolSize(34)
            meeting = threading.Barrier(34)
            done: list[Deferred[int]] = [
                deferToThreadPool(
                    self.reactor, self.reactor.getThreadPool(), meeting.wait, PATIENCE
                )
                for _ in range(34)
            ]
            for each in done:
                await each

        self.play(scenario())

    def test_blockingCallFromThread(self) -> None:
        def work() -> str:
            answer: str = blockingCallFromThread(self.reactor, self.later, "answer")
            return answer

        async def scenario() -> str:
            return await deferToThreadPool(self.reactor, self.reactor.getThreadPool(), work)

        self.assertEqual(self.play(scenario()), "answer")

    def test_blockingCallWhileTheReactorStops(self) -> None:
        """The reactor waits for its threads, and goes on to do what they wait for."""
        answers: list[str] = []
        begun = threading.Event()

        def work() -> None:
            begun.set()
            stopping.wait(10)
            answers.append(blockingCallFromThread(self.reactor, lambda: "answer"))

        stopping = threading.Event()
        self.reactor.addSystemEventTrigger("before", "shutdown", begun.wait, 10)
        self.reactor.addSystemEventTrigger("during", "shutdown", stopping.set)
        self.reactor.callWhenRunning(self.reactor.callInThread, work)
        self.reactor.callWhenRunning(self.reactor.stop)
        self.runReactor(self.reactor)
        self.assertEqual(answers, ["answer"])

    def test_deferToThreadOfWhatGivesADeferred(self) -> None:
        async def scenario() -> str:
            give: Any = lambda: succeed("late")  # noqa: E731  # of a type that is not promised
            late: str = await deferToThreadPool(self.reactor, self.reactor.getThreadPool(), give)
            return late

        self.assertEqual(self.play(scenario()), "late")

    def later(self, value: str) -> Deferred[str]:
        return self.after(0.001).addCallback(lambda _: value)

    def test_blockingCallInTheLoopsOwnThread(self) -> None:
        async def scenario() -> None:
            error = self.assertRaises(
                RuntimeError, blockingCallFromThread, self.reactor, lambda: None
            )
            self.assertIn("own thread", str(error))

        self.play(scenario())


@implementer(IResolverSimple)
class _Resolver:
    """Knows one name."""

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:
        return succeed("127.0.0.3" if name == "known.invalid" else "127.0.0.4")


@implementer(IResolutionReceiver)
class _Receiver(Watched):
    """Keeps the addresses of a name."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[Any] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        self.note("began")

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address)
        self.note("address")

    def resolutionComplete(self) -> None:
        self.note("complete")


class ResolverSuite(ReactorSuite):
    """Names to addresses."""

    capability = Capability.NAMES
    requires = (IReactorCore, IReactorPluggableResolver, IReactorPluggableNameResolver)

    def test_literalsNeedNoThread(self) -> None:
        found = self.reactor.resolve("127.0.0.1")
        self.assertEqual(self.successResultOf(found), "127.0.0.1")

    def test_emptyName(self) -> None:
        self.assertEqual(self.successResultOf(self.reactor.resolve("")), "0.0.0.0")

    def test_localhost(self) -> None:
        async def scenario() -> str:
            return await self.reactor.resolve("localhost")

        self.assertTrue(self.play(scenario()).startswith("127."))

    def test_unknownName(self) -> None:
        def unknown(*a: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        self.patch(socket, "getaddrinfo", unknown)

        async def scenario() -> None:
            # A name that every system knows, if it is asked.
            try:
                await self.reactor.resolve("localhost")
            except DNSLookupError as error:
                self.assertIn("localhost", str(error))
            else:
                self.fail("a name that does not exist was resolved")

        self.play(scenario())

    def slowSystem(self) -> tuple[threading.Event, list[str]]:
        """Have the system not answer before an event is set; returns also what it is asked."""
        release = threading.Event()
        self.addCleanup(release.set)
        asked: list[str] = []

        def slow(name: str, *rest: object) -> list[Any]:
            asked.append(name)
            release.wait(PATIENCE)
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.9", 80))]

        self.patch(socket, "getaddrinfo", slow)
        return release, asked

    def test_resolveInTime(self) -> None:
        release, _ = self.slowSystem()

        async def scenario() -> None:
            try:
                await self.reactor.resolve("slow.invalid", (0.01,))  # type: ignore[arg-type]
            except DNSLookupError as error:
                self.assertIn("in 0.01 seconds", str(error))
                release.set()
            else:
                self.fail("there cannot be an answer")

        self.play(scenario())

    def test_slowSystemDelaysNothing(self) -> None:
        """All threads wait for the system: timers go on, and so do addresses."""
        release, asked = self.slowSystem()
        self.reactor.suggestThreadPoolSize(2)

        async def scenario() -> str:
            looked = [self.reactor.resolve(f"host-{number}.invalid") for number in range(5)]
            await self.until(lambda: len(asked) == 2)
            await self.after(0.01)
            self.assertEqual(await self.reactor.resolve("127.0.0.3"), "127.0.0.3")
            self.assertFalse(any(one.called for one in looked))
            release.set()
            return [await one for one in looked][-1]

        self.assertEqual(self.play(scenario()), "127.0.0.9")

    def test_cancel(self) -> None:
        """Whoever waits hears of it at once; what the system was not asked yet, it is not."""
        release, asked = self.slowSystem()
        self.reactor.suggestThreadPoolSize(1)

        async def scenario() -> None:
            looked = [self.reactor.resolve(f"host-{number}.invalid") for number in range(3)]
            await self.until(lambda: asked)
            for one in looked:
                one.cancel()
                self.failureResultOf(one, CancelledError)
            release.set()
            self.assertEqual(await self.reactor.resolve("later.invalid"), "127.0.0.9")
            self.assertEqual(asked, ["host-0.invalid", "later.invalid"])

        self.play(scenario())

    def test_installResolver(self) -> None:
        previous = self.reactor.installResolver(_Resolver())
        self.assertTrue(verifyObject(IResolverSimple, previous))
        found = self.reactor.resolve("known.invalid")
        self.assertEqual(self.successResultOf(found), "127.0.0.3")
        self.assertEqual(self.successResultOf(self.reactor.resolve("127.0.0.1")), "127.0.0.1")

    def test_installedResolverAnswersForTheOtherKind(self) -> None:
        self.reactor.installResolver(_Resolver())
        receiver = _Receiver()
        self.reactor.nameResolver.resolveHostName(receiver, "known.invalid", 80)
        self.assertEqual(receiver.addresses, [IPv4Address("TCP", "127.0.0.3", 80)])
        self.assertEqual(receiver.events, ["began", "address", "complete"])

    def test_nameResolverWithLiterals(self) -> None:
        for literal, address in (
            ("127.0.0.1", IPv4Address("TCP", "127.0.0.1", 80)),
            ("::1", IPv6Address("TCP", "::1", 80)),
        ):
            receiver = _Receiver()
            self.reactor.nameResolver.resolveHostName(receiver, literal, 80)
            self.assertEqual(receiver.addresses, [address])
            self.assertEqual(receiver.events, ["began", "address", "complete"])

    def test_nameResolver(self) -> None:
        async def scenario() -> list[Any]:
            receiver = _Receiver()
            self.reactor.nameResolver.resolveHostName(
                receiver, "localhost", 80, [IPv4Address], "TCP"
            )
            await receiver.when(lambda: "complete" in receiver.events)
            return receiver.addresses

        self.assertIn(IPv4Address("TCP", "127.0.0.1", 80), self.play(scenario()))


suites = [ThreadSuite, ResolverSuite]
