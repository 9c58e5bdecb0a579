"""A multiplexer over operations that the system completes.

Theory of operation
-------------------
The other multiplexers say when an operation would not block; a completion port says when one that
was begun has ended.  Here the first is told in terms of the second, so that transports need not
know of it.  A socket that is watched for reading has a receive (or an accept) begun; when that
ends, the socket is *readable*, and `recv` gives what has come.  `send` begins to send, and says
that it would block; when that ends, the socket is *writable*, and the same call says how much was
sent.  So what a transport has queued stays queued until the system has taken it: endings,
producers and limits keep their meaning, and no buffer is held twice.

What does not work: to tell that a send has succeeded when it has only begun (data would be lost
by a close), and to begin a receive of no bytes as a question whether there are some (it says
nothing about who waits to be accepted, and every message costs two operations).

`Proactor` says what is used of `asyncio.IocpProactor`: the tests give their own, where the platform
has none.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol, cast

from twisted.internet._multiplexers import READ, WRITE
from twisted.python import log

#: Bytes that are received at a time, as `FileDescriptor.bufferSize` has it.
_CHUNK = 65536

Operation = asyncio.Future[Any]


class Proactor(Protocol):
    """What is used of `asyncio.IocpProactor`.

    Each operation is a future with its result, or with an OSError; one that cannot even begin
    raises that at once.  To cancel the future is to cancel the operation.
    """

    def set_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say to which loop the futures are to belong."""

    def recv(self, conn: socket.socket, nbytes: int) -> Operation:
        """Receive at most so many bytes; none at the end of the stream."""

    def send(self, conn: socket.socket, buf: bytes) -> Operation:
        """Send; the result is how many bytes were taken."""

    def accept(self, listener: socket.socket) -> Operation:
        """Accept; the result is a pair of the new socket and the peer's address."""

    def connect(self, conn: socket.socket, address: Any) -> Operation:
        """Connect."""

    def select(self, timeout: float | None = None) -> Sequence[Operation]:
        """Wait until an operation has ended, at most `timeout` seconds; those that have."""

    def close(self) -> None:
        """Give the port back."""


class _Owner:
    """As much of a loop as the futures of a proactor want: they have nobody to call."""

    def get_debug(self) -> bool:
        return False

    def create_future(self) -> Operation:
        return asyncio.Future(loop=cast(asyncio.AbstractEventLoop, self))

    def create_task(self, coro: Coroutine[Any, Any, Any], **options: Any) -> None:
        # A proactor has a task close the socket that it made for an accept, if that is
        # cancelled; so does the collector.
        coro.close()

    def call_soon(self, callback: Callable[..., object], *args: Any, **options: Any) -> None:
        pass

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        log.err(context.get("exception"), context.get("message"))


def _blocks() -> BlockingIOError:
    return BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))


