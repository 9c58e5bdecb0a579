"""Who is watched, and the round of calls when the kernel says who is ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet._bugs import reportBug
from twisted.internet._multiplexers import READ, TROUBLE, WRITE, Multiplexer
from twisted.internet.error import ConnectionFdescWentAway
from twisted.internet.interfaces import IReadDescriptor, IWriteDescriptor
from twisted.python._turn import turn

_INVALID = 0x020  # POLLNVAL: closed behind our back

#: Told about a descriptor that is of no more use, why, and whether reading said so.
Disconnect = Callable[[Any, Any, bool], None]


class DescriptorSet:
    """The readers and writers of one reactor, by descriptor number.

    Args:
        multiplexer: the kernel's side.
        disconnect: what to do about a descriptor whose turn ended with a reason.
    """

    __slots__ = ("_disconnect", "_multiplexer", "_readers", "_writers")

    def __init__(self, multiplexer: Multiplexer, disconnect: Disconnect) -> None:
        self._multiplexer = multiplexer
        self._disconnect = disconnect
        self._readers: dict[int, IReadDescriptor] = {}
        self._writers: dict[int, IWriteDescriptor] = {}

    def addReader(self, reader: IReadDescriptor) -> None:
        fd = _openNumber(reader)
        if self._readers.get(fd) is not reader:
            if fd in self._writers:
                self._multiplexer.modify(fd, READ | WRITE)
            else:
                self._multiplexer.register(fd, READ)
            self._readers[fd] = reader

    def addWriter(self, writer: IWriteDescriptor) -> None:
        fd = _openNumber(writer)
        if self._writers.get(fd) is not writer:
            if fd in self._readers:
                self._multiplexer.modify(fd, READ | WRITE)
            else:
                self._multiplexer.register(fd, WRITE)
            self._writers[fd] = writer

    def removeReader(self, reader: IReadDescriptor) -> None:
        fd = _numberIn(self._readers, reader)
        if fd is not None:
            del self._readers[fd]
            if fd in self._writers:
                self._multiplexer.modify(fd, WRITE)
            else:
                self._multiplexer.unregister(fd)

    def removeWriter(self, writer: IWriteDescriptor) -> None:
        fd = _numberIn(self._writers, writer)
        if fd is not None:
            del self._writers[fd]
            if fd in self._readers:
                self._multiplexer.modify(fd, READ)
            else:
                self._multiplexer.unregister(fd)

    def readers(self) -> list[IReadDescriptor]:
        return list(self._readers.values())

    def writers(self) -> list[IWriteDescriptor]:
        return list(self._writers.values())

    def turn(self, timeout: float | None) -> None:
        """Wait, and call those who are ready."""
        self._dispatch(self._multiplexer.poll(timeout))

    def _dispatch(self, events: Sequence[tuple[int, int]]) -> None:
        # Benchmarks tcp-echo and udp-echo: one dict look-up and one call for each event,
        # and whose turn it is as one attribute store, for the log.
        readers, writers = self._readers, self._writers
        for fd, mask in events:
            if mask & ~WRITE:
                reader = readers.get(fd)
                if reader is not None:
                    turn.owner = reader
                    try:
                        why = reader.doRead() if not mask & _INVALID else _wentAway()
                    except BaseException:
                        why = reportBug(f"Unhandled error while reading from {reader!r}")  # type: ignore[assignment]
                    if why is not None:
                        self._disconnect(reader, why, True)
                        continue
            if mask & (WRITE | TROUBLE):
                writer = writers.get(fd)
                if writer is not None:
                    turn.owner = writer
                    try:
                        why = writer.doWrite() if not mask & _INVALID else _wentAway()
                    except BaseException:
                        why = reportBug(f"Unhandled error while writing to {writer!r}")  # type: ignore[assignment]
                    if why is not None:
                        self._disconnect(writer, why, False)
        turn.owner = None

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
