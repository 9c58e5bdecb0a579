"""Checkers by their descriptions on a command line: ``--auth file:/etc/users``.

A description is the name of a kind of checker and, after a colon, what that kind takes: its
*argument string*.  The kinds are plugins that provide `ICheckerFactory`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from twisted.cred._factory import ICheckerFactory
from twisted.plugin import getPlugins
from twisted.python import usage
from twisted.python.reflect import qual

__all__ = [
    "AuthOptionMixin",
    "ICheckerFactory",
    "InvalidAuthArgumentString",
    "InvalidAuthType",
    "StrcredException",
    "UnsupportedInterfaces",
    "findCheckerFactories",
    "findCheckerFactory",
    "makeChecker",
    "notSupportedWarning",
]

#: What the help says of a kind that would be refused.
notSupportedWarning = "WARNING: This authType is not supported by this application."

#: Columns of the names of kinds in the help.
_MARGIN = 2


class StrcredException(Exception):
    """A description does not describe a checker; the base of the reasons below."""


class InvalidAuthType(StrcredException):
    """There is no kind of checker of this name."""


class InvalidAuthArgumentString(StrcredException):
    """What comes after the colon makes no sense to this kind of checker."""


class UnsupportedInterfaces(StrcredException):
    """The program cannot use a checker of this kind: it has no such credentials."""


def findCheckerFactories() -> Iterator[Any]:
    """The kinds of checkers that are installed, each an `ICheckerFactory`."""
    return getPlugins(ICheckerFactory)


def findCheckerFactory(authType: str) -> Any:
    """A kind of checker by its name.

    Raises:
        InvalidAuthType: there is none.
    """
    for factory in findCheckerFactories():
        if factory.authType == authType:
            return factory
    raise InvalidAuthType(authType)


def makeChecker(description: str) -> Any:
    """A checker by its description.

    Args:
        description: such as ``"file:/etc/users"``.

    Returns:
        An `twisted.cred.checkers.ICredentialsChecker`.

    Raises:
        InvalidAuthType: there is no such kind.
        InvalidAuthArgumentString: what comes after the colon makes no sense.
    """
    authType, _, argstring = description.partition(":")
    return findCheckerFactory(authType).generateChecker(argstring)


class AuthOptionMixin:
    """Options ``--auth``, ``--help-auth`` and ``--help-auth-type``, beside `usage.Options`.

    Parsing puts the checkers under ``credCheckers``, a list, and under ``credInterfaces``, a
    dictionary of lists by the interfaces of their credentials.

    Attributes:
        supportedInterfaces: the kinds of credentials that the program has; None if it may be any.
        authOutput: the file that help is written to.
    """

    supportedInterfaces: Iterable[Any] | None = None
    authOutput: IO[str] = sys.stdout

    # `usage.Options`, of which the class is one, too, is a dict.
    setdefault: Callable[[str, Any], Any]

    def supportsInterface(self, interface: Any) -> bool:
        """Whether the program has credentials of a kind."""
        return self.supportedInterfaces is None or interface in self.supportedInterfaces

    def supportsCheckerFactory(self, factory: Any) -> bool:
        """Whether the program has some of the credentials that a kind of checker checks."""
        return any(map(self.supportsInterface, factory.credentialInterfaces))

    def addChecker(self, checker: Any) -> None:
        """Put a checker where parsing puts those of the command line.

        Raises:
            UnsupportedInterfaces: the program has no credentials for it.
        """
        supported = [i for i in checker.credentialInterfaces if self.supportsInterface(i)]
        if not supported:
            raise UnsupportedInterfaces(", ".join(map(qual, checker.credentialInterfaces)))
        for interface in supported:
            self.setdefault("credInterfaces", {}).setdefault(interface, []).append(checker)
        self.setdefault("credCheckers", []).append(checker)

    def opt_auth(self, description: str) -> None:
        """Specify an authentication method for the server."""
        try:
            self.addChecker(makeChecker(description))
        except UnsupportedInterfaces as e:
            raise usage.UsageError(f"Auth plugin not supported: {e}")
        except InvalidAuthType as e:
            raise usage.UsageError(f"Auth plugin not recognized: {e}")
        except Exception as e:
            # A plugin is anybody's code, and here is somebody who waits for one line.
            raise usage.UsageError(f"--auth {description.partition(':')[0]}: {e}")

    def opt_help_auth(self) -> None:
        """Show all authentication methods available."""
        factories = list(filter(self.supportsCheckerFactory, findCheckerFactories()))
        rows = [("AuthType", "ArgString format"), ("========", "================")]
        rows += sorted((factory.authType, factory.argStringFormat) for factory in factories)
        width = max(len(name) for name, _ in rows) + _MARGIN
        self._say(
            "Usage: --auth AuthType[:ArgString]", "For detailed help: --help-auth-type AuthType"
        )
        self._say("", *(f"  {name:{width}}{format}" for name, format in rows), "")
        raise SystemExit(0)

    def opt_help_auth_type(self, authType: str) -> None:
        """Show help for a particular authentication type."""
        try:
            factory = findCheckerFactory(authType)
        except InvalidAuthType:
            raise usage.UsageError(f"Invalid auth type: {authType}")
        self._say(f"Usage: --auth {authType}[:ArgString]")
        self._say(f"ArgString format: {factory.argStringFormat}", "")
        self._say(*(f"  {line.strip()}".rstrip() for line in factory.authHelp.strip().splitlines()))
        if not self.supportsCheckerFactory(factory):
            self._say("", f"  {notSupportedWarning}")
        self._say("")
        raise SystemExit(0)

    def _say(self, *lines: str) -> None:
        self.authOutput.writelines(f"{line}\n" for line in lines)
