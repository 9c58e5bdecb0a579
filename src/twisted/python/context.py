"""
Values that hold for the duration of a call, by key.

    context.call({"user": "alice"}, greet)     # in greet, and whatever it calls:
    context.get("user")                        # "alice"

Theory of operation
===================

The values live in a `contextvars.ContextVar`, as one dictionary that is replaced and
never changed.  So each thread has values of its own, and begins with none; and so has
each coroutine or task that runs in a context of its own (`contextvars.copy_context`,
as asyncio's tasks and this package's coroutines do): it keeps the values that held
where it was started, after the call that set them has returned, and what it sets
in turn is seen by nobody else.

To carry the values into a thread, run the function there in
`contextvars.copy_context()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

__all__ = [
    "ContextTracker",
    "ThreadedContextTracker",
    "call",
    "defaultContextDict",
    "get",
    "installContextTracker",
    "setDefault",
    "theContextTracker",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")

defaultContextDict: dict[Any, Any] = {}
"""What `get` gives for a key that no call has set."""

_nothing: Mapping[Any, Any] = {}


class ContextTracker:
    """The values of the calls that are under way, in each thread or task."""

    def __init__(self) -> None:
        self._values: ContextVar[Mapping[Any, Any]] = ContextVar(
            "twisted.python.context", default=_nothing
        )

    def callWithContext(
        self,
        newContext: Mapping[Any, Any],
        func: Callable[_P, _R],
        *args: _P.args,
        **kw: _P.kwargs,
    ) -> _R:
        """
        Call *func* with *args* and *kw*; the keys of *newContext* hold meanwhile.

        Keys that were set by calls around this one hold too, unless they are set
        anew.  Returns and raises what *func* does.
        """
        values = self._values
        token = values.set({**values.get(), **newContext})
        try:
            return func(*args, **kw)
        finally:
            values.reset(token)

    def getContext(self, key: Any, default: Any = None) -> Any:
        """The value of *key*; else that of `setDefault`, else *default*."""
        values = self._values.get()
        if key in values:
            return values[key]
        return defaultContextDict.get(key, default)


class ThreadedContextTracker:
    """A tracker for programs with threads, as `ContextTracker` itself is one."""

    def __init__(self) -> None:
        self._tracker = ContextTracker()

    def currentContext(self) -> ContextTracker:
        """The tracker that knows the values of the calling thread."""
        return self._tracker

    def callWithContext(
        self, ctx: Mapping[Any, Any], func: Callable[_P, _R], *args: _P.args, **kw: _P.kwargs
    ) -> _R:
        """Call *func* with *args* and *kw*; the keys of *ctx* hold meanwhile."""
        return self._tracker.callWithContext(ctx, func, *args, **kw)

    def getContext(self, key: Any, default: Any = None) -> Any:
        """The value of *key*; else that of `setDefault`, else *default*."""
        return self._tracker.getContext(key, default)


theContextTracker: ContextTracker | ThreadedContextTracker = ThreadedContextTracker()
"""The tracker behind `call` and `get`."""


def installContextTracker(ctr: ContextTracker | ThreadedContextTracker) -> None:
    """Let *ctr*, an object with the methods of a tracker, stand behind `call` and `get`."""
    global theContextTracker
    theContextTracker = ctr


def call(ctx: Mapping[Any, Any], func: Callable[_P, _R], *args: _P.args, **kw: _P.kwargs) -> _R:
    """Call *func* with *args* and *kw*; the keys of *ctx* hold meanwhile."""
    return theContextTracker.callWithContext(ctx, func, *args, **kw)


def get(key: Any, default: Any = None) -> Any:
    """The value of *key* in the calls that are under way; else its default, else *default*."""
    return theContextTracker.getContext(key, default)


def setDefault(key: Any, value: Any) -> None:
    """Let `get` give *value* for *key* where no call has set it."""
    defaultContextDict[key] = value
