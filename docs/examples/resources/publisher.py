"""A process with resources, which another serves: see subscriber.py.

python publisher.py [port]      port 8787 by default, on the loopback; 0 lets the system choose
"""

import os
import sys

from twisted.internet import reactor
from twisted.spread import pb
from twisted.web import distrib, resource, server


class Who(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        asked = request.prePathURL().decode("ascii")
        said = f"Process {os.getpid()} answers {request.getClientIP()} at {asked}\n"
        return said.encode()

    def render_POST(self, request):
        return b"%d bytes\n" % len(request.content.read())


def main(port=8787):
    factory = pb.PBServerFactory(distrib.ResourcePublisher(server.Site(Who())))
    listening = reactor.listenTCP(port, factory, interface="127.0.0.1")
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
