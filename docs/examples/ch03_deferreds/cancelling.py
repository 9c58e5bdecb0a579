"""Give up waiting: cancel, and a timeout that does so."""

from twisted.internet import defer, task


def operation():
    return defer.Deferred(lambda d: print("the operation is stopped"))


def printError(failure):
    print(failure.type.__name__)


d = operation()
d.addErrback(printError)
d.cancel()

# A Clock stands for the reactor here, to save the ten seconds.
clock = task.Clock()
d = operation()
d.addTimeout(10, clock)
d.addErrback(printError)
clock.advance(10)
