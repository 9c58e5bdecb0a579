"""What the tests of Deferreds have in common."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred, inlineCallbacks

Work = Callable[..., Deferred[Any]]


class SomeError(Exception):
    """What goes wrong in these tests."""


def broken(result: object) -> Any:
    raise SomeError(result)


def returned(value: Any) -> Callable[[object], Any]:
    """A callback that returns this value."""
    return lambda result: value


class Recorder:
    """Callbacks that remember how they were called."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def cb(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(("cb", args, kwargs))
        return args[0]

    def eb(self, *args: Any, **kwargs: Any) -> None:
        self.calls.append(("eb", (args[0].type, *args[1:]), kwargs))


def depth() -> int:
    frame: Any = sys._getframe()
    count = 0
    while frame is not None:
        count, frame = count + 1, frame.f_back
    return count


@inlineCallbacks
def waitInGenerator(d: Deferred[Any]) -> Generator[Deferred[Any], Any, Any]:
    result = yield d
    return result


async def waitInCoroutine(d: Awaitable[Any]) -> Any:
    return await d


def startCoroutine(d: Deferred[Any]) -> Deferred[Any]:
    return ensureDeferred(waitInCoroutine(d))
