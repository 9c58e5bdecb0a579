"""Run a function later.  Start it with a number of seconds; 3.5 if there is none."""

import sys

from twisted.internet import reactor

delay = float(sys.argv[1]) if len(sys.argv) > 1 else 3.5


def f(s):
    print(f"this will run {delay} seconds after it was scheduled: {s}")
    reactor.stop()


reactor.callLater(delay, f, "hello, world")

# f() will only be called if the event loop is started.
reactor.run()
