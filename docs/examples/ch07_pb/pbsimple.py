"""A server that sends back what it is told.

python pbsimple.py port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


class Echoer(pb.Root):
    def remote_echo(self, st):
        print("echoing:", st)
        return st


if __name__ == "__main__":
    port = reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(Echoer()))
    print("Listening on port", port.getHost().port, flush=True)
    reactor.run()
