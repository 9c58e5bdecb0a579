"""What users get when they have logged in, and how they do."""

from zope.interface import Interface, implementer

from twisted.cred.credentials import UsernamePassword
from twisted.cred.portal import IRealm
from twisted.internet import protocol
from twisted.protocols import basic


class IGreeted(Interface):
    """One who is greeted."""


@implementer(IRealm)
class MyServerRealm:
    def __init__(self, host):
        self.host = host

    def requestAvatar(self, avatarId, mind, *interfaces):
        return IGreeted, f"Welcome to {self.host}, {avatarId.decode()}", lambda: None


class Login(basic.LineReceiver):
    """A line is a name, a space, and a password."""

    def lineReceived(self, line):
        name, _, password = line.partition(b" ")
        login = self.factory.portal.login(UsernamePassword(name, password), None, IGreeted)
        login.addCallbacks(lambda result: result[1], lambda failure: "No")
        login.addCallback(lambda answer: self.sendLine(answer.encode()))


class ServerFactory(protocol.ServerFactory):
    protocol = Login

    def __init__(self, realm, portal):
        self.portal = portal
