"""What Deferreds cost: one function for each case, for whichever `twisted` the interpreter has.

`CASES` maps a name to a function that runs the case N times.  As a program, prints the name of each
case and its operations per second, as JSON:

    .venv/bin/python benchmarks/deferred_cases.py [seconds per case] [name ...]
"""

import os
import sys

from twisted.internet.defer import (
    Deferred,
    DeferredList,
    ensureDeferred,
    fail,
    inlineCallbacks,
    maybeDeferred,
    succeed,
)

# The harness keeps this folder off the path, on which there might be another `twisted`.
sys.path.append(os.path.dirname(__file__))
import timing


def _passOn(result):
    return result


def _breakDown(result):
    raise ValueError("broken")


def _repair(failure):
    return None


def callbacks(rounds):
    """A Deferred with two callbacks, fired."""
    for _ in range(rounds):
        d = Deferred()
        d.addCallback(_passOn)
        d.addCallback(_passOn)
        d.callback(1)


def callbacksAfter(rounds):
    """A Deferred that has fired, given two callbacks."""
    for _ in range(rounds):
        d = succeed(1)
        d.addCallback(_passOn)
        d.addCallback(_passOn)


def callbacksWithArguments(rounds):
    """A Deferred with two callbacks that take an argument, fired."""

    def add(result, other):
        return other

    for _ in range(rounds):
        d = Deferred()
        d.addCallback(add, 1)
        d.addCallback(add, other=2)
        d.callback(1)


def errback(rounds):
    """An error in a callback, caught by an errback."""
    for _ in range(rounds):
        d = Deferred()
        d.addCallback(_breakDown)
        d.addErrback(_repair)
        d.callback(1)


def failed(rounds):
    """A Deferred that has failed, given an errback."""
    error = ValueError("broken")
    for _ in range(rounds):
        fail(error).addErrback(_repair)


def chained(rounds):
    """A callback that returns a Deferred, which fires later."""
    for _ in range(rounds):
        inner = Deferred()
        outer = Deferred()
        outer.addCallback(lambda result, inner=inner: inner)
        outer.addCallback(_passOn)
        outer.callback(1)
        inner.callback(2)


def coroutine(rounds):
    """A coroutine that awaits two Deferreds which have fired."""

    async def work():
        await succeed(1)
        return await succeed(2)

    for _ in range(rounds):
        ensureDeferred(work())


def coroutineWaiting(rounds):
    """A coroutine that awaits a Deferred which fires later."""

    async def work(d):
        return await d

    for _ in range(rounds):
        d = Deferred()
        ensureDeferred(work(d))
        d.callback(1)


def generator(rounds):
    """An inlineCallbacks generator that yields two Deferreds which have fired."""

    @inlineCallbacks
    def work():
        yield succeed(1)
        return (yield succeed(2))

    for _ in range(rounds):
        work()


def generatorWaiting(rounds):
    """An inlineCallbacks generator that yields a Deferred which fires later."""

    @inlineCallbacks
    def work(d):
        return (yield d)

    for _ in range(rounds):
        d = Deferred()
        work(d)
        d.callback(1)


def deferredList(rounds):
    """A DeferredList of four."""
    for _ in range(rounds):
        parts = [Deferred() for _ in range(4)]
        DeferredList(parts)
        for part in parts:
            part.callback(1)


def maybe(rounds):
    """maybeDeferred on a function that returns a plain value."""
    for _ in range(rounds):
        maybeDeferred(_passOn, 1)


def cancelled(rounds):
    """A Deferred that is cancelled, the error caught."""
    for _ in range(rounds):
        d = Deferred()
        d.addErrback(_repair)
        d.cancel()


CASES = {
    case.__name__: case
    for case in (
        callbacks,
        callbacksAfter,
        callbacksWithArguments,
        errback,
        failed,
        chained,
        coroutine,
        coroutineWaiting,
        generator,
        generatorWaiting,
        deferredList,
        maybe,
        cancelled,
    )
}


if __name__ == "__main__":
    timing.main(CASES)
