"""A site: the factory of a server's connections, with the root of its resources."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import IAddress, IProtocolNegotiationFactory
from twisted.web import resource as _resource
from twisted.web.http import HTTPFactory
from twisted.web.http._factory import H2_ENABLED
from twisted.web.server import _http2
from twisted.web.server._request import Request
from twisted.web.server._session import Session

__name__ = "twisted.web.server"  # the public path, for pickles and messages

# Nobody can guess that, nor try as many as there would have to be.
_UID_BYTES = 32


@implementer(_resource.IResource, IProtocolNegotiationFactory)
class Site(HTTPFactory):
    """Serves a resource, and those below it.

    Args:
        resource: the root; what is below ``/``.
        requestFactory: makes a request for a channel.
        parsePOSTFormSubmission: whether forms in the body become `args` of the request.
        args, kwargs: as `HTTPFactory` takes them: `logPath`, `timeout`, `limits` and others.

    Attributes:
        displayTracebacks: whether a client is shown what has gone wrong; only while developing.
        sessionFactory: makes a session, of the site and an identifier.
        sessions: those that are not forgotten, by identifier.
        counter: how many sessions there have been.
    """

    isLeaf = 0
    counter = 0
    displayTracebacks = False
    sessionCheckTime = 1800
    sessionFactory: Callable[..., Any] = Session
    requestFactory: Callable[..., Any] = Request

    def __init__(
        self,
        resource: Any,
        requestFactory: Callable[..., Any] | None = None,
        *args: Any,
        parsePOSTFormSubmission: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sessions: dict[bytes, Any] = {}
        self.resource = resource
        if requestFactory is not None:
            self.requestFactory = requestFactory
        if not parsePOSTFormSubmission:
            self.requestFactory = partial(self.requestFactory, parsePOSTFormSubmission=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "sessions": {}}

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A channel for a new connection."""
        channel = super().buildProtocol(addr)
        channel.site = self
        channel.requestFactory = self.requestFactory
        if H2_ENABLED:
            channel.http2 = _http2.takeOver
        return channel

    def acceptableProtocols(self) -> list[bytes]:
        """What TLS may agree on, the best first."""
        return [b"h2", b"http/1.1"] if H2_ENABLED else [b"http/1.1"]

    def makeSession(self) -> Any:
        """A new session, with a new identifier that nobody can guess."""
        uid = secrets.token_hex(_UID_BYTES).encode("ascii")
        session = self.sessions[uid] = self.sessionFactory(self, uid)
        session.startCheckingExpiration()
        self.counter += 1
        return session

    def getSession(self, uid: bytes) -> Any:
        """The session of an identifier.

        Raises:
            KeyError: there is none, or none any more.
        """
        return self.sessions[uid]

    def getChildWithDefault(self, pathEl: bytes, request: Any) -> Any:
        """A child of the root."""
        request.site = self
        return self.resource.getChildWithDefault(pathEl, request)

    def putChild(self, path: bytes, child: Any) -> None:
        """Put a resource below the root."""
        self.resource.putChild(path, child)

    def render(self, request: Any) -> Any:
        """Send the client to the root with a slash."""
        request.redirect(request.prePathURL() + b"/")
        return b""

    def getResourceFor(self, request: Any) -> Any:
        """The resource that a request is for."""
        request.site = self
        # The path of the root; a virtual host moves it.
        request.sitepath = list(request.prepath)
        return _resource.getChildForRequest(self.resource, request)
