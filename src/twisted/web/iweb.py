"""Interfaces of the web: requests, and what may be in a page."""

from __future__ import annotations

from typing import Any

from zope.interface import Attribute, Interface

from twisted.internet.interfaces import IAddress

__all__ = ["IRenderable", "IRequest"]


class IRenderable(Interface):
    """What can be rendered as a part of a page; `template.Element` is the usual one."""

    def lookupRenderMethod(name: str) -> Any:
        """The renderer of a name: a callable that is given the request and the tag.

        Args:
            name: What the template says, as in `t:render="name"`.
        """

    def render(request: Any) -> Any:
        """What to write in my place: anything that may be in a page.

        Args:
            request: What the page is for, an `IRequest`; None if it is for none.
        """


class IRequest(Interface):
    """A request to a server, and the response to it, as resources see them."""

    method = Attribute("The method, such as ``b'GET'``.")
    uri = Attribute("What was asked for, with the query, as bytes.")
    path = Attribute("The path, without the query.")
    args = Attribute("Fields of the query and of a form: lists of bytes by name.")
    prepath = Attribute("The parts of the path up to the resource, unquoted.")
    postpath = Attribute("The parts after that.")
    requestHeaders = Attribute("What the client says, as `Headers`.")
    responseHeaders = Attribute("What is sent before the body, as `Headers`.")
    content = Attribute("The body of the request, as a file.")

    def getHeader(key: Any) -> Any:
        """The last value of a header of the request, of the type of its name; None if none."""

    def getCookie(key: bytes) -> bytes | None:
        """The value of a cookie that the client has sent; None if it has not."""

    def getAllHeaders() -> dict[bytes, bytes]:
        """The last value of each header, by name in small letters."""

    def getRequestHostname() -> bytes:
        """The host that the client means."""

    def getHost() -> IAddress:
        """The address that the client has connected to."""

    def getClientAddress() -> IAddress:
        """The address of the client."""

    def getClientIP() -> str | None:
        """The IP address of the client; None if it has none."""

    def getUser() -> bytes:
        """The name that the client gives by basic authentication."""

    def getPassword() -> bytes:
        """The password that goes with it."""

    def isSecure() -> bool:
        """Whether the client speaks TLS."""

    def getSession(sessionInterface: Any = None) -> Any:
        """The session of the client, or a component of it; a new one if it has none."""

    def URLPath() -> Any:
        """The URL of the resource, to go about in."""

    def prePathURL() -> bytes:
        """The URL of the resource."""

    def rememberRootURL() -> None:
        """The application is here: `getRootURL` will tell."""

    def getRootURL() -> bytes | None:
        """What was remembered."""

    def write(data: bytes) -> None:
        """Send a piece of the response; before the first, the headers."""

    def finish() -> None:
        """The response is complete."""

    def addCookie(
        k: Any,
        v: Any,
        expires: Any = None,
        domain: Any = None,
        path: Any = None,
        max_age: Any = None,
        comment: Any = None,
        secure: Any = None,
    ) -> None:
        """Have the client keep a cookie."""

    def setResponseCode(code: int, message: bytes | None = None) -> None:
        """Set the status, and what is said of it."""

    def setHeader(k: Any, v: Any) -> None:
        """Set a header of the response."""

    def redirect(url: Any) -> None:
        """Send the client elsewhere."""

    def setLastModified(when: float) -> Any:
        """Say when this has changed; `http.CACHED` if the client has it."""

    def setETag(etag: bytes) -> Any:
        """Say which version this is; `http.CACHED` if the client has it."""

    def setHost(host: bytes, port: int, ssl: bool | int = 0) -> None:
        """Have the request say that it was made to another host."""
