"""A server to which one logs in by name and password, or as nobody in particular.

python pbAnonServer.py port
"""

import sys
from sys import stdout

from zope.interface import implementer

from twisted.cred.checkers import (
    ANONYMOUS,
    AllowAnonymousAccess,
    InMemoryUsernamePasswordDatabaseDontUse,
)
from twisted.cred.portal import IRealm, Portal
from twisted.internet import reactor
from twisted.python.log import startLogging
from twisted.spread.pb import Avatar, IPerspective, PBServerFactory


class MyPerspective(Avatar):
    """What everyone gets who logs in.

    Its name is that of the user, or "Anonymous": a real service would see to it that no user has
    that name.
    """

    def __init__(self, name):
        self.name = name

    def perspective_foo(self, arg):
        """Print the argument, and who called this."""
        print(f"I am {self.name}.  perspective_foo({arg}) called on {self}.")


@implementer(IRealm)
class MyRealm:
    """Avatars for those with a name and for those without."""

    def requestAvatar(self, avatarId, mind, *interfaces):
        if IPerspective not in interfaces:
            raise NotImplementedError("MyRealm only handles IPerspective")
        name = "Anonymous" if avatarId is ANONYMOUS else avatarId.decode()
        return IPerspective, MyPerspective(name), lambda: None


def main(port):
    p = Portal(MyRealm())
    # Here the username/password checker is registered.
    p.registerChecker(InMemoryUsernamePasswordDatabaseDontUse(user1=b"pass1", user2=b"pass2"))
    # Here the anonymous checker is registered.
    p.registerChecker(AllowAnonymousAccess())
    listening = reactor.listenTCP(int(port), PBServerFactory(p))
    print("Listening on port", listening.getHost().port, flush=True)
    startLogging(stdout)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
