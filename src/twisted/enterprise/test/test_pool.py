"""Pools apart from any database: what they are made with, when they run, what is logged."""

from __future__ import annotations

import pickle
import sqlite3
import sys
import threading
from types import ModuleType
from typing import Any

from twisted.enterprise import adbapi
from twisted.enterprise.adbapi._calls import Call
from twisted.enterprise.adbapi._transaction import MAX_STATEMENT, _statement
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.threads import blockingCallFromThread
from twisted.logger import globalLogPublisher
from twisted.trial import unittest


class FakeReactor:
    """A reactor that is not running yet, and makes no calls of its own."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.triggers: dict[int, Any] = {}

    def callWhenRunning(self, function: Any) -> int:
        return self.addSystemEventTrigger("after", "startup", function)

    def addSystemEventTrigger(self, phase: str, event: str, function: Any) -> int:
        self.triggers[len(self.triggers)] = function
        return len(self.triggers) - 1

    def removeSystemEventTrigger(self, number: int) -> None:
        del self.triggers[number]

    def callFromThread(self, function: Any, *arguments: Any) -> None:
        self.calls.append((function, arguments))

    def callInThread(self, function: Any, *arguments: Any) -> None:
        function(*arguments)

    def turn(self) -> None:
        """Make the calls that came from threads."""
        calls, self.calls = self.calls, []
        for function, arguments in calls:
            function(*arguments)


class MakingTests(unittest.SynchronousTestCase):
    """What a pool is made with."""

    def make(self, *arguments: Any, **options: Any) -> adbapi.ConnectionPool:
        """A pool that never runs."""
        return adbapi.ConnectionPool(
            "sqlite3", ":memory:", *arguments, cp_reactor=FakeReactor(), **options
        )

    def test_defaults(self) -> None:
        pool = self.make()
        self.assertEqual((pool.min, pool.max, pool.name), (3, 5, "sqlite3"))
        self.assertEqual((pool.noisy, pool.reconnect, pool.good_sql), (False, False, "select 1"))
        self.assertFalse(pool.running)
        self.assertIdentical(pool.dbapi, sqlite3)

    def test_options(self) -> None:
        """The driver does not see the pool's."""
        pool = self.make(5, cp_min=1, cp_max=2, cp_name="users", timeout=3)
        self.assertEqual((pool.min, pool.max, pool.name), (1, 2, "users"))
        self.assertEqual((pool.connargs, pool.connkw), ((":memory:", 5), {"timeout": 3}))
        self.assertEqual((pool.threadpool.min, pool.threadpool.max), (1, 2))

    def test_fewerThanMin(self) -> None:
        """To ask for one at most is enough."""
        self.assertEqual(self.make(cp_max=1).min, 1)
        with self.assertRaises(ValueError):
            self.make(cp_min=4, cp_max=2)

    def test_unknown(self) -> None:
        with self.assertRaisesRegex(TypeError, "no cp_mni, only cp_min, cp_max"):
            self.make(cp_mni=1)

    def test_noDriver(self) -> None:
        with self.assertRaises(ImportError):
            adbapi.ConnectionPool("no_such_driver", cp_reactor=FakeReactor())
        with self.assertRaisesRegex(TypeError, "'json' is no driver"):
            adbapi.ConnectionPool("json", cp_reactor=FakeReactor())

    def test_repr(self) -> None:
        """There is no password in it."""
        pool = self.make(cp_name="users", factory="secret")
        self.assertEqual(repr(pool), "<ConnectionPool users waiting, 0 connections>")

    def test_notCallable(self) -> None:
        with self.assertRaisesRegex(TypeError, "a function to call"):
            self.make().runInteraction("SELECT 1")  # type: ignore[arg-type]  # the test

    def test_pickle(self) -> None:
        """A pool of an application that is saved comes back with its options, at rest."""
        pool = adbapi.ConnectionPool("sqlite3", ":memory:", timeout=3, cp_min=1, cp_max=2)
        self.addCleanup(pool.close)
        again = pickle.loads(pickle.dumps(pool))
        self.addCleanup(again.close)
        self.assertEqual((again.connargs, again.connkw), ((":memory:",), {"timeout": 3}))
        self.assertEqual((again.min, again.max, again.name), (1, 2, "sqlite3"))
        self.assertEqual(again.connections, {})

    def test_statement(self) -> None:
        """What is told of statements is short, in one line, and without what drivers put in."""
        self.assertEqual(_statement(("SELECT\n\t1",)), "SELECT 1")
        self.assertEqual(_statement((b"SELECT \xff",)), "SELECT \ufffd")
        self.assertEqual(_statement(()), "")
        self.assertEqual(_statement((["secret"],)), "<class 'list'>")
        self.assertEqual(len(_statement(("x" * 2_000_000,))), MAX_STATEMENT + 3)


