"""A loop that owns us, in a few lines: what toolkits do, without a window."""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable

from twisted.internet._hostloop import HostLoopReactor, KernelQueue

Callback = Callable[[], object]


class FakeHost:
    """A `HostLoop` over poll(2) and the real clock.

    Attributes:
        events: what the application's windows have to say; served one in a round.
        timersSet: what `set_timer` was called with.
        swallowed: what callbacks have raised: toolkits print that, and go on.
    """

    def __init__(self) -> None:
        self.events: deque[Callback] = deque()
        self.timersSet: list[float | None] = []
        self.swallowed: list[BaseException] = []
        self.watched: tuple[int, Callback] | None = None
        self._timer: tuple[float, Callback] | None = None
        self._running: list[bool] = []

    def watch(self, fd: int, callback: Callback) -> None:
        assert self.watched is None, "one descriptor, and no more"
        self.watched = (fd, callback)

    def unwatch(self) -> None:
        self.watched = None

    def set_timer(self, seconds: float | None, callback: Callback) -> None:
        self.timersSet.append(seconds)
        self._timer = None if seconds is None else (time.monotonic() + seconds, callback)

    def run(self) -> None:
        self._running.append(True)
        while self._running[-1]:
            self.iterate(True)
        self._running.pop()

    def quit(self) -> None:
        if self._running:
            self._running[-1] = False

    def iterate(self, block: bool) -> None:
        poller = select.poll()
        if self.watched is not None:
            poller.register(self.watched[0], select.POLLIN)
        ready = poller.poll(self._patience() if block else 0)
        if self.events:
            self._call(self.events.popleft())
        if ready and self.watched is not None:
            self._call(self.watched[1])
        if self._timer is not None and self._timer[0] <= time.monotonic():
            callback, self._timer = self._timer[1], None
            self._call(callback)

    def _patience(self) -> float | None:
        if self.events:
            return 0
        if self._timer is None:
            return None
        return max(0, self._timer[0] - time.monotonic()) * 1000

    def _call(self, callback: Callback) -> None:
        try:
            callback()
        except Exception as error:
            self.swallowed.append(error)


class FakeHostReactor(HostLoopReactor):
    """A reactor within a `FakeHost`, which is its attribute `host`."""

    def __init__(self, queue: KernelQueue | None = None) -> None:
        self.host = FakeHost()
        super().__init__(self.host, queue)
