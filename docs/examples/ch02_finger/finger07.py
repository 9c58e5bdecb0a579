"""2.6.8 Output from a factory that is not empty; the protocol has not changed.

python finger07.py [port]   port 1079 by default; 0 lets the system choose
"""

import sys

from twisted.internet import protocol, reactor
from twisted.protocols import basic


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        self.transport.write(self.factory.getUser(user) + b"\r\n")
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = FingerProtocol

    def __init__(self, **kwargs):
        self.users = {name.encode(): status for name, status in kwargs.items()}

    def getUser(self, user):
        return self.users.get(user, b"No such user")


def main(port=1079):
    listening = reactor.listenTCP(port, FingerFactory(moshez=b"Happy and well"))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
