"""Queries by way of a pool: the same tests on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import os
import threading
from typing import Any

from twisted.enterprise import adbapi
from twisted.enterprise.test._servers import Backend, MariaDB, PostgreSQL, SQLite, onEach
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.threads import blockingCallFromThread
from twisted.logger import globalLogPublisher
from twisted.trial import unittest

#: Seconds that a thread is waited for in a test.
PATIENCE = 20


class PoolCase(unittest.TestCase):
    """A pool on a database with a table `users (name, age)`."""

    backend: type[Backend] | None = None

    async def setUp(self) -> None:  # type: ignore[override]  # trial waits for it
        if self.backend is None:
            raise unittest.SkipTest("these are for each database")
        folder = self.mktemp()
        os.makedirs(folder)
        self.database = self.backend(folder)
        self.pool = self.open(cp_min=1, cp_max=3)
        await self.pool.runOperation("DROP TABLE IF EXISTS users")
        await self.pool.runOperation("CREATE TABLE users (name VARCHAR(100) UNIQUE, age INTEGER)")
        self.events: list[dict[str, Any]] = []

    def open(self, **options: Any) -> adbapi.ConnectionPool:
        """A pool that is closed when the test is over."""
        pool = self.database.pool(**options)
        self.addCleanup(pool.closeWhenDone)
        return pool

    def add(self, name: str, age: int, pool: adbapi.ConnectionPool | None = None) -> Deferred[None]:
        """Insert a user."""
        mark = self.database.mark
        statement = f"INSERT INTO users (name, age) VALUES ({mark}, {mark})"
        return (pool or self.pool).runOperation(statement, (name, age))

    def insertIn(self, transaction: Any, name: str) -> None:
        """Insert a user in a thread."""
        mark = self.database.mark
        transaction.execute(f"INSERT INTO users (name, age) VALUES ({mark}, 1)", (name,))

    async def names(self) -> list[str]:
        """The users that everybody sees."""
        rows = await self.pool.runQuery("SELECT name FROM users ORDER BY name")
        return [row[0] for row in rows]

    def logged(self) -> str:
        """What was logged by the pools since `watch`."""
        return "\n".join(
            str(event["log_format"]).format(**event)
            for event in self.events
            if event["log_namespace"] == "twisted.enterprise.adbapi"
        )

    def watch(self) -> None:
        """Keep what is logged from now on."""
        globalLogPublisher.addObserver(self.events.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.events.append)


class CallTests(PoolCase):
    """What a pool is for."""

    async def test_query(self) -> None:
        """Parameters go in, rows come out."""
        await self.add("joe", 30)
        await self.add("'; DROP TABLE users; --", 31)
        mark = self.database.mark
        rows = await self.pool.runQuery(f"SELECT age FROM users WHERE name = {mark}", ("joe",))
        self.assertEqual([tuple(row) for row in rows], [(30,)])
        self.assertEqual(await self.names(), ["'; DROP TABLE users; --", "joe"])

    async def test_interaction(self) -> None:
        """A function has a cursor in a thread, and its result comes back."""

        def double(transaction: adbapi.Transaction, name: str, by: int = 2) -> int:
            transaction.execute("SELECT name, age FROM users")
            (row,) = transaction
            self.assertEqual(tuple(row), (name, 30))
            transaction.reopen()
            transaction.execute(f"UPDATE users SET age = age * {by:d}")
            return int(transaction.rowcount)

        await self.add("joe", 30)
        self.assertEqual(await self.pool.runInteraction(double, "joe", by=3), 1)
        self.assertEqual((await self.pool.runQuery("SELECT age FROM users"))[0][0], 90)

    async def test_many(self) -> None:
        """`executemany` is there, and what else the driver's cursor has."""
        mark = self.database.mark

        def fill(transaction: adbapi.Transaction) -> int:
            rows = [(f"user {number}", number) for number in range(5)]
            transaction.executemany(f"INSERT INTO users VALUES ({mark}, {mark})", rows)
            return int(transaction.rowcount)

        self.assertEqual(await self.pool.runInteraction(fill), 5)
        self.assertEqual(len(await self.names()), 5)

    async def test_withConnection(self) -> None:
        """A function has the connection, which is committed for it."""

        def insert(connection: adbapi.Connection, name: str) -> int:
            cursor = connection.cursor()
            self.insertIn(cursor, name)
            connection.close()  # does nothing
            return int(cursor.rowcount)

        self.assertEqual(await self.pool.runWithConnection(insert, "joe"), 1)
        self.assertEqual(await self.names(), ["joe"])

    async def test_rollback(self) -> None:
        """What raises has done nothing."""

        def insert(subject: Any, cursor: Any) -> None:
            self.insertIn(cursor(subject), "joe")
            raise LookupError("no such thing")

        with self.assertRaises(LookupError):
            await self.pool.runInteraction(insert, lambda transaction: transaction)
        with self.assertRaises(LookupError):
            await self.pool.runWithConnection(insert, lambda connection: connection.cursor())
        self.assertEqual(await self.names(), [])

    async def test_threads(self) -> None:
        """100 calls at once are made by 3 threads, each with one connection of its own."""
        used: dict[int, set[int]] = {}
        together = threading.Barrier(3)
        lock = threading.Lock()

        def insert(transaction: adbapi.Transaction, number: int) -> int:
            here = threading.get_ident()
            with lock:
                used.setdefault(here, set()).add(id(self.pool.connections[here]))
            if number < 3:
                together.wait(PATIENCE)
            transaction.execute("SELECT 1")
            return number

        calls = [self.pool.runInteraction(insert, number) for number in range(100)]
        self.assertEqual(await gatherResults(calls), list(range(100)))
        self.assertEqual(len(used), 3)
        self.assertEqual({len(connections) for connections in used.values()}, {1})
        self.assertNotIn(threading.get_ident(), used)
        self.assertEqual(set(self.pool.connections), set(used))

    async def test_order(self) -> None:
        """At the limit, calls wait in the order in which they were given."""
        pool = self.open(cp_min=1, cp_max=1)
        made: list[int] = []

        def note(transaction: adbapi.Transaction, number: int) -> None:
            made.append(number)

        await gatherResults([pool.runInteraction(note, number) for number in range(20)])
        self.assertEqual(made, list(range(20)))

    async def test_asynchronous(self) -> None:
        """A function that returns what nobody in the thread waits for is told so."""

        async def insert(transaction: adbapi.Transaction) -> None:
            self.insertIn(transaction, "joe")

        def later(transaction: adbapi.Transaction) -> Deferred[None]:
            self.insertIn(transaction, "ann")
            return Deferred()

        for function in (insert, later):
            with self.assertRaisesRegex(TypeError, "blocking calls"):
                await self.pool.runInteraction(function)
        self.assertEqual(await self.names(), [])

    async def test_stream(self) -> None:
        """All rows, of which few are there at once."""
        for number in range(10):
            await self.add(f"user {number}", number)
        found = []
        async for row in self.pool.streamQuery("SELECT age FROM users ORDER BY age", size=3):
            found.append(row[0])
        self.assertEqual(found, list(range(10)))
        mark = self.database.mark
        statement = f"SELECT age FROM users WHERE age > {mark} ORDER BY age"
        rows = self.pool.streamQuery(statement, (6,), size=3)
        self.assertEqual([row[0] async for row in rows], [7, 8, 9])

    async def test_streamSparing(self) -> None:
        """The cursor may be another, such as one whose rows stay with the server."""
        for number in range(5):
            await self.add(f"user {number}", number)
        rows = self.pool.streamQuery(
            "SELECT age FROM users ORDER BY age", size=2, cursor=self.database.sparing
        )
        self.assertEqual([row[0] async for row in rows], [0, 1, 2, 3, 4])
        self.assertEqual(len(await self.names()), 5)

    async def test_streamLeft(self) -> None:
        """A loop that is left early gives the connection back."""
        pool = self.open(cp_min=1, cp_max=1)
        for number in range(10):
            await self.add(f"user {number}", number, pool)
        rows = pool.streamQuery("SELECT age FROM users", size=1)
        async for _ in rows:
            break
        await rows.aclose()
        self.assertEqual((await pool.runQuery("SELECT count(*) FROM users"))[0][0], 10)

    async def test_streamClosed(self) -> None:
        """A pool that is closed ends a stream that is under way."""
        pool = self.open(cp_min=1, cp_max=1)
        for number in range(3):
            await self.add(f"user {number}", number, pool)
        rows = pool.streamQuery("SELECT age FROM users", size=1)
        await anext(rows)
        pool.close()
        with self.assertRaises(adbapi.PoolClosed):
            while True:
                await anext(rows)

    async def test_streamError(self) -> None:
        """An error comes where the next row would have."""
        with self.assertRaises(Exception) as caught:
            async for _ in self.pool.streamQuery("SELECT secrets FROM nowhere"):
                pass
        self.assertIn("nowhere", str(caught.exception))
        with self.assertRaises(ValueError):
            await anext(self.pool.streamQuery("SELECT 1", size=0))


