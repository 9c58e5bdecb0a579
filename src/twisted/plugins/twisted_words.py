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


class _FrontEnd:
    """One that is loaded when it is asked for: to list plugins costs none of them."""

    factory = ""

    @classmethod
    def getFactory(cls, realm: Any, portal: Any) -> Any:
        """See `IProtocolPlugin.getFactory`."""
        return namedAny(cls.factory)(realm, portal)


@provider(IPlugin, IProtocolPlugin)
class RelayChatInterface(_FrontEnd):
    """``--irc-port``: clients of IRC."""

    name = "irc"
    factory = "twisted.words.service.IRCFactory"


@provider(IPlugin, IProtocolPlugin)
class PBChatInterface(_FrontEnd):
    """``--pb-port``: programs that speak Perspective Broker."""

    name = "pb"
    factory = "twisted.words.service.PBChatFactory"


@provider(IPlugin, IProtocolPlugin)
class TOCChatInterface(_FrontEnd):
    """``--toc-port``: clients of TOC."""

    name = "toc"
    factory = "twisted.words.protocols.toc.TOCFactory"
