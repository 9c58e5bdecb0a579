"""Logging in by Perspective Broker: a challenge, its answer, and the avatar that is served then.

The password does not go over the wire: the server sends a challenge, and the client a digest of
the challenge and a digest of the password.  The digests are MD5, as all peers speak it: use TLS
where the network is not to be trusted.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import md5
from typing import Any

from zope.interface import Interface, implementer

from twisted.cred.credentials import Anonymous, ICredentials, IUsernameHashedPassword
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred
from twisted.python.components import registerAdapter
from twisted.spread._references import AsReferenceable
from twisted.spread.flavors import IPBRoot, Referenceable, Root, invoke

__name__ = "twisted.spread.pb"  # the public path, for the wire, pickles and messages

#: Bytes of a challenge.
CHALLENGE_SIZE = 16


class IPerspective(Interface):
    """What an avatar provides to be served: its methods, to one who has logged in."""

    def perspectiveMessageReceived(broker: Any, message: bytes, args: Any, kwargs: Any) -> Any:
        """Take a call.

        Args:
            broker: the connection.
            message: the method's name, without a prefix.
            args: arguments, as they came.
            kwargs: keyword arguments, as they came.

        Returns:
            The result as an expression, or a Deferred of it.
        """


@implementer(IPerspective)
class Avatar:
    """What a user is here.  Once logged in they can call its methods `perspective_*`."""

    def perspectiveMessageReceived(self, broker: Any, message: bytes, args: Any, kw: Any) -> Any:
        """Call `perspective_<message>`; its arguments and its result know that it is ours."""
        return invoke(broker, self, "perspective_", message, args, kw, self)


class IUsernameMD5Password(ICredentials):
    """Credentials that were checked without the password: by a digest of its digest."""

    def checkPassword(password: bytes) -> bool:
        """Whether this password would have led to the answer."""

    def checkMD5Password(password: bytes) -> bool:
        """Whether the password of which this is the MD5 digest would have led to the answer."""


def challenge() -> bytes:
    """Bytes that nobody can foresee: a challenge is used once."""
    return secrets.token_bytes(CHALLENGE_SIZE)


def _bytes(given: Any) -> bytes:
    """What a peer gave as a byte string, or as text."""
    if isinstance(given, str):
        return given.encode()
    if isinstance(given, bytes):
        return given
    raise UnauthorizedLogin(f"a name or an answer is a byte string, not {type(given).__name__}")


def _answer(challenge: bytes, digest: bytes) -> bytes:
    return md5(digest + challenge, usedforsecurity=False).digest()


def respond(challenge: bytes, password: bytes) -> bytes:
    """The answer to a challenge."""
    return _answer(challenge, md5(password, usedforsecurity=False).digest())


@implementer(IPBRoot)
class PortalRoot:
    """What is served in place of a portal: a way to log in."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def rootObject(self, broker: Any) -> Login:
        """The way to log in, for one connection."""
        return Login(self.portal, broker)


registerAdapter(PortalRoot, Portal, IPBRoot)


class _Logins(Referenceable):
    """What a client logs in by."""

    def __init__(self, portal: Portal, broker: Any) -> None:
        self.portal = portal
        self.broker = broker

    def _login(self, credentials: Any, mind: Any) -> Deferred[Any]:
        login: Deferred[Any] = self.portal.login(credentials, mind, IPerspective)
        return login.addCallback(self._loggedIn)

    def _loggedIn(self, found: tuple[Any, Any, Any]) -> Referenceable:
        """Serve the avatar, and log out when the client lets it go or is gone."""
        _, avatar, logout = found
        # An avatar that knows how to be sent may tell the peer more of itself than a number.
        reference: Referenceable = avatar
        if not isinstance(avatar, Referenceable):
            reference = AsReferenceable(avatar, "perspective")
        self.broker.onceGone(reference, logout)
        return reference


class Login(_Logins, Root):
    """What a client gets as the root object of a portal."""

    def remote_login(self, username: Any) -> tuple[bytes, Challenger]:
        """Begin to log in: a challenge, and who takes the answer."""
        asked = challenge()
        return asked, Challenger(self.portal, self.broker, _bytes(username), asked)

    def remote_loginAnonymous(self, mind: Any) -> Deferred[Any]:
        """Log in as nobody in particular."""
        return self._login(Anonymous(), mind)


@implementer(IUsernameHashedPassword, IUsernameMD5Password)
class Challenger(_Logins):
    """Takes the answer to one challenge: as credentials, it knows which password leads to it.

    Attributes:
        username: who wants to log in, as bytes.
        challenge: what they were sent.
        response: what they answered; None until then, and after the one answer that counts.
    """

    def __init__(self, portal: Portal, broker: Any, username: bytes, challenge: bytes) -> None:
        super().__init__(portal, broker)
        self.username = username
        self.challenge: bytes | None = challenge
        self.response: bytes = b""

    def remote_respond(self, response: Any, mind: Any) -> Deferred[Any]:
        """Take the answer; there is one try."""
        if self.challenge is None:
            raise UnauthorizedLogin("this challenge was answered before")
        self.response = _bytes(response)
        self._asked, self.challenge = self.challenge, None
        return self._login(self, mind)

    def checkPassword(self, password: str | bytes) -> bool:
        """Whether this password would have led to the answer."""
        if isinstance(password, str):
            password = password.encode()
        return self.checkMD5Password(md5(password, usedforsecurity=False).digest())

    def checkMD5Password(self, md5Password: bytes) -> bool:
        """Whether the password of which this is the MD5 digest would have led to the answer."""
        return hmac.compare_digest(_answer(self._asked, md5Password), self.response)
