"""addCallbacks is not the same as addCallback followed by addErrback."""

from twisted.internet import defer


def callback1(result):
    print("callback1 fails")
    raise RuntimeError("in callback1")


def callback2(result):
    print("callback2:", result)


def errback1(failure):
    print("errback1:", failure.getErrorMessage())


def errback2(failure):
    print("errback2:", failure.getErrorMessage())


def getDeferredFromSomewhere():
    return defer.succeed("the result")


# Case 1: "B" handles any errors from the upstream source, and those of "A".
d = getDeferredFromSomewhere()
d.addCallback(callback1)  # A
d.addErrback(errback1)  # B
d.addCallback(callback2)
d.addErrback(errback2)

print("-------")

# Case 2: errback1 of "C" would handle an error of getDeferredFromSomewhere only.
d = getDeferredFromSomewhere()
d.addCallbacks(callback1, errback1)  # C
d.addCallbacks(callback2, errback2)
