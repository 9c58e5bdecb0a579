"""
Databases by the DB-API (PEP 249), in threads, with Deferreds.

A `ConnectionPool` has some threads, each with a connection of its own.  What is asked of it is done
in the first thread that is free, in one transaction, which is committed when it is over and rolled
back if something is raised.
"""

from twisted.enterprise.adbapi._pool import ConnectionPool
from twisted.enterprise.adbapi._transaction import (
    Connection,
    ConnectionLost,
    PoolClosed,
    Transaction,
)

__all__ = ["Connection", "ConnectionLost", "ConnectionPool", "PoolClosed", "Transaction"]
