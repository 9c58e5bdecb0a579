"""Log in to the server of pb6server.py as one user.

python pb6client1.py host port
"""

import sys

from twisted.cred import credentials
from twisted.internet import reactor
from twisted.spread import pb


def connected(perspective):
    print("got perspective1 ref:", perspective)
    print("asking it to foo(13)")
    return perspective.callRemote("foo", 13)


if __name__ == "__main__":
    factory = pb.PBClientFactory()
    reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
    def1 = factory.login(credentials.UsernamePassword(b"user1", b"pass1"))
    def1.addCallback(connected)
    def1.addBoth(lambda _: reactor.stop())
    reactor.run()
