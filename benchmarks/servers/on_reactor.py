"""The servers that are measured, on the reactor: one file, unchanged under each implementation.

usage: on_reactor.py KIND, where KIND is one of: echo, echo-once, stream, datagrams, tls-echo,
tls-echo-once, tls-stream, pb, http, https, websocket, xmlrpc.

Prints its port, then serves until it is ended.
"""

import signal
import sys
from pathlib import Path

from zope.interface import implementer

from twisted.internet import reactor
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol

LIFETIME_SECONDS = 300
CERTIFICATE = str(Path(__file__).parent.parent / "build" / "tls.pem")
CHUNK = bytes(64 * 1024)
PB_SIZE_LIMIT = 2 << 20


class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


class EchoOnce(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)
        self.transport.loseConnection()


@implementer(IPushProducer)
class Stream(Protocol):
    def connectionMade(self):
        self.transport.registerProducer(self, True)
        self.resumeProducing()

    def resumeProducing(self):
        self.flowing = True
        while self.flowing:
            self.transport.write(CHUNK)

    def pauseProducing(self):
        self.flowing = False

    stopProducing = pauseProducing


class EchoDatagrams(DatagramProtocol):
    def datagramReceived(self, datagram, addr):
        self.transport.write(datagram, addr)


def listen_pb():
    from twisted.spread import banana, pb

    class Root(pb.Root):
        def remote_echo(self, value):
            return value

    banana.SIZE_LIMIT = banana.Banana.sizeLimit = PB_SIZE_LIMIT
    return reactor.listenTCP(0, pb.PBServerFactory(Root()), interface="127.0.0.1")


def contexts():
    from OpenSSL import SSL

    from twisted.internet import ssl

    return ssl.DefaultOpenSSLContextFactory(CERTIFICATE, CERTIFICATE, SSL.TLS_METHOD)


def site():
    import json

    from twisted.web import resource, server, static

    sys.path.insert(0, str(Path(__file__).parent))
    from web_files import folder

    class Hello(resource.Resource):
        isLeaf = True

        def render_GET(self, request):
            return b"Hello, world!"

    class Echo(resource.Resource):
        isLeaf = True

        def render_POST(self, request):
            request.setHeader(b"content-type", b"application/json")
            return json.dumps(json.loads(request.content.read())).encode()

    root = resource.Resource()
    root.putChild(b"hello", Hello())
    root.putChild(b"json", Echo())
    root.putChild(b"files", static.File(str(folder())))
    return server.Site(root)


def listen_asgi():
    from twisted.web import asgi, server

    sys.path.insert(0, str(Path(__file__).parent))
    from on_asgi import application

    site = server.Site(asgi.ASGIResource(application))
    return reactor.listenTCP(0, site, backlog=2048, interface="127.0.0.1")


def listen_websocket():
    from twisted.web import resource, server
    from twisted.web.websocket import WebSocketResource

    class EchoMessages:
        @classmethod
        def buildProtocol(cls, request):
            return cls()

        def negotiationStarted(self, transport):
            self.transport = transport

        def negotiationFinished(self):
            pass

        def textMessageReceived(self, message):
            self.transport.sendTextMessage(message)

        def connectionLost(self, reason):
            pass

    root = resource.Resource()
    root.putChild(b"websocket", WebSocketResource(EchoMessages))
    return reactor.listenTCP(0, server.Site(root), backlog=2048, interface="127.0.0.1")


def listen_xmlrpc():
    from twisted.web import server, xmlrpc

    class Calls(xmlrpc.XMLRPC):
        def xmlrpc_order(self, customer, count, article):
            return {"customer": customer, "total": count * article["price"]}

    return reactor.listenTCP(0, server.Site(Calls()), backlog=2048, interface="127.0.0.1")


def listen(kind):
    if kind == "http":
        return reactor.listenTCP(0, site(), backlog=2048, interface="127.0.0.1")
    if kind == "https":
        return reactor.listenSSL(0, site(), contexts(), backlog=2048, interface="127.0.0.1")
    if kind == "asgi":
        return listen_asgi()
    if kind == "websocket":
        return listen_websocket()
    if kind == "xmlrpc":
        return listen_xmlrpc()
    if kind == "pb":
        return listen_pb()
    if kind == "datagrams":
        return reactor.listenUDP(0, EchoDatagrams(), interface="127.0.0.1")
    tls, kind = kind.startswith("tls-"), kind.removeprefix("tls-")
    factory = Factory.forProtocol({"echo": Echo, "echo-once": EchoOnce, "stream": Stream}[kind])
    factory.noisy = False
    if tls:
        return reactor.listenSSL(0, factory, contexts(), backlog=2048, interface="127.0.0.1")
    return reactor.listenTCP(0, factory, backlog=2048, interface="127.0.0.1")


if __name__ == "__main__":
    signal.alarm(LIFETIME_SECONDS)
    print(listen(sys.argv[1]).getHost().port, flush=True)
    reactor.run()
