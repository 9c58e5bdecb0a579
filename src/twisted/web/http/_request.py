"""One request and the response to it."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import Any, BinaryIO, cast

from zope.interface import implementer

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IConsumer
from twisted.python.failure import Failure
from twisted.web import _h1
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.http._answer import Answer
from twisted.web.http._cookies import asBytes, readCookies
from twisted.web.http._forms import BadForm as BadForm
from twisted.web.http._forms import checkFields, parseMultipart
from twisted.web.http._late import Late
from twisted.web.http._parsing import parse_qs
from twisted.web.http._stream import BodyStream
from twisted.web.http_headers import Headers

__name__ = "twisted.web.http"  # the public path, for pickles and messages
__all__ = ["BadForm", "Request", "monotonic"]

_URL_ENCODED = b"application/x-www-form-urlencoded"
_MULTIPART = b"multipart/form-data"


@implementer(IConsumer)
class Request(Answer):
    """A request, and the response to it; override `process`.

    Args:
        channel: the connection.
        queued: is not used.
        parsePOSTFormSubmission: whether forms in the body become `args`.

    Attributes:
        method, uri, path, clientproto: what the request line says; `path` has no query.
        args: fields of the query, and of a form: lists of values by name. Where both have a field,
            that of the form counts.
        content: the body of the request, as a file.
        received_cookies: cookies of the client, by name.
        transport: of the connection.
        client, host: its addresses, that of the client and ours.
    """

    method: bytes = b"(no method yet)"
    uri: bytes = b"(no uri yet)"
    path = Late(lambda request: b"(no path yet)")
    clientproto: bytes = b"(no clientproto yet)"
    # Benchmark http-hello: what most resources do not look at is made when they do.
    args: Late[dict[bytes, list[bytes]]] = Late(lambda request: request._makeArgs())
    received_cookies: Late[dict[bytes, bytes]] = Late(lambda request: request._makeCookies())
    content: Late[BinaryIO] = Late(lambda request: request._makeContent())
    transport: Late[Any] = Late(lambda request: getattr(request.channel, "transport", None))
    client: Late[IAddress] = Late(lambda request: request.getClientAddress())
    host: Late[IAddress] = Late(lambda request: request.getHost())
    queued: int | bool = 0

    _hasBody = False
    _head: _h1.RequestHead | None = None
    _stream: BodyStream | None = None  # the body, for a resource that does not wait for all of it
    _requestHeaders: Headers | None = None
    _madeHost: tuple[IAddress, bool] | None = None
    _formerChannel: Any = None  # has the addresses, when the response is finished

    def __init__(
        self, channel: Any, queued: bool = False, parsePOSTFormSubmission: bool = True
    ) -> None:
        self.channel: Any = channel
        self._parsesForms = parsePOSTFormSubmission

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} at 0x{id(self):x} method={self.method.decode('latin-1')}"
            f" uri={self.uri.decode('latin-1')} clientproto={self.clientproto.decode('latin-1')}>"
        )

    __hash__ = object.__hash__

    @property
    def requestHeaders(self) -> Headers:
        """What the client says."""
        headers = self._requestHeaders
        if headers is None:
            headers = self._requestHeaders = self._makeHeaders()
        return headers

    @requestHeaders.setter
    def requestHeaders(self, headers: Headers) -> None:
        self._requestHeaders = headers

    @property
    def _limits(self) -> Limits:
        return getattr(self.channel, "limits", DEFAULT_LIMITS)

    # --- The request arrives ---

    def gotLength(self, length: int | None) -> None:
        """A body will follow. This makes `content`, a file.

        Args:
            length: of the body; None if that is not known.
        """
        most = self._limits.memoryBytes
        self._hasBody = True
        if length is not None and length <= most:
            self.content = BytesIO()
        else:
            spool: Any = SpooledTemporaryFile(max_size=most)  # noqa: SIM115  # closed by _close
            self.content = spool

    def _makeContent(self) -> BinaryIO:
        """The body of a request that has none."""
        return BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body. This writes it to `content`."""
        if self._stream is not None:
            self._stream.arrived(data)
        else:
            self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The request is complete. This calls `process`.

        Args:
            command: the method.
            path: the target, with the query.
            version: such as ``b"HTTP/1.1"``.
        """
        if self._stream is not None:
            self._stream.completed()
            return
        self._setLine(command, path, version)
        if self._hasBody:
            self.content.seek(0)
            if command == b"POST" and self._parsesForms:
                self._readForm()
        self.process()

    def _setLine(self, command: bytes, target: bytes, version: bytes) -> None:
        self.method = command
        self.uri = target
        self.clientproto = version
        if b"?" in target:
            target = target.partition(b"?")[0]
        if target[:1] != b"/" and b"://" in target:
            target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
        self.path = target

    def _streamTo(self, channel: Any, length: int | None) -> None:
        """Let `content` be the body as it arrives; `_beginStreaming` is called next."""
        self._hasBody = True
        self._stream = BodyStream(self, channel, length)
        self.content = cast(BinaryIO, self._stream)

    def _beginStreaming(self, command: bytes, target: bytes, version: bytes) -> None:
        """The headers are there, and the body follows: call `process` now."""
        self._setLine(command, target, version)
        self.process()

    def process(self) -> None:
        """The request is complete: answer it. Override this."""

    def _readForm(self) -> None:
        contentType = self.getHeader(b"content-type")
        if contentType is None:
            return
        kind = contentType.partition(b";")[0].strip().lower()
        if kind not in (_URL_ENCODED, _MULTIPART):
            return
        limits = self._limits
        body = self.content.read(limits.formBytes + 1)
        if len(body) > limits.formBytes:
            raise BadForm(f"a form of more than {limits.formBytes} bytes", 413)
        if kind == _MULTIPART:
            fields = parseMultipart(body, contentType, limits)
        else:
            checkFields(body.count(b"&") + 1, limits)
            fields = parse_qs(body, keep_blank_values=True)
        self.args.update(fields)
        self.content.seek(0)

    def _makeArgs(self) -> dict[bytes, list[bytes]]:
        return parse_qs(self.uri.partition(b"?")[2], keep_blank_values=True)

    def _makeHeaders(self) -> Headers:
        if self._head is None:
            return Headers()
        # The reader shares what it has read between requests that say the same.
        return Headers._fromParsed({name: values[:] for name, values in self._head.headers.items()})

    def parseCookies(self) -> None:
        """Read the cookies of the client anew from its headers, into `received_cookies`."""
        self.received_cookies = self._makeCookies()

    def _makeCookies(self) -> dict[bytes, bytes]:
        return readCookies(list(self.requestHeaders.getRawHeaders(b"cookie", [])))

    # --- What the client says ---

    def getHeader(self, key: str | bytes) -> Any:
        """The last value of a header of the request; None if there is none.

        Args:
            key: the name; the value is of its type.
        """
        if self._requestHeaders is None and self._head is not None and type(key) is bytes:
            # Benchmark http-static-small: most requests are asked for little.
            values: Any = self._head.headers.get(key.lower())
        else:
            values = self.requestHeaders.getRawHeaders(key)
        return values[-1] if values else None

    def getAllHeaders(self) -> dict[bytes, bytes]:
        """The last value of each header of the request, by name in small letters."""
        return {name.lower(): values[-1] for name, values in self.requestHeaders.getAllRawHeaders()}

    def getCookie(self, key: bytes) -> bytes | None:
        """The value of a cookie that the client has sent; None if it has not."""
        return self.received_cookies.get(key)

    def getRequestHostname(self) -> bytes:
        """The host that the client means, without the port."""
        host = self.getHeader(b"host")
        if host:
            name, _, port = host.rpartition(b":")
            return cast(bytes, name if name and port.isdigit() else host).strip(b"[]")
        return asBytes(getattr(self.getHost(), "host", b""))

    def getHost(self) -> IAddress:
        """The address that the client has connected to, or what `setHost` was told."""
        if self._madeHost:
            return self._madeHost[0]
        host: IAddress = (self.channel or self._formerChannel).getHost()
        return host

    def setHost(self, host: bytes, port: int, ssl: bool | int = 0) -> None:
        """Have the request say that it was made to another host: a proxy in front of us knows.

        Args:
            host: its name.
            port: its port.
            ssl: whether the client speaks TLS with it.
        """
        named = host if port == (443 if ssl else 80) else b"%b:%d" % (host, port)
        self.requestHeaders.setRawHeaders(b"host", [named])
        address = IPv4Address("TCP", host.decode("ascii"), port)
        self._madeHost = address, bool(ssl)
        self.host = address

    def isSecure(self) -> bool:
        """Whether the client speaks TLS."""
        if self._madeHost:
            return self._madeHost[1]
        channel = self.channel or self._formerChannel
        return bool(channel is not None and channel.isSecure())

    def getClientAddress(self) -> IAddress:
        """The address of the client."""
        peer: IAddress = (self.channel or self._formerChannel).getPeer()
        return peer

    def getClientIP(self) -> str | None:
        """The IP address of the client; None if it has none."""
        peer = self.getClientAddress()
        return peer.host if isinstance(peer, IPv4Address | IPv6Address) else None

    def _credentials(self) -> tuple[bytes, bytes]:
        scheme, _, encoded = (self.getHeader(b"authorization") or b"").partition(b" ")
        if scheme.lower() != b"basic":
            return b"", b""
        try:
            user, _, password = b64decode(encoded.strip()).partition(b":")
        except ValueError:
            return b"", b""
        return user, password

    def getUser(self) -> bytes:
        """The name that the client gives by HTTP's basic authentication; empty if none."""
        return self._credentials()[0]

    def getPassword(self) -> bytes:
        """The password that goes with it."""
        return self._credentials()[1]

    # --- The end ---

    def _close(self) -> None:
        self._formerChannel, self.channel = self.channel, None
        if self._hasBody:
            self.content.close()

    def connectionLost(self, reason: Failure) -> None:
        """Nobody waits for the response any more."""
        self._disconnected = True
        if self._stream is not None:
            self._stream.failed(reason)
        producer, self.producer = self.producer, None
        try:
            if producer is not None:
                producer.stopProducing()
        finally:
            self._close()
            if self._notifications:
                self._notify(reason)

    def loseConnection(self) -> None:
        """Close the connection."""
        if self.channel is not None:
            self.channel.loseConnection()

    def noLongerQueued(self) -> None:
        """It is this request's turn; it always is, as each is made when those before are done."""
        self.queued = 0
