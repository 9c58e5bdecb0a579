"""2.11 A web frontend: whole pages, and by XML-RPC the list of users, too.

twistd -ny finger20.tac   ports 79 and 8000, or $FINGER and $WEB; /etc/users, or $USERS; the server
irc.freenode.org:6667, or $IRC
"""

import html
import os
from urllib.parse import quote

from zope.interface import Attribute, Interface, implementer

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import components, log
from twisted.web import resource, server, xmlrpc
from twisted.words.protocols import irc

MAX_SAID = 400  # a message of IRC is a line of 512 bytes, with its head


class IFingerService(Interface):
    def getUser(user):
        """Return a Deferred of what there is to say about a user: bytes for bytes."""

    def getUsers():
        """Return a Deferred of a list of users: bytes."""


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


class IIRCClientFactory(Interface):
    nickname = Attribute("Who the bot wants to be.")

    def getUser(user):
        """Return a Deferred of what there is to say about a user: bytes for bytes."""

    def buildProtocol(addr):
        """Return a protocol that answers."""


@implementer(IIRCClientFactory)
class IRCClientFactoryFromService(protocol.ReconnectingClientFactory):
    protocol = IRCReplyBot
    nickname = None

    def __init__(self, service):
        self.service = service

    def getUser(self, user):
        return self.service.getUser(user)


components.registerAdapter(IRCClientFactoryFromService, IFingerService, IIRCClientFactory)


def answerLater(request, d):
    """Answer with what a Deferred gives; an error is told, too."""
    d.addErrback(catchError)
    d.addCallback(request.write)
    d.addCallback(lambda _: request.finish())
    return server.NOT_DONE_YET


PAGE = """<!DOCTYPE html>
<html><head><title>{0}</title></head><body>
<h1>{0}</h1>
{1}
</body></html>
"""


class UserStatusTree(resource.Resource):
    def __init__(self, service):
        super().__init__()
        self.service = service
        # A specific child for the path "RPC2".
        self.putChild(b"RPC2", UserStatusXR(self.service))
        # Resources at the root of a site need this one.
        self.putChild(b"", self)

    def _page(self, users):
        items = [
            f'<li><a href="./{quote(user, safe="")}">{html.escape(readable(user))}</a></li>\n'
            for user in users
        ]
        return PAGE.format("Users", f"<ul>\n{''.join(items)}</ul>").encode()

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        return answerLater(request, self.service.getUsers().addCallback(self._page))

    def getChild(self, path, request):
        return UserStatus(path, self.service)


components.registerAdapter(UserStatusTree, IFingerService, resource.IResource)


class UserStatus(resource.Resource):
    isLeaf = True

    def __init__(self, user, service):
        super().__init__()
        self.user = user
        self.service = service

    def _page(self, status):
        user, status = (html.escape(readable(one)) for one in (self.user, status))
        return PAGE.format(user, f"<p>{status}</p>").encode()

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        return answerLater(request, self.service.getUser(self.user).addCallback(self._page))


class UserStatusXR(xmlrpc.XMLRPC):
    def __init__(self, service):
        super().__init__()
        self.service = service

    def xmlrpc_getUser(self, user):
        return self.service.getUser(str(user).encode()).addCallback(readable)

    def xmlrpc_getUsers(self):
        return self.service.getUsers().addCallback(lambda users: list(map(readable, users)))


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
site = server.Site(resource.IResource(f))
web = internet.TCPServer(int(os.environ.get("WEB", 8000)), site)
web.setServiceParent(serviceCollection)
i = IIRCClientFactory(f)
i.nickname = "fingerbot"
host, port = os.environ.get("IRC", "irc.freenode.org:6667").rsplit(":", 1)
bot = internet.TCPClient(host, int(port), i)
bot.setServiceParent(serviceCollection)
