"""Linux: ``epoll(7)``, level-triggered.

Level-triggered, because an edge that is missed is a connection that hangs, and
because the loop reads once for each event and leaves the rest for the next turn,
so that a fast peer cannot starve a slow one.
"""

from __future__ import annotations

from select import epoll

_MAX_EVENTS = 1024  # of one turn; the others are served in the next


class EpollMultiplexer:
    """A `Multiplexer` on an epoll descriptor."""

    __slots__ = ("_always_ready", "_epoll")

    def __init__(self) -> None:
        self._epoll = epoll(_MAX_EVENTS)
        # Plain files, which epoll refuses, as they can always be read and written.
        self._always_ready: dict[int, int] = {}

    def register(self, fd: int, mask: int) -> None:
        try:
            self._epoll.register(fd, mask)
        except PermissionError:
            self._always_ready[fd] = mask
        except FileExistsError:
            # Closed unseen while a duplicate was open, and the number given out again.
            self._epoll.modify(fd, mask)

    def modify(self, fd: int, mask: int) -> None:
        if fd in self._always_ready:
            self._always_ready[fd] = mask
            return
        try:
            self._epoll.modify(fd, mask)
        except FileNotFoundError:
            # Closed unseen, and the number given out again.
            self._epoll.register(fd, mask)

    def unregister(self, fd: int) -> None:
        if self._always_ready.pop(fd, None) is None:
            try:
                self._epoll.unregister(fd)
            except OSError:
                # Closed before it was unregistered: the kernel has forgotten it.
                pass

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        if self._always_ready:
            return self._epoll.poll(0, _MAX_EVENTS) + list(self._always_ready.items())
        return self._epoll.poll(timeout, _MAX_EVENTS)

    def fileno(self) -> int:
        """The queue itself, which can be read when any of what it watches is ready."""
        return self._epoll.fileno()

    def is_always_ready(self) -> bool:
        """Whether there is something ready that `fileno` does not tell of."""
        return bool(self._always_ready)

    def close(self) -> None:
        self._epoll.close()
