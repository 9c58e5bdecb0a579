"""Run a function again and again.

Start it with the seconds between two calls, 1.0 if there are none; Ctrl-C ends it.
"""

import sys

from twisted.internet import reactor, task


def runEverySecond():
    print("a second has passed", flush=True)


loop = task.LoopingCall(runEverySecond)
loop.start(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)  # call every second

# loop.stop() will stop the looping calls
reactor.run()
