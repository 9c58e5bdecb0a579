"""Services with state that is not kept when they are pickled."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.application.service import Service

__name__ = "twisted.application.internet"  # the public path, for pickles and messages


class VolatileDataService(Service):
    """A service of which some attributes belong to the process that runs it.

    Attributes:
        volatile: their names.
    """

    volatile: ClassVar[list[str]] = []

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        for name in self.volatile:
            state.pop(name, None)
        return state
