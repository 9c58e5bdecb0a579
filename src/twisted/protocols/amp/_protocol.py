"""Boxes on a connection, and the two together with commands: `AMP`."""

from __future__ import annotations

from typing import Any, Final

from zope.interface import implementer

from twisted.internet.error import ConnectionClosed, ConnectionLost, PeerVerifyError
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.protocols.amp._boxes import (
    MAX_BOX_LENGTH,
    MAX_KEY_LENGTH,
    MAX_VALUE_LENGTH,
    AmpBox,
    BoxParser,
)
from twisted.protocols.amp._descriptors import DescriptorExchanger
from twisted.protocols.amp._dispatcher import ANSWER, ASK, COMMAND, ERROR, BoxDispatcher
from twisted.protocols.amp._errors import (
    AmpError,
    MalformedAmpBox,
    OnlyOneTLS,
    ProtocolSwitched,
    TooLong,
)
from twisted.protocols.amp._interfaces import IBoxSender
from twisted.protocols.amp._locators import CommandLocator, Responder, SimpleStringLocator
from twisted.protocols.amp._switching import START_TLS, TLSParameters, peerCertificateOf
from twisted.protocols.basic import Int16StringReceiver, StatefulStringProtocol
from twisted.python.failure import Failure

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

_PLAINTEXT: Final = "bytes in plain text between a request for TLS and TLS"

_log = Logger(namespace="twisted.protocols.amp")


