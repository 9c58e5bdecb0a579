"""The shadow password database, by the C library, which knows where the system keeps it.

The module `spwd` of Python 3.11 is gone in 3.13.
"""

from __future__ import annotations

import ctypes
import errno
import os
from typing import Any, NamedTuple

#: Bytes for the texts of one entry; the longest hash there is has a few hundred.
_BUFFER_BYTES = 1 << 14


class _Record(ctypes.Structure):
    """``struct spwd``."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("password", ctypes.c_char_p),
        *((name, ctypes.c_long) for name in ("changed", "least", "most", "warn", "inact", "end")),
        ("flags", ctypes.c_ulong),
    ]


class Entry(NamedTuple):
    """What is known of a user.

    Attributes:
        sp_namp: the name.
        sp_pwdp: the hash of the password, or what cannot be one.
    """

    sp_namp: str
    sp_pwdp: str


def getspnam(name: str) -> Entry:
    """The entry of a user.

    Raises:
        KeyError: there is none, or no such database.
        PermissionError: the process may not see it; root may.
    """
    function: Any = getattr(ctypes.CDLL(None, use_errno=True), "getspnam_r", None)
    if function is None:
        raise KeyError(name)
    record, found = _Record(), ctypes.c_void_p()
    buffer = ctypes.create_string_buffer(_BUFFER_BYTES)
    failed = function(
        os.fsencode(name),
        ctypes.byref(record),
        buffer,
        ctypes.c_size_t(len(buffer)),
        ctypes.byref(found),
    )
    if failed in (errno.EACCES, errno.EPERM):
        raise PermissionError(failed, os.strerror(failed))
    if not found.value:
        raise KeyError(name)
    return Entry(os.fsdecode(record.name), os.fsdecode(record.password))
