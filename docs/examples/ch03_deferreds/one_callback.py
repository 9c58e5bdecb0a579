"""The simplest case: a single callback and a single errback."""

from counter import handleFailure, handleResult, showBoth

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
        pass
    else:  # ---- errback
        try:
            result = handleFailure(result)
        except Exception:
            result = failure.Failure()


def deferredExample(result):
    d = defer.Deferred()
    d.addCallback(handleResult)
    d.addErrback(handleFailure)

    d.callback(result)


if __name__ == "__main__":
    showBoth(behindTheScenes, deferredExample, "success")
