"""Who is watched, and the round of calls when the kernel says who is ready.

Theory of operation
-------------------
The kernel hears of a new interest only when the loop is about to wait: a connection that
is accepted, answered and closed in one turn is never registered at all.  The end of an
interest is told at once, because a descriptor whose last interest has ended is about to be
closed, and a number that is closed while registered would be taken for its successor.

What a port has just accepted is read before it is watched (`readSoon`): clients of
most protocols speak first, and have spoken by the time that they are accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet._bugs import reportBug
from twisted.internet._multiplexers import READ, TROUBLE, WRITE, Multiplexer
from twisted.internet.error import ConnectionFdescWentAway
from twisted.internet.interfaces import IReadDescriptor, IWriteDescriptor
from twisted.python import log
from twisted.python._turn import turn
from twisted.python.failure import Failure

_INVALID = 0x020  # POLLNVAL: closed behind our back

#: Told about a descriptor that is of no more use, why, and whether reading said so.
Disconnect = Callable[[Any, Any, bool], None]


class DescriptorSet:
    """The readers and writers of one reactor, by descriptor number.

    Args:
        multiplexer: the kernel's side.
        disconnect: what to do about a descriptor whose turn ended with a reason.
    """

    __slots__ = (
        "_disconnect",
        "_eager",
        "_multiplexer",
        "_news",
        "_readers",
        "_watched",
        "_writers",
    )

    def __init__(self, multiplexer: Multiplexer, disconnect: Disconnect) -> None:
        self._multiplexer = multiplexer
        self._disconnect = disconnect
        self._readers: dict[int, IReadDescriptor] = {}
        self._writers: dict[int, IWriteDescriptor] = {}
        #: What the kernel watches: masks, by number.
        self._watched: dict[int, int] = {}
        #: Numbers of which the kernel is to watch more than it does.
        self._news: set[int] = set()
        #: Readers to be tried at the end of this round.
        self._eager: list[IReadDescriptor] = []

    def addReader(self, reader: IReadDescriptor) -> None:
        fd = _openNumber(reader)
        if self._readers.get(fd) is not reader:
            if fd in self._readers or fd in self._writers:
                self._forgetClosed(fd, reader, self._readers)
            self._readers[fd] = reader
            self._news.add(fd)

    def addWriter(self, writer: IWriteDescriptor) -> None:
        fd = _openNumber(writer)
        if self._writers.get(fd) is not writer:
            if fd in self._readers or fd in self._writers:
                self._forgetClosed(fd, writer, self._writers)
            self._writers[fd] = writer
            self._news.add(fd)

    def _forgetClosed(self, fd: int, newcomer: object, table: dict[int, Any]) -> None:
        """Forget whoever had this number, and was closed without being removed.

        A reader and a writer that differ may share a descriptor; two readers may not.
        """
        closed = False
        for members in (self._readers, self._writers):
            before: Any = members.get(fd)
            if before is None or before is newcomer:
                continue
            if members is table or before.fileno() != fd:
                del members[fd]
                closed = True
        if closed and self._watched.pop(fd, None) is not None:
            self._multiplexer.unregister(fd)

    def readSoon(self, reader: IReadDescriptor) -> None:
        """Call `doRead` at the end of this round, if `reader` is still to be read then."""
        self._eager.append(reader)

    def removeReader(self, reader: IReadDescriptor) -> None:
        fd = _numberIn(self._readers, reader)
        if fd is not None:
            del self._readers[fd]
            self._watchLess(fd, WRITE)

    def removeWriter(self, writer: IWriteDescriptor) -> None:
        fd = _numberIn(self._writers, writer)
        if fd is not None:
            del self._writers[fd]
            self._watchLess(fd, READ)

    def remove(self, member: Any) -> None:
        """`removeReader` and `removeWriter`, with one look at its number."""
        # Benchmark tcp-accept: called twice as a connection ends, the second time for nothing.
        fd = member.fileno()
        if fd == -1 or self._readers.get(fd) is member:
            self.removeReader(member)
        if fd == -1 or self._writers.get(fd) is member:
            self.removeWriter(member)

    def _watchLess(self, fd: int, kept: int) -> None:
        watched = self._watched.get(fd, 0)
        if not watched & kept:
            # Nothing that was watched is left, and what is to be watched will be news.
            if watched:
                del self._watched[fd]
                self._multiplexer.unregister(fd)
            if fd not in self._readers and fd not in self._writers:
                self._news.discard(fd)
        elif watched & ~kept:
            self._watched[fd] = kept
            self._multiplexer.modify(fd, kept)

    def readers(self) -> list[IReadDescriptor]:
        return list(self._readers.values())

    def writers(self) -> list[IWriteDescriptor]:
        return list(self._writers.values())

    def turn(self, timeout: float | None) -> None:
        """Wait, and call those who are ready."""
        if self._news:
            self.tellKernel()
        self._dispatch(self._multiplexer.poll(timeout))
        if self._eager:
            self._readEager()

    def tellKernel(self) -> None:
        """Let the kernel know of new interests; `turn` does so before it waits."""
        while self._news:
            fd = self._news.pop()
            wanted = (READ if fd in self._readers else 0) | (WRITE if fd in self._writers else 0)
            watched = self._watched.get(fd, 0)
            try:
                if not watched:
                    self._multiplexer.register(fd, wanted)
                elif watched != wanted:
                    self._multiplexer.modify(fd, wanted)
            except (OSError, ValueError) as problem:
                self._cannotWatch(fd, problem)
            else:
                self._watched[fd] = wanted

    def _cannotWatch(self, fd: int, problem: Exception) -> None:
        """The kernel refuses: whoever wants to be called must hear that it will not be."""
        if self._watched.pop(fd, None) is not None:
            self._multiplexer.unregister(fd)
        members = {self._readers.pop(fd, None), self._writers.pop(fd, None)}
        for member in members - {None}:
            log.err(Failure(problem), f"{member!r} cannot be watched")
            self._disconnect(member, problem, False)

    def _dispatch(self, events: Sequence[tuple[int, int]]) -> None:
        # Benchmarks tcp-echo and udp-echo: for an event that is plainly data, one dict
        # look-up, one call, and whose turn it is as one attribute store, for the log.
        readers = self._readers
        for fd, mask in events:
            if mask != READ:
                self._dispatchOther(fd, mask)
                continue
            reader = readers.get(fd)
            if reader is not None:
                turn.owner = reader
                try:
                    why = reader.doRead()
                except BaseException:
                    why = reportBug(f"Unhandled error while reading from {reader!r}")  # type: ignore[assignment]
                if why is not None:
                    self._disconnect(reader, why, True)
        turn.owner = None

    def _dispatchOther(self, fd: int, mask: int) -> None:
        """Serve an event that is not, or not only, data to read."""
        if mask & ~WRITE and (reader := self._readers.get(fd)) is not None:
            turn.owner = reader
            try:
                why = reader.doRead() if not mask & _INVALID else _wentAway()
            except BaseException:
                why = reportBug(f"Unhandled error while reading from {reader!r}")  # type: ignore[assignment]
            if why is not None:
                self._disconnect(reader, why, True)
                return
        if mask & (WRITE | TROUBLE) and (writer := self._writers.get(fd)) is not None:
            turn.owner = writer
            try:
                why = writer.doWrite() if not mask & _INVALID else _wentAway()
            except BaseException:
                why = reportBug(f"Unhandled error while writing to {writer!r}")  # type: ignore[assignment]
            if why is not None:
                self._disconnect(writer, why, False)

    def _readEager(self) -> None:
        eager, self._eager = self._eager, []
        self._dispatch([(fd, READ) for reader in eager if (fd := reader.fileno()) in self._news])

    def close(self) -> None:
        self._multiplexer.close()


def _wentAway() -> ConnectionFdescWentAway:
    return ConnectionFdescWentAway("the descriptor was closed while it was watched")


def _openNumber(descriptor: IReadDescriptor | IWriteDescriptor) -> int:
    fd = descriptor.fileno()
    if fd < 0:
        raise ValueError(f"{descriptor!r} is closed, and cannot be watched")
    return fd


def _numberIn(members: dict[int, Any], member: Any) -> int | None:
    """Under which number `member` was added, even if it has been closed since."""
    fd: int = member.fileno()
    if members.get(fd) is member:
        return fd
    if fd == -1:
        for number, candidate in members.items():
            if candidate is member:
                return number
    return None
