"""2.15.3 Easy configuration: the package makes one service of all, from a few options.

PYTHONPATH=. twistd -ny simple-finger.tac   /etc/users, or $USERS; ports 79, 8000 and 8889, or
$FINGER, $WEB and $PB; the server irc.freenode.net, or $IRC

`twistd finger` of 2.16.2 takes the same options from its command line.
"""

import os

import finger

from twisted.application import service

options = {
    "file": os.environ.get("USERS", "/etc/users"),
    "port": int(os.environ.get("FINGER", 79)),
    "webport": int(os.environ.get("WEB", 8000)),
    "templates": finger.TEMPLATES,
    "ircnick": "fingerbot",
    "ircserver": os.environ.get("IRC", "irc.freenode.net"),
    "pbport": int(os.environ.get("PB", 8889)),
}
ser = finger.makeService(options)
application = service.Application("finger", uid=1, gid=1)
ser.setServiceParent(service.IServiceCollection(application))
