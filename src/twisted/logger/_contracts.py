"""What the parts of the log promise each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import Interface

LogEvent = dict[str, Any]
"""
What happened, by key.

The keys that start with `log_` belong to this package: `log_format`, `log_level`,
`log_namespace`, `log_source`, `log_time`, `log_system`, `log_failure`, `log_logger`,
`log_trace`, `log_flattened`.  All others are the program's.
"""

LogObserver = Callable[[LogEvent], object]
"""What is accepted wherever an observer is asked for: `ILogObserver`, declared or not."""


class ILogObserver(Interface):
    """Something that is told about events."""

    def __call__(event: LogEvent) -> None:
        """
        An event happened.

        The same dictionary is shown to all observers: do not change it.  An
        observer may be called from any thread, and must not block.
        """
