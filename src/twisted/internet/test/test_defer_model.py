"""Random chains of callbacks, against a model that is a loop over a list."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class Oops(Exception):
    """What goes wrong here; it has a number."""


class Step(NamedTuple):
    """One entry of a chain.

    `success` and `failure` say what its callback and its errback do: `None` if there is none;
    `"raise"`; `"same"` returns the argument; `"new"` returns a number; `"return"` returns a new
    failure; `"fired"`, `"broken"` and `"later"` return a Deferred: one that has fired, one that has
    failed, and one that is fired at the end.
    """

    success: str | None
    failure: str | None
    number: int


ACTIONS = ["raise", "same", "new", "return", "fired", "broken", "later"]
steps = st.lists(
    st.builds(
        Step,
        st.none() | st.sampled_from(ACTIONS),
        st.none() | st.sampled_from(ACTIONS),
        st.integers(0, 99),
    ),
    max_size=12,
)
Outcome = tuple[bool, int]
outcomes = st.tuples(st.booleans(), st.integers(0, 99))


def model(outcome: Outcome, chain: list[Step]) -> tuple[Outcome, list[tuple[int, Outcome]]]:
    """The final outcome, and which entry was called with what."""
    log = []
    for position, step in enumerate(chain):
        action = step.success if outcome[0] else step.failure
        if action is None:
            continue
        log.append((position, outcome))
        if action != "same":
            outcome = (action in ("new", "fired", "later"), step.number)
    return outcome, log


def read(result: Any) -> Outcome:
    """What a callback or an errback was given, as the model has it."""
    if isinstance(result, Failure):
        return False, result.value.args[0]
    return True, result


class Runner:
    """A real chain, as the steps say."""

    def __init__(self) -> None:
        self.log: list[tuple[int, Outcome]] = []
        self.later: list[tuple[Deferred[int], int]] = []

    def add(self, d: Deferred[Any], position: int, step: Step) -> None:
        def call(action: str) -> Any:
            return lambda result: self.act(position, action, step.number, result)

        success, failure = step.success and call(step.success), step.failure and call(step.failure)
        if success and failure:
            d.addCallbacks(success, failure)
        elif success:
            d.addCallback(success)
        elif failure:
            d.addErrback(failure)

    def act(self, position: int, action: str, number: int, result: Any) -> Any:
        self.log.append((position, read(result)))
        if action == "raise":
            raise Oops(number)
        if action == "same":
            return result
        if action == "new":
            return number
        if action == "return":
            return Failure(Oops(number))
        inner: Deferred[int] = Deferred()
        if action == "fired":
            inner.callback(number)
        elif action == "broken":
            inner.errback(Oops(number))
        else:
            self.later.append((inner, number))
        return inner

    def finish(self) -> None:
        while self.later:
            inner, number = self.later.pop()
            inner.callback(number)


def fire(d: Deferred[Any], outcome: Outcome) -> None:
    if outcome[0]:
        d.callback(outcome[1])
    else:
        d.errback(Oops(outcome[1]))


class Model(SynchronousTestCase):
    """Whatever is in a chain, and whenever it was added, results go along it as in the model."""

    def check(self, d: Deferred[Any], runner: Runner, outcome: Outcome, chain: list[Step]) -> None:
        expected, log = model(outcome, chain)
        final: list[Outcome] = []
        d.addBoth(lambda result: final.append(read(result)))
        runner.finish()
        self.assertEqual(final, [expected])
        self.assertEqual(runner.log, log)
        self.assertEqual((d.paused, d.callbacks, d.result), (0, [], None))
        self.assertEqual(self.flushLoggedErrors(), [])

    @settings(deadline=None, max_examples=100)
    @given(steps, outcomes, st.integers(0, 12))
    def test_chain(self, chain: list[Step], outcome: Outcome, before: int) -> None:
        """Some entries are added before it fires, and some after."""
        d: Deferred[Any] = Deferred()
        runner = Runner()
        for position, step in enumerate(chain):
            if position == before:
                fire(d, outcome)
            runner.add(d, position, step)
        if not d.called:
            fire(d, outcome)
        self.check(d, runner, outcome, chain)

    @settings(deadline=None, max_examples=100)
    @given(steps, outcomes, st.lists(st.sampled_from(["pause", "unpause", "fire", "later"])))
    def test_pausing(self, chain: list[Step], outcome: Outcome, moves: list[str]) -> None:
        """It is paused, unpaused and fired in between, in any order."""
        d: Deferred[Any] = Deferred()
        runner = Runner()
        pauses = 0
        for position, step in enumerate(chain):
            runner.add(d, position, step)
            move = moves.pop() if moves else ""
            if move == "pause":
                d.pause()
                pauses += 1
            elif move == "unpause" and pauses:
                d.unpause()
                pauses -= 1
            elif move == "fire" and not d.called:
                fire(d, outcome)
            elif move == "later":
                runner.finish()
        for _ in range(pauses):
            d.unpause()
        if not d.called:
            fire(d, outcome)
        self.check(d, runner, outcome, chain)

    @settings(deadline=None, max_examples=100)
    @given(steps, outcomes)
    def test_awaited(self, chain: list[Step], outcome: Outcome) -> None:
        """A coroutine that awaits it gets the same outcome."""
        d: Deferred[Any] = Deferred()
        runner = Runner()
        for position, step in enumerate(chain):
            runner.add(d, position, step)

        async def wait() -> Outcome:
            try:
                return True, await d
            except Oops as error:
                return False, error.args[0]

        result = ensureDeferred(wait())
        fire(d, outcome)
        runner.finish()
        expected, log = model(outcome, chain)
        self.assertEqual(self.successResultOf(result), expected)
        self.assertEqual(runner.log, log)

    @settings(deadline=None, max_examples=100)
    @given(st.lists(st.tuples(steps, st.booleans()), min_size=2, max_size=6), outcomes)
    def test_nested(self, chains: list[tuple[list[Step], bool]], outcome: Outcome) -> None:
        """Each of several Deferreds waits for the next, and goes on with what that ends with."""
        runners, expected = [], outcome
        inner: Deferred[Any] = Deferred()
        first = inner
        for chain, firedFirst in chains:
            runner = Runner()
            runners.append((runner, model(expected, chain)[1]))
            expected = model(expected, chain)[0]
            outer: Deferred[Any] = Deferred()
            if firedFirst:
                outer.callback(None)
            outer.addCallback(returning(inner))
            for position, step in enumerate(chain):
                runner.add(outer, position, step)
            if not firedFirst:
                outer.callback(None)
            inner = outer
        final: list[Outcome] = []
        inner.addBoth(lambda result: final.append(read(result)))
        fire(first, outcome)
        for runner, _ in runners:
            runner.finish()
        self.assertEqual(final, [expected])
        for runner, log in runners:
            self.assertEqual(runner.log, log)
        self.assertEqual(self.flushLoggedErrors(), [])


def returning(d: Deferred[Any]) -> Any:
    return lambda result: d
