"""Objects that are part of themselves: what stands for one of them until it is there.

A tuple cannot be made before its parts are; but a part may be a list in which that tuple is.  What
reads such a thing puts a `NotKnown` into the list, and later says what it is: the list then gets
that instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Late", "NotKnown"]


class NotKnown:
    """Stands for an object that is not made yet, wherever it is meant.

    Attributes:
        dependants: where it stands: containers, each with the key there.
        resolved: whether it is known by now.
        resolvedObject: what it was.
    """

    resolvedObject: Any = None

    def __init__(self) -> None:
        self.dependants: list[tuple[Any, Any]] = []
        self.resolved = False

    def addDependant(self, mutableObject: Any, key: Any) -> None:
        """Have ``mutableObject[key]`` set once it is known, or now if it is.

        Args:
            mutableObject: a list, a dictionary, or another `NotKnown` that has parts.
            key: where in it.
        """
        if self.resolved:
            mutableObject[key] = self.resolvedObject
        else:
            self.dependants.append((mutableObject, key))

    def resolveDependants(self, newObject: Any) -> None:
        """Say what it is: all that depend on it are told, once.

        Args:
            newObject: what it stood for.

        Raises:
            ValueError: that has been said already.
        """
        if self.resolved:
            raise ValueError(f"it is known already, and is {self.resolvedObject!r}")
        self.resolved = True
        self.resolvedObject = newObject
        waiting, self.dependants = self.dependants, []
        for mutableObject, key in waiting:
            mutableObject[key] = newObject

    def __hash__(self) -> int:
        raise TypeError(
            "what is not known yet cannot be the key of a dictionary, or in a set: put it off "
            "with crefutil.Late"
        )

    def __eq__(self, other: object) -> bool:
        return self is other


class Late(NotKnown):
    """An object that is made of its parts as soon as the last of them is known."""

    def __init__(self, make: Callable[[list[Any]], Any], parts: Iterable[Any]) -> None:
        """
        Args:
            make: called with the parts, as a list, gives the object.
            parts: some of them `NotKnown`.
        """
        super().__init__()
        self._make = make
        self._parts = list(parts)
        unknown = [i for i, part in enumerate(self._parts) if isinstance(part, NotKnown)]
        self._missing = len(unknown)
        for index in unknown:
            self._parts[index].addDependant(self, index)

    def __setitem__(self, index: int, part: Any) -> None:
        self._parts[index] = part
        self._missing -= 1
        if self._missing == 0:
            self.resolveDependants(self._make(self._parts))
