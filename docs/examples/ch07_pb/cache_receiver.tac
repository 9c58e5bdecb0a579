"""An application that looks at a pond by a copy, on port 8800 or $PORT.

twistd -ny cache_receiver.tac      in this folder
"""

import os

import cache_classes  # noqa: F401  # has SlaveDuckPond registered with Jelly

from twisted.application import internet, service
from twisted.internet import reactor
from twisted.spread import pb


class Receiver(pb.Root):
    def remote_takePond(self, pond):
        self.pond = pond
        print("got pond:", pond)  # a SlaveDuckPond
        self.remote_checkDucks()

    def remote_checkDucks(self):
        print(f"[{self.pond.count()}] ducks: ", self.pond.getDucks())

    def remote_ignorePond(self):
        # stop watching the pond
        print("dropping pond")
        # nobody has the copy now: they are told, and stoppedObserving is called there
        self.pond = None

    def remote_shutdown(self):
        reactor.stop()


application = service.Application("cache_receiver")
port = int(os.environ.get("PORT", 8800))
internet.TCPServer(port, pb.PBServerFactory(Receiver())).setServiceParent(
    service.IServiceCollection(application)
)
