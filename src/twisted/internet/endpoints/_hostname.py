"""Connecting to a host by its name, whichever of its addresses answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from zope.interface import implementer

from twisted.internet import error
from twisted.internet._idna import encodedName
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints._attempt import TIMEOUT, attempt
from twisted.internet.endpoints._race import ATTEMPT_DELAY, Action, Connect, Race, Wait
from twisted.internet.interfaces import (
    IDelayedCall,
    IHostResolution,
    IProtocolFactory,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.python.failure import Failure

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages

#: The reasons for a failure, those first that come from a host which was reached.
_BEST_FIRST = (
    error.ConnectionRefusedError,
    error.TCPTimedOutError,
    error.TimeoutError,
    error.NoRouteError,
    error.ConnectBindError,
    error.ConnectError,
)


def _host(address: Any) -> str:
    """What to give `connectTCP` for an address."""
    host: str = address.host
    zone = getattr(address, "scopeID", 0)
    return f"{host}%{zone}" if zone and "%" not in host else host


def blamed(name: str, failures: Sequence[tuple[Any, Failure]]) -> BaseException:
    """One error for all attempts: of the kind that says most, and with the text of each.

    Args:
        name: of the host.
        failures: the addresses that were tried, and what came of it.
    """
    errors = [failure.value for _, failure in failures]
    kinds = [kind for kind in _BEST_FIRST if any(type(e) is kind for e in errors)]
    kind = kinds[0] if kinds else error.ConnectError
    number = next((e.osError for e in errors if type(e) is kind), None)
    told = "; ".join(f"{_host(a)}: {str(failure.value).rstrip('.')}" for a, failure in failures)
    return kind(number, f"none of the {len(failures)} addresses of {name!r} answers: {told}")


@implementer(IResolutionReceiver)
class _Contest:
    """One call of `connect`: drives a `Race` by resolver, attempts and clock."""

    def __init__(self, endpoint: _ByName, factory: IProtocolFactory) -> None:
        self._endpoint = endpoint
        self._factory = factory
        self._race: Race[Any] = Race(IPv6Address, endpoint._attemptDelay)
        self._resolution: IHostResolution | None = None
        self._attempts: dict[Any, Deferred[Any]] = {}
        self._failures: list[tuple[Any, Failure]] = []
        self._timer: IDelayedCall | None = None
        self._busy = False
        self._queue: deque[Action[Any]] = deque()
        self.result: Deferred[Any] | None = Deferred(self._cancelled)

    # IResolutionReceiver

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        """Remember whom to cancel."""
        self._resolution = resolutionInProgress

    def addressResolved(self, address: Any) -> None:
        """There is one more address to try."""
        if self.result is not None:
            self._do(self._race.found(address))

    def resolutionComplete(self) -> None:
        """There are no more."""
        self._resolution = None
        if self.result is not None:
            self._do(self._race.all_found())

    def _do(self, actions: Sequence[Action[Any]]) -> None:
        # An attempt may fail while it is begun; what is to be done then waits in the queue.
        self._queue.extend(actions)
        if self._busy:
            return
        self._busy = True
        try:
            while self._queue and self.result is not None:
                action = self._queue.popleft()
                if isinstance(action, Connect):
                    self._connect(action.address)
                elif isinstance(action, Wait):
                    self._wait(action.seconds)
                else:
                    self._giveUp()
        finally:
            self._busy = False

    def _connect(self, address: Any) -> None:
        self._stopTimer()
        begun = attempt(
            self._factory,
            lambda factory: self._endpoint._connectTo(_host(address), address.port, factory),
        )
        self._attempts[address] = begun
        begun.addCallbacks(self._won, self._failed, (address,), errbackArgs=(address,))

    def _wait(self, seconds: float) -> None:
        self._stopTimer()
        self._timer = self._endpoint._reactor.callLater(seconds, self._waited)

    def _waited(self) -> None:
        self._timer = None
        self._do(self._race.waited())

    def _stopTimer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    # How it ends

    def _won(self, protocol: Any, address: Any) -> None:
        self._attempts.pop(address, None)
        self._end().callback(protocol)

    def _failed(self, reason: Failure, address: Any) -> None:
        self._attempts.pop(address, None)
        if self.result is not None:
            self._failures.append((address, reason))
            self._do(self._race.failed())

    def _giveUp(self) -> None:
        failures, name = self._failures, self._endpoint._name
        if not failures:
            reason = Failure(error.DNSLookupError(f"no address for {name!r}"))
        elif len(failures) == 1:
            reason = failures[0][1]
        else:
            reason = Failure(blamed(name, failures))
        self._end().errback(reason)

    def _cancelled(self, result: Deferred[Any]) -> None:
        self._end()
        destination = HostnameAddress(self._endpoint._name.encode("ascii"), self._endpoint._port)
        result.errback(error.ConnectingCancelledError(destination))

    def _end(self) -> Deferred[Any]:
        """Call off all that is still going on; returns the result, which is let go."""
        result, self.result = self.result, None
        assert result is not None, "this ends once"
        self._stopTimer()
        resolution, self._resolution = self._resolution, None
        if resolution is not None:
            resolution.cancel()
        attempts, self._attempts = self._attempts, {}
        for loser in attempts.values():
            loser.cancel()
        return result


class _ByName:
    """What the endpoints for names have in common.

    A name that cannot be one is reported by each `connect`, as any other failure is.
    """

    _families: Sequence[type] | None = None

    def __init__(
        self,
        reactor: Any,
        host: str | bytes,
        port: int,
        timeout: float | None = TIMEOUT,
        bindAddress: str | bytes | tuple[str, int] | None = None,
        attemptDelay: float | None = None,
    ) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._timeout = timeout
        if isinstance(bindAddress, bytes):
            bindAddress = bindAddress.decode("ascii")
        self._bindAddress = (bindAddress, 0) if isinstance(bindAddress, str) else bindAddress
        self._attemptDelay = ATTEMPT_DELAY if attemptDelay is None else attemptDelay
        self._name = ""
        self._badName: ValueError | None = None
        try:
            self._name = encodedName(host)
        except ValueError as e:
            self._badName = e

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name or self._host!r}, port {self._port}>"

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Connect; see `IStreamClientEndpoint.connect`.

        Returns:
            Fires with the first protocol to be connected. Fails with the reason, if there is
            one address; if none of many answers, with a `ConnectError` that names each; with a
            `DNSLookupError` if there is none; with a ValueError if the name cannot be one.
        """
        if self._badName is not None:
            return fail(self._badName)
        if self._isLiteral():
            return attempt(
                protocolFactory, lambda factory: self._connectTo(self._name, self._port, factory)
            )
        contest = _Contest(self, protocolFactory)
        result = contest.result
        assert result is not None, "nothing has happened yet"
        self._reactor.nameResolver.resolveHostName(
            contest, self._name, portNumber=self._port, addressTypes=self._wanted()
        )
        return result

    def _isLiteral(self) -> bool:
        """Whether the host is an address that need not be looked up."""
        isOfFour = IPv4Address in (self._families or (IPv4Address,)) and isIPAddress(self._name)
        return isOfFour or isIPv6Address(self._name)

    def _connectTo(self, host: str, port: int, factory: IProtocolFactory) -> Any:
        return self._reactor.connectTCP(
            host, port, factory, timeout=self._timeout, bindAddress=self._bindAddress
        )

    def _wanted(self) -> Sequence[type] | None:
        """The classes of addresses that can be connected to; None for all."""
        if self._families is None and self._bindAddress is not None:
            # From an address of one family there is no way to one of the other.
            local = self._bindAddress[0]
            if isIPv6Address(local):
                return [IPv6Address]
            if isIPAddress(local):
                return [IPv4Address]
        return self._families


