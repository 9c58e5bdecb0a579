"""Make a Deferred at once: from a result, an error, or a call."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import CoroutineType
from typing import Any, ParamSpec, TypeVar, overload

from twisted.internet.defer._chain import PLAIN
from twisted.internet.defer._debug import logFailure
from twisted.internet.defer._deferred import Deferred
from twisted.internet.defer._errors import TimeoutError
from twisted.python.failure import Failure

_T = TypeVar("_T")
_P = ParamSpec("_P")


def succeed(result: _T) -> Deferred[_T]:
    """A Deferred that has fired with a result.

    For functions that promise a Deferred and have their result at once.
    """
    # benchmarks/deferred_cases.py, "coroutine" and "maybe": there is no chain yet to be run.
    d: Deferred[_T] = Deferred()
    if d._trail is None and (type(result) in PLAIN or not isinstance(result, (Deferred, Failure))):
        d.called = d._ready = True
        d.result = result
    else:
        d.callback(result)
    return d


def fail(result: Failure | BaseException | None = None) -> Deferred[Any]:
    """A Deferred that has failed.

    Args:
        result: as for `Deferred.errback`.
    """
    failed: Deferred[Any] = Deferred()
    failed.errback(result)
    return failed


def execute(callable: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Deferred[_T]:
    """Call a function now; a Deferred for what it returns or raises."""
    try:
        return succeed(callable(*args, **kwargs))
    except BaseException:  # the caller's, as a Deferred
        return fail()


@overload
def maybeDeferred(
    f: Callable[_P, Deferred[_T]], *args: _P.args, **kwargs: _P.kwargs
) -> Deferred[_T]: ...


@overload
def maybeDeferred(
    f: Callable[_P, Coroutine[Any, Any, _T]], *args: _P.args, **kwargs: _P.kwargs
) -> Deferred[_T]: ...


@overload
def maybeDeferred(f: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Deferred[_T]: ...


def maybeDeferred(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Deferred[Any]:
    """Call a function that may or may not return a Deferred, and always get one.

    Args:
        f: called as `f(*args, **kwargs)`.

    Returns:
        The Deferred that it returns; or one for the coroutine that it returns, the result, or the
        exception.
    """
    try:
        result = f(*args, **kwargs)
    except BaseException:  # the caller's, as a Deferred
        return fail()
    if type(result) in PLAIN:
        return succeed(result)
    if isinstance(result, Deferred):
        return result
    if isinstance(result, CoroutineType):
        return Deferred.fromCoroutine(result)
    return succeed(result)


def timeout(deferred: Deferred[Any]) -> None:
    """Fire a Deferred with a `TimeoutError`."""
    deferred.errback(Failure(TimeoutError("Callback timed out")))


def passthru(arg: _T) -> _T:
    """A callback, or an errback, that changes nothing."""
    return arg


def logError(err: Failure) -> Failure:
    """An errback that logs the failure and passes it on."""
    logFailure(err)
    return err
