"""Get an object from the server of pb1server.py, and call that.

python pb1client.py host port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


def main(host, port):
    factory = pb.PBClientFactory()
    reactor.connectTCP(host, int(port), factory)
    def1 = factory.getRootObject()
    def1.addCallbacks(got_obj1, err_obj1)
    reactor.run()


def err_obj1(reason):
    print("error getting first object", reason)
    reactor.stop()


def got_obj1(obj1):
    print("got first object:", obj1)
    print("asking it to getTwo")
    def2 = obj1.callRemote("getTwo")
    def2.addCallback(got_obj2)
    def2.addBoth(lambda _: reactor.stop())


def got_obj2(obj2):
    print("got second object:", obj2)
    print("telling it to do three(12)")
    return obj2.callRemote("three", 12)


if __name__ == "__main__":
    main(*sys.argv[1:])
