"""A reactor in a run loop of CoreFoundation, for programs with Cocoa's windows; chapter 3.9.5.

It needs PyObjC, and is installed before anything else::

    from PyObjCTools import AppHelper
    from twisted.internet import cfreactor
    cfreactor.install(runner=AppHelper.runEventLoop, stopper=AppHelper.stopEventLoop)

Theory of operation
-------------------
The run loop watches the kernel queue by a CFFileDescriptor, which tells once and is to be enabled
again after each call.  It does so in the *common* modes, so that menus, dialogs and windows that
are being dragged do not hold the reactor up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast

from twisted.internet._hostloop import HostLoopReactor, KernelQueue
from twisted.internet.main import installReactor

try:
    import CoreFoundation
except ImportError:
    CoreFoundation = None

__all__ = ["CFReactor", "Framework", "install"]

#: Seconds for which a run loop is told to run when it is to run for ever.
_FOR_EVER = 1e10
#: Seconds between two tries to end a loop, while another is being run within it.
_TRY_AGAIN = 0.02
_READ = 1  # kCFFileDescriptorReadCallBack


class Framework(Protocol):
    """What is used of PyObjC's module `CoreFoundation`, as Apple's reference has it.

    An allocator is always None, which is the default one.
    """

    kCFRunLoopCommonModes: Any
    kCFRunLoopDefaultMode: Any

    def CFAbsoluteTimeGetCurrent(self) -> float: ...
    def CFRunLoopGetCurrent(self) -> Any: ...
    def CFRunLoopRun(self) -> object: ...
    def CFRunLoopStop(self, loop: Any, /) -> object: ...
    def CFRunLoopRunInMode(self, mode: Any, seconds: float, once: bool, /) -> object: ...
    def CFRunLoopAddSource(self, loop: Any, source: Any, mode: Any, /) -> object: ...
    def CFRunLoopRemoveSource(self, loop: Any, source: Any, mode: Any, /) -> object: ...
    def CFRunLoopAddTimer(self, loop: Any, timer: Any, mode: Any, /) -> object: ...
    def CFRunLoopTimerCreate(
        self,
        allocator: None,
        due: float,
        interval: float,
        flags: int,
        order: int,
        callback: Callable[[Any, Any], object],
        info: object,
        /,
    ) -> Any: ...
    def CFRunLoopTimerInvalidate(self, timer: Any, /) -> object: ...
    def CFFileDescriptorCreate(
        self,
        allocator: None,
        fd: int,
        close: bool,
        callback: Callable[[Any, int, Any], object],
        info: object,
        /,
    ) -> Any: ...
    def CFFileDescriptorCreateRunLoopSource(
        self, allocator: None, descriptor: Any, order: int, /
    ) -> Any: ...
    def CFFileDescriptorEnableCallBacks(self, descriptor: Any, kinds: int, /) -> object: ...
    def CFFileDescriptorInvalidate(self, descriptor: Any, /) -> object: ...


class _RunLoop:
    """A `HostLoop` that is a CFRunLoop.

    Args:
        framework: CoreFoundation.
        loop: the run loop.
        runner: runs it until `stopper` is called.
        stopper: ends what `runner` does.
    """

    def __init__(
        self,
        framework: Framework,
        loop: Any,
        runner: Callable[[], object],
        stopper: Callable[[], object],
    ) -> None:
        self._cf = framework
        self._loop = loop
        self._runner = runner
        self._stopper = stopper
        self._isRun = False
        self._isEnding = False
        self._descriptor: Any = None
        self._source: Any = None
        self._timer: Any = None

    def watch(self, fd: int, callback: Callable[[], object]) -> None:
        cf = self._cf

        def ready(descriptor: Any, kinds: int, info: Any) -> None:
            # Again before the call: it may run this loop within itself.
            cf.CFFileDescriptorEnableCallBacks(descriptor, _READ)
            callback()

        # The queue is the reactor's, and not closed with this.
        self._descriptor = cf.CFFileDescriptorCreate(None, fd, False, ready, None)
        self._source = cf.CFFileDescriptorCreateRunLoopSource(None, self._descriptor, 0)
        cf.CFFileDescriptorEnableCallBacks(self._descriptor, _READ)
        cf.CFRunLoopAddSource(self._loop, self._source, cf.kCFRunLoopCommonModes)

    def unwatch(self) -> None:
        source, self._source = self._source, None
        descriptor, self._descriptor = self._descriptor, None
        if source is not None:
            self._cf.CFRunLoopRemoveSource(self._loop, source, self._cf.kCFRunLoopCommonModes)
            self._cf.CFFileDescriptorInvalidate(descriptor)

    def set_timer(self, seconds: float | None, callback: Callable[[], object]) -> None:
        cf = self._cf
        timer, self._timer = self._timer, None
        if timer is not None:
            cf.CFRunLoopTimerInvalidate(timer)
        if seconds is not None:
            due = cf.CFAbsoluteTimeGetCurrent() + seconds
            self._timer = cf.CFRunLoopTimerCreate(
                None, due, 0, 0, 0, lambda timer, info: callback(), None
            )
            cf.CFRunLoopAddTimer(self._loop, self._timer, cf.kCFRunLoopCommonModes)

    def run(self) -> None:
        self._isRun = True
        self._isEnding = False
        try:
            self._runner()
        finally:
            self._isRun = False

    def quit(self) -> None:
        if not self._isEnding:
            self._isEnding = True
            self._end()

    def _end(self) -> None:
        if self._isRun:
            self._stopper()
            # Only the innermost loop has ended, if there are several.
            self.set_timer(_TRY_AGAIN, self._end)

    def iterate(self, block: bool) -> None:
        seconds = _FOR_EVER if block else 0
        self._cf.CFRunLoopRunInMode(self._cf.kCFRunLoopDefaultMode, seconds, True)


class CFReactor(HostLoopReactor):
    """A reactor in a CFRunLoop.

    Args:
        runLoop: the run loop; by default that of the current thread.
        runner: runs it, as `PyObjCTools.AppHelper.runEventLoop` does; CFRunLoopRun by default.
        stopper: ends what `runner` does; CFRunLoopStop by default, which suits all runners but
            those that run an NSApplication.
        framework: PyObjC's module `CoreFoundation`, or something like it.
        queue: what tells who is ready; by default what the platform has.

    Raises:
        ImportError: PyObjC is not there.
    """

    def __init__(
        self,
        runLoop: Any = None,
        runner: Callable[[], object] | None = None,
        stopper: Callable[[], object] | None = None,
        framework: Framework | None = None,
        queue: KernelQueue | None = None,
    ) -> None:
        cf = _framework() if framework is None else framework
        loop = cf.CFRunLoopGetCurrent() if runLoop is None else runLoop

        def stop() -> None:
            cf.CFRunLoopStop(loop)

        super().__init__(_RunLoop(cf, loop, runner or cf.CFRunLoopRun, stopper or stop), queue)


def _framework() -> Framework:
    if CoreFoundation is None:
        raise ImportError(
            "cfreactor needs PyObjC, which is for macOS: pip install pyobjc-framework-Cocoa"
        )
    return cast(Framework, CoreFoundation)


def install(
    runLoop: Any = None,
    runner: Callable[[], object] | None = None,
    stopper: Callable[[], object] | None = None,
) -> CFReactor:
    """Make a `CFReactor` the reactor of this process, and return it.

    Args:
        runLoop: the run loop; by default that of the current thread.
        runner: runs it; CFRunLoopRun by default.
        stopper: ends what `runner` does; CFRunLoopStop by default.

    Raises:
        ImportError: PyObjC is not there.
    """
    reactor = CFReactor(runLoop, runner, stopper)
    installReactor(reactor)
    return reactor
