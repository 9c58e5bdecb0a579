"""What a run and its workers say to each other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from twisted.protocols import amp

#: The descriptors of a worker on which it hears and speaks.
HEARS: Final = 3
SPEAKS: Final = 4

#: The number of what is told after the last test.
AFTER_LAST: Final = -1

# As much text as a value surely holds, which is 65535 bytes.
_PIECE: Final = 60_000
#: What one test may tell, in bytes. More of it would hide the rest of the run.
MAX_REPORT: Final = 64 << 20


class Run(amp.Command):
    """To a worker: run this test, after those that are waiting."""

    arguments = [(b"number", amp.Integer())]
    requiresAnswer = False


class Finish(amp.Command):
    """To a worker: there are no more tests.

    With `drop`, those that are waiting are not to be run either.
    """

    arguments = [(b"drop", amp.Boolean())]
    requiresAnswer = False


class Tell(amp.Command):
    """To a worker: tell the names of all tests."""

    requiresAnswer = False


class Loaded(amp.Command):
    """From a worker: the tests are loaded; so many, with this digest of their names."""

    arguments = [(b"count", amp.Integer()), (b"digest", amp.Unicode())]
    requiresAnswer = False


class Report(amp.Command):
    """From a worker: a piece of what there is to tell, in JSON."""

    arguments = [
        (b"number", amp.Integer()),
        (b"piece", amp.String()),
        (b"last", amp.Boolean()),
    ]
    requiresAnswer = False


class Names(amp.Command):
    """From a worker: a piece of the names of all tests, in JSON."""

    arguments = [(b"piece", amp.String()), (b"last", amp.Boolean())]
    requiresAnswer = False


def send(call: Callable[..., Any], command: type[amp.Command], told: object, **kw: Any) -> None:
    """Send something that may be long.

    Args:
        call: `AMP.callRemote`.
        command: has `piece` and `last`.
        told: what JSON can say.
        kw: the other arguments of the command.
    """
    data = json.dumps(told).encode("ascii")
    for begin in range(0, len(data), _PIECE):
        end = begin + _PIECE
        call(command, piece=data[begin:end], last=end >= len(data), **kw)


class Pieces:
    """Puts together what `send` has taken apart."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def add(self, piece: bytes, last: bool) -> Any:
        """Take a piece; return the whole if it is the last, else None."""
        self._pieces.append(piece)
        if not last:
            return None
        whole, self._pieces = b"".join(self._pieces), []
        return json.loads(whole)


def digest(names: Iterable[str]) -> str:
    """What tells one list of tests from another."""
    summed = hashlib.sha256()
    for name in names:
        summed.update(name.encode("utf-8", "surrogatepass") + b"\n")
    return summed.hexdigest()