class LifeTests(unittest.SynchronousTestCase):
    """When a pool runs."""

    def setUp(self) -> None:
        self.reactor = FakeReactor()
        self.pool = adbapi.ConnectionPool("sqlite3", ":memory:", cp_max=1, cp_reactor=self.reactor)
        self.addCleanup(self.pool.close)

    def finish(self) -> None:
        """Let the threads end, and hear what they have to say."""
        self.pool.close()
        self.reactor.turn()

    def test_waits(self) -> None:
        """A call that is given before the reactor runs is made when it does."""
        call = self.pool.runQuery("SELECT 1")
        self.assertEqual(self.pool.threadpool.workers, 0)
        (start,) = self.reactor.triggers.values()
        start()
        self.assertTrue(self.pool.running)
        self.finish()
        self.assertEqual(self.successResultOf(call), [(1,)])

    def test_neverRan(self) -> None:
        """A pool that is closed before lets go of the reactor, and makes its calls all the same."""
        call = self.pool.runQuery("SELECT 1")
        self.finish()
        self.assertEqual(self.successResultOf(call), [(1,)])
        self.assertEqual(self.reactor.triggers, {})

    def test_shutdown(self) -> None:
        """The reactor waits for what was given, and closes the pool."""
        self.pool.start()
        call = self.pool.runQuery("SELECT 1")
        closed = self.reactor.triggers[1]()
        for thread in threading.enumerate():
            if thread.name.startswith("closing-"):
                thread.join()
        self.assertNoResult(closed)
        self.reactor.turn()
        self.assertIsNone(self.successResultOf(closed))
        self.assertEqual(self.successResultOf(call), [(1,)])
        self.assertEqual(self.pool.connections, {})

    def test_otherThread(self) -> None:
        """A connection that was opened in no thread of the pool is closed too."""
        connection = self.pool.connect()
        self.pool.close()
        with self.assertRaises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")

    def test_start(self) -> None:
        """To start twice is to start once."""
        self.pool.start()
        self.pool.start()
        self.assertEqual(len(self.reactor.triggers), 2)


class Broken:
    """A connection of a driver that can do nothing."""

    def __init__(self, **problems: Exception) -> None:
        self.problems = problems
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def method(*arguments: Any) -> Any:
            self.asked.append(name)
            if name in self.problems:
                raise self.problems[name]
            return self

        return method


