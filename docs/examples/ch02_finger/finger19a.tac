"""2.9.3 Advantages of the latest version: another service, which keeps the users in memory.

PYTHONPATH=. twistd -ny finger19a.tac   ports 79, 8000 and 1079, or $FINGER, $WEB and
$SETTER; the server irc.freenode.org:6667, or $IRC

It is two things, and is made into a factory of each. The interfaces and the adapters are like those
of finger19.tac, in the package finger beside this file.
"""

import os

from finger import (
    IFingerFactory,
    IFingerService,
    IFingerSetterFactory,
    IFingerSetterService,
    IIRCClientFactory,
)
from zope.interface import implementer

from twisted.application import internet, service
from twisted.internet import defer
from twisted.python import log
from twisted.web import resource, server

MAX_USERS = 10_000  # local users are not to fill the memory


@implementer(IFingerService, IFingerSetterService)
class MemoryFingerService(service.Service):
    def __init__(self, **kwargs):
        self.users = {name.encode(): status for name, status in kwargs.items()}

    def getUser(self, user):
        return defer.succeed(self.users.get(user, b"No such user"))

    def getUsers(self):
        return defer.succeed(list(self.users))

    def setUser(self, user, status):
        if user in self.users or len(self.users) < MAX_USERS:
            self.users[user] = status
        else:
            log.msg(f"There are {MAX_USERS} users already; not set: {user!r}")


application = service.Application("finger", uid=1, gid=1)
f = MemoryFingerService(moshez=b"Happy and well")
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
setter = internet.TCPServer(
    int(os.environ.get("SETTER", 1079)), IFingerSetterFactory(f), interface="127.0.0.1"
)
setter.setServiceParent(serviceCollection)
