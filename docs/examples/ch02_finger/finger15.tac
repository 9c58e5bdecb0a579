"""2.7.5 The users as a whole: one who is not in the file any more is not known any more.

twistd -ny finger15.tac   port 79, or $FINGER; /etc/users, or $USERS

The file has lines of a name, a colon, and what there is to say, as etc.users has. The listing's
other half, which announces the same users on the web, needs twisted.web.
"""

import os

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import log


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        d = self.factory.getUser(user)
        d.addErrback(lambda _: b"Internal error in server")
        d.addCallback(self.answer)

    def answer(self, message):
        self.transport.write(message + b"\r\n")
        self.transport.loseConnection()


class FingerService(service.Service):
    clock = reactor

    def __init__(self, filename):
        self.users = {}
        self.filename = filename

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

    def getFingerFactory(self):
        f = protocol.ServerFactory()
        f.protocol, f.getUser = FingerProtocol, self.getUser
        return f


application = service.Application("finger", uid=1, gid=1)
f = FingerService(os.environ.get("USERS", "/etc/users"))
serviceCollection = service.IServiceCollection(application)
f.setServiceParent(serviceCollection)
finger = internet.TCPServer(int(os.environ.get("FINGER", 79)), f.getFingerFactory())
finger.setServiceParent(serviceCollection)
