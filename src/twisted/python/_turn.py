"""Whose turn it is in the event loop.

The loop stores the object that it is about to call; the log computes a prefix
from it only when a line is really written.  One attribute store for each event
is all that the log costs a program that does not log.
"""

from __future__ import annotations

from typing import Protocol


class Prefixed(Protocol):
    """Something that names itself in the log."""

    def logPrefix(self) -> str: ...


class Turn:
    """The owner of the current event, and the thread in which the loop runs."""

    __slots__ = ("owner", "thread")

    def __init__(self) -> None:
        self.owner: Prefixed | object | None = None
        self.thread: int | None = None


turn = Turn()
