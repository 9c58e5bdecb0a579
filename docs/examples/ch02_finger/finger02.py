"""2.6.3 Do nothing: connections are accepted, what comes in is ignored.

python finger02.py [port]   port 1079 by default; 0 lets the system choose
"""

import sys

from twisted.internet import protocol, reactor


class FingerProtocol(protocol.Protocol):
    pass


class FingerFactory(protocol.ServerFactory):
    protocol = FingerProtocol


def main(port=1079):
    listening = reactor.listenTCP(port, FingerFactory())
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
