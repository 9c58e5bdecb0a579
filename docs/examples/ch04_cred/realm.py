"""A realm of avatars for Perspective Broker; log in to it, without a network.

python realm.py
"""

from zope.interface import implementer

from twisted.cred.checkers import ANONYMOUS, AllowAnonymousAccess
from twisted.cred.credentials import Anonymous
from twisted.cred.portal import IRealm, Portal
from twisted.spread import pb


class SimplePerspective(pb.Avatar):
    def perspective_echo(self, text):
        print("echoing", text, flush=True)
        return text

    def logout(self):
        print(type(self).__name__, "logged out", flush=True)


@implementer(IRealm)
class SimpleRealm:
    def requestAvatar(self, avatarId, mind, *interfaces):
        if pb.IPerspective in interfaces:
            avatar = SimplePerspective()
            return pb.IPerspective, avatar, avatar.logout
        else:
            raise NotImplementedError("no interface")


def loggedIn(login):
    interface, avatar, logout = login
    print(interface.__name__, type(avatar).__name__)
    avatar.perspective_echo("hello")
    logout()


if __name__ == "__main__":
    portal = Portal(SimpleRealm(), [AllowAnonymousAccess()])
    portal.login(Anonymous(), None, pb.IPerspective).addCallback(loggedIn)
    refused = portal.login(Anonymous(), None)
    refused.addErrback(lambda failure: print(ANONYMOUS, failure.getErrorMessage()))
