"""Run a function later, and use its result.

Start it with a number of seconds; 3.5 if there is none.
"""

import sys

from twisted.internet import reactor, task

delay = float(sys.argv[1]) if len(sys.argv) > 1 else 3.5


def f(s):
    return f"This will run {delay} seconds after it was scheduled: {s}"


d = task.deferLater(reactor, delay, f, "hello, world")


def called(result):
    print(result)
    reactor.stop()


d.addCallback(called)

# f() will only be called if the event loop is started.
reactor.run()
