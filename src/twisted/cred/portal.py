"""The one thing that a protocol needs to log somebody in: a `Portal`, over a realm and checkers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zope.interface import Interface, providedBy
from zope.interface.interface import InterfaceClass

from twisted.cred.error import UnhandledCredentials
from twisted.internet.defer import Deferred, fail, maybeDeferred
from twisted.python.reflect import qual

__all__ = ["IRealm", "Portal", "providedBy"]


class IRealm(Interface):
    """What users get when they are logged in: the world of an application's objects."""

    def requestAvatar(avatarId: Any, mind: Any, *interfaces: Any) -> Any:
        """The avatar of somebody who *has been* authenticated.

        If possible, it is made when it does not exist yet.

        Args:
            avatarId: what the checker said: the name of a user as bytes (str from some checkers),
                or `checkers.ANONYMOUS`.
            mind: what the protocol gave to `Portal.login`; None for most.
            interfaces: what the avatar may provide, the best first.

        Returns:
            One of the interfaces, an avatar that provides it, and a function without arguments to
            be called when it is logged out; or a Deferred that fires with these three.

        Raises:
            NotImplementedError: no avatar of the realm provides any of the interfaces.
            twisted.cred.error.LoginDenied: this one gets none.
        """


class Portal:
    """Authenticates by its checkers, and logs in to its realm.

    Attributes:
        realm: an `IRealm`.
        checkers: by the interface of the credentials that they check.
    """

    def __init__(self, realm: Any, checkers: Iterable[Any] = ()) -> None:
        """
        Args:
            realm: an `IRealm`.
            checkers: each an `ICredentialsChecker`; of two for the same kind of credentials the
                last is used.
        """
        self.realm = realm
        self.checkers: dict[Any, Any] = {}
        for checker in checkers:
            self.registerChecker(checker)

    def listCredentialsInterfaces(self) -> list[Any]:
        """The interfaces of the credentials with which one can log in."""
        return list(self.checkers)

    def registerChecker(self, checker: Any, *credentialInterfaces: Any) -> None:
        """Have a checker check credentials of some kinds, instead of the one that did.

        Args:
            checker: an `ICredentialsChecker`.
            credentialInterfaces: the kinds; its own `credentialInterfaces` by default.

        Raises:
            TypeError: something that is no interface was given as a kind.
        """
        kinds = credentialInterfaces or checker.credentialInterfaces
        for kind in kinds:
            if not isinstance(kind, InterfaceClass):
                raise TypeError(
                    f"{kind!r} is no interface: name the kinds of credentials that "
                    f"{type(checker).__name__} checks, such as credentials.IUsernamePassword"
                )
        self.checkers.update(dict.fromkeys(kinds, checker))

    def login(self, credentials: Any, mind: Any, *interfaces: Any) -> Deferred[Any]:
        """Log somebody in.

        Args:
            credentials: what they say of themselves, such as `credentials.UsernamePassword`.
            mind: the realm is given it; None if it needs nothing.
            interfaces: what the avatar may provide, the best first.

        Returns:
            A Deferred that fires with one of the interfaces, an avatar that provides it, and a
            function without arguments, which is to be called once when the avatar is logged out
            or the connection is lost.  It fails with `error.UnauthorizedLogin` if the credentials
            are wrong, with `error.UnhandledCredentials` if no checker is for their kind, and with
            whatever the checker or the realm raised.
        """
        checker = self._checkerFor(credentials)
        if checker is None:
            given = ", ".join(qual(kind) for kind in providedBy(credentials)) or repr(
                type(credentials)
            )
            return fail(UnhandledCredentials(f"No checker for {given}"))
        avatarId = maybeDeferred(checker.requestAvatarId, credentials)
        return avatarId.addCallback(self.realm.requestAvatar, mind, *interfaces)

    def _checkerFor(self, credentials: Any) -> Any:
        fitting = (kind for kind in self.checkers if kind.providedBy(credentials))
        return self.checkers.get(next(fitting, None))
