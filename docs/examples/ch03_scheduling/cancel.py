"""Cancel what was scheduled.  Ctrl-C ends it."""

from twisted.internet import reactor


def f():
    print("I'll never run.")


callID = reactor.callLater(5, f)
callID.cancel()
reactor.callWhenRunning(print, "active" if callID.active() else "cancelled", flush=True)
reactor.run()
