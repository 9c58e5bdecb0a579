"""2.8.2 Write readable code: classes where there are classes, and a list of all users on the web.

twistd -ny finger18.tac   ports 79 and 8000, or $FINGER and $WEB; /etc/users, or $USERS; the server
irc.freenode.org:6667, or $IRC
"""

import html
import os
from urllib.parse import quote

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import log
from twisted.web import resource, server, xmlrpc
from twisted.words.protocols import irc

MAX_SAID = 400  # a message of IRC is a line of 512 bytes, with its head


def catchError(err):
    log.err(err, "While looking for an answer")
    return b"Internal error in server"


def readable(data):
    """What users say as text; what is no text has no place on IRC, nor in XML."""
    text = data.decode("utf-8", "replace")
    return "".join(one if one.isprintable() else " " for one in text)


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        d = self.factory.getUser(user)
        d.addErrback(catchError)

        def writeValue(value):
            self.transport.write(value + b"\r\n")
            self.transport.loseConnection()

        d.addCallback(writeValue)


class IRCReplyBot(irc.IRCClient):
    def connectionMade(self):
        self.nickname = self.factory.nickname
        super().connectionMade()

    def privmsg(self, user, channel, msg):
        user = user.split("!")[0]
        if self.nickname.lower() == channel.lower():
            name = msg.encode()
            d = self.factory.getUser(name)
            d.addErrback(catchError)
            d.addCallback(lambda m: readable(b"Status of %b: %b" % (name, m)))
            d.addCallback(lambda m: self.msg(user, m[:MAX_SAID]))


def answerLater(request, d):
    """Answer with what a Deferred gives; an error is told, too."""
    d.addErrback(catchError)
    d.addCallback(request.write)
    d.addCallback(lambda _: request.finish())
    return server.NOT_DONE_YET


class UserStatusTree(resource.Resource):
    def __init__(self, service):
        super().__init__()
        self.service = service

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        d = self.service.getUsers()

        def formatUsers(users):
            items = [
                f'<li><a href="./{quote(user, safe="")}">{html.escape(readable(user))}</a></li>'
                for user in users
            ]
            return "<ul>{}</ul>".format("".join(items)).encode()

        d.addCallback(formatUsers)
        return answerLater(request, d)

    def getChild(self, path, request):
        if path == b"":
            return self
        return UserStatus(path, self.service)


class UserStatus(resource.Resource):
    isLeaf = True

    def __init__(self, user, service):
        super().__init__()
        self.user = user
        self.service = service

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        d = self.service.getUser(self.user)
        d.addCallback(lambda status: [html.escape(readable(one)) for one in (self.user, status)])
        d.addCallback(lambda texts: "<h1>{}</h1><p>{}</p>".format(*texts).encode())
        return answerLater(request, d)


class UserStatusXR(xmlrpc.XMLRPC):
    def __init__(self, service):
        super().__init__()
        self.service = service

    def xmlrpc_getUser(self, user):
        return self.service.getUser(str(user).encode()).addCallback(readable)


class FingerService(service.Service):
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

    def getFingerFactory(self):
        f = protocol.ServerFactory()
        f.protocol = FingerProtocol
        f.getUser = self.getUser
        return f

    def getResource(self):
        r = UserStatusTree(self)
        x = UserStatusXR(self)
        r.putChild(b"RPC2", x)
        return r

    def getIRCBot(self, nickname):
        f = protocol.ReconnectingClientFactory()
        f.protocol = IRCReplyBot
        f.nickname = nickname
        f.getUser = self.getUser
        return f


application = service.Application("finger", uid=1, gid=1)
f = FingerService(os.environ.get("USERS", "/etc/users"))
serviceCollection = service.IServiceCollection(application)
f.setServiceParent(serviceCollection)
finger = internet.TCPServer(int(os.environ.get("FINGER", 79)), f.getFingerFactory())
finger.setServiceParent(serviceCollection)
site = server.Site(f.getResource())
web = internet.TCPServer(int(os.environ.get("WEB", 8000)), site)
web.setServiceParent(serviceCollection)
host, port = os.environ.get("IRC", "irc.freenode.org:6667").rsplit(":", 1)
bot = internet.TCPClient(host, int(port), f.getIRCBot("fingerbot"))
bot.setServiceParent(serviceCollection)
