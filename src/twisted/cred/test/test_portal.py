"""Logging in: a portal between credentials, checkers and a realm."""

from __future__ import annotations

from typing import Any

from zope.interface import Interface, implementer

from twisted.cred import error
from twisted.cred.checkers import (
    ANONYMOUS,
    AllowAnonymousAccess,
    ICredentialsChecker,
    InMemoryUsernamePasswordDatabaseDontUse,
)
from twisted.cred.credentials import (
    Anonymous,
    IAnonymous,
    ICredentials,
    IUsernameHashedPassword,
    IUsernamePassword,
    UsernamePassword,
)
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase


class IMailbox(Interface):
    """What an avatar may be."""


class INewsletter(Interface):
    """What no avatar is."""


@implementer(IRealm)
class Realm:
    """Gives mailboxes, and remembers who got some."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.loggedOut: list[object] = []

    def requestAvatar(self, avatarId: Any, mind: Any, *interfaces: Any) -> Any:
        self.asked.append((avatarId, mind, interfaces))
        if IMailbox not in interfaces:
            raise NotImplementedError("no interface")
        return IMailbox, f"mailbox of {avatarId!r}", lambda: self.loggedOut.append(avatarId)


class Slow:
    """A checker that takes its time."""

    credentialInterfaces = (IUsernamePassword,)

    def __init__(self) -> None:
        self.waiting: Deferred[bytes] = Deferred()

    def requestAvatarId(self, credentials: object) -> Deferred[bytes]:
        return self.waiting


class PortalTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.realm = Realm()
        self.checker = InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")
        self.portal = Portal(self.realm, [self.checker])

    def test_login(self) -> None:
        """The realm is asked for the avatar of the one who logs in, who can log out."""
        mind = object()
        login = self.portal.login(UsernamePassword(b"bob", b"secret"), mind, INewsletter, IMailbox)
        interface, avatar, logout = self.successResultOf(login)
        self.assertIs(interface, IMailbox)
        self.assertEqual(avatar, "mailbox of b'bob'")
        self.assertEqual(self.realm.asked, [(b"bob", mind, (INewsletter, IMailbox))])
        logout()
        self.assertEqual(self.realm.loggedOut, [b"bob"])

    def test_wrong(self) -> None:
        """Who is not who they say is not known to the realm."""
        for name, password in [(b"bob", b"Secret"), (b"eve", b"secret"), (b"", b"")]:
            login = self.portal.login(UsernamePassword(name, password), None, IMailbox)
            self.failureResultOf(login, error.UnauthorizedLogin)
        self.assertEqual(self.realm.asked, [])

    def test_noInterface(self) -> None:
        """What the realm raises is what the login fails with."""
        login = self.portal.login(UsernamePassword(b"bob", b"secret"), None, INewsletter)
        self.failureResultOf(login, NotImplementedError)

    def test_unhandled(self) -> None:
        """Credentials of a kind that nobody checks are named."""
        failure = self.failureResultOf(
            self.portal.login(Anonymous(), None, IMailbox), error.UnhandledCredentials
        )
        self.assertIn("IAnonymous", str(failure.value))

    def test_noCredentials(self) -> None:
        """So is what is no credentials at all."""
        failure = self.failureResultOf(
            self.portal.login("bob", None, IMailbox), error.UnhandledCredentials
        )
        self.assertIn("str", str(failure.value))

    def test_anonymous(self) -> None:
        """Nobody is an empty tuple, and has an avatar, too."""
        self.portal.registerChecker(AllowAnonymousAccess())
        login = self.portal.login(Anonymous(), None, IMailbox)
        self.assertEqual(self.successResultOf(login)[1], "mailbox of ()")
        self.assertEqual(ANONYMOUS, ())

    def test_slow(self) -> None:
        """Checkers may answer later, and then fail."""
        slow = Slow()
        self.portal.registerChecker(slow)
        login = self.portal.login(UsernamePassword(b"bob", b"secret"), None, IMailbox)
        self.assertNoResult(login)
        slow.waiting.errback(error.LoginDenied("closed"))
        self.failureResultOf(login, error.LoginFailed)

    def test_raises(self) -> None:
        """A checker that raises at once is like one that fails."""

        class Broken(Slow):
            def requestAvatarId(self, credentials: object) -> Any:
                raise ZeroDivisionError

        self.portal.registerChecker(Broken())
        login = self.portal.login(UsernamePassword(b"bob", b"secret"), None, IMailbox)
        self.failureResultOf(login, ZeroDivisionError)

    def test_register(self) -> None:
        """A checker is for its own kinds, or for those that are said; the last one counts."""
        kinds = self.portal.listCredentialsInterfaces()
        self.assertEqual(kinds, [IUsernamePassword, IUsernameHashedPassword])
        other = Slow()
        other.waiting = succeed(b"eve")
        self.portal.registerChecker(other, IUsernamePassword, IAnonymous)
        self.assertEqual(
            self.portal.checkers,
            {
                IUsernamePassword: other,
                IUsernameHashedPassword: self.checker,
                IAnonymous: other,
            },
        )
        login = self.portal.login(UsernamePassword(b"bob", b"?"), None, IMailbox)
        self.assertEqual(self.successResultOf(login)[1], "mailbox of b'eve'")

    def test_registerWrong(self) -> None:
        """What is no interface is told at once."""
        error = self.assertRaises(TypeError, self.portal.registerChecker, Slow(), UsernamePassword)
        self.assertIn("IUsernamePassword", str(error))

    def test_inheritance(self) -> None:
        """A checker of a kind checks those that extend it."""

        class ISpecial(IUsernamePassword):
            """A special kind."""

        @implementer(ISpecial)
        class Special(UsernamePassword):
            """Of that kind."""

        login = self.portal.login(Special(b"bob", b"secret"), None, IMailbox)
        self.assertEqual(self.successResultOf(login)[1], "mailbox of b'bob'")

    def test_interfaces(self) -> None:
        """The parts provide what they are for."""
        for checker in (self.checker, AllowAnonymousAccess()):
            self.assertTrue(ICredentialsChecker.providedBy(checker))
        for credentials in (Anonymous(), UsernamePassword("", "")):
            self.assertTrue(ICredentials.providedBy(credentials))
        self.assertTrue(issubclass(error.UnauthorizedLogin, error.Unauthorized))
