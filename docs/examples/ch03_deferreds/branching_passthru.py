"""The same decision, with an errback that passes the failure on.

We return the failure from noDecisionPassthru, the errback argument of the first addCallbacks, and
see what happens.
"""

from counter import (
    failAtHandlingResult,
    handleFailureAndGoOn,
    handleResult,
    noDecision,
    noDecisionPassthru,
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

    # noDecisionPassthru will be called
    if not isinstance(result, failure.Failure):  # ---- callback
        try:
            result = yesDecision(result)
        except Exception:
            result = failure.Failure()
    else:  # ---- errback
        try:
            result = noDecisionPassthru(result)
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

    # noDecision will be called
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

    # - B -
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
    d.addCallbacks(yesDecision, noDecisionPassthru)
    d.addCallback(handleResult)  # - A -
    d.addCallbacks(yesDecision, noDecision)
    d.addCallback(handleResult)  # - B -
    d.addErrback(handleFailureAndGoOn)

    d.callback(result)


if __name__ == "__main__":
    showBoth(behindTheScenes, deferredExample, "success")
