"""The logged errors that tests have not yet flushed."""

from __future__ import annotations

from typing import Any

from twisted.python import log

_errors: list[Any] = []


def _observe(event: Any) -> None:
    if event.get("isError") and "failure" in event:
        _errors.append(event["failure"])


log.addObserver(_observe)


def flush(errorTypes: tuple[type[BaseException], ...]) -> list[Any]:
    found = [each for each in _errors if not errorTypes or each.check(*errorTypes)]
    _errors[:] = [each for each in _errors if each not in found]
    return found
