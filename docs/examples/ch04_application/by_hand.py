"""Run an application without twistd, which is not much more than this.

python by_hand.py [PORT]
"""

import sys

from twisted.application import internet, service
from twisted.internet import protocol, reactor
from twisted.protocols import wire

application = service.Application("echo")
factory = protocol.ServerFactory()
factory.protocol = wire.Echo
number = int(sys.argv[1]) if len(sys.argv) > 1 else 7001
server = internet.TCPServer(number, factory)
server.setServiceParent(application)

root = service.IService(application)
root.startService()
reactor.addSystemEventTrigger("before", "shutdown", root.stopService)
reactor.callWhenRunning(
    lambda: print(f"Listening on port {server._port.getHost().port}", flush=True)
)
reactor.run()
