"""A delayed call whose result is a Deferred."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from twisted.internet.defer import Deferred

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

_T = TypeVar("_T")


@overload
def deferLater(clock: IReactorTime, delay: float) -> Deferred[None]: ...


@overload
def deferLater(
    clock: IReactorTime, delay: float, callable: Callable[..., _T], *args: object, **kw: object
) -> Deferred[_T]: ...


def deferLater(
    clock: IReactorTime,
    delay: float,
    callable: Callable[..., Any] | None = None,
    *args: object,
    **kw: object,
) -> Deferred[Any]:
    """
    Call a function later, and have its result as a Deferred.

    Args:
        clock: what to plan the call with, such as the reactor.
        delay: seconds until the call.
        callable: what to call with the remaining arguments; without it, this
            is a Deferred that fires after the delay.

    Returns: a Deferred that fires with the result of the call, or fails with
        what it raised.  To cancel it cancels the call.

    Raises:
        TypeError: `callable` is not.
    """
    if callable is not None and not builtins.callable(callable):
        raise TypeError(f"deferLater makes a call: {callable!r} cannot be called")
    result: Deferred[Any] = Deferred(lambda _: call.cancel())
    if callable is not None:
        function = callable
        result.addCallback(lambda _: function(*args, **kw))
    call = clock.callLater(delay, result.callback, None)
    return result
