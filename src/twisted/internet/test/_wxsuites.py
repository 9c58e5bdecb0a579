"""Suites for the reactor in wx, for a process that has wx and a display; see `test_wxreactor`.

It is the name of a module of tests, but not found as one: it is run by its name.
"""

from __future__ import annotations

import threading
from typing import Any

from twisted.internet._wx import wxPython
from twisted.internet.test.conformance import ReactorSuite, casesFor, core, streams, threads, timing
from twisted.internet.wxreactor import WxReactor

_wx = wxPython()
# There is one in a process, and one for all tests; its window keeps it from ending at once.
_app = _wx.App(False)
_frame = _wx.Frame(None)
_frame.Show()


class RegisteredReactor(WxReactor):
    """A reactor that knows the application."""

    def __init__(self) -> None:
        super().__init__()
        self.registerWxApp(_app)


class LifeSuite(core.LifeSuite):
    """wx stays in its thread."""

    def test_runInAThread(self) -> None:
        self.refusesThread(installSignalHandlers=False)

    def test_runInAThreadWithSignals(self) -> None:
        self.refusesThread(installSignalHandlers=True)

    def refusesThread(self, **options: bool) -> None:
        """It does not run in another thread."""
        reactor: Any = self.reactor
        raised: list[Exception] = []

        def run() -> None:
            try:
                reactor.run(**options)
            except ValueError as error:
                raised.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        self.assertIn("one thread", str(raised))


suites: list[type[ReactorSuite]] = [
    LifeSuite,
    core.SystemEventSuite,
    core.SignalSuite,
    timing.TimeSuite,
    threads.ThreadSuite,
    streams.Stream4Suite,
]
globals().update(casesFor(suites, {"Wx": RegisteredReactor}, __name__))
# Without a reactor it is no test.
del LifeSuite
