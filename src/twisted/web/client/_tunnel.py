"""Connections through a proxy that passes on what it cannot read: CONNECT (RFC 9110, 9.3.6)."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web._h1 import RemoteError, RequestWriter, ResponseHead, ResponseReader
from twisted.web._limits import Limits
from twisted.web.http_headers import Headers

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: Seconds for the proxy to connect to the host, and to say so.
TUNNEL_TIMEOUT = 30.0
#: What the proxy may send before. If it refuses, a page may follow, which is not read.
TUNNEL_LIMITS = Limits()


class TunnelRefused(ConnectError):
    """The proxy does not connect to the host.

    Attributes:
        status: what it says instead, such as 407.
    """

    def __init__(self, target: bytes, status: int, reason: bytes) -> None:
        said = f"the proxy does not connect to {target.decode('ascii')}: {status} "
        super().__init__(string=said + reason.decode("latin-1"))
        self.status = status


class _Digger(Protocol):
    """Asks the proxy, and steps aside when it has agreed."""

    transport: Any

    def __init__(self, target: bytes, headers: Headers, factory: IProtocolFactory) -> None:
        self._target = target
        self._headers = headers
        self._factory = factory
        self._reader = ResponseReader(TUNNEL_LIMITS)
        self._inner: Any = None
        self._timer: Any = None
        self.result: Deferred[Any] | None = None

    def begin(self, clock: Any) -> Deferred[Any]:
        """Ask; fires with the protocol of the factory when that is connected."""
        result: Deferred[Any] = Deferred(lambda _: self._giveUp())
        self.result = result
        fields = [(b"Host", self._target)]
        for name, values in self._headers.getAllRawHeaders():
            fields += [(name, value) for value in values]
        self._reader.expect(b"CONNECT")
        self.transport.write(RequestWriter().head(b"CONNECT", self._target, fields))
        self._timer = clock.callLater(TUNNEL_TIMEOUT, self._tooLate)
        return result

    def _giveUp(self) -> None:
        self._stopTimer()
        self.result = None
        self.transport.abortConnection()

    def _stopTimer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()

    def _tooLate(self) -> None:
        self._fail(
            ConnectError(string=f"the proxy has not answered within {TUNNEL_TIMEOUT:g} seconds")
        )

    def _fail(self, error: Exception) -> None:
        result = self.result
        self._giveUp()
        if result is not None:
            result.errback(Failure(error))

    def dataReceived(self, data: bytes) -> None:
        """Read what the proxy says; what follows that is the host's."""
        if self._inner is not None:
            self._inner.dataReceived(data)
            return
        if self.result is None:
            return
        try:
            events = self._reader.feed(data)
        except RemoteError as e:
            self._fail(ConnectError(string=f"the proxy does not speak HTTP: {e}"))
            return
        for event in events:
            if isinstance(event, ResponseHead) and event.final:
                if 200 <= event.status < 300:
                    self._open()
                else:
                    self._fail(TunnelRefused(self._target, event.status, event.reason))
                return

    def _open(self) -> None:
        self._stopTimer()
        transport, result = self.transport, self.result
        assert result is not None, "somebody waits"
        self.result = None
        rest = self._reader.switch()
        try:
            inner: Any = self._factory.buildProtocol(transport.getPeer())
            if inner is None:
                raise ConnectError(string=f"{self._factory!r} built no protocol")
            self._inner = inner
            if getattr(transport, "protocol", None) is self:
                transport.protocol = inner
            inner.makeConnection(transport)
        except Exception:  # the program's factory may raise anything
            transport.abortConnection()
            result.errback(Failure())
            return
        result.callback(inner)
        if rest:
            inner.dataReceived(rest)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass it on."""
        self._stopTimer()
        if self._inner is not None:
            self._inner.connectionLost(reason)
            return
        result, self.result = self.result, None
        if result is not None:
            result.errback(reason)


class _DiggerFactory(Factory[Any]):
    """Builds the protocol that asks the proxy."""

    noisy = False

    def __init__(self, build: Any) -> None:
        self._build = build

    def buildProtocol(self, addr: Any) -> Any:
        """The protocol."""
        return self._build()


@implementer(IStreamClientEndpoint)
class TunnelEndpoint:
    """A port of a host that is reached through a proxy.

    Args:
        proxy: the endpoint of the proxy.
        host, port: what it is asked for.
        headers: what it is told with that.
        clock: has `callLater`.
    """

    def __init__(self, proxy: Any, host: bytes, port: int, headers: Headers, clock: Any) -> None:
        self._proxy = proxy
        name = b"[%b]" % host if b":" in host else host
        self._target = b"%b:%d" % (name, port)
        self._headers = headers
        self._clock = clock

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Connect; see `IStreamClientEndpoint.connect`. Fails with a `ConnectError` if the proxy
        refuses.
        """
        factory = _DiggerFactory(lambda: _Digger(self._target, self._headers, protocolFactory))
        connected: Deferred[Any] = self._proxy.connect(factory)
        return connected.addCallback(lambda digger: digger.begin(self._clock))
