"""Ask a server of quotes, `twistd pbqotd --pb PORT`, for one.

python pbquoteclient.py host port
"""

import sys
from sys import stdout

from twisted.internet import reactor
from twisted.spread import pb


def connected(root):
    root.callRemote("nextQuote").addCallbacks(success, failure)


def success(quote):
    stdout.write(quote.decode() + "\n")
    reactor.stop()


def failure(error):
    stdout.write("Failed to obtain quote.\n")
    reactor.stop()


factory = pb.PBClientFactory()
reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
factory.getRootObject().addCallbacks(connected, failure)
reactor.run()
