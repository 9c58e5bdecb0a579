"""A server that sends back what it receives: the simplest protocol.

python echo.py [port]       port 8007 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol


class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


def main(port=8007):
    listening = reactor.listenTCP(port, Factory.forProtocol(Echo))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
