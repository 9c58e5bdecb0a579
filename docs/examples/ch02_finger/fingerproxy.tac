"""2.14.2 A finger proxy: it answers with what another finger server says, shawn@example.com's.

twistd -ny fingerproxy.tac   port 7779, or $PROXY

The port of the other server is 79, or $FINGER; without an @ it is that of this machine.
"""

import os

from zope.interface import Interface, implementer

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import components, log

MAX_ANSWER = 100_000  # bytes of another server, which are all in memory
PATIENCE = 30  # seconds that it has to say them


def catchError(err):
    log.err(err, "While looking for an answer")
    return b"Internal error in server"


class IFingerService(Interface):
    def getUser(user):
        """Return a Deferred of what there is to say about a user: bytes for bytes."""

    def getUsers():
        """Return a Deferred of a list of users: bytes."""


class IFingerFactory(Interface):
    def getUser(user):
        """Return a Deferred of what there is to say about a user: bytes for bytes."""

    def buildProtocol(addr):
        """Return a protocol that answers."""


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        d = self.factory.getUser(user)
        d.addErrback(catchError)

        def writeValue(value):
            # The other server has ended its lines.
            self.transport.write(value)
            self.transport.loseConnection()

        d.addCallback(writeValue)


@implementer(IFingerFactory)
class FingerFactoryFromService(protocol.ServerFactory):
    protocol = FingerProtocol

    def __init__(self, service):
        self.service = service

    def getUser(self, user):
        return self.service.getUser(user)


components.registerAdapter(FingerFactoryFromService, IFingerService, IFingerFactory)


class FingerClient(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(self.factory.user + b"\r\n")
        self.buf = []
        self.left = MAX_ANSWER

    def dataReceived(self, data):
        self.buf.append(data[: self.left])
        self.left -= len(self.buf[-1])
        if not self.left:
            self.transport.abortConnection()

    def connectionLost(self, reason):
        self.factory.gotData(b"".join(self.buf))


class FingerClientFactory(protocol.ClientFactory):
    protocol = FingerClient
    noisy = False

    def __init__(self, user):
        self.user = user
        self.d = defer.Deferred()

    def clientConnectionFailed(self, _, reason):
        self.d.errback(reason)

    def gotData(self, data):
        self.d.callback(data)


def finger(user, host, port=79):
    f = FingerClientFactory(user)
    connector = reactor.connectTCP(host, port, f)
    # The factory is told of the end, and fires the Deferred.
    late = reactor.callLater(PATIENCE, connector.disconnect)
    f.d.addBoth(lambda result: (late.active() and late.cancel(), result)[1])
    return f.d


@implementer(IFingerService)
class ProxyFingerService(service.Service):
    def __init__(self, port=79):
        self.port = port

    def getUser(self, user):
        user, _, host = user.partition(b"@")
        ret = finger(user.strip(), host.decode("ascii", "replace") or "127.0.0.1", self.port)
        ret.addErrback(lambda _: b"Could not connect to remote host\r\n")
        return ret

    def getUsers(self):
        return defer.succeed([])


application = service.Application("finger", uid=1, gid=1)
f = ProxyFingerService(int(os.environ.get("FINGER", 79)))
proxy = internet.TCPServer(int(os.environ.get("PROXY", 7779)), IFingerFactory(f))
proxy.setServiceParent(service.IServiceCollection(application))
