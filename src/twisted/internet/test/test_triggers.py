"""System events: what happens before, during and after startup and shutdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings, strategies

from twisted.internet._triggers import SystemEvents, Trigger
from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial import unittest

PHASES = ("before", "during", "after")


class _Bug(Exception):
    """Raised on purpose."""


class _EventsCase(unittest.SynchronousTestCase):
    """What the tests of events share."""

    def setUp(self) -> None:
        self.events = SystemEvents()
        self.order: list[Any] = []

    def add(
        self, phase: str, call: Callable[..., object], *args: Any, event: str = "shutdown"
    ) -> Trigger:
        return self.events.add(phase, event, call, args, {})

    def note(self, phase: str, word: object = None, event: str = "shutdown") -> Trigger:
        """Add a trigger that notes a word, by default its phase."""
        return self.add(phase, self.order.append, word or phase, event=event)


class PhaseTests(_EventsCase):
    """The order of triggers."""

    def test_phases(self) -> None:
        for phase in reversed(PHASES):
            self.note(phase)
        self.events.fire("shutdown")
        self.assertEqual(self.order, list(PHASES))

    def test_orderWithinAPhase(self) -> None:
        for phase in PHASES:
            for number in range(20):
                self.note(phase, (phase, number))
        self.events.fire("shutdown")
        self.assertEqual(self.order, [(phase, n) for phase in PHASES for n in range(20)])

    def test_arguments(self) -> None:
        call = lambda *args, **kw: self.order.append((args, kw))  # noqa: E731
        self.events.add("during", "startup", call, (1, 2), {"three": 3})
        self.events.fire("startup")
        self.assertEqual(self.order, [((1, 2), {"three": 3})])

    def test_eventsAreApart(self) -> None:
        self.note("during", "startup", event="startup")
        self.note("during", "of my own", event="of my own")
        self.events.fire("of my own")
        self.assertEqual(self.order, ["of my own"])

    def test_nobodyWaits(self) -> None:
        self.events.fire("unheard of")

    def test_once(self) -> None:
        self.note("during")
        self.events.fire("shutdown")
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["during"])

    @settings(deadline=None, max_examples=60)
    @given(
        strategies.lists(strategies.tuples(strategies.sampled_from(PHASES), strategies.booleans()))
    )
    def test_property_orderAndRemoval(self, plan: list[tuple[str, bool]]) -> None:
        """Of those that are left, by phase and then by age."""
        self.setUp()
        handles = [self.note(phase, (phase, n)) for n, (phase, _) in enumerate(plan)]
        for handle, (_, removed) in zip(handles, plan, strict=True):
            if removed:
                self.events.remove(handle)
        self.events.fire("shutdown")
        left = [(phase, n) for n, (phase, removed) in enumerate(plan) if not removed]
        self.assertEqual(self.order, sorted(left, key=lambda pair: PHASES.index(pair[0])))


class ReentrancyTests(_EventsCase):
    """Triggers that add, remove and fire."""

    def test_addToTheSamePhase(self) -> None:
        for phase in PHASES:
            self.add(phase, self.note, phase, f"late {phase}")
        self.events.fire("shutdown")
        self.assertEqual(self.order, [f"late {phase}" for phase in PHASES])

    def test_addToALaterPhase(self) -> None:
        self.add("before", self.note, "after", "from before")
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["from before"])

    def test_addToAPhaseThatIsOver(self) -> None:
        """It waits for the next time."""
        self.add("after", self.note, "before")
        self.events.fire("shutdown")
        self.assertEqual(self.order, [])
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["before"])

    def test_removeOnesAfter(self) -> None:
        victims: list[Trigger] = []

        def removeAll() -> None:
            for victim in victims:
                self.events.remove(victim)

        self.add("before", removeAll)
        victims += [self.note("before"), self.note("during"), self.note("after")]
        self.note("during", "kept")
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["kept"])

    def test_removeItself(self) -> None:
        """It is being called, so it was; only of 'before' is that no mistake."""

        def refused() -> None:
            self.assertRaises(ValueError, self.events.remove, handle)
            self.order.append("refused")

        handle = self.add("during", refused)
        before = self.add("before", lambda: self.events.remove(before))
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["refused"])
        self.assertRaises(ValueError, self.events.remove, before)

    def test_removeItselfWhileItIsWaitedFor(self) -> None:
        """As a service does whose Deferred is about to fire."""
        waiting: Deferred[None] = Deferred()
        handle = self.add("before", lambda: waiting)
        self.events.fire("shutdown")
        self.events.remove(handle)
        waiting.callback(None)
        self.assertRaises(ValueError, self.events.remove, handle)

    def test_fireAnotherEvent(self) -> None:
        self.add("before", self.events.fire, "other")
        self.note("during", "other", event="other")
        self.note("during", "shutdown")
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["other", "shutdown"])

    def test_fireTheSameEvent(self) -> None:
        """No trigger is called twice."""
        self.add("before", self.events.fire, "shutdown")
        for phase in PHASES:
            self.note(phase)
        self.events.fire("shutdown")
        self.assertEqual(self.order, list(PHASES))


class WaitingTests(_EventsCase):
    """The Deferreds of 'before'."""

    def test_allAreWaitedFor(self) -> None:
        first: Deferred[None] = Deferred()
        second: Deferred[None] = Deferred()
        self.add("before", lambda: first)
        self.add("before", lambda: second)
        self.note("before")
        self.note("during")
        self.note("after")
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["before"])
        second.callback(None)
        self.assertEqual(self.order, ["before"])
        first.callback(None)
        self.assertEqual(self.order, ["before", "during", "after"])

    def test_firedAlready(self) -> None:
        self.add("before", succeed, None)
        self.note("during")
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["during"])

    def test_onlyThoseOfBefore(self) -> None:
        self.add("during", Deferred)
        self.add("after", Deferred)
        self.note("after")
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["after"])

    def test_laterTriggersWhileItWaits(self) -> None:
        """What was added or removed in the meantime counts."""
        waiting: Deferred[None] = Deferred()
        self.add("before", lambda: waiting)
        removed = self.note("during", "removed")
        self.events.fire("shutdown")
        self.note("during", "added")
        self.events.remove(removed)
        waiting.callback(None)
        self.assertEqual(self.order, ["added"])

    def test_failureIsLogged(self) -> None:
        """And the rest goes on."""
        waiting: Deferred[None] = Deferred()
        self.add("before", fail, _Bug("at once"))
        self.add("before", lambda: waiting)
        self.note("during")
        self.events.fire("shutdown")
        self.assertEqual(self.order, [])
        waiting.errback(_Bug("later"))
        self.assertEqual(self.order, ["during"])
        logged = self.flushLoggedErrors(_Bug)
        self.assertEqual([str(failure.value) for failure in logged], ["at once", "later"])


class MistakeTests(_EventsCase):
    """What is wrong about a trigger, and who hears of it."""

    def test_exceptionsAreLogged(self) -> None:
        for phase in PHASES:
            self.add(phase, self._raise, phase)
            self.note(phase)
        self.events.fire("shutdown")
        self.assertEqual(self.order, list(PHASES))
        logged = self.flushLoggedErrors(_Bug)
        self.assertEqual([str(failure.value) for failure in logged], list(PHASES))

    def _raise(self, word: str) -> None:
        raise _Bug(word)

    def test_interruptionGoesThrough(self) -> None:
        """Ctrl-C is for who runs the program, not for the log."""

        def interrupted() -> None:
            raise KeyboardInterrupt

        self.add("during", interrupted)
        self.note("during", "the rest")
        self.assertRaises(KeyboardInterrupt, self.events.fire, "shutdown")
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["the rest"])

    def test_phase(self) -> None:
        wrong = self.assertRaises(KeyError, self.note, "while")
        for phase in (*PHASES, "'while'"):
            self.assertIn(phase, str(wrong))

    def test_notCallable(self) -> None:
        wrong = self.assertRaises(TypeError, self.events.add, "during", "startup", 42, (), {})
        self.assertIn("42", str(wrong))

    def test_removeTwice(self) -> None:
        handle = self.note("during")
        self.events.remove(handle)
        self.assertRaises(ValueError, self.events.remove, handle)
        self.events.fire("shutdown")
        self.assertEqual(self.order, [])

    def test_removeWhatWasCalled(self) -> None:
        handle = self.note("during")
        self.events.fire("shutdown")
        wrong = self.assertRaises(ValueError, self.events.remove, handle)
        self.assertIn("called or removed before", str(wrong))

    def test_removeNonsense(self) -> None:
        for nonsense in (None, 1, "during", ("during", "shutdown", 0)):
            wrong = self.assertRaises(TypeError, self.events.remove, nonsense)
            self.assertIn(repr(nonsense), str(wrong))

    def test_equalTriggersAreDistinct(self) -> None:
        """The same call, added twice, is two triggers."""
        first = self.note("during")
        self.note("during")
        self.events.remove(first)
        self.events.fire("shutdown")
        self.assertEqual(self.order, ["during"])
