"""A client for one connection, made with ClientCreator: no factory is needed.

python greeter.py [host [port [seconds]]]  localhost 1234 by default, and a second's pause
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import ClientCreator, Protocol


class Greeter(Protocol):
    def sendMessage(self, msg):
        self.transport.write(b"MESSAGE %s\n" % msg)

    def connectionLost(self, reason):
        reactor.stop()


def main(host="localhost", port=1234, pause=1.0):
    def gotProtocol(p):
        p.sendMessage(b"Hello")
        reactor.callLater(pause, p.sendMessage, b"This is sent in a second")
        reactor.callLater(2 * pause, p.transport.loseConnection)

    def failed(reason):
        print(reason.getErrorMessage())
        reactor.stop()

    c = ClientCreator(reactor, Greeter)
    c.connectTCP(host, port).addCallbacks(gotProtocol, failed)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]), *map(float, sys.argv[3:]))
