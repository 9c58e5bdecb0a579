"""Commands after which the connection is another one: another protocol, or TLS.

TLS begins in the middle of a stream, and everything before it may come from anybody. So after a
request for TLS, and before TLS, there must be nothing: neither end sends boxes then. Bytes that
come all the same end the connection: those behind a request at once, and those behind an answer
when they turn out not to be TLS, which they are if the end that has asked is the server of TLS.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Final, NamedTuple

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.protocols.amp._arguments import Given
from twisted.protocols.amp._boxes import AmpBox
from twisted.protocols.amp._commands import Command
from twisted.protocols.amp._containers import Signature
from twisted.python.failure import Failure

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

START_TLS: Final = b"StartTLS"


class _SwitchBox(AmpBox):
    """An answer after which the connection speaks another protocol."""

    def __init__(self, protocol: Any) -> None:
        super().__init__()
        self._protocol = protocol

    def _ampEmit(self, protocol: Any) -> None:
        protocol.sendBox(self)
        protocol._ampSwitch(self._protocol)


class ProtocolSwitchCommand(Command):
    """Asks the peer to speak another protocol on the connection from now on.

    Its responder returns the protocol object for that end. At this end a factory makes one, when
    the peer has agreed; until then nothing else can be asked.

    Args:
        _protoToSwitchToFactory: the client factory for this end. If the peer does not agree, its
            `clientConnectionFailed` is called, and when the connection ends, its
            `clientConnectionLost`, both with None in the place of a connector.
        kw: the arguments.
    """

    def __init__(self, _protoToSwitchToFactory: Any, **kw: Any) -> None:
        self.protoToSwitchToFactory = _protoToSwitchToFactory
        super().__init__(**kw)

    @classmethod
    def makeResponse(cls, innerProto: Any, proto: Any) -> AmpBox:
        """Return the answer after which `innerProto` has the connection."""
        if not hasattr(innerProto, "makeConnection") or isinstance(innerProto, type):
            raise TypeError(f"the responder of a switch returns a protocol, not {innerProto!r}")
        return _SwitchBox(innerProto)

    def _ampAsk(self, dispatcher: Any) -> Deferred[Any] | None:
        pending = super()._ampAsk(dispatcher)
        # The answer is there already if the peer is in this process.
        if pending is not None and not pending.called:
            dispatcher.boxSender._ampLock()
        return pending

    def _ampAnswered(self, box: AmpBox, dispatcher: Any) -> Any:
        result = super()._ampAnswered(box, dispatcher)
        sender = dispatcher.boxSender
        factory = self.protoToSwitchToFactory
        sender._ampSwitch(factory.buildProtocol(sender.transport.getPeer()), factory)
        return result

    def _ampFailed(self, failure: Failure, dispatcher: Any) -> Failure:
        self.protoToSwitchToFactory.clientConnectionFailed(
            None, Failure(ConnectionLost("the connection was not given to another protocol"))
        )
        dispatcher.boxSender._ampUnlock()
        return super()._ampFailed(failure, dispatcher)


class TLSParameters(NamedTuple):
    """What one end brings to TLS."""

    certificate: Any
    authorities: Sequence[Any]

    @classmethod
    def of(cls, given: dict[str, Any]) -> TLSParameters:
        """Those that were given by name; a certificate of no worth if there is none."""
        return cls(
            given.get("tls_localCertificate") or _temporaryCertificate(),
            tuple(given.get("tls_verifyAuthorities") or ()),
        )

    def contextFactory(self) -> Any:
        """Return what makes connections with TLS."""
        return self.certificate.options(*self.authorities)


class _StartTLSBox(AmpBox):
    """An answer after which there is TLS."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[str, Any] = {}

    def _ampEmit(self, protocol: Any) -> None:
        protocol._ampAnswerWithTLS(self, TLSParameters.of(self.given))


class StartTLS(Command):
    """Asks the peer to begin TLS on the connection.

    Which end is the client of TLS depends on which has connected, not on which has asked. Nothing
    is sent until there is TLS. A responder for it returns a dict with the same two arguments, for
    that end; they do not go over the wire.

    Args:
        tls_localCertificate: a `twisted.internet.ssl.PrivateCertificate` to present. Without one, a
            temporary one is made, which no peer that looks at certificates accepts.
        tls_verifyAuthorities: `twisted.internet.ssl.Certificate` objects; that of the peer has to
            be issued by one of them. Without any, the peer may be anybody.
        kw: nothing else.
    """

    commandName: ClassVar[bytes] = START_TLS
    arguments: ClassVar[Signature] = [
        (b"tls_localCertificate", Given()),
        (b"tls_verifyAuthorities", Given()),
    ]
    response: ClassVar[Signature] = arguments
    responseType = _StartTLSBox

    def __init__(
        self, *, tls_localCertificate: Any = None, tls_verifyAuthorities: Any = None, **kw: Any
    ) -> None:
        super().__init__(
            tls_localCertificate=tls_localCertificate,
            tls_verifyAuthorities=tls_verifyAuthorities,
            **kw,
        )

    def _ampAsk(self, dispatcher: Any) -> Deferred[Any] | None:
        sender = dispatcher.boxSender
        if sender is not None:
            sender._ampCheckNoTLS()
        pending = super()._ampAsk(dispatcher)
        # The answer is there already if the peer is in this process.
        if pending is not None and not pending.called:
            sender._ampHold()
        return pending

    def _ampAnswered(self, box: AmpBox, dispatcher: Any) -> Any:
        dispatcher.boxSender._ampStartTLS(TLSParameters.of(self.structured))
        return {}

    def _ampFailed(self, failure: Failure, dispatcher: Any) -> Failure:
        dispatcher.boxSender._ampGoOnWithoutTLS()
        return super()._ampFailed(failure, dispatcher)


def peerCertificateOf(transport: Any) -> Any:
    """Return the certificate that the peer has presented; None if there is none."""
    return _ssl().Certificate.peerFromTransport(transport)


@cache
def _temporaryCertificate() -> Any:
    """A certificate that says nothing of its owner; one for the process, since it takes time."""
    ssl = _ssl()
    return ssl.KeyPair.generate().selfSignedCert(1, CN="temporary certificate")


def _ssl() -> Any:
    from twisted.internet import ssl

    return ssl
