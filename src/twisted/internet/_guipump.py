"""A toolkit of windows inside the reactor: its events are served some hundred times a second.

Theory of operation
-------------------
The reactor's loop is the outer one, and every few milliseconds lets the toolkit serve what
waits for it.  That is all, until something opens a dialog: the toolkit then turns a loop of its
own, within that call, and the reactor stands still for as long as the dialog is open.  So the
toolkit keeps a timer as well, and when that finds that the reactor has not served it for
some time, it turns the reactor in its stead.

What does not work: to turn the reactor at each of the toolkit's timers (each would then call
the other), and to ask the toolkit whether a dialog is open (there are many ways to wait).
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, Protocol

from twisted.internet._bugs import reportBug
from twisted.internet._reactor import installedReactor
from twisted.internet.interfaces import IDelayedCall, IReactorCore

__all__ = ["Pump", "Toolkit"]

#: After so many intervals in which the reactor has not come round, it is held up.
_PATIENCE = 2
#: Milliseconds for the toolkit between two turns of a reactor that is held up.
_GAP = 1


class Toolkit(Protocol):
    """What is wanted of a toolkit; all in the thread of the reactor."""

    def serve(self) -> None:
        """Handle the events that wait, and wait for none."""

    def set_timer(self, milliseconds: int, callback: Callable[[], object]) -> None:
        """Let the toolkit's own loop, whoever turns it, call back once.

        There is one timer: what was set before is forgotten.
        """

    def forget_timer(self) -> None:
        """Undo `set_timer`; harmless without it."""


class Pump:
    """Lets a toolkit live in a reactor.

    Args:
        toolkit: the toolkit.
        milliseconds: between two looks at its events.
        reactor: an `IReactorTime`; the installed one by default.

    Raises:
        ValueError: the time is negative, or no number.
    """

    def __init__(self, toolkit: Toolkit, milliseconds: float, reactor: Any = None) -> None:
        if not 0 <= milliseconds < inf:
            raise ValueError(f"ms is a time in milliseconds, such as 10, and not {milliseconds!r}")
        self._toolkit = toolkit
        self._reactor = installedReactor() if reactor is None else reactor
        self._seconds = milliseconds / 1000
        # With 0 a toolkit that serves all that is due would never come to an end.
        self._milliseconds = max(1, int(milliseconds))
        self._can_turn = IReactorCore.providedBy(self._reactor)
        self._next: IDelayedCall | None = None
        self._served_at = self._reactor.seconds()
        self._is_stopped = False
        #: Whether the toolkit turns the reactor, rather than the reactor the toolkit.
        self._is_held_up = False

    def start(self) -> None:
        """Begin; it ends with the reactor, or with `stop`."""
        self._plan()
        if self._can_turn:
            self._reactor.addSystemEventTrigger("after", "shutdown", self.stop)
            self._toolkit.set_timer(self._milliseconds, self._look)

    def stop(self) -> None:
        """Leave the toolkit alone from now on; harmless when it has ended."""
        if not self._is_stopped:
            self._is_stopped = True
            call, self._next = self._next, None
            if call is not None and call.active():
                call.cancel()
            if self._can_turn:
                self._toolkit.forget_timer()

    def _plan(self) -> None:
        if not self._is_stopped:
            self._next = self._reactor.callLater(self._seconds, self._serve)

    def _serve(self) -> None:
        """The reactor lets the toolkit serve its events."""
        self._next = None
        try:
            if not self._is_held_up:
                self._served_at = self._reactor.seconds()
                self._toolkit.serve()
        except BaseException:
            reportBug(f"Unhandled error in {self._toolkit!r}")
        finally:
            self._plan()

    def _look(self) -> None:
        """The toolkit looks whether the reactor still turns, and turns it if not."""
        if self._is_stopped:
            return
        # First, for what the reactor calls may open a dialog in its turn.
        self._toolkit.set_timer(self._milliseconds, self._look)
        now = self._reactor.seconds()
        late = self._served_at + _PATIENCE * self._milliseconds / 1000
        if now >= late and self._reactor.running:
            outer, self._is_held_up = self._is_held_up, True
            try:
                # For as long as the toolkit has to wait for its turn otherwise.
                self._turn_for(self._milliseconds / 1000)
            finally:
                self._is_held_up = outer
                if not self._is_stopped:
                    # That timer is due by now; if it always were, a toolkit that puts timers
                    # first would come to nothing else.
                    self._toolkit.set_timer(_GAP, self._look)

    def _turn_for(self, seconds: float) -> None:
        end = self._reactor.seconds() + seconds
        left = seconds
        while left >= 0 and self._reactor.running:
            self._reactor.iterate(left)
            left = end - self._reactor.seconds()
