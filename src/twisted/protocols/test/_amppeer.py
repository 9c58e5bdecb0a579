"""The other end of AMP, under whichever `twisted` the interpreter has.

As a program, it listens or connects as it is told, and answers:

    python -P _amppeer.py listen|listen-unix|connect <path or port> <PEM file>

Nothing of this file is particular to one implementation: it is the test's program, and its
declarations are those of both ends.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.protocols import amp

ROW = [(b"number", amp.Integer()), (b"text", amp.Unicode(optional=True))]

EVERYTHING: Any = [
    (b"integer", amp.Integer()),
    (b"bytes", amp.String()),
    (b"text", amp.Unicode()),
    (b"float", amp.Float()),
    (b"boolean", amp.Boolean()),
    (b"decimal", amp.Decimal()),
    (b"moment", amp.DateTime()),
    (b"numbers", amp.ListOf(amp.Integer())),
    (b"nested", amp.ListOf(amp.ListOf(amp.Unicode()))),
    (b"rows", amp.AmpList(ROW)),
    (b"path", amp.Path()),
    (b"left-out", amp.Integer(optional=True)),
    (b"class", amp.Integer()),
]


class Repeat(amp.Command):
    """Answers with what it gets: each type there is."""

    arguments = EVERYTHING
    response = EVERYTHING


class Back(amp.Command):
    """Has the other end ask `Repeat` in its turn, and answers with that answer."""

    arguments = EVERYTHING
    response = EVERYTHING


class Refuse(amp.Command):
    """Fails."""

    arguments = [(b"fatal", amp.Boolean())]
    errors = {LookupError: b"LOOKUP"}
    fatalErrors = {ArithmeticError: b"ARITHMETIC"}


class Bug(amp.Command):
    """Fails as nobody has declared."""


class Nobody(amp.Command):
    """Has no responder."""


class Read(amp.Command):
    """Reads the file that it gets, and answers with it and a descriptor of the answerer's."""

    arguments = [(b"file", amp.Descriptor())]
    response = [(b"content", amp.String()), (b"null", amp.Descriptor())]


class Secure(amp.Command):
    """Has the other end ask for TLS."""


class Switch(amp.ProtocolSwitchCommand):
    """Makes the connection one that repeats what it gets."""


class Shout(Protocol):
    """Answers in capitals."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data.upper())


class Peer(amp.AMP):
    """Answers all of them."""

    #: The path of a certificate and its key, which is its own authority.
    pem = ""

    def parameters(self) -> dict[str, Any]:
        """What this end brings to TLS."""
        from twisted.internet import ssl

        with open(self.pem, "rb") as file:
            text = file.read()
        return {
            "tls_localCertificate": ssl.PrivateCertificate.loadPEM(text),
            "tls_verifyAuthorities": [ssl.Certificate.loadPEM(text)],
        }

    @Repeat.responder
    def repeat(self, **everything: Any) -> Any:
        return everything

    @Back.responder
    def back(self, **everything: Any) -> Any:
        return self.callRemote(Repeat, **everything)

    @Refuse.responder
    def refuse(self, fatal: bool) -> Any:
        if fatal:
            raise ZeroDivisionError("the last")
        raise LookupError("caf\xe9")

    @Bug.responder
    def bug(self) -> Any:
        raise ValueError("a secret")

    @Read.responder
    def read(self, file: int) -> Any:
        with os.fdopen(file, "rb") as stream:
            return {"content": stream.read(), "null": os.open(os.devnull, os.O_RDONLY)}

    @Secure.responder
    def secure(self) -> Any:
        # After this answer: it has to be in plain text.
        loop: Any = reactor
        loop.callLater(0, self.callRemote, amp.StartTLS, **self.parameters())
        return {}

    @Switch.responder
    def switch(self) -> Any:
        return Shout()

    @amp.StartTLS.responder
    def startTLS(self) -> Any:
        return self.parameters()


def main(how: str, where: str, pem: str) -> None:
    """Be the other end of one connection after the other, until killed."""
    Peer.pem = pem
    loop: Any = reactor
    if how == "connect":
        loop.connectTCP("127.0.0.1", int(where), ClientFactory.forProtocol(Peer))
    elif how == "listen-unix":
        loop.listenUNIX(where, Factory.forProtocol(Peer))
        print("ready", flush=True)
    else:
        port = loop.listenTCP(0, Factory.forProtocol(Peer), interface="127.0.0.1")
        print(port.getHost().port, flush=True)
    loop.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
