"""What an interaction is given: a connection of the pool, or a transaction on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

if TYPE_CHECKING:
    from twisted.enterprise.adbapi._pool import ConnectionPool

__name__ = "twisted.enterprise.adbapi"

_log = Logger(namespace=__name__)

#: What is said of a statement, in a log or with an error.  Those made by programs can be megabytes.
MAX_STATEMENT = 1000


class ConnectionLost(Exception):
    """
    The connection to the database is gone, and what was not committed with it.

    The call may be made again, on a new connection.  Only if it was lost during the very commit
    is it not known whether that was done.  Raised by pools with `cp_reconnect`.
    """


class PoolClosed(Exception):
    """The pool is closed, and makes no calls any more."""


class Connection:
    """
    A connection of the DB-API, as long as a call of the pool lasts.

    It has all that the driver's connection has.

    Args:
        pool: whose connection to take: that of the thread which this is made in.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._connection: Any = pool.connect()

    # Benchmark adbapi-query: what every call uses is not looked up by `__getattr__`.

    def cursor(self, *args: Any, **kw: Any) -> Any:
        """A cursor of the driver."""
        return self._open("cursor").cursor(*args, **kw)

    def commit(self) -> None:
        """Keep what was done."""
        self._open("commit").commit()

    def close(self) -> None:
        """Do nothing: the connection belongs to the pool, which has more calls to make."""

    def rollback(self) -> None:
        """
        Undo what is not committed.

        Raises:
            ConnectionLost: the pool reconnects, and this connection does not answer.
        """
        if not self._pool.reconnect:
            self._connection.rollback()
            return
        try:
            self._connection.rollback()
            cursor = self._connection.cursor()
            cursor.execute(self._pool.good_sql)
            cursor.close()
            self._connection.commit()
        except Exception as error:
            self.discard()
            raise ConnectionLost(
                f"{self._pool!r} has lost its connection ({_kind(error)}); nothing of the call was "
                "kept, so it can be made again"
            ) from error

    def reconnect(self) -> None:
        """Give up this thread's connection if there is one, and open another."""
        if self._connection is not None:
            self.discard()
        self._connection = self._pool.connect()

    def discard(self) -> None:
        """Close this connection, which is of no use; the next call in its thread has another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.disconnect(connection)

    def _open(self, name: str) -> Any:
        """The driver's connection, whose attribute of that name is asked for."""
        if self._connection is None:
            raise AttributeError(f"the connection is closed, and has no {name}")
        return self._connection

    def __getattr__(self, name: str) -> Any:
        if name == "_connection":
            raise AttributeError(name)
        return getattr(self._open(name), name)


class Transaction:
    """
    A cursor of the DB-API, in a transaction that the pool commits or rolls back.

    It has all that the driver's cursor has, and can be iterated over for rows.

    Args:
        pool: whose transaction this is.
        connection: what to make the cursor of.

    An exception of a statement names it, in a note; its parameters are secret.
    """

    def __init__(self, pool: ConnectionPool, connection: Connection) -> None:
        self._pool = pool
        self._connection = connection
        self._used = False
        self._cursor: Any = None
        self.reopen()

    # Benchmark adbapi-query: what nearly every call uses is not looked up by `__getattr__`.

    def fetchall(self) -> Any:
        """All rows that are left of the statement's."""
        return self._open("fetchall").fetchall()

    def fetchone(self) -> Any:
        """The next row; None if there is none."""
        return self._open("fetchone").fetchone()

    def close(self) -> None:
        """Close the cursor; the transaction goes on."""
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            cursor.close()

    def reconnect(self) -> None:
        """Open another connection for the pool's thread.  What is not committed is lost."""
        self._connection.reconnect()
        self._cursor = None

    def reopen(self) -> None:
        """
        Make a new cursor, on a new connection if need be and the pool reconnects.

        Raises:
            ConnectionLost: a new connection would not have what was done on the old one.
        """
        self.close()
        try:
            self._cursor = self._connection.cursor()
        except Exception as error:
            if not self._pool.reconnect:
                raise
            _log.info("{pool} connects again: {kind}", pool=self._pool, kind=_kind(error))
            self.reconnect()
            if self._used:
                raise ConnectionLost(
                    f"{self._pool!r} has lost its connection in the middle of a transaction; "
                    "nothing of it was kept, so it can be made again"
                ) from error
            self._cursor = self._connection.cursor()

    def execute(self, *args: Any, **kw: Any) -> Any:
        """Execute a statement, with the arguments of the driver's `execute`."""
        self._used = True
        if self._pool.noisy:
            self._tell(args)
        try:
            return self._cursor.execute(*args, **kw)
        except BaseException as error:
            self._blame(error, args)
            raise

    def executemany(self, *args: Any, **kw: Any) -> Any:
        """Execute a statement many times, with the arguments of the driver's `executemany`."""
        self._used = True
        if self._pool.noisy:
            self._tell(args)
        try:
            return self._cursor.executemany(*args, **kw)
        except BaseException as error:
            self._blame(error, args)
            raise

    def useCursor(self, makeCursor: Callable[[Any], Any]) -> None:
        """Go on with a cursor that a function makes of the connection."""
        self.close()
        self._cursor = makeCursor(self._connection)

    def _tell(self, args: tuple[Any, ...]) -> None:
        _log.info("{pool} executes: {statement}", pool=self._pool, statement=_statement(args))

    def _blame(self, error: BaseException, args: tuple[Any, ...]) -> None:
        statement = _statement(args)
        error.add_note(f"The statement was: {statement}")
        if self._pool.noisy:
            # Not the message: drivers quote values in theirs.
            kind = _kind(error)
            _log.error(
                "{pool}: {kind} in: {statement}", pool=self._pool, kind=kind, statement=statement
            )

    def _open(self, name: str) -> Any:
        """The driver's cursor, whose attribute of that name is asked for."""
        if self._cursor is None:
            raise AttributeError(f"the cursor is closed, and has no {name}: reopen() makes another")
        return self._cursor

    def __getattr__(self, name: str) -> Any:
        if name == "_cursor":
            raise AttributeError(name)
        return getattr(self._open(name), name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _statement(args: tuple[Any, ...]) -> str:
    """What is told of the arguments of `execute`: the statement, if it is text, in one line."""
    statement = args[0] if args else ""
    if isinstance(statement, bytes):
        statement = statement.decode("utf-8", "replace")
    elif not isinstance(statement, str):
        # What drivers compose may have values in it.
        return repr(type(statement))
    text = " ".join(statement[:MAX_STATEMENT].split())
    return text if len(statement) <= MAX_STATEMENT else f"{text}..."
