"""Resources for those who have logged in: HTTP's authentication, over `twisted.cred`.

A client sends who it is with each request (RFC 9110, 11), and each request logs in: the portal's
realm gives the resource that the rest of the path is looked up in, and its logout is called when
the request has ended.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from typing import Any

from zope.interface import implementer

from twisted.cred import credentials
from twisted.cred.error import LoginFailed, Unauthorized
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import UNAUTHORIZED
from twisted.web.iweb import ICredentialFactory
from twisted.web.pages import errorPage
from twisted.web.resource import IResource, Resource
from twisted.web.util import DeferredResource

__all__ = ["BasicCredentialFactory", "DigestCredentialFactory", "HTTPAuthSessionWrapper"]

_log = Logger(namespace="twisted.web.guard")

# RFC 7616, 3.3: these two are never quoted, all others always may be.
_BARE = frozenset(["algorithm", "stale"])
_QUOTED = re.compile(rb'(["\\])')


@implementer(ICredentialFactory)
class BasicCredentialFactory:
    """The password itself is sent (RFC 7617): for TLS alone.

    Args:
        authenticationRealm: what users are told that they log in to.

    Attributes:
        scheme: ``b"basic"``.
    """

    scheme = b"basic"

    def __init__(self, authenticationRealm: bytes | str) -> None:
        self.authenticationRealm = authenticationRealm

    def getChallenge(self, request: Any) -> dict[str, Any]:
        """The realm."""
        return {"realm": self.authenticationRealm}

    def decode(self, response: bytes, request: Any) -> credentials.UsernamePassword:
        """The name and the password that a client has sent.

        Raises:
            twisted.cred.error.LoginFailed: it has sent something else.
        """
        try:
            # Some clients leave the padding out.
            said = b64decode(response.strip() + b"=" * (-len(response.strip()) % 4), validate=True)
        except binascii.Error as error:
            raise LoginFailed("Invalid credentials: they are not base64") from error
        name, colon, password = said.partition(b":")
        if not colon:
            raise LoginFailed("Invalid credentials: there is no colon in them")
        return credentials.UsernamePassword(name, password)


@implementer(ICredentialFactory)
class DigestCredentialFactory:
    """The password stays with the client, which sends a digest of it (RFC 7616).

    A challenge is good for some minutes, for the address that it was made for, and each answer to
    it for one request; see `twisted.cred.credentials.DigestCredentialFactory`.

    Args:
        algorithm: such as ``b"md5"`` or ``b"sha-256"``.
        authenticationRealm: what users are told that they log in to.

    Attributes:
        scheme: ``b"digest"``.
        digest: what makes challenges.
        checksURI: whether an answer has to be for the URL that is asked for. A server in front
            that changes the paths of requests makes this impossible.
    """

    scheme = b"digest"
    checksURI = True

    def __init__(self, algorithm: bytes | str, authenticationRealm: bytes | str) -> None:
        self.digest = credentials.DigestCredentialFactory(algorithm, authenticationRealm)

    def getChallenge(self, request: Any) -> dict[str, bytes]:
        """A new challenge, for the address of the client."""
        return self.digest.getChallenge(_addressOf(request))

    def decode(self, response: bytes, request: Any) -> credentials.DigestedCredentials:
        """What a client has answered.

        Raises:
            twisted.cred.error.LoginFailed: it is no answer to a challenge, or one for another URL.
        """
        found = self.digest.decode(response, request.method, _addressOf(request))
        said: bytes = found.fields["uri"]
        if self.checksURI and said != request.uri and _pathOf(said) != _pathOf(request.uri):
            raise LoginFailed("Invalid response, it is for another URL.")
        return found


def _addressOf(request: Any) -> str | None:
    host: str | None = getattr(request.getClientAddress(), "host", None)
    return host


def _pathOf(url: bytes) -> bytes:
    """The path of a URL, and its query; that is all of it, but for proxies."""
    if b"://" not in url.partition(b"?")[0]:
        return url
    return b"/" + url.partition(b"://")[2].partition(b"/")[2]


class _Unauthorized(Resource):
    """Asks the client to log in, in each of the ways that there are."""

    isLeaf = True

    def __init__(self, factories: Iterable[Any]) -> None:
        super().__init__()
        self._factories = factories

    def render(self, request: Any) -> bytes:
        request.setResponseCode(UNAUTHORIZED)
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        for factory in self._factories:
            said = b", ".join(
                _parameter(name, value) for name, value in factory.getChallenge(request).items()
            )
            request.responseHeaders.addRawHeader(
                b"www-authenticate", b"%b %b" % (factory.scheme, said)
            )
        return b"Unauthorized"


def _parameter(name: str | bytes, value: str | bytes) -> bytes:
    """A parameter of a challenge, as it is sent."""
    text = name if isinstance(name, str) else name.decode("ascii")
    said = value if isinstance(value, bytes) else value.encode("utf-8")
    if text in _BARE:
        return b"%b=%b" % (text.encode("ascii"), said)
    return b'%b="%b"' % (text.encode("ascii"), _QUOTED.sub(rb"\\\1", said))


class _Login:
    """One request that logs in, and is logged out when it has ended."""

    def __init__(self, request: Any, failed: Callable[[Failure], Any]) -> None:
        self._failed = failed
        self._ended = False
        self._login: Deferred[Any] | None = None  # while it is not known who that is
        self._logout: Callable[[], object] | None = None
        request.notifyFinish().addBoth(self._end)

    def begin(self, login: Deferred[Any]) -> Any:
        """The resource for who logs in, or one that waits until that is known."""
        self._login = login
        known: list[Any] = []
        later: Deferred[Any] = Deferred()

        def arrived(resource: Any) -> None:
            self._login = None
            known.append(resource)
            if not self._ended:
                later.callback(resource)

        login.addCallbacks(self._loggedIn, self._refused).addCallback(arrived)
        return known[0] if known else DeferredResource(later)

    def _loggedIn(self, avatar: tuple[Any, Any, Callable[[], object]]) -> Any:
        _, resource, self._logout = avatar
        if self._ended:
            self._leave()
        return resource

    def _refused(self, reason: Failure) -> Any:
        return None if self._ended else self._failed(reason)

    def _end(self, _: object) -> None:
        self._ended = True
        if self._login is not None:
            self._login.cancel()
        self._leave()

    def _leave(self) -> None:
        logout, self._logout = self._logout, None
        if logout is None:
            return
        try:
            logout()
        except Exception:  # of the program's; the response is on its way all the same
            _log.failure("A logout has failed")


@implementer(IResource)
class HTTPAuthSessionWrapper:
    """Stands before the resources that a portal has, and lets those in who log in.

    One who sends no credentials is logged in as `Anonymous`, if the portal has a checker for that.
    Who is not let in gets 401, with a challenge of each factory.

    Args:
        portal: its realm is asked for an `IResource`.
        credentialFactories: the ways to log in, such as a `BasicCredentialFactory`.
    """

    isLeaf = False

    def __init__(self, portal: Portal, credentialFactories: Iterable[Any]) -> None:
        self._portal = portal
        self._credentialFactories = list(credentialFactories)

    def getChildWithDefault(self, path: bytes, request: Any) -> Any:
        """The resource for who has sent the request; all of the path is for it."""
        request.postpath.insert(0, request.prepath.pop())
        return self._resourceFor(request)

    def render(self, request: Any) -> Any:
        """What the resource renders for who has sent the request."""
        return self._resourceFor(request).render(request)

    def putChild(self, path: bytes, child: Any) -> None:
        """Not possible: what is below this is up to the portal.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            "a HTTPAuthSessionWrapper has no children: put them below what the realm gives"
        )

    def _resourceFor(self, request: Any) -> Any:
        try:
            given = self._credentialsOf(request)
        except LoginFailed:
            return _Unauthorized(self._credentialFactories)
        except Exception:  # of a factory of the program's
            return self._failed(Failure())
        login = self._portal.login(given, None, IResource)
        return _Login(request, self._failed).begin(login)

    def _credentialsOf(self, request: Any) -> Any:
        """Who the client says that it is."""
        said = request.getHeader(b"authorization")
        if said is None:
            return credentials.Anonymous()
        scheme, _, response = said.partition(b" ")
        for factory in self._credentialFactories:
            if factory.scheme == scheme.lower():
                return factory.decode(response, request)
        raise LoginFailed("there is no such way to log in")

    def _failed(self, reason: Failure) -> Any:
        if reason.check(LoginFailed, Unauthorized):
            return _Unauthorized(self._credentialFactories)
        _log.failure("Cannot log somebody in", failure=reason)
        return errorPage(500, "Internal Error", "The log of the server says why.")
