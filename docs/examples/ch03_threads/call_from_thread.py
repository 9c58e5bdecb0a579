"""From any thread, have something called by the event loop."""

import threading

from twisted.internet import reactor


def notThreadSafe(x):
    """Do something that isn't thread-safe."""
    print("called with", x, "in", threading.current_thread().name)
    reactor.stop()


def threadSafeScheduler():
    """Run in thread-safe manner."""
    reactor.callFromThread(notThreadSafe, 3)  # will run 'notThreadSafe(3)' in the event loop


reactor.callWhenRunning(threading.Thread(target=threadSafeScheduler).start)
reactor.run()
