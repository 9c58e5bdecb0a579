"""A method that may fail.

python trap_server.py port
"""

import sys

from twisted.internet import reactor
from twisted.spread import pb


class MyException(pb.Error):
    pass


class One(pb.Root):
    def remote_fooMethod(self, arg):
        if arg == "panic!":
            raise MyException
        return "response"

    def remote_shutdown(self):
        reactor.stop()


if __name__ == "__main__":
    port = reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(One()))
    print("Listening on port", port.getHost().port, flush=True)
    reactor.run()
