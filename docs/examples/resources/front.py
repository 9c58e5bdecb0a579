"""A server in front of another, which is asked for what is below /app, by the host that is meant.

python front.py port host port      the port to listen at, 0 lets the system choose; the other
"""

import sys

from twisted.internet import reactor
from twisted.web import proxy, resource, server, static, vhost


def main(port, host, otherPort):
    root = resource.Resource()
    root.putChild(b"", static.Data(b"This is in front.\n", "text/plain"))
    root.putChild(b"app", proxy.ReverseProxyResource(host, int(otherPort), b""))
    hosts = vhost.NameVirtualHost()
    hosts.default = root
    hosts.addHost("app.example.com", proxy.ReverseProxyResource(host, int(otherPort), b""))
    listening = reactor.listenTCP(int(port), server.Site(hosts))
    if port == "0":
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
