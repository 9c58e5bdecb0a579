"""Deferreds written down as straight code: generators and coroutines."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from types import CoroutineType, GeneratorType
from typing import Any, NoReturn, ParamSpec, TypeVar

from twisted.internet.defer._deferred import Deferred
from twisted.internet.defer._tasks import Returned, start

_T = TypeVar("_T")
_P = ParamSpec("_P")


def inlineCallbacks(
    f: Callable[_P, Generator[Deferred[Any], Any, _T]],
) -> Callable[_P, Deferred[_T]]:
    """Let a generator function wait for Deferreds.

        @inlineCallbacks
        def fetchBoth(first, second):
            one = yield fetch(first)
            two = yield fetch(second)
            return one + two

    Each `yield` of a Deferred waits for it, and gives its result or raises its exception.  A
    coroutine and a future of asyncio can be yielded too; any other value is given back at once.
    The generator runs in a copy of the caller's context (see `contextvars`).

    Returns:
        A function that returns a Deferred for what the generator returns or raises.  Cancelling
        it cancels the Deferred that the generator waits for.

    Raises:
        TypeError: (when called) the function did not return a generator.
    """

    @wraps(f)
    def startGenerator(*args: _P.args, **kwargs: _P.kwargs) -> Deferred[_T]:
        # benchmarks/deferred_cases.py, "generator"
        generator = f(*args, **kwargs)
        if type(generator) is not GeneratorType:
            raise TypeError(
                f"inlineCallbacks needs a generator function (one with a yield in it), but {f!r} "
                f"returned {generator!r}"
            )
        return start(generator)

    return startGenerator


def returnValue(val: object) -> NoReturn:
    """End the generator of an `inlineCallbacks` function with a result: the same as `return val`,
    from times when generators could not."""
    raise Returned(val)


def ensureDeferred(
    coro: Coroutine[Deferred[Any], Any, _T] | Generator[Deferred[Any], Any, _T] | Deferred[_T],
) -> Deferred[_T]:
    """A Deferred for a coroutine, which begins to run; a Deferred is returned as it is.

    Raises:
        NotACoroutineError: it is neither.
    """
    if type(coro) is not CoroutineType and isinstance(coro, Deferred):
        return coro
    return start(coro)
