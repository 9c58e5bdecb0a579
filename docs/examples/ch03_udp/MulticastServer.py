"""Answer those who ask a whole group.

Start it with a port number, 0 for any, and the address of the interface to join on;
8005 and the system's choice if there is none.
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import DatagramProtocol

number = int(sys.argv[1]) if len(sys.argv) > 1 else 8005
interface = sys.argv[2] if len(sys.argv) > 2 else ""


class MulticastServerUDP(DatagramProtocol):
    def startProtocol(self):
        # Join a specific multicast group, which is the IP we will respond to
        self.transport.joinGroup("224.0.0.1", interface).addCallback(self.joined)

    def joined(self, _):
        print("Listening on port", self.transport.getHost().port, flush=True)

    def datagramReceived(self, datagram, address):
        # The check is to ensure we only service requests from ourselves
        if datagram == b"UniqueID":
            print("Server Received:", repr(datagram), flush=True)
            self.transport.write(b"data", address)


# Listen for multicast on 224.0.0.1:8005, beside others of this host who do
reactor.listenMulticast(number, MulticastServerUDP(), listenMultiple=True)
reactor.run()
