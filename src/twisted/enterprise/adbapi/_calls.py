"""One call of a pool: given in the reactor's thread, made in another, cancelled in between."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from twisted.enterprise.adbapi._transaction import Connection, ConnectionLost
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

if TYPE_CHECKING:
    from twisted.enterprise.adbapi._pool import ConnectionPool

__name__ = "twisted.enterprise.adbapi"

_log = Logger(namespace=__name__)

#: What drivers call that which ends a statement from another thread: sqlite3; psycopg and others.
INTERRUPTS = ("interrupt", "cancel")
#: How often that is tried, and seconds between: the statement may not have begun the first time.
TRIES, INTERVAL = 20, 0.1


class Call:
    """
    A function that is called with a connection, or with a transaction on it.

    The lock stands between a cancellation and the end of the call: what interrupts the connection
    must not reach the call after this one.
    """

    __slots__ = (
        "_args",
        "_cancelled",
        "_connection",
        "_func",
        "_inTransaction",
        "_kw",
        "_lock",
        "_over",
        "_pool",
        "_reactor",
        "result",
    )

    def __init__(
        self,
        pool: ConnectionPool,
        reactor: Any,
        inTransaction: bool,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kw: dict[str, Any],
    ) -> None:
        self._pool = pool
        self._reactor = reactor
        self._inTransaction = inTransaction
        self._func = func
        self._args = args
        self._kw = kw
        self._lock = Lock()
        self._cancelled = False
        self._over: Event | None = None
        self._connection: Connection | None = None
        self.result: Deferred[Any] = Deferred(self._cancel)

    # --- In the thread ---

    def make(self) -> Any:
        """Make the call, in one transaction."""
        self._checkCancelled()
        pool = self._pool
        connection = pool.connectionFactory(pool)
        try:
            self._connection = connection
            self._checkCancelled()
            if self._inTransaction:
                transaction = pool.transactionFactory(pool, connection)
                result = self._func(transaction, *self._args, **self._kw)
                transaction.close()
            else:
                result = self._func(connection, *self._args, **self._kw)
            if isinstance(result, (Deferred, CoroutineType)):
                raise self._wrongResult(result)
            self._detach()
            self._checkCancelled()
            connection.commit()
        except BaseException as error:
            self._detach()
            self._undo(connection, error)
            raise
        return result

    def _checkCancelled(self) -> None:
        if self._cancelled:
            raise CancelledError()

    def _wrongResult(self, result: Any) -> TypeError:
        if isinstance(result, CoroutineType):
            result.close()
        return TypeError(
            f"{self._func!r} runs in a thread of {self._pool!r}, where nothing waits for the "
            f"{type(result).__name__} that it returned: write it with blocking calls"
        )

    def _detach(self) -> None:
        """From now on, a cancellation leaves the connection alone."""
        with self._lock:
            self._connection = None
            if self._over is not None:
                self._over.set()

    def _undo(self, connection: Connection, error: BaseException) -> None:
        """Roll back; a connection that cannot is of no use."""
        try:
            connection.rollback()
        except ConnectionLost as lost:
            raise lost from error
        except Exception as trouble:
            kind = type(trouble).__qualname__
            _log.warn("{pool} drops a connection: {kind} in rollback", pool=self._pool, kind=kind)
            connection.discard()

    def report(self, success: bool, value: Any) -> None:
        """Give the outcome to the reactor's thread."""
        self._reactor.callFromThread(self._finish, success, value)

    # --- In the reactor's thread ---

    def _finish(self, success: bool, value: Any) -> None:
        result = self.result
        if not result.called:
            result.callback(value) if success else result.errback(value)
        elif not success:
            kind = type(value.value).__qualname__
            _log.debug("{pool}: a cancelled call ended: {kind}", pool=self._pool, kind=kind)

    def _cancel(self, _: Deferred[Any]) -> None:
        self._cancelled = True
        if self._connection is not None:
            # A driver may have to ask the server, which takes its time.
            self._reactor.callInThread(self._interrupt)

    def _interrupt(self) -> None:
        """End the statement that is being executed, or about to be."""
        over = Event()
        for _ in range(TRIES):
            with self._lock:
                if self._connection is None:
                    return
                self._over = over
                if not self._tryInterrupt(self._connection):
                    return
            if over.wait(INTERVAL):
                return

    def _tryInterrupt(self, connection: Connection) -> bool:
        """Whether the driver can, and did."""
        for name in INTERRUPTS:
            interrupt = getattr(connection, name, None)
            if interrupt is not None:
                try:
                    interrupt()
                except Exception as error:  # of the driver, which the call outlives
                    kind = type(error).__qualname__
                    _log.warn("{pool}: {kind} in interrupting", pool=self._pool, kind=kind)
                    return False
                return True
        return False