@implementer(IStreamClientEndpoint)
class HostnameEndpoint(_ByName):
    """A TCP port of a host that is known by its name.

    All addresses of the host are tried, overlapping, until one answers (RFC 8305).

    Args:
        reactor: has `connectTCP`, `callLater` and a `nameResolver`.
        host: a name, of letters of any script, or an address.
        port: the number.
        timeout: seconds for the attempt to connect to one address.
        bindAddress: local address to connect from, and maybe a port.
        attemptDelay: seconds that an attempt has before the next is begun beside it; 0.25 by
            default.
    """


@implementer(IStreamClientEndpoint)
class TCP6ClientEndpoint(_ByName):
    """A TCP port of a host with IPv6.

    Args:
        reactor: has `connectTCP`, `callLater` and a `nameResolver`.
        host: an address, maybe with a ``%zone``, or a name, all IPv6 addresses of which are tried.
        port: the number.
        timeout: seconds for an attempt.
        bindAddress: local address and port to connect from.
    """

    _families = (IPv6Address,)

    def __init__(
        self,
        reactor: Any,
        host: str,
        port: int,
        timeout: float | None = TIMEOUT,
        bindAddress: tuple[str, int] | None = None,
    ) -> None:
        super().__init__(reactor, host, port, timeout, bindAddress)
