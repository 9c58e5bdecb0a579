"""An application with one service that is made of two: echo over TCP and over UDP, as RFC 862 says.

twistd -ny collection.tac
"""

import os

from twisted.application import internet, service
from twisted.internet import protocol
from twisted.protocols import wire

port = int(os.environ.get("PORT", 7007))


class EchoDatagrams(protocol.DatagramProtocol):
    def datagramReceived(self, datagram, addr):
        self.transport.write(datagram, addr)


# Create a MultiService, and hook up a TCPServer and a UDPServer to it as children.
echoService = service.MultiService()
tcpFactory = protocol.ServerFactory()
tcpFactory.protocol = wire.Echo
internet.TCPServer(port, tcpFactory).setServiceParent(echoService)
internet.UDPServer(port, EchoDatagrams()).setServiceParent(echoService)

# Create an application as normal
application = service.Application("EchoExample")

# Connect our MultiService to the application, just like a normal service.
echoService.setServiceParent(application)
