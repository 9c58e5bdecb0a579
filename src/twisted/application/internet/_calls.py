"""Services that call functions: again and again, or a little of many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twisted.application.internet._volatile import VolatileDataService
from twisted.application.service import Service
from twisted.internet import task
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

__name__ = "twisted.application.internet"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)


class TimerService(VolatileDataService):
    """Calls a function when it is started, and again and again.

    If the function fails, that is logged, and it is called no more.

    Args:
        step: seconds between the calls.
        callable: the function; while a Deferred that it returned is waited for, it is not called.
        args: for the function.
        kwargs: for the function.

    Attributes:
        clock: what tells the time; None for the reactor of the process.
    """

    volatile = ["_loop", "_ended"]

    clock: IReactorTime | None = None
    _loop: task.LoopingCall | None = None
    _ended: Deferred[Any] | None = None

    def __init__(
        self, step: float, callable: Callable[..., object], *args: Any, **kwargs: Any
    ) -> None:
        self.step = step
        self.call = (callable, args, kwargs)

    def startService(self) -> None:
        """Call the function, and from now on again and again."""
        super().startService()
        function, args, kwargs = self.call
        loop = self._loop = task.LoopingCall(function, *args, **kwargs)
        if self.clock is not None:
            loop.clock = self.clock
        self._ended = loop.start(self.step, now=True)
        self._ended.addErrback(self._failed)

    def stopService(self) -> Deferred[Any]:
        """Call the function no more.

        Returns:
            Fires when the call under way is over.
        """
        super().stopService()
        loop, finished = self._loop, self._ended
        self._loop = self._ended = None
        if loop is not None and loop.running:
            loop.stop()
        return succeed(None) if finished is None else finished.addCallback(lambda ignored: None)

    def _failed(self, why: Failure) -> None:
        # Said by the service: the function that failed may not know that this was the end.
        _log.failure("{service} calls {function} no more", why, service=self, function=self.call[0])


class CooperatorService(Service):
    """Runs iterators a little at a time, while it runs itself."""

    def __init__(self) -> None:
        self.coop = task.Cooperator(started=False)

    def coiterate(self, iterator: Iterator[Any]) -> Deferred[Iterator[Any]]:
        """Run an iterator to its end, in steps; see `task.Cooperator.coiterate`."""
        return self.coop.coiterate(iterator)

    def startService(self) -> None:
        """Run what there is to run."""
        super().startService()
        self.coop.start()

    def stopService(self) -> None:
        """End what has not come to its end; who waits for it hears `task.SchedulerStopped`."""
        super().stopService()
        self.coop.stop()
