"""An application: an echo server on port 7001, or $PORT.

twistd -ny echo.tac
"""

import os

from twisted.application import internet, service
from twisted.internet import protocol
from twisted.protocols import wire

application = service.Application("echo")
factory = protocol.ServerFactory()
factory.protocol = wire.Echo
echoService = internet.TCPServer(int(os.environ.get("PORT", 7001)), factory)
echoService.setServiceParent(application)
