"""2.15.2 Organization: the code is in the package finger, and here is the configuration alone.

PYTHONPATH=. twistd -ny organized-finger.tac   /etc/users, or $USERS; server.pem, or $PEM; ports 79,
8000, 443 and 8889 (perspective broker), or $FINGER, $WEB, $HTTPS and $PB; the server
irc.freenode.org:6667, or $IRC
"""

import os

import finger

from twisted.application import internet, service
from twisted.spread import pb
from twisted.web import resource, server

application = service.Application("finger", uid=1, gid=1)
f = finger.FingerService(os.environ.get("USERS", "/etc/users"))
serviceCollection = service.IServiceCollection(application)
f.setServiceParent(serviceCollection)
plain = internet.TCPServer(int(os.environ.get("FINGER", 79)), finger.IFingerFactory(f))
plain.setServiceParent(serviceCollection)
site = server.Site(resource.IResource(f))
web = internet.TCPServer(int(os.environ.get("WEB", 8000)), site)
web.setServiceParent(serviceCollection)
pem = os.environ.get("PEM", "server.pem")
https = internet.SSLServer(
    int(os.environ.get("HTTPS", 443)), site, finger.ServerContextFactory(pem)
)
https.setServiceParent(serviceCollection)
i = finger.IIRCClientFactory(f)
i.nickname = "fingerbot"
host, port = os.environ.get("IRC", "irc.freenode.org:6667").rsplit(":", 1)
bot = internet.TCPClient(host, int(port), i)
bot.setServiceParent(serviceCollection)
root = pb.PBServerFactory(finger.IPerspectiveFinger(f))
broker = internet.TCPServer(int(os.environ.get("PB", 8889)), root)
broker.setServiceParent(serviceCollection)
