"""A client whose factory tells how the connection fares.

python echo_client.py [host [port]]        localhost 8007 by default
"""

from sys import argv, stdout

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Protocol


class Echo(Protocol):
    def dataReceived(self, data):
        stdout.write(data.decode("utf-8", "replace"))


class EchoClientFactory(ClientFactory):
    def startedConnecting(self, connector):
        print("Started to connect.")

    def buildProtocol(self, addr):
        print("Connected.")
        return Echo()

    def clientConnectionLost(self, connector, reason):
        print("Lost connection. Reason:", reason.getErrorMessage())
        reactor.stop()

    def clientConnectionFailed(self, connector, reason):
        print("Connection failed. Reason:", reason.getErrorMessage())
        reactor.stop()


def main(host="localhost", port=8007):
    reactor.connectTCP(host, port, EchoClientFactory())
    reactor.run()


if __name__ == "__main__":
    main(*argv[1:2], *map(int, argv[2:]))