class TroubleTests(PoolCase):
    """What goes wrong."""

    async def test_badStatement(self) -> None:
        """The error is the driver's; it names the statement, and no parameter."""
        self.watch()
        mark = self.database.mark
        with self.assertRaises(self.pool.dbapi.Error) as caught:
            await self.pool.runQuery(
                f"SELECT secrets FROM nowhere\n WHERE a = {mark}", ("hunter2",)
            )
        (note,) = caught.exception.__notes__
        self.assertEqual(note, f"The statement was: SELECT secrets FROM nowhere WHERE a = {mark}")
        self.assertEqual(self.logged(), "")
        self.assertEqual(await self.names(), [])

    async def test_noisy(self) -> None:
        """If asked for, statements are logged, and an error once; never what their values are."""
        pool = self.open(cp_noisy=True, cp_name="users")
        await self.add("hunter2", 1, pool)
        self.watch()
        with self.assertRaises(self.pool.dbapi.Error):
            await self.add("hunter2", 1, pool)
        errors = [line for line in self.logged().splitlines() if "IntegrityError" in line]
        errors += [line for line in self.logged().splitlines() if "UniqueViolation" in line]
        self.assertEqual(len(errors), 1, self.logged())
        self.assertIn("INSERT INTO users", errors[0])
        self.assertIn("executes: INSERT INTO users", self.logged())
        self.assertNotIn("hunter2", self.logged())
        mark = self.database.mark

        def addAll(transaction: adbapi.Transaction) -> None:
            statement = f"INSERT INTO users (name, age) VALUES ({mark}, {mark}) -- many"
            transaction.executemany(statement, [("swordfish", 1), ("swordfish", 2)])

        with self.assertRaises(self.pool.dbapi.Error):
            await pool.runInteraction(addAll)
        self.assertEqual(self.logged().count("-- many"), 2, self.logged())
        self.assertNotIn("swordfish", self.logged())

    async def test_died(self) -> None:
        """A connection that dies in a transaction undoes it, and is replaced."""
        pool = self.open(cp_min=1, cp_max=1)

        def work(transaction: adbapi.Transaction) -> None:
            self.insertIn(transaction, "joe")
            self.database.kill(transaction)
            transaction.execute("SELECT 1")

        with self.assertRaises(self.pool.dbapi.Error):
            await pool.runInteraction(work)
        self.assertEqual(await self.names(), [])
        self.assertEqual((await pool.runQuery("SELECT 1"))[0][0], 1)

    async def test_lost(self) -> None:
        """A pool that reconnects says that the call can be made again."""
        pool = self.open(cp_min=1, cp_max=1, cp_reconnect=True, cp_good_sql="SELECT 2")

        def work(transaction: adbapi.Transaction, die: bool) -> str:
            self.insertIn(transaction, "joe")
            if die:
                self.database.kill(transaction)
                transaction.execute("SELECT 1")
            return "done"

        with self.assertRaisesRegex(adbapi.ConnectionLost, "made again") as caught:
            await pool.runInteraction(work, True)
        self.assertIsNotNone(caught.exception.__cause__)
        self.assertEqual(await self.names(), [])
        self.assertEqual(await pool.runInteraction(work, False), "done")
        self.assertEqual(await self.names(), ["joe"])

    async def test_kept(self) -> None:
        """An error that has nothing to do with the connection does not cost it."""
        pool = self.open(cp_min=1, cp_max=1, cp_reconnect=True)
        await pool.runQuery("SELECT 1")
        before = dict(pool.connections)
        with self.assertRaises(self.pool.dbapi.Error):
            await pool.runQuery("SELECT secrets FROM nowhere")
        await pool.runQuery("SELECT 1")
        self.assertEqual(pool.connections, before)

    async def test_commitFails(self) -> None:
        """The call fails with it."""

        def work(transaction: adbapi.Transaction) -> None:
            self.insertIn(transaction, "joe")
            self.database.spoil(transaction)

        pool = self.open(cp_min=1, cp_max=1, cp_openfun=self.database.beStrict)
        with self.assertRaises(self.pool.dbapi.Error):
            await pool.runInteraction(work)
        self.assertEqual((await pool.runQuery("SELECT 1"))[0][0], 1)
        self.assertEqual(await self.names(), [])

    async def test_cancelWaiting(self) -> None:
        """A call that has not begun is not made."""
        pool = self.open(cp_min=1, cp_max=1)
        gate = threading.Event()
        first = pool.runInteraction(lambda transaction: gate.wait(PATIENCE))
        second = self.add("joe", 1, pool)
        second.cancel()
        gate.set()
        self.assertTrue(await first)
        with self.assertRaises(CancelledError):
            await second
        await pool.runQuery("SELECT 1")
        self.assertEqual(await self.names(), [])

    async def test_cancelRunning(self) -> None:
        """A call that has begun is rolled back when it is over."""
        pool = self.open(cp_min=1, cp_max=1)
        begun: Deferred[None] = Deferred()
        gate = threading.Event()

        def work(connection: adbapi.Connection) -> None:
            self.insertIn(connection.cursor(), "joe")
            blockingCallFromThread(reactor, begun.callback, None)
            gate.wait(PATIENCE)

        call = pool.runWithConnection(work)
        await begun
        call.cancel()
        with self.assertRaises(CancelledError):
            await call
        gate.set()
        await pool.runQuery("SELECT 1")
        self.assertEqual(await self.names(), [])

    async def test_interrupted(self) -> None:
        """A statement that is under way is ended, if the driver can."""
        endless = self.database.endless
        if endless is None:
            raise unittest.SkipTest(f"{self.database.dbapiName} cannot interrupt a statement")
        pool = self.open(cp_min=1, cp_max=1)
        begun: Deferred[None] = Deferred()

        def work(transaction: adbapi.Transaction) -> None:
            blockingCallFromThread(reactor, begun.callback, None)
            transaction.execute(endless)

        call = pool.runInteraction(work)
        await begun
        call.cancel()
        with self.assertRaises(CancelledError):
            await call
        # There is one thread, which has to be free for this.
        self.assertEqual((await pool.runQuery("SELECT 1"))[0][0], 1)


