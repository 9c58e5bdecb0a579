"""A body as it arrives, which can be made to wait.

What waits is not yet said to be out of the way, so that the peer's window closes behind it: no more
than that window can wait here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class Inbox:
    """Passes a body on, piece by piece, unless it is held.

    Args:
        deliver: called with each piece.
        consumed: called with the length of what is out of the way.
        complete: called at the end, when all pieces were delivered.

    Attributes:
        held: whether it is held.
    """

    __slots__ = ("_busy", "_complete", "_consumed", "_deliver", "_ended", "_pieces", "held")

    def __init__(
        self,
        deliver: Callable[[bytes], object],
        consumed: Callable[[int], object],
        complete: Callable[[], object],
    ) -> None:
        self._deliver = deliver
        self._consumed = consumed
        self._complete: Callable[[], object] | None = complete
        self._pieces: deque[bytes] = deque()
        self._ended = False
        self._busy = False
        self.held = False

    @property
    def ended(self) -> bool:
        """Whether all of the body is here, if not delivered."""
        return self._ended

    @property
    def waiting(self) -> bool:
        """Whether anything waits for who is to have it."""
        return self.held or bool(self._pieces)

    def receive(self, data: bytes) -> None:
        """A piece is there."""
        self._pieces.append(data)
        self._go()

    def finish(self) -> None:
        """That was all."""
        self._ended = True
        self._go()

    def hold(self) -> None:
        """Deliver nothing for now."""
        self.held = True

    def release(self) -> None:
        """Deliver what there is, and what comes."""
        self.held = False
        self._go()

    def drop(self) -> None:
        """Nobody wants the rest; others want its place in the window."""
        self._complete = None
        size = sum(map(len, self._pieces))
        self._pieces.clear()
        if size:
            self._consumed(size)

    def _go(self) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            while self._pieces and not self.held and self._complete is not None:
                data = self._pieces.popleft()
                try:
                    self._deliver(data)
                finally:
                    self._consumed(len(data))
        finally:
            self._busy = False
        if self._complete is None:
            self.drop()
        elif self._ended and not self.waiting:
            complete, self._complete = self._complete, None
            complete()
