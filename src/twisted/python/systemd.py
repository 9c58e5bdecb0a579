"""Sockets that systemd has opened for this process, see sd_listen_fds(3)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, MutableMapping, Sequence

__all__ = ["ListenFDs"]

# The first descriptor after standard input, output and error.
_FIRST = 3

_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


class ListenFDs:
    """The descriptors that were handed over.

    Args:
        descriptors: their numbers.
        names: a name for each, if they have any.
    """

    def __init__(self, descriptors: Sequence[int], names: Iterable[str] = ()) -> None:
        self._descriptors = list(descriptors)
        self._names = tuple(names)

    @classmethod
    def fromEnvironment(
        cls, environ: MutableMapping[str, str] | None = None, start: int | None = None
    ) -> ListenFDs:
        """Read what the environment says, and take it out, so that no child believes it too.

        There are none when it is meant for another process, or makes no sense.

        Args:
            environ: the environment; that of this process by default.
            start: the number of the first descriptor; 3 by default.
        """
        variables = os.environ if environ is None else environ
        pid, count, names = (variables.pop(name, "") for name in _VARIABLES)
        if not count.isdecimal() or pid != str(os.getpid()):
            return cls([])
        first = _FIRST if start is None else start
        descriptors = range(first, first + int(count))
        given = names.split(":") if names else []
        if given and len(given) != len(descriptors):
            return cls([])
        return cls(descriptors, given)

    def inheritedDescriptors(self) -> list[int]:
        """The numbers of the descriptors."""
        return list(self._descriptors)

    def inheritedNamedDescriptors(self) -> Mapping[str, int]:
        """The descriptors by their names; of several with one name, the last."""
        return dict(zip(self._names, self._descriptors, strict=False))
