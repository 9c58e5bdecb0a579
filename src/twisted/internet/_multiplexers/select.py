"""Everywhere: ``select(2)``, with its limit of 1,024 descriptors on most systems."""

from __future__ import annotations

import errno
from select import select

from twisted.internet._multiplexers import READ, TROUBLE, WRITE


class SelectMultiplexer:
    """A `Multiplexer` on the select system call."""

    __slots__ = ("_reading", "_writing")

    def __init__(self) -> None:
        self._reading: set[int] = set()
        self._writing: set[int] = set()

    def register(self, fd: int, mask: int) -> None:
        if fd < 0:
            raise OSError(errno.EBADF, f"file descriptor {fd} is not open")
        try:
            select((fd,), (), (), 0)
        except ValueError:
            raise OSError(
                errno.EMFILE,
                f"file descriptor {fd} is beyond what select() can watch; "
                "install the poll, epoll or kqueue reactor instead",
            ) from None
        self.modify(fd, mask)

    def modify(self, fd: int, mask: int) -> None:
        for interest, members in ((READ, self._reading), (WRITE, self._writing)):
            if mask & interest:
                members.add(fd)
            else:
                members.discard(fd)

    def unregister(self, fd: int) -> None:
        self._reading.discard(fd)
        self._writing.discard(fd)

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        try:
            readable, writable, _ = select(self._reading, self._writing, (), timeout)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            return self._closed_descriptors()
        masks = dict.fromkeys(readable, READ)
        for fd in writable:
            masks[fd] = masks.get(fd, 0) | WRITE
        return list(masks.items())

    def _closed_descriptors(self) -> list[tuple[int, int]]:
        """Those that were closed while registered: select names none, so ask one by one."""
        closed = []
        for fd in self._reading | self._writing:
            try:
                select((fd,), (), (), 0)
            except (OSError, ValueError):
                closed.append((fd, TROUBLE))
        return closed

    def close(self) -> None:
        self._reading.clear()
        self._writing.clear()
