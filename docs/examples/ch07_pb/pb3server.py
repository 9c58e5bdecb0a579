"""A server that calls an object of its client's.

python pb3server.py port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


class One(pb.Root):
    def remote_takeTwo(self, two):
        print("received a Two called", two)
        print("telling it to print(12)")
        return two.callRemote("print", 12)


if __name__ == "__main__":
    port = reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(One()))
    print("Listening on port", port.getHost().port, flush=True)
    reactor.run()
