"""An event loop of asyncio that rides on a reactor.

Theory of operation
-------------------
The loop has no thread and no wait of its own.  What is to be called soon makes it ask for a
turn, by a delayed call of the reactor's; each of its timers is one more; and when it watches
descriptors, its own selector is a descriptor that the reactor watches.  A program that only
sleeps in asyncio opens nothing.  All turns of asyncio, and all callbacks of the reactor, thus
run in one thread in one order, and the clock is the reactor's.

It is *the running loop* for as long as the reactor runs.  It is made when a reactor starts
after asyncio was imported, and closed when the reactor has stopped: tasks are cancelled
before the shutdown event, which waits for them.

Built on `asyncio.SelectorEventLoop`: of that, its turn (`_run_once`), the queue of what is
ready, and the three methods around its self-pipe are private, and the same since Python 3.4.
"""

from __future__ import annotations

import asyncio
import selectors
import signal
import sys
import threading
from asyncio import Handle, TimerHandle
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVarTuple

from zope.interface import implementer

from twisted.internet._asynciotasks import mixed
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReadDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure

__all__ = ["ReactorLoop", "loopOf"]

_log = Logger(namespace="twisted.internet.base")
_Ts = TypeVarTuple("_Ts")


class _HostReactor(Protocol):
    """What the loop uses of a reactor."""

    waker: Any
    _asyncioLoop: Any

    def seconds(self) -> float: ...
    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any) -> IDelayedCall: ...
    def callFromThread(self, f: Callable[..., Any], *args: Any) -> None: ...
    def addReader(self, reader: IReadDescriptor) -> None: ...
    def removeReader(self, reader: IReadDescriptor) -> None: ...
    def addSystemEventTrigger(
        self, phase: str, eventType: str, callable: Callable[..., Any]
    ) -> Any: ...


def loopOf(reactor: _HostReactor) -> ReactorLoop:
    """The asyncio loop of a reactor, which is made if need be."""
    loop: ReactorLoop | None = reactor._asyncioLoop
    if loop is None:
        loop = reactor._asyncioLoop = ReactorLoop(reactor)
    return loop


@implementer(IReadDescriptor)
class _Selector(selectors.BaseSelector):
    """The selector of the loop: it never waits, and is watched by the reactor.

    The real one is made with the first descriptor, and watched while it has any.
    """

    def __init__(self, reactor: _HostReactor, onReady: Callable[[], None]) -> None:
        self._reactor = reactor
        self._onReady = onReady
        self._real: selectors.BaseSelector | None = None
        self._isReady = False

    # A selector

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        if self._real is None:
            self._real = selectors.DefaultSelector()
            if not hasattr(self._real, "fileno"):
                raise NotImplementedError(
                    f"{type(self._real).__name__} cannot be watched by a reactor: to use asyncio's "
                    "streams on this platform, install twisted.internet.asyncioreactor"
                )
        key = self._real.register(fileobj, events, data)
        self._reactor.addReader(self)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        key = self._open().unregister(fileobj)
        if not self.get_map():
            self._reactor.removeReader(self)
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._open().modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self._isReady or self._real is None:
            return []
        self._isReady = False
        return self._real.select(0)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return {} if self._real is None else self._real.get_map()

    def close(self) -> None:
        real, self._real = self._real, None
        if real is not None:
            real.close()

    def _open(self) -> selectors.BaseSelector:
        if self._real is None:
            raise KeyError("nothing is registered")
        return self._real

    # A reader

    def fileno(self) -> int:
        return -1 if self._real is None else self._real.fileno()  # type: ignore[attr-defined]  # those of epoll and kqueue have it

    def doRead(self) -> None:
        self._isReady = True
        self._onReady()

    def logPrefix(self) -> str:
        return "asyncio"

    def connectionLost(self, reason: Failure) -> None:
        """The reactor watches no more: it shuts down, or a test has left things open."""
        for key in list(self.get_map().values()):
            self._open().unregister(key.fileobj)

    def __repr__(self) -> str:
        numbers = ", ".join(str(key.fd) for key in self.get_map().values())
        return f"<asyncio in the reactor, with the descriptors {numbers or 'none'}>"


class _Timer(TimerHandle):
    """A timer of the loop, which is a delayed call of the reactor."""

    _delayed: IDelayedCall | None = None

    def cancel(self) -> None:
        delayed, self._delayed = self._delayed, None
        if delayed is not None and delayed.active():
            delayed.cancel()
        super().cancel()


