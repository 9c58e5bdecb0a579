"""Ask a finger server that speaks TLS, once it has proved who it is.

python finger_tls_client.py host port user cert.pem

The last file has the certificate of the server itself, or of the authority that issued it.
"""

import sys
from pathlib import Path

from twisted.internet import defer, endpoints, error, protocol, ssl, task


class Finger(protocol.Protocol):
    def __init__(self, user):
        self.user = user
        self.finished = defer.Deferred()

    def connectionMade(self):
        self.transport.write(self.user + b"\r\n")

    def dataReceived(self, data):
        print(data.decode(), end="")

    def connectionLost(self, reason):
        if reason.check(error.ConnectionDone):
            self.finished.callback(None)
        else:
            self.finished.errback(reason)


async def main(reactor, host, port, user, certificate):
    trusted = ssl.Certificate.loadPEM(Path(certificate).read_bytes())
    options = ssl.optionsForClientTLS("localhost", trustRoot=trusted)
    plain = endpoints.HostnameEndpoint(reactor, host, int(port))
    endpoint = endpoints.wrapClientTLS(options, plain)
    finger = await endpoints.connectProtocol(endpoint, Finger(user.encode()))
    try:
        await finger.finished
    except Exception as problem:
        raise SystemExit(f"{host} did not answer: {problem}") from None


if __name__ == "__main__":
    task.react(lambda *arguments: defer.Deferred.fromCoroutine(main(*arguments)), sys.argv[1:])
