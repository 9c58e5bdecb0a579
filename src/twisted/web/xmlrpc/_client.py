"""A client that calls methods by XML-RPC."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IConnector
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.internet.ssl import optionsForClientTLS
from twisted.python.failure import Failure
from twisted.web import _h1
from twisted.web._limits import DEFAULT_LIMITS as HTTP_LIMITS
from twisted.web.error import Error
from twisted.web.http import OK
from twisted.web.xmlrpc._errors import BadMessage
from twisted.web.xmlrpc._reading import DEFAULT_LIMITS, Limits, read_result
from twisted.web.xmlrpc._writing import write_call

__name__ = "twisted.web.xmlrpc"  # the public path, for pickles and messages

Text = str | bytes
_AGENT = b"Torsion/XMLRPClib"
_PORTS = {"http": 80, "https": 443}


def _bytesOf(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")


class QueryProtocol(Protocol):
    """Sends one call over one connection, and tells its factory what comes back."""

    transport: Any
    factory: Any

    def connectionMade(self) -> None:
        """Send the call."""
        limits = HTTP_LIMITS
        self._reader = _h1.ResponseReader(limits)
        self._reader.expect(b"POST")
        self._status = 0
        self._reason = b""
        self._body: list[bytes] = []
        self._size = 0
        self._done = False
        self.transport.write(self.factory.request())

    def dataReceived(self, data: bytes) -> None:
        """Read the response."""
        if not self._done:
            self._read(lambda: self._reader.feed(data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The response is complete, if that can be told by this."""
        if self._done:
            return
        if self._status == 0:
            self._fail(Failure(ConnectionLost()) if reason.check(ConnectionDone) else reason)
        else:
            self._read(self._reader.feed_eof)

    def _read(self, read: Callable[[], list[_h1.Event]]) -> None:
        try:
            events = read()
        except _h1.RemoteError as error:
            self._fail(Failure(BadMessage(f"the server does not speak HTTP: {error}")))
            return
        for event in events:
            if isinstance(event, _h1.ResponseHead):
                if event.final:
                    self._status, self._reason = event.status, event.reason
            elif isinstance(event, bytes):
                self._body.append(event)
                self._size += len(event)
            else:
                self._complete()
                return
        if self._size > self.factory.limits.size:
            size = self.factory.limits.size
            self._fail(Failure(BadMessage(f"the message is longer than {size} bytes")))

    def _complete(self) -> None:
        self._done = True
        self.transport.loseConnection()
        if self._status == OK:
            self.factory.parseResponse(b"".join(self._body))
        else:
            self.factory.badStatus(b"%d" % self._status, self._reason)

    def _fail(self, reason: Failure) -> None:
        self._done = True
        self.transport.abortConnection()
        self.factory.failed(reason)


class QueryFactory(ClientFactory[QueryProtocol]):
    """One call: makes the connection for it.

    Args:
        path: of the URL, with its query.
        host: for the header `Host`, with the port if that has to be said.
        method: the name of the method.
        user, password: for basic authentication, if `user` is not None.
        allowNone: whether None can be sent.
        args: of the method.
        canceller: called with the Deferred if that is cancelled.
        useDateTime: whether times that are answered are `datetime`.

    Attributes:
        deferred: fires with the result, and fails with a `Fault`, with a `twisted.web.error.Error`
            of the status, or with why there was no answer; None when it has.
        limits: what an answer may cost.

    Raises:
        TypeError, ValueError, OverflowError: one of `args` cannot be sent.
    """

    protocol = QueryProtocol
    noisy = False
    deferred: Deferred[Any] | None
    limits: Limits = DEFAULT_LIMITS

    def __init__(
        self,
        path: bytes,
        host: bytes,
        method: str,
        user: bytes | None = None,
        password: bytes | None = None,
        allowNone: bool = False,
        args: Iterable[Any] = (),
        canceller: Callable[[Deferred[Any]], object] | None = None,
        useDateTime: bool = False,
    ) -> None:
        self.path = path
        self.host = host
        self.user = user
        self.password = password
        self.payload = write_call(method, args, allowNone)
        self.useDateTime = useDateTime
        self.deferred = Deferred(canceller)

    def request(self) -> bytes:
        """The request, as it is sent."""
        fields = [
            (b"Host", self.host),
            (b"User-Agent", _AGENT),
            (b"Content-Type", b"text/xml; charset=utf-8"),
            (b"Connection", b"close"),
        ]
        if self.user is not None:
            pair = b"%b:%b" % (self.user, self.password or b"")
            fields.append((b"Authorization", b"Basic " + b64encode(pair)))
        writer = _h1.RequestWriter()
        head = writer.head(b"POST", self.path, fields, len(self.payload))
        return head + writer.body(self.payload)

    def parseResponse(self, contents: bytes) -> None:
        """The body of an answer has arrived: fire the Deferred with what it says."""
        deferred, self.deferred = self.deferred, None
        if deferred is None:
            return
        try:
            result = read_result(contents, self.useDateTime, self.limits)
        except Exception:  # a Fault, or a bad message: the caller is told
            deferred.errback(Failure())
        else:
            deferred.callback(result)

    def badStatus(self, status: bytes, message: bytes) -> None:
        """The answer is not 200: fail with its status."""
        self.failed(Failure(Error(status, message)))

    def failed(self, reason: Failure) -> None:
        """There is no result: fail, if that is not done yet."""
        deferred, self.deferred = self.deferred, None
        if deferred is not None:
            deferred.errback(reason)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """The connection is lost: fail, if there was no answer."""
        self.failed(reason)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """There was no connection: fail."""
        self.failed(reason)


