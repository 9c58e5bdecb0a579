"""A quotation server whose factory is configured by a function.

python qotd_function.py [port [quote]]     port 8007 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol


class QOTD(Protocol):
    def connectionMade(self):
        self.transport.write(self.factory.quote + b"\r\n")
        self.transport.loseConnection()


def makeQOTDFactory(quote=None):
    factory = Factory()
    factory.protocol = QOTD
    factory.quote = quote or b"An apple a day keeps the doctor away"
    return factory


def main(port=8007, quote=None):
    listening = reactor.listenTCP(port, makeQOTDFactory(quote))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *(text.encode() for text in sys.argv[2:]))
