"""Log in to the server of pb5server.py.

python pb5client.py host port
"""

import sys

from twisted.cred import credentials
from twisted.internet import reactor
from twisted.spread import pb


def connected(perspective):
    print("got perspective ref:", perspective)
    print("asking it to foo(12)")
    return perspective.callRemote("foo", 12)


if __name__ == "__main__":
    factory = pb.PBClientFactory()
    reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
    def1 = factory.login(credentials.UsernamePassword(b"user1", b"pass1"))
    def1.addCallback(connected)
    def1.addBoth(lambda _: reactor.stop())
    reactor.run()
