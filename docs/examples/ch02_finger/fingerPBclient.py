"""2.12.2 Testing the finger service by perspective broker.

python fingerPBclient.py [port]   port 8889 by default
"""

import sys

from twisted.internet import defer, reactor
from twisted.spread import pb


def gotObject(object):
    print("got object:", object)
    asked = [object.callRemote("getUser", b"moshez"), object.callRemote("getUsers")]
    return defer.gatherResults([d.addCallbacks(gotData, gotNoData) for d in asked])


def gotData(data):
    print("server sent:", data)


def gotNoData(reason):
    print("no data:", reason.getErrorMessage())


def gotNoObject(reason):
    print("no object:", reason.getErrorMessage())


def main(port=8889):
    factory = pb.PBClientFactory()
    reactor.connectTCP("127.0.0.1", int(port), factory)
    d = factory.getRootObject()
    d.addCallbacks(gotObject, gotNoObject)
    d.addBoth(lambda _: reactor.stop())
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
