"""Tests that are known to fail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.python.failure import Failure


class Todo:
    """Why a test is expected to fail, and with what.

    `errors` is None when it may fail in any way; otherwise the exception
    classes that were announced, and any other failure is a real one.
    """

    __module__ = "twisted.trial.unittest"

    reason: str = ""
    errors: Iterable[type[BaseException]] | None = None

    def __init__(self, reason: str, errors: Iterable[type[BaseException]] | None = None) -> None:
        self.reason = reason
        self.errors = errors

    def __repr__(self) -> str:
        return f"<Todo reason={self.reason!r} errors={self.errors!r}>"

    def expected(self, failure: Failure) -> bool:
        """Whether `failure` is one that was announced."""
        if self.errors is None:
            return True
        return any(failure.check(error) for error in self.errors)


def makeTodo(value: Any) -> Todo:
    """Return the `Todo` that the ``todo`` attribute of a test means.

    Args:
        value: The reason, or a pair of an exception class (or several) and
            the reason.

    Raises:
        TypeError: `value` is neither.
    """
    if isinstance(value, str):
        return Todo(reason=value)
    if isinstance(value, tuple) and len(value) == 2:
        errors, reason = value
        if isinstance(errors, type):
            errors = [errors]
        return Todo(reason=reason, errors=list(errors))
    raise TypeError(f"todo is {value!r}: give the reason, or (exception class or classes, reason)")
