"""Ask everybody in a group, and print the first answer.

Start it with the port number of the group, and the address of the interface to send from;
8005 and the system's choice if there is none.
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import DatagramProtocol

number = int(sys.argv[1]) if len(sys.argv) > 1 else 8005
interface = sys.argv[2] if len(sys.argv) > 2 else "0.0.0.0"


class MulticastClientUDP(DatagramProtocol):
    def startProtocol(self):
        self.transport.setOutgoingInterface(interface).addCallback(self.ask)

    def ask(self, _):
        # The answer comes from one server; the question goes to all of them.
        self.transport.write(b"UniqueID", ("224.0.0.1", number))

    def datagramReceived(self, datagram, address):
        print("Received:", repr(datagram))
        reactor.stop()


# Our own port number does not matter: the servers see where the question came from.
reactor.listenMulticast(0, MulticastClientUDP())
reactor.run()
