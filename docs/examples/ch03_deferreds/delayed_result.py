"""A function that has its result later, and a callback that prints it."""

import sys

from twisted.internet import defer, reactor

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 2


def getDummyData(x):
    """
    This function is a dummy which simulates a delayed result and
    returns a Deferred which will fire with that result. Don't try too
    hard to understand this.
    """
    d = defer.Deferred()
    # Simulate a delayed result by asking the reactor to fire the
    # Deferred in 2 seconds' time with the result x * 3.
    reactor.callLater(SECONDS, d.callback, x * 3)
    return d


def printData(d):
    """
    Data handling function to be added as a callback: handles the
    data by printing the result.
    """
    print(d)


d = getDummyData(3)
d.addCallback(printData)

# Manually set up the end of the process by asking the reactor to
# stop itself in 4 seconds' time.
reactor.callLater(2 * SECONDS, reactor.stop)

# Start up the reactor (event loop handler) manually.
reactor.run()
