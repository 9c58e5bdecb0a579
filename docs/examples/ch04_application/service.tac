# You can run this .tac file directly with:
#    twistd -ny service.tac
"""
This is an example .tac file which starts a web server on port 8080, or $PORT, and serves files from
the current working directory.

The important part of this, the part that makes it a .tac file, is the final root-level section,
which sets up the object called 'application' which twistd will look for.
"""

import os

from twisted.application import internet, service
from twisted.web import server, static


def getWebService():
    """
    Return a service suitable for creating an application object.

    This service is a simple web server that serves files from underneath the current working
    directory.
    """
    # create a resource to serve static files
    fileServer = server.Site(static.File(os.getcwd()))
    return internet.TCPServer(int(os.environ.get("PORT", 8080)), fileServer)


# this is the core part of any tac file, the creation of the root-level application object
application = service.Application("Demo application")

# attach the service to its parent application
web = getWebService()
web.setServiceParent(application)
