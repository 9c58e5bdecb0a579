"""wx, as its reactor and its support for other reactors use it.

Theory of operation
-------------------
wx watches no descriptors for others.  So a thread waits for the kernel's queue, and posts an event
to wx when it can be read; it waits again when that has been served.  To wake the thread, and then
wx, costs ten times as much as to read a message.  So whoever was called stays for another moment,
to see whether an answer comes at once, and goes before a user could notice.
"""

from __future__ import annotations

import selectors
import signal
import threading
from collections.abc import Callable
from math import ceil
from time import monotonic
from typing import Any

from twisted.internet._hostthread import WatchingThread

try:
    import wx
except ImportError:
    wx = None

__all__ = ["WxLoop", "reviveCtrlC", "serveEvents", "wxPython"]

#: Milliseconds between two tries to end a main loop, while a dialog is open on top of it.
_TRY_AGAIN = 20
#: Seconds that wx is kept from its windows while messages come, and while none does.
_MAX_STAY = 0.005
_MOMENT = 0.0005


def wxPython() -> Any:
    """The module `wx`.

    Raises:
        ImportError: it is not there.
    """
    if wx is None:
        raise ImportError(
            "wxPython is not installed: see https://wxpython.org/pages/downloads/, "
            "or your system's packages (Debian: python3-wxgtk4.0)"
        )
    return wx


def reviveCtrlC() -> None:
    """Let Python have Ctrl-C again, and so the reactor: a `wx.App` lets it kill the process."""
    if (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    ):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def serveEvents(app: Any, loop: Any, block: bool = False) -> None:
    """Serve the events that wait; with `block`, wait for the first of them."""
    # Handlers ask for "the" loop, to wake it up or to run another within it; it is that one
    # for as long as this object lives.
    active = wxPython().EventLoopActivator(loop)
    try:
        if block:
            loop.Dispatch()
        while loop.Pending():
            loop.Dispatch()
        app.ProcessPendingEvents()
        loop.ProcessIdle()
    finally:
        del active


class WxLoop:
    """A `HostLoop` that is wx's."""

    def __init__(self) -> None:
        self._wx = wxPython()
        #: The application to run; made when it is needed, if there is none.
        self.app: Any = None
        self._thread: WatchingThread | None = None
        self._callback: Callable[[], object] | None = None
        self._selector: selectors.BaseSelector | None = None
        self._timer: Any = None
        self._ending: Any = None

    def is_in_its_thread(self) -> bool:
        """Whether this is the thread in which wx can be used."""
        return bool(self._wx.IsMainThread())

    def need_app(self) -> None:
        """Take the application that there is, or make one."""
        if self.app is None:
            self.app = self._wx.App.Get() or self._wx.App(False)

    # Descriptor and timer

    def watch(self, fd: int, callback: Callable[[], object]) -> None:
        self.need_app()
        self._callback = callback
        self._selector = selectors.DefaultSelector()
        self._selector.register(fd, selectors.EVENT_READ)
        self._thread = WatchingThread(fd, lambda: self._wx.CallAfter(self._ready))

    def unwatch(self) -> None:
        thread, self._thread = self._thread, None
        selector, self._selector = self._selector, None
        self._callback = None
        if thread is not None:
            thread.close()
        if selector is not None:
            selector.close()

    def _ready(self) -> None:
        end = monotonic() + _MAX_STAY
        try:
            # Nothing is left to call if this was posted before the end, and is served after it.
            while (callback := self._callback) is not None:
                callback()
                if monotonic() > end or not (self._selector and self._selector.select(_MOMENT)):
                    break
        finally:
            self.watch_on()

    def watch_on(self) -> None:
        """Watch again, though what was called about the descriptor has not returned yet."""
        if self._thread is not None:
            self._thread.served()

    def set_timer(self, seconds: float | None, callback: Callable[[], object]) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.Stop()
        if seconds is not None:
            self._timer = self.once(ceil(seconds * 1000), callback)

    def once(self, milliseconds: int, callback: Callable[[], object]) -> Any:
        """A timer, which is to be kept; it has `Stop`."""
        timer = self._wx.PyTimer(callback)
        # Not 0, which is refused, and not by an event that is posted: whoever posts one in
        # each keeps wx from looking for clicks.
        timer.StartOnce(max(1, milliseconds))
        return timer

    # Running

    def run(self) -> None:
        self.need_app()
        try:
            self.app.MainLoop()
        finally:
            ending, self._ending = self._ending, None
            if ending is not None:
                ending.Stop()

    def quit(self) -> None:
        if self._ending is None:
            self._end()

    def _end(self) -> None:
        main = self.app.GetMainLoop()
        if main is not None and main.IsRunning():
            main.Exit()
        elif main is not None:
            # A dialog is open: wx lets no loop be ended but the innermost.
            self._ending = self.once(_TRY_AGAIN, self._end)

    def iterate(self, block: bool) -> None:
        self.need_app()
        serveEvents(self.app, self._wx.GUIEventLoop(), block)
