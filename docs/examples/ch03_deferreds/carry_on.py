"""How an errback can handle errors.

If an errback does not raise an exception, the next callback in the chain will be called.
"""

from counter import (
    callbackAfterErrback,
    failAtHandlingResult,
    handleFailureAndGoOn,
    handleResult,
    showBoth,
)

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
            result = handleFailureAndGoOn(result)
        except Exception:
            result = failure.Failure()

    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = callbackAfterErrback(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        pass


def deferredExample(result):
    d = defer.Deferred()
    d.addCallback(handleResult)
    d.addCallback(failAtHandlingResult)
    d.addErrback(handleFailureAndGoOn)
    d.addCallback(callbackAfterErrback)

    d.callback(result)


if __name__ == "__main__":
    showBoth(behindTheScenes, deferredExample, "success")
