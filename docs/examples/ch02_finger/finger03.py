"""2.6.4 Drop connections: hang up as soon as somebody calls.

python finger03.py [port]   port 1079 by default; 0 lets the system choose
"""

import sys

from twisted.internet import protocol, reactor


class FingerProtocol(protocol.Protocol):
    def connectionMade(self):
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = FingerProtocol


def main(port=1079):
    listening = reactor.listenTCP(port, FingerFactory())
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
