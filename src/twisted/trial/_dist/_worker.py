"""A process that runs the tests that it is told to.

It does not use the reactor to hear and speak, because the reactor belongs to the tests: between two
of them it reads from one pipe, and writes to the other, and waits for that.
"""

from __future__ import annotations

import atexit
import faulthandler
import fcntl
import json
import os
import select
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from twisted.protocols import amp
from twisted.python import log
from twisted.trial._asyncrunner import ForcedGarbageCollection, TestSuite, decorate, eachTest
from twisted.trial._dist._outcomes import Recorder
from twisted.trial._dist._protocol import (
    AFTER_LAST,
    HEARS,
    SPEAKS,
    Finish,
    Loaded,
    Names,
    Report,
    Run,
    Tell,
    digest,
    send,
)
from twisted.trial.runner._exit import refusingToExit
from twisted.trial.runner._suites import LoggedSuite, TrialSuite

# Tests may put something else in their places for a while.
_read, _write, _poll, _exit = os.read, os.write, select.poll, os._exit

# High enough to be out of the way of tests that count descriptors.
_OUT_OF_THE_WAY = 100
_CHUNK = 1 << 16


class Orphaned(Exception):
    """The process that gives us tests has gone."""


class _Pipes:
    """What the protocol takes for its transport; whoever writes waits until it is written."""

    disconnecting = False

    def __init__(self, hears: int, speaks: int) -> None:
        self._hears = _movedAway(hears)
        self._speaks = _movedAway(speaks)
        self._readable = _poll()
        self._readable.register(self._hears, select.POLLIN)

    def write(self, data: bytes) -> None:
        try:
            while data:
                data = data[_write(self._speaks, data) :]
        except BrokenPipeError:
            raise Orphaned from None

    def read(self, wait: bool) -> bytes | None:
        """Return what has come; None if nothing has, and we are not to wait."""
        if not wait and not self._readable.poll(0):
            return None
        data = _read(self._hears, _CHUNK)
        if not data:
            raise Orphaned
        return data

    def loseConnection(self) -> None:
        raise Orphaned

    def getHost(self) -> str:
        return "worker"

    def getPeer(self) -> str:
        return "run"


def _movedAway(descriptor: int) -> int:
    """Move a descriptor to where neither tests nor the programs that they start find it."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
    os.close(descriptor)
    return moved


class Worker(amp.AMP):
    """This end of the pipes.

    Args:
        names: The names of all tests.

    Attributes:
        waiting: The numbers of the tests that are to be run.
        finished: Whether no more will come.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self._names = names
        self.waiting: deque[int] = deque()
        self.finished = False

    def connectionMade(self) -> None:
        """Say that we are ready."""
        super().connectionMade()
        self.callRemote(Loaded, count=len(self._names), digest=digest(self._names))

    @Run.responder
    def run(self, number: int) -> dict[str, Any]:
        self.waiting.append(number)
        return {}

    @Finish.responder
    def finish(self, drop: bool) -> dict[str, Any]:
        self.finished = True
        if drop:
            self.waiting.clear()
        return {}

    @Tell.responder
    def tell(self) -> dict[str, Any]:
        send(self.callRemote, Names, self._names)
        return {}

    def next(self) -> int | None:
        """Return the number of the next test, when it has come; None if there is none."""
        while True:
            # An order to drop what is waiting may have come meanwhile.
            wait = not self.waiting and not self.finished
            data = self.transport.read(wait)
            if data is not None:
                self.dataReceived(data)
            elif self.waiting:
                return self.waiting.popleft()
            elif self.finished:
                return None


class Coming(TestSuite):
    """A suite of tests that come one by one.

    Args:
        tests: All tests.
        worker: Knows which comes next.
        result: Has noted what happened.
        keep: Whether a test may come again.
    """

    def __init__(self, tests: list[Any], worker: Worker, result: Recorder, keep: bool) -> None:
        super().__init__()
        self._total = len(tests)
        self._running = False
        self._coming = self._come(tests, worker, result, keep)

    def countTestCases(self) -> int:
        return self._total

    def run(self, result: Any, debug: bool = False) -> Any:
        """Run the tests as they come."""
        self._running = True
        return super().run(result, debug)

    def __iter__(self) -> Iterator[Any]:
        # Only `run` gets them. Whoever wants to show the suite, say, gets none.
        running, self._running = self._running, False
        return self._coming if running else iter(())

    def _come(
        self, tests: list[Any], worker: Worker, result: Recorder, keep: bool
    ) -> Iterator[Any]:
        while (number := worker.next()) is not None:
            test = tests[number]
            if not keep:
                tests[number] = None
            yield test
            del test
            send(worker.callRemote, Report, result.take(), number=number)


def main(options: Callable[[], Any], prepare: Callable[[Any], None]) -> None:
    """Be a worker; see `_workers` for the command line.

    Args:
        options: makes what understands the command line of `trial`.
        prepare: does what is due before tests are loaded.
    """
    _, folder, settings = sys.argv
    given = json.loads(settings)
    faulthandler.enable()
    # A process group of our own: Ctrl-C on the terminal is for the parent, who tells us.
    os.setsid()
    sys.argv = given["argv"]
    config = options()
    config.parseOptions(given["options"])
    if given["seed"] is not None:
        config["random"] = given["seed"]
    prepare(config)
    suite = config.makeLoader().loadByNames(config["tests"], not config["no-recurse"])
    tests = list(eachTest(suite))
    del suite
    os.chdir(folder)
    with open(config["logfile"], "a", encoding="utf-8") as stream:
        observer = log.FileLogObserver(stream)
        log.startLoggingWithObserver(observer.emit, False)
        try:
            _work(tests, config)
        except Orphaned:
            _endNow(1, "the run that this worker belongs to has gone\n")
        except BaseException:  # the parent is to see it, whatever it is
            _endNow(1, traceback.format_exc())
        log.removeObserver(observer.emit)
    atexit._run_exitfuncs()
    _endNow(0)


def _endNow(status: int, why: str = "") -> NoReturn:
    """End without waiting for threads: what tests have left has been told."""
    sys.stdout.flush()
    sys.stderr.write(why)
    sys.stderr.flush()
    _exit(status)


def _work(tests: list[Any], config: Any) -> None:
    names = [str(test.id()) for test in tests]
    if config["force-gc"]:
        tests = [decorate(test, ForcedGarbageCollection) for test in tests]
    worker = Worker(names)
    result = Recorder(log)
    worker.makeConnection(_Pipes(HEARS, SPEAKS))
    suite = Coming(tests, worker, result, bool(config["until-failure"]))
    with refusingToExit():
        TrialSuite([LoggedSuite([suite])]).run(result)
    send(worker.callRemote, Report, result.take(), number=AFTER_LAST)
