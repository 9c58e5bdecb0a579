"""Give an object to the server of pb3server.py, which calls it.

python pb3client.py host port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


class Two(pb.Referenceable):
    def remote_print(self, arg):
        print("Two.print() called with", arg)


def got_obj(obj, two):
    print("got One:", obj)
    print("giving it our two")
    return obj.callRemote("takeTwo", two)


if __name__ == "__main__":
    factory = pb.PBClientFactory()
    reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
    def1 = factory.getRootObject()
    def1.addCallback(got_obj, Two())
    def1.addBoth(lambda _: reactor.stop())
    reactor.run()