class CompletionSocket:
    """A socket whose operations are completed by a proactor, with the methods of one that isn't.

    Args:
        sock: the socket, which becomes this object's.
        port: where it belongs.
    """

    __slots__ = ("_connecting", "_isListening", "_left", "_port", "_reading", "_socket", "_writing")

    def __init__(self, sock: socket.socket, port: CompletionMultiplexer) -> None:
        self._socket = sock
        self._port = port
        self._isListening = False
        self._reading: Operation | None = None
        self._writing: Operation | None = None
        self._connecting: Operation | None = None
        #: Bytes that were received, and not asked for yet.
        self._left = b""

    def __getattr__(self, name: str) -> Any:
        # Addresses, options, and what else needs no waiting.
        return getattr(self._socket, name)

    # What the multiplexer asks

    def begin_reading(self) -> None:
        """Begin to receive, or to accept, if that has not begun."""
        if self._reading is None and not self._left:
            port, sock = self._port, self._socket
            if self._isListening:
                self._reading = port.begin(self, port.proactor.accept, sock)
            else:
                self._reading = port.begin(self, port.proactor.recv, sock, _CHUNK)

    def readiness(self) -> int:
        """For what the socket is ready: a mask."""
        mask = 0
        if self._left or (self._reading is not None and self._reading.done()):
            mask |= READ
        writing = self._writing or self._connecting
        if writing is None or writing.done():
            mask |= WRITE
        return mask

    # What transports call

    def listen(self, backlog: int) -> None:
        self._socket.listen(backlog)
        self._isListening = True

    def connect_ex(self, address: Any) -> int:
        self._connecting = self._port.begin(
            self, self._port.proactor.connect, self._socket, address
        )
        return self._connect_error() if self._connecting.done() else errno.EINPROGRESS

    def _connect_error(self) -> int:
        assert self._connecting is not None and self._connecting.done(), "asked when it has ended"
        problem = self._connecting.exception()
        if problem is None:
            self._connecting = None
            return 0
        return getattr(problem, "errno", None) or errno.ECONNABORTED

    def getsockopt(self, level: int, option: int, *size: int) -> Any:
        if (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR) and self._connecting is not None:
            return self._connect_error() if self._connecting.done() else 0
        return self._socket.getsockopt(level, option, *size)

    def _ended_reading(self) -> Any:
        self.begin_reading()
        assert self._reading is not None, "asked when nothing is left"
        if not self._reading.done():
            raise _blocks()
        operation, self._reading = self._reading, None
        return operation.result()

    def _accept(self) -> tuple[int, Any]:
        accepted, peer = self._ended_reading()
        return accepted.detach(), peer

    def recv(self, size: int) -> bytes:
        if not self._left:
            self._left = self._ended_reading()
        data, self._left = self._left[:size], self._left[size:]
        return data

    def send(self, data: bytes | memoryview, flags: int = 0) -> int:
        if self._writing is None:
            self._writing = self._port.begin(
                self, self._port.proactor.send, self._socket, bytes(data)
            )
        if not self._writing.done():
            raise _blocks()
        operation, self._writing = self._writing, None
        sent: int = operation.result()
        return sent

    def sendmsg(self, pieces: Sequence[bytes | memoryview]) -> int:
        return self.send(b"".join(pieces))

    def close(self) -> None:
        begun = (self._reading, self._writing, self._connecting)
        operations = [operation for operation in begun if operation is not None]
        self._reading = self._writing = self._connecting = None
        self._left = b""
        self._port.forget(self, operations)
        for operation in operations:
            if operation.cancel() or operation.cancelled():
                continue
            if operation.exception() is None and self._isListening:
                # Accepted, and never asked for.
                operation.result()[0].close()
        self._socket.close()


class CompletionMultiplexer:
    """A `Multiplexer` over a proactor."""

    def __init__(self, proactor: Proactor) -> None:
        self.proactor = proactor
        self._owner = _Owner()
        proactor.set_loop(cast(asyncio.AbstractEventLoop, self._owner))
        self._sockets: dict[int, CompletionSocket] = {}
        self._masks: dict[int, int] = {}
        self._busy: dict[Operation, int] = {}
        #: Numbers of those that are ready, or may have become so.
        self._lively: set[int] = set()

    def face(self, sock: socket.socket) -> CompletionSocket:
        """Let a socket be one of ours."""
        ours = CompletionSocket(sock, self)
        self._sockets[sock.fileno()] = ours
        return ours

    def is_ours(self, fd: int) -> bool:
        """Whether there is such a socket of ours."""
        return fd in self._sockets

    def forget(self, sock: CompletionSocket, operations: Iterable[Operation]) -> None:
        """A socket is about to be closed, and what it has begun will be cancelled."""
        self._sockets.pop(sock.fileno(), None)
        for operation in operations:
            # Those that are cancelled end without a word.
            self._busy.pop(operation, None)

    def begin(
        self, sock: CompletionSocket, operation: Callable[..., Operation], *args: Any
    ) -> Operation:
        """Begin an operation, which fails rather than raises."""
        try:
            begun = operation(*args)
        except (OSError, OverflowError, ValueError) as problem:
            begun = self._owner.create_future()
            begun.set_exception(problem)
        if begun.done():
            self._lively.add(sock.fileno())
        else:
            self._busy[begun] = sock.fileno()
        return begun

    # Multiplexer

    def register(self, fd: int, mask: int) -> None:
        if fd not in self._sockets:
            raise OSError(errno.EBADF, "a completion port only knows the sockets made for it")
        self.modify(fd, mask)

    def modify(self, fd: int, mask: int) -> None:
        self._masks[fd] = mask
        self._lively.add(fd)

    def unregister(self, fd: int) -> None:
        self._masks.pop(fd, None)
        self._lively.discard(fd)

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        ready = self._ready()
        for operation in self.proactor.select(0 if ready else timeout):
            fd = self._busy.pop(operation, -1)
            if fd in self._masks:
                self._lively.add(fd)
        return self._ready()

    def _ready(self) -> list[tuple[int, int]]:
        events = []
        for fd in tuple(self._lively):
            mask = self._masks.get(fd, 0)
            sock = self._sockets.get(fd)
            hit = 0
            if sock is not None:
                if mask & READ:
                    sock.begin_reading()
                hit = sock.readiness() & mask
            if hit:
                events.append((fd, hit))
            else:
                self._lively.discard(fd)
        return events

    def close(self) -> None:
        self.proactor.close()
