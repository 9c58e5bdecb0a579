"""A method that returns a reference to another object.

python pb1server.py port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


class Two(pb.Referenceable):
    def remote_three(self, arg):
        print("Two.three was given", arg)


class One(pb.Root):
    def remote_getTwo(self):
        two = Two()
        print("returning a Two called", two)
        return two


if __name__ == "__main__":
    port = reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(One()))
    print("Listening on port", port.getHost().port, flush=True)
    reactor.run()
