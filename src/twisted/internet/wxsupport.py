"""wx's windows in a program that the reactor runs; chapter 3.9.6.

Build the windows as ever, and start the program with `reactor.run()` instead of
`app.MainLoop()`::

    app = wx.App()
    wxsupport.install(app)
    reactor.run()

The program ends when something calls `reactor.stop()`: a handler of wx's ``EVT_CLOSE``, say.
While a menu or a dialog is open, the reactor turns.

`twisted.internet.wxreactor` lets wx run the program instead, without looking for events every few
milliseconds; where it works, it is the better of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet._guipump import Pump
from twisted.internet._wx import reviveCtrlC, serveEvents, wxPython

__all__ = ["install"]

#: Milliseconds between two looks at the events.
INTERVAL = 10


class _Wx:
    """A `Toolkit` of one application.

    Args:
        app: the `wx.App`.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = wxPython().GUIEventLoop()
        self._timer: Any = None

    def serve(self) -> None:
        serveEvents(self._app, self._loop)

    def set_timer(self, milliseconds: int, callback: Callable[[], object]) -> None:
        self.forget_timer()
        self._timer = wxPython().PyTimer(callback)
        self._timer.StartOnce(milliseconds)

    def forget_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.Stop()

    def __repr__(self) -> str:
        return f"<wx in the reactor, by {self._app!r}>"


def install(app: Any) -> None:
    """Let the installed reactor serve wx's events, from now until it stops.

    Args:
        app: the `wx.App`, made in the reactor's thread.

    Raises:
        ImportError: wxPython is not there.
    """
    pump = Pump(_Wx(app), INTERVAL)
    reviveCtrlC()
    pump.start()
