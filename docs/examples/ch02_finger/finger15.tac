"""2.7.5 Announce on the web, too: http://localhost:8000/moshez.

twistd -ny finger15.tac   ports 79 and 8000, or $FINGER and $WEB; /etc/users, or $USERS

The file has lines of a name, a colon, and what there is to say, as etc.users has. One who is not in
it any more is not known any more.
"""

import html
import os

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import log
from twisted.web import resource, server, static


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        d = self.factory.getUser(user)
        d.addErrback(lambda _: b"Internal error in server")
        d.addCallback(self.answer)

    def answer(self, message):
        self.transport.write(message + b"\r\n")
        self.transport.loseConnection()


def escaped(data):
    return html.escape(data.decode("utf-8", "replace"))


class MotdResource(resource.Resource):
    def __init__(self, service):
        super().__init__()
        self.service = service

    def getChild(self, username, request):
        # We treat the path as the username.
        motd = self.service.users.get(username, b"No such user")
        text = f"<h1>{escaped(username)}</h1><p>{escaped(motd)}</p>"
        return static.Data(text.encode(), "text/html; charset=utf-8")


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

    def getResource(self):
        return MotdResource(self)


application = service.Application("finger", uid=1, gid=1)
f = FingerService(os.environ.get("USERS", "/etc/users"))
serviceCollection = service.IServiceCollection(application)
f.setServiceParent(serviceCollection)
finger = internet.TCPServer(int(os.environ.get("FINGER", 79)), f.getFingerFactory())
finger.setServiceParent(serviceCollection)
site = server.Site(f.getResource())
web = internet.TCPServer(int(os.environ.get("WEB", 8000)), site)
web.setServiceParent(serviceCollection)
