"""A kernel queue in Python, for systems that have none: see kqueue(2) of FreeBSD.

Of the real one it keeps what a multiplexer stands on: an interest is a descriptor and a
filter; changes take effect at once and complain at once; level-triggered filters are
reported at each wait; a descriptor that is closed is forgotten without a word; the end of
a stream is a flag on the filter that was asked for.
"""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Sequence
from typing import NamedTuple

from twisted.internet._multiplexers.kqueue import (
    EV_ADD,
    EV_DELETE,
    EV_EOF,
    EVFILT_READ,
    EVFILT_WRITE,
)

_BITS = {EVFILT_READ: select.POLLIN, EVFILT_WRITE: select.POLLOUT}
_ENDS = select.POLLHUP | select.POLLERR


class FakeEvent(NamedTuple):
    """A change, or what has happened."""

    ident: int
    filter: int
    flags: int


class FakeKernelQueue:
    """What `select.kqueue()` gives, as much as multiplexers use."""

    def __init__(self) -> None:
        self._interests: dict[tuple[int, int], None] = {}
        self._closed = False

    def control(
        self, changes: Sequence[FakeEvent] | None, max_events: int, timeout: float | None, /
    ) -> list[FakeEvent]:
        """Make the changes, then wait for at most so many events, so many seconds."""
        if self._closed:
            raise ValueError("I/O operation on closed kqueue object")
        for change in changes or ():
            self._change(change)
        return self._wait(max_events, timeout) if max_events else []

    def fileno(self) -> int:
        """None: what is not the kernel's cannot be watched by another loop."""
        raise OSError(errno.EBADF, "a queue that is not the kernel's has no descriptor")

    def _change(self, change: FakeEvent) -> None:
        key = (change.ident, change.filter)
        # The real one raises EBADF too.
        os.fstat(change.ident) if change.ident >= 0 else _fail(errno.EBADF)
        if change.flags & EV_ADD:
            self._interests[key] = None
        elif change.flags & EV_DELETE:
            if key not in self._interests:
                _fail(errno.ENOENT)
            del self._interests[key]

    def _wait(self, max_events: int, timeout: float | None) -> list[FakeEvent]:
        poll = select.poll()
        masks: dict[int, int] = {}
        for number, kind in self._interests:
            masks[number] = masks.get(number, 0) | _BITS[kind]
        for number, mask in masks.items():
            poll.register(number, mask)
        # Rounded up: a wait that ends early would be begun again at once.
        ready = poll.poll(None if timeout is None else min(timeout * 1000 + 0.999, 1e9))
        found = []
        for number, mask in ready:
            for kind, bit in _BITS.items():
                if (number, kind) not in self._interests:
                    continue
                if mask & select.POLLNVAL:
                    del self._interests[number, kind]
                elif mask & (bit | _ENDS):
                    found.append(FakeEvent(number, kind, EV_EOF if mask & _ENDS else 0))
        return found[:max_events]

    def close(self) -> None:
        """Forget everything."""
        self._closed = True
        self._interests.clear()


def _fail(number: int) -> None:
    raise OSError(number, os.strerror(number))
