"""A quotation server whose factory is configured by its constructor.

python qotd_factory.py [port [quote]]      port 8007 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol


class QOTD(Protocol):
    def connectionMade(self):
        self.transport.write(self.factory.quote + b"\r\n")
        self.transport.loseConnection()


class QOTDFactory(Factory):
    protocol = QOTD

    def __init__(self, quote=None):
        self.quote = quote or b"An apple a day keeps the doctor away"


def main(port=8007, quote=b"configurable quote"):
    listening = reactor.listenTCP(port, QOTDFactory(quote))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *(text.encode() for text in sys.argv[2:]))
