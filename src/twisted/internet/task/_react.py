"""Run a program that is one function, from the start of the reactor to its stop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, NoReturn

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.error import ReactorNotRunning
from twisted.logger import Logger
from twisted.python.failure import Failure

_log = Logger(namespace="twisted.internet.task")


class _Program:
    """What is known of the function that `react` runs: its exit status, chiefly."""

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        # What SystemExit accepts: None, a number, or a message to print.
        self.status: object = 0
        self._stopping = False
        reactor.addSystemEventTrigger("before", "shutdown", self._noteShutdown)

    def _noteShutdown(self) -> None:
        self._stopping = True

    def finished(self, result: object) -> None:
        if self._stopping:
            # Somebody else stopped the reactor, on purpose: what breaks then is to be
            # expected and no news, but a program may still choose its status.
            if isinstance(result, Failure) and isinstance(result.value, SystemExit):
                self.status = result.value.code
            return
        if isinstance(result, Failure):
            self._noteFailure(result)
        # The function may have finished before the reactor runs.
        self.reactor.callWhenRunning(self._stop)

    def _noteFailure(self, failure: Failure) -> None:
        if isinstance(failure.value, SystemExit):
            self.status = failure.value.code
        else:
            _log.failure("main function encountered error", failure=failure)
            self.status = 1

    def _stop(self) -> None:
        try:
            self.reactor.stop()
        except ReactorNotRunning:
            # A signal or another trigger was quicker.
            pass


def react(
    main: Callable[..., Deferred[Any] | Coroutine[Deferred[Any], Any, Any]],
    argv: Iterable[object] = (),
    _reactor: Any = None,
) -> NoReturn:
    """
    Call `main` with the reactor and the arguments `argv`, run the reactor until
    the Deferred or the coroutine that it returns is done, and exit.

    The exit status of the process is 0 after success, 1 after a failure, which is
    logged, and that of `SystemExit` if that is what `main` failed with.  When
    something else stops the reactor first, such as SIGINT, the status is 0.

    Args:
        main: called as `main(reactor, *argv)`; returns a Deferred or a coroutine.
        _reactor: the reactor to run, if not the global one.

    Raises:
        SystemExit: always, in the end.
        TypeError: `main` returned something else than a Deferred or a coroutine.
    """
    if _reactor is None:
        _reactor = installedReactor()
    program = _Program(_reactor)
    result = main(_reactor, *argv)
    if not isinstance(result, (Deferred, Coroutine)):
        raise TypeError(
            f"the function for react() must return a Deferred or be a coroutine function "
            f"(`async def`): {main!r} returned {result!r}"
        )
    ensureDeferred(result).addBoth(program.finished)
    _reactor.run()
    sys.exit(program.status)  # type: ignore[arg-type]  # whatever SystemExit was given
