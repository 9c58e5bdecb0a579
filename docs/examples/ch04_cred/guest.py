"""Log in to the server of deploy.py, and have it say something.

python guest.py host port [name [password]]     name and password of the guest by default
"""

import sys

from twisted.cred.credentials import UsernamePassword
from twisted.internet import reactor
from twisted.spread import pb


def main(host, port, name="guest", password="password"):
    factory = pb.PBClientFactory()
    reactor.connectTCP(host, int(port), factory)
    d = factory.login(UsernamePassword(name.encode(), password.encode()))
    d.addCallback(lambda avatar: avatar.callRemote("echo", "hello"))
    d.addCallbacks(print, lambda failure: print("Not let in:", failure.type))
    d.addBoth(lambda _: reactor.stop())
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