class FaultTests(unittest.SynchronousTestCase):
    """Drivers that fail where they should not."""

    def setUp(self) -> None:
        self.driver: Any = ModuleType("broken_driver")
        self.patch(sys, "modules", {**sys.modules, "broken_driver": self.driver})
        self.opened: list[Broken] = []
        self.events: list[dict[str, Any]] = []
        globalLogPublisher.addObserver(self.events.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.events.append)

    def run_(self, *connections: Broken, **options: Any) -> tuple[Call, adbapi.ConnectionPool]:
        """A pool of these connections, and a call that executes a statement."""
        left = list(connections)
        self.driver.connect = lambda: left.pop(0)
        reactor = FakeReactor()
        pool = adbapi.ConnectionPool("broken_driver", cp_max=1, cp_reactor=reactor, **options)
        self.addCleanup(pool.close)
        call = Call(pool, reactor, True, lambda transaction: transaction.execute("x"), (), {})
        return call, pool

    def logged(self) -> list[str]:
        """What was logged, without the pool's name."""
        found = [str(event["log_format"]).format(**event) for event in self.events]
        return [line.partition("> ")[2] or line.partition(">: ")[2] for line in found]

    def test_rollbackFails(self) -> None:
        """The error is that of the statement; the connection is dropped, and that is said."""
        broken = Broken(execute=KeyError("x"), rollback=OSError("gone"))
        call, pool = self.run_(broken)
        with self.assertRaises(KeyError):
            call.make()
        self.assertEqual(broken.asked, ["cursor", "execute", "rollback", "close"])
        self.assertEqual(pool.connections, {})
        self.assertEqual(self.logged(), ["drops a connection: OSError in rollback"])

    def test_closeFails(self) -> None:
        """So what: it is gone."""
        gone = OSError("gone")
        call, pool = self.run_(Broken(execute=KeyError("x"), rollback=gone, close=gone))
        with self.assertRaises(KeyError):
            call.make()
        self.assertEqual(pool.connections, {})
        self.assertIn("OSError in closing a connection", self.logged())

    def test_noCursor(self) -> None:
        """A pool that reconnects does so before a transaction has done anything."""
        dead, alive = Broken(cursor=OSError("gone")), Broken()
        call, _ = self.run_(dead, alive, cp_reconnect=True)
        self.assertIdentical(call.make(), alive)
        self.assertEqual(dead.asked, ["cursor", "close"])
        self.assertEqual(alive.asked[-2:], ["close", "commit"])
        self.assertEqual(self.logged(), ["connects again: builtins.OSError"])

    def test_noCursorQuiet(self) -> None:
        """One that does not says what is wrong."""
        call, _ = self.run_(Broken(cursor=OSError("gone")))
        with self.assertRaises(OSError):
            call.make()

    def test_lostInTheMiddle(self) -> None:
        """There is no going on with half a transaction."""
        first = Broken()
        _, pool = self.run_(first, Broken(), cp_reconnect=True)
        transaction = adbapi.Transaction(pool, adbapi.Connection(pool))
        transaction.execute("INSERT")
        first.problems["cursor"] = OSError("gone")
        with self.assertRaisesRegex(adbapi.ConnectionLost, "middle"):
            transaction.reopen()

    def test_closed(self) -> None:
        """A cursor, or a connection, that is closed says so."""
        _, pool = self.run_(Broken(), Broken())
        connection = adbapi.Connection(pool)
        transaction = adbapi.Transaction(pool, connection)
        transaction.close()
        with self.assertRaisesRegex(AttributeError, "reopen"):
            transaction.fetchall()
        transaction.reopen()
        transaction.reconnect()
        connection.discard()
        with self.assertRaisesRegex(AttributeError, "closed"):
            connection.cursor()

    def test_interruptFails(self) -> None:
        """That is told once, and the call goes on."""
        call, _ = self.run_(Broken(interrupt=OSError("busy")))
        call._func = lambda transaction: call.result.cancel()
        call.result.addErrback(lambda failure: failure.trap(CancelledError))
        with self.assertRaises(CancelledError):
            call.make()
        self.assertEqual(self.logged(), ["OSError in interrupting"])

    def test_cancelledTwice(self) -> None:
        """Its own outcome is of no interest any more; it is there for who debugs."""
        call, pool = self.run_()
        call.result.cancel()
        self.failureResultOf(call.result, CancelledError)
        pool.threadpool.callInThreadWithCallback(call.report, call.make)
        pool.close()
        fake: Any = pool._reactor
        fake.turn()
        self.assertEqual(self.logged(), ["a cancelled call ended: CancelledError"])


class WaitingTests(unittest.TestCase):
    """A cancelled call whose statement has not begun yet."""

    async def test_interruptedLater(self) -> None:
        """It is interrupted when it has."""
        pool = adbapi.ConnectionPool("sqlite3", ":memory:", cp_max=1)
        self.addCleanup(pool.closeWhenDone)
        begun: Deferred[None] = Deferred()
        cancelled = threading.Event()
        endless = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        )

        def work(transaction: adbapi.Transaction) -> None:
            blockingCallFromThread(reactor, begun.callback, None)
            cancelled.wait(10)
            transaction.execute(endless)

        call = pool.runInteraction(work)
        await begun
        call.cancel()
        with self.assertRaises(CancelledError):
            await call
        cancelled.set()
        self.assertEqual(await pool.runQuery("SELECT 1"), [(1,)])
