"""Two brokers that are connected in memory."""

from __future__ import annotations

from typing import Any

from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.spread import pb


class Wire(StringTransport):
    """A transport that can be written to by what is collected together with it."""

    def clear(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: Any) -> None:
        self._written.append(data)

    def value(self) -> bytes:
        return b"".join(self._written)


class Pair:
    """A server and a client; `pump` carries what they have to say.

    Attributes:
        server: the server's broker.
        client: the client's.
        root: the client's reference to what is served.
    """

    def __init__(
        self,
        root: Any,
        serverFactory: pb.PBServerFactory | None = None,
        clientFactory: pb.PBClientFactory | None = None,
    ) -> None:
        self.serverFactory = serverFactory or pb.PBServerFactory(root)
        self.clientFactory = clientFactory or pb.PBClientFactory()
        self.server = self.serverFactory.buildProtocol(None)
        self.client = self.clientFactory.buildProtocol(None)
        self._ways: list[tuple[Wire, pb.Broker]] = []
        for sender, receiver in ((self.server, self.client), (self.client, self.server)):
            transport = Wire()
            sender.makeConnection(transport)
            self._ways.append((transport, receiver))
        self.pump()
        found: list[Any] = []
        self.clientFactory.getRootObject().addCallback(found.append)
        (self.root,) = found

    def pump(self) -> None:
        """Carry all that is to be said, until there is no more."""
        moved = True
        while moved:
            moved = False
            for transport, receiver in self._ways:
                if transport.producer is not None and not transport.streaming:
                    transport.producer.resumeProducing()
                data = transport.value()
                transport.clear()
                if data:
                    moved = True
                    receiver.dataReceived(data)

    def result(self, deferred: Any) -> Any:
        """What a Deferred has after pumping: its result, or the Failure."""
        self.pump()
        found: list[Any] = []
        deferred.addBoth(found.append)
        assert found, "there is no answer"
        return found[0]

    def call(self, *args: Any, **kw: Any) -> Any:
        """Call a method of the root object: what it returns, or the Failure."""
        return self.result(self.root.callRemote(*args, **kw))

    def disconnect(self, reason: BaseException) -> None:
        """End the connection, on both sides."""
        for _, receiver in self._ways:
            receiver.connectionLost(Failure(reason))
