"""Tracebacks without the frames of the machinery that ran the test."""

from __future__ import annotations

import os
import unittest.case
from typing import Any, Final

import twisted.internet.defer
import twisted.python.failure
import twisted.trial
from twisted.python.failure import Failure

_TRIAL: Final = os.path.dirname(twisted.trial.__file__) + os.sep
_TRIAL_TESTS: Final = _TRIAL + "test" + os.sep
_DEFER: Final = os.path.splitext(twisted.internet.defer.__file__)[0].removesuffix("__init__")
_FAILURE: Final = twisted.python.failure.__file__
_PYUNIT: Final = os.path.dirname(unittest.case.__file__) + os.sep

# For `Failure.getTraceback`.
_DETAILS: Final = {"default": "default", "brief": "brief", "verbose": "verbose"}


def _isRunner(filename: str) -> bool:
    if filename.startswith(_TRIAL):
        return not filename.startswith(_TRIAL_TESTS)
    return filename.startswith((_DEFER, _FAILURE, _PYUNIT))


def _isAssertion(filename: str) -> bool:
    return filename.startswith((_TRIAL, _PYUNIT)) and not filename.startswith(_TRIAL_TESTS)


def trim(frames: list[Any]) -> list[Any]:
    """Return the frames from where the test's own code begins to where it ends.

    Args:
        frames: As in `Failure.frames`, outermost first.
    """
    first = 0
    while first < len(frames) and _isRunner(frames[first][1]):
        first += 1
    last = len(frames)
    while last > first and _isAssertion(frames[last - 1][1]):
        last -= 1
    # An error in the machinery itself has no other frames.
    return frames[first:last] or frames


def format(failure: Failure, tbformat: str) -> str:
    """Return the traceback of a failure as text.

    Args:
        failure: The failure; it stays as it is.
        tbformat: ``default``, ``brief`` or ``verbose``.
    """
    if tbformat not in _DETAILS:
        raise ValueError(f"tbformat is {tbformat!r}: give one of {', '.join(_DETAILS)}")
    frames = failure.frames
    whole = frames[:]
    frames[:] = trim(whole)
    try:
        return failure.getTraceback(detail=tbformat)  # type: ignore[arg-type]  # one of its names, see above
    finally:
        frames[:] = whole
