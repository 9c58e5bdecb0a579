"""Interfaces of the web: requests and responses, of servers and of clients, and parts of pages."""

from __future__ import annotations

from typing import Any, Final

from zope.interface import Attribute, Interface

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IPushProducer

__all__ = [
    "IAccessLogFormatter",
    "IAgent",
    "IAgentEndpointFactory",
    "IBodyProducer",
    "IClientRequest",
    "ICredentialFactory",
    "INonQueuedRequestFactory",
    "IPolicyForHTTPS",
    "IRenderable",
    "IRequest",
    "IResponse",
    "ITemplateLoader",
    "IUsernameDigestHash",
    "UNKNOWN_LENGTH",
]

#: The length of a body that will be known when it ends.
UNKNOWN_LENGTH: Final = "twisted.web.iweb.UNKNOWN_LENGTH"


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


# Servers


class INonQueuedRequestFactory(Interface):
    """A factory of requests that are served one at a time, which all are by now."""

    def __call__(channel: Any) -> IRequest:
        """Make a request.

        Args:
            channel: the connection that it comes from.
        """


class IAccessLogFormatter(Interface):
    """Makes the lines of an access log."""

    def __call__(timestamp: str, request: IRequest) -> str:
        """A line, without its end.

        Args:
            timestamp: the time, as logs have it.
            request: what was served.
        """


class ITemplateLoader(Interface):
    """Has the template of an element."""

    def load() -> list[Any]:
        """What is to be rendered: things that may be in a page."""


class ICredentialFactory(Interface):
    """One way of HTTP to say who one is (RFC 9110, 11)."""

    scheme = Attribute("Its name, in small letters, such as ``b'basic'``.")

    def getChallenge(request: IRequest) -> dict[str, Any]:
        """What to ask of a client.

        Args:
            request: what was denied.

        Returns:
            Parameters of ``WWW-Authenticate``, by name.
        """

    def decode(response: bytes, request: IRequest) -> Any:
        """What the client has answered.

        Args:
            response: what follows the scheme in ``Authorization``.
            request: what it is in.

        Returns:
            Credentials: an `ICredentials`.

        Raises:
            twisted.cred.error.LoginFailed: it is no answer to what was asked.
        """


class IUsernameDigestHash(Interface):
    """Credentials of which a checker has the digest, and not the password."""

    def checkHash(digestHash: bytes) -> bool:
        """Whether this is the user.

        Args:
            digestHash: H(A1) of RFC 7616: of the name, the realm and the password.
        """


# Clients


class IBodyProducer(IPushProducer):
    """What writes the body of a request to a server."""

    length = Attribute("How many bytes it will write; `UNKNOWN_LENGTH` if that is not known.")

    def startProducing(consumer: Any) -> Deferred[None]:
        """Begin to write to `consumer`.

        Returns:
            Fires when all was written. If it fails, so does the request. It never fires if
            `stopProducing` is called.
        """

    def stopProducing() -> None:
        """The body is wanted no more: the connection is lost, or the response is complete."""


class IClientRequest(Interface):
    """A request that was made."""

    method = Attribute("The method, such as ``b'GET'``.")
    absoluteURI = Attribute("What was asked for, as a whole URI; None if that is not known.")
    headers = Attribute("What was said of it, as `Headers`.")


class IResponse(Interface):
    """What a server has answered, as far as its headers; its body can be had once."""

    version = Attribute("The protocol: ``(b'HTTP', 1, 1)``.")
    code = Attribute("The status, as a number.")
    phrase = Attribute("What is said of the status, as bytes.")
    headers = Attribute("The headers, as `Headers`, without those about the connection.")
    length = Attribute("How long the body is; `UNKNOWN_LENGTH` if that is not known.")
    request = Attribute("What this answers, an `IClientRequest`.")
    previousResponse = Attribute("The redirection that has led here; None if there was none.")

    def deliverBody(protocol: Any) -> None:
        """Give the body to a protocol.

        It is connected, and gets the body as data. It then is told that the connection is lost:
        with `ResponseDone` if that was all, with `PotentialDataLoss` if it cannot be told, and
        with `ResponseFailed` if something is missing.
        """

    def setPreviousResponse(response: IResponse) -> None:
        """Say which redirection has led here."""


class IAgent(Interface):
    """What makes requests."""

    def request(
        method: bytes,
        uri: bytes,
        headers: Any = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Make a request.

        Args:
            method: such as ``b"GET"``.
            uri: the whole of it.
            headers: `Headers`; `Host` is added.
            bodyProducer: the body; None for no body.

        Returns:
            Fires when the headers of the response are there; cancelling it gives up.
        """


class IPolicyForHTTPS(Interface):
    """Says how to trust servers."""

    def creatorForNetloc(hostname: bytes, port: int) -> Any:
        """What makes the TLS of a connection to a server.

        Args:
            hostname: whom to talk to.
            port: the number of the port.

        Returns:
            An `IOpenSSLClientConnectionCreator`, such as `ssl.optionsForClientTLS` makes.
        """


class IAgentEndpointFactory(Interface):
    """Says where requests go."""

    def endpointForURI(uri: Any) -> Any:
        """Where to connect for a URI.

        Args:
            uri: a `twisted.web.client.URI`.

        Returns:
            An `IStreamClientEndpoint`.
        """
