"""A connected UDP port: one peer, which may turn out not to be there.

Start it with the address and the port of the peer.
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import DatagramProtocol


class Helloer(DatagramProtocol):
    def startProtocol(self):
        host, port = sys.argv[1], int(sys.argv[2])
        self.transport.connect(host, port)
        print(f"we can only send to {(host, port)} now", flush=True)
        self.transport.write(b"hello")  # no need for address

    def datagramReceived(self, data, addr):
        host, port = addr
        print(f"received {data!r} from {host}:{port}", flush=True)
        reactor.stop()

    # Possibly invoked if there is no server listening on the
    # address to which we are sending.
    def connectionRefused(self):
        print("No one listening")
        reactor.stop()


# 0 means any port, we don't care in this case
reactor.listenUDP(0, Helloer())
reactor.run()
