"""A library function that handles immediate results and Deferreds."""

import sys

from validation import synchronousIsValidUser

from twisted.internet import defer, reactor

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 2


def asynchronousIsValidUser(user):
    d = defer.Deferred()
    reactor.callLater(SECONDS, d.callback, user in ["Alice", "Angus", "Agnes"])
    return d


def printResult(result):
    if result:
        print("User is authenticated")
    else:
        print("User is not authenticated")


def authenticateUser(isValidUser, user):
    # Now isValidUser could be either kind of function.
    d = defer.maybeDeferred(isValidUser, user)
    d.addCallback(printResult)
    return d


print("Synchronous:")
authenticateUser(synchronousIsValidUser, "Angus")
authenticateUser(synchronousIsValidUser, "Mallory")
print("Asynchronous:")
both = [
    authenticateUser(asynchronousIsValidUser, "Agnes"),
    authenticateUser(asynchronousIsValidUser, "Mallory"),
]
defer.DeferredList(both).addCallback(lambda results: reactor.stop())
reactor.run()
