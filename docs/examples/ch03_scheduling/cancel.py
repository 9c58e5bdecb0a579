"""Cancel what was scheduled.  Ctrl-C ends it."""

from twisted.internet import reactor


def f():
    print("I'll never run.")


callID = reactor.callLater(5, f)
callID.cancel()
print("cancelled" if not callID.active() else "still to come", flush=True)
reactor.run()
