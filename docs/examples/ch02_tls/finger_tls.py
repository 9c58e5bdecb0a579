"""2.13.2 Support TLS: a context factory, and one factory for finger on two ports.

python finger_tls.py [port] [port for TLS] [server.pem]   ports 1079 and 1080 by default; 0 lets
the system choose

The file has the key and the certificate, as does what this makes:

openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost \\
    -keyout key.pem -out cert.pem
cat key.pem cert.pem > server.pem
"""

import sys

from OpenSSL import SSL

from twisted.internet import protocol, reactor
from twisted.protocols import basic


class FingerProtocol(basic.LineReceiver):
    def lineReceived(self, user):
        self.transport.write(self.factory.users.get(user, b"No such user") + b"\r\n")
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    protocol = FingerProtocol

    def __init__(self, **users):
        self.users = {name.encode(): status for name, status in users.items()}


class ServerContextFactory:
    def __init__(self, filename):
        self.filename = filename

    def getContext(self):
        """Create an SSL context: a sample that loads a key and a certificate from one file."""
        ctx = SSL.Context(SSL.TLS_METHOD)
        ctx.set_min_proto_version(SSL.TLS1_2_VERSION)
        ctx.use_certificate_chain_file(self.filename)
        ctx.use_privatekey_file(self.filename)
        return ctx


def main(port=1079, tlsPort=1080, filename="server.pem"):
    factory = FingerFactory(moshez=b"Happy and well")
    plain = reactor.listenTCP(int(port), factory)
    secured = reactor.listenSSL(int(tlsPort), factory, ServerContextFactory(filename))
    ports = plain.getHost().port, secured.getHost().port
    print("Listening on port {}, with TLS on {}".format(*ports), flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
