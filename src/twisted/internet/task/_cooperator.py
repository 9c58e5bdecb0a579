"""Share the loop's time between iterators, a little work at a time.

A `Cooperator` steps its tasks in turn until a predicate says that the slice of
time is used up, then asks its scheduler to be called again soon: other events get
their turn in between.  Each task is in one of three conditions:

- ready: it stands in the cooperator's queue;
- paused: it waits, for as many `resume()` as there were `pause()`, a Deferred
  that it yielded being one of them;
- finished: its outcome is an exception which says how, and which every further
  attempt to control the task raises.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall

# Seconds that one turn of a cooperator may take unless the caller brings a
# predicate: a hundredth keeps a server's answers well below what people notice.
SLICE = 0.01

_Iterator = TypeVar("_Iterator", bound="Iterator[object]")


class SchedulerError(Exception):
    """A task could not be scheduled or controlled."""

    __module__ = "twisted.internet.task"


class SchedulerStopped(SchedulerError):
    """The cooperator of the task is stopped, so that the task cannot go on."""

    __module__ = "twisted.internet.task"


class TaskFinished(SchedulerError):
    """The task has ended already, so that it cannot be controlled any more."""

    __module__ = "twisted.internet.task"


class TaskDone(TaskFinished):
    """The iterator of the task is exhausted."""

    __module__ = "twisted.internet.task"


class TaskStopped(TaskFinished):
    """The task was ended by `stop()`."""

    __module__ = "twisted.internet.task"


class TaskFailed(TaskFinished):
    """The iterator of the task raised an exception, or yielded a Deferred that failed."""

    __module__ = "twisted.internet.task"


class NotPaused(SchedulerError):
    """The task was resumed more often than it was paused."""

    __module__ = "twisted.internet.task"


class _Cancellable(Protocol):
    def cancel(self) -> object: ...


class CooperativeTask:
    """
    An iterator at work in a `Cooperator`; what `Cooperator.cooperate` returns.
    """

    __module__ = "twisted.internet.task"

    def __init__(self, iterator: Iterator[object], cooperator: Cooperator) -> None:
        self._iterator = iterator
        self._cooperator = cooperator
        self._pauses = 0
        self._outcome: SchedulerError | None = None
        self._result: Iterator[object] | Failure = iterator
        self._waiting: list[Deferred[Iterator[object]]] = []
        cooperator._admit(self)

    def whenDone(self) -> Deferred[Iterator[object]]:
        """
        Returns: a new Deferred, which fires with the iterator when it is
            exhausted.  It fails with the exception that the iterator raised,
            with `TaskStopped` after `stop`, or with `SchedulerStopped`.
        """
        done: Deferred[Iterator[object]] = Deferred()
        if self._outcome is None:
            self._waiting.append(done)
        else:
            self._tell(done)
        return done

    def pause(self) -> None:
        """
        Take no more steps until `resume` has been called as often as this.

        Raises:
            TaskFinished: the task has ended.
        """
        self._checkUnfinished()
        self._pauses += 1
        if self._pauses == 1:
            self._cooperator._dismiss(self)

    def resume(self) -> None:
        """
        Undo one `pause`.

        Raises:
            NotPaused: the task is not paused.
            TaskFinished: the task has ended.
        """
        self._checkUnfinished()
        if self._pauses == 0:
            raise NotPaused(f"{self!r} is not paused: there is nothing to resume()")
        self._pauses -= 1
        if self._pauses == 0:
            self._cooperator._admit(self)

    def stop(self) -> None:
        """
        End the task; its iterator is not asked for more.

        Raises:
            TaskFinished: the task has ended.
        """
        self._checkUnfinished()
        self._finish(TaskStopped("the task was stopped"), None)

    def _checkUnfinished(self) -> None:
        if self._outcome is not None:
            raise self._outcome.with_traceback(None)

    def _finish(self, outcome: SchedulerError, failure: Failure | None) -> None:
        self._outcome = outcome
        if not isinstance(outcome, TaskDone):
            self._result = failure or Failure(outcome)
        self._cooperator._dismiss(self)
        waiting, self._waiting = self._waiting, []
        for done in waiting:
            self._tell(done)

    def _tell(self, done: Deferred[Iterator[object]]) -> None:
        if isinstance(self._result, Failure):
            done.errback(self._result)
        else:
            done.callback(self._result)

    def _step(self) -> None:
        try:
            value = next(self._iterator)
        except StopIteration:
            self._finish(TaskDone("the iterator is exhausted"), None)
        except BaseException:
            failure = Failure()
            self._finish(TaskFailed(f"the iterator raised {failure.value!r}"), failure)
        else:
            if isinstance(value, Deferred):
                # The iterator may have stopped its own task before it yielded.
                if self._outcome is None:
                    self.pause()
                value.addCallbacks(self._waited, self._waitFailed)

    def _waited(self, result: object) -> object:
        if self._outcome is None:
            self.resume()
        return result

    def _waitFailed(self, failure: Failure) -> Failure | None:
        if self._outcome is not None:
            # Nobody waits for it any more: leave it to be reported as unhandled.
            return failure
        self._finish(
            TaskFailed(f"a Deferred that the task waited for failed: {failure!r}"), failure
        )
        return None


class _SliceOfTime:
    """The default predicate: true when `SLICE` seconds have passed."""

    def __init__(self) -> None:
        self.end = monotonic() + SLICE

    def __call__(self) -> bool:
        return monotonic() >= self.end


def _scheduleOnReactor(turn: Callable[[], None]) -> IDelayedCall:
    call: IDelayedCall = installedReactor().callLater(0, turn)
    return call


class Cooperator:
    """
    A scheduler for work which is divided into the steps of iterators.

    Args:
        terminationPredicateFactory: called at the start of each turn; returns a
            function that is called after each step, and ends the turn when it
            returns true.  By default, a turn takes 10 milliseconds.
        scheduler: called with a function, to have it called soon; returns
            something with a `cancel()` method.  By default, the reactor's
            `callLater(0, ...)`.
        started: whether tasks run at once, or first after `start`.
    """

    __module__ = "twisted.internet.task"

    def __init__(
        self,
        terminationPredicateFactory: Callable[[], Callable[[], bool]] = _SliceOfTime,
        scheduler: Callable[[Callable[[], None]], _Cancellable] = _scheduleOnReactor,
        started: bool = True,
    ) -> None:
        self._newPredicate = terminationPredicateFactory
        self._scheduler = scheduler
        self._started = started
        self._stopped = False
        self._ready: OrderedDict[CooperativeTask, None] = OrderedDict()
        self._turn: _Cancellable | None = None

    @property
    def running(self) -> bool:
        """Whether tasks are being run."""
        return self._started and not self._stopped

    def cooperate(self, iterator: Iterator[object]) -> CooperativeTask:
        """
        Run an iterator to its end, in steps.  A Deferred that it yields is
        waited for before the next step.

        Returns: the task, to be paused, resumed, stopped and waited for.
        """
        return CooperativeTask(iterator, self)

    def coiterate(
        self, iterator: _Iterator, doneDeferred: Deferred[_Iterator] | None = None
    ) -> Deferred[_Iterator]:
        """
        Run an iterator to its end, in steps.

        Args:
            doneDeferred: the Deferred to fire, if not a new one.

        Returns: a Deferred which fires with the iterator when it is exhausted, and
            fails if the iterator raises or yields a Deferred that fails.
        """
        done: Deferred[_Iterator] = Deferred() if doneDeferred is None else doneDeferred
        # The iterator that comes out is the one that went in.
        CooperativeTask(iterator, self).whenDone().chainDeferred(
            cast("Deferred[Iterator[object]]", done)
        )
        return done

    def start(self) -> None:
        """Run the tasks, those which were added before included."""
        self._stopped = False
        self._started = True
        self._arrange()

    def stop(self) -> None:
        """
        Run nothing any more.  The tasks which are ready to run fail with
        `SchedulerStopped`, as do those which come later.
        """
        self._stopped = True
        for task in list(self._ready):
            self._refuse(task)
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def _refuse(self, task: CooperativeTask) -> None:
        # An earlier one's callbacks may have ended this one.
        if task._outcome is None:
            task._finish(SchedulerStopped("the cooperator is stopped"), None)

    def _admit(self, task: CooperativeTask) -> None:
        if self._stopped:
            self._refuse(task)
        else:
            self._ready[task] = None
            self._arrange()

    def _dismiss(self, task: CooperativeTask) -> None:
        self._ready.pop(task, None)
        if not self._ready and self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def _arrange(self) -> None:
        """Have the next turn scheduled, if there is work and it is not."""
        if self._turn is None and self._started and self._ready:
            self._turn = self._scheduler(self._takeTurn)

    def _takeTurn(self) -> None:
        self._turn = None
        isOver = self._newPredicate()
        while self._ready:
            task = next(iter(self._ready))
            # Behind the others before its step, which may dismiss it.
            self._ready.move_to_end(task)
            task._step()
            if isOver():
                break
        self._arrange()


_theCooperator = Cooperator()


def coiterate(iterator: _Iterator) -> Deferred[_Iterator]:
    """`Cooperator.coiterate` on the cooperator that all of the process shares."""
    return _theCooperator.coiterate(iterator)


def cooperate(iterator: Iterator[object]) -> CooperativeTask:
    """`Cooperator.cooperate` on the cooperator that all of the process shares."""
    return _theCooperator.cooperate(iterator)
