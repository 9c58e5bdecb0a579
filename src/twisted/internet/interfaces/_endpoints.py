"""Endpoints: a place to connect to or to listen at, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

from twisted.internet.interfaces._protocols import IProtocol, IProtocolFactory
from twisted.internet.interfaces._reactors import IListeningPort

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

__name__ = "twisted.internet.interfaces"  # the public path, for pickles and messages


class IStreamClientEndpoint(Interface):
    """A place to connect to."""

    def connect(protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect once.

        Args:
            protocolFactory: makes the protocol of the connection.

        Returns:
            Fires with the connected protocol, or fails with a
            `twisted.internet.error.ConnectError`. Cancelling it gives the attempt up.
        """


class IStreamServerEndpoint(Interface):
    """A place to listen at."""

    def listen(protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Begin to listen.

        Args:
            protocolFactory: makes a protocol for each connection.

        Returns:
            Fires with the port, or fails with a `twisted.internet.error.CannotListenError`.
        """


class IStreamServerEndpointStringParser(Interface):
    """A plugin that gives descriptions such as "tcp:80" their meaning, for servers."""

    prefix: str = Attribute("""The word before the first colon, such as "tcp".""")

    def parseStreamServer(reactor: Any, *args: Any, **kwargs: Any) -> IStreamServerEndpoint:
        """The endpoint for a description.

        Args:
            reactor: the reactor to listen with.
            args: the parts of the description between colons.
            kwargs: the parts of the form ``name=value``.
        """


class IStreamClientEndpointStringParserWithReactor(Interface):
    """A plugin that gives descriptions such as "tcp:host:80" their meaning, for clients."""

    prefix: str = Attribute("""The word before the first colon, such as "tcp".""")

    def parseStreamClient(reactor: Any, *args: Any, **kwargs: Any) -> IStreamClientEndpoint:
        """The endpoint for a description.

        Args:
            reactor: the reactor to connect with.
            args: the parts of the description between colons.
            kwargs: the parts of the form ``name=value``.
        """
