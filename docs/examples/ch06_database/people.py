"""A pool of connections to a small database, in memory, for the examples beside it."""

from twisted.enterprise import adbapi


def fill(connection):
    """Make the table, in each new connection. There is one: in memory, each is a database."""
    connection.execute("CREATE TABLE foo (bar INTEGER)")
    connection.execute("CREATE TABLE users (name TEXT, age INTEGER)")
    connection.executemany("INSERT INTO users VALUES (?, ?)", [("joe", 25), ("ann", 31)])
    connection.commit()


def connect():
    return adbapi.ConnectionPool("sqlite3", ":memory:", cp_max=1, cp_openfun=fill)
