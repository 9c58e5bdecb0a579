"""The chat server of ``twistd``, and its front ends."""

from __future__ import annotations

from typing import Any

from zope.interface import provider

from twisted.application.service import ServiceMaker
from twisted.plugin import IPlugin
from twisted.python.reflect import namedAny
from twisted.words.iwords import IProtocolPlugin

__all__ = ["NewTwistedWords", "PBChatInterface", "RelayChatInterface", "TOCChatInterface"]

NewTwistedWords = ServiceMaker(
    "Words", "twisted.words.tap", "A chat server: IRC, PB and TOC", "words"
)

# The front ends are loaded when they are asked for: to list plugins costs none of them.


@provider(IPlugin, IProtocolPlugin)
class RelayChatInterface:
    """``--irc-port``: clients of IRC."""

    name = "irc"

    @classmethod
    def getFactory(cls, realm: Any, portal: Any) -> Any:
        """See `IProtocolPlugin.getFactory`."""
        return namedAny("twisted.words.service.IRCFactory")(realm, portal)


@provider(IPlugin, IProtocolPlugin)
class PBChatInterface:
    """``--pb-port``: programs that speak Perspective Broker."""

    name = "pb"

    @classmethod
    def getFactory(cls, realm: Any, portal: Any) -> Any:
        """See `IProtocolPlugin.getFactory`."""
        return namedAny("twisted.words.service.PBChatFactory")(realm, portal)


@provider(IPlugin, IProtocolPlugin)
class TOCChatInterface:
    """``--toc-port``: clients of TOC."""

    name = "toc"

    @classmethod
    def getFactory(cls, realm: Any, portal: Any) -> Any:
        """See `IProtocolPlugin.getFactory`."""
        return namedAny("twisted.words.protocols.toc.TOCFactory")(realm, portal)
