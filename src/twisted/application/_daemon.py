"""A process that goes on after the shell that started it: forked twice, and heard of before.

Theory of operation.  The first fork lets the shell go on, `setsid` leaves its terminal, and the
second fork makes sure that no terminal is ever got again.  The shell is not let go before the
daemon has started, or failed to: the first process waits for one message through a pipe, which is
empty for "it has started" and an error otherwise, and ends with the status that goes with it.  A
daemon that dies without a message closes the pipe, too.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from twisted.python.util import untilConcludes

#: How a message that all is well begins, and one that it is not.
_STARTED, _FAILED = b"+", b"-"
#: The longest message; it is a line.
_LONGEST = 4096


class Daemon:
    """The daemon's side of the pipe."""

    def __init__(self, report: int) -> None:
        self._report: int | None = report

    def started(self) -> None:
        """Let the shell go on: all is well."""
        self._tell(_STARTED)

    def failed(self, message: str) -> None:
        """Let the shell go on: it cannot start, for that reason."""
        self._tell(_FAILED + message.encode("utf-8", "backslashreplace")[:_LONGEST])

    def _tell(self, message: bytes) -> None:
        report, self._report = self._report, None
        if report is None:
            return
        try:
            untilConcludes(os.write, report, message)
        except BrokenPipeError:
            # The one who waited was killed, which is no reason not to run.
            pass
        os.close(report)


def daemonize(program: str) -> Daemon:
    """Go on as a daemon; the process of before waits, and ends as the daemon says.

    Args:
        program: its name, for the message of one that fails.
    """
    # What was printed so far is to be seen once.
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    heard, told = os.pipe()
    if os.fork():
        os.close(told)
        _wait(heard, program)
    os.close(heard)
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    if null > 2:
        os.close(null)
    return Daemon(told)


def _wait(heard: int, program: str) -> NoReturn:
    """Wait for the daemon's message, and end as it says."""
    message = b""
    while piece := untilConcludes(os.read, heard, _LONGEST):
        message += piece
    if message == _STARTED:
        # Not by `sys.exit`: what is to be done at exit is the daemon's to do.
        os._exit(0)
    reason = message[1:].decode() or "the daemon ended while it was starting; see its log"
    os.write(2, f"{program}: {reason}\n".encode("utf-8", "backslashreplace"))
    os._exit(1)
