"""What a query costs by way of a pool: for whichever `twisted` the interpreter has.

As a program, prints the queries per second, as JSON:

    .venv/bin/python benchmarks/adbapi_cases.py SECONDS pool|driver sqlite3
    .venv/bin/python benchmarks/adbapi_cases.py SECONDS pool|driver psycopg ARGUMENTS

ARGUMENTS are those of the driver's `connect`, as JSON. With `driver`, the driver is called in a
thread by hand, with nothing between.
"""

import json
import sys
import threading
from importlib import import_module
from queue import SimpleQueue
from time import perf_counter

from twisted.enterprise.adbapi import ConnectionPool
from twisted.internet import reactor

# Queries that are asked for at once: enough that neither side waits for the other to wake up.
_AT_ONCE = 50
_STATEMENT = "SELECT name, age FROM users WHERE id = {}"
_MARKS = {"sqlite3": "?", "psycopg": "%s"}
_USERS = [(number, f"user {number}", number % 90) for number in range(1000)]


class Database:
    """One of a driver, with a table; its connections have it to themselves."""

    def __init__(self, driver, arguments="{}"):
        self.driver = driver
        self.arguments = json.loads(arguments)
        if driver == "sqlite3":
            self.arguments = {"database": ":memory:", "check_same_thread": False}
        self.mark = _MARKS[driver]
        self.statement = _STATEMENT.format(self.mark)

    def fill(self, connection):
        cursor = connection.cursor()
        cursor.execute(
            "CREATE TEMPORARY TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)"
        )
        marks = ", ".join([self.mark] * 3)
        cursor.executemany(f"INSERT INTO users VALUES ({marks})", _USERS)
        connection.commit()


def pool(database, seconds):
    """`runQuery` of one row by its key, one connection."""
    options = {"cp_min": 1, "cp_max": 1, "cp_openfun": database.fill}
    pool = ConnectionPool(database.driver, **database.arguments, **options)
    done = asked = 0
    start = 0.0

    def again(rows):
        nonlocal done
        assert len(rows) == 1
        done += 1
        if perf_counter() - start < seconds:
            ask()
        elif done == asked:
            reactor.stop()

    def ask():
        nonlocal asked
        asked += 1
        pool.runQuery(database.statement, (done % len(_USERS),)).addCallback(again)

    def begin(_):
        nonlocal start
        start = perf_counter()
        for _ in range(_AT_ONCE):
            ask()

    reactor.callWhenRunning(lambda: pool.runQuery("SELECT 1").addCallback(begin))
    reactor.run()
    return round(done / (perf_counter() - start))


def driver(database, seconds):
    """The same statement and transaction in a thread that takes them from a queue."""
    asked, answered = SimpleQueue(), SimpleQueue()

    def work():
        connection = import_module(database.driver).connect(**database.arguments)
        database.fill(connection)
        while (key := asked.get()) is not None:
            cursor = connection.cursor()
            cursor.execute(database.statement, (key,))
            rows = cursor.fetchall()
            cursor.close()
            connection.commit()
            answered.put(rows)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    start = perf_counter()
    for key in range(_AT_ONCE):
        asked.put(key)
    done = 0
    while perf_counter() - start < seconds:
        assert len(answered.get()) == 1
        done += 1
        asked.put(done % len(_USERS))
    taken = perf_counter() - start
    asked.put(None)
    thread.join()
    return round(done / taken)


if __name__ == "__main__":
    seconds, way, *words = sys.argv[1:]
    ask = {"pool": pool, "driver": driver}[way]
    print(json.dumps({"rate": ask(Database(*words), float(seconds))}))
