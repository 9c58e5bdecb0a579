"""Which thread is which, and objects that several threads may use."""

from __future__ import annotations

import functools
import threading

# The class: `threading.RLock` is a function.
from _thread import RLock as _RLock
from collections.abc import Callable
from threading import get_ident as getThreadID
from typing import Any, TypeVar

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

_Class = TypeVar("_Class", bound=type)

ioThread: int | None = None
"""The thread in which the event loop runs, as `getThreadID` names it; None before it does."""


class XLock(_RLock):
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

    return locked


def synchronize(*klasses: _Class) -> None:
    """
    Let the methods that each class names in its `synchronized` run one at a time.

    They hold one reentrant lock for each instance.  Raises `AttributeError` when
    a method does not exist.
    """
    for klass in klasses:
        for name in klass.synchronized:
            setattr(klass, name, _synchronized(getattr(klass, name)))


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
