"""Our objects that the peer refers to, or has copies of, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Held:
    """Something of ours that the peer refers to.

    Attributes:
        object: what it is.
        perspective: for whom it was sent.
        count: how many times it was sent, less how many times the peer let it go.
        released: called when that is none.
    """

    __slots__ = ("count", "object", "perspective", "released")

    def __init__(self, object: Any, perspective: Any = None) -> None:
        self.object = object
        self.perspective = perspective
        self.count = 1
        self.released: Callable[[], Any] | None = None


class HeldObjects:
    """Our objects that the peer refers to, by number, and for how long."""

    def __init__(self) -> None:
        self.byID: dict[Any, Held] = {}
        self._ids: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def idOf(self, object: Any) -> int | None:
        """The number of an object, or None."""
        return self._ids.get(object.processUniqueID())

    def add(self, luid: int, object: Any, perspective: Any = None) -> None:
        """Hold an object that was not held."""
        self._ids[object.processUniqueID()] = luid
        self.byID[luid] = Held(object, perspective)

    def release(self, luid: int) -> bool:
        """Count one reference less; whether there is none now."""
        held = self.byID.get(luid)
        if held is None:
            return False
        held.count -= 1
        return held.count <= 0

    def drop(self, luid: int) -> Held | None:
        """Let go of an object that has no references.

        Returns:
            What was held; None if it has some, or is not there.
        """
        held = self.byID.get(luid)
        if held is None or held.count > 0:
            return None
        del self.byID[luid]
        unique = held.object.processUniqueID()
        if self._ids.get(unique) == luid:  # one avatar can be served for two logins
            del self._ids[unique]
        return held
