"""Client connections that are opened once, without a factory of the program's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IConnector, IDelayedCall
from twisted.internet.protocol._factories import ClientFactory
from twisted.internet.protocol._streams import Protocol
from twisted.python.failure import Failure

__name__ = "twisted.internet.protocol"  # the public path, for pickles and messages

if TYPE_CHECKING:
    import typing_extensions

    _P = typing_extensions.TypeVar("_P", bound=Protocol, default=Any)
else:
    # To have the default at run time too, reactors would take a tenth longer to load.
    _P = TypeVar("_P", bound=Protocol)


class _OneConnectionFactory(ClientFactory[_P]):
    """Gives out one protocol that exists already, and fires a Deferred when it is connected."""

    noisy = False

    def __init__(self, reactor: Any, instance: _P) -> None:
        self.reactor = reactor
        self.instance = instance
        self.connector: Any = None
        self.planned: IDelayedCall | None = None
        self.result: Deferred[_P] | None = Deferred(self.cancelled)

    def __repr__(self) -> str:
        return f"<ClientCreator factory: {self.instance!r}>"

    def startedConnecting(self, connector: IConnector) -> None:
        self.connector = connector

    def buildProtocol(self, addr: IAddress | None) -> _P:
        # The transport calls makeConnection next; whoever waits must find it done.
        self.planned = self.reactor.callLater(0, self.succeed)
        return self.instance

    def succeed(self) -> None:
        self.planned = None
        result, self.result = self.result, None
        if result is not None:
            result.callback(self.instance)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        result, self.result = self.result, None
        if result is not None:
            result.errback(reason)

    def cancelled(self, result: Deferred[_P]) -> None:
        self.result = None
        if self.planned is None:
            self.connector.stopConnecting()
        else:
            self.planned.cancel()
            transport: Any = self.instance.transport
            transport.abortConnection()
        result.errback(error.ConnectingCancelledError(self.connector.getDestination()))


class ClientCreator(Generic[_P]):
    """Makes client connections that need no factory: each is asked for, and used, once.

    Each method returns a Deferred that fires with a connected protocol, or fails with an
    `error.ConnectError` or `error.DNSLookupError`. Cancelling it gives the attempt up and
    fails it with `error.ConnectingCancelledError`.

    Args:
        reactor: what connects.
        protocolClass: what makes the protocol, called with `args` and `kwargs`.
    """

    def __init__(
        self, reactor: Any, protocolClass: Callable[..., _P], *args: Any, **kwargs: Any
    ) -> None:
        self.reactor = reactor
        self.protocolClass = protocolClass
        self.args = args
        self.kwargs = kwargs

    def _connect(self, connect: Callable[[_OneConnectionFactory[_P]], IConnector]) -> Deferred[_P]:
        factory = _OneConnectionFactory(self.reactor, self.protocolClass(*self.args, **self.kwargs))
        result = factory.result
        assert result is not None
        factory.connector = connect(factory)
        return result

    def connectTCP(
        self,
        host: str,
        port: int,
        timeout: float = 30,
        bindAddress: tuple[str, int] | None = None,
    ) -> Deferred[_P]:
        """Connect to a TCP server; arguments as for `IReactorTCP.connectTCP`."""
        return self._connect(
            lambda factory: self.reactor.connectTCP(
                host, port, factory, timeout=timeout, bindAddress=bindAddress
            )
        )

    def connectUNIX(
        self, address: str | bytes, timeout: float = 30, checkPID: bool = False
    ) -> Deferred[_P]:
        """Connect to a UNIX socket; arguments as for `IReactorUNIX.connectUNIX`."""
        return self._connect(
            lambda factory: self.reactor.connectUNIX(
                address, factory, timeout=timeout, checkPID=checkPID
            )
        )

    def connectSSL(
        self,
        host: str,
        port: int,
        contextFactory: Any,
        timeout: float = 30,
        bindAddress: tuple[str, int] | None = None,
    ) -> Deferred[_P]:
        """Connect to a TLS server; arguments as for `IReactorSSL.connectSSL`."""
        return self._connect(
            lambda factory: self.reactor.connectSSL(
                host, port, factory, contextFactory, timeout=timeout, bindAddress=bindAddress
            )
        )
