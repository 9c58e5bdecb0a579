"""2.7.2 Setting messages by local users: a second port, on which anybody on this machine may.

twistd -ny finger12.tac   ports 79 and 1079, or $FINGER and $SETTER

A message is set by two lines: a name, and what there is to say.

    printf 'moshez\\nGiving a tutorial now, sorry!\\n' | nc localhost 1079
"""

import os

from twisted.application import internet, service
from twisted.internet import defer, protocol
from twisted.protocols import basic
from twisted.python import log

MAX_USERS = 10_000  # local users are not to fill the memory


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


class FingerSetterProtocol(basic.LineReceiver):
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


class FingerSetterFactory(protocol.ServerFactory):
    protocol = FingerSetterProtocol

    def __init__(self, fingerFactory):
        self.users = fingerFactory.users

    def setUser(self, user, status):
        if user in self.users or len(self.users) < MAX_USERS:
            self.users[user] = status
        else:
            log.msg(f"There are {MAX_USERS} users already; not set: {user!r}")


ff = FingerFactory(moshez=b"Happy and well")
fsf = FingerSetterFactory(ff)

application = service.Application("finger", uid=1, gid=1)
serviceCollection = service.IServiceCollection(application)
finger = internet.TCPServer(int(os.environ.get("FINGER", 79)), ff)
finger.setServiceParent(serviceCollection)
setter = internet.TCPServer(int(os.environ.get("SETTER", 1079)), fsf, interface="127.0.0.1")
setter.setServiceParent(serviceCollection)
