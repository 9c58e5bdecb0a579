"""Warnings that a test emits: collected while it runs, flushed by it or shown after it."""

from __future__ import annotations

import contextlib
import inspect
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from types import CodeType
from typing import Any, NamedTuple, TextIO


class Emitted(NamedTuple):
    """One warning, as `warnings.warn_explicit` takes it."""

    message: Warning
    category: type[Warning]
    filename: str
    lineno: int


@contextlib.contextmanager
def collecting(
    into: list[Emitted], suppressed: Iterable[tuple[tuple[Any, ...], dict[str, Any]]] | None
) -> Iterator[None]:
    """Append every warning to `into` in place of showing it.

    Args:
        into: Gets the warnings.
        suppressed: Filters that decide before all others, as arguments of
            `warnings.filterwarnings`; the filters of the process are not asked then.  They
            alone decide if it is None.
    """

    def keep(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        warning = message if isinstance(message, Warning) else category(message)
        into.append(Emitted(warning, category, filename, lineno))

    with warnings.catch_warnings():
        if suppressed is not None:
            # Also makes Python forget which places have warned once already.
            warnings.simplefilter("always")
            for args, kwargs in suppressed:
                warnings.filterwarnings(*args, **kwargs)
        warnings.showwarning = keep
        yield


def _lastLine(code: CodeType) -> int:
    last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    inner = [_lastLine(each) for each in code.co_consts if isinstance(each, CodeType)]
    return max([last, *inner])


def _source(filename: str) -> str:
    return os.path.normcase(os.path.abspath(filename))


class _Place(NamedTuple):
    filename: str
    first: int
    last: int

    def holds(self, warning: Emitted) -> bool:
        return (
            self.first <= warning.lineno <= self.last and _source(warning.filename) == self.filename
        )


def _placeOf(function: Callable[..., Any]) -> _Place:
    plain = inspect.unwrap(function)
    code: CodeType | None = getattr(plain, "__code__", None)
    if code is None:
        lines, first = inspect.getsourcelines(plain)
        return _Place(_source(inspect.getsourcefile(plain) or ""), first, first + len(lines) - 1)
    return _Place(_source(code.co_filename), code.co_firstlineno, _lastLine(code))


def split(
    emitted: list[Emitted], offendingFunctions: Iterable[Callable[..., Any]] | None
) -> tuple[list[Emitted], list[Emitted]]:
    """Part the warnings that point into one of the functions from the others.

    Args:
        emitted: The warnings.
        offendingFunctions: The functions; None takes every warning.
    """
    if offendingFunctions is None:
        return emitted[:], []
    places = [_placeOf(function) for function in offendingFunctions]
    taken: list[Emitted] = []
    left: list[Emitted] = []
    for warning in emitted:
        blamed = any(place.holds(warning) for place in places)
        (taken if blamed else left).append(warning)
    return taken, left
