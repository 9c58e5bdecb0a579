"""The reactor, but for what belongs to one operating system.

Theory of operation
-------------------
A turn of the loop is: the calls of other threads, the timers that are due, one send for
each transport that was written to, then a wait for the kernel and a call to each
descriptor that is ready.  What those calls write is sent in the next turn, right after
its timers: all that happens at one moment goes out together.

A reactor is put together from parts that know nothing of each other: its lifecycle (a
table), its timers (a heap), its system events, its names, its signals, and for those
that wait in a system call, a set of descriptors over a multiplexer (`posixbase`).
"""

from __future__ import annotations

import signal
import socket
from collections import deque
from collections.abc import Callable, Sequence
from threading import Thread
from types import FrameType
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet import _asynciohook, main
from twisted.internet._bugs import reportBug
from twisted.internet._connector import BaseConnector as BaseConnector
from twisted.internet._lifecycle import Event, Lifecycle, State
from twisted.internet._resolver import BlockingResolver as BlockingResolver
from twisted.internet._resolver import PluggableResolverMixin as PluggableResolverMixin
from twisted.internet._resolver import SimpleResolver, ThreadedNameResolver
from twisted.internet._resolver import ThreadedResolver as ThreadedResolver
from twisted.internet._signals import SignalHandlers
from twisted.internet._timers import DelayedCall as DelayedCall
from twisted.internet._timers import TimerQueue, checkDelay
from twisted.internet._triggers import SystemEvents
from twisted.internet.abstract import FileDescriptor, isIPAddress
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import (
    IDelayedCall,
    IHostnameResolver,
    IReactorCore,
    IReactorThreads,
    IReactorTime,
    IReadDescriptor,
    IResolverSimple,
    IWriteDescriptor,
)
from twisted.logger import Logger
from twisted.python import threadable
from twisted.python._turn import turn
from twisted.python.failure import Failure
from twisted.python.reflect import namedAny
from twisted.python.runtime import seconds as runtimeSeconds
from twisted.python.threadpool import ThreadPool

__all__ = [
    "BaseConnector",
    "BasePort",
    "BlockingResolver",
    "DelayedCall",
    "PluggableResolverMixin",
    "ReactorBase",
    "ThreadedResolver",
]

#: Seconds between looks at what threads want, while the reactor waits for their end.
_JOIN_PATIENCE = 0.01

_log = Logger()
_NO_KEYWORDS: dict[str, Any] = {}
_isCallable = callable  # the builtin, where an argument of that name hides it

#: Chapter 3.8.4: the sizes between which the thread pool of a reactor moves.
MIN_THREADS = 5
MAX_THREADS = 10
#: Seconds after which a wait ends with nothing to do: kernels count milliseconds in an int.
LONGEST_WAIT = 24 * 60 * 60


