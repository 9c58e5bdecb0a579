"""Windows' events where there is no Windows: eventfd(2), and epoll(7) asked for edges."""

from __future__ import annotations

import errno
import os
import select
from collections import deque
from collections.abc import Callable, Sequence
from math import ceil

from twisted.internet.win32eventreactor._kernel import (
    FD_ACCEPT,
    FD_CONNECT,
    FD_READ,
    FD_WRITE,
    MAX_HANDLES,
)

#: A message of a window; it says to quit if it is None.
Message = Callable[[], object] | None


class FakeKernel:
    """What Windows is documented to do, for `Win32Reactor`.

    An event is a descriptor that can be read when the event is set.  What happens to a socket is
    recorded once (an edge), as WSAEventSelect does.

    Attributes:
        waits: the seconds of all waits.
        most: the most handles that were waited for at a time.
    """

    def __init__(self) -> None:
        self._events: set[int] = set()
        self._sockets: dict[int, select.epoll] = {}
        self._messages: deque[Message] = deque()
        self._message_event = self.create_event()
        self.waits: list[float | None] = []
        self.most = 0

    def create_event(self) -> int:
        handle = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._events.add(handle)
        return handle

    def set_event(self, handle: int) -> None:
        os.eventfd_write(handle, 1)

    def reset_event(self, handle: int) -> None:
        try:
            os.eventfd_read(handle)
        except BlockingIOError:
            pass

    def close_event(self, handle: int) -> None:
        self._events.remove(handle)
        os.close(handle)
        if handle in self._sockets:
            self._sockets.pop(handle).close()

    def select_events(self, fd: int, handle: int, mask: int) -> None:
        edges = self._sockets.setdefault(handle, select.epoll())
        try:
            edges.unregister(fd)
        except FileNotFoundError:
            pass
        wanted = select.EPOLLET
        wanted |= select.EPOLLIN if mask & (FD_READ | FD_ACCEPT) else 0
        wanted |= select.EPOLLOUT if mask & (FD_WRITE | FD_CONNECT) else 0
        if mask:
            edges.register(fd, wanted)

    def wait(self, handles: Sequence[int], timeout: float | None) -> int | None:
        assert 0 < len(handles) <= MAX_HANDLES
        self.waits.append(timeout)
        self.most = max(self.most, len(handles))
        poller = select.poll()
        for handle in [*handles, self._message_event]:
            if handle not in self._events:
                raise OSError(errno.EBADF, "The handle is invalid")
            poller.register(handle, select.POLLIN)
        recorders = {
            self._sockets[handle].fileno(): handle for handle in handles if handle in self._sockets
        }
        for fd in recorders:
            poller.register(fd, select.POLLIN)
        found = {fd for fd, _ in poller.poll(None if timeout is None else ceil(timeout * 1000))}
        for fd in found & set(recorders):
            self._sockets[recorders[fd]].poll(0)
            self.set_event(recorders[fd])
            found.add(recorders[fd])
        for index, handle in enumerate(handles):
            if handle in found:
                return index
        return len(handles) if self._message_event in found else None

    def post(self, message: Message) -> None:
        """Post a message to a window."""
        self._messages.append(message)
        self.set_event(self._message_event)

    def pump_messages(self) -> bool:
        self.reset_event(self._message_event)
        goes_on = True
        while self._messages:
            message = self._messages.popleft()
            if message is None:
                goes_on = False
            else:
                message()
        return goes_on

    def close(self) -> None:
        """Give back what is left."""
        for handle in list(self._events):
            self.close_event(handle)
