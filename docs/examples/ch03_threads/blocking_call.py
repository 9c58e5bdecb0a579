"""From a thread, use the event loop as if it were a blocking library.

python blocking_call.py http://example.com/
"""

import sys

from twisted.internet import reactor, threads
from twisted.internet.error import ConnectError
from twisted.web.client import getPage
from twisted.web.error import Error


def inThread():
    try:
        result = threads.blockingCallFromThread(reactor, getPage, sys.argv[1])
    except (Error, ConnectError) as exc:
        print(exc)
    else:
        print(result.decode())
    reactor.callFromThread(reactor.stop)


reactor.callInThread(inThread)
reactor.run()
