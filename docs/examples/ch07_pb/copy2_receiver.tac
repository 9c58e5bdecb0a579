"""An application that takes ponds of which it knows less, on port 8800 or $PORT.

twistd -ny copy2_receiver.tac      in this folder
"""

import os

import copy2_classes  # noqa: F401  # has ReceiverPond registered with Jelly

from twisted.application import internet, service
from twisted.internet import reactor
from twisted.spread import pb


class Receiver(pb.Root):
    def remote_takePond(self, pond):
        print(" got pond:", pond)
        print(" count", pond.count())
        return "safe and sound"  # positive acknowledgement

    def remote_shutdown(self):
        reactor.stop()


application = service.Application("copy2_receiver")
port = int(os.environ.get("PORT", 8800))
internet.TCPServer(port, pb.PBServerFactory(Receiver())).setServiceParent(
    service.IServiceCollection(application)
)
