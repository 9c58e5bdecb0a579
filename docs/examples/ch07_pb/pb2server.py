"""An object that comes back is the one that was given.

python pb2server.py port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


class Two(pb.Referenceable):
    def remote_print(self, arg):
        print("two.print was given", arg)


class One(pb.Root):
    def __init__(self, two):
        self.two = two

    def remote_getTwo(self):
        print("One.getTwo(), returning my two called", self.two)
        return self.two

    def remote_checkTwo(self, newtwo):
        print("One.checkTwo(): comparing my two", self.two)
        print("One.checkTwo(): against your two", newtwo)
        if self.two == newtwo:
            print("One.checkTwo(): our twos are the same")


if __name__ == "__main__":
    port = reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(One(Two())))
    print("Listening on port", port.getHost().port, flush=True)
    reactor.run()
