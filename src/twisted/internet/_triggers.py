"""System events: what is to happen before, during and after startup and shutdown.

Chapter 3.1; `IReactorCore.addSystemEventTrigger`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from twisted.internet._bugs import reportBug
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

_log = Logger(namespace="twisted.internet.base")

_PHASES = ("before", "during", "after")


class Trigger(NamedTuple):
    """A call that waits for an event; also the handle with which it is removed."""

    phase: str
    eventType: str
    ticket: int
    call: Callable[..., object]
    args: tuple[Any, ...]
    kw: dict[str, Any]


class SystemEvents:
    """The triggers of one reactor, by event and phase."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, dict[int, Trigger]]] = {}
        self._nextTicket = 0
        #: The 'before' triggers that have been called for an event that is not over.
        self._begun: set[int] = set()

    def add(
        self,
        phase: str,
        eventType: str,
        call: Callable[..., object],
        args: tuple[Any, ...],
        kw: dict[str, Any],
    ) -> Trigger:
        """Call `call` in `phase` ("before", "during", "after") of the next `eventType`."""
        if phase not in _PHASES:
            raise KeyError(f"the phase of a trigger is one of {', '.join(_PHASES)}, not {phase!r}")
        if not callable(call):
            raise TypeError(f"a trigger is something to call, not {call!r}")
        trigger = Trigger(phase, eventType, self._nextTicket, call, args, kw)
        self._nextTicket += 1
        phases = self._waiting.setdefault(eventType, {name: {} for name in _PHASES})
        phases[phase][trigger.ticket] = trigger
        return trigger

    def remove(self, trigger: object) -> None:
        """Forget a trigger that has not been called.

        Raises:
            TypeError: it is not what `add` returned.
            ValueError: it was called or removed before.
        """
        if not isinstance(trigger, Trigger):
            raise TypeError(f"a trigger is removed by what the add returned, not by {trigger!r}")
        if trigger.ticket in self._begun:
            # It was called a moment ago, and perhaps removes itself: there is no harm in it.
            return
        phases = self._waiting.get(trigger.eventType, {})
        if phases.get(trigger.phase, {}).pop(trigger.ticket, None) is None:
            raise ValueError(f"{trigger!r} was called or removed before")

    def fire(self, eventType: str) -> None:
        """Run the triggers of `eventType`: the Deferreds of 'before' are waited for."""
        waits = []
        for trigger in self._takeAll(eventType, "before"):
            self._begun.add(trigger.ticket)
            result = _run(trigger)
            if isinstance(result, Deferred):
                waits.append(result)
        if waits:
            done: Deferred[Any] = DeferredList(waits, consumeErrors=True)
            done.addCallback(self._reportFailures, eventType)
            done.addCallback(lambda _: self._finish(eventType))
        else:
            self._finish(eventType)

    def _reportFailures(self, results: list[tuple[bool, Any]], eventType: str) -> None:
        for success, result in results:
            if not success:
                _log.failure(
                    "A trigger before {eventType} failed", failure=result, eventType=eventType
                )

    def _finish(self, eventType: str) -> None:
        self._begun.clear()
        for phase in ("during", "after"):
            for trigger in self._takeAll(eventType, phase):
                _run(trigger)

    def _takeAll(self, eventType: str, phase: str) -> Iterator[Trigger]:
        # One at a time: a trigger may remove those after it, or add to its own phase.
        waiting = self._waiting.get(eventType, {}).get(phase, {})
        while waiting:
            yield waiting.pop(next(iter(waiting)))


def _run(trigger: Trigger) -> object:
    try:
        return trigger.call(*trigger.args, **trigger.kw)
    except BaseException:
        reportBug(f"A trigger {trigger.phase} {trigger.eventType} failed")
        return None
