"""2.6.11 Read the status from the web: the factory asks another server, and waits for nobody.

python finger10.py [port] [prefix]   port 1079 by default; 0 lets the system choose; the name is put
after the prefix, http://livejournal.com/~ by default, and the page there is the answer
"""

import sys
from urllib.parse import quote

from twisted.internet import protocol, reactor
from twisted.protocols import basic
from twisted.web import client


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        d = self.factory.getUser(user)
        d.addErrback(lambda _: b"Internal error in server")
        d.addCallback(self.answer)

    def answer(self, message):
        self.transport.write(message + b"\r\n")
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = FingerProtocol

    def __init__(self, prefix):
        self.prefix = prefix

    def getUser(self, user):
        # Whatever is asked for is one part of a path, and leads nowhere else.
        return client.getPage(self.prefix + quote(user, safe="").encode(), timeout=30)


def main(port=1079, prefix="http://livejournal.com/~"):
    listening = reactor.listenTCP(int(port), FingerFactory(prefix.encode()))
    if int(port) == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
