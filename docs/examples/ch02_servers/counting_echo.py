"""An echo server that counts its connections, and turns the 101st away.

python counting_echo.py [port [limit]]     port 8007 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol


class Echo(Protocol):
    def connectionMade(self):
        self.factory.numProtocols = self.factory.numProtocols + 1
        if self.factory.numProtocols > self.factory.limit:
            self.transport.write(b"Too many connections, try later")
            self.transport.loseConnection()

    def connectionLost(self, reason):
        self.factory.numProtocols = self.factory.numProtocols - 1

    def dataReceived(self, data):
        self.transport.write(data)


class EchoFactory(Factory):
    protocol = Echo
    numProtocols = 0

    def __init__(self, limit):
        self.limit = limit


def main(port=8007, limit=100):
    listening = reactor.listenTCP(port, EchoFactory(limit))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
