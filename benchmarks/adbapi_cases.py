"""What a query costs by way of a pool: for whichever `twisted` the interpreter has.

As a program, prints the queries per second of each case, as JSON:

    .venv/bin/python benchmarks/adbapi_cases.py [seconds per case] [name ...]

`direct` is the driver called in a thread by hand, with nothing between.
"""

import json
import sqlite3
import sys
import threading
from queue import SimpleQueue
from time import perf_counter

from twisted.enterprise.adbapi import ConnectionPool
from twisted.internet import reactor

# Queries that are asked for at once: enough that neither side waits for the other to wake up.
_AT_ONCE = 50
_STATEMENT = "SELECT name, age FROM users WHERE id = ?"
_USERS = [(number, f"user {number}", number % 90) for number in range(1000)]


def _fill(connection):
    connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)")
    connection.executemany("INSERT INTO users VALUES (?, ?, ?)", _USERS)
    connection.commit()


def query(seconds):
    """`runQuery` of one row by its key, in memory, one connection."""
    pool = ConnectionPool(
        "sqlite3", ":memory:", check_same_thread=False, cp_min=1, cp_max=1, cp_openfun=_fill
    )
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
        pool.runQuery(_STATEMENT, (done % len(_USERS),)).addCallback(again)

    def begin(_):
        nonlocal start
        start = perf_counter()
        for _ in range(_AT_ONCE):
            ask()

    reactor.callWhenRunning(lambda: pool.runQuery("SELECT 1").addCallback(begin))
    reactor.run()
    return round(done / (perf_counter() - start))


def direct(seconds):
    """The same statement and transaction in a thread that takes them from a queue."""
    asked, answered = SimpleQueue(), SimpleQueue()

    def work():
        connection = sqlite3.connect(":memory:")
        _fill(connection)
        while (key := asked.get()) is not None:
            cursor = connection.cursor()
            cursor.execute(_STATEMENT, (key,))
            rows = cursor.fetchall()
            cursor.close()
            connection.commit()
            answered.put(rows)

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


CASES = {case.__name__: case for case in (direct, query)}


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
    names = sys.argv[2:] or CASES  # `query` at most once: a reactor runs once
    print(json.dumps({name: CASES[name](seconds) for name in names}, indent=1))
