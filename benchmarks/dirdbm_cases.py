"""What a directory as a dictionary costs: for whichever `twisted` the interpreter has.

As a program, prints the name of each case and its operations per second, as JSON:

    .venv/bin/python benchmarks/dirdbm_cases.py [seconds per case] [name ...]
"""

import inspect
import os
import sys
import tempfile
from time import perf_counter

# The harness keeps this folder off the path, on which there might be another `twisted`.
sys.path.append(os.path.dirname(__file__))
import timing

from twisted.persisted.dirdbm import DirDBM, Shelf

_KEYS = [b"key %d" % number for number in range(100)]
_VALUE = b"x" * 1000
_OBJECT = {"name": "bob", "groups": ["staff", "wheel"], "id": 1000}

# What the programs cost shows in memory. What the disk costs is the same for all, and much more.
_MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
# The peer has no choice to wait for the disk.
_CAN_SYNC = "sync" in inspect.signature(DirDBM).parameters

_directories = []


def _directory(where):
    directory = tempfile.TemporaryDirectory(dir=where)
    _directories.append(directory)  # until the end
    return directory.name


def _filled(kind, value):
    db = kind(_directory(_MEMORY))
    for key in _KEYS:
        db[key] = value
    return db


def _write(db, rounds, value):
    keys = _KEYS * (rounds // len(_KEYS) + 1)
    for key in keys[:rounds]:
        db[key] = value


def writes(rounds):
    """A value of a kilobyte instead of another."""
    _write(_filled(DirDBM, _VALUE), rounds, _VALUE)


def writesSync(rounds):
    """The same on a disk, and there when it returns, if there is that choice."""
    options = {"sync": True} if _CAN_SYNC else {}
    _write(DirDBM(_directory(None), **options), rounds, _VALUE)


def reads(rounds):
    """A value of a kilobyte."""
    db = _filled(DirDBM, _VALUE)
    keys = _KEYS * (rounds // len(_KEYS) + 1)
    for key in keys[:rounds]:
        db[key]


def shelfWrites(rounds):
    """A small object instead of another."""
    _write(_filled(Shelf, _OBJECT), rounds, _OBJECT)


def _measure(case, seconds):
    """Operations per second; of the long case measured once: a disk is as quick as it is."""
    if case is not writesSync:
        return timing.measure(case, seconds)
    start = perf_counter()
    case(_SYNCED)
    return round(_SYNCED / (perf_counter() - start))


_SYNCED = 100

CASES = {case.__name__: case for case in (writes, writesSync, reads, shelfWrites)}


if __name__ == "__main__":
    timing.main(CASES, _measure)
