"""Run a coroutine in a reactor under test, within limits, and look at what it leaves."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, ClassVar, cast

from zope.interface import Interface

from twisted.internet._fakereactor import FakeReactor
from twisted.internet._multiplexers.kqueue import KqueueMultiplexer
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.error import ReactorNotRestartable, ReactorNotRunning
from twisted.internet.interfaces import (
    IListeningPort,
    IReactorCore,
    IReactorFDSet,
    IReactorMulticast,
    IReactorPluggableNameResolver,
    IReactorPluggableResolver,
    IReactorProcess,
    IReactorSocket,
    IReactorTCP,
    IReactorThreads,
    IReactorTime,
    IReactorUDP,
    IReactorUNIX,
    IReactorUNIXDatagram,
)
from twisted.internet.kqreactor import KQueueReactor
from twisted.internet.pollreactor import PollReactor
from twisted.internet.selectreactor import SelectReactor
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance.kernelqueue import FakeEvent, FakeKernelQueue
from twisted.python.failure import Failure
from twisted.python.reflect import requireModule
from twisted.trial import unittest

# Seconds that any one test may take, on a machine that has much else to do.
PATIENCE = 30.0

_OPEN_FILES = "/proc/self/fd"

_uvloop = requireModule("uvloop")

ReactorFactory = Callable[[], Any]


class IAnyReactor(
    IReactorCore,
    IReactorTime,
    IReactorFDSet,
    IReactorThreads,
    IReactorTCP,
    IReactorUNIX,
    IReactorUNIXDatagram,
    IReactorUDP,
    IReactorMulticast,
    IReactorSocket,
    IReactorProcess,
    IReactorPluggableResolver,
    IReactorPluggableNameResolver,
):
    """A reactor that can do everything; what a suite uses it must name in `requires`."""


class ReactorSuite(unittest.SynchronousTestCase):
    """
    A base for suites of tests that every reactor must pass.

    Attributes:
        reactorFactory: makes the reactor under test; set by `casesFor`.
        reactorName: how `casesFor` was told to call that reactor.
        requires: the interfaces that the tests are about.
        capability: the row of the table in the documentation; None for none.
        patience: how many seconds any one test may take.
        reactor: a new reactor for each test, ready to run.
    """

    patience: ClassVar[float] = PATIENCE

    reactorFactory: ClassVar[ReactorFactory | None] = None
    reactorName: ClassVar[str] = ""
    requires: ClassVar[tuple[type[Interface], ...]] = ()
    capability: ClassVar[Capability | None] = None

    def setUp(self) -> None:
        self._filesBefore = _openFiles()
        self.reactor = self.buildReactor()
        self._leavesNothing = True

    def buildReactor(self) -> IAnyReactor:
        """A new reactor, as the tests of this case need it."""
        factory = type(self).reactorFactory
        if factory is None:
            raise unittest.SkipTest("a suite runs only with a reactor; see casesFor()")
        try:
            reactor = factory()
        except OSError as problem:
            raise unittest.SkipTest(f"no such reactor on this system: {problem}") from problem
        self.addCleanup(self._cleanUp, reactor)
        for interface in self.requires:
            if not interface.providedBy(reactor):
                raise unittest.SkipTest(f"{reactor!r} does not provide {interface.__name__}")
        return cast(IAnyReactor, reactor)

    def _cleanUp(self, reactor: Any) -> None:
        # A reactor gives back its threads and what it has opened when it stops, and this
        # one may never have run, or have crashed.
        reactor.disconnectAll()
        for call in reactor.getDelayedCalls():
            call.cancel()
        reactor.callWhenRunning(reactor.stop)
        try:
            reactor.run(installSignalHandlers=False)
        except ReactorNotRestartable:
            pass

    def play(self, scenario: Coroutine[Deferred[Any], Any, Any]) -> Any:
        """
        Run the reactor, the coroutine in it, and stop when that is done.

        Returns: the result of the coroutine.

        Raises:
            Exception: what the coroutine raised.
            AssertionError: it did not end, or left something behind.
        """
        reactor = self.reactor
        results: list[Any] = []

        def finish(result: object) -> None:
            results.append(result)
            try:
                reactor.stop()
            except ReactorNotRunning:
                # The scenario has stopped it itself.
                pass

        def begin() -> None:
            Deferred.fromCoroutine(scenario).addBoth(finish)

        reactor.callWhenRunning(begin)
        self.runReactor(reactor)
        if not results:
            scenario.close()
            self.fail("the reactor has stopped before the test has ended")
        if isinstance(results[0], Failure):
            results[0].raiseException()
        self.assertNothingLeft(reactor)
        return results[0]

    def runReactor(self, reactor: IAnyReactor, installSignalHandlers: bool = False) -> None:
        """
        Run a reactor until it stops.

        Raises:
            AssertionError: it did not stop within the `patience` of this case.
        """
        late: list[str] = []
        patience = self.patience

        def giveUp() -> None:
            late.append(f"the reactor still ran after {patience} seconds")
            reactor.crash()

        alarm = threading.Timer(patience, reactor.callFromThread, [giveUp])
        alarm.daemon = True
        alarm.start()
        try:
            cast(Any, reactor).run(installSignalHandlers=installSignalHandlers)
        finally:
            alarm.cancel()
            alarm.join()
        if late:
            self.fail(late[0])

    def expectLeftovers(self) -> None:
        """This test leaves things behind on purpose, or is of a process that shares its files."""
        self._leavesNothing = False

    def ownsDescriptor(self, number: int) -> None:
        """A file descriptor is the test's, which closes it when the test has ended."""
        self._filesBefore.update(file for file in _openFiles() if file.split()[0] == str(number))

    def assertNothingLeft(self, reactor: IAnyReactor) -> None:
        """The reactor has stopped: nothing must be planned, watched or open."""
        if not self._leavesNothing:
            return
        self.assertEqual(list(reactor.getDelayedCalls()), [], "delayed calls are left")
        self.assertEqual(list(reactor.getWriters()), [], "writers are left")
        left = _openFiles() - self._filesBefore
        if left:
            gc.collect()
            left = _openFiles() - self._filesBefore
        self.assertEqual(sorted(left), [], "file descriptors are left open")

    # What most tests need

    def closeLater(self, port: IListeningPort) -> IListeningPort:
        """Close a port when the test ends; returns it."""
        self.addCleanup(port.stopListening)
        return port

    def after(self, delay: float) -> Deferred[None]:
        """A Deferred that fires after so many seconds of the reactor."""
        result: Deferred[None] = Deferred()
        self.reactor.callLater(delay, result.callback, None)
        return result

    async def turns(self, count: int = 1) -> None:
        """Let the loop turn so many times."""
        for _ in range(count):
            await self.after(0)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait, a turn at a time, for something that nothing announces."""
        while not condition():
            await self.after(0.001)

    def assertLogged(self, kind: type[BaseException], count: int = 1, mention: str = "") -> None:
        """So many errors were logged, each with the traceback of where it was raised."""
        failures = self.flushLoggedErrors(kind)
        self.assertEqual(len(failures), count, f"logged errors of type {kind.__name__}")
        for failure in failures:
            self.assertIn(mention, failure.getTraceback())


def _openFiles() -> set[str]:
    """The open file descriptors and what they are, or nothing where that is not told."""
    found: set[str] = set()
    try:
        numbers = os.listdir(_OPEN_FILES)
    except OSError:
        return found
    for number in numbers:
        try:
            found.add(f"{number} {os.readlink(f'{_OPEN_FILES}/{number}')}")
        except OSError:
            # The descriptor of the listing itself.
            pass
    return found


def shippedReactors() -> dict[str, ReactorFactory]:
    """The reactors of this package, by the names that test cases bear."""
    reactors: dict[str, ReactorFactory] = {
        "Select": SelectReactor,
        "Poll": PollReactor,
        "EPoll": EPollReactor,
        "KQueue": _FakeKQueueReactor,
        "Asyncio": AsyncioSelectorReactor,
        "Fake": FakeReactor,
    }
    if _uvloop is not None:
        # The first loop opens a pipe that libuv keeps, which is no leak of the first test's.
        _uvloop.new_event_loop().close()
        reactors["Uvloop"] = _UvloopReactor
    return reactors


class _UvloopReactor(AsyncioSelectorReactor):
    """The reactor on a loop of uvloop's, which it closes."""

    testedWith = "uvloop"

    def __init__(self) -> None:
        super().__init__(_uvloop.new_event_loop())
        self._isOurs = True


class _FakeKQueueReactor(KQueueReactor):
    """The reactor for BSD over a queue that is not the kernel's."""

    testedWith = "a fake of the kernel's queue"

    def _makeMultiplexer(self) -> KqueueMultiplexer:
        return KqueueMultiplexer(FakeKernelQueue, FakeEvent)


def casesFor(
    suites: Iterable[type[ReactorSuite]], reactors: Mapping[str, ReactorFactory], module: str
) -> dict[str, type[ReactorSuite]]:
    """
    Make a test case for each suite and each reactor.

    Args:
        reactors: by a name, something that makes a reactor when called.
        module: the name of the test module that will hold the cases.

    Returns: the cases by name, for the module's `globals()`.
    """
    cases: dict[str, type[ReactorSuite]] = {}
    for suite in suites:
        for name, factory in reactors.items():
            title = f"{suite.__name__}On{name}"
            contents = {
                "__module__": module,
                "__doc__": suite.__doc__,
                "__qualname__": title,
                "reactorFactory": staticmethod(factory),
                "reactorName": name,
            }
            cases[title] = type(title, (suite,), contents)
    return cases
