"""Where a test has made what it leaves behind in the reactor.

Theory of operation
-------------------
The methods of the reactor that plan a call, listen, connect or start a program are replaced, on
the reactor that is there, by ones that also note the line which called them.  That line is the
nearest one outside the engine and asyncio: `deferLater`, an endpoint or a stream is not whom to
ask.  What was made in the loop, such as a connection that a port has accepted, has no such line of
its own; its port has.

`DelayedCall.debug` would keep a whole stack, as text, for each call: too slow for all tests, and
kept by nothing but calls.
"""

from __future__ import annotations

import functools
import linecache
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

import twisted
from twisted.trial import _waiting

_ENGINE: Final = os.path.dirname(twisted.__file__) + os.sep
_TESTS: Final = f"{os.sep}test{os.sep}"
_ASYNCIO: Final = os.path.join(os.path.dirname(os.__file__), "asyncio") + os.sep
_TRIAL: Final = os.path.dirname(_waiting.__file__) + os.sep
# Outside of these is who runs tests.
_STAGES: Final = frozenset(
    os.path.join(_TRIAL, name) for name in ("_synctest.py", "_asynctest.py", "_waiting.py")
)

_MAKERS: Final = ("callLater", "listen", "connect", "adopt", "spawn")
# By which attribute a connection knows what has made it.
_OWNERS: Final = ("_process", "connector", "server", "proc")


class Origin(NamedTuple):
    """A line of a program."""

    filename: str
    line: int
    function: str

    def __str__(self) -> str:
        source = linecache.getline(self.filename, self.line).strip()
        return f"made at {self.filename}:{self.line}, in {self.function}: {source}"


_origins: WeakKeyDictionary[Any, Origin] = WeakKeyDictionary()
_watched: WeakSet[Any] = WeakSet()


def _caller() -> Origin | None:
    """The nearest line of the test, or of what it tests; None if the loop is the caller."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename not in _STAGES:
        filename = frame.f_code.co_filename
        if not filename.startswith((_ENGINE, _ASYNCIO)) or _TESTS in filename:
            return Origin(filename, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back
    return None


def _noting(maker: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(maker)
    def make(*args: Any, **kwargs: Any) -> Any:
        made = maker(*args, **kwargs)
        origin = _caller()
        if origin is not None:
            try:
                _origins[made] = origin
            except TypeError:
                # Something that a test has put in the place of a port or call.
                pass
        return made

    return make


def watch(reactor: Any) -> None:
    """Note from now on who plans calls in a reactor, and who opens connections and ports.

    Args:
        reactor: The reactor; nothing happens if it is watched already.
    """
    if reactor in _watched:
        return
    try:
        _watched.add(reactor)
        for name in dir(type(reactor)):
            maker = getattr(reactor, name) if name.startswith(_MAKERS) else None
            if callable(maker):
                setattr(reactor, name, _noting(maker))
    except (AttributeError, TypeError):
        # A reactor of somebody else's, which cannot be watched; leftovers are found all the same.
        pass


def originOf(leftover: Any) -> Origin | None:
    """Where a call, port or connection was made, if that is known.

    Args:
        leftover: What is left in the reactor.
    """
    # An attempt to connect has its connection.
    known = [leftover, getattr(leftover, "_transport", None)]
    known += [getattr(each, name, None) for each in known[:] for name in _OWNERS]
    for each in known:
        try:
            origin = None if each is None else _origins.get(each)
        except TypeError:
            # It cannot be looked up, and so was not noted either.
            continue
        if origin is not None:
            return origin
    return None
