"""Serve the realm of realm.py to guests who know the password.

python deploy.py [port]     port 9986 by default; 0 lets the system choose
"""

import sys

from realm import SimpleRealm

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.spread import pb


def main(port=9986):
    portal = Portal(SimpleRealm())
    checker = InMemoryUsernamePasswordDatabaseDontUse()
    checker.addUser("guest", "password")
    portal.registerChecker(checker)
    listening = reactor.listenTCP(port, pb.PBServerFactory(portal))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
