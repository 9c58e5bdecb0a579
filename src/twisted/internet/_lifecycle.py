"""What a reactor may do when: one table.

    INITIAL --run--> RUNNING --stop--> STOPPING --disconnect--> DISCONNECTING --end--> STOPPED
                     RUNNING --crash-> CRASHED --run--> RUNNING

`stop` is orderly: the loop goes on until the shutdown triggers have finished.  While those
'before' shutdown are waited for, programs go on as ever; when those 'during' it begin,
connections are lost, and what hears of that may ask whether there is something left to
stop: there is not, though the loop still turns.  A
reactor that was stopped has given its threads and sockets back and cannot run again;
one that crashed has given nothing back, and can.
"""

from __future__ import annotations

from enum import Enum, auto

from twisted.internet.error import (
    ReactorAlreadyRunning,
    ReactorNotRestartable,
    ReactorNotRunning,
)


class State(Enum):
    """Where a reactor is in its life."""

    INITIAL = auto()
    RUNNING = auto()
    STOPPING = auto()
    DISCONNECTING = auto()
    STOPPED = auto()
    CRASHED = auto()


class Event(Enum):
    """What can happen to a reactor."""

    RUN = auto()
    STOP = auto()
    DISCONNECT = auto()
    END = auto()
    CRASH = auto()


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.INITIAL, Event.RUN): State.RUNNING,
    (State.INITIAL, Event.CRASH): State.INITIAL,
    (State.RUNNING, Event.STOP): State.STOPPING,
    (State.RUNNING, Event.CRASH): State.CRASHED,
    (State.STOPPING, Event.DISCONNECT): State.DISCONNECTING,
    (State.STOPPING, Event.END): State.STOPPED,
    (State.STOPPING, Event.CRASH): State.CRASHED,
    (State.DISCONNECTING, Event.DISCONNECT): State.DISCONNECTING,
    (State.DISCONNECTING, Event.END): State.STOPPED,
    (State.DISCONNECTING, Event.CRASH): State.CRASHED,
    # Someone fired the shutdown event without calling stop().
    (State.RUNNING, Event.DISCONNECT): State.DISCONNECTING,
    (State.RUNNING, Event.END): State.STOPPED,
    (State.INITIAL, Event.DISCONNECT): State.INITIAL,
    (State.INITIAL, Event.END): State.INITIAL,
    (State.CRASHED, Event.DISCONNECT): State.CRASHED,
    (State.CRASHED, Event.END): State.STOPPED,
    (State.STOPPED, Event.DISCONNECT): State.STOPPED,
    (State.STOPPED, Event.END): State.STOPPED,
    (State.STOPPED, Event.CRASH): State.STOPPED,
    (State.CRASHED, Event.RUN): State.RUNNING,
    (State.CRASHED, Event.CRASH): State.CRASHED,
}

_REFUSALS: dict[tuple[State, Event], Exception] = {
    (State.RUNNING, Event.RUN): ReactorAlreadyRunning("the reactor runs already"),
    (State.STOPPING, Event.RUN): ReactorAlreadyRunning("the reactor is about to stop"),
    (State.DISCONNECTING, Event.RUN): ReactorAlreadyRunning("the reactor is about to end"),
    (State.STOPPED, Event.RUN): ReactorNotRestartable(
        "the reactor was stopped, and a reactor runs once; stop it when all is done, "
        "or give later work to a new process"
    ),
    (State.INITIAL, Event.STOP): ReactorNotRunning("the reactor has not been started"),
    (State.STOPPING, Event.STOP): ReactorNotRunning("the reactor is being stopped already"),
    (State.DISCONNECTING, Event.STOP): ReactorNotRunning("the reactor has all but stopped"),
    (State.STOPPED, Event.STOP): ReactorNotRunning("the reactor was stopped before"),
    (State.CRASHED, Event.STOP): ReactorNotRunning("the reactor has crashed"),
}


_ALIVE = (State.RUNNING, State.STOPPING, State.DISCONNECTING)


class Lifecycle:
    """The state of one reactor."""

    __slots__ = ("alive", "state")

    def __init__(self) -> None:
        self.state = State.INITIAL
        #: Whether the loop turns; read once a turn, so not computed from the state.
        self.alive = False

    def feed(self, event: Event) -> None:
        """Take a step.

        Raises:
            ReactorAlreadyRunning, ReactorNotRestartable, ReactorNotRunning: the state
                does not allow it.
        """
        step = (self.state, event)
        if step not in TRANSITIONS:
            refusal = _REFUSALS[step]
            raise type(refusal)(*refusal.args)
        self.state = TRANSITIONS[step]
        self.alive = self.state in _ALIVE
