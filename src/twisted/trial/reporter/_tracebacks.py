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

_STDLIB: Final = os.path.dirname(os.__file__) + os.sep

# Longer ones stand in the traceback.
_HEADLINE: Final = 300

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


def _isInstalled(filename: str) -> bool:
    """Whether a file belongs to what is installed, not to what is being tested."""
    return filename.startswith((_STDLIB, "<")) or "site-packages" in filename


def headline(failure: Failure) -> str | None:
    """Return where a failure happened, in what is being tested, and which it is, on one line.

    Args:
        failure: The failure.

    Returns:
        The line; None for a failure that did not happen on any line.
    """
    frames = trim(failure.frames)
    if not frames:
        return None
    own = [frame for frame in frames if not _isInstalled(frame[1])]
    _, filename, line, *_ = (own or frames)[-1]
    message = failure.getErrorMessage().strip().partition("\n")[0]
    return f"{filename}:{line}: {failure.type.__name__}: {message}"[:_HEADLINE]


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
