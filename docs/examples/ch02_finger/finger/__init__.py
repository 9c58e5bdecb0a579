"""A finger service: the library of sections 2.15 and 2.16.

Its parts are held together by interfaces alone. `makeService` puts the usual ones together; whoever
has other needs uses the parts, as organized-finger.tac does.
"""

from zope.interface import Interface, implementer

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import components, log
from twisted.spread import pb


class IFingerService(Interface):
    def getUser(user):
        """Return a Deferred of what there is to say about a user: bytes for bytes."""

    def getUsers():
        """Return a Deferred of a list of users: bytes."""


class IFingerSetterService(Interface):
    def setUser(user, status):
        """Set what there is to say about a user: bytes, both."""


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


class FingerSetterProtocol(basic.LineReceiver):
    """Two lines: a name, and what there is to say."""

    delimiter = b"\n"  # as nc sends it; telnet sends a CR before it
    MAX_LENGTH = 1024  # a message is a line on a terminal, or a few

    def connectionMade(self):
        self.lines = []

    def lineReceived(self, line):
        self.lines.append(line.strip())
        if len(self.lines) == 2:
            self.transport.loseConnection()

    def connectionLost(self, reason):
        # Who hangs up after the first line sets nothing.
        if len(self.lines) == 2:
            self.factory.setUser(*self.lines)


class IFingerSetterFactory(Interface):
    def setUser(user, status):
        """Set what there is to say about a user: bytes, both."""

    def buildProtocol(addr):
        """Return a protocol that takes what is to be set."""


@implementer(IFingerSetterFactory)
class FingerSetterFactoryFromService(protocol.ServerFactory):
    protocol = FingerSetterProtocol

    def __init__(self, service):
        self.service = service

    def setUser(self, user, status):
        self.service.setUser(user, status)


components.registerAdapter(
    FingerSetterFactoryFromService, IFingerSetterService, IFingerSetterFactory
)


class IPerspectiveFinger(Interface):
    def remote_getUser(username):
        """Return a Deferred of what there is to say about a user."""

    def remote_getUsers():
        """Return a Deferred of a list of users."""


@implementer(IPerspectiveFinger)
class PerspectiveFingerFromService(pb.Root):
    def __init__(self, service):
        self.service = service

    def remote_getUser(self, username):
        return self.service.getUser(username)

    def remote_getUsers(self):
        return self.service.getUsers()


components.registerAdapter(PerspectiveFingerFromService, IFingerService, IPerspectiveFinger)


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
        # An application that mktap has made is saved again when it has stopped.
        del self.call

    def getUser(self, user):
        return defer.succeed(self.users.get(user, b"No such user"))

    def getUsers(self):
        return defer.succeed(list(self.users))


def makeService(config):
    """Easy configuration: one service of all parts.

    It takes a mapping: "file" names the users' file, "port" is where to answer, and "pbport", if it
    is there and not None, where to answer by perspective broker.
    """
    s = service.MultiService()
    f = FingerService(config["file"])
    f.setServiceParent(s)
    h = internet.TCPServer(config["port"], IFingerFactory(f))
    h.setServiceParent(s)
    if config.get("pbport") is not None:
        m = internet.TCPServer(config["pbport"], pb.PBServerFactory(IPerspectiveFinger(f)))
        m.setServiceParent(s)
    return s
