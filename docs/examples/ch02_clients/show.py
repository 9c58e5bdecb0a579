"""A client that writes what it receives to its standard output.

python show.py [host [port]]               localhost 8007 by default
"""

from sys import argv, stdout

from twisted.internet import reactor
from twisted.internet.protocol import ClientCreator, Protocol


class Echo(Protocol):
    def dataReceived(self, data):
        stdout.buffer.write(data)

    def connectionLost(self, reason):
        reactor.stop()


def failed(reason):
    print(reason.getErrorMessage())
    reactor.stop()


def main(host="localhost", port=8007):
    ClientCreator(reactor, Echo).connectTCP(host, port).addErrback(failed)
    reactor.run()


if __name__ == "__main__":
    main(*argv[1:2], *map(int, argv[2:]))
