"""The reactor on an event loop of asyncio: uvloop's, if that is installed."""

import asyncio

from twisted.internet import asyncioreactor

try:
    from uvloop import new_event_loop
except ImportError:
    new_event_loop = asyncio.new_event_loop

# Before anything imports the reactor.
asyncioreactor.install(new_event_loop())

from twisted.internet import reactor  # noqa: E402


def tick(number):
    print("tick", number)
    if number == 3:
        reactor.stop()
    else:
        reactor.callLater(0.01, tick, number + 1)


reactor.callWhenRunning(tick, 1)
reactor.run()
