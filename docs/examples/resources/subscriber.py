"""A server of which some pages are those of another process: see publisher.py.

python subscriber.py [port [publisher]]     ports 8000 and 8787 by default
"""

import sys

from twisted.internet import reactor
from twisted.web import distrib, resource, server, static


def main(port=8000, publisher=8787):
    root = resource.Resource()
    root.putChild(b"", static.Data(b"This is here.\n", "text/plain"))
    root.putChild(b"there", distrib.ResourceSubscription("127.0.0.1", publisher))
    listening = reactor.listenTCP(port, server.Site(root))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
