"""An animation that keeps its pace even if a frame takes too long.

Start it with the seconds that a frame should last; 0.1 if there are none.
"""

import sys
import time

from twisted.internet import task

interval = float(sys.argv[1]) if len(sys.argv) > 1 else 0.1
shown = []


def show(frames):
    # The number of frames since the last call; usually one.
    shown.append(frames)
    print("advance by", frames)
    if len(shown) == 2:
        time.sleep(3.5 * interval)  # oh dear
    if len(shown) == 4:
        loop.stop()


loop = task.LoopingCall.withCount(show)

# react() runs the reactor until the Deferred fires, and then ends the program.
task.react(lambda reactor: loop.start(interval))
