"""This example is analogous to a function calling .errback(failure)."""

from counter import failAtHandlingResult, handleFailure, handleResult, showBoth

from twisted.internet import defer
from twisted.python import failure


def behindTheScenes(result):
    # equivalent to d.errback(result)

    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = handleResult(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        pass

    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = failAtHandlingResult(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        pass

    if not isinstance(result, failure.Failure):  # ---- callback
        pass
    else:  # ---- errback
        try:
            result = handleFailure(result)
        except Exception:
            result = failure.Failure()


def deferredExample(result):
    d = defer.Deferred()
    d.addCallback(handleResult)
    d.addCallback(failAtHandlingResult)
    d.addErrback(handleFailure)

    d.errback(result)


if __name__ == "__main__":
    result = None
    try:
        raise RuntimeError("*doh*! failure!")
    except Exception:
        result = failure.Failure()
    showBoth(behindTheScenes, deferredExample, result)
