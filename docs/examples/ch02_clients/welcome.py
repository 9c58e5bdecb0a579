"""A client that sends a greeting and hangs up.

python welcome.py [host [port]]            localhost 8007 by default
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Protocol


class WelcomeMessage(Protocol):
    def connectionMade(self):
        self.transport.write(b"Hello server, I am the client!\r\n")
        self.transport.loseConnection()


class WelcomeFactory(ClientFactory):
    protocol = WelcomeMessage

    def clientConnectionLost(self, connector, reason):
        reactor.stop()

    def clientConnectionFailed(self, connector, reason):
        print(reason.getErrorMessage())
        reactor.stop()


def main(host="localhost", port=8007):
    reactor.connectTCP(host, port, WelcomeFactory())
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:]))
