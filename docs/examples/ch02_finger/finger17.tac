"""2.7.7 Add XML-RPC support, which is but another resource: fingerXRclient.py asks it.

twistd -ny finger17.tac   ports 79 and 8000, or $FINGER and $WEB; /etc/users, or $USERS; the server
irc.freenode.org:6667, or $IRC
"""

import html
import os

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import log
from twisted.web import resource, server, static, xmlrpc
from twisted.words.protocols import irc

MAX_SAID = 400  # a message of IRC is a line of 512 bytes, with its head


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        d = self.factory.getUser(user)
        d.addErrback(lambda _: b"Internal error in server")
        d.addCallback(self.answer)

    def answer(self, message):
        self.transport.write(message + b"\r\n")
        self.transport.loseConnection()


def readable(data):
    """What users say as text; what is no text has no place on IRC, nor in XML."""
    text = data.decode("utf-8", "replace")
    return "".join(one if one.isprintable() else " " for one in text)


class IRCReplyBot(irc.IRCClient):
    def connectionMade(self):
        self.nickname = self.factory.nickname
        super().connectionMade()

    def privmsg(self, user, channel, msg):
        user = user.split("!")[0]
        if self.nickname.lower() == channel.lower():
            name = msg.encode()
            d = self.factory.getUser(name)
            d.addErrback(lambda _: b"Internal error in server")
            d.addCallback(lambda m: self.msg(user, readable(name + b": " + m)[:MAX_SAID]))


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
        r = resource.Resource()
        r.getChild = self.getPage
        x = xmlrpc.XMLRPC()
        x.xmlrpc_getUser = self.getStatus
        r.putChild(b"RPC2", x)
        return r

    def getPage(self, path, request):
        status = self.users.get(path, b"No such user\nusage: site/user")
        text = "<h1>{}</h1><p>{}</p>".format(
            *(html.escape(one.decode("utf-8", "replace")) for one in (path, status))
        )
        return static.Data(text.encode(), "text/html; charset=utf-8")

    def getStatus(self, user):
        # XML has text alone, and not all of that.
        return self.getUser(str(user).encode()).addCallback(readable)

    def getIRCBot(self, nickname):
        f = protocol.ReconnectingClientFactory()
        f.protocol, f.nickname, f.getUser = IRCReplyBot, nickname, self.getUser
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
