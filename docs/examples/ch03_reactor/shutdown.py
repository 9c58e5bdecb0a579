"""Things to do when the reactor stops; Ctrl-C stops it."""

from twisted.internet import reactor
from twisted.internet.task import deferLater


def finishWork():
    print("waiting for the work in progress")
    return deferLater(reactor, 0.01)


# The shutdown waits for the Deferreds of what comes before it; connections are closed during.
reactor.addSystemEventTrigger("before", "shutdown", finishWork)
reactor.addSystemEventTrigger("after", "shutdown", print, "everything is closed")
reactor.callWhenRunning(print, "running", flush=True)
reactor.run()
