"""A finger service that can be packaged: it imports nothing that would have to be there as well.

tap2deb --unsigned -m "Foo <foo@example.com>" --type=python finger.tac
tap2rpm --unsigned --type=python finger.tac

It answers on port 79, or $PORT, and is user 1 and group 1 (on Debian: daemon) when that is open.
"""

import os

from twisted.application import internet, service
from twisted.internet import protocol
from twisted.protocols import basic

USERS = {b"moshez": b"Happy and well", b"shawn": b"Alive"}


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        self.sendLine(self.factory.users.get(user, b"No such user"))
        self.transport.loseConnection()


factory = protocol.ServerFactory()
factory.protocol = FingerProtocol
factory.users = USERS

application = service.Application("finger", uid=1, gid=1)
server = internet.TCPServer(int(os.environ.get("PORT", 79)), factory)
server.setServiceParent(application)
