"""Pages for those who log in: as bob, with the password secret.

python private.py [port]        port 8000 by default; 0 lets the system choose
"""

import sys

from zope.interface import implementer

from twisted.cred import checkers, portal
from twisted.internet import reactor
from twisted.web import guard, resource, server


class Private(resource.Resource):
    isLeaf = True

    def __init__(self, name):
        super().__init__()
        self.name = name

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        return b"Only " + self.name + b" sees this.\n"


@implementer(portal.IRealm)
class Realm:
    def requestAvatar(self, avatarId, mind, *interfaces):
        if resource.IResource not in interfaces:
            raise NotImplementedError("there are pages only")
        return resource.IResource, Private(avatarId), lambda: None


def main(port=8000):
    # A real program has hashes of passwords: see twisted.cred.checkers.FilePasswordDB.
    passwords = checkers.InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")
    factories = [
        guard.DigestCredentialFactory("sha-256", "example"),
        guard.DigestCredentialFactory("md5", "example"),
    ]
    root = guard.HTTPAuthSessionWrapper(portal.Portal(Realm(), [passwords]), factories)
    listening = reactor.listenTCP(port, server.Site(root))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
