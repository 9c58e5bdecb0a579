"""Send a pond, less than whole, to the server of copy2_receiver.tac.

python copy2_sender.py host port
"""

import sys

from copy2_classes import SenderPond

from twisted.internet import reactor
from twisted.spread import jelly, pb


class Sender:
    def __init__(self, pond):
        self.pond = pond

    def got_obj(self, remote):
        d = remote.callRemote("takePond", self.pond)
        d.addCallback(self.ok).addErrback(self.notOk)

    def ok(self, response):
        print("pond arrived", response)
        reactor.stop()

    def notOk(self, failure):
        print("error during takePond:")
        if failure.check(jelly.InsecureJelly):
            print(" InsecureJelly")
        print(failure.getErrorMessage())
        reactor.stop()


if __name__ == "__main__":
    pond = SenderPond(3, 4)
    print("count", pond.count())
    factory = pb.PBClientFactory()
    reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
    factory.getRootObject().addCallback(Sender(pond).got_obj)
    reactor.run()
