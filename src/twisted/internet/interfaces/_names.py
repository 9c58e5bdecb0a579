"""Turning names into addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from zope.interface import Attribute, Interface

from twisted.internet.interfaces._transports import IAddress

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    Answer: TypeAlias = Deferred[tuple[list[Any], list[Any], list[Any]]]

__name__ = "twisted.internet.interfaces"  # the public path, for pickles and messages


class IResolverSimple(Interface):
    """A resolver that knows one IPv4 address for a name."""

    def getHostByName(name: str, timeout: Sequence[int] = (1, 3, 11, 45)) -> Deferred[str]:
        """Resolve a name.

        Args:
            name: the host name.
            timeout: seconds to wait for each attempt.

        Returns:
            Fires with an IP address, or fails with `twisted.internet.error.DNSLookupError`.
        """


class IHostResolution(Interface):
    """A resolution in progress."""

    name: str = Attribute("""The host name that is being resolved.""")

    def cancel() -> None:
        """Give up: the receiver hears no more of it, except that it is complete."""


class IResolutionReceiver(Interface):
    """What takes the addresses of a name as they are found."""

    def resolutionBegan(resolutionInProgress: IHostResolution) -> None:
        """The resolution has begun; called once, first."""

    def addressResolved(address: IAddress) -> None:
        """An address has been found; called once for each."""

    def resolutionComplete() -> None:
        """There are no more addresses; called once, last."""


class IHostnameResolver(Interface):
    """A resolver that knows all addresses of a name, of every family."""

    def resolveHostName(
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Begin to resolve a name.

        Args:
            resolutionReceiver: is told each address.
            hostName: the name; one that is not ASCII is encoded with IDNA.
            portNumber: put into the addresses.
            addressTypes: the wanted classes of address; None for all.
            transportSemantics: "TCP" or "UDP".
        """


class IResolver(IResolverSimple):
    """A resolver that speaks DNS.

    Each `lookup` method takes the name to ask about (bytes or str) and the seconds to wait
    for each attempt (None for the resolver's own choice). Its result fires with three lists
    of `twisted.names.dns.RRHeader`: answers, authority, additional; or fails with
    `twisted.names.error.DomainError` or `twisted.internet.error.TimeoutError`.
    """

    def query(query: Any, timeout: Sequence[int] | None = None) -> Answer:
        """Send a `twisted.names.dns.Query`, of any type."""

    def lookupAddress(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """A: IPv4 address."""

    def lookupAddress6(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """A6: IPv6 address, by the historic record."""

    def lookupIPV6Address(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """AAAA: IPv6 address."""

    def lookupMailExchange(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """MX: mail exchange."""

    def lookupNameservers(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """NS: authoritative name servers."""

    def lookupCanonicalName(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """CNAME: canonical name."""

    def lookupMailBox(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """MB: mail box."""

    def lookupMailGroup(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """MG: mail group."""

    def lookupMailRename(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """MR: mail rename."""

    def lookupPointer(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """PTR: the name of an address."""

    def lookupAuthority(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """SOA: start of authority."""

    def lookupNull(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """NULL: free-form data."""

    def lookupWellKnownServices(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """WKS: well-known services."""

    def lookupHostInfo(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """HINFO: processor and operating system."""

    def lookupMailboxInfo(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """MINFO: mailbox information."""

    def lookupText(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """TXT: text."""

    def lookupResponsibility(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """RP: responsible person."""

    def lookupAFSDatabase(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """AFSDB: AFS database location."""

    def lookupService(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """SRV: where a service is."""

    def lookupAllRecords(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """ALL_RECORDS: everything that there is."""

    def lookupSenderPolicy(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """SPF: who may send mail for a domain."""

    def lookupNamingAuthorityPointer(
        name: str | bytes, timeout: Sequence[int] | None = None
    ) -> Answer:
        """NAPTR: naming authority pointer."""

    def lookupZone(name: str | bytes, timeout: Sequence[int] | None = None) -> Answer:
        """AXFR: all records of a zone."""
