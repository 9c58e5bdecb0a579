"""The pool: threads, each with a connection to one database."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable
from threading import get_ident
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.enterprise.adbapi._calls import Call
from twisted.enterprise.adbapi._stream import BATCH, RowStream
from twisted.enterprise.adbapi._transaction import Connection, PoolClosed, Transaction
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.reflect import namedModule
from twisted.python.threadpool import ThreadPool

__name__ = "twisted.enterprise.adbapi"

_log = Logger(namespace=__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")

#: What a pickle of a pool has; the reactor and the threads are those of the process.
_KEPT = ("dbapiName", "connargs", "connkw", "min", "max", "name", "noisy", "reconnect", "good_sql")


class ConnectionPool:
    """
    Connections to a database, each in a thread of its own, for calls that do not block.

    Calls are made in the order in which they are given, as many at once as there are threads.  A
    connection is opened when its thread first needs it, and used in that thread only.  Calls that
    are given before the reactor runs wait for it.

    Args:
        dbapiName: the module to import, which has to be a DB-API 2.0 driver: `"sqlite3"`.
        connargs: the arguments of its `connect`.
        connkw: the keyword arguments of its `connect`, and those of the pool:

            cp_min: how many threads to keep, used or not (3).
            cp_max: how many threads to have at most (5).
            cp_name: a name for threads and messages; that of the module.
            cp_noisy: whether statements and their errors are logged, without parameters (False).
            cp_openfun: called with each new connection, in its thread, before it is used.
            cp_reconnect: whether a connection is tried after an error, and replaced if it is
                gone; the call then fails with `ConnectionLost` (False).
            cp_good_sql: what it is tried with: a query that always succeeds (`select 1`).
            cp_reactor: in whose thread Deferreds fire; the reactor of the process.

    Attributes:
        connections: the open connections of the driver, by the identity of their thread.
        dbapi: the module of the driver.
        running: whether calls are made now.
        threadpool: the threads.

    Raises:
        ImportError: there is no such module.
        TypeError: it is no driver, or a `cp_` argument is unknown.
        ValueError: `cp_min` is above `cp_max`, or negative.
    """

    CP_ARGS = ["min", "max", "name", "noisy", "openfun", "reconnect", "good_sql"]

    noisy = False
    min = 3
    max = 5
    name: str | None = None
    openfun: Callable[[Any], object] | None = None
    reconnect = False
    good_sql = "select 1"

    running = False
    connectionFactory: type[Connection] = Connection
    transactionFactory: type[Transaction] = Transaction
    shutdownID: Any = None
    startID: Any = None

    def __init__(self, dbapiName: str, *connargs: Any, **connkw: Any) -> None:
        self.dbapiName = dbapiName
        self.dbapi: Any = namedModule(dbapiName)
        if not callable(getattr(self.dbapi, "connect", None)):
            raise TypeError(
                f"{dbapiName!r} is no driver of a database: it has no connect() (see PEP 249)"
            )
        self._reactor = connkw.pop("cp_reactor", None) or installedReactor()
        if "cp_max" in connkw:
            self.min = min(self.min, connkw["cp_max"])
        for name in self.CP_ARGS:
            if f"cp_{name}" in connkw:
                setattr(self, name, connkw.pop(f"cp_{name}"))
        for argument in connkw:
            if argument.startswith("cp_"):
                known = ", ".join(f"cp_{name}" for name in (*self.CP_ARGS, "reactor"))
                raise TypeError(f"a ConnectionPool has no {argument}, only {known}")
        self.connargs = connargs
        self.connkw = connkw
        self.name = self.name or dbapiName
        self.connections: dict[int, Any] = {}
        self._closed = False
        self._streams: set[RowStream] = set()
        self.threadpool = self._makeThreads()
        self.startID = self._reactor.callWhenRunning(self.start)

    def _makeThreads(self) -> ThreadPool:
        leave = self._leave

        class Worker(threading.Thread):
            """A thread that closes its own connection: some drivers let no other do it."""

            def run(self) -> None:
                super().run()
                leave()

        threads = ThreadPool(self.min, self.max, self.name)
        threads.threadFactory = Worker
        return threads

    def __repr__(self) -> str:
        # Without the arguments of connect(), which may have a password.
        state = "closed" if self._closed else "running" if self.running else "waiting"
        return f"<ConnectionPool {self.name} {state}, {len(self.connections)} connections>"

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _KEPT}

    def __setstate__(self, state: dict[str, Any]) -> None:
        options = {f"cp_{name}": state[name] for name in self.CP_ARGS if name in state}
        ConnectionPool.__init__(
            self, state["dbapiName"], *state["connargs"], **state["connkw"], **options
        )

    # --- From start to end ---

    def start(self) -> None:
        """Begin to make calls.  The reactor does this when it starts."""
        self.startID = None
        if not self.running:
            self._closed = False
            self.threadpool.start()
            self.running = True
            self.shutdownID = self._reactor.addSystemEventTrigger(
                "during", "shutdown", self.finalClose
            )

    def close(self) -> None:
        """
        Make the calls that were given, close the connections, and wait for all that.

        The reactor waits too; `closeWhenDone` is for calls that take long, or that need the
        reactor's thread.  Calls that are given later fail with `PoolClosed`, until `start`.
        """
        self._refuse()
        self.threadpool.stop()
        self._closeOthers()

    def closeWhenDone(self) -> Deferred[None]:
        """
        The same as `close`, while the reactor goes on.

        Returns: a Deferred that fires when all is closed.
        """
        self._refuse()
        closed: Deferred[None] = Deferred()

        def wait() -> None:
            self.threadpool.stop()
            self._reactor.callFromThread(finish)

        def finish() -> None:
            self._closeOthers()
            closed.callback(None)

        # Not a thread of the reactor's pool, which may be about to stop itself.
        threading.Thread(target=wait, name=f"closing-{self.name}").start()
        return closed

    def finalClose(self) -> Deferred[None]:
        """What the reactor calls when it stops: `closeWhenDone`."""
        self.shutdownID = None
        return self.closeWhenDone()

    def _refuse(self) -> None:
        """Take no more calls, and let go of the reactor."""
        self._closed = True
        self.running = False
        for trigger in (self.startID, self.shutdownID):
            if trigger is not None:
                self._reactor.removeSystemEventTrigger(trigger)
        self.startID = self.shutdownID = None
        for stream in list(self._streams):
            stream.end(Failure(self._closedError()))
            stream.stop()

    def _closedError(self) -> PoolClosed:
        return PoolClosed(f"{self!r} makes no calls")

    # --- Connections ---

    def connect(self) -> Any:
        """
        The connection of this thread, which is opened if there is none.

        Returns: a connection of the driver.  It waits for the database: not to be called in the
            reactor's thread.
        """
        connection = self.connections.get(get_ident())
        if connection is None:
            connection = self._open()
            self.connections[get_ident()] = connection
        return connection

    def _open(self) -> Any:
        if self.noisy:
            _log.info("{pool} connects", pool=self)
        connection = self.dbapi.connect(*self.connargs, **self.connkw)
        if self.openfun is not None:
            try:
                self.openfun(connection)
            except BaseException:
                self._close(connection)
                raise
        return connection

    def disconnect(self, conn: Any) -> None:
        """
        Close the connection of this thread; the next call in it opens another.

        Raises:
            ValueError: it is not this thread's connection.
        """
        if conn is None or self.connections.get(get_ident()) is not conn:
            raise ValueError(f"{conn!r} is not the connection of {self!r} in this thread")
        del self.connections[get_ident()]
        self._close(conn)

    def _close(self, connection: Any) -> None:
        if self.noisy:
            _log.info("{pool} disconnects", pool=self)
        try:
            connection.close()
        except Exception as error:
            # One that is gone already cannot be closed, says its driver.
            kind = type(error).__qualname__
            _log.info("{pool}: {kind} in closing a connection", pool=self, kind=kind)

    def _leave(self) -> None:
        """A thread of the pool ends, and its connection with it."""
        connection = self.connections.get(get_ident())
        if connection is not None:
            self.disconnect(connection)

    def _closeOthers(self) -> None:
        """Close the connections of other people's threads."""
        while self.connections:
            self._close(self.connections.popitem()[1])

    # --- Calls ---

    def runQuery(self, *args: Any, **kw: Any) -> Deferred[list[Any]]:
        """
        Execute a statement in a transaction of its own, and fetch all rows.

        Args:
            args: those of the driver's `cursor.execute`: a statement, and parameters.

        Returns: a Deferred that fires with the list of rows, or fails with the driver's error,
            which names the statement in a note.
        """
        return self.runInteraction(_query, *args, **kw)

    def runOperation(self, *args: Any, **kw: Any) -> Deferred[None]:
        """
        Execute a statement that has no rows in a transaction of its own.

        Args:
            args: those of the driver's `cursor.execute`: a statement, and parameters.

        Returns: a Deferred that fires with None when it is committed.
        """
        return self.runInteraction(_operate, *args, **kw)

    def runInteraction(
        self,
        interaction: Callable[Concatenate[Any, _P], _T],
        *args: _P.args,
        **kw: _P.kwargs,
    ) -> Deferred[_T]:
        """
        Call a function in a thread, with a `Transaction` and the other arguments.

        The transaction is committed when the function returns, and rolled back if it, or the
        commit, raises something.

        Returns: a Deferred that fires with what the function returns, when that is committed.  To
            cancel it takes the call out of the queue, or interrupts its statement if the driver
            can, and rolls back.

        Raises:
            TypeError: it cannot be called.
        """
        return self._give(True, interaction, args, kw)

    def runWithConnection(
        self, func: Callable[Concatenate[Any, _P], _T], *args: _P.args, **kw: _P.kwargs
    ) -> Deferred[_T]:
        """The same as `runInteraction`, with a `Connection` instead of a `Transaction`."""
        return self._give(False, func, args, kw)

    def _give(
        self,
        inTransaction: bool,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kw: dict[str, Any],
    ) -> Deferred[Any]:
        """One function for the way to the thread: see the benchmark adbapi-query."""
        if not callable(func):
            raise TypeError(f"{self!r} wants a function to call, not {func!r}")
        if self._closed:
            return fail(self._closedError())
        call = Call(self, self._reactor, inTransaction, func, args, kw)
        self.threadpool.callInThreadWithCallback(call.report, call.make)
        return call.result

    async def streamQuery(
        self,
        *args: Any,
        size: int = BATCH,
        cursor: Callable[[Any], Any] | None = None,
        **kw: Any,
    ) -> AsyncGenerator[Any, None]:
        """
        Execute a statement, and go through its rows, of which few are in memory at once.

        It has a thread and a connection of the pool until it ends; a loop that is left early
        ends the statement.

        Args:
            args: those of the driver's `cursor.execute`: a statement, and parameters.
            size: how many rows to fetch at once.
            cursor: makes the cursor of the connection, in the thread.  Some drivers fetch all
                rows at once unless they are asked for another kind: with psycopg
                `lambda connection: connection.cursor("rows")`, with PyMySQL
                `lambda connection: connection.cursor(pymysql.cursors.SSCursor)`.

        Raises:
            Exception: what the driver raises.
            PoolClosed: the pool is closed, or was meanwhile.
        """
        stream = RowStream(self._reactor, size, cursor)
        self._streams.add(stream)
        call = self.runInteraction(stream.fetch, args, kw)
        call.addBoth(stream.end)
        try:
            while (rows := await stream.take()) is not None:
                for row in rows:
                    yield row
        finally:
            self._streams.discard(stream)
            stream.stop()
            call.cancel()


def _query(transaction: Transaction, *args: Any, **kw: Any) -> list[Any]:
    transaction.execute(*args, **kw)
    rows: list[Any] = transaction.fetchall()
    return rows


def _operate(transaction: Transaction, *args: Any, **kw: Any) -> None:
    transaction.execute(*args, **kw)
