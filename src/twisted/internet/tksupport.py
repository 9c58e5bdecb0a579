"""Tk's windows in a program that the reactor runs; chapter 3.9.6.

Build the windows as ever, and start the program with `reactor.run()` instead of `mainloop()`::

    root = tkinter.Tk()
    root.protocol("WM_DELETE_WINDOW", reactor.stop)
    tksupport.install(root)
    reactor.run()

A window that is closed takes its events with it, and no more: the reactor goes on until it is
stopped, which the second line does.  While a dialog waits for an answer, the reactor turns.

Tk's events are looked for every few milliseconds, since tkinter does not tell which descriptor
they come from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet._guipump import Pump

__all__ = ["install", "uninstall"]


class _Widget(Protocol):
    """What is used of `tkinter.Misc`."""

    def update(self) -> object: ...
    def after(self, ms: int, func: Callable[[], object]) -> str: ...
    def after_cancel(self, id: str) -> object: ...
    def bind(self, sequence: str, func: Callable[[Any], object], add: str) -> str: ...


class _Tk:
    """A `Toolkit` of one widget and all that share its interpreter."""

    def __init__(self, widget: _Widget) -> None:
        self._widget = widget
        self._timer: str | None = None

    def when_destroyed(self, callback: Callable[[], object]) -> None:
        """Call back when the widget is about to be gone."""

        def destroyed(event: Any) -> None:
            # A window hears of the end of what is in it as well.
            if event.widget is self._widget:
                callback()

        # Before: the commands of its timers go with it, and Tk complains of a timer without
        # a command.
        self._widget.bind("<Destroy>", destroyed, add="+")

    def serve(self) -> None:
        self._widget.update()

    def set_timer(self, milliseconds: int, callback: Callable[[], object]) -> None:
        self.forget_timer()
        self._timer = self._widget.after(milliseconds, callback)

    def forget_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            self._widget.after_cancel(timer)

    def __repr__(self) -> str:
        return f"<Tk in the reactor, by {self._widget!r}>"


_pump: Pump | None = None


def install(widget: _Widget, ms: float = 10, reactor: Any = None) -> None:
    """Let the reactor serve Tk's events, from now until it stops or `widget` is destroyed.

    Installing again replaces what was installed before.

    Args:
        widget: the main window, or any widget in it; made in the reactor's thread.
        ms: milliseconds between two looks at Tk's events.
        reactor: an `IReactorTime`; the installed one by default.

    Raises:
        ValueError: `ms` is negative.
    """
    global _pump
    toolkit = _Tk(widget)
    pump = Pump(toolkit, ms, reactor)
    toolkit.when_destroyed(pump.stop)
    uninstall()
    _pump = pump
    pump.start()


def uninstall() -> None:
    """Leave Tk's events alone from now on; harmless if nothing is installed."""
    global _pump
    pump, _pump = _pump, None
    if pump is not None:
        pump.stop()
