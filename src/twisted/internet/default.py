"""The reactor that suits this platform best."""

from __future__ import annotations

import select
from importlib import import_module

__all__ = ["install"]

#: What a platform must have in its `select` module, best first; the others are not loaded.
_BY_PREFERENCE = (
    ("epoll", "twisted.internet.epollreactor"),
    ("kqueue", "twisted.internet.kqreactor"),
    ("poll", "twisted.internet.pollreactor"),
    ("select", "twisted.internet.selectreactor"),
)


def install() -> None:
    """Make the best reactor of this platform the reactor of this process."""
    for feature, module in _BY_PREFERENCE:
        if hasattr(select, feature):
            import_module(module).install()
            return
