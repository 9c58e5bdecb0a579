"""Choose a reactor: before anything imports `twisted.internet.reactor`.

Start it with the name of one: select, poll, epoll, kqueue.
"""

import sys
from importlib import import_module

modules = {
    "select": "selectreactor",
    "poll": "pollreactor",
    "epoll": "epollreactor",
    "kqueue": "kqreactor",
}
import_module(f"twisted.internet.{modules[sys.argv[1]]}").install()

from twisted.internet import reactor  # noqa: E402  # only now, on purpose

reactor.callWhenRunning(print, type(reactor).__name__)
reactor.callWhenRunning(reactor.stop)
reactor.run()
