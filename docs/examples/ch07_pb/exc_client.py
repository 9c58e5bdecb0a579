"""Call a method of the server of exc_server.py, and look at how it fails.

python exc_client.py host port [broken|broken2]
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


def main(host, port, method="broken"):
    factory = pb.PBClientFactory()
    reactor.connectTCP(host, int(port), factory)
    d = factory.getRootObject()
    d.addCallback(got_obj, method)
    reactor.run()


def got_obj(obj, method):
    d2 = obj.callRemote(method)
    d2.addCallback(working)
    d2.addErrback(broken)


def working(result):
    print("erm, it wasn't *supposed* to work..")


def broken(reason):
    print("got remote Exception")
    # reason is a Failure that stands for the MyError exception
    print(" .__class__ =", reason.__class__)
    print(" .getErrorMessage() =", reason.getErrorMessage())
    print(" .type =", reason.type)
    reactor.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