class Proxy:
    """Calls methods of a server of XML-RPC.

    Args:
        url: of the server; ``http`` or ``https``, with the user's name and password if need be.
        user, password: for basic authentication, in place of those in the URL.
        allowNone: whether None can be sent, by an extension that not all servers know.
        useDateTime: whether times that are answered are `datetime`, or else `DateTime`.
        connectTimeout: seconds until there has to be a connection.
        reactor: makes the connections; the installed one by default.
        contextFactory: for TLS; by default the server has to show a certificate for its name that
            the system trusts.

    Attributes:
        queryFactory: makes what is connected for a call, with arguments as `QueryFactory` has.

    Raises:
        ValueError: that is no such URL.
    """

    queryFactory: Callable[..., Any] = QueryFactory

    def __init__(
        self,
        url: Text,
        user: Text | None = None,
        password: Text | None = None,
        allowNone: bool = False,
        useDateTime: bool = False,
        connectTimeout: float = 30.0,
        reactor: Any = None,
        contextFactory: Any = None,
    ) -> None:
        text = url.decode("ascii") if isinstance(url, bytes) else url
        if any(character <= " " or character >= "\x7f" for character in text):
            raise ValueError(f"a URL is of visible ASCII characters: {url!r}")
        parts = urlsplit(text)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"not a URL like http://host:port/path: {url!r}")
        self.host = parts.hostname
        self.port = parts.port or _PORTS[parts.scheme]
        self.secure = parts.scheme == "https"
        self.path = (parts.path or "/").encode("ascii")
        if parts.query:
            self.path += b"?" + parts.query.encode("ascii")
        self.user = None if parts.username is None else unquote_to_bytes(parts.username)
        self.password = None if parts.password is None else unquote_to_bytes(parts.password)
        if user is not None:
            self.user = _bytesOf(user)
        if password is not None:
            self.password = _bytesOf(password)
        self.allowNone = allowNone
        self.useDateTime = useDateTime
        self.connectTimeout = connectTimeout
        self._reactor = reactor
        self._contextFactory = contextFactory
        named = f"[{self.host}]" if ":" in self.host else self.host
        if self.port != _PORTS[parts.scheme]:
            named = f"{named}:{self.port}"
        self._named = named.encode("ascii")

    def callRemote(self, method: str, *args: Any) -> Deferred[Any]:
        """Call a method.

        Args:
            method: its name.
            args: what it is called with.

        Returns:
            A Deferred that fires with what the method returns. It fails with `Fault` if the method
            does; with `twisted.web.error.Error` if the status is not 200; with `BadMessage` if
            the answer is none; or with why there was no connection. To cancel it ends that.

        Raises:
            TypeError, ValueError, OverflowError: one of `args` cannot be sent.
        """

        def cancel(deferred: Deferred[Any]) -> None:
            factory.deferred = None
            connector.disconnect()
            deferred.errback(Failure(CancelledError()))

        login = self.user, self.password
        factory: Any = self.queryFactory(
            self.path, self._named, method, *login, self.allowNone, args, cancel, self.useDateTime
        )
        result: Deferred[Any] = factory.deferred
        reactor = self._reactor or installedReactor()
        if self.secure:
            context = self._contextFactory or optionsForClientTLS(self.host)
            connector = reactor.connectSSL(
                self.host, self.port, factory, context, timeout=self.connectTimeout
            )
        else:
            connector = reactor.connectTCP(
                self.host, self.port, factory, timeout=self.connectTimeout
            )
        return result
