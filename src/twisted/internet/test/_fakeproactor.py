"""Completion ports where there are none: operations on ordinary sockets, completed by poll(2)."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable
from math import ceil
from typing import Any

from twisted.internet.iocpreactor._completions import Operation

#: Tries once: the result, or BlockingIOError.
Attempt = Callable[[], Any]


class FakeProactor:
    """What `asyncio.IocpProactor` is documented to do.

    An operation that can be completed at once is, in the call that begins it, unless `isSlow`; all
    others only in `select`, which is what tells of them.  What fails, fails when it completes.

    Attributes:
        isSlow: let nothing be completed at once.
    """

    def __init__(self, isSlow: bool = False) -> None:
        self.isSlow = isSlow
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending: list[tuple[Operation, socket.socket, int, Attempt]] = []
        self._closed = False

    def set_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def recv(self, conn: socket.socket, nbytes: int) -> Operation:
        return self._begin(conn, select.POLLIN, lambda: conn.recv(nbytes))

    def send(self, conn: socket.socket, buf: bytes) -> Operation:
        return self._begin(conn, select.POLLOUT, lambda: conn.send(buf))

    def accept(self, listener: socket.socket) -> Operation:
        async def closeIfCancelled() -> None:
            """What the real one leaves to a task."""

        def attempt() -> tuple[socket.socket, Any]:
            accepted, peer = listener.accept()
            accepted.setblocking(False)
            return accepted, peer

        future = self._begin(listener, select.POLLIN, attempt)
        assert self._loop is not None
        self._loop.create_task(closeIfCancelled())
        return future

    def connect(self, conn: socket.socket, address: Any) -> Operation:
        begun = False

        def attempt() -> None:
            nonlocal begun
            if not begun:
                begun = True
                conn.connect(address)  # raises BlockingIOError, as a rule
            elif code := conn.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(code, "cannot connect")

        return self._begin(conn, select.POLLOUT, attempt)

    def _begin(self, sock: socket.socket, mask: int, attempt: Attempt) -> Operation:
        assert self._loop is not None and not self._closed
        future: Operation = asyncio.Future(loop=self._loop)
        if (self.isSlow and mask == select.POLLIN) or not self._try(future, attempt):
            self._pending.append((future, sock, mask, attempt))
        return future

    def _try(self, future: Operation, attempt: Attempt) -> bool:
        try:
            future.set_result(attempt())
        except BlockingIOError:
            return False
        except OSError as error:
            future.set_exception(error)
        return True

    def select(self, timeout: float | None = None) -> list[Operation]:
        assert not self._closed
        # As the system does with operations on a socket that is closed.
        self._pending = [item for item in self._pending if not item[0].done()]
        poller = select.poll()
        masks: dict[int, int] = {}
        for _, sock, mask, _ in self._pending:
            masks[sock.fileno()] = masks.get(sock.fileno(), 0) | mask
        for fd, mask in masks.items():
            poller.register(fd, mask)
        ready = dict(poller.poll(None if timeout is None else ceil(timeout * 1000)))
        finished = []
        for future, sock, mask, attempt in list(self._pending):
            trouble = select.POLLERR | select.POLLHUP
            if ready.get(sock.fileno(), 0) & (mask | trouble) and self._try(future, attempt):
                finished.append(future)
        self._pending = [item for item in self._pending if not item[0].done()]
        return finished

    def close(self) -> None:
        self._closed = True
        for future, *_ in self._pending:
            future.cancel()
        self._pending.clear()
