"""Find programs."""

from __future__ import annotations

import os

__all__ = ["which"]


def which(name: str, flags: int = os.X_OK) -> list[str]:
    """Every file that the shell could mean by a name, the preferred one first.

    Args:
        name: name of a program, without a directory.
        flags: what must be allowed with the file, see `os.access`.

    Returns:
        Paths, in the order of the directories of ``PATH``; the name is also tried with the
        endings of ``PATHEXT`` (Windows).  An empty list when nothing fits.
    """
    search = os.environ.get("PATH")
    if search is None:
        return []
    endings = ["", *filter(None, os.environ.get("PATHEXT", "").split(os.pathsep))]
    candidates = (
        os.path.join(directory, name) + ending
        for directory in search.split(os.pathsep)
        for ending in endings
    )
    return [path for path in candidates if os.access(path, flags) and not os.path.isdir(path)]