@implementer(IBoxSender)
class BinaryBoxProtocol(StatefulStringProtocol, Int16StringReceiver, DescriptorExchanger):
    """Sends and receives boxes.

    A peer that breaks the rules is told nothing: the connection is closed, and ends with an
    `AmpError` that names the offence, which goes to `IBoxReceiver.stopReceivingBoxes`.

    Args:
        boxReceiver: an `IBoxReceiver`, which gets the boxes.

    Attributes:
        hostCertificate: what this end has presented, once there is TLS; else None.
        noPeerCertificate: whether the peer was not asked for a certificate.
        innerProtocol: the protocol that the connection was switched to; else None.
        innerProtocolClientFactory: the factory that has made it, at the end that asked for it.
        maxBoxLength: how many bytes a box of the peer may have.
    """

    MAX_LENGTH = MAX_KEY_LENGTH
    maxBoxLength: int = MAX_BOX_LENGTH

    hostCertificate: Any = None
    noPeerCertificate: bool = False
    innerProtocol: Any = None
    innerProtocolClientFactory: Any = None

    # On the class, since subclasses need not call __init__.
    _ampParser: BoxParser | None = None
    _ampReading = False
    # What the peer has done wrong.
    _ampOffence: Failure | None = None
    # The connection speaks another protocol, or may soon.
    _ampSwitching = False
    # Boxes to be sent once TLS is there; None while nothing holds them back.
    _ampHeld: list[bytes] | None = None
    # The peer has asked for TLS with this tag: what comes before TLS may come from anybody.
    _ampTLSTag: bytes | None = None
    # TLS has begun, and nothing has come over it.
    _ampVerifying = False
    _ampBoxInParts: AmpBox | None = None
    _ampKeyOfPart = b""

    def __init__(self, boxReceiver: Any) -> None:
        self.boxReceiver = boxReceiver

    def makeConnection(self, transport: Any) -> None:
        """Remember the transport, and tell the receiver of boxes."""
        self.transport = transport
        self._ampParser = BoxParser(self.maxBoxLength)
        self.boxReceiver.startReceivingBoxes(self)
        super().makeConnection(transport)

    # Receiving

    def dataReceived(self, data: bytes) -> None:
        """Deliver the boxes that `data` completes."""
        if self.innerProtocol is not None:
            self.innerProtocol.dataReceived(data)
            return
        parser = self._ampParser
        if parser is None:
            parser = self._ampParser = BoxParser(self.maxBoxLength)
        parser.receive(data)
        if self._ampReading:
            return  # It came during a callback, and is read after it.
        self._ampReading = True
        try:
            self._ampRead(parser)
        finally:
            self._ampReading = False

    def _ampRead(self, parser: BoxParser) -> None:
        self._ampVerifying = False
        try:
            while self._ampOffence is None and not self.paused:
                if self.innerProtocol is not None:
                    rest = parser.take()
                    if rest:
                        self.innerProtocol.dataReceived(rest)
                    return
                if self._ampTLSTag is not None and not parser.idle:
                    raise MalformedAmpBox(_PLAINTEXT)
                box = parser.next()
                if box is None:
                    return
                if box.get(COMMAND) == START_TLS and self.hostCertificate is None:
                    self._ampTLSTag = box.get(ASK)
                self.boxReceiver.ampBoxReceived(box)
        except AmpError as error:
            self._ampOffend(error)

    def _recvDeliver(self) -> None:
        """Deliver what could not be while the protocol was paused."""
        if self.innerProtocol is None:
            self.dataReceived(b"")

    def _ampOffend(self, error: Exception) -> None:
        """The peer has broken the rules: close the connection."""
        if self._ampOffence is not None:
            return
        self._ampOffence = Failure(error)
        if self._ampParser is not None:
            self._ampParser.take()
        _log.warn(
            "{peer} breaks the rules of AMP, and is disconnected: {error!r}",
            peer=self.transport.getPeer(),
            error=error,
        )
        self.transport.loseConnection()

    def lengthLimitExceeded(self, length: int) -> None:
        """A key is too long: close the connection."""
        self._ampOffend(TooLong(True, False, None, None))

    # Strings one by one, for whoever gets them from somewhere else than `dataReceived`.

    def proto_init(self, string: bytes) -> str:
        """The first key of a box has come, or its end."""
        self._ampBoxInParts = AmpBox()
        return self.proto_key(string)

    def proto_key(self, string: bytes) -> str:
        """A key has come, or the end of the box."""
        if string:
            self._ampKeyOfPart = string
            self.MAX_LENGTH = MAX_VALUE_LENGTH
            return "value"
        box, self._ampBoxInParts = self._ampBoxInParts, None
        self.boxReceiver.ampBoxReceived(box)
        return "init"

    def proto_value(self, string: bytes) -> str:
        """A value has come."""
        if self._ampBoxInParts is not None:
            self._ampBoxInParts[self._ampKeyOfPart] = string
        self.MAX_LENGTH = MAX_KEY_LENGTH
        return "key"

    # Sending

    def sendBox(self, box: AmpBox) -> None:
        """Send a box.

        Raises:
            ProtocolSwitched: The connection speaks another protocol now.
            ConnectionLost: There is no connection.
            TooLong, TypeError, ValueError: It cannot be sent; see `AmpBox.serialize`.
        """
        if self._ampSwitching:
            raise ProtocolSwitched("the connection speaks another protocol now, no boxes")
        if self.transport is None:
            raise ConnectionLost()
        data = box.serialize()
        if self._ampTLSTag is not None and self._ampTLSTag in (box.get(ANSWER), box.get(ERROR)):
            self._ampTLSTag = None
        if self._ampHeld is None:
            self.transport.write(data)
        else:
            self._ampHeld.append(data)

    def unhandledError(self, failure: Failure) -> None:
        """Log an error that nobody takes care of, and close the connection."""
        _log.failure(
            "An error in AMP that nobody takes care of; the connection is closed. "
            "(Each callRemote needs an errback.)",
            failure,
        )
        if self.transport is not None:
            self.transport.loseConnection()

    # Another protocol

    def _ampLock(self) -> None:
        """Send no more boxes: the peer is asked to speak another protocol."""
        self._ampSwitching = True

    def _ampUnlock(self) -> None:
        """The peer does not want to speak another protocol."""
        self._ampSwitching = False

    def _ampSwitch(self, protocol: Any, clientFactory: Any = None) -> None:
        """Give the connection, and what comes after the present box, to another protocol."""
        if self.innerProtocol is not None:
            raise ProtocolSwitched("the connection speaks another protocol already")
        self._ampSwitching = True
        self.innerProtocol = protocol
        self.innerProtocolClientFactory = clientFactory
        protocol.makeConnection(self.transport)

    # TLS

    def _ampCheckNoTLS(self) -> None:
        if self.hostCertificate is not None or self._ampHeld is not None:
            raise OnlyOneTLS("TLS has been asked for on this connection before")

    def _ampHold(self) -> None:
        """Keep boxes back until there is TLS: the peer is asked for it."""
        self._ampHeld = []

    def _ampAnswerWithTLS(self, answer: AmpBox, parameters: TLSParameters) -> None:
        """Agree to TLS, and begin it. The peer waits for that, and so can have said nothing."""
        self._ampCheckNoTLS()
        if self._ampParser is not None and not self._ampParser.idle:
            self._ampOffend(MalformedAmpBox(_PLAINTEXT))
            return
        self.sendBox(answer)
        self._ampStartTLS(parameters)

    def _ampStartTLS(self, parameters: TLSParameters) -> None:
        """Begin TLS: both ends have agreed."""
        self.hostCertificate = parameters.certificate
        self.noPeerCertificate = not parameters.authorities
        self._ampVerifying = True
        # What stands behind the answer to our request is TLS already, if the peer is its client.
        rest = b"" if self._ampParser is None else self._ampParser.take()
        self.transport.startTLS(parameters.contextFactory())
        if rest:
            self.transport.protocol.dataReceived(rest)
        held, self._ampHeld = self._ampHeld, None
        if held:
            self.transport.write(b"".join(held))

    def _ampGoOnWithoutTLS(self) -> None:
        """The peer does not want TLS: what was meant to be sent over it is not sent at all."""
        held, self._ampHeld = self._ampHeld, None
        if held:
            self._ampOffend(MalformedAmpBox("TLS is refused, and there was more to say over it"))

    @property
    def peerCertificate(self) -> Any:
        """The certificate that the peer has presented; None if it was not asked for one."""
        if self.noPeerCertificate or self.hostCertificate is None:
            return None
        return peerCertificateOf(self.transport)

    # The end

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell everybody that the connection has ended, and why."""
        self._ampCloseDescriptors()
        if self.innerProtocol is not None:
            self.innerProtocol.connectionLost(reason)
            if self.innerProtocolClientFactory is not None:
                self.innerProtocolClientFactory.clientConnectionLost(None, reason)
        if self._ampOffence is not None:
            reason = self._ampOffence
        elif self._ampVerifying and reason.check(ConnectionClosed):
            reason = Failure(
                PeerVerifyError("the peer has hung up on TLS: perhaps it rejects our certificate")
            )
        self.boxReceiver.stopReceivingBoxes(reason)


class AMP(BinaryBoxProtocol, BoxDispatcher, CommandLocator, SimpleStringLocator):
    """A connection on which both ends may ask and answer.

    Subclass it with methods that answer commands, each declared with `Command.responder`, and ask
    the peer with `callRemote`.

    Args:
        boxReceiver: an `IBoxReceiver` that gets the boxes; by default, this object.
        locator: an `IResponderLocator` that knows who answers what; by default, this object.
    """

    def __init__(self, boxReceiver: Any = None, locator: Any = None) -> None:
        BinaryBoxProtocol.__init__(self, self if boxReceiver is None else boxReceiver)
        BoxDispatcher.__init__(self, self if locator is None else locator)

    def locateResponder(self, name: bytes) -> Responder | None:
        """Return what answers a command.

        A method declared with `Command.responder` comes before one called ``amp_<NAME>``.
        """
        declared = CommandLocator.locateResponder(self, name)
        if declared is not None:
            return declared
        return SimpleStringLocator.locateResponder(self, name)

    def __repr__(self) -> str:
        inside = f" inner {self.innerProtocol!r}" if self.innerProtocol is not None else ""
        return f"<{type(self).__name__}{inside} at {id(self):#x}>"

    def makeConnection(self, transport: Any) -> None:
        """There is a connection: log it, and begin."""
        self._ampLog("established", transport)
        super().makeConnection(transport)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection has ended: log it, and fail what has not been answered."""
        self._ampLog("lost", self.transport)
        BinaryBoxProtocol.connectionLost(self, reason)
        self.transport = None

    def _ampLog(self, what: str, transport: Any) -> None:
        if transport is None:
            return
        _log.info(
            "{name} connection {what} (HOST:{host} PEER:{peer})",
            name=type(self).__name__,
            what=what,
            host=transport.getHost(),
            peer=transport.getPeer(),
        )
