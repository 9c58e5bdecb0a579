"""A run of tests in several processes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any, Final

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, DeferredList
from twisted.python.failure import Failure
from twisted.trial._dist._outcomes import RemoteTest, Replay
from twisted.trial._dist._protocol import AFTER_LAST
from twisted.trial._dist._schedule import Schedule
from twisted.trial._dist._workers import Settings, Worker
from twisted.trial._interrupts import handling
from twisted.trial._waiting import waitFor
from twisted.trial.runner._folder import CannotRun, workingIn
from twisted.trial.runner._runner import Interrupted, TrialRunner
from twisted.trial.runner._suites import NOT_IN_TEST, TestHolder

# How long a worker may take to end when it has told that everything is done, in seconds.
_LINGER: Final = 10.0


class WorkerDied(Exception):
    """A process that ran tests has ended in the middle of one."""


class DifferentTests(Exception):
    """Two workers have found different tests, though they have looked in the same places."""


class DistributedRunner(TrialRunner):
    """Runs tests in several processes; see `TrialRunner` for the other arguments.

    Args:
        jobs: How many.
        options: The command line, which workers understand as this process does.
        seed: That of a random order; None if the order is not random.
    """

    def __init__(
        self, *args: Any, jobs: int, options: list[str], seed: int | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._jobs = jobs
        self._options = options
        self._seed = seed

    def run(self, test: Any = None) -> Any:
        """Run the tests once; `test` is not used, since workers find the tests themselves."""
        with self._team() as team:
            return self._pass(team)

    def runUntilFailure(self, test: Any = None) -> Any:
        """Run the tests again and again, until something fails; `test` is not used."""
        passes = 0
        with self._team() as team:
            while True:
                passes += 1
                self._say(f"Test Pass {passes}\n")
                result = self._pass(team, again=True)
                if result.testsRun == 0 or not result.wasSuccessful() or result.shouldStop:
                    return result

    @contextlib.contextmanager
    def _team(self) -> Iterator[Team]:
        start = os.getcwd()
        with workingIn(self.workingDirectory) as folder, self._logging():
            team = Team(self._jobs, Settings(self._options, self._seed, folder, start))
            with handling(team.interrupted) as interrupts:
                team.interrupts = interrupts
                try:
                    yield team
                finally:
                    team.end()

    def _pass(self, team: Team, again: bool = False) -> Any:
        total = team.load()
        result = self._makeResult(total)
        replay = Replay(result, self._log)
        team.run(result, replay)
        team.blame(result)
        if not again or result.testsRun == 0 or not result.wasSuccessful() or result.shouldStop:
            team.finish(replay)
            team.blame(result)
        if team.interrupts.seen and (result.testsRun < total or total == 0):
            reason = f"Ctrl-C, after {result.testsRun} of {total} tests"
            result.addError(TestHolder(NOT_IN_TEST), Failure(Interrupted(reason)))
        result.done()
        return result


class Team:
    """The workers of a run.

    Args:
        jobs: How many there should be.
        settings: What each has to know.
    """

    interrupts: Any = None

    def __init__(self, jobs: int, settings: Settings) -> None:
        self._reactor = installedReactor()
        self._jobs = jobs
        self._settings = settings
        self._started = 0
        self._workers: list[Worker] = []
        self._names: list[str] = []
        self._digest: str | None = None
        self._schedule: Schedule | None = None
        self._result: Any = None
        self._replay: Any = None
        # What workers have told that belongs to no test: events, or failures.
        self._afterwards: dict[int, list[Any]] = {}
        self._failures: list[Failure] = []
        # Whether no test is to be begun any more; whether none is left to begin.
        self._stopped = False
        self._ending = False
        self._crash: Failure | None = None
        self._loading: Deferred[None] | None = None
        self._running: Deferred[None] | None = None

    # The steps of a run

    def load(self) -> int:
        """Start the workers, unless that is done; return how many tests there are."""
        if self._digest is None:
            self._loading = Deferred()
            try:
                for _ in range(self._jobs):
                    self._start()
            except OSError as error:
                raise CannotRun(f"a worker cannot be started: {error}") from error
            self._wait(self._loading)
        return len(self._names)

    def run(self, result: Any, replay: Replay) -> None:
        """Run all tests once, and tell of them."""
        self._result, self._replay = result, replay
        self._schedule = Schedule(len(self._names), self._jobs)
        self._running = Deferred()
        for worker in self._workers:
            if worker.ready:
                self._give(worker)
        self._maybeOver()
        self._wait(self._running)
        if self._crash is not None:
            self._crash.raiseException()

    def blame(self, result: Any) -> None:
        """Tell what has gone wrong outside any test."""
        failures, self._failures = self._failures, []
        for failure in failures:
            result.addError(TestHolder(NOT_IN_TEST), failure)

    def finish(self, replay: Replay) -> None:
        """Let the workers end, and tell what they tell at their end."""
        self._ending = True
        self._endAll()
        late = self._reactor.callLater(_LINGER, self._killAll)
        self._wait(self._allGone())
        if late.active():
            late.cancel()
        for _, events in sorted(self._afterwards.items()):
            replay.tell(events)

    def end(self) -> None:
        """End what is left of the workers."""
        self._stopped = True
        self._killAll()
        self._wait(self._allGone())

    def _wait(self, pending: Deferred[Any]) -> None:
        failure = waitFor(pending, None, KeyboardInterrupt)
        if failure is not None:
            # The second Ctrl-C. Of the tests that were running, what is told is their death.
            self._stopped = True
            self._killAll()
            waitFor(self._allGone(), None, KeyboardInterrupt)

    def _allGone(self) -> Deferred[Any]:
        return DeferredList([_following(each.gone) for each in self._workers])

    def _endAll(self) -> None:
        for worker in self._workers[:]:
            if worker.ready:
                worker.finish(drop=True)
            else:
                worker.kill()

    def _killAll(self) -> None:
        for worker in self._workers[:]:
            worker.kill()

    def interrupted(self) -> None:
        """The first Ctrl-C: the tests that run are the last. Called by a handler of signals."""
        self._reactor.callFromThread(self._stop)

    def _stop(self) -> None:
        self._stopped = True
        if self._result is not None:
            self._result.stop()
        if self._schedule is not None:
            self._schedule.stop()
        self._endAll()
        self._maybeOver()

    # What workers tell

    def _start(self) -> None:
        worker = Worker(self._started, self._settings, self)
        self._started += 1
        self._workers.append(worker)
        worker.start(self._reactor.spawnProcess)

    def _give(self, worker: Worker) -> None:
        if self._schedule is not None and not self._stopped:
            for number in self._schedule.give(worker):
                worker.run(number)

    def loaded(self, worker: Worker, count: int, digest: str) -> None:
        """A worker has loaded the tests."""
        if self._digest is None:
            self._digest = digest
            worker.tell()
        elif digest == self._digest:
            self._give(worker)
        else:
            told = (
                f"worker {worker.number} has found {count} tests, which are not those of another "
                f"worker: if their names change from run to run, run them without --jobs"
            )
            self._failures.append(Failure(DifferentTests(told)))
            worker.dismissed = True
            worker.kill()

    def named(self, worker: Worker, names: list[str]) -> None:
        """A worker has told the names of the tests."""
        self._names = names
        if self._loading is not None and not self._loading.called:
            self._loading.callback(None)

    def reported(self, worker: Worker, number: int, events: list[Any]) -> None:
        """A worker has told what came of a test, or what came after all of them."""
        if number == AFTER_LAST:
            self._afterwards[worker.number] = events
            worker.finished = True
        elif self._schedule is not None:
            self._schedule.ended(worker, number, events)
            self._give(worker)
            self._maybeOver()

    def died(self, worker: Worker, why: str, well: bool) -> None:
        """The process of a worker has ended."""
        self._workers.remove(worker)
        number = None if self._schedule is None else self._schedule.lost(worker)
        if worker.finished:
            if not well:
                self._blameWorker(worker, why)
        elif number is not None and self._schedule is not None:
            death = _Death(self._names[number], f"The worker that ran this test died: {why}")
            self._schedule.tell(number, death)
        elif not self._stopped and not worker.dismissed and (worker.ready or not self._ending):
            self._blameWorker(worker, why)
        if worker.ready and not (self._stopped or self._ending or worker.dismissed):
            self._start()
        elif not self._workers:
            self._noneIsLeft()
        self._maybeOver()

    def _blameWorker(self, worker: Worker, why: str) -> None:
        self._failures.append(Failure(WorkerDied(f"Worker {worker.number} died: {why}")))

    def _noneIsLeft(self) -> None:
        if self._schedule is not None:
            if self._schedule.missing and not self._stopped:
                told = f"no worker is left: {self._schedule.missing} tests were not run"
                self._failures.append(Failure(WorkerDied(told)))
            self._schedule.stop()
        if self._loading is not None and not self._loading.called:
            self._loading.callback(None)

    def crashed(self, failure: Failure) -> None:
        """The reporter, or something here, has a bug: that is the end of the run."""
        self._crash = failure
        self._stopped = True
        if self._schedule is not None:
            self._schedule.close()
        self._killAll()
        for pending in (self._loading, self._running):
            if pending is not None and not pending.called:
                pending.callback(None)

    def _maybeOver(self) -> None:
        """Tell the reporter what there is to tell, and end the pass after the last test."""
        schedule, running = self._schedule, self._running
        if schedule is None or running is None:
            return
        for told in schedule.inOrder():
            told.tell(self._result) if isinstance(told, _Death) else self._replay.tell(told)
            if self._result.shouldStop and not self._stopped:
                # No test after that one would have been run in one process.
                self._stopped = True
                schedule.close()
                self._endAll()
        if schedule.over and not running.called:
            running.callback(None)


class _Death:
    """What there is to tell of a test that a worker died in."""

    def __init__(self, name: str, why: str) -> None:
        self._name = name
        self._why = why

    def tell(self, result: Any) -> None:
        test = RemoteTest(self._name)
        result.startTest(test)
        result.addError(test, Failure(WorkerDied(self._why)))
        result.stopTest(test)


def _following(pending: Deferred[None]) -> Deferred[None]:
    """A Deferred that fires with another, which others wait for too."""
    following: Deferred[None] = Deferred()

    def fire(result: Any) -> Any:
        following.callback(None)
        return result

    pending.addBoth(fire)
    return following
