"""What makes checkers of a kind that can be named on a command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zope.interface import Attribute, Interface

__name__ = "twisted.cred.strcred"  # the public path, for messages


class ICheckerFactory(Interface):
    """A kind of checker that a command line can name; also to provide `twisted.plugin.IPlugin`."""

    authType: str = Attribute("The kind's name: what comes before the colon.")
    authHelp: str = Attribute("Some lines about it, for ``--help-auth-type``.")
    argStringFormat: str = Attribute("One line about what comes after the colon.")
    credentialInterfaces: Iterable[Any] = Attribute(
        "The kinds of credentials that its checkers check."
    )

    def generateChecker(argstring: str) -> Any:
        """Make a checker.

        Args:
            argstring: what came after the colon; "" if nothing did.

        Raises:
            twisted.cred.strcred.InvalidAuthArgumentString: it makes no sense.
        """
