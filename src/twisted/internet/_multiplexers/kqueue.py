"""BSD and macOS: ``kqueue(2)``.

Theory of operation
-------------------
A kernel queue knows a descriptor and a filter, not a descriptor and a mask, so each
interest is an entry of its own, and one descriptor may be reported twice in a turn.
Changes are handed over at once rather than with the next wait: an error then belongs
to the descriptor that caused it.

The end of a stream is reported on the filter that was asked for, with a flag; the
masks below add a hang-up to the interest, so that reading or writing finds out.

`QueueLike` and `EventLike` say what is used of `select.kqueue` and `select.kevent`: the
tests give their own, where the platform has none.
"""

from __future__ import annotations

import select
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from twisted.internet._multiplexers import READ, WRITE

# <sys/event.h>; the numbers are the same on macOS, FreeBSD and OpenBSD.
EVFILT_READ = -1
EVFILT_WRITE = -2
EV_ADD = 0x0001
EV_DELETE = 0x0002
EV_EOF = 0x8000
EV_ERROR = 0x4000

_MAX_EVENTS = 1024
_HANG_UP = 0x010  # POLLHUP: reading or writing tells what it is
_FILTERS = ((READ, EVFILT_READ), (WRITE, EVFILT_WRITE))


class EventLike(Protocol):
    """What is used of `select.kevent`."""

    @property
    def ident(self) -> int: ...
    @property
    def filter(self) -> int: ...
    @property
    def flags(self) -> int: ...


class QueueLike(Protocol):
    """What is used of `select.kqueue`."""

    def control(
        self, changes: Sequence[Any] | None, max_events: int, timeout: float | None, /
    ) -> Sequence[EventLike]: ...

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class KqueueMultiplexer:
    """A `Multiplexer` on a kernel queue.

    Args:
        make_queue: makes the queue; `select.kqueue` by default.
        make_event: makes a change from a descriptor, a filter and flags;
            `select.kevent` by default.
    """

    __slots__ = ("_event", "_masks", "_queue")

    def __init__(
        self,
        make_queue: Callable[[], QueueLike] | None = None,
        make_event: Callable[[int, int, int], object] | None = None,
    ) -> None:
        if make_queue is None or make_event is None:
            make_queue, make_event = _of_this_platform()
        self._queue = make_queue()
        self._event = make_event
        self._masks: dict[int, int] = {}

    def register(self, fd: int, mask: int) -> None:
        self._change(fd, 0, mask)

    def modify(self, fd: int, mask: int) -> None:
        self._change(fd, self._masks[fd], mask)

    def unregister(self, fd: int) -> None:
        try:
            self._change(fd, self._masks.get(fd, 0), 0)
        except OSError:
            # Closed before it was unregistered: the kernel has forgotten it.
            self._masks.pop(fd, None)

    def _change(self, fd: int, old: int, new: int) -> None:
        for interest, kind in _FILTERS:
            if (old ^ new) & interest:
                flags = EV_ADD if new & interest else EV_DELETE
                self._queue.control([self._event(fd, kind, flags)], 0, 0)
        if new:
            self._masks[fd] = new
        else:
            self._masks.pop(fd, None)

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        masks: dict[int, int] = {}
        for event in self._queue.control(None, _MAX_EVENTS, timeout):
            mask = READ if event.filter == EVFILT_READ else WRITE
            if event.flags & (EV_EOF | EV_ERROR):
                mask |= _HANG_UP
            masks[event.ident] = masks.get(event.ident, 0) | mask
        return list(masks.items())

    def fileno(self) -> int:
        """The queue itself, which can be read when any of what it watches is ready."""
        return self._queue.fileno()

    def is_always_ready(self) -> bool:
        """Whether there is something ready that `fileno` does not tell of: never."""
        return False

    def close(self) -> None:
        self._masks.clear()
        self._queue.close()


def _of_this_platform() -> tuple[Callable[[], QueueLike], Callable[[int, int, int], object]]:
    try:
        # Looked up by name: a type checker on Linux rightly says they are not there.
        return getattr(select, "kqueue"), getattr(select, "kevent")  # noqa: B009
    except AttributeError:
        raise OSError(
            f"no kernel queues on {sys.platform}; use the epoll, poll or select reactor"
        ) from None
