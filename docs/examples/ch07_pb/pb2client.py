"""Give an object of the server of pb2server.py back to it.

python pb2client.py host port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


class Foo:
    """What one step knows of those before: an object, rather than globals."""

    oneRef = None

    def step1(self, obj):
        print("got one object:", obj)
        self.oneRef = obj
        print("asking it to getTwo")
        return self.oneRef.callRemote("getTwo").addCallback(self.step2)

    def step2(self, two):
        print("got two object:", two)
        print("giving it back to one")
        print("one is", self.oneRef)
        return self.oneRef.callRemote("checkTwo", two)


if __name__ == "__main__":
    factory = pb.PBClientFactory()
    reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
    factory.getRootObject().addCallback(Foo().step1).addBoth(lambda _: reactor.stop())
    reactor.run()
