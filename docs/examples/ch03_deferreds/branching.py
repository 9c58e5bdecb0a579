"""addCallbacks makes a yes/no (branching) decision.

It depends on whether the result at a given point is a failure or not.
"""

from counter import (
    failAtHandlingResult,
    handleFailureAndGoOn,
    handleResult,
    noDecision,
    showBoth,
    yesDecision,
)

from twisted.internet import defer
from twisted.python import failure


def behindTheScenes(result):
    # equivalent to d.callback(result)

    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = failAtHandlingResult(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        pass

    # this is equivalent to addCallbacks(yesDecision, noDecision)
    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = yesDecision(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        try:
            result = noDecision(result)
        except Exception:
            result = failure.Failure()

    # - A -
    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = handleResult(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        pass

    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = yesDecision(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        try:
            result = noDecision(result)
        except Exception:
            result = failure.Failure()

    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = handleResult(result)
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


def deferredExample(result):
    d = defer.Deferred()
    d.addCallback(failAtHandlingResult)
    d.addCallbacks(yesDecision, noDecision)
    d.addCallback(handleResult)  # - A -
    d.addCallbacks(yesDecision, noDecision)
    d.addCallback(handleResult)
    d.addErrback(handleFailureAndGoOn)

    d.callback(result)


if __name__ == "__main__":
    showBoth(behindTheScenes, deferredExample, "success")
