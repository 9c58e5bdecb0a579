"""A server that greets with a quotation and hangs up, as RFC 865 has it.

python qotd.py [port]       port 8007 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol


class QOTD(Protocol):
    def connectionMade(self):
        self.transport.write(b"An apple a day keeps the doctor away\r\n")
        self.transport.loseConnection()


def main(port=8007):
    factory = Factory()
    factory.protocol = QOTD

    # 8007 is the port you want to run under. Choose something > 1024.
    listening = reactor.listenTCP(port, factory)
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
