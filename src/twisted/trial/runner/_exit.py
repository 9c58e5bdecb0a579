"""Keeping a test from ending the process, and the tests after it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import NoReturn


class ExitRefused(BaseException):
    """A test called `os._exit`.

    Not an `Exception`, so that it comes as far as the call would have gone.
    """


@contextlib.contextmanager
def refusingToExit() -> Iterator[None]:
    """Let `os._exit` raise `ExitRefused` in this process; in its children it does what it does."""
    exit, process = os._exit, os.getpid()

    def refuse(status: int) -> NoReturn:
        if os.getpid() != process:
            exit(status)
        raise ExitRefused(f"os._exit({status}) would have ended the run, with all tests to come")

    os._exit = refuse
    try:
        yield
    finally:
        os._exit = exit
