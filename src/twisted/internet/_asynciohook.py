"""Where asyncio is let into a program that may never use it.

Theory of operation
-------------------
An event loop of asyncio rides on the reactor (`_asyncioloop`), and coroutines that wait for
Deferreds are tasks of it (`_asynciotasks`).  Both import asyncio, which takes longer than
all the rest, so both are loaded only when the program itself has imported it: whoever can
await something of asyncio's has done so.

That may happen at any time, even inside a coroutine that has begun.  So a reactor that
becomes the one of the process leaves a finder on `sys.meta_path` that looks at no name but
one, and is gone when that has been imported.  What does not work: to look at `sys.modules`
as the reactor starts (a program imports late), once a turn (the same turn may need the loop
already), or for every coroutine (most programs would pay for what they do not use).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextvars import copy_context
from importlib import import_module
from importlib.machinery import ModuleSpec
from threading import get_ident
from types import ModuleType
from typing import Any

from twisted.internet.defer import _tasks
from twisted.python._turn import turn

_ASYNCIO = "asyncio"


def isThere() -> bool:
    """Whether the program has imported asyncio."""
    return _ASYNCIO in sys.modules


def prepare() -> None:
    """A reactor is made: load what it will need if asyncio is there, while files can be opened."""
    if isThere():
        _bridge("loop")


def loopOf(reactor: Any) -> Any:
    """The asyncio loop that rides on a reactor; asyncio must be there."""
    return _bridge("loop").loopOf(reactor)


def expect() -> None:
    """The reactor of the process is chosen: be ready for asyncio, if it is not there yet."""
    if isThere():
        _arrived()
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _arrived() -> None:
    if _tasks.newContext is copy_context:
        _tasks.newContext = _firstContext
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if not getattr(reactor, "running", False):
        return
    if turn.thread == get_ident():
        reactor._enterAsyncio()
    else:
        reactor.callFromThread(reactor._enterAsyncio)


def _firstContext() -> Any:
    """The context of the first coroutine: from now on, `_asynciotasks` makes them."""
    return _bridge("tasks").newContext()


def _bridge(part: str) -> Any:
    return import_module(f"twisted.internet._asyncio{part}")


class _Finder:
    """Finds asyncio as others find it, and tells when it has been imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of asyncio; nothing for all other modules."""
        if name != _ASYNCIO:
            return None
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is not None:
                _tellWhenLoaded(spec.loader)
                return spec
        return None


def _tellWhenLoaded(loader: Any) -> None:
    execute = loader.exec_module

    def execModule(module: ModuleType) -> None:
        del loader.exec_module
        execute(module)
        _arrived()

    loader.exec_module = execModule
