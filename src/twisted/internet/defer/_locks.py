"""Take turns with Deferreds: a lock, a semaphore, a queue, and a lock in the file system."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from twisted.internet._reactor import installedReactor
from twisted.internet.defer._deferred import Deferred
from twisted.internet.defer._errors import TimeoutError
from twisted.internet.defer._functions import fail, maybeDeferred, succeed
from twisted.python.lockfile import FilesystemLock

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall, IReactorTime

_T = TypeVar("_T")
_P = ParamSpec("_P")


class AlreadyTryingToLockError(Exception):
    """`DeferredFilesystemLock.deferUntilLocked` was called again before it had its lock."""


class QueueOverflow(Exception):
    """Something was put into a `DeferredQueue` that is full."""


class QueueUnderflow(Exception):
    """Too many wait already for something to be put into a `DeferredQueue`."""


class ConcurrencyPrimitive(ABC):
    """What a lock and a semaphore share: waiting in line, and work done in turn.

        async with lock:
            ...

    Attributes:
        waiting: the Deferreds of those in line.
    """

    def __init__(self) -> None:
        self.waiting: deque[Deferred[Any]] = deque()
        self._serving = False

    @abstractmethod
    def acquire(self) -> Deferred[Any]:
        """Wait for a turn."""

    @abstractmethod
    def release(self) -> None:
        """End a turn."""

    @abstractmethod
    def _take(self) -> bool:
        """Begin a turn, if one is to be had now."""

    def _takeOrWait(self) -> Deferred[Any]:
        if not self.waiting and self._take():
            return succeed(self)
        d: Deferred[Any] = Deferred(self.waiting.remove)
        self.waiting.append(d)
        return d

    def _serve(self) -> None:
        # In a loop: those who are done at once come back here through release(), one after the
        # other, and a long line of them must not become a deep stack.
        if self._serving:
            return
        self._serving = True
        try:
            while self.waiting and self._take():
                self.waiting.popleft().callback(self)
        finally:
            self._serving = False

    @overload
    def run(
        self, f: Callable[_P, Deferred[_T]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> Deferred[_T]: ...

    @overload
    def run(self, f: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Deferred[_T]: ...

    def run(self, f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Deferred[Any]:
        """Call a function when it is its turn; the turn lasts until its result is there.

        Args:
            f: called as `f(*args, **kwargs)`.  It may return a Deferred or a coroutine.

        Returns:
            A Deferred for its result.  Cancelling it gives up waiting, or cancels what the
            function waits for.
        """

        def work(_: object) -> Deferred[Any]:
            return maybeDeferred(f, *args, **kwargs).addBoth(self._endTurn)

        return self.acquire().addCallback(work)

    def _endTurn(self, result: _T) -> _T:
        self.release()
        return result

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.release()


class DeferredLock(ConcurrencyPrimitive):
    """A lock: the work of one user at a time, in the order of their calls.

    Attributes:
        locked: whether somebody has it.
    """

    locked = False

    waiting: deque[Deferred[DeferredLock]]

    def acquire(self) -> Deferred[DeferredLock]:
        """Get the lock.

        Returns:
            A Deferred that fires, with the lock, when it is the caller's.  Cancelling it gives up
            waiting.
        """
        return self._takeOrWait()

    def release(self) -> None:
        """Give the lock to the next who waits for it.

        Raises:
            RuntimeError: nobody has it.
        """
        if not self.locked:
            raise RuntimeError("release() of a DeferredLock that nobody has acquired")
        self.locked = False
        self._serve()

    def _take(self) -> bool:
        if self.locked:
            return False
        self.locked = True
        return True


class DeferredSemaphore(ConcurrencyPrimitive):
    """A semaphore: the work of up to so many users at a time, in the order of their calls.

    Args:
        tokens: how many.

    Raises:
        ValueError: less than one.

    Attributes:
        limit: how many users at a time.
        tokens: how many more could begin now.
    """

    def __init__(self, tokens: int) -> None:
        if tokens < 1:
            raise ValueError(f"a DeferredSemaphore needs at least 1 token, not {tokens}")
        ConcurrencyPrimitive.__init__(self)
        self.tokens = tokens
        self.limit = tokens

    waiting: deque[Deferred[DeferredSemaphore]]

    def acquire(self) -> Deferred[DeferredSemaphore]:
        """Get a token.

        Returns:
            A Deferred that fires, with the semaphore, when the caller has one.  Cancelling it
            gives up waiting.
        """
        return self._takeOrWait()

    def release(self) -> None:
        """Give back a token.

        Raises:
            RuntimeError: more than were acquired.
        """
        if self.tokens >= self.limit:
            raise RuntimeError("release() of a DeferredSemaphore more often than acquire()")
        self.tokens += 1
        self._serve()

    def _take(self) -> bool:
        if not self.tokens:
            return False
        self.tokens -= 1
        return True


class DeferredQueue(Generic[_T]):
    """A queue between producers and consumers.

    Args:
        size: how many objects may wait to be consumed; `None` for any number.
        backlog: how many consumers may wait for an object; `None` for any number.

    Attributes:
        pending: the objects that wait.
        waiting: the Deferreds of the consumers that wait.
    """

    def __init__(self, size: int | None = None, backlog: int | None = None) -> None:
        self.size = size
        self.backlog = backlog
        self.waiting: deque[Deferred[_T]] = deque()
        self.pending: deque[_T] = deque()

    def put(self, obj: _T) -> None:
        """Give an object to the consumer that waits longest, or keep it for the next.

        Raises:
            QueueOverflow: there is no consumer, and `size` objects wait.
        """
        if self.waiting:
            self.waiting.popleft().callback(obj)
        elif self.size is None or len(self.pending) < self.size:
            self.pending.append(obj)
        else:
            raise QueueOverflow(f"{self.size} objects wait for a consumer, and no more may")

    def get(self) -> Deferred[_T]:
        """Get the oldest object, now or when there is one.

        Returns:
            A Deferred for it.  Cancelling it gives up waiting.

        Raises:
            QueueUnderflow: there is none, and `backlog` consumers wait.
        """
        if self.pending:
            return succeed(self.pending.popleft())
        if self.backlog is not None and len(self.waiting) >= self.backlog:
            raise QueueUnderflow(f"{self.backlog} consumers wait for an object, and no more may")
        d: Deferred[_T] = Deferred(self.waiting.remove)
        self.waiting.append(d)
        return d


class DeferredFilesystemLock(FilesystemLock):
    """A lock between processes: a file that only one of them can make.

    Args:
        name: of the file.
        scheduler: tells when to look again; by default the reactor.
    """

    _interval = 1.0
    """Seconds from one attempt to the next."""

    def __init__(self, name: str, scheduler: IReactorTime | None = None) -> None:
        FilesystemLock.__init__(self, name)
        self._attempt: _Attempt | None = None
        if scheduler is None:
            scheduler = installedReactor()
        self._scheduler: IReactorTime = scheduler

    def deferUntilLocked(self, timeout: float | None = None) -> Deferred[None]:
        """Wait until this process has the lock; see `unlock`.

        Args:
            timeout: seconds after which to give up, the Deferred failing with `TimeoutError`.

        Returns:
            A Deferred.  It fails with `AlreadyTryingToLockError` if another call waits.
            Cancelling it gives up waiting.
        """
        if self._attempt is not None:
            return fail(
                AlreadyTryingToLockError("deferUntilLocked() is waiting for this lock already")
            )
        attempt = self._attempt = _Attempt(self, self._scheduler, timeout)
        attempt.d.addBoth(self._endAttempt)
        attempt.look()
        return attempt.d

    def _endAttempt(self, result: _T) -> _T:
        self._attempt = None
        return result


class _Attempt:
    """One wait for a lock in the file system."""

    def __init__(
        self, lock: DeferredFilesystemLock, scheduler: IReactorTime, timeout: float | None
    ) -> None:
        self.lock = lock
        self.scheduler = scheduler
        self.timeout = timeout
        self.next: IDelayedCall | None = None
        self.d: Deferred[None] = Deferred(self.stop)
        self.deadline: IDelayedCall | None = None
        if timeout is not None:
            self.deadline = scheduler.callLater(timeout, self.expire)

    def look(self) -> None:
        self.next = None
        try:
            locked = self.lock.lock()
        except Exception:
            self.stop()
            self.d.errback()
            return
        if locked:
            self.stop()
            self.d.callback(None)
        else:
            self.next = self.scheduler.callLater(self.lock._interval, self.look)

    def expire(self) -> None:
        self.deadline = None
        self.stop()
        self.d.errback(TimeoutError(f"no lock on {self.lock.name!r} within {self.timeout} seconds"))

    def stop(self, _: object = None) -> None:
        for call in (self.next, self.deadline):
            if call is not None and call.active():
                call.cancel()
        self.next = self.deadline = None
