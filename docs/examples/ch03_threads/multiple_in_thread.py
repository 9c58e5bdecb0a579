"""Run several functions in one thread, one after the other.

Start it with the seconds that the first blocks, 2 if there are none; Ctrl-C ends it.
"""

import sys

from twisted.internet import reactor, threads

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2


def aSillyBlockingMethodOne(x):
    import time

    time.sleep(seconds)
    print(x, flush=True)


def aSillyBlockingMethodTwo(x):
    print(x, flush=True)


# run both methods sequentially in a thread
commands = [(aSillyBlockingMethodOne, ["Calling First"], {})]
commands.append((aSillyBlockingMethodTwo, ["And the second"], {}))
threads.callMultipleInThread(commands)
reactor.run()
