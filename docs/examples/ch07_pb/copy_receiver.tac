"""An application that takes ponds, on port 8800 or $PORT.

twistd -ny copy_receiver.tac      in this folder
"""

import os

from copy_sender import CopyPond, LilyPond

from twisted.application import internet, service
from twisted.internet import reactor
from twisted.spread import pb


class ReceiverPond(pb.RemoteCopy, LilyPond):
    pass


pb.setUnjellyableForClass(CopyPond, ReceiverPond)


class Receiver(pb.Root):
    def remote_takePond(self, pond):
        print(" got pond:", pond)
        pond.countFrogs()
        return "safe and sound"  # positive acknowledgement

    def remote_shutdown(self):
        reactor.stop()


application = service.Application("copy_receiver")
port = int(os.environ.get("PORT", 8800))
internet.TCPServer(port, pb.PBServerFactory(Receiver())).setServiceParent(
    service.IServiceCollection(application)
)
