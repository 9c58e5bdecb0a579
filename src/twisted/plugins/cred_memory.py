"""``--auth memory:name:password``: users on the command line itself."""

from __future__ import annotations

from zope.interface import implementer

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.credentials import IUsernameHashedPassword, IUsernamePassword
from twisted.cred.strcred import ICheckerFactory, InvalidAuthArgumentString
from twisted.plugin import IPlugin

__all__ = ["InMemoryCheckerFactory", "inMemoryCheckerFactoryHelp", "theInMemoryCheckerFactory"]

inMemoryCheckerFactoryHelp = """
Users and passwords as they are given here, for a try or a test.

Everybody on this machine can read them, in the list of processes.
"""


@implementer(ICheckerFactory, IPlugin)
class InMemoryCheckerFactory:
    """Makes `InMemoryUsernamePasswordDatabaseDontUse`."""

    credentialInterfaces = (IUsernamePassword, IUsernameHashedPassword)
    authType = "memory"
    argStringFormat = "A colon-separated list (name:password:...)"
    authHelp = inMemoryCheckerFactoryHelp

    def generateChecker(self, argstring: str) -> InMemoryUsernamePasswordDatabaseDontUse:
        """A checker of these users.

        Args:
            argstring: names and passwords in turn, with colons in between; "" for nobody.

        Raises:
            InvalidAuthArgumentString: a name is without a password.
        """
        words = argstring.split(":") if argstring else []
        if len(words) % 2:
            raise InvalidAuthArgumentString(
                f"{words[-1]!r} has no password: write memory:name:password, and so on"
            )
        checker = InMemoryUsernamePasswordDatabaseDontUse()
        for name, password in zip(words[::2], words[1::2], strict=True):
            checker.addUser(name, password)
        return checker


theInMemoryCheckerFactory = InMemoryCheckerFactory()
