"""What the tests of failures have in common."""

from __future__ import annotations

from twisted.python.failure import Failure


class Broken(Exception):
    """An exception that cannot even be shown."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


class Subclass(Failure):
    """What an application may make of it."""


class SomeError(Exception):
    pass


def raiser(error: BaseException | None = None) -> None:
    local = "the local value"
    raise error or SomeError("the message", local)


def caught(error: BaseException | None = None, captureVars: bool = False) -> Failure:
    catcher = "of the catcher"
    try:
        raiser(error)
    except BaseException:
        return Failure(captureVars=captureVars)
    raise AssertionError(catcher)
