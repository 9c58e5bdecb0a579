"""Say something to the server of pbsimple.py.

python pbsimpleclient.py host port
"""

import sys

from twisted.internet import reactor
from twisted.python import util
from twisted.spread import pb

factory = pb.PBClientFactory()
reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
d = factory.getRootObject()
d.addCallback(lambda object: object.callRemote("echo", "hello network"))
d.addCallback(lambda echo: "server echoed: " + echo)
d.addErrback(lambda reason: "error: " + str(reason.value))
d.addCallback(util.println)
d.addCallback(lambda _: reactor.stop())
reactor.run()
