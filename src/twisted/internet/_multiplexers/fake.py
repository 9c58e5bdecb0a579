"""For tests: real descriptors, time that does not pass.

Where another multiplexer would wait, this one moves its clock to the end of the
wait: a test of an hour's timeout takes no time, and sees the same order of events
as a real hour would give.  Descriptors are the kernel's, and are asked first, so
that sockets, pipes and threads work as they are.
"""

from __future__ import annotations

from twisted.internet._multiplexers.poll import PollMultiplexer

#: Real seconds in which another thread may answer before the clock jumps.
GRACE = 0.02


class FakeMultiplexer(PollMultiplexer):
    """A `Multiplexer` that advances its own clock instead of waiting."""

    __slots__ = ("_now", "_scripted")

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._scripted: list[tuple[int, int]] = []

    def seconds(self) -> float:
        """The time, in seconds since this object was made."""
        return self._now

    def script(self, fd: int, mask: int) -> None:
        """Report `mask` for `fd` at the next poll, whatever the kernel says."""
        self._scripted.append((fd, mask))

    def poll(self, timeout: float | None) -> list[tuple[int, int]]:
        if self._scripted:
            events, self._scripted = self._scripted, []
            return events
        if timeout is None:
            return super().poll(None)
        events = super().poll(0)
        if not events and timeout > 0:
            events = super().poll(GRACE)
            if not events:
                self._now += timeout
        return events
