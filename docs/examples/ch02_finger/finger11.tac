"""2.6.12 Use Application: root binds the port, and then becomes another user, with fewer rights.

twistd -ny finger11.tac   port 79, or $FINGER
"""

import os

from twisted.application import internet, service
from twisted.internet import defer, protocol
from twisted.protocols import basic


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        d = self.factory.getUser(user)
        d.addErrback(lambda _: b"Internal error in server")
        d.addCallback(self.answer)

    def answer(self, message):
        self.transport.write(message + b"\r\n")
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = FingerProtocol

    def __init__(self, **kwargs):
        self.users = {name.encode(): status for name, status in kwargs.items()}

    def getUser(self, user):
        return defer.succeed(self.users.get(user, b"No such user"))


application = service.Application("finger", uid=1, gid=1)
factory = FingerFactory(moshez=b"Happy and well")
finger = internet.TCPServer(int(os.environ.get("FINGER", 79)), factory)
finger.setServiceParent(service.IServiceCollection(application))
