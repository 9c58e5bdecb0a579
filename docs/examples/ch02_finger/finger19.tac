"""2.9.2 Write maintainable code: components.

twistd -ny finger19.tac   port 79, or $FINGER; /etc/users, or $USERS

All that the service is responsible for is to know the users. Adapters make of it what the network
needs; they use nothing but what its interface declares. The listing's adapters for the web and for
IRC need twisted.web and twisted.words.
"""

import os

from zope.interface import Interface, implementer

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import components, log


class IFingerService(Interface):
    def getUser(user):
        """Return a Deferred of what there is to say about a user: bytes for bytes."""

    def getUsers():
        """Return a Deferred of a list of users: bytes."""


def catchError(err):
    log.err(err, "While looking for an answer")
    return b"Internal error in server"


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        d = self.factory.getUser(user)
        d.addErrback(catchError)

        def writeValue(value):
            self.transport.write(value + b"\r\n")
            self.transport.loseConnection()

        d.addCallback(writeValue)


class IFingerFactory(Interface):
    def getUser(user):
        """Return a Deferred of what there is to say about a user: bytes for bytes."""

    def buildProtocol(addr):
        """Return a protocol that answers."""


@implementer(IFingerFactory)
class FingerFactoryFromService(protocol.ServerFactory):
    protocol = FingerProtocol

    def __init__(self, service):
        self.service = service

    def getUser(self, user):
        return self.service.getUser(user)


components.registerAdapter(FingerFactoryFromService, IFingerService, IFingerFactory)


@implementer(IFingerService)
class FingerService(service.Service):
    """The users of a file, which is read every half minute."""

    clock = reactor

    def __init__(self, filename):
        self.filename = filename
        self.users = {}

    def _read(self):
        users = {}
        with open(self.filename, "rb") as file:
            for line in file:
                user, colon, status = line.partition(b":")
                if colon:
                    users[user.strip()] = status.strip()
        self.users = users

    def _readAgain(self):
        self.call = self.clock.callLater(30, self._readAgain)
        try:
            self._read()
        except OSError as error:
            # What was read before is better than nothing, and the file may be back soon.
            log.msg(f"The users of before are kept: {error}")

    def startService(self):
        self._read()
        self.call = self.clock.callLater(30, self._readAgain)
        super().startService()

    def stopService(self):
        super().stopService()
        self.call.cancel()

    def getUser(self, user):
        return defer.succeed(self.users.get(user, b"No such user"))

    def getUsers(self):
        return defer.succeed(list(self.users))


application = service.Application("finger", uid=1, gid=1)
f = FingerService(os.environ.get("USERS", "/etc/users"))
serviceCollection = service.IServiceCollection(application)
f.setServiceParent(serviceCollection)
finger = internet.TCPServer(int(os.environ.get("FINGER", 79)), IFingerFactory(f))
finger.setServiceParent(serviceCollection)
