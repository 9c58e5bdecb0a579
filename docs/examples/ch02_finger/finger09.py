"""2.6.10 Run the local finger: the factory asks the operating system.

python finger09.py [port]   port 1079 by default; 0 lets the system choose
"""

import os
import re
import sys

from twisted.internet import defer, protocol, reactor, utils
from twisted.protocols import basic

# A name, and nothing that finger would take for an option or for another machine's user.
NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\Z")


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

    def getUser(self, user):
        if not NAME.match(user):
            return defer.succeed(b"No such user")
        return utils.getProcessOutput("finger", [user], env=os.environ)


def main(port=1079):
    listening = reactor.listenTCP(port, FingerFactory())
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
