"""A pool for each of several drivers: their name, and what their connect() takes.

Says which of them are installed. No connection is made before there is something to ask.
"""

from twisted.enterprise import adbapi

DRIVERS = {
    "SQLite": ("sqlite3", {"database": "test.db"}),
    "PostgreSQL": ("psycopg", {"dbname": "test"}),
    "MariaDB": ("pymysql", {"database": "test", "unix_socket": "/run/mysqld/mysqld.sock"}),
}

for name, (module, arguments) in DRIVERS.items():
    try:
        cp = adbapi.ConnectionPool(module, **arguments)
    except ImportError:
        print(f"{name}: {module} is not installed")
    else:
        print(f"{name}: {cp.dbapi.__name__}, {cp.dbapi.paramstyle}")
        cp.close()
