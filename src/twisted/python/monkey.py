"""Replace attributes of objects for a while, and put them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["MonkeyPatcher"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class MonkeyPatcher:
    """A set of attributes to replace together.

    Args:
        patches: triples of object, name of the attribute, and the value it is to have.
    """

    def __init__(self, *patches: tuple[object, str, object]) -> None:
        self._wanted: list[tuple[object, str, object]] = []
        self._saved: list[tuple[object, str, object]] = []
        for obj, name, value in patches:
            self.addPatch(obj, name, value)

    def addPatch(self, obj: object, name: str, value: object) -> None:
        """Replace ``obj.name`` by ``value`` at the next `patch`."""
        self._wanted.append((obj, name, value))

    def patch(self) -> None:
        """Replace every attribute, keeping what was there.

        Raises:
            AttributeError: an object has no such attribute; those replaced so far stay so until
                `restore`.
        """
        for obj, name, value in self._wanted:
            before = getattr(obj, name)
            # Patched twice, an attribute must come back as it was before the first time.
            if not any(obj is seen and name == known for seen, known, _ in self._saved):
                self._saved.append((obj, name, before))
            setattr(obj, name, value)

    def restore(self) -> None:
        """Put back what `patch` replaced."""
        while self._saved:
            setattr(*self._saved.pop())

    def runWithPatches(self, f: Callable[_P, _R], *args: _P.args, **kw: _P.kwargs) -> _R:
        """Call ``f`` while the attributes are replaced; they are put back in any case."""
        self.patch()
        try:
            return f(*args, **kw)
        finally:
            self.restore()
