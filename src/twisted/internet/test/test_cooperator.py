"""`twisted.internet.task`: iterators that share the loop's time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twisted.internet import task
from twisted.internet.defer import Deferred, fail
from twisted.internet.task import _cooperator
from twisted.trial import unittest


class _Scheduled:
    """What a scheduler returns."""

    def __init__(self, turn: Callable[[], None]) -> None:
        self.turn = turn
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class CooperatorCase(unittest.SynchronousTestCase):
    """A cooperator whose turns are taken by hand, one step in each unless `steps` is set."""

    steps = 1

    def setUp(self) -> None:
        self.scheduled: list[_Scheduled] = []
        self.cooperator = self.newCooperator()
        self.seen: list[str] = []

    def newCooperator(self, **kw: Any) -> task.Cooperator:
        return task.Cooperator(
            terminationPredicateFactory=self.newPredicate, scheduler=self.schedule, **kw
        )

    def newPredicate(self) -> Callable[[], bool]:
        countdown = iter(range(self.steps - 1, -1, -1))
        return lambda: next(countdown) == 0

    def schedule(self, turn: Callable[[], None]) -> _Scheduled:
        self.scheduled.append(_Scheduled(turn))
        return self.scheduled[-1]

    def pump(self, turns: int = 1) -> None:
        for _ in range(turns):
            waiting = [call for call in self.scheduled if not call.cancelled]
            self.assertEqual(len(waiting), 1, "exactly one turn is to be scheduled")
            self.scheduled.clear()
            waiting[0].turn()

    def assertIdle(self) -> None:
        self.assertEqual([call for call in self.scheduled if not call.cancelled], [])

    def work(self, name: str, steps: int) -> Iterator[object]:
        for step in range(steps):
            self.seen.append(f"{name}{step}")
            yield None


class CooperatorTests(CooperatorCase):
    """Turns, and who gets them."""

    def test_nothingIsDoneAtOnce(self) -> None:
        self.cooperator.cooperate(self.work("a", 1))
        self.assertEqual(self.seen, [])

    def test_runsToTheEnd(self) -> None:
        iterator = self.work("a", 3)
        done = self.cooperator.cooperate(iterator).whenDone()
        self.pump(3)
        self.assertNoResult(done)
        self.pump()
        self.assertIs(self.successResultOf(done), iterator)
        self.assertEqual(self.seen, ["a0", "a1", "a2"])
        self.assertIdle()

    def test_tasksTakeTurns(self) -> None:
        for name in "abc":
            self.cooperator.cooperate(self.work(name, 2))
        self.pump(6)
        self.assertEqual(self.seen, ["a0", "b0", "c0", "a1", "b1", "c1"])

    def test_turnLastsUntilThePredicateSaysSo(self) -> None:
        self.steps = 4
        self.cooperator.cooperate(self.work("a", 5))
        self.cooperator.cooperate(self.work("b", 5))
        self.pump()
        self.assertEqual(self.seen, ["a0", "b0", "a1", "b1"])

    def test_turnEndsWhenThereIsNoMoreWork(self) -> None:
        self.steps = 100
        done = self.cooperator.coiterate(self.work("a", 3))
        self.pump()
        self.successResultOf(done)
        self.assertIdle()

    def test_taskAddedDuringATurn(self) -> None:
        def parent() -> Iterator[object]:
            self.cooperator.cooperate(self.work("child", 1))
            yield None

        done = self.cooperator.coiterate(parent())
        self.pump(3)
        self.assertEqual(self.seen, ["child0"])
        self.successResultOf(done)

    def test_coiterateWithADeferredOfTheCallers(self) -> None:
        done: Deferred[Iterator[object]] = Deferred()
        self.assertIs(self.cooperator.coiterate(self.work("a", 1), done), done)
        self.pump(2)
        self.successResultOf(done)

    def test_exception(self) -> None:
        def broken() -> Iterator[object]:
            yield None
            raise KeyError("broken")

        done = self.cooperator.coiterate(broken())
        other = self.cooperator.coiterate(self.work("other", 1))
        self.pump(4)
        self.failureResultOf(done, KeyError)
        self.successResultOf(other)

    def test_deferredIsWaitedFor(self) -> None:
        wait: Deferred[str] = Deferred()
        done = self.cooperator.coiterate(iter([wait]))
        other = self.cooperator.coiterate(self.work("other", 2))
        self.pump(4)
        self.successResultOf(other)
        self.assertNoResult(done)
        self.assertIdle()
        wait.callback("result")
        self.assertEqual(self.successResultOf(wait), "result")
        self.pump()
        self.successResultOf(done)

    def test_failedDeferredFailsTheTask(self) -> None:
        done = self.cooperator.coiterate(iter([fail(KeyError("broken")), None]))
        self.pump()
        self.failureResultOf(done, KeyError)
        self.assertIdle()

    def test_stop(self) -> None:
        tasks = [self.cooperator.cooperate(self.work(name, 5)) for name in "ab"]
        done = [each.whenDone() for each in tasks]
        self.pump()
        self.assertTrue(self.cooperator.running)
        self.cooperator.stop()
        self.assertFalse(self.cooperator.running)
        for result in done:
            self.failureResultOf(result, task.SchedulerStopped)
        self.assertRaises(task.SchedulerStopped, tasks[0].pause)
        self.assertIdle()

    def test_addedAfterStop(self) -> None:
        self.cooperator.stop()
        done = self.cooperator.coiterate(self.work("a", 1))
        self.failureResultOf(done, task.SchedulerStopped)
        self.assertEqual(self.seen, [])

    def test_resumedAfterStop(self) -> None:
        paused = self.cooperator.cooperate(self.work("a", 1))
        paused.pause()
        self.cooperator.stop()
        paused.resume()
        self.failureResultOf(paused.whenDone(), task.SchedulerStopped)

    def test_stopDuringATurn(self) -> None:
        def stopper() -> Iterator[object]:
            self.cooperator.stop()
            yield None

        done = self.cooperator.coiterate(stopper())
        self.pump()
        self.failureResultOf(done, task.SchedulerStopped)
        self.assertIdle()

    def test_stopWhoseCallbacksEndOtherTasks(self) -> None:
        first = self.cooperator.cooperate(self.work("a", 1))
        second = self.cooperator.cooperate(self.work("b", 1))
        self.failAndThen(first, second.stop)
        ended = second.whenDone()
        self.cooperator.stop()
        self.failureResultOf(ended, task.TaskStopped)

    def failAndThen(self, first: task.CooperativeTask, then: Callable[[], None]) -> None:
        first.whenDone().addErrback(lambda _: then())

    def test_startedLater(self) -> None:
        self.cooperator = self.newCooperator(started=False)
        self.assertFalse(self.cooperator.running)
        done = self.cooperator.coiterate(self.work("a", 1))
        self.assertIdle()
        self.cooperator.start()
        self.assertTrue(self.cooperator.running)
        self.pump(2)
        self.successResultOf(done)

    def test_startedAgain(self) -> None:
        self.cooperator.stop()
        self.cooperator.start()
        done = self.cooperator.coiterate(self.work("a", 1))
        self.pump(2)
        self.successResultOf(done)

    def test_manyTasksEndAtOnce(self) -> None:
        self.steps = 10**6
        done = [self.cooperator.coiterate(iter(())) for _ in range(5000)]
        self.pump()
        for result in done:
            self.successResultOf(result)


class CooperativeTaskTests(CooperatorCase):
    """Control of a single task."""

    def setUp(self) -> None:
        super().setUp()
        self.task = self.cooperator.cooperate(self.work("a", 2))

    def finish(self) -> None:
        self.pump(3)

    def test_pauseAndResume(self) -> None:
        self.pump()
        self.task.pause()
        self.assertIdle()
        self.task.resume()
        self.pump()
        self.assertEqual(self.seen, ["a0", "a1"])

    def test_pausesAreCounted(self) -> None:
        self.task.pause()
        self.task.pause()
        self.task.resume()
        self.assertIdle()
        self.task.resume()
        self.pump()
        self.assertEqual(self.seen, ["a0"])

    def test_resumeWithoutPause(self) -> None:
        self.assertRaises(task.NotPaused, self.task.resume)

    def test_pauseWhileADeferredIsWaitedFor(self) -> None:
        wait: Deferred[None] = Deferred()
        self.task.stop()
        waiting = self.cooperator.cooperate(iter([wait]))
        self.pump()
        waiting.pause()
        wait.callback(None)
        self.assertIdle()
        waiting.resume()
        self.pump()
        self.successResultOf(waiting.whenDone())

    def test_stop(self) -> None:
        done = self.task.whenDone()
        self.task.stop()
        self.failureResultOf(done, task.TaskStopped)
        self.assertIdle()
        for control in (self.task.pause, self.task.resume, self.task.stop):
            self.assertRaises(task.TaskStopped, control)

    def test_stopWhileADeferredIsWaitedFor(self) -> None:
        wait: Deferred[None] = Deferred()
        waiting = self.cooperator.cooperate(iter([wait, None]))
        self.pump(2)
        waiting.stop()
        wait.callback(None)
        self.failureResultOf(waiting.whenDone(), task.TaskStopped)

    def test_failureThatNobodyWaitsForIsNotSwallowed(self) -> None:
        wait: Deferred[None] = Deferred()
        waiting = self.cooperator.cooperate(iter([wait, None]))
        self.pump(2)
        waiting.stop()
        wait.errback(KeyError("late"))
        self.failureResultOf(wait, KeyError)

    def test_stopFromWithin(self) -> None:
        def stopper() -> Iterator[object]:
            me.stop()
            yield Deferred()

        self.task.stop()
        me = self.cooperator.cooperate(stopper())
        self.pump()
        self.failureResultOf(me.whenDone(), task.TaskStopped)
        self.assertIdle()

    def test_controlAfterTheEnd(self) -> None:
        self.finish()
        for control in (self.task.pause, self.task.resume, self.task.stop):
            self.assertRaises(task.TaskDone, control)

    def test_controlAfterAFailure(self) -> None:
        self.task.stop()
        broken = self.cooperator.cooperate(1 // zero for zero in [0])
        self.pump()
        self.failureResultOf(broken.whenDone(), ZeroDivisionError)
        self.assertRaises(task.TaskFailed, broken.pause)

    def test_whenDoneAnyNumberOfTimes(self) -> None:
        before = [self.task.whenDone(), self.task.whenDone()]
        self.finish()
        for done in [*before, self.task.whenDone()]:
            self.successResultOf(done)

    def test_errorsAreOfOneFamily(self) -> None:
        for finished in (task.TaskDone, task.TaskFailed, task.TaskStopped):
            self.assertTrue(issubclass(finished, task.TaskFinished))
        for error in (task.TaskFinished, task.NotPaused, task.SchedulerStopped):
            self.assertTrue(issubclass(error, task.SchedulerError))


class DefaultsTests(unittest.SynchronousTestCase):
    """What a cooperator does unless told otherwise."""

    def test_sliceOfTime(self) -> None:
        turns: list[Callable[[], None]] = []

        def schedule(turn: Callable[[], None]) -> _Scheduled:
            turns.append(turn)
            return _Scheduled(turn)

        def endless() -> Iterator[object]:
            while True:
                yield None

        cooperator = task.Cooperator(scheduler=schedule)
        cooperator.cooperate(endless())
        # That this returns is the point: a turn does not last for ever.
        turns[0]()
        self.assertEqual(len(turns), 2)

    def test_sharedCooperator(self) -> None:
        cooperator = task.Cooperator(scheduler=_Scheduled)
        self.patch(_cooperator, "_theCooperator", cooperator)
        first = task.cooperate(iter([None]))
        second = task.coiterate(iter([None]))
        cooperator.stop()
        self.failureResultOf(first.whenDone(), task.SchedulerStopped)
        self.failureResultOf(second, task.SchedulerStopped)
