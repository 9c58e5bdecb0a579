"""Watching a descriptor for a host's loop that cannot: a thread waits, and tells it.

Theory of operation
-------------------
The thread waits for the descriptor, announces that it is ready, and looks no more until the
host says that this has been served; else it would announce one event a thousand times.  What
it is told comes by a pipe: a byte to go on, the end of the pipe to end.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from threading import Thread

__all__ = ["WatchingThread"]


class WatchingThread:
    """A thread that watches one descriptor, from now until `close`.

    Args:
        fd: the descriptor.
        announce: called, in the thread, when `fd` can be read.  It is to post an event to the
            host's loop, and that to call `served` when it has been dealt with.
    """

    def __init__(self, fd: int, announce: Callable[[], object]) -> None:
        self._fd = fd
        self._announce = announce
        self._orders, self._orderTo = os.pipe()
        self._thread = Thread(
            target=self._watch, name="twisted.internet.reactor-watch", daemon=True
        )
        self._thread.start()

    def _watch(self) -> None:
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        poller.register(self._orders, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poller.poll()]
            if self._orders not in ready:
                self._announce()
            if not os.read(self._orders, 1):
                return

    def served(self) -> None:
        """What was announced has been dealt with: watch again; harmless after `close`."""
        if self._orderTo != -1:
            os.write(self._orderTo, b"\0")

    def close(self) -> None:
        """Watch no more; returns when the thread has ended."""
        if self._orderTo != -1:
            end, self._orderTo = self._orderTo, -1
            os.close(end)
            self._thread.join()
            os.close(self._orders)
