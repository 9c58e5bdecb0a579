"""A client that connects again whenever it must, after waits that grow. Ctrl-C ends it.

python reconnecting.py [host [port [seconds]]]     localhost 8007 by default
"""

from sys import argv, stdout

from twisted.internet import reactor
from twisted.internet.protocol import Protocol, ReconnectingClientFactory


class Echo(Protocol):
    def dataReceived(self, data):
        stdout.write(data.decode("utf-8", "replace"))


class EchoClientFactory(ReconnectingClientFactory):
    def startedConnecting(self, connector):
        print("Started to connect.")

    def buildProtocol(self, addr):
        print("Connected.")
        print("Resetting reconnection delay")
        self.resetDelay()
        return Echo()

    def clientConnectionLost(self, connector, reason):
        print("Lost connection. Reason:", reason.getErrorMessage())
        ReconnectingClientFactory.clientConnectionLost(self, connector, reason)

    def clientConnectionFailed(self, connector, reason):
        print("Connection failed. Reason:", reason.getErrorMessage())
        ReconnectingClientFactory.clientConnectionFailed(self, connector, reason)


def main(host="localhost", port=8007, initialDelay=1.0):
    factory = EchoClientFactory()
    factory.initialDelay = factory.delay = initialDelay
    reactor.connectTCP(host, port, factory)
    reactor.run()


if __name__ == "__main__":
    main(*argv[1:2], *map(int, argv[2:3]), *map(float, argv[3:]))
