"""What a reactor may do when: every state meets every event."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings, strategies

from twisted.internet._lifecycle import _REFUSALS, TRANSITIONS, Event, Lifecycle, State
from twisted.internet.error import (
    ReactorAlreadyRunning,
    ReactorNotRestartable,
    ReactorNotRunning,
)
from twisted.trial import unittest

INITIAL, RUNNING, STOPPING, DISCONNECTING, STOPPED, CRASHED = State
RUN, STOP, DISCONNECT, END, CRASH = Event

#: One row for each state, one column for each event: the state after it, or the error.
EXPECTED: dict[State, tuple[State | type[Exception], ...]] = {
    # state     RUN                    STOP               DISCONNECT     END      CRASH
    INITIAL: (RUNNING, ReactorNotRunning, INITIAL, INITIAL, INITIAL),
    RUNNING: (ReactorAlreadyRunning, STOPPING, DISCONNECTING, STOPPED, CRASHED),
    STOPPING: (ReactorAlreadyRunning, ReactorNotRunning, DISCONNECTING, STOPPED, CRASHED),
    DISCONNECTING: (ReactorAlreadyRunning, ReactorNotRunning, DISCONNECTING, STOPPED, CRASHED),
    STOPPED: (ReactorNotRestartable, ReactorNotRunning, STOPPED, STOPPED, STOPPED),
    CRASHED: (RUNNING, ReactorNotRunning, CRASHED, STOPPED, CRASHED),
}

#: A way from the beginning to each state.
WAYS: dict[State, tuple[Event, ...]] = {
    INITIAL: (),
    RUNNING: (RUN,),
    STOPPING: (RUN, STOP),
    DISCONNECTING: (RUN, STOP, DISCONNECT),
    STOPPED: (RUN, STOP, DISCONNECT, END),
    CRASHED: (RUN, CRASH),
}


def _in(state: State) -> Lifecycle:
    """A lifecycle that has come to `state`."""
    lifecycle = Lifecycle()
    for event in WAYS[state]:
        lifecycle.feed(event)
    assert lifecycle.state is state
    return lifecycle


class LifecycleTests(unittest.SynchronousTestCase):
    """`Lifecycle`: one table."""

    def test_beginning(self) -> None:
        lifecycle = Lifecycle()
        self.assertIs(lifecycle.state, INITIAL)
        self.assertFalse(lifecycle.alive)

    def test_everyPair(self) -> None:
        """What is in the table happens; what is not is refused and changes nothing."""
        for state, event in product(State, Event):
            with self.subTest(state=state, event=event):
                lifecycle = _in(state)
                alive = lifecycle.alive
                outcome = EXPECTED[state][list(Event).index(event)]
                if isinstance(outcome, State):
                    lifecycle.feed(event)
                    self.assertIs(lifecycle.state, outcome)
                else:
                    self.assertRaises(outcome, lifecycle.feed, event)
                    self.assertIs(lifecycle.state, state)
                    self.assertIs(lifecycle.alive, alive)

    def test_aliveWhileTheLoopTurns(self) -> None:
        """While it stops, too: the shutdown triggers may wait for the loop."""
        alive = {state for state in State if _in(state).alive}
        self.assertEqual(alive, {RUNNING, STOPPING, DISCONNECTING})

    def test_refusalsAreExactlyTheMissingPairs(self) -> None:
        self.assertEqual(_REFUSALS.keys() & TRANSITIONS.keys(), set())
        self.assertEqual(_REFUSALS.keys() | TRANSITIONS.keys(), set(product(State, Event)))

    def test_everyStateCanBeReached(self) -> None:
        self.assertEqual({INITIAL, *TRANSITIONS.values()}, set(State))

    def test_refusalsSayWhy(self) -> None:
        """Each has a sentence of its own, and is a new exception each time."""
        sentences = set()
        for state, event in _REFUSALS:
            lifecycle = _in(state)
            first, second = (self._refusal(lifecycle, event) for _ in range(2))
            self.assertIsNot(first, second)
            self.assertEqual(str(first), str(second))
            self.assertIn("reactor", str(first))
            sentences.add(str(first))
        self.assertEqual(len(sentences), len(_REFUSALS))

    def _refusal(self, lifecycle: Lifecycle, event: Event) -> Exception:
        return self.assertRaises(RuntimeError, lifecycle.feed, event)

    @settings(deadline=None, max_examples=100)
    @given(strategies.lists(strategies.sampled_from(Event), max_size=12))
    def test_property_stoppedIsForEver(self, events: list[Event]) -> None:
        """Whatever is asked, a reactor that was stopped does not come back to life."""
        lifecycle = _in(STOPPED)
        for event in events:
            try:
                lifecycle.feed(event)
            except (ReactorNotRestartable, ReactorNotRunning):
                pass
            self.assertIs(lifecycle.state, STOPPED)
            self.assertFalse(lifecycle.alive)
