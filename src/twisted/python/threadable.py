"""Which thread is which, and objects that several threads may use."""

from __future__ import annotations

import functools
import threading

# The class: `threading.RLock` is a function.
from _thread import RLock as _RLock
from collections.abc import Callable
from threading import get_ident as getThreadID
from typing import Any

from twisted.python._turn import turn

__all__ = [
    "XLock",
    "getThreadID",
    "init",
    "ioThread",
    "isInIOThread",
    "registerAsIOThread",
    "synchronize",
]


ioThread: int | None = None
"""The thread in which the event loop runs, as `getThreadID` names it; None before it does."""


class XLock(_RLock):  # type: ignore[misc]  # the stubs say final; it is a base class all the same
    """A reentrant lock that can be pickled: what is unpickled is a new lock, which is free."""

    def __reduce__(self) -> tuple[Callable[[], XLock], tuple[()]]:
        return XLock, ()


# Held only to give an object its lock.
_giving = threading.Lock()


def _lockOf(instance: Any) -> XLock:
    lock: XLock | None = instance.__dict__.get("_threadable_lock")
    if lock is None:
        with _giving:
            lock = instance.__dict__.setdefault("_threadable_lock", XLock())
    return lock


def _synchronized(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def locked(self: Any, *args: Any, **kw: Any) -> Any:
        with _lockOf(self):
            return method(self, *args, **kw)

    locked._threadable_locked = True  # type: ignore[attr-defined]  # a mark for synchronize
    return locked


def synchronize(*klasses: type) -> None:
    """
    Let the methods that each class names in its `synchronized` run one at a time.

    They hold one reentrant lock for each instance.  Raises `AttributeError` when
    a method does not exist.
    """
    for klass in klasses:
        for name in getattr(klass, "synchronized"):  # noqa: B009  # no type has it
            method = getattr(klass, name)
            # Inherited from a class that was synchronized itself.
            if not hasattr(method, "_threadable_locked"):
                setattr(klass, name, _synchronized(method))


def init(with_threads: bool = True) -> None:
    """
    Do nothing: threads are always there.

    Programs call this before they start threads.  Raises `RuntimeError` when
    *with_threads* is false.
    """
    if not with_threads:
        raise RuntimeError("threads cannot be switched off; call init() without an argument")


def isInIOThread() -> bool:
    """Whether the calling thread is the one in which the event loop runs."""
    return ioThread == getThreadID()


def registerAsIOThread() -> None:
    """Take the calling thread for the one in which the event loop runs."""
    global ioThread
    ioThread = turn.thread = getThreadID()
