"""inotify(7) of the kernel: its calls, and the bytes that it tells events in."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

# struct inotify_event: watch, mask, cookie, and the length of the name that follows.
_HEADER = struct.Struct("iIII")
_NAME_MAX = 255
#: The kernel writes whole events only, and refuses if there is not room for one.
LONGEST_EVENT = _HEADER.size + _NAME_MAX + 1


class Event(NamedTuple):
    """One event.

    Attributes:
        watch: whose it is, or -1.
        mask: what has happened.
        cookie: the same for both events of a renaming, or 0.
        name: of what in the watched directory; empty if of what is watched itself.
    """

    watch: int
    mask: int
    cookie: int
    name: bytes


def parse_events(data: bytes) -> Iterator[Event]:
    """The events in what was read in one go."""
    position = 0
    while position < len(data):
        watch, mask, cookie, length = _HEADER.unpack_from(data, position)
        position += _HEADER.size
        # The kernel fills up with zeros.
        yield Event(watch, mask, cookie, data[position : position + length].rstrip(b"\0"))
        position += length


@cache
def _function(name: str, *arguments: type[ctypes._SimpleCData[Any]]) -> Callable[..., int]:
    try:
        found = ctypes.CDLL(None, use_errno=True)[name]
    except AttributeError:
        raise NotImplementedError(
            "this system has no inotify, which is Linux's: ask for changes now and then instead"
        ) from None
    found.argtypes = arguments
    found.restype = ctypes.c_int

    def call(*values: object) -> int:
        result: int = found(*values)
        if result == -1:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result

    return call


def open_queue() -> int:
    """A descriptor from which events are read; it does not block, and children do not get it."""
    return _function("inotify_init1", ctypes.c_int)(os.O_NONBLOCK | os.O_CLOEXEC)


def add_watch(queue: int, path: bytes, mask: int) -> int:
    """Watch a path; returns the watch's number, the same for each path to one thing.

    Raises:
        OSError: it is not there, may not be read, or the user's limit is reached.
    """
    function = _function("inotify_add_watch", ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
    return function(queue, path, mask)


def remove_watch(queue: int, watch: int) -> None:
    """End a watch.

    Raises:
        OSError: it has ended already.
    """
    _function("inotify_rm_watch", ctypes.c_int, ctypes.c_int)(queue, watch)
