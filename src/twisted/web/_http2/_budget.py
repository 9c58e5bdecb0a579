"""How much a peer may ask for that is of no use to anybody."""

from __future__ import annotations

from collections.abc import Callable


class Budget:
    """So many at once, and so many each second.

    Args:
        burst: how many at once.
        rate: how many are given back each second.
        seconds: tells the time.
    """

    __slots__ = ("_burst", "_left", "_rate", "_seconds", "_since")

    def __init__(self, burst: float, rate: float, seconds: Callable[[], float]) -> None:
        self._burst = burst
        self._rate = rate
        self._seconds = seconds
        self._left = burst
        self._since = seconds()

    def spend(self) -> bool:
        """Whether there is one left, which is then spent."""
        if self._left < 1:
            # The time is asked for when it matters, and not for each frame.
            now = self._seconds()
            self._left = min(self._burst, self._left + (now - self._since) * self._rate)
            self._since = now
        self._left -= 1
        return self._left >= 0

    def earn(self, amount: float) -> None:
        """Give some back, for what was done that is of use."""
        self._left = min(self._burst, self._left + amount)