class ReactorLoop(asyncio.SelectorEventLoop):
    """The asyncio event loop of a reactor.

    Args:
        reactor: what it rides on.
    """

    _ready: deque[Handle]
    _thread_id: int | None
    _transports: Mapping[int, Any]
    if TYPE_CHECKING:

        def _run_once(self) -> None: ...
        def _check_closed(self) -> None: ...
        def _asyncgen_firstiter_hook(self, agen: Any) -> None: ...
        def _asyncgen_finalizer_hook(self, agen: Any) -> None: ...

    def __init__(self, reactor: _HostReactor) -> None:
        self._reactor = reactor
        self._planned: IDelayedCall | None = None
        self._told = False
        self._handled: dict[int, Any] = {}
        self._mySelector = _Selector(reactor, self._turn)
        super().__init__(self._mySelector)
        reactor.addSystemEventTrigger("before", "shutdown", self._shutDown)

    # Turns

    def enter(self) -> Callable[[], None]:
        """Be the running loop of this thread, until what is returned is called."""
        hooks = sys.get_asyncgen_hooks()
        self._thread_id = threading.get_ident()
        sys.set_asyncgen_hooks(self._asyncgen_firstiter_hook, self._asyncgen_finalizer_hook)
        asyncio._set_running_loop(self)

        def leave() -> None:
            self._thread_id = None
            sys.set_asyncgen_hooks(*hooks)
            asyncio._set_running_loop(None)

        return leave

    def _plan(self) -> None:
        if self._planned is None:
            self._planned = self._reactor.callLater(0, self._turn)

    def _turn(self) -> None:
        planned, self._planned, self._told = self._planned, None, False
        if planned is not None and planned.active():
            planned.cancel()
        if self.is_closed():
            return
        outside = asyncio._get_running_loop()
        if outside is not self:
            asyncio._set_running_loop(self)
        try:
            self._run_once()
        finally:
            if outside is not self:
                asyncio._set_running_loop(outside)
            if self._ready:
                self._plan()

    def time(self) -> float:
        """The time on the reactor's clock, in seconds."""
        return self._reactor.seconds()

    def call_soon(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> Handle:
        """Call in the next turn; see `asyncio.loop.call_soon`."""
        handle = super().call_soon(callback, *args, context=context)
        if self._planned is None:
            self._plan()
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> TimerHandle:
        """Call at a time of the reactor's clock; see `asyncio.loop.call_at`."""
        self._check_closed()
        if not callable(callback):
            raise TypeError(f"a callback is something to call, not {callback!r}")
        timer = _Timer(when, callback, args, self, context)
        timer._delayed = self._reactor.callLater(max(0, when - self.time()), self._due, timer)
        return timer

    def _due(self, timer: _Timer) -> None:
        timer._delayed = None
        self._ready.append(timer)
        self._turn()

    def _make_self_pipe(self) -> None:
        """The reactor has one."""

    def _close_self_pipe(self) -> None:
        """It is the reactor's."""

    def _write_to_self(self) -> None:
        # Called in any thread.  The flag goes down before the queue is looked at.
        if not self._told:
            self._told = True
            self._reactor.callFromThread(self._turn)

    def create_task(self, coro: Any, **options: Any) -> Any:
        """A task for a coroutine, which may await Deferreds; see `asyncio.loop.create_task`."""
        return super().create_task(mixed(coro, self), **options)

    # The reactor's side of things

    def run_forever(self) -> NoReturn:
        """Not this loop's to do."""
        raise RuntimeError(
            "this asyncio loop is run by the reactor: call reactor.run(), "
            "and await what it is to do"
        )

    def run_until_complete(self, future: Any) -> NoReturn:
        """Not this loop's to do."""
        if asyncio.iscoroutine(future):
            future.close()
        self.run_forever()

    def stop(self) -> NoReturn:
        """Not this loop's to do."""
        raise RuntimeError("this asyncio loop is run by the reactor: call reactor.stop()")

    def add_signal_handler(self, sig: int, callback: Callable[[*_Ts], object], *args: *_Ts) -> None:
        """Call back, in the loop, when a signal comes; see `asyncio.loop.add_signal_handler`."""
        if asyncio.iscoroutinefunction(callback):
            raise TypeError("coroutines cannot be handlers of signals: start a task in a function")
        self._check_closed()
        handle = Handle(callback, args, self, None)

        def handler(number: int, frame: object) -> None:
            self._reactor.callFromThread(handle._run)

        previous = signal.signal(sig, handler)
        self._handled.setdefault(sig, previous)

    def remove_signal_handler(self, sig: int) -> bool:
        """Undo `add_signal_handler`; whether there was anything to undo."""
        if sig not in self._handled:
            return False
        previous = self._handled.pop(sig)
        signal.signal(sig, signal.SIG_DFL if previous is None else previous)
        return True

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Log what went wrong, where the reactor's own errors are logged."""
        message = context.get("message") or "Unhandled error in the event loop"
        error = context.get("exception")
        details = ", ".join(
            f"{name}={context[name]!r}"
            for name in sorted(context)
            if name not in ("message", "exception", "source_traceback", "handle_traceback")
        )
        if error is None:
            _log.error("{message}: {details}", message=message, details=details)
        else:
            failure = Failure(error)
            _log.failure("{message}: {details}", failure, message=message, details=details)

    # The end

    def tasks(self) -> set[asyncio.Task[Any]]:
        """Those that are not done."""
        return asyncio.all_tasks(self)

    def _shutDown(self) -> Deferred[None]:
        """The reactor stops: end the tasks, as `asyncio.run` does."""
        return Deferred.fromCoroutine(self._endAll())

    async def _endAll(self) -> None:
        tasks = self.tasks()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            self._reportFailures(tasks)
        await self.shutdown_asyncgens()

    def _reportFailures(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        for task in tasks:
            error = None if task.cancelled() else task.exception()
            if error is not None:
                self.call_exception_handler(
                    {"message": "Unhandled error while a task ended", "exception": error}
                )

    def close(self) -> None:
        """Give back what the loop holds; the reactor does this when it has stopped."""
        for sig in list(self._handled):
            self.remove_signal_handler(sig)
        self._reactor.removeReader(self._mySelector)
        if self._planned is not None and self._planned.active():
            self._planned.cancel()
        super().close()
