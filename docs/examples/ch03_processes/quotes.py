"""A server of the day's fortune.

Start it with a port, and with the program that tells it and its arguments; `fortune` by default.
"""

import sys

from twisted.internet import protocol, reactor, utils


class FortuneQuoter(protocol.Protocol):
    """Sends what the program writes, and closes."""

    fortune = sys.argv[2:] or ["/usr/games/fortune"]

    def connectionMade(self):
        output = utils.getProcessOutput(self.fortune[0], self.fortune[1:])
        output.addCallbacks(self.writeResponse, self.noResponse)

    def writeResponse(self, resp):
        self.transport.write(resp)
        self.transport.loseConnection()

    def noResponse(self, err):
        self.transport.loseConnection()


if __name__ == "__main__":
    f = protocol.Factory()
    f.protocol = FortuneQuoter
    port = reactor.listenTCP(int(sys.argv[1]), f)
    print(f"Listening on port {port.getHost().port}", flush=True)
    reactor.run()
