"""2.10.2 Another back-end: the finger program of this machine.

PYTHONPATH=. twistd -ny finger19b.tac   ports 79 and 8000, or $FINGER and $WEB; the server
irc.freenode.org:6667, or $IRC

The interfaces and the adapters are like those of finger19.tac, in the package finger beside this
file.
"""

import os
import re

from finger import IFingerFactory, IFingerService, IIRCClientFactory
from zope.interface import implementer

from twisted.application import internet, service
from twisted.internet import defer, utils
from twisted.web import resource, server

# A name, and nothing that the program would take for an option or for another machine's user.
NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\Z")


@implementer(IFingerService)
class LocalFingerService(service.Service):
    def __init__(self):
        # However many ask, no more processes than that run at a time; the others wait.
        self.processes = defer.DeferredSemaphore(10)

    def getUser(self, user):
        if not NAME.match(user):
            return defer.succeed(b"No such user")
        d = self.processes.run(
            utils.getProcessOutput, "finger", [user], env=os.environ, errortoo=True
        )
        return d.addCallback(bytes.strip)

    def getUsers(self):
        return defer.succeed([])


application = service.Application("finger", uid=1, gid=1)
f = LocalFingerService()
serviceCollection = service.IServiceCollection(application)
f.setServiceParent(serviceCollection)
finger = internet.TCPServer(int(os.environ.get("FINGER", 79)), IFingerFactory(f))
finger.setServiceParent(serviceCollection)
site = server.Site(resource.IResource(f))
web = internet.TCPServer(int(os.environ.get("WEB", 8000)), site)
web.setServiceParent(serviceCollection)
i = IIRCClientFactory(f)
i.nickname = "fingerbot"
host, port = os.environ.get("IRC", "irc.freenode.org:6667").rsplit(":", 1)
bot = internet.TCPClient(host, int(port), i)
bot.setServiceParent(serviceCollection)
