"""Copies of the peer's `Cacheable`s, and the handles on them that the program has.

A connection keeps each copy until the peer says `uncache`: the peer may mean it again as long as it
has not heard that nobody has it any more.  What the program gets is a handle that shares the
copy's attributes.  A weak reference tells when the program has let go of it; the peer is told then,
once for each time that the copy came.

A copy whose state means the copy itself stays until the connection ends: its own handle holds it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from twisted.spread._references import ProtocolError, inLoop
from twisted.spread.flavors import RemoteCache


class _Copy:
    """A copy, the handle on it, and how many times that came."""

    __slots__ = ("core", "handle", "received")

    def __init__(self, core: RemoteCache) -> None:
        self.core = core
        self.handle: weakref.ref[RemoteCache] | None = None
        self.received = 0

    def current(self) -> RemoteCache | None:
        """The handle, if the program has it."""
        return None if self.handle is None else self.handle()


class Copies:
    """The copies of a connection, by the numbers that the peer gave them.

    Args:
        letGo: called with a number when one reference to that copy is gone.
    """

    def __init__(self, letGo: Callable[[int], Any]) -> None:
        self._letGo = letGo
        self._byID: dict[int, _Copy] = {}

    def add(self, cid: int, core: RemoteCache) -> None:
        """Keep a copy that is new."""
        self._byID[cid] = _Copy(core)

    def _get(self, cid: int) -> _Copy:
        copy = self._byID.get(cid)
        if copy is None:
            raise ProtocolError(f"there is no copy {cid!r} on this connection")
        return copy

    def find(self, cid: int) -> RemoteCache:
        """What takes changes of a copy: the handle, or the copy itself while there is none."""
        copy = self._get(cid)
        handle = copy.current()
        return copy.core if handle is None else handle

    def receive(self, cid: int) -> RemoteCache:
        """The handle on a copy, which came once more."""
        copy = self._get(cid)
        handle = copy.current()
        if handle is None:
            kind = type(copy.core)
            handle = kind.__new__(kind)
            copy.handle = weakref.ref(handle, lambda _: inLoop(self._dropped, cid, copy))
        handle.__dict__ = copy.core.__dict__  # it was another while the state was being read
        copy.received += 1
        return handle

    def _dropped(self, cid: int, copy: _Copy) -> None:
        if copy.current() is None:  # else it came once more, before this thread had its turn
            received, copy.received = copy.received, 0
            for _ in range(received):
                self._letGo(cid)

    def forget(self, cid: int) -> None:
        """The peer will not mean a copy any more."""
        self._byID.pop(cid, None)

    def clear(self) -> None:
        """The connection is gone."""
        self._byID.clear()
