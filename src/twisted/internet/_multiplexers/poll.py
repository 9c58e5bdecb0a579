"""POSIX: ``poll(2)``."""

from __future__ import annotations

from math import ceil
from select import poll


class PollMultiplexer:
    """A `Multiplexer` on the poll system call."""

    __slots__ = ("_poll", "modify", "register")

    def __init__(self) -> None:
        self._poll = poll()
        self.register = self._poll.register
        self.modify = self._poll.modify

    def unregister(self, fd: int) -> None:
        try:
            self._poll.unregister(fd)
        except KeyError:
            # As the contract says, it may be gone already.
            pass

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        # Rounded up: a timer that is woken early would be polled for in a circle.
        return self._poll.poll(None if timeout is None else ceil(timeout * 1000))

    def close(self) -> None:
        pass
