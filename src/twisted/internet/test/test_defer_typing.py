"""A user's program that must type check, and the mistakes that a type checker must find.

mypy reads this file with the rest of the project: a wrong `assert_type` fails there, and so does a
`type: ignore` where there is nothing wrong.  Running it checks only that the same code works.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, assert_type

from twisted.internet.defer import (
    Deferred,
    DeferredLock,
    DeferredQueue,
    ensureDeferred,
    gatherResults,
    inlineCallbacks,
    maybeDeferred,
    race,
    succeed,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


def length(text: str) -> int:
    return len(text)


def lengthPlus(text: str, more: int, *, times: int = 1) -> int:
    return (len(text) + more) * times


def lengthLater(text: str) -> Deferred[int]:
    return succeed(len(text))


def lengthOrFailure(text: str) -> int | Failure:
    return len(text) or Failure(ValueError())


def repair(failure: Failure) -> bytes:
    return b"repaired"


def always(result: str | Failure) -> float:
    return 1.5


@inlineCallbacks
def generator(text: str) -> Generator[Deferred[Any], Any, int]:
    result: int = yield lengthLater(text)
    return result


async def routine(text: str) -> int:
    result = await lengthLater(text)
    assert_type(result, int)
    return result


class Typing(SynchronousTestCase):
    """What the types of results are."""

    def test_callbacks(self) -> None:
        d = succeed("text")
        assert_type(d, Deferred[str])
        assert_type(succeed("text").addCallback(length), Deferred[int])
        assert_type(succeed("text").addCallback(lengthPlus, 2, times=3), Deferred[int])
        assert_type(succeed("text").addCallback(lengthLater), Deferred[int])
        assert_type(succeed("text").addCallback(lengthOrFailure), Deferred[int])
        assert_type(succeed("text").addCallback(lambda text: text.encode()), Deferred[bytes])
        assert_type(succeed("text").addErrback(repair), Deferred[str | bytes])
        assert_type(succeed("text").addBoth(always), Deferred[float])
        e = succeed("text").addCallbacks(length, repair)
        assert_type(e, Deferred[int | bytes])
        self.assertEqual(self.successResultOf(e), 4)

    def test_functions(self) -> None:
        assert_type(maybeDeferred(length, "text"), Deferred[int])
        assert_type(maybeDeferred(lengthLater, "text"), Deferred[int])
        assert_type(maybeDeferred(routine, "text"), Deferred[int])
        assert_type(generator("text"), Deferred[int])
        assert_type(ensureDeferred(routine("text")), Deferred[int])
        assert_type(Deferred.fromCoroutine(routine("text")), Deferred[int])
        assert_type(gatherResults([succeed(1), succeed(2)]), Deferred[list[int]])
        assert_type(race([succeed("one")]), Deferred[tuple[int, str]])
        self.assertEqual(self.successResultOf(generator("text")), 4)

    def test_locks(self) -> None:
        lock = DeferredLock()
        assert_type(lock.acquire(), Deferred[DeferredLock])
        lock.release()
        assert_type(lock.run(length, "text"), Deferred[int])
        assert_type(lock.run(lengthLater, "text"), Deferred[int])
        queue = DeferredQueue[str]()
        queue.put("x")
        assert_type(queue.get(), Deferred[str])

    if TYPE_CHECKING:

        def mistakes(self) -> None:
            """Each of these lines must be refused."""
            d = succeed("text")
            d.addCallback(length, "too much")  # type: ignore[call-overload]
            d.addCallback(lengthPlus)  # type: ignore[call-overload]
            d.addCallback(lengthPlus, "wrong")  # type: ignore[call-overload]
            d.addCallback(lengthPlus, 2, time=3)  # type: ignore[call-arg, arg-type]
            succeed(3).addCallback(length)  # type: ignore[call-overload]
            d.addErrback(length)  # type: ignore[call-overload]
            d.addCallback(3)  # type: ignore[call-overload]
            Deferred[int]().callback("text")  # type: ignore[arg-type]
            maybeDeferred(length, 3)  # type: ignore[call-overload]
            generator(3)  # type: ignore[arg-type]
            DeferredQueue[str]().put(3)  # type: ignore[arg-type]
            ensureDeferred(routine)  # type: ignore[arg-type]
