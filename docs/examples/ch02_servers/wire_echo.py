"""An echo server without a line of protocol: a factory, and a protocol that ships.

python wire_echo.py [port]  port 8007 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory
from twisted.protocols.wire import Echo


def main(port=8007):
    myFactory = Factory()
    myFactory.protocol = Echo
    listening = reactor.listenTCP(port, myFactory)
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
