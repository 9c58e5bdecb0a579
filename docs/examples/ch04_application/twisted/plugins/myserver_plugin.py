"""The server as a command: twistd -n myserver --auth memory:alice:secret."""

from myserver import myservice
from zope.interface import implementer

from twisted.application import internet
from twisted.application.service import IServiceMaker
from twisted.cred import credentials, strcred
from twisted.cred.portal import Portal
from twisted.plugin import IPlugin
from twisted.python import usage


class ServerOptions(usage.Options, strcred.AuthOptionMixin):
    # This part is optional; it tells AuthOptionMixin what kinds of credential interfaces the user
    # can give us.
    supportedInterfaces = (credentials.IUsernamePassword,)
    optParameters = [
        ["port", "p", 1234, "Server port number", usage.portCoerce],
        ["host", "h", "localhost", "Server hostname"],
    ]


@implementer(IServiceMaker, IPlugin)
class MyServerServiceMaker:
    tapname = "myserver"
    description = "This server does nothing productive."
    options = ServerOptions

    def makeService(self, options):
        """Construct a service object."""
        # The realm is a custom object that your server defines.
        realm = myservice.MyServerRealm(options["host"])
        # The portal is something that cred provides, as long as you have a list of checkers that
        # you'll support. This list is provided by AuthOptionMixin: all of them, or, if you know
        # which interface you want, those for one interface.
        interface = credentials.IUsernamePassword
        portal = Portal(realm, options["credInterfaces"][interface])
        # The protocol factory is, like the realm, something you implement.
        factory = myservice.ServerFactory(realm, portal)
        # Finally, return a service that will listen for connections.
        return internet.TCPServer(options["port"], factory, interface=options["host"])


serviceMaker = MyServerServiceMaker()
