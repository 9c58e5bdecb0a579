"""Let the server of cache_receiver.tac have a copy of a pond, and change the pond.

python cache_sender.py host port
"""

import sys

from cache_classes import MasterDuckPond

from twisted.internet import reactor
from twisted.python import log
from twisted.spread import pb


class Sender:
    def __init__(self, pond):
        self.pond = pond

    def phase1(self, remote):
        self.remote = remote
        d = remote.callRemote("takePond", self.pond)
        d.addCallback(self.phase2).addErrback(log.err)

    def phase2(self, response):
        self.pond.addDuck("ugly duckling")
        self.pond.count()
        reactor.callLater(0.1, self.phase3)

    def phase3(self):
        d = self.remote.callRemote("checkDucks")
        d.addCallback(self.phase4).addErrback(log.err)

    def phase4(self, dummy):
        self.pond.removeDuck("one duck")
        self.pond.count()
        self.remote.callRemote("checkDucks")
        d = self.remote.callRemote("ignorePond")
        d.addCallback(self.phase5)

    def phase5(self, dummy):
        d = self.remote.callRemote("shutdown")
        # They may be gone before they answer.
        d.addBoth(self.phase6)

    def phase6(self, dummy):
        reactor.stop()


if __name__ == "__main__":
    master = MasterDuckPond(["one duck", "two duck"])
    master.count()
    factory = pb.PBClientFactory()
    reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
    factory.getRootObject().addCallback(Sender(master).phase1)
    reactor.run()
