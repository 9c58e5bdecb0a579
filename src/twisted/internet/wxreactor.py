"""A reactor in the loop of wx; chapter 3.9.6.

It is installed before anything else, and told of the application before it runs::

    from twisted.internet import wxreactor
    wxreactor.install()
    from twisted.internet import reactor

    app = wx.App()
    reactor.registerWxApp(app)
    reactor.run()

Closing the last window ends wx's loop, as ever, and so stops the reactor, shutdown event included.
`reactor.stop()` ends both, a dialog that is open then being waited for.  Menus, dialogs and what
else runs a loop within the loop do not hold the reactor up.
"""

from __future__ import annotations

from typing import Any

from twisted.internet._hostloop import HostLoopReactor, KernelQueue
from twisted.internet._wx import WxLoop, reviveCtrlC
from twisted.internet.main import installReactor
from twisted.logger import Logger

__all__ = ["WxReactor", "install"]

_log = Logger()

#: Milliseconds after which a turn is taken to wait for a dialog that a callback has opened.
_LONG = 20


class WxReactor(HostLoopReactor):
    """A reactor that wx runs.

    Args:
        queue: what tells who is ready; by default what the platform has.

    Raises:
        ImportError: wxPython is not there.
    """

    def __init__(self, queue: KernelQueue | None = None) -> None:
        self._wxLoop = WxLoop()
        super().__init__(self._wxLoop, queue)

    def registerWxApp(self, wxapp: Any) -> None:
        """Say which `wx.App` to run; before `run`."""
        self._wxLoop.app = wxapp

    def _begin(self, installSignalHandlers: bool) -> None:
        if not self._wxLoop.is_in_its_thread():
            raise ValueError(
                "wx runs in one thread only, the one that has imported it first: "
                "call reactor.run() in that"
            )
        if self._wxLoop.app is None:
            _log.warn("No application: call reactor.registerWxApp(wx.App()) before reactor.run().")
        self._wxLoop.need_app()
        if installSignalHandlers:
            reviveCtrlC()
        super()._begin(installSignalHandlers)

    def _turn(self) -> None:
        late = self._wxLoop.once(_LONG, self._heldUp)
        try:
            super()._turn()
        finally:
            late.Stop()

    def _heldUp(self) -> None:
        """wx turns within a turn of ours: one of our callbacks has opened a dialog."""
        # That turn will not wait any more, so the next ones need not know of it.
        self._hosted.is_turning = False
        self._wxLoop.watch_on()
        self._timeIsUp()


def install() -> None:
    """Make a `WxReactor` the reactor of this process.

    Raises:
        ImportError: wxPython is not there.
    """
    installReactor(WxReactor())
