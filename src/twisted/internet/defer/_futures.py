"""Between a Deferred and a future of asyncio.

Importing this does not import asyncio: most programs do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

    from twisted.internet.defer._deferred import Deferred
    from twisted.python.failure import Failure

_T = TypeVar("_T")


def isFuture(candidate: Any) -> bool:
    """Whether something is a future of asyncio, or quacks like one in the documented way."""
    return getattr(type(candidate), "_asyncio_future_blocking", None) is not None


def asFuture(d: Deferred[_T], loop: AbstractEventLoop) -> Future[_T]:
    """See `Deferred.asFuture`."""
    future: Future[_T] = loop.create_future()

    def succeed(result: _T) -> None:
        if not future.done():
            future.set_result(result)

    def fail(failure: Failure) -> None:
        if not future.done():
            future.set_exception(failure.value)

    def cancel(future: Future[_T]) -> None:
        if future.cancelled():
            d.cancel()

    future.add_done_callback(cancel)
    d.addCallbacks(succeed, fail)
    return future


def deliver(future: Future[_T], d: Deferred[_T]) -> None:
    """Fire a Deferred with the result that a future has or will have."""

    def give(future: Future[_T]) -> None:
        if d.called:
            # It was cancelled, and with it the future.  Should that have failed otherwise,
            # asyncio reports that nobody asked for the error.
            return
        try:
            result = future.result()
        except BaseException as error:
            # Its traceback begins in this frame, which holds the Deferred.
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            d.errback(error)
        else:
            d.callback(result)

    future.add_done_callback(give)
