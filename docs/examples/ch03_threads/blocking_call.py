"""From a thread, use the event loop as if it were a blocking library.

Start it with the host and the port of a web server.
"""

import sys

from twisted.internet import defer, reactor, threads
from twisted.internet.error import ConnectError
from twisted.internet.protocol import ClientCreator, Protocol


class Page(Protocol):
    """Asks for the first page of a site, and collects it."""

    def __init__(self, result):
        self.result = result
        self.data = b""

    def connectionMade(self):
        self.transport.write(b"GET / HTTP/1.0\r\n\r\n")

    def dataReceived(self, data):
        self.data += data

    def connectionLost(self, reason):
        self.result.callback(self.data.partition(b"\r\n\r\n")[2])


def getPage(host, port):
    result = defer.Deferred()
    connecting = ClientCreator(reactor, Page, result).connectTCP(host, port)
    connecting.addErrback(result.errback)
    return result


def inThread():
    try:
        result = threads.blockingCallFromThread(reactor, getPage, sys.argv[1], int(sys.argv[2]))
    except ConnectError as exc:
        print(exc)
    else:
        print(result.decode())
    reactor.callFromThread(reactor.stop)


reactor.callInThread(inThread)
reactor.run()
