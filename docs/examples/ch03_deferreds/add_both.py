"""What happens when you use addBoth: it is the Deferred version of finally."""

from counter import (
    doThisNoMatterWhat,
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

    # this is equivalent to addBoth(doThisNoMatterWhat)
    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = doThisNoMatterWhat(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        try:
            result = doThisNoMatterWhat(result)
        except Exception:
            result = failure.Failure()

    if not isinstance(result, failure.Failure):  # ---- callback
        pass
    else:  # ---- errback
        try:
            result = handleFailureAndGoOn(result)
        except Exception:
            result = failure.Failure()


def deferredExample(result):
    d = defer.Deferred()
    d.addCallback(handleResult)
    d.addCallback(failAtHandlingResult)
    d.addBoth(doThisNoMatterWhat)
    d.addErrback(handleFailureAndGoOn)

    d.callback(result)


if __name__ == "__main__":
    showBoth(behindTheScenes, deferredExample, "success")
