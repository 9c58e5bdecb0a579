"""2.10.3 Yet another back-end, which does the standard thing: the file .plan in the user's home.

PYTHONPATH=. twistd -ny finger19c.tac   ports 79 and 8000, or $FINGER and $WEB; the server
irc.freenode.org:6667, or $IRC

The interfaces and the adapters are like those of finger19.tac, in the package finger beside this
file.
"""

import os
import pwd
import stat

from finger import IFingerFactory, IFingerService, IIRCClientFactory
from zope.interface import implementer

from twisted.application import internet, service
from twisted.internet import defer
from twisted.web import resource, server

MAX_PLAN = 65_536  # bytes; it is all in memory, and users write what they like


def openPlan(path, flags):
    # A link could lead to what only this process may read, and a pipe would hold it up.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


@implementer(IFingerService)
class LocalFingerService(service.Service):
    def getUser(self, user):
        try:
            home = pwd.getpwnam(os.fsdecode(user.strip())).pw_dir
            with open(os.path.join(home, ".plan"), "rb", opener=openPlan) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return defer.succeed(b"No such user")
                return defer.succeed(file.read(MAX_PLAN).strip())
        except (KeyError, ValueError, OSError):
            # There is no such user, there can be none of that name, or there is no plan.
            return defer.succeed(b"No such user")

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
