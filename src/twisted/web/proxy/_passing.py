"""Passing one request on to a server, and the response back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.internet.error import TimeoutError
from twisted.internet.interfaces import IAddress, IConnector, IConsumer, IPushProducer
from twisted.internet.protocol import ClientFactory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import FileSender
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from twisted.web import _h1
from twisted.web._limits import DEFAULT_LIMITS
from twisted.web.http import (
    BAD_GATEWAY,
    GATEWAY_TIMEOUT,
    SWITCHING,
    BodyStream,
    HTTPClient,
    Request,
)
from twisted.web.http_headers import Headers, wireName

__name__ = "twisted.web.proxy"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.proxy")

#: What is for one connection only, besides what `Connection` names; and what is made anew.
_HOP_BY_HOP = frozenset(
    [
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization"),
        *(b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    ]
)
#: These are not for the server behind either: it is told of the body by us.
_FRAMING = frozenset([b"content-length", b"expect"])
#: Of these, a response has one.
_SINGLE = frozenset([b"server", b"date", b"content-type", b"content-length"])
#: Heads have limits; a body is passed on, however long it is.
_LIMITS = replace(DEFAULT_LIMITS, bodyBytes=None)
_VIA = b"1.1 torsion"
#: Longer bodies are not read at once.
_IN_MEMORY = 64 * 1024


def _endToEnd(headers: Mapping[bytes, Any], connection: Iterable[bytes]) -> dict[bytes, Any]:
    """The headers that are passed on.

    Args:
        headers: all of them, by name.
        connection: the values of `Connection`.
    """
    named = {name.strip().lower() for value in connection for name in value.split(b",")}
    dropped = _HOP_BY_HOP | named
    return {name: value for name, value in headers.items() if name.lower() not in dropped}


def asked(request: Any) -> dict[bytes, bytes]:
    """The headers of a request, by name; those that were sent more than once in one."""
    found = {}
    for name, values in request.requestHeaders.getAllRawHeaders():
        key = name.lower()
        found[key] = (b"; " if key == b"cookie" else b", ").join(values)
    return found


class _Spooled:
    """A body that is there, and is too long to be in memory; delivered as an `http.BodyStream`."""

    def __init__(self, content: BinaryIO, length: int) -> None:
        self.length = length
        self._content = content

    def deliverTo(self, consumer: Any) -> Deferred[Any]:
        return FileSender().beginFileTransfer(self._content, consumer)


def bodyOf(request: Any, whole: bool) -> Any:
    """The body of a request: bytes, or unless it has to be whole, something to deliver."""
    content = request.content
    if isinstance(content, BodyStream):
        return content if content.length != 0 else b""
    length = content.seek(0, os.SEEK_END)
    content.seek(0)
    return content.read() if whole or length <= _IN_MEMORY else _Spooled(content, length)


def apologize(request: Any, status: int, explanation: bytes) -> None:
    """Answer a request, instead of a server that cannot."""
    if request.finished or request._disconnected:
        return
    if request.startedWriting:
        # Whoever reads it must see that it is not all.
        request.channel.forceAbortClient()
        return
    request.responseHeaders = Headers()
    request.setResponseCode(status)
    request.setHeader(b"content-type", b"text/plain; charset=utf-8")
    request.setHeader(b"content-length", b"%d" % len(explanation))
    request.write(explanation)
    request.finish()


@implementer(IConsumer)
class _Upload:
    """Where the body of a request is delivered to: the connection to the server."""

    def __init__(self, client: ProxyClient, writer: _h1.RequestWriter) -> None:
        self._client = client
        self._writer = writer

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        self._client.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        self._client.transport.unregisterProducer()

    def write(self, data: bytes) -> None:
        self._client.resetTimeout()
        self._client.transport.write(self._writer.body(data))


@implementer(IPushProducer)
class ProxyClient(HTTPClient, TimeoutMixin):
    """Passes one request on to a server, and the response back; override the `handle` methods.

    Args:
        command: the method.
        rest: what is asked for, such as ``b"/index.html"``.
        version: is not used: servers are spoken to in the version that we know.
        headers: of the request, by name.
        data: the body: bytes, or an `http.BodyStream`.
        father: the request that is answered.

    Attributes:
        timeOut: seconds that the server may say nothing; None for ever. Then the answer is 504.
    """

    transport: Any
    timeOut: float | None = 120

    _finished = False
    _sending = False  # whether the body of the request is on its way

    def __init__(
        self,
        command: bytes,
        rest: bytes,
        version: bytes,
        headers: Mapping[bytes, bytes],
        data: Any,
        father: Any,
    ) -> None:
        super().__init__()
        self.father = father
        self.command = command
        self.rest = rest
        connection = [value for name, value in headers.items() if name.lower() == b"connection"]
        self.headers = _endToEnd(headers, connection)
        self.data = data

    # --- The request ---

    def connectionMade(self) -> None:
        """Send the request."""
        self._reader = _h1.ResponseReader(_LIMITS)
        self._reader.expect(self.command)
        writer = _h1.RequestWriter()
        data = self.data
        streams = hasattr(data, "deliverTo")
        fields = [
            (name, value) for name, value in self.headers.items() if name.lower() not in _FRAMING
        ]
        fields.append((b"Via", _VIA))
        fields.append((b"Connection", b"close"))
        try:
            length = data.length if streams else len(data)
            head = writer.head(self.command, self.rest, fields, length)
        except _h1.LocalError:
            _log.failure("Cannot pass {uri!r} on", uri=self.rest)
            self._fail(BAD_GATEWAY, b"This request cannot be passed on.\n")
            return
        self.setTimeout(self.timeOut)
        self.father.registerProducer(self, True)
        if streams:
            self._sending = True
            self.transport.write(head)
            sent = data.deliverTo(_Upload(self, writer))
            sent.addCallback(lambda _: self._sent(writer))
            # The client has gone away, or the server has answered before it had all.
            sent.addErrback(lambda _: self.transport.abortConnection())
        else:
            self.transport.write(head + writer.body(data) if data else head)

    def _sent(self, writer: _h1.RequestWriter) -> None:
        self._sending = False
        self.transport.write(writer.end())

    # --- The response ---

    def dataReceived(self, data: bytes) -> None:
        """Read the response."""
        if not self._finished:
            self.resetTimeout()
            self._read(lambda: self._reader.feed(data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The response is complete, if that can be told by this."""
        self.setTimeout(None)
        if not self._finished:
            self._read(self._reader.feed_eof)
        if not self._finished:
            self._fail(BAD_GATEWAY, b"The server has not answered.\n")

    def _read(self, read: Callable[[], list[_h1.Event]]) -> None:
        try:
            events, error = read(), None
        except _h1.RemoteError as caught:
            events, error = caught.events, caught
        for event in events:
            if isinstance(event, bytes):
                self.handleResponsePart(event)
            elif isinstance(event, _h1.ResponseHead):
                self._headReceived(event)
            elif isinstance(event, _h1.End):
                self.handleResponseEnd()
            if self._finished:
                return
        if error is not None and not self._finished:
            _log.error("Bad response for {uri!r}: {error}", uri=self.rest, error=error)
            self._fail(BAD_GATEWAY, b"The server has answered what is not HTTP.\n")

    def _headReceived(self, head: _h1.ResponseHead) -> None:
        if not head.final:
            return  # such as 100 Continue: that is between the server and us
        if head.status == SWITCHING:
            # Nobody has asked for that: Upgrade is not passed on.
            self._fail(BAD_GATEWAY, b"The server would speak another protocol.\n")
            return
        self.handleStatus(b"HTTP/1.%d" % head.minor, b"%d" % head.status, head.reason)
        passed = _endToEnd(head.headers, head.headers.get(b"connection", ()))
        for name, values in passed.items():
            for value in values:
                self.handleHeader(wireName(name), value)
        self.handleEndHeaders()

    def handleStatus(self, version: bytes, code: bytes, message: bytes) -> None:
        """The status has arrived: answer with it."""
        self.father.setResponseCode(int(code), message)
        self.father.defaultContentType = None  # only the server knows what it is

    def handleHeader(self, key: bytes, value: bytes) -> None:
        """A header has arrived that is for the client: pass it on."""
        if key.lower() in _SINGLE:
            self.father.responseHeaders.setRawHeaders(key, [value])
        else:
            self.father.responseHeaders.addRawHeader(key, value)

    def handleEndHeaders(self) -> None:
        """All headers have arrived."""
        self.father.responseHeaders.addRawHeader(b"Via", _VIA)

    def handleResponsePart(self, buffer: bytes) -> None:
        """A piece of the body has arrived: pass it on."""
        self.father.write(buffer)

    def handleResponseEnd(self) -> None:
        """The response is complete."""
        if not self._finished:
            self._finished = True
            self.father.unregisterProducer()
            self.father.finish()
            self._close()

    def _fail(self, status: int, explanation: bytes) -> None:
        self._finished = True
        self.father.unregisterProducer()
        apologize(self.father, status, explanation)
        self._close()

    def _close(self) -> None:
        self.setTimeout(None)
        if self._sending:
            # The rest of the request is nothing to anybody.
            self.transport.abortConnection()
        else:
            self.transport.loseConnection()

    def timeoutConnection(self) -> None:
        """The server says nothing."""
        self._fail(GATEWAY_TIMEOUT, b"The server has not answered in time.\n")
        self.transport.abortConnection()

    # --- The client reads as fast as it likes ---

    def pauseProducing(self) -> None:
        """The client does not take what was sent."""
        self.setTimeout(None)
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The client has taken it."""
        self.setTimeout(self.timeOut)
        self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """The client has gone away."""
        self._finished = True
        self.setTimeout(None)
        self.transport.abortConnection()


class ProxyClientFactory(ClientFactory[Any]):
    """Makes the connection for one request; arguments as those of `ProxyClient`.

    Attributes:
        protocol: what passes the request on.
    """

    protocol: Any = ProxyClient
    noisy = False

    def __init__(
        self,
        command: bytes,
        rest: bytes,
        version: bytes,
        headers: Mapping[bytes, bytes],
        data: Any,
        father: Any,
    ) -> None:
        self.command, self.rest, self.version = command, rest, version
        self.headers, self.data, self.father = headers, data, father
        self._connecting: IConnector | None = None

    def startedConnecting(self, connector: IConnector) -> None:
        """Give up if the client goes away."""
        self._connecting = connector
        self.father.notifyFinish().addErrback(self._left)

    def _left(self, _: Failure) -> None:
        if self._connecting is not None:
            self._connecting.stopConnecting()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """What passes the request on."""
        self._connecting = None
        made = self.protocol(
            self.command, self.rest, self.version, self.headers, self.data, self.father
        )
        made.factory = self
        return made

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """The server cannot be reached: say so."""
        self._connecting = None
        if reason.check(TimeoutError):
            apologize(self.father, GATEWAY_TIMEOUT, b"The server has not answered in time.\n")
        else:
            apologize(self.father, BAD_GATEWAY, b"Could not connect to the server.\n")


class StreamedRequest(Request):
    """A request that is passed on while it arrives."""

    def __init__(self, channel: Any, queued: bool = False, reactor: Any = None) -> None:
        super().__init__(channel, queued, parsePOSTFormSubmission=False)
        self._givenReactor = reactor

    def _passers(self) -> list[Any]:
        """What may pass it on. Those of programs have the body whole."""
        raise NotImplementedError

    @property
    def reactor(self) -> Any:
        """Makes the connections."""
        return self._givenReactor or installedReactor()

    def gotLength(self, length: int | None) -> None:
        """A body will follow: `content` is a `BodyStream`, unless a program looks at it."""
        if all(passer is ProxyClientFactory for passer in self._passers()):
            self._streamTo(self.channel, length)
        else:
            super().gotLength(length)