class LifeTests(PoolCase):
    """From start to end."""

    async def test_close(self) -> None:
        """Calls that were given are made; connections are closed; later calls are refused."""
        pool = self.open(cp_min=1, cp_max=1)
        calls = [self.add(f"user {number}", number, pool) for number in range(5)]
        await calls[0]
        (connection,) = pool.connections.values()
        pool.close()
        self.assertEqual(pool.connections, {})
        self.assertFalse(pool.running)
        self.assertIsNone(pool.shutdownID)
        with self.assertRaises(self.pool.dbapi.Error):
            connection.cursor().execute("SELECT 1")
        await gatherResults(calls)
        with self.assertRaisesRegex(adbapi.PoolClosed, "closed"):
            await pool.runQuery("SELECT 1")
        self.assertEqual(len(await self.names()), 5)
        pool.close()
        pool.start()
        self.assertEqual((await pool.runQuery("SELECT 1"))[0][0], 1)

    async def test_closeWhenDone(self) -> None:
        """The reactor goes on meanwhile, and calls may need it."""
        pool = self.open(cp_min=1, cp_max=1)
        gate = threading.Event()

        def work(transaction: adbapi.Transaction) -> int:
            gate.wait(PATIENCE)
            self.insertIn(transaction, "joe")
            return int(blockingCallFromThread(reactor, lambda: 5))

        call = pool.runInteraction(work)
        closed = pool.closeWhenDone()
        self.assertNoResult(closed)
        gate.set()
        await closed
        self.assertEqual(await call, 5)
        self.assertEqual(pool.connections, {})

    async def test_openfun(self) -> None:
        """It is called with each connection, in the thread where it is used."""
        opened: list[tuple[int, Any]] = []
        pool = self.open(
            cp_max=1,
            cp_openfun=lambda connection: opened.append((threading.get_ident(), connection)),
        )
        for _ in range(3):
            await pool.runQuery("SELECT 1")
        self.assertEqual(opened, list(pool.connections.items()))

    async def test_openfunFails(self) -> None:
        """Then there is no connection, and the next call tries again."""
        problems = [OSError("not yet")]

        def check(connection: Any) -> None:
            if problems:
                raise problems.pop()

        pool = self.open(cp_max=1, cp_openfun=check)
        with self.assertRaisesRegex(OSError, "not yet"):
            await pool.runQuery("SELECT 1")
        self.assertEqual(pool.connections, {})
        await pool.runQuery("SELECT 1")

    async def test_disconnect(self) -> None:
        """A thread gives up its own connection, and none of another."""

        def drop(connection: adbapi.Connection) -> None:
            mine = self.pool.connections[threading.get_ident()]
            self.assertIdentical(self.pool.connect(), mine)
            with self.assertRaises(ValueError):
                self.pool.disconnect(object())
            connection.reconnect()
            self.assertIsNot(self.pool.connect(), mine)

        await self.pool.runWithConnection(drop)


for _case in (CallTests, TroubleTests, LifeTests):
    globals().update(onEach(_case, (SQLite, PostgreSQL, MariaDB)))
del CallTests, TroubleTests, LifeTests, _case
