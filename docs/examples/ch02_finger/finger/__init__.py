"""A finger service: the library of sections 2.15 and 2.16.

Its parts are held together by interfaces alone. `makeService` puts the usual ones together; whoever
has other needs uses the parts, as organized-finger.tac does.
"""

from pathlib import Path

from OpenSSL import SSL
from zope.interface import Attribute, Interface, implementer

from twisted.application import internet, service
from twisted.internet import defer, protocol, reactor
from twisted.protocols import basic
from twisted.python import components, log
from twisted.spread import pb
from twisted.web import resource, server, xmlrpc
from twisted.web.woven import interfaces, model, page
from twisted.words.protocols import irc

MAX_SAID = 400  # a message of IRC is a line of 512 bytes, with its head

#: Where the templates of the pages are, unless another directory is chosen.
TEMPLATES = str(Path(__file__).with_name("templates"))


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


class UsersModel(model.MethodModel):
    def initialize(self, *args, **kwargs):
        self.service = args[0]

    def wmfactory_users(self, request):
        return self.service.getUsers()


components.registerAdapter(UsersModel, IFingerService, interfaces.IModel)


class UserStatusTree(page.Page):
    """A list of the users, each with a link to what there is to say."""

    templateFile = "users.html"
    templateDirectory = TEMPLATES

    def initialize(self, *args, **kwargs):
        self.service = args[0]

    def getDynamicChild(self, path, request):
        child = UserStatus(user=path, service=self.service)
        child.templateDirectory = self.templateDirectory
        return child

    def wchild_RPC2(self, request):
        return UserStatusXR(self.service)


components.registerAdapter(UserStatusTree, IFingerService, resource.IResource)


class UserStatus(page.Page):
    templateFile = "user.html"

    def initialize(self, *args, **kwargs):
        self.user = kwargs["user"]
        self.service = kwargs["service"]

    def wmfactory_user(self, request):
        return self.user

    def wmfactory_status(self, request):
        return self.service.getUser(self.user)


class UserStatusXR(xmlrpc.XMLRPC):
    def __init__(self, service):
        super().__init__()
        self.service = service

    def xmlrpc_getUser(self, user):
        return self.service.getUser(str(user).encode()).addCallback(readable)

    def xmlrpc_getUsers(self):
        return self.service.getUsers().addCallback(lambda users: list(map(readable, users)))


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


class ServerContextFactory:
    def __init__(self, filename):
        self.filename = filename

    def getContext(self):
        """Create an SSL context: a sample that loads a key and a certificate from one file."""
        ctx = SSL.Context(SSL.TLS_METHOD)
        ctx.set_min_proto_version(SSL.TLS1_2_VERSION)
        ctx.use_certificate_chain_file(self.filename)
        ctx.use_privatekey_file(self.filename)
        return ctx


def makeService(config):
    """Easy configuration: one service of all parts.

    It takes a mapping: "file" names the users' file, "port" is where to answer. These may be there,
    and not None: "webport" for the web, with the templates in "templates"; "sslport" for the web by
    TLS, with "certificate"; "pbport" for perspective broker; "ircnick" for a bot on "ircserver",
    whose port may follow it, after a colon.
    """
    s = service.MultiService()
    f = FingerService(config["file"])
    f.setServiceParent(s)
    h = internet.TCPServer(config["port"], IFingerFactory(f))
    h.setServiceParent(s)
    r = resource.IResource(f)
    r.templateDirectory = config.get("templates") or TEMPLATES
    site = server.Site(r)
    if config.get("webport") is not None:
        j = internet.TCPServer(config["webport"], site)
        j.setServiceParent(s)
    if config.get("sslport") is not None:
        secure = ServerContextFactory(config["certificate"])
        k = internet.SSLServer(config["sslport"], site, secure)
        k.setServiceParent(s)
    if config.get("ircnick"):
        i = IIRCClientFactory(f)
        i.nickname = config["ircnick"]
        host, _, port = config["ircserver"].partition(":")
        b = internet.TCPClient(host, int(port or 6667), i)
        b.setServiceParent(s)
    if config.get("pbport") is not None:
        m = internet.TCPServer(config["pbport"], pb.PBServerFactory(IPerspectiveFinger(f)))
        m.setServiceParent(s)
    return s
