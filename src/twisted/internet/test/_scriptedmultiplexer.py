"""A kernel that a test plays, and descriptors for it to watch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet._descriptors import DescriptorSet
from twisted.internet._multiplexers import READ, WRITE
from twisted.trial import unittest


class ScriptedMultiplexer:
    """Keeps what it is told, and holds its caller to the contract of `Multiplexer`.

    Attributes:
        calls: the calls that were made.
        watched: masks, by number.
        refuses: what to raise when it is to watch a number.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.watched: dict[int, int] = {}
        self.refuses: dict[int, Exception] = {}
        self._rounds: list[list[tuple[int, int]]] = []

    def script(self, *events: tuple[int, int]) -> None:
        """What the next wait without a script of its own returns."""
        self._rounds.append(list(events))

    def register(self, fd: int, mask: int) -> None:
        assert fd not in self.watched, f"{fd} is watched already"
        self._watch("register", fd, mask)

    def modify(self, fd: int, mask: int) -> None:
        assert fd in self.watched, f"{fd} is not watched"
        self._watch("modify", fd, mask)

    def _watch(self, call: str, fd: int, mask: int) -> None:
        assert mask and not mask & ~(READ | WRITE), f"{mask} is no interest"
        self.calls.append((call, fd, mask))
        if fd in self.refuses:
            raise self.refuses[fd]
        self.watched[fd] = mask

    def unregister(self, fd: int) -> None:
        assert fd in self.watched, f"{fd} is not watched"
        self.calls.append(("unregister", fd))
        del self.watched[fd]

    def poll(self, timeout: float | None) -> Sequence[tuple[int, int]]:
        self.calls.append(("poll", timeout))
        return self._rounds.pop(0) if self._rounds else []

    def close(self) -> None:
        self.calls.append(("close",))


class Watched:
    """Something with a number, which remembers how it was called.

    Attributes:
        called: "read" and "write".
        onRead: what `doRead` does, and returns.
        onWrite: what `doWrite` does, and returns.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.called: list[str] = []
        self.onRead: Callable[[], Any] = lambda: None
        self.onWrite: Callable[[], Any] = lambda: None

    def __repr__(self) -> str:
        return f"<Watched {self.number}>"

    def fileno(self) -> int:
        return self.number

    def logPrefix(self) -> str:
        return repr(self)

    def doRead(self) -> Any:
        self.called.append("read")
        return self.onRead()

    def doWrite(self) -> Any:
        self.called.append("write")
        return self.onWrite()

    def connectionLost(self, reason: object) -> None:
        raise AssertionError("the set tells its owner, not the descriptor")


class SetCase(unittest.SynchronousTestCase):
    """A `DescriptorSet` over a kernel that the test plays.

    Attributes:
        ended: who was disconnected, why, and whether reading said so.
    """

    def setUp(self) -> None:
        self.kernel = ScriptedMultiplexer()
        self.ended: list[tuple[Any, Any, bool]] = []
        self.set: Any = DescriptorSet(self.kernel, self.disconnect)

    def disconnect(self, member: Any, why: Any, isRead: bool) -> None:
        """Take note, and remove the member, as reactors do."""
        self.ended.append((member, why, isRead))
        self.set.removeReader(member)
        self.set.removeWriter(member)

    def reader(self, number: int) -> Watched:
        """A new reader, which is added."""
        self.set.addReader(reader := Watched(number))
        return reader

    def writer(self, number: int) -> Watched:
        """A new writer, which is added."""
        self.set.addWriter(writer := Watched(number))
        return writer

    def both(self, number: int) -> Watched:
        """A new reader and writer in one."""
        self.set.addReader(member := Watched(number))
        self.set.addWriter(member)
        return member

    def turn(self, *events: tuple[int, int]) -> None:
        """A turn in which the kernel reports these."""
        self.kernel.script(*events)
        self.set.turn(0)

    def kernelCalls(self) -> list[tuple[Any, ...]]:
        """What the kernel was told since this was last asked, apart from waits."""
        calls = [call for call in self.kernel.calls if call[0] != "poll"]
        self.kernel.calls.clear()
        return calls
