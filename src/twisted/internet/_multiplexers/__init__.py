"""Multiplexers: how the loop learns from the kernel which descriptors are ready.

One module for each system call.  All of them keep the contract of
`Multiplexer`, and all speak in the bits of ``poll(2)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

#: Data, a connection or an end of stream can be read.
READ = 0x001
#: Data can be written, or a connection attempt has ended.
WRITE = 0x004
#: Reading or writing will tell what is wrong.
TROUBLE = 0x008 | 0x010 | 0x020  # POLLERR, POLLHUP, POLLNVAL


class Multiplexer(Protocol):
    """What the loop wants of the kernel.

    Descriptors are plain numbers and interests are masks of `READ` and `WRITE`,
    never 0: a kernel reports trouble on all that it knows, so a descriptor in
    which nobody has an interest is unregistered, else the loop would spin on it.
    """

    def register(self, fd: int, mask: int) -> None:
        """Begin to watch `fd`; OSError if the kernel cannot."""

    def modify(self, fd: int, mask: int) -> None:
        """Watch a registered `fd` for `mask` instead."""

    def unregister(self, fd: int) -> None:
        """Stop to watch `fd`, which may have been closed already."""

    def poll(self, timeout: float | None) -> Sequence[tuple[int, int]]:
        """Wait until a descriptor is ready, at most `timeout` seconds (None: for ever).

        Returns pairs of a descriptor and a mask of `READ`, `WRITE` and `TROUBLE`.
        """

    def close(self) -> None:
        """Give back what the kernel lent."""
