"""Small things that tests and test runners share."""

from __future__ import annotations

import cProfile
import functools
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from twisted.python.failure import Failure
from twisted.trial._cleanup import DirtyReactorAggregateError
from twisted.trial.itrial import ErrorLike, ExcInfo

__all__ = [
    "DEFAULT_TIMEOUT_DURATION",
    "DirtyReactorAggregateError",
    "acquireAttribute",
    "excInfoOrFailureToExcInfo",
    "profiled",
    "suppress",
]

_P = ParamSpec("_P")
_T = TypeVar("_T")

#: How long a test may take before it fails, in seconds, unless it says otherwise.
DEFAULT_TIMEOUT_DURATION = 120.0

_noDefault = object()


def acquireAttribute(objects: Iterable[Any], attr: str, default: Any = _noDefault) -> Any:
    """Return the attribute `attr` of the first of `objects` that has it.

    Raises:
        AttributeError: None has it, and there is no default.
    """
    for each in objects:
        found = getattr(each, attr, _noDefault)
        if found is not _noDefault:
            return found
    if default is not _noDefault:
        return default
    raise AttributeError(f"no attribute {attr!r} in {list(objects)!r}")


def excInfoOrFailureToExcInfo(err: ErrorLike) -> ExcInfo:
    """Return the triple that `sys.exc_info` would have returned for `err`."""
    if isinstance(err, Failure):
        return (err.type, err.value, err.getTracebackObject())
    return err


def suppress(action: str = "ignore", **kwarg: Any) -> tuple[tuple[str], dict[str, Any]]:
    """Return an entry of a test's ``suppress`` list.

    Args:
        action: What to do with such a warning, as for `warnings.filterwarnings`.
        kwarg: Which warnings: `message`, `category`, `module`, `lineno`.
    """
    return ((action,), kwarg)


def profiled(f: Callable[_P, _T], outputFile: str) -> Callable[_P, _T]:
    """Return a function that calls `f` under the profiler.

    Args:
        f: What to call.
        outputFile: Path for the figures of each call, in the format of `pstats`.
    """

    @functools.wraps(f)
    def measured(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        profile = cProfile.Profile()
        try:
            return profile.runcall(f, *args, **kwargs)
        finally:
            profile.dump_stats(outputFile)

    return measured
