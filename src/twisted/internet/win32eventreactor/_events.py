"""A multiplexer that waits for Windows' events.

Theory of operation
-------------------
Windows waits for 64 handles at most, and one of these is for messages.  So all sockets set *one*
event when something happens to them, and the others are left to the program.  That something has
happened is all that the event is asked for: which sockets are ready for what, select(2) tells,
which tells it as often as it is asked.  An event that a socket has recorded once is not recorded
again before the program has received or sent; but as long as there is something to receive,
select says so, and the loop does not wait.

Windows does not record that there is room again if the last send has merely been short.  So
while a socket waits for room, the loop looks now and then.

What does not work: an event for each socket (there would be 62), and to go by what the events
say alone (see above).
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence

from twisted.internet._multiplexers import READ, TROUBLE, WRITE
from twisted.internet.win32eventreactor._kernel import (
    FD_ACCEPT,
    FD_CLOSE,
    FD_CONNECT,
    FD_READ,
    FD_WRITE,
    MAX_HANDLES,
    Kernel,
)

#: Seconds between two looks for room, while somebody waits for it.
_LOOK_FOR_ROOM = 0.05
#: How many sockets one call of select may be asked about: FD_SETSIZE, as Python sets it.
_AT_ONCE = 512

_RECORDED = {
    READ: FD_READ | FD_ACCEPT | FD_CLOSE,
    WRITE: FD_WRITE | FD_CONNECT | FD_CLOSE,
    READ | WRITE: FD_READ | FD_ACCEPT | FD_WRITE | FD_CONNECT | FD_CLOSE,
}


class EventMultiplexer:
    """A `Multiplexer` over Windows' events.

    Args:
        kernel: Windows.
        on_quit: called when a message says to quit.

    Attributes:
        signalled: handles of the program's that were found set, and OSErrors about those that
            are none; emptied by who serves them.
    """

    def __init__(self, kernel: Kernel, on_quit: Callable[[], object]) -> None:
        self._kernel = kernel
        self._on_quit = on_quit
        self._event = kernel.create_event()
        self._masks: dict[int, int] = {}
        self._writing: set[int] = set()
        self._handles: list[int] = []
        self.signalled: list[tuple[int, OSError | None]] = []

    # The program's handles

    def add_handle(self, handle: int) -> None:
        """Wait for a handle as well."""
        if len(self._handles) >= MAX_HANDLES - 1:
            raise ValueError(
                f"Windows waits for {MAX_HANDLES} handles at a time, one of which is for sockets: "
                "remove one before you add another"
            )
        self._handles.append(handle)

    def remove_handle(self, handle: int) -> None:
        """Wait for a handle no more."""
        self._handles.remove(handle)
        self.signalled = [found for found in self.signalled if found[0] != handle]

    # Multiplexer

    def register(self, fd: int, mask: int) -> None:
        self._kernel.select_events(fd, self._event, _RECORDED[mask])
        self._masks[fd] = mask
        self._writing.discard(fd)
        if mask & WRITE:
            self._writing.add(fd)

    modify = register

    def unregister(self, fd: int) -> None:
        self._masks.pop(fd, None)
        self._writing.discard(fd)
        try:
            self._kernel.select_events(fd, self._event, 0)
        except OSError:
            # Closed before it was unregistered: Windows has forgotten it.
            pass

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        # First: what happens after select has looked sets it again.
        self._kernel.reset_event(self._event)
        ready = self._ready()
        if ready or self.signalled:
            timeout = 0
        elif self._writing:
            timeout = _LOOK_FOR_ROOM if timeout is None else min(timeout, _LOOK_FOR_ROOM)
        self._wait(timeout)
        return ready or self._ready()

    def _wait(self, timeout: float | None) -> None:
        """Wait, and note which handles of the program's are set."""
        handles: Sequence[int] = [self._event, *self._handles]
        while handles:
            try:
                index = self._kernel.wait(handles, timeout)
            except OSError:
                self._find_broken()
                return
            if index is None:
                return
            if index == len(handles):
                if not self._kernel.pump_messages():
                    self._on_quit()
                return
            if handles[index] != self._event:
                self.signalled.append((handles[index], None))
            # Only the first that is set is told: the others must not wait for its end.
            handles, timeout = handles[index + 1 :], 0

    def _find_broken(self) -> None:
        for handle in list(self._handles):
            try:
                self._kernel.wait([handle], 0)
            except OSError as problem:
                self.signalled.append((handle, problem))

    def _ready(self) -> list[tuple[int, int]]:
        fds = list(self._masks)
        events: dict[int, int] = {}
        for start in range(0, len(fds), _AT_ONCE):
            events |= self._ask(fds[start : start + _AT_ONCE])
        return list(events.items())

    def _ask(self, fds: Sequence[int]) -> dict[int, int]:
        reading = [fd for fd in fds if self._masks[fd] & READ]
        writing = [fd for fd in fds if self._masks[fd] & WRITE]
        events: dict[int, int] = {}
        try:
            # The third: where Windows tells of connections that have failed.
            readable, writable, failed = select.select(reading, writing, writing, 0)
        except OSError:
            if len(fds) == 1:
                # Closed while it was watched.
                return {fds[0]: TROUBLE}
            for fd in fds:
                events |= self._ask([fd])
            return events
        for fd in readable:
            events[fd] = READ
        for fd in {*writable, *failed}:
            events[fd] = events.get(fd, 0) | WRITE
        return events

    def close(self) -> None:
        self._kernel.close_event(self._event)
