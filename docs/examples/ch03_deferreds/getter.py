"""A callback that turns the result into something else, for the next one; and errors."""

import sys

from twisted.internet import defer, reactor

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 2


class Getter:
    def gotResults(self, x):
        """
        The Deferred mechanism provides a mechanism to signal error
        conditions. In this case, odd numbers are bad.

        This function demonstrates a more complex way of starting
        the callback chain by checking for expected results and
        choosing whether to fire the callback or errback chain.
        """
        if x % 2 == 0:
            self.d.callback(x * 3)
        else:
            self.d.errback(ValueError("You used an odd number!"))

    def _toHTML(self, r):
        """
        This function converts r to HTML.

        It is added to the callback chain by getDummyData in
        order to demonstrate how a callback passes its own result
        to the next callback.
        """
        return f"Result: {r}"

    def getDummyData(self, x):
        """
        The Deferred mechanism allows for chained callbacks.
        In this example, the output of gotResults is first
        passed through _toHTML on its way to printData.

        Again this function is a dummy, simulating a delayed result
        using callLater, rather than using a real asynchronous
        setup.
        """
        self.d = defer.Deferred()
        # Simulate a delayed result by asking the reactor to schedule
        # gotResults in 2 seconds' time.
        reactor.callLater(SECONDS, self.gotResults, x)
        self.d.addCallback(self._toHTML)
        return self.d


def printData(d):
    print(d)


def printError(failure):
    sys.stderr.write(str(failure))


# This series of callbacks and errbacks will print an error message.
g = Getter()
d = g.getDummyData(3)
d.addCallback(printData)
d.addErrback(printError)

# This series of callbacks and errbacks will print "Result: 12".
g = Getter()
d = g.getDummyData(4)
d.addCallback(printData)
d.addErrback(printError)

reactor.callLater(2 * SECONDS, reactor.stop)
reactor.run()
