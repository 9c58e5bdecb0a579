"""Send each datagram back to where it came from.

Start it with a port number, 0 for any; 9999 if there is none.
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import DatagramProtocol


class Echo(DatagramProtocol):
    def datagramReceived(self, data, addr):
        host, port = addr
        print(f"received {data!r} from {host}:{port}", flush=True)
        self.transport.write(data, (host, port))


port = reactor.listenUDP(int(sys.argv[1]) if len(sys.argv) > 1 else 9999, Echo())
print("Listening on port", port.getHost().port, flush=True)
reactor.run()
