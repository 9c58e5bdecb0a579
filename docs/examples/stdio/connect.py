"""Join the terminal with a TCP server, as telnet and nc do.

python connect.py host port
"""

import sys

from zope.interface import implementer

from twisted.internet import defer, protocol, reactor, stdio
from twisted.internet.interfaces import IHalfCloseableProtocol


@implementer(IHalfCloseableProtocol)
class End(protocol.Protocol):
    """What comes in at one end goes out at the other."""

    other = None

    def __init__(self):
        self.lost = defer.Deferred()

    def join(self, other):
        self.other, other.other = other, self
        # Each is slowed down by the other.
        self.transport.registerProducer(other.transport, streaming=True)
        other.transport.registerProducer(self.transport, streaming=True)

    def dataReceived(self, data):
        self.other.transport.write(data)

    def readConnectionLost(self):
        self.other.transport.unregisterProducer()
        self.other.transport.loseWriteConnection()

    def writeConnectionLost(self):
        pass

    def connectionLost(self, reason):
        self.other.transport.unregisterProducer()
        self.other.transport.loseConnection()
        self.lost.callback(None)


class Network(End):
    def connectionMade(self):
        terminal = End()
        stdio.StandardIO(terminal)
        self.join(terminal)
        both = defer.gatherResults([self.lost, terminal.lost])
        both.addCallback(lambda _: reactor.stop())


class NetworkFactory(protocol.ClientFactory):
    protocol = Network

    def clientConnectionFailed(self, connector, reason):
        print("cannot connect:", reason.getErrorMessage(), file=sys.stderr)
        reactor.stop()


if __name__ == "__main__":
    reactor.connectTCP(sys.argv[1], int(sys.argv[2]), NetworkFactory())
    reactor.run()
