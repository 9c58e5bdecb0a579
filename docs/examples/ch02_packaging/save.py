"""Save an application in each form, as mktap does; then run one.

twistd -ns echo.tas
"""

from twisted.application import service, strports
from twisted.internet.protocol import Factory
from twisted.persisted import sob
from twisted.protocols.wire import Echo

application = service.Application("echo")
server = strports.service("tcp:0:interface=127.0.0.1", Factory.forProtocol(Echo))
server.setServiceParent(application)

saved = sob.IPersistable(application)
for style in ("pickle", "source", "xml"):
    saved.setStyle(style)
    saved.save()
