"""Names with which programs once spanned several versions of Python.

New code has no use for most of them: the built-in of the same name does the job.  What still
earns its keep is the border between text and the network: `networkString`, `nativeString`,
`intToBytes`, `iterbytes`, `lazyByteSlice`.
"""

from __future__ import annotations

import builtins
import functools
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from types import TracebackType
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote as urlquote
from urllib.parse import unquote as urlunquote

__all__ = [
    "FileType",
    "InstanceType",
    "NativeStringIO",
    "Sequence",
    "StringType",
    "bytesEnviron",
    "cmp",
    "comparable",
    "escape",
    "execfile",
    "frozenset",
    "intToBytes",
    "intern",
    "items",
    "iterbytes",
    "iteritems",
    "itervalues",
    "lazyByteSlice",
    "nativeString",
    "networkString",
    "range",
    "raw_input",
    "reduce",
    "reraise",
    "set",
    "unichr",
    "unicode",
    "urlquote",
    "urlunquote",
    "xrange",
]

_C = TypeVar("_C", bound=type)
_K = TypeVar("_K")
_V = TypeVar("_V")

FileType = io.IOBase
InstanceType = object
NativeStringIO = io.StringIO
StringType = str
unicode = str
range = builtins.range
xrange = builtins.range
set = builtins.set
frozenset = builtins.frozenset
raw_input = input
unichr = chr
intern = sys.intern
reduce = functools.reduce


def cmp(a: Any, b: Any) -> int:
    """-1, 0 or 1: how ``a`` compares with ``b``."""
    if a < b:
        return -1
    return 0 if a == b else 1


def comparable(klass: _C) -> _C:
    """A class decorator: the six comparison operators from one ``__cmp__`` method.

    ``__cmp__(self, other)`` gives a number below, equal to or above 0, or `NotImplemented`.
    """
    tests: dict[str, Callable[[int], bool]] = {
        "__lt__": lambda order: order < 0,
        "__le__": lambda order: order <= 0,
        "__eq__": lambda order: order == 0,
        "__ne__": lambda order: order != 0,
        "__gt__": lambda order: order > 0,
        "__ge__": lambda order: order >= 0,
    }
    for name, test in tests.items():
        setattr(klass, name, _fromOrder(name, test))
    return klass


def _fromOrder(name: str, test: Callable[[int], bool]) -> Callable[[Any, object], Any]:
    def compare(self: Any, other: object) -> Any:
        order = self.__cmp__(other)
        return order if order is NotImplemented else test(order)

    compare.__name__ = name
    return compare


def nativeString(s: str | bytes) -> str:
    """ASCII text or bytes as `str`.

    Raises:
        TypeError: it is neither.
        UnicodeError: it has a character outside of ASCII.
    """
    if isinstance(s, bytes):
        return s.decode("ascii")
    if isinstance(s, str):
        s.encode("ascii")
        return s
    raise TypeError(f"expected str or bytes, not {s!r}")


def networkString(s: str) -> bytes:
    """ASCII text as the bytes to write.

    Raises:
        TypeError: ``s`` is not `str`.
        UnicodeError: it has a character outside of ASCII.
    """
    if not isinstance(s, str):
        raise TypeError(f"expected str, not {s!r}")
    return s.encode("ascii")


def intToBytes(i: int) -> bytes:
    """A number as decimal digits, as it is written on the wire."""
    return b"%d" % (i,)


def iterbytes(originalBytes: bytes) -> Iterator[bytes]:
    """Each byte as `bytes` of length one."""
    return (bytes((number,)) for number in originalBytes)


def lazyByteSlice(object: bytes, offset: int = 0, size: int | None = None) -> memoryview:
    """A part of some bytes without a copy of them.

    Args:
        object: the bytes.
        offset: where the part begins.
        size: how many bytes; up to the end by default.
    """
    view = memoryview(object)
    return view[offset:] if size is None else view[offset : offset + size]


def bytesEnviron() -> dict[bytes, bytes]:
    """A copy of the environment in bytes, as the system has it."""
    return {os.fsencode(name): os.fsencode(value) for name, value in os.environ.items()}


def reraise(exception: BaseException, traceback: TracebackType | None) -> NoReturn:
    """Raise an exception as if from where the traceback says."""
    raise exception.with_traceback(traceback)


def execfile(
    filename: str, globals: dict[str, Any], locals: Mapping[str, Any] | None = None
) -> None:
    """Run a file of Python source in the given namespaces."""
    with open(filename, "rb") as source:
        code = compile(source.read(), filename, "exec", dont_inherit=True)
    exec(code, globals, globals if locals is None else locals)


def iteritems(d: Mapping[_K, _V]) -> Iterable[tuple[_K, _V]]:
    """The pairs of a mapping, to go through once."""
    return d.items()


def itervalues(d: Mapping[_K, _V]) -> Iterable[_V]:
    """The values of a mapping, to go through once."""
    return d.values()


def items(d: Mapping[_K, _V]) -> list[tuple[_K, _V]]:
    """The pairs of a mapping as a list."""
    return list(d.items())
