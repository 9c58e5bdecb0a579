"""Rows on their way from a thread that fetches them to a coroutine that uses them."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from twisted.enterprise.adbapi._transaction import Transaction
from twisted.internet.defer import DeferredQueue
from twisted.python.failure import Failure

__name__ = "twisted.enterprise.adbapi"

#: Rows that are fetched at once.  Two times as many are kept: those that are used, and the next.
BATCH = 1000


class RowStream:
    """
    Batches of rows, one ahead of what is used.

    The thread puts a batch, and waits until it is taken; so it never has more than one ready.
    """

    def __init__(self, reactor: Any, size: int, makeCursor: Callable[[Any], Any] | None) -> None:
        if size < 1:
            raise ValueError(f"size is the number of rows to fetch at once, 1 or more: {size!r}")
        self._reactor = reactor
        self._size = size
        self._makeCursor = makeCursor
        self._ready: DeferredQueue[list[Any] | Failure | None] = DeferredQueue()
        self._wanted: SimpleQueue[bool] = SimpleQueue()

    # --- In the thread ---

    def fetch(self, transaction: Transaction, args: tuple[Any, ...], kw: dict[str, Any]) -> None:
        """Execute the statement, and fetch its rows as they are wanted."""
        if self._makeCursor is not None:
            transaction.useCursor(self._makeCursor)
        transaction.execute(*args, **kw)
        while rows := transaction.fetchmany(self._size):
            self._reactor.callFromThread(self._ready.put, rows)
            if not self._wanted.get():
                return

    # --- In the reactor's thread ---

    async def take(self) -> list[Any] | None:
        """The next batch, when it is there; None after the last.  Raises what went wrong."""
        rows = await self._ready.get()
        if isinstance(rows, Failure):
            rows.raiseException()
        self._wanted.put(True)
        return rows

    def end(self, outcome: Failure | None) -> None:
        """After what was fetched, there is nothing more, or this error."""
        self._ready.put(outcome)

    def stop(self) -> None:
        """Fetch no more."""
        self._wanted.put(False)
