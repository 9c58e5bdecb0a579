"""Run a function that blocks in a thread.

Start it with the seconds that it blocks, 2 if there are none; Ctrl-C ends it.
"""

import sys

from twisted.internet import reactor

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2


def aSillyBlockingMethod(x):
    import time

    time.sleep(seconds)
    print(x, flush=True)


# run method in thread
reactor.callInThread(aSillyBlockingMethod, f"{seconds} seconds have passed")
reactor.run()
