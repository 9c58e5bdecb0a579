"""The project as a command: twistd -n myproject --port 1235."""

from myproject import MyFactory
from zope.interface import implementer

from twisted.application import internet
from twisted.application.service import IServiceMaker
from twisted.plugin import IPlugin
from twisted.python import usage


class Options(usage.Options):
    optParameters = [["port", "p", 1235, "The port number to listen on.", usage.portCoerce]]


@implementer(IServiceMaker, IPlugin)
class MyServiceMaker:
    tapname = "myproject"
    description = "Run this! It'll make your dog happy."
    options = Options

    def makeService(self, options):
        """Construct a TCPServer from a factory defined in myproject."""
        return internet.TCPServer(options["port"], MyFactory())


# Now construct an object which provides the relevant interfaces. The name of this variable is
# irrelevant, as long as there is some name bound to a provider of IPlugin and IServiceMaker.
serviceMaker = MyServiceMaker()
