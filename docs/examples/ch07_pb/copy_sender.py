"""Send a pond to the server of copy_receiver.tac.

python copy_sender.py host port
"""

import sys

from twisted.internet import reactor
from twisted.spread import jelly, pb


class LilyPond:
    def setStuff(self, color, numFrogs):
        self.color = color
        self.numFrogs = numFrogs

    def countFrogs(self):
        print(f"{self.numFrogs} frogs")


class CopyPond(LilyPond, pb.Copyable):
    pass


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


def main(host, port):
    from copy_sender import CopyPond  # so it's not __main__.CopyPond

    pond = CopyPond()
    pond.setStuff("green", 7)
    pond.countFrogs()
    # class name:
    print(".".join([pond.__class__.__module__, pond.__class__.__name__]))

    factory = pb.PBClientFactory()
    reactor.connectTCP(host, int(port), factory)
    factory.getRootObject().addCallback(Sender(pond).got_obj)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