@implementer(IReactorCore, IReactorTime, IReactorThreads)
class ReactorBase(PluggableResolverMixin):
    """A base for reactors: all but waiting for descriptors.

    A subclass gives `installWaker`, `doIteration`, and the methods of `IReactorFDSet`.

    Attributes:
        installed: whether this is the reactor of the process.
        threadpool: the thread pool, once it has been asked for.
        waker: what ends the wait from another thread.
    """

    installed: ClassVar[bool] = False
    usingThreads: ClassVar[bool] = True
    threadpool: ThreadPool | None
    threadpoolShutdownID: Any = None
    seconds = staticmethod(runtimeSeconds)

    def __init__(self) -> None:
        self.threadpool = None
        self.waker: Any = None
        self.threadCallQueue: deque[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]
        self.threadCallQueue = deque()
        self._wakeUpSent = False
        #: The loop of asyncio that rides on this reactor, once asyncio is there.
        self._asyncioLoop: Any = None
        self._leaveAsyncio: Callable[[], None] | None = None
        _asynciohook.prepare()
        self._lifecycle = Lifecycle()
        self._events = SystemEvents()
        self._timers = TimerQueue()
        #: The transports that have something to send at the end of the turn.
        self._dirty: list[FileDescriptor] = []
        self._scheduleWriter = self._dirty.append
        #: Ends both the interests of a descriptor.
        self._watchNoMore: Callable[[Any], object] = self._removeBoth
        #: Transports that are open and, being paused, not watched.
        self._unwatched: set[FileDescriptor] = set()
        self.nameResolver: IHostnameResolver = ThreadedNameResolver(self)
        self.resolver: IResolverSimple = SimpleResolver(self.nameResolver, self)
        self._signals = SignalHandlers(
            {signal.SIGINT: self.sigInt, signal.SIGTERM: self.sigTerm}, self._signalFD
        )
        self.addSystemEventTrigger("during", "shutdown", self._lifecycle.feed, Event.DISCONNECT)
        self.addSystemEventTrigger("during", "shutdown", self.disconnectAll)
        self.addSystemEventTrigger("after", "shutdown", self._lifecycle.feed, Event.END)
        self.installWaker()

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        """In a pickle, a reactor stands for that of the process which will read it."""
        return namedAny, ("twisted.internet.reactor",)

    # What a subclass knows

    def installWaker(self) -> None:
        """Make `waker`, and watch it."""
        raise NotImplementedError(f"{type(self).__name__} has nothing to wake it up")

    def doIteration(self, delay: float | None) -> None:
        """Wait, at most `delay` seconds (None: for ever), and call who is ready."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to wait")

    def addReader(self, reader: IReadDescriptor) -> None:
        """Watch a reader; see `IReactorFDSet`."""
        raise NotImplementedError(f"{type(self).__name__} watches no descriptors")

    def addWriter(self, writer: IWriteDescriptor) -> None:
        """Watch a writer; see `IReactorFDSet`."""
        raise NotImplementedError(f"{type(self).__name__} watches no descriptors")

    def removeReader(self, reader: IReadDescriptor) -> None:
        """Watch a reader no more; see `IReactorFDSet`."""
        raise NotImplementedError(f"{type(self).__name__} watches no descriptors")

    def removeWriter(self, writer: IWriteDescriptor) -> None:
        """Watch a writer no more; see `IReactorFDSet`."""
        raise NotImplementedError(f"{type(self).__name__} watches no descriptors")

    def removeAll(self) -> list[IReadDescriptor | IWriteDescriptor]:
        """Watch nothing but the waker; returns what was watched."""
        raise NotImplementedError(f"{type(self).__name__} watches no descriptors")

    def getReaders(self) -> list[IReadDescriptor]:
        """All readers; see `IReactorFDSet`."""
        raise NotImplementedError(f"{type(self).__name__} watches no descriptors")

    def getWriters(self) -> list[IWriteDescriptor]:
        """All writers; see `IReactorFDSet`."""
        raise NotImplementedError(f"{type(self).__name__} watches no descriptors")

    # IReactorCore

    @property
    def running(self) -> bool:
        """Whether it runs: from the startup event until those 'during' shutdown begin."""
        return self._lifecycle.state in (State.RUNNING, State.STOPPING)

    def run(self, installSignalHandlers: bool = True) -> None:
        """Run until `stop` is called.

        Args:
            installSignalHandlers: stop on SIGINT and SIGTERM; only in the main thread.

        Raises:
            ReactorAlreadyRunning, ReactorNotRestartable: it runs, or it has run.
            ValueError: signals were asked for in a thread that cannot have them.
        """
        self._begin(installSignalHandlers)
        try:
            self.fireSystemEvent("startup")
            self.mainLoop()
        except BaseException:
            # KeyboardInterrupt, where signals were left alone: nothing runs any more.
            self._lifecycle.feed(Event.CRASH)
            raise
        finally:
            self._ceaseRunning()

    def _ceaseRunning(self) -> None:
        """The loop turns no more: give back the signals and, unless it may run again, the rest."""
        self._signals.uninstall()
        self._exitAsyncio()
        turn.thread = None
        if self._lifecycle.state is State.STOPPED:
            self._release()

    def startRunning(self, installSignalHandlers: bool = True) -> None:
        """Begin to run: for those who turn the loop themselves afterwards."""
        self._begin(installSignalHandlers)
        self.fireSystemEvent("startup")

    def _begin(self, installSignalHandlers: bool) -> None:
        self._lifecycle.feed(Event.RUN)
        if installSignalHandlers:
            try:
                self._signals.install()
            except ValueError:
                self._lifecycle.feed(Event.CRASH)
                raise
        threadable.registerAsIOThread()
        if _asynciohook.isThere():
            self._enterAsyncio()

    # asyncio in the same loop

    def _loopOfAsyncio(self) -> Any:
        """The loop of asyncio that turns as this reactor does."""
        return _asynciohook.loopOf(self)

    def _tasksOfAsyncio(self) -> set[Any]:
        """The tasks of that loop which are not done; whoever runs tests looks for some."""
        return set() if self._asyncioLoop is None else self._asyncioLoop.tasks()

    def _enterAsyncio(self) -> None:
        """Let that be the running one; in the reactor's thread."""
        self._exitAsyncio()
        self._leaveAsyncio = self._loopOfAsyncio().enter()

    def _exitAsyncio(self) -> None:
        leave, self._leaveAsyncio = self._leaveAsyncio, None
        if leave is not None:
            leave()

    def mainLoop(self) -> None:
        """Turn the loop until the reactor is stopped or crashed."""
        lifecycle = self._lifecycle
        while lifecycle.alive:
            self.runUntilCurrent()
            self.doIteration(self.timeout())
        self._flush()

    def _release(self) -> None:
        """Give back what the system lent: the reactor was stopped, and will not run again."""
        loop, self._asyncioLoop = self._asyncioLoop, None
        if loop is not None:
            loop.close()
        waker, self.waker = self.waker, None
        if waker is not None:
            waker.connectionLost(Failure(type(main.CONNECTION_DONE)()))

    def stop(self) -> None:
        """Fire the shutdown event in the next turn, and end the loop when it is over.

        Raises:
            ReactorNotRunning: it does not run, or is being stopped already.
        """
        self._lifecycle.feed(Event.STOP)
        self.callFromThread(self.fireSystemEvent, "shutdown")

    def crash(self) -> None:
        """End the loop at the end of this turn, with no event fired and nothing given back."""
        self._lifecycle.feed(Event.CRASH)
        self.wakeUp()

    def iterate(self, delay: float = 0) -> None:
        """Turn the loop once, waiting at most `delay` seconds."""
        self.runUntilCurrent()
        self.doIteration(delay)
        self._flush()

    def callWhenRunning(self, callable: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call now if the loop runs, else when it starts; see `IReactorCore`."""
        if self._lifecycle.alive:
            callable(*args, **kwargs)
            return None
        return self.addSystemEventTrigger("after", "startup", callable, *args, **kwargs)

    def addSystemEventTrigger(
        self, phase: str, eventType: str, callable: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Plan a call for a system event; see `IReactorCore`."""
        return self._events.add(phase, eventType, callable, args, kwargs)

    def removeSystemEventTrigger(self, triggerID: Any) -> None:
        """Unplan a call for a system event; see `IReactorCore`."""
        self._events.remove(triggerID)

    def fireSystemEvent(self, eventType: str) -> None:
        """Run the triggers of an event; see `IReactorCore`."""
        self._events.fire(eventType)

    def resolve(self, name: str, timeout: Sequence[int] = (1, 3, 11, 45)) -> Deferred[str]:
        """An IPv4 address of `name`; see `IReactorCore`."""
        if not name:
            return succeed("0.0.0.0")
        if isIPAddress(name):
            return succeed(name)
        return self.resolver.getHostByName(name, timeout)

    def disconnectAll(self) -> None:
        """Tell every descriptor that its connection is lost."""
        self._flush()
        watched = self.removeAll()
        for selectable in [*watched, *self._unwatched.difference(watched)]:
            turn.owner = selectable
            try:
                selectable.connectionLost(Failure(type(main.CONNECTION_LOST)()))
            except BaseException:
                reportBug(f"Unhandled error while disconnecting {selectable!r}")
        turn.owner = None

    # Signals

    def _signalFD(self) -> int:
        wakeupFD = getattr(self.waker, "wakeupFD", None)
        return -1 if wakeupFD is None else int(wakeupFD())

    def sigInt(self, number: int, frame: FrameType | None = None) -> None:
        """Ctrl-C was pressed."""
        self._stopOnSignal("SIGINT")

    def sigTerm(self, number: int, frame: FrameType | None = None) -> None:
        """The system asks the process to end."""
        self._stopOnSignal("SIGTERM")

    def sigBreak(self, number: int, frame: FrameType | None = None) -> None:
        """Ctrl-Break was pressed, on Windows."""
        self._stopOnSignal("SIGBREAK")

    def _stopOnSignal(self, name: str) -> None:
        def stop() -> None:
            if self._lifecycle.state is State.RUNNING:
                _log.info("Received {signal}, shutting down.", signal=name)
                self.stop()
            elif self._lifecycle.alive:
                _log.warn("Received {signal} again, not waiting any longer.", signal=name)
                self.crash()

        self.callFromThread(stop)

    # IReactorTime

    def callLater(
        self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any
    ) -> DelayedCall:
        """Call `callable` in `delay` seconds, with `args` and `kw`.

        Returns:
            what can be asked, moved or cancelled.

        Raises:
            ValueError: the delay is negative, or not a number.
            TypeError: `callable` is not.
        """
        # Benchmark timers: the check is repeated in line, for a call costs as much as it.
        if not delay >= 0:
            checkDelay(delay)
        if not _isCallable(callable):
            raise TypeError(f"callLater wants something to call, not {callable!r}")
        timers = self._timers
        call = DelayedCall(
            self.seconds() + delay,
            callable,
            args,
            # Benchmark http-idle-memory: most have none, and would keep an empty dict each.
            kw or _NO_KEYWORDS,
            timers.cancelled,
            timers.rescheduled,
            self.seconds,
        )
        timers.fresh.append(call)
        return call

    def getDelayedCalls(self) -> list[IDelayedCall]:
        """The calls that are still to come."""
        return list(self._timers.pending())

    def timeout(self) -> float | None:
        """How many seconds the loop may wait; None without limit."""
        if self._dirty or self.threadCallQueue or not self._lifecycle.alive:
            # The last: what has just run may have crashed the reactor.
            return 0
        due = self._timers.nextTime()
        return None if due is None else min(max(0, due - self.seconds()), LONGEST_WAIT)

    def runUntilCurrent(self) -> None:
        """Run what is due: other threads' calls, timers, and the sends of the turn."""
        # Cleared before the queue is looked at: a thread that adds to it from now on
        # finds the flag down, and wakes the loop.
        self._wakeUpSent = False
        if self.threadCallQueue:
            self._runThreadCalls()
        timers = self._timers
        if timers.nextTime() is not None:
            now = self.seconds()
            while (call := timers.popDue(now)) is not None:
                self._runDelayedCall(call)
        if self._dirty:
            self._flush()

    def _runDelayedCall(self, call: DelayedCall) -> None:
        func = call.func
        assert func is not None, "a call that was not cancelled"
        call.called = True
        try:
            func(*call.args, **call.kw)
        except BaseException:
            reportBug(f"Unhandled error in a delayed call, {func!r}")

    def _flush(self) -> None:
        """One send for each transport that has been written to."""
        dirty = self._dirty[:]
        self._dirty.clear()
        for transport in dirty:
            turn.owner = transport
            try:
                why = transport.doWrite()
            except BaseException:
                why = reportBug(f"Unhandled error while writing to {transport!r}")  # type: ignore[assignment]
            if why is not None:
                self._disconnect(transport, why, False)
        turn.owner = None

    def _removeBoth(self, selectable: Any) -> None:
        self.removeReader(selectable)
        self.removeWriter(selectable)

    def _disconnect(self, selectable: Any, why: Any, isRead: bool) -> None:
        """End `selectable`, or its read half, for the reason that its turn ended with."""
        reason = why if isinstance(why, Failure) else Failure(_ownException(why))
        try:
            if isRead and why is main.CONNECTION_DONE and hasattr(selectable, "readConnectionLost"):
                self.removeReader(selectable)
                selectable.readConnectionLost(reason)
            else:
                self._watchNoMore(selectable)
                selectable.connectionLost(reason)
        except BaseException:
            reportBug(f"Unhandled error while disconnecting {selectable!r}")

    # IReactorThreads

    def callFromThread(self, f: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Call `f` in the reactor's thread, soon; may be used from any thread."""
        if not callable(f):
            raise TypeError(f"callFromThread wants something to call, not {f!r}")
        self.threadCallQueue.append((f, args, kwargs))
        self.wakeUp()

    def wakeUp(self) -> None:
        """End the wait that is in progress, or else the next one."""
        if not self._wakeUpSent:
            self._wakeUpSent = True
            waker = self.waker
            if waker is not None:
                waker.wakeUp()

    def _runThreadCalls(self) -> None:
        # Only those that are there now: a call that adds another gives others a turn.
        for _ in range(len(self.threadCallQueue)):
            if not self.threadCallQueue:
                # One of them has run the others: the end of the threads does.
                return
            f, args, kwargs = self.threadCallQueue.popleft()
            try:
                f(*args, **kwargs)
            except BaseException:
                reportBug(f"Unhandled error in a call from a thread, {f!r}")

    def callInThread(self, _callable: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Call `_callable` in a thread of the pool; an error is logged."""
        self.getThreadPool().callInThread(_callable, *args, **kwargs)

    def getThreadPool(self) -> ThreadPool:
        """The pool, which is started and stopped with the reactor."""
        if self.threadpool is None:
            pool = ThreadPool(MIN_THREADS, MAX_THREADS, "twisted.internet.reactor")
            self.threadpool = pool
            self.callWhenRunning(pool.start)
            self.threadpoolShutdownID = self.addSystemEventTrigger(
                "during", "shutdown", self._stopThreadPool
            )
        return self.threadpool

    def suggestThreadPoolSize(self, size: int) -> None:
        """Let the pool have up to `size` threads."""
        pool = self.getThreadPool()
        pool.adjustPoolsize(min(pool.min, size), size)

    def _stopThreadPool(self) -> None:
        pool, self.threadpool = self.threadpool, None
        self.threadpoolShutdownID = None
        if pool is not None:
            # A thread of the pool may wait for a call in this one.
            ending = Thread(target=pool.stop, name="twisted.internet.reactor-end-of-threads")
            ending.start()
            while ending.is_alive():
                self._runThreadCalls()
                ending.join(_JOIN_PATIENCE)


def _ownException(why: BaseException) -> BaseException:
    """An exception for this one use, where `why` is one of those in `main`.

    They are shared, and an exception that is raised keeps its traceback: each connection
    would add to it, for ever.
    """
    if why is main.CONNECTION_DONE or why is main.CONNECTION_LOST:
        return type(why)()
    return why


class BasePort(FileDescriptor):
    """A base for sockets that wait for peers.

    Attributes:
        addressFamily: of the socket.
        socketType: of the socket.
    """

    addressFamily: socket.AddressFamily
    socketType: socket.SocketKind

    def createInternetSocket(self) -> socket.socket:
        """A new socket of the family and type, which does not block."""
        created = socket.socket(self.addressFamily, self.socketType)
        created.setblocking(False)
        return created

    def doWrite(self) -> None:
        """Never asked for: a port has nothing to send."""
        raise RuntimeError(f"{self!r} waits for peers, and has nothing to send")
