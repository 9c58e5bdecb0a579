"""crypt(3) of the C library, which has the password hashes of the system.

The module `crypt` of Python 3.11 is gone in 3.13; the library stays.  ``crypt_r`` is called, which
any number of threads may do at once, and which runs without the interpreter's lock.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes.util import find_library
from functools import lru_cache
from typing import Any

#: Bytes for ``struct crypt_data``: glibc's has 131232 of them, libxcrypt's 32768.
_STATE_BYTES = 1 << 18
#: Its usual names; `find_library` may start a compiler.
_NAMES = ("libcrypt.so.1", "libcrypt.so.2")


def _names() -> Iterator[str | None]:
    """What the library may be called; to look for it takes long, so that comes last."""
    yield from _NAMES
    yield find_library("crypt")
    yield find_library("c")


def _library() -> ctypes.CDLL | None:
    for name in _names():
        try:
            # Without a name it would be the program itself, and an error on Windows.
            if name is not None:
                return ctypes.CDLL(name)
        except OSError:
            continue
    return None


@lru_cache
def _function() -> Any:
    library = _library()
    function = getattr(library, "crypt_r", None)
    if function is None:
        return None
    function.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
    function.restype = ctypes.c_char_p
    return function


def crypt(password: bytes, setting: bytes) -> bytes | None:
    """The hash of a password.

    Args:
        password: without a NUL, at which it would end.
        setting: another hash, whose method, cost and salt are used; or these alone.

    Returns:
        The hash; None if the library does not know the method.

    Raises:
        ValueError: one of them has a NUL.
    """
    if b"\0" in password or b"\0" in setting:
        raise ValueError("crypt(3) takes nothing with a NUL in it")
    function = _function()
    if function is None:
        return None
    hashed: bytes | None = function(password, setting, ctypes.create_string_buffer(_STATE_BYTES))
    # What fails gives no result, or one that begins with a star and is no hash.
    return None if hashed is None or hashed.startswith(b"*") else hashed
