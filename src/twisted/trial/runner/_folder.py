"""The folder that tests run in.

Theory of operation
-------------------
The folder is emptied before each run, so it must be one that trial has made: a marker
file in it says so.  It belongs to one run at a time: a lock beside it, which names the
process, says so.  A run that finds ``_trial_temp`` locked takes ``_trial_temp-1``, and
so on.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Final

from twisted.python.lockfile import FilesystemLock
from twisted.trial._synctest import TRIAL_MARKER

DEFAULT_FOLDER: Final = "_trial_temp"


class CannotRun(Exception):
    """The run cannot begin; the message says why."""

    __module__ = "twisted.trial.runner"


class NotMadeByTrial(CannotRun):
    """A folder exists that trial was told to remove, and trial has not made it."""


class FolderBusy(CannotRun):
    """Another run uses the folder that was asked for by name."""


class FolderNotUsable(CannotRun):
    """The system does not let the folder be made."""


def _claim(folder: str) -> FilesystemLock | None:
    parent = os.path.dirname(os.path.abspath(folder))
    os.makedirs(parent, exist_ok=True)
    lock = FilesystemLock(os.path.abspath(folder) + ".lock")
    return lock if lock.lock() else None


def _claimAny(folder: str) -> tuple[str, FilesystemLock]:
    counter = 0
    while True:
        candidate = f"{folder}-{counter}" if counter else folder
        lock = _claim(candidate)
        if lock is not None:
            return candidate, lock
        if os.path.basename(os.path.normpath(folder)) != DEFAULT_FOLDER:
            raise FolderBusy(
                f"{folder!r} is in use by another run: wait for it, or name another folder"
            )
        counter += 1


def _makeAnew(folder: str) -> None:
    if os.path.lexists(folder):
        if not os.path.exists(os.path.join(folder, TRIAL_MARKER)):
            raise NotMadeByTrial(
                f"{folder!r} was not made by trial, which would remove it: move it away, or "
                f"name another folder with --temp-directory"
            )
        shutil.rmtree(folder)
    os.makedirs(folder)
    with open(os.path.join(folder, TRIAL_MARKER), "wb"):
        pass


@contextlib.contextmanager
def _explaining(folder: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise FolderNotUsable(
            f"the folder {folder!r} for the tests to run in cannot be made ({error}): change to "
            f"another one, or name one with --temp-directory"
        ) from error


@contextlib.contextmanager
def workingIn(folder: str) -> Iterator[str]:
    """Make `folder`, or a numbered sibling of it, empty, and the working directory.

    Args:
        folder: Where; something of that name is removed.

    Raises:
        NotMadeByTrial: It exists, and is not a folder of trial's.
        FolderBusy: It is used by another run, and not the default one.
        FolderNotUsable: It cannot be made, or emptied.
    """
    with _explaining(folder):
        folder, lock = _claimAny(folder)
    before = os.getcwd()
    try:
        with _explaining(folder):
            _makeAnew(folder)
            os.chdir(folder)
        try:
            yield os.getcwd()
        finally:
            os.chdir(before)
    finally:
        lock.unlock()
