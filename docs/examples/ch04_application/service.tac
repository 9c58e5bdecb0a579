# You can run this .tac file directly with:
#    twistd -ny service.tac
"""
An application that tells, on port 8080 or $PORT, which files are in the working directory.

The important part of this, the part that makes it a .tac file, is the final root-level section,
which sets up the object called 'application' which twistd will look for.
"""

import os

from twisted.application import internet, service
from twisted.internet import protocol


class Listing(protocol.Protocol):
    def connectionMade(self):
        for name in sorted(os.listdir(self.factory.directory)):
            self.transport.write(os.fsencode(name) + b"\n")
        self.transport.loseConnection()


def getListingService():
    """Return a service suitable for creating an application object."""
    factory = protocol.ServerFactory()
    factory.protocol = Listing
    factory.directory = os.getcwd()
    return internet.TCPServer(int(os.environ.get("PORT", 8080)), factory)


# this is the core part of any tac file, the creation of the root-level application object
application = service.Application("Demo application")

# attach the service to its parent application
listing = getListingService()
listing.setServiceParent(application)
