"""Descriptions of endpoints that need more than `twisted.internet` has."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet.endpoints import quoteStringArgument, serverFromString
from twisted.internet.interfaces import IStreamServerEndpoint, IStreamServerEndpointStringParser
from twisted.plugin import IPlugin
from twisted.protocols.haproxy import proxyEndpoint

__all__ = ["haproxy"]


@implementer(IPlugin, IStreamServerEndpointStringParser)
class _ProxyParser:
    """``haproxy:``, any other description, and ``:trusted=`` the addresses of the proxies."""

    prefix = "haproxy"

    def parseStreamServer(self, reactor: Any, *args: str, **kwargs: str) -> IStreamServerEndpoint:
        """The endpoint for a description.

        Raises:
            ValueError: no description follows, or it is wrong.
        """
        trusted = kwargs.pop("trusted", None)
        if not any(args):
            raise ValueError(
                "'haproxy:' is followed by what to listen at: write "
                "haproxy:tcp:8080[:trusted=ADDRESS,NETWORK...]"
            )
        named = [f"{name}={quoteStringArgument(value)}" for name, value in kwargs.items()]
        wrapped = serverFromString(reactor, ":".join([*map(quoteStringArgument, args), *named]))
        if trusted is None:
            return proxyEndpoint(wrapped)
        return proxyEndpoint(wrapped, trusted.split(","))


haproxy = _ProxyParser()
