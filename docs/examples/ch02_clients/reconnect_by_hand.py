"""A client that connects again, at once, whenever its connection is lost. Ctrl-C ends it.

python reconnect_by_hand.py [host [port]]  localhost 8007 by default
"""

from sys import argv, stdout

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Protocol


class Echo(Protocol):
    def dataReceived(self, data):
        stdout.write(data.decode("utf-8", "replace"))


class EchoClientFactory(ClientFactory):
    protocol = Echo

    def clientConnectionLost(self, connector, reason):
        connector.connect()


def main(host="localhost", port=8007):
    reactor.connectTCP(host, port, EchoClientFactory())
    reactor.run()


if __name__ == "__main__":
    main(*argv[1:2], *map(int, argv[2:]))
