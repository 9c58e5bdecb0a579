"""Methods that fail: as one expects of them, and not.

python exc_server.py port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


class MyError(pb.Error):
    """This is an Expected Exception.  Something bad happened."""


class MyError2(Exception):
    """This is an Unexpected Exception.  Something really bad happened."""


class One(pb.Root):
    def remote_broken(self):
        msg = "fall down go boom"
        print(f"raising a MyError exception with data '{msg}'")
        raise MyError(msg)

    def remote_broken2(self):
        msg = "hadda owie"
        print(f"raising a MyError2 exception with data '{msg}'")
        raise MyError2(msg)


if __name__ == "__main__":
    port = reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(One()))
    print("Listening on port", port.getHost().port, flush=True)
    reactor.run()
