"""A server to which one logs in.

python pb5server.py port
"""

import sys

from zope.interface import implementer

from twisted.cred import checkers, portal
from twisted.internet import reactor
from twisted.spread import pb


class MyPerspective(pb.Avatar):
    def __init__(self, name):
        self.name = name

    def perspective_foo(self, arg):
        print("I am", self.name, "perspective_foo(", arg, ") called on", self)


@implementer(portal.IRealm)
class MyRealm:
    def requestAvatar(self, avatarId, mind, *interfaces):
        if pb.IPerspective not in interfaces:
            raise NotImplementedError
        return pb.IPerspective, MyPerspective(avatarId.decode()), lambda: None


if __name__ == "__main__":
    p = portal.Portal(MyRealm())
    p.registerChecker(checkers.InMemoryUsernamePasswordDatabaseDontUse(user1=b"pass1"))
    port = reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(p))
    print("Listening on port", port.getHost().port, flush=True)
    reactor.run()
