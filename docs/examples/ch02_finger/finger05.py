"""2.6.6 Read a user's name, say that there is no such user, drop the connection.

python finger05.py [port]   port 1079 by default; 0 lets the system choose
"""

import sys

from twisted.internet import protocol, reactor
from twisted.protocols import basic


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        self.transport.write(b"No such user\r\n")
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
