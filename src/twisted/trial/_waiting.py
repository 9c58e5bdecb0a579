"""Running the reactor until a Deferred has fired, many times in one process.

Theory of operation
-------------------
`reactor.run` and `reactor.crash` are used in turn: a crash leaves every port,
connection and timer in place, and the loop can be run again.  `reactor.stop` would
not do: it fires the shutdown triggers, which a process can go through only once.  For
the same reason a test that calls it must not reach it: while a test waits, its place is
taken by a function that fails the test.

A Deferred that has fired already costs no turn of the loop.  Before the loop is
run its timeout becomes an ordinary delayed call; the loop ends when that or the
Deferred fires, when the test stops the reactor, or at Ctrl-C.

SIGINT needs a handler of its own while the loop runs: Python's would raise
KeyboardInterrupt in whatever callback the loop is in, which would log it and go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import defer
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.python import log
from twisted.python.failure import Failure
from twisted.trial._interrupts import endingWait


class ReactorStopped(Exception):
    """The reactor was stopped while a test waited for a Deferred."""


class _Wait:
    """One wait for one Deferred."""

    def __init__(self, pending: Deferred[Any]) -> None:
        self._reactor: Any = None
        self._pending = pending
        self._over = False
        self.failure: Failure | None = None
        self.fired = False
        pending.addBoth(self._heard)

    def _heard(self, result: Any) -> None:
        failed = isinstance(result, Failure)
        if not self._over:
            self._over = self.fired = True
            self.failure = result if failed else None
            if self._reactor is not None:
                self._reactor.crash()
        elif failed and not result.check(defer.CancelledError):
            log.err(result, "A test failed after it had been given up")

    def giveUp(self, why: BaseException) -> None:
        """Do not wait any longer; the test fails with `why`."""
        if not self._over:
            self._over = True
            self.failure = Failure(why)
            self._reactor.crash()

    def turnLoop(self, reactor: Any) -> None:
        """Run the reactor until there is an outcome."""
        self._reactor = reactor
        reactor.stop = self._stopped
        try:
            with endingWait(self._interrupted):
                reactor.run(installSignalHandlers=False)
        finally:
            del reactor.stop
        # Somebody may have crashed it, too.
        self._stopped()
        self._reactor = None

    def _interrupted(self) -> None:
        self._reactor.callFromThread(self.giveUp, KeyboardInterrupt())

    def _stopped(self) -> None:
        self.giveUp(ReactorStopped("the reactor was stopped while the test waited for a Deferred"))

    def abandon(self) -> None:
        """Let whatever the Deferred stands for clean up, as nobody waits for it."""
        if not self.fired:
            self._pending.cancel()


def waitFor(
    pending: Deferred[Any], timeout: float | None, tooLate: Callable[[], BaseException]
) -> Failure | None:
    """Run the reactor until a Deferred has fired.

    Args:
        pending: Its result is taken.
        timeout: How long to wait at most, in seconds; None waits for ever.
        tooLate: Makes the exception with which to give up.  The Deferred is
            cancelled then.

    Returns:
        The failure of the Deferred, or None.
    """
    wait = _Wait(pending)
    if wait.fired:
        return wait.failure
    reactor = installedReactor()
    late = None
    if timeout is not None:
        late = reactor.callLater(timeout, lambda: wait.giveUp(tooLate()))
    try:
        wait.turnLoop(reactor)
    finally:
        if late is not None and late.active():
            late.cancel()
    wait.abandon()
    return wait.failure
