"""How much a client may ask for in a time."""

from __future__ import annotations

from collections.abc import Callable


class Budget:
    """What is left to one client: it fills at a rate, up to a burst. A token bucket.

    Args:
        burst: how much can be used at once.
        rate: how much comes back each second.
        seconds: what time it is, by any clock that only goes forward.
    """

    __slots__ = ("burst", "left", "rate", "seconds", "since")

    def __init__(self, burst: float, rate: float, seconds: Callable[[], float]) -> None:
        self.burst = burst
        self.rate = rate
        self.seconds = seconds
        self.left = burst
        self.since = seconds()

    def use(self) -> float:
        """Use one of what is left.

        Returns:
            0 if it was there. Otherwise nothing was used, and these are the seconds until it will
            be there.
        """
        # Time is asked for only when nothing seems to be left (benchmark words-messages).
        if self.left < 1:
            now = self.seconds()
            self.left = min(self.burst, self.left + (now - self.since) * self.rate)
            self.since = now
            if self.left < 1:
                return (1 - self.left) / self.rate
        self.left -= 1
        return 0
