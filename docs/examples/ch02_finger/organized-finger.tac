"""2.15.2 Organization: the code is in the package finger, and here is the configuration alone.

PYTHONPATH=. twistd -ny organized-finger.tac   /etc/users, or $USERS; ports 79 and 8889 (perspective
broker), or $FINGER and $PB

The listing's web site, on a port of its own and with TLS, and its IRC bot need twisted.web and
twisted.words.
"""

import os

import finger

from twisted.application import internet, service
from twisted.spread import pb

application = service.Application("finger", uid=1, gid=1)
f = finger.FingerService(os.environ.get("USERS", "/etc/users"))
serviceCollection = service.IServiceCollection(application)
f.setServiceParent(serviceCollection)
server = internet.TCPServer(int(os.environ.get("FINGER", 79)), finger.IFingerFactory(f))
server.setServiceParent(serviceCollection)
root = pb.PBServerFactory(finger.IPerspectiveFinger(f))
broker = internet.TCPServer(int(os.environ.get("PB", 8889)), root)
broker.setServiceParent(serviceCollection)
