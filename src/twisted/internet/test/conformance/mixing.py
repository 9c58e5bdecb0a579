"""asyncio and Deferreds in one loop: under every reactor, and where asyncio rides on it."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any

from twisted.internet import interfaces
from twisted.internet._asyncioloop import ReactorLoop
from twisted.internet.defer import (
    CancelledError,
    Deferred,
    ensureDeferred,
    inlineCallbacks,
    succeed,
)
from twisted.internet.defer import (
    TimeoutError as DeferredTimeout,
)
from twisted.internet.test.conformance import ReactorSuite
from twisted.internet.test.conformance._capabilities import Capability
from twisted.python.failure import Failure

HOUR = 3600.0


class Refused(Exception):
    """What coroutines of these tests raise."""


async def waitFor(awaitable: Any) -> Any:
    return await awaitable


async def waitForEver(seen: list[BaseException]) -> None:
    try:
        await asyncio.get_running_loop().create_future()
    except BaseException as error:
        seen.append(error)
        raise


class MixedSuite(ReactorSuite):
    """What works under every reactor, be it under asyncio or over it."""

    capability = Capability.ASYNCIO
    requires = (interfaces.IReactorTime,)

    def test_sleep(self) -> None:
        async def scenario() -> int:
            before = self.reactor.seconds()
            result = await asyncio.sleep(0.005, 3)
            # Loops of uvloop count whole milliseconds.
            self.assertGreaterEqual(self.reactor.seconds() - before, 0.003)
            return result

        self.assertEqual(self.play(scenario()), 3)

    def test_runningLoop(self) -> None:
        """It is one loop, in coroutines, in callbacks, and in tasks."""

        async def scenario() -> None:
            await self.turns()
            loop = asyncio.get_running_loop()
            self.assertTrue(loop.is_running())
            seen: list[Any] = []
            self.reactor.callLater(0, lambda: seen.append(asyncio.get_running_loop()))
            await self.turns(2)

            async def inTask() -> None:
                seen.append(asyncio.get_running_loop())

            await asyncio.create_task(inTask())
            self.assertEqual(seen, [loop, loop])

        self.play(scenario())
        self.assertRaises(RuntimeError, asyncio.get_running_loop)

    def test_order(self) -> None:
        """What is called soon is called in order, after the coroutine goes on waiting."""

        async def scenario() -> None:
            await self.turns()
            order: list[int] = []
            loop = asyncio.get_running_loop()
            loop.call_soon(order.append, 1)
            loop.call_soon(lambda: loop.call_soon(order.append, 3))
            loop.call_soon(order.append, 2)
            self.assertEqual(order, [])
            await asyncio.sleep(0)
            self.assertEqual(order, [1, 2])
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.assertEqual(order, [1, 2, 3])

        self.play(scenario())

    def test_streams(self) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write((await reader.readline()).upper())
            await self.after(0)
            writer.close()

        async def scenario() -> None:
            await self.turns()
            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"question\n")
            self.assertEqual(await reader.read(), b"QUESTION\n")
            writer.close()
            await writer.wait_closed()
            server.close()
            await server.wait_closed()

        self.play(scenario())

    def test_generator(self) -> None:
        """A generator may yield a coroutine or a future of asyncio, and Deferreds."""

        @inlineCallbacks
        def work() -> Generator[Any, Any, list[int]]:
            first = yield asyncio.sleep(0, 1)
            second = yield asyncio.ensure_future(asyncio.sleep(0, 2))
            third = yield self.after(0).addCallback(lambda _: 3)
            return [first, second, third]

        async def scenario() -> list[int]:
            await self.turns()
            return await work()

        self.assertEqual(self.play(scenario()), [1, 2, 3])

    def test_taskAwaitsDeferreds(self) -> None:
        """A task of asyncio, and what makes tasks of its own, awaits Deferreds as well."""

        async def failing() -> None:
            await self.after(0).addCallback(lambda _: Failure(Refused()))

        async def scenario() -> None:
            await self.turns()
            self.assertEqual(
                await asyncio.gather(waitFor(self.after(0)), waitFor(succeed(2)), succeed(3)),
                [None, 2, 3],
            )
            task = asyncio.create_task(failing())
            with self.assertRaises(Refused):
                await task
            self.assertEqual(await asyncio.wait_for(waitFor(succeed(4)), HOUR), 4)

        self.play(scenario())

    def test_taskIsCancelled(self) -> None:
        """Cancelling a task cancels the Deferred that it awaits."""
        cancelled: list[Deferred[None]] = []

        async def scenario() -> None:
            await self.turns()
            d: Deferred[None] = Deferred(cancelled.append)
            task = asyncio.create_task(waitFor(d))
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(cancelled, [d])

        self.play(scenario())

    def test_deferredIsCancelled(self) -> None:
        """Cancelling a Deferred cancels the future that its coroutine awaits."""
        seen: list[BaseException] = []

        async def scenario() -> None:
            await self.turns()
            d = ensureDeferred(waitForEver(seen))
            d.cancel()
            self.assertNoResult(d)
            with self.assertRaises(CancelledError):
                await d
            self.assertEqual([type(error) for error in seen], [asyncio.CancelledError])

        self.play(scenario())

    def test_cancelledCoroutineDecides(self) -> None:
        """It may clean up first, and end as it likes."""

        async def stubborn() -> int:
            try:
                await waitForEver([])
            except asyncio.CancelledError:
                await asyncio.sleep(0)
            return 5

        async def scenario() -> None:
            await self.turns()
            d = ensureDeferred(stubborn())
            d.cancel()
            self.assertEqual(await d, 5)

        self.play(scenario())

    def test_addTimeout(self) -> None:
        async def scenario() -> None:
            await self.turns()
            d = ensureDeferred(waitForEver([])).addTimeout(0.001, self.reactor)
            with self.assertRaises(DeferredTimeout):
                await d

        self.play(scenario())

    def test_timeout(self) -> None:
        """`asyncio.timeout` ends the wait for either kind of thing."""
        cancelled: list[Deferred[None]] = []

        async def scenario() -> None:
            await self.turns()
            for forEver in (
                Deferred[None](cancelled.append),
                asyncio.get_running_loop().create_future(),
            ):
                with self.assertRaises(TimeoutError):
                    async with asyncio.timeout(0.001):
                        await forEver
            self.assertEqual(len(cancelled), 1)
            async with asyncio.timeout(HOUR):
                await self.after(0)

        self.play(scenario())

    def test_taskGroup(self) -> None:
        async def failing() -> None:
            raise Refused()

        async def scenario() -> None:
            await self.turns()
            seen: list[BaseException] = []
            with self.assertRaises(ExceptionGroup) as caught:
                async with asyncio.TaskGroup() as group:
                    group.create_task(waitForEver(seen))
                    group.create_task(failing())
                    await Deferred[None]()
            self.assertEqual([type(e) for e in caught.exception.exceptions], [Refused])
            self.assertEqual([type(error) for error in seen], [asyncio.CancelledError])

        self.play(scenario())

    def test_currentTask(self) -> None:
        async def inner() -> Any:
            return asyncio.current_task()

        async def scenario() -> None:
            await self.turns()
            task = asyncio.current_task()
            assert task is not None
            self.assertIn("scenario", task.get_name())
            self.assertFalse(task.done())
            # One that is started within another is a task of its own.
            other = await ensureDeferred(inner())
            self.assertIsNot(other, task)
            self.assertTrue(other.done())
            self.assertIs(await inner(), task)
            self.assertIs(asyncio.current_task(), task)
            native = asyncio.create_task(inner())
            self.assertIs(await native, native)

        self.play(scenario())
        self.assertRaises(RuntimeError, asyncio.current_task)

    def test_cancelFromWithin(self) -> None:
        """A coroutine that cancels its task is cancelled where it waits next."""

        async def suicidal(make: Callable[[], Any]) -> None:
            task = asyncio.current_task()
            assert task is not None
            self.assertTrue(task.cancel())
            self.assertEqual(task.cancelling(), 1)
            with self.assertRaises(asyncio.CancelledError):
                await make()
            self.assertEqual(task.uncancel(), 0)
            await asyncio.sleep(0)
            task.cancel()
            await make()

        async def scenario() -> None:
            await self.turns()
            loop = asyncio.get_running_loop()
            with self.assertRaises(CancelledError):
                await ensureDeferred(suicidal(Deferred))
            with self.assertRaises(CancelledError):
                await ensureDeferred(suicidal(loop.create_future))

        self.play(scenario())

    def test_fromThreads(self) -> None:
        async def scenario() -> None:
            await self.turns()
            loop = asyncio.get_running_loop()

            def elsewhere() -> int:
                coroutine: Coroutine[Any, Any, int] = asyncio.sleep(0, 7)
                return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

            self.assertEqual(await loop.run_in_executor(None, elsewhere), 7)
            await loop.shutdown_default_executor()

        self.play(scenario())

    def test_contextVariables(self) -> None:
        async def scenario() -> None:
            await self.turns()
            task: Any = asyncio.current_task()
            self.assertIsNotNone(task.get_context())

        self.play(scenario())


class RidingSuite(ReactorSuite):
    """What is of the loop that rides on a reactor."""

    def withLoop(self, scenario: Callable[[ReactorLoop], Coroutine[Any, Any, Any]]) -> Any:
        async def begin() -> Any:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, ReactorLoop)
            return await scenario(loop)

        return self.play(begin())

    def test_time(self) -> None:
        """Its clock is the reactor's, and its timers are delayed calls."""

        async def scenario(loop: ReactorLoop) -> None:
            self.assertLess(abs(loop.time() - self.reactor.seconds()), 10)
            handle = loop.call_later(HOUR, lambda: None)
            (call,) = self.reactor.getDelayedCalls()
            self.assertAlmostEqual(call.getTime(), handle.when(), delta=0.01)
            handle.cancel()
            handle.cancel()
            self.assertEqual(self.reactor.getDelayedCalls(), [])

        self.withLoop(scenario)

    def test_nothingIsOpenedToSleep(self) -> None:
        async def scenario(loop: ReactorLoop) -> None:
            readers = len(self.reactor.getReaders())
            await asyncio.sleep(0.001)
            self.assertEqual(len(self.reactor.getReaders()), readers)

        self.withLoop(scenario)

    def test_descriptor(self) -> None:
        """However many it watches, the reactor watches one."""

        async def scenario(loop: ReactorLoop) -> None:
            before = self.reactor.getReaders()
            pairs = [socket.socketpair() for _ in range(2)]
            heard: Deferred[int] = Deferred()

            def hear(number: int) -> None:
                if not heard.called:
                    heard.callback(number)

            for number, (ours, _) in enumerate(pairs):
                loop.add_reader(ours, hear, number)
            (mine,) = set(self.reactor.getReaders()) - set(before)
            self.assertIn(str(pairs[0][0].fileno()), repr(mine))
            pairs[1][1].send(b"x")
            self.assertEqual(await heard, 1)
            for ours, theirs in pairs:
                loop.remove_reader(ours)
                ours.close()
                theirs.close()
            self.assertEqual(self.reactor.getReaders(), before)

        self.withLoop(scenario)

    def test_notToBeRun(self) -> None:
        async def scenario(loop: ReactorLoop) -> None:
            self.assertRaisesRegex(RuntimeError, r"reactor\.run", loop.run_forever)
            self.assertRaisesRegex(RuntimeError, r"reactor\.stop", loop.stop)
            with self.assertRaisesRegex(RuntimeError, r"reactor\.run"):
                loop.run_until_complete(asyncio.sleep(0))
            self.assertRaises(TypeError, loop.call_later, 0, None)

        self.withLoop(scenario)

    def test_stopEndsTasks(self) -> None:
        """They are cancelled, and the reactor waits for them."""
        seen: list[BaseException] = []
        ended: list[bool] = []

        async def slow() -> None:
            try:
                await waitForEver(seen)
            finally:
                await asyncio.sleep(0.001)
                ended.append(self.reactor.running)

        async def scenario(loop: ReactorLoop) -> ReactorLoop:
            loop.create_task(slow())
            await asyncio.sleep(0)
            return loop

        loop = self.withLoop(scenario)
        self.assertEqual([type(error) for error in seen], [asyncio.CancelledError])
        self.assertEqual(ended, [True])
        self.assertTrue(loop.is_closed())

    def test_errorWhileATaskEnds(self) -> None:
        async def clumsy() -> None:
            try:
                await waitForEver([])
            finally:
                raise Refused()

        async def scenario(loop: ReactorLoop) -> None:
            loop.create_task(clumsy())
            await asyncio.sleep(0)

        self.withLoop(scenario)
        self.assertLogged(Refused)

    def test_errorInACallback(self) -> None:
        """It is logged where the reactor's errors are, and the loop lives."""

        def refuse() -> None:
            raise Refused()

        async def scenario(loop: ReactorLoop) -> None:
            loop.call_soon(refuse)
            await asyncio.sleep(0.001)

        self.withLoop(scenario)
        self.assertLogged(Refused)

    def test_taskNobodyAsked(self) -> None:
        async def failing() -> None:
            raise Refused()

        async def scenario(loop: ReactorLoop) -> None:
            loop.create_task(failing())
            await asyncio.sleep(0.001)
            gc.collect()

        self.withLoop(scenario)
        self.assertLogged(Refused)

    def test_signalHandler(self) -> None:
        previous = signal.getsignal(signal.SIGUSR1)

        async def scenario(loop: ReactorLoop) -> None:
            heard: Deferred[int] = Deferred()
            loop.add_signal_handler(signal.SIGUSR1, heard.callback, 1)
            signal.raise_signal(signal.SIGUSR1)
            self.assertEqual(await heard, 1)
            self.assertTrue(loop.remove_signal_handler(signal.SIGUSR1))
            self.assertFalse(loop.remove_signal_handler(signal.SIGUSR1))
            loop.add_signal_handler(signal.SIGUSR1, print)

        self.withLoop(scenario)
        self.assertEqual(signal.getsignal(signal.SIGUSR1), previous)

    def test_asyncGenerator(self) -> None:
        """One that is given up is closed, and may await as it is."""
        closed: list[bool] = []

        async def count() -> AsyncIterator[int]:
            try:
                while True:
                    yield 1
            finally:
                await self.after(0)
                closed.append(True)

        async def scenario(loop: ReactorLoop) -> None:
            async for _ in count():
                break
            gc.collect()
            await self.until(lambda: closed)
            self.assertEqual(closed, [True])

        self.withLoop(scenario)


suites = [MixedSuite]
ridingSuites = [RidingSuite]
