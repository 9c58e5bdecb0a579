"""``--auth anonymous``: anybody may log in, as nobody."""

from __future__ import annotations

from zope.interface import implementer

from twisted.cred.checkers import AllowAnonymousAccess
from twisted.cred.credentials import IAnonymous
from twisted.cred.strcred import ICheckerFactory
from twisted.plugin import IPlugin

__all__ = [
    "AnonymousCheckerFactory",
    "anonymousCheckerFactoryHelp",
    "theAnonymousCheckerFactory",
]

anonymousCheckerFactoryHelp = """
Lets everybody in without a name or a password, where the server has
something for them.
"""


@implementer(ICheckerFactory, IPlugin)
class AnonymousCheckerFactory:
    """Makes `AllowAnonymousAccess`."""

    credentialInterfaces = (IAnonymous,)
    authType = "anonymous"
    argStringFormat = "No argstring required."
    authHelp = anonymousCheckerFactoryHelp

    def generateChecker(self, argstring: str = "") -> AllowAnonymousAccess:
        """A checker; there is nothing to say of it."""
        return AllowAnonymousAccess()


theAnonymousCheckerFactory = AnonymousCheckerFactory()
