"""A slightly more involved case.

The Deferred is called back with a result. The first callback returns a value; the second raises an
exception, which is handled by the errback.
"""

from counter import failAtHandlingResult, handleFailure, handleResult, showBoth

from twisted.internet import defer
from twisted.python import failure


def behindTheScenes(result):
    # equivalent to d.callback(result)

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

    d.callback(result)


if __name__ == "__main__":
    showBoth(behindTheScenes, deferredExample, "success")
