"""CoreFoundation's run loops where there is no macOS, as Apple's reference describes them."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from math import ceil
from typing import Any


class _Timer:
    def __init__(self, due: float, callback: Callable[[Any, Any], object], info: object) -> None:
        self.due = due
        self.callback = callback
        self.info = info
        self.isValid = True


class _Descriptor:
    def __init__(self, fd: int, callback: Callable[[Any, int, Any], object], info: object) -> None:
        self.fd = fd
        self.callback = callback
        self.info = info
        self.enabled = 0
        self.isValid = True


class _Source:
    def __init__(self, descriptor: _Descriptor) -> None:
        self.descriptor = descriptor


class RunLoop:
    """One run loop: its sources and timers by mode, and the runs that are in progress."""

    def __init__(self) -> None:
        self.sources: list[tuple[_Source, str]] = []
        self.timers: list[tuple[_Timer, str]] = []
        self.runs: list[bool] = []


class FakeFramework:
    """PyObjC's module `CoreFoundation`, for `CFReactor`, in one thread.

    Attributes:
        loop: the run loop of this thread.
    """

    kCFRunLoopCommonModes = "common"
    kCFRunLoopDefaultMode = "default"

    def __init__(self) -> None:
        self.loop = RunLoop()

    def CFAbsoluteTimeGetCurrent(self) -> float:
        # Its zero is the beginning of 2001.
        return time.time() - 978307200

    def CFRunLoopGetCurrent(self) -> RunLoop:
        return self.loop

    def CFRunLoopAddSource(self, loop: RunLoop, source: _Source, mode: str) -> None:
        loop.sources.append((source, mode))

    def CFRunLoopRemoveSource(self, loop: RunLoop, source: _Source, mode: str) -> None:
        loop.sources.remove((source, mode))

    def CFRunLoopTimerCreate(
        self,
        allocator: None,
        due: float,
        interval: float,
        flags: int,
        order: int,
        callback: Callable[[Any, Any], object],
        info: object,
    ) -> _Timer:
        assert (allocator, interval, flags, order) == (None, 0, 0, 0)
        return _Timer(due, callback, info)

    def CFRunLoopAddTimer(self, loop: RunLoop, timer: _Timer, mode: str) -> None:
        loop.timers.append((timer, mode))

    def CFRunLoopTimerInvalidate(self, timer: _Timer) -> None:
        timer.isValid = False
        self.loop.timers = [item for item in self.loop.timers if item[0] is not timer]

    def CFFileDescriptorCreate(
        self,
        allocator: None,
        fd: int,
        close: bool,
        callback: Callable[[Any, int, Any], object],
        info: object,
    ) -> _Descriptor:
        assert not close, "the reactor's queue is not ours to close"
        return _Descriptor(fd, callback, info)

    def CFFileDescriptorCreateRunLoopSource(
        self, allocator: None, descriptor: _Descriptor, order: int
    ) -> _Source:
        return _Source(descriptor)

    def CFFileDescriptorEnableCallBacks(self, descriptor: _Descriptor, kinds: int) -> None:
        # Of one that is invalid nothing comes any more.
        descriptor.enabled |= kinds

    def CFFileDescriptorInvalidate(self, descriptor: _Descriptor) -> None:
        descriptor.isValid = False

    # Running

    def CFRunLoopRun(self) -> None:
        loop = self.loop
        loop.runs.append(True)
        while loop.runs[-1] and (loop.sources or loop.timers):
            self._round(None)
        loop.runs.pop()

    def CFRunLoopStop(self, loop: RunLoop) -> None:
        if loop.runs:
            loop.runs[-1] = False

    def CFRunLoopRunInMode(self, mode: str, seconds: float, once: bool) -> None:
        assert mode == self.kCFRunLoopDefaultMode and once
        self.loop.runs.append(True)
        self._round(seconds)
        self.loop.runs.pop()

    def _round(self, seconds: float | None) -> None:
        """Wait, and serve what is ready."""
        now = self.CFAbsoluteTimeGetCurrent()
        waits = [max(0, timer.due - now) for timer, _ in self.loop.timers]
        waits += [] if seconds is None else [min(seconds, 3600)]
        poller = select.poll()
        watched = [source.descriptor for source, _ in self.loop.sources]
        for descriptor in watched:
            if descriptor.enabled:
                poller.register(descriptor.fd, select.POLLIN)
        ready = {fd for fd, _ in poller.poll(ceil(min(waits) * 1000) if waits else None)}
        for timer, mode in list(self.loop.timers):
            if timer.due <= self.CFAbsoluteTimeGetCurrent() and timer.isValid:
                # A timer that does not repeat is invalid once it has fired.
                timer.isValid = False
                self.loop.timers.remove((timer, mode))
                timer.callback(timer, timer.info)
        for descriptor in watched:
            if descriptor.fd in ready and descriptor.isValid and descriptor.enabled:
                descriptor.enabled = 0
                descriptor.callback(descriptor, 1, descriptor.info)
