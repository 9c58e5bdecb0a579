"""Names to addresses, by default in threads, because `getaddrinfo` blocks.

An IP literal never waits for a thread.  Chapters 3.2.3 and 3.8; `IReactorCore.resolve`,
`IHostnameResolver`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from zope.interface import implementer

from twisted.internet._idna import encodedName
from twisted.internet.abstract import isIPAddress
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IReactorPluggableResolver,
    IResolutionReceiver,
    IResolverSimple,
)
from twisted.python import log
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

__name__ = "twisted.internet.base"  # the public path, for pickles and messages

#: Seconds to wait for each attempt; a resolver that makes one attempt waits the sum.
DEFAULT_TIMEOUTS = (1, 3, 11, 45)

#: What makes an address of a family, from "TCP" or "UDP" and what the socket module says.
_FAMILIES: dict[int, Callable[..., IPv4Address | IPv6Address]] = {
    socket.AF_INET: IPv4Address,
    socket.AF_INET6: IPv6Address,
}
_SOCKET_TYPES = {"TCP": socket.SOCK_STREAM, "UDP": socket.SOCK_DGRAM}

#: How a resolver says that it has found nothing; anything else is a bug in it.
_NOT_FOUND = (OSError, ValueError, CancelledError, ConnectError)


def _socketType(transport: str) -> int:
    if transport not in _SOCKET_TYPES:
        known = " or ".join(map(repr, _SOCKET_TYPES))
        raise ValueError(f"addresses are wanted for {known}, not for {transport!r}")
    return _SOCKET_TYPES[transport]


def _wantedFamilies(addressTypes: Sequence[type[IAddress]] | None) -> list[int]:
    return [
        family for family, kind in _FAMILIES.items() if addressTypes is None or kind in addressTypes
    ]


def _literalFamily(host: str) -> int | None:
    """The family of an IP address; None for a name."""
    return next((family for family in _FAMILIES if isIPAddress(host, family)), None)


def _address(family: int | None, transport: str, host: str, port: int) -> IAddress:
    assert family is not None, "asked of addresses of known families"
    made: IAddress = _FAMILIES[family](transport, host, port)
    return made


class _ThreadsAndTime(Protocol):
    """What is used of a reactor."""

    def getThreadPool(self) -> ThreadPool: ...
    def callFromThread(self, f: Callable[..., Any], *args: Any, **kwargs: Any) -> None: ...
    def callLater(
        self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any
    ) -> IDelayedCall: ...


@implementer(IResolverSimple)
class BlockingResolver:
    """Asks the system, and blocks the process until it answers."""

    def getHostByName(self, name: str, timeout: Sequence[int] = DEFAULT_TIMEOUTS) -> Deferred[str]:
        """An IPv4 address of `name`; the timeouts cannot be kept, nor are they."""
        try:
            return succeed(socket.gethostbyname(name))
        except (OSError, ValueError) as e:
            # ValueError: no host can have that name.
            return fail(DNSLookupError(f"no address for {name!r}: {e}"))


@implementer(IHostResolution)
class _Resolution:
    """One question.

    Attributes:
        name: the host name, as it was asked for.
        isOver: whether its answer is of no use any more: it is complete, or cancelled.
    """

    isOver = False
    _isCancelled = False

    def __init__(
        self, name: str, receiver: IResolutionReceiver, stop: Callable[[], object] | None = None
    ) -> None:
        self.name = name
        self._receiver: IResolutionReceiver | None = receiver
        self.stop = stop

    def cancel(self) -> None:
        """Give up: the receiver hears no more than that it is complete."""
        wasOver, stop = self.isOver, self.stop
        self._isCancelled = True
        self.complete([])
        if stop is not None and not wasOver:
            stop()

    def complete(self, addresses: Sequence[IAddress]) -> None:
        self.isOver = True
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            for address in addresses:
                if self._isCancelled:
                    # The receiver has all that it wants.
                    break
                receiver.addressResolved(address)
            receiver.resolutionComplete()


@implementer(IHostnameResolver)
class ThreadedNameResolver:
    """All addresses of a name, from the system, in a thread.

    A thread that has asked the system waits for the answer, even if nobody does any more; one
    that has not does not ask then.

    Args:
        reactor: whose threads ask, and in whose thread the receiver is called.
        getaddrinfo: asks the system; by default what `socket.getaddrinfo` is at that time.
    """

    def __init__(
        self,
        reactor: _ThreadsAndTime,
        getaddrinfo: Callable[..., Sequence[tuple[Any, ...]]] | None = None,
    ) -> None:
        self._reactor = reactor
        self._getaddrinfo = getaddrinfo

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """See `IHostnameResolver.resolveHostName`."""
        kind = _socketType(transportSemantics)
        families = _wantedFamilies(addressTypes)
        resolution = _Resolution(hostName, resolutionReceiver)
        resolutionReceiver.resolutionBegan(resolution)
        literal = _literalFamily(hostName)
        if literal is not None or not families:
            known = []
            if literal in families:
                known.append(_address(literal, transportSemantics, hostName, portNumber))
            resolution.complete(known)
            return resolution
        try:
            name = encodedName(hostName)
        except ValueError:
            # No host can have it; who asks is told as of any other that is not found.
            resolution.complete([])
            return resolution
        family = families[0] if len(families) == 1 else socket.AF_UNSPEC

        def ask() -> list[IAddress]:
            if resolution.isOver:
                return []
            getaddrinfo = self._getaddrinfo or socket.getaddrinfo
            answers = getaddrinfo(name, portNumber, family, kind)
            return [
                _FAMILIES[answer[0]](transportSemantics, *answer[4])
                for answer in answers
                if answer[0] in _FAMILIES
            ]

        def answered(success: bool, result: Any) -> None:
            # A name that is not found has no addresses, which is not an error here.
            if not success and not result.check(OSError, UnicodeError):
                log.err(result, f"Unhandled error in the look-up of {hostName!r}")
            self._reactor.callFromThread(resolution.complete, result if success else [])

        self._reactor.getThreadPool().callInThreadWithCallback(answered, ask)
        return resolution


@implementer(IResolutionReceiver)
class _FirstAddress:
    """Fires a Deferred with the first address of a resolution."""

    def __init__(self) -> None:
        self.resolution: IHostResolution | None = None
        self.found: Deferred[str] = Deferred(lambda _: self._giveUp())
        self._first: str | None = None
        self._isGivenUp = False

    def _giveUp(self) -> None:
        self._isGivenUp = True
        if self.resolution is not None:
            self.resolution.cancel()

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        self.resolution = resolutionInProgress

    def addressResolved(self, address: Any) -> None:
        if self._first is None:
            self._first = address.host

    def resolutionComplete(self) -> None:
        if self.found.called or self._isGivenUp:
            return
        if self._first is not None:
            self.found.callback(self._first)
        else:
            assert self.resolution is not None
            self.found.errback(DNSLookupError(f"no address for {self.resolution.name!r}"))


@implementer(IResolverSimple)
class SimpleResolver:
    """The first IPv4 address that an `IHostnameResolver` finds.

    Args:
        nameResolver: whom to ask.
        clock: has `callLater`, for the timeout.
    """

    def __init__(self, nameResolver: IHostnameResolver, clock: _ThreadsAndTime) -> None:
        self._nameResolver = nameResolver
        self._clock = clock

    def getHostByName(self, name: str, timeout: Sequence[int] = DEFAULT_TIMEOUTS) -> Deferred[str]:
        """An IPv4 address of `name`.

        Args:
            name: the name, or an address, which is its own answer.
            timeout: seconds; the sum is how long to wait.

        Returns:
            Fires with the address; fails with `DNSLookupError` when there is none, or
            none in time.
        """
        receiver = _FirstAddress()
        self._nameResolver.resolveHostName(receiver, name, 0, [IPv4Address], "TCP")
        found = receiver.found
        if not found.called:
            patience = sum(timeout)

            def tooLate() -> None:
                problem = f"no answer about {name!r} in {patience} seconds"
                found.errback(DNSLookupError(problem))
                assert receiver.resolution is not None
                receiver.resolution.cancel()

            late = self._clock.callLater(patience, tooLate)

            def answered(result: str | Failure) -> str | Failure:
                if late.active():
                    late.cancel()
                return result

            found.addBoth(answered)
        return found


@implementer(IResolverSimple)
class ThreadedResolver(SimpleResolver):
    """An IPv4 address of a name, from the system, in a thread of `reactor`."""

    def __init__(self, reactor: _ThreadsAndTime) -> None:
        # Subclasses of programs install themselves on it.
        self.reactor = reactor
        super().__init__(ThreadedNameResolver(reactor), reactor)


@implementer(IHostnameResolver)
class _ComplexResolver:
    """What `installResolver` installed, asked as an `IHostnameResolver`."""

    def __init__(self, resolver: IResolverSimple) -> None:
        self._resolver = resolver

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """See `IHostnameResolver.resolveHostName`."""
        _socketType(transportSemantics)
        resolution = _Resolution(hostName, resolutionReceiver)
        resolutionReceiver.resolutionBegan(resolution)
        families = _wantedFamilies(addressTypes)

        def found(host: str) -> None:
            family = _literalFamily(host)
            if family in families:
                resolution.complete([_address(family, transportSemantics, host, portNumber)])
            else:
                resolution.complete([])

        def notFound(reason: Failure) -> None:
            if not reason.check(*_NOT_FOUND):
                log.err(reason, f"Unhandled error in the look-up of {hostName!r}")
            resolution.complete([])

        if resolution.isOver:
            return resolution
        if _literalFamily(hostName) is not None:
            found(hostName)
            return resolution
        asked = self._resolver.getHostByName(hostName)
        resolution.stop = asked.cancel
        asked.addCallbacks(found, notFound)
        return resolution


@implementer(IReactorPluggableResolver, IReactorPluggableNameResolver)
class PluggableResolverMixin:
    """The part of a reactor that knows whom to ask for addresses.

    Attributes:
        resolver: the `IResolverSimple` that `resolve` asks.
        nameResolver: the `IHostnameResolver` that endpoints ask.
    """

    resolver: IResolverSimple
    nameResolver: IHostnameResolver

    def installResolver(self, resolver: IResolverSimple) -> IResolverSimple:
        """Ask `resolver` from now on; returns the one before."""
        previous = self.resolver
        self.resolver = resolver
        # One that stands for a name resolver, as that which is put back often does, is
        # not asked in its place: it knows less.
        if type(resolver) in (SimpleResolver, ThreadedResolver):
            self.nameResolver = cast(SimpleResolver, resolver)._nameResolver
        else:
            self.nameResolver = _ComplexResolver(resolver)
        return previous

    def installNameResolver(self, resolver: IHostnameResolver) -> IHostnameResolver:
        """Ask `resolver` from now on; returns the one before."""
        previous = self.nameResolver
        self.nameResolver = resolver
        if isinstance(resolver, _ComplexResolver):
            self.resolver = resolver._resolver
        else:
            self.resolver = SimpleResolver(resolver, cast(_ThreadsAndTime, self))
        return previous
