"""Run a function in a thread, and use its result in the event loop."""

from twisted.internet import reactor, threads


def doLongCalculation():
    # .... do long calculation here ...
    return 3


def printResult(x):
    print(x)
    reactor.stop()


# run method in thread and get result as defer.Deferred
d = threads.deferToThread(doLongCalculation)
d.addCallback(printResult)
reactor.run()
