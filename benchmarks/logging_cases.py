"""What logging costs: one function for each case, for whichever `twisted` the interpreter has.

As a program, prints the name of each case and its operations per second, as JSON:

    .venv/bin/python benchmarks/logging_cases.py [seconds per case] [name ...]
"""

import os
import sys

from twisted.logger import (
    FilteringLogObserver,
    Logger,
    LogLevelFilterPredicate,
    LogPublisher,
    eventAsJSON,
    textFileLogObserver,
)
from twisted.python import log

# The harness keeps this folder off the path, on which there might be another `twisted`.
sys.path.append(os.path.dirname(__file__))
import timing

_nowhere = open(os.devnull, "w")  # noqa: SIM115  # until the end


def _ignore(event):
    pass


_silent = Logger(observer=LogPublisher())
_filtered = Logger(
    observer=LogPublisher(FilteringLogObserver(_ignore, [LogLevelFilterPredicate()]))
)
_observed = Logger(observer=LogPublisher(_ignore))
_written = Logger(observer=LogPublisher(textFileLogObserver(_nowhere)))
_front = log.LogPublisher()
_front.addObserver(_ignore)
_frontWritten = log.LogPublisher()
_frontWritten.addObserver(log.FileLogObserver(_nowhere).emit)


def silent(rounds):
    """An event when there is no observer."""
    for _ in range(rounds):
        _silent.info("{peer} says {text}", peer=1, text="hello")


def filtered(rounds):
    """A debug event that a filter refuses."""
    for _ in range(rounds):
        _filtered.debug("{peer} says {text}", peer=1, text="hello")


def observed(rounds):
    """An event that an observer sees, and does nothing with."""
    for _ in range(rounds):
        _observed.info("{peer} says {text}", peer=1, text="hello")


def written(rounds):
    """An event that is written to a file."""
    for _ in range(rounds):
        _written.info("{peer} says {text}", peer=1, text="hello")


def saved(rounds):
    """An event as JSON."""
    event = {"log_format": "{peer} says {text}", "peer": 1, "text": "hello", "log_time": 1.5}
    for _ in range(rounds):
        eventAsJSON(event)


def message(rounds):
    """`log.msg`, with an observer that does nothing."""
    for _ in range(rounds):
        _front.msg("hello")


def messageWritten(rounds):
    """`log.msg`, written to a file."""
    for _ in range(rounds):
        _frontWritten.msg("hello")


CASES = {
    case.__name__: case
    for case in (silent, filtered, observed, written, saved, message, messageWritten)
}


if __name__ == "__main__":
    timing.main(CASES)
