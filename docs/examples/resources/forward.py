"""A proxy for clients, which writes what they ask for.

python forward.py [port]        port 8080 by default, on the loopback; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.web import http, proxy


class Told(proxy.ProxyRequest):
    def process(self):
        print(self.method.decode(), self.uri.decode("latin-1"), flush=True)
        super().process()


class Channel(proxy.Proxy):
    requestFactory = Told


def main(port=8080):
    factory = http.HTTPFactory()
    factory.protocol = Channel
    listening = reactor.listenTCP(port, factory, interface="127.0.0.1")
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
