"""Where the client is: requests that are given to a publisher."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IPushProducer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.spread import pb
from twisted.spread.banana import SIZE_LIMIT
from twisted.web import http
from twisted.web.distrib._views import Viewed
from twisted.web.distrib._wire import GONE, PIECE_BYTES, REQUEST, addressed, call
from twisted.web.http_headers import Headers
from twisted.web.pages import errorPage
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

__name__ = "twisted.web.distrib"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.distrib")

#: How long a publisher may take to be connected to, in seconds. It is near, as a rule.
CONNECT_SECONDS = 10


class _Copied(pb.Copyable):
    """A request, as it is copied for a publisher."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def getTypeToCopy(self) -> str:
        return REQUEST

    def getStateToCopyFor(self, perspective: Any) -> dict[str, Any]:
        request = self._request
        head = request._head
        return {
            "method": request.method,
            "uri": request.uri,
            "minor": int(request.clientproto.endswith(b"1.1")),
            "headers": [
                (name, value)
                for name, values in request.requestHeaders.getAllRawHeaders()
                for value in values
            ],
            "prepath": list(request.prepath),
            "postpath": list(request.postpath),
            "length": 0 if head is None else head.length,
            "peer": addressed(request.getClientAddress()),
            "host": addressed(request.getHost()),
            "secure": request.isSecure(),
            "answering": _Answering(request),
        }


@implementer(IPushProducer)
class _Distant:
    """A producer that is at the publisher's."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def pauseProducing(self) -> None:
        self._tell("pauseProducing")

    def resumeProducing(self) -> None:
        self._tell("resumeProducing")

    def stopProducing(self) -> None:
        self._tell("gone")


class _Answering(pb.Referenceable):
    """What a publisher answers a request with."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._control: Any = None
        self._gone = False
        self._rest = b""
        request.notifyFinish().addErrback(self._left)

    def _left(self, reason: Failure) -> None:
        self._gone = True
        self._tell("gone")

    def _tell(self, what: str) -> None:
        if self._control is not None:
            # If the publisher has gone as well there is nobody to tell.
            call(self._control, what).addErrback(lambda reason: None)

    def _live(self) -> Any:
        if self._gone or self._request.finished:
            raise pb.Error(GONE)
        return self._request

    def remote_begin(self, control: Any) -> None:
        self._control = control
        if self._gone:
            self._tell("gone")

    async def _read(self) -> bytes | None:
        content = self._live().content
        if not self._rest:
            if isinstance(content, http.BodyStream):
                self._rest = await anext(content, b"")
            else:
                self._rest = content.read(PIECE_BYTES)
        piece, self._rest = self._rest[:PIECE_BYTES], self._rest[PIECE_BYTES:]
        return piece or None

    def remote_read(self) -> Deferred[bytes | None]:
        """The next piece of the body; None if there are no more."""
        return ensureDeferred(self._read())

    def remote_head(self, code: int, message: bytes, fields: list[tuple[bytes, bytes]]) -> None:
        request = self._live()
        request.setResponseCode(code, message)
        request.defaultContentType = None
        request.responseHeaders = Headers()
        for name, value in fields:
            request.responseHeaders.addRawHeader(name, value)

    def remote_write(self, data: bytes) -> None:
        self._live().write(data)

    def remote_finish(self) -> None:
        self._live().finish()

    def remote_abort(self) -> None:
        self._live().channel.forceAbortClient()

    def remote_registerProducer(self) -> None:
        self._live().registerProducer(_Distant(self._tell), True)

    def remote_unregisterProducer(self) -> None:
        self._live().unregisterProducer()


class Issue:
    """A request that was given to a publisher, until that has answered.

    Args:
        request: the request.
    """

    def __init__(self, request: Any) -> None:
        self.request = request

    def finished(self, result: Any) -> None:
        """The publisher is done.

        Args:
            result: `NOT_DONE_YET`, if it has answered by itself; otherwise the body.
        """
        if result != NOT_DONE_YET:
            self.request.write(result)
            self.request.finish()

    def failed(self, failure: Failure) -> None:
        """The publisher has failed, or is gone: say so to the client, as far as it can be told."""
        request = self.request
        if request.finished or request._disconnected:
            return
        _log.failure("A publisher has failed {uri!r}", failure=failure, uri=request.uri)
        if request.startedWriting:
            # Whoever reads it must see that it is not all.
            request.channel.forceAbortClient()
            return
        request.unregisterProducer()
        request.responseHeaders = Headers()
        _refuse(request, "Server Connection Lost", "The connection to another server was lost.")


def _refuse(request: Any, brief: str, detail: str, status: int = http.BAD_GATEWAY) -> None:
    """Answer a request that no publisher answers."""
    if not request._disconnected:
        page: Any = errorPage(status, brief, detail)
        request.write(page.render(request))
        request.finish()


class ResourceSubscription(Resource):
    """What is below this is asked of a publisher, which is connected to when it is needed.

    Args:
        host: where the publisher is; ``"unix"`` for a UNIX socket.
        port: its port, or the path of the socket.

    Attributes:
        publisher: a reference to it, while there is a connection.
        pending: requests that wait for one.
        waiting: whether one is being made.
    """

    isLeaf = 1
    streaming = True
    waiting: int | bool = 0

    _takesPieces = True

    def __init__(self, host: str, port: int | str) -> None:
        super().__init__()
        self.host = host
        self.port = port
        self.pending: list[Any] = []
        self.publisher: Any = None
        self._begun: dict[Any, None] = {}  # requests that a publisher answers who does not say when

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "pending": [], "publisher": None, "waiting": 0, "_begun": {}}

    def connected(self, publisher: Any) -> None:
        """There is a connection: give the publisher what waits for it."""
        self.waiting = 0
        self.publisher = publisher
        publisher.notifyOnDisconnect(lambda _: self.booted())
        pending, self.pending = self.pending, []
        for request in pending:
            if not request._disconnected:
                self.render(request)

    def notConnected(self, msg: Any) -> None:
        """There is no connection: say so to those who wait for it.

        Args:
            msg: why.
        """
        _log.error("Cannot connect to the publisher at {host} {port}: {reason}", host=self.host,
                   port=self.port, reason=msg)  # fmt: skip
        self.waiting = 0
        self.publisher = None
        pending, self.pending = self.pending, []
        for request in pending:
            _refuse(request, "Server Unavailable", "Another server cannot be connected to.")

    def booted(self) -> None:
        """The connection is lost; the next request makes another."""
        self.waiting = 0
        self.publisher = None
        for request in list(self._begun):
            Issue(request).failed(Failure(ConnectionLost()))

    def render(self, request: Any) -> int:
        """Give a request to the publisher."""
        if self.publisher is not None:
            issue = Issue(request)
            if self._takesPieces:
                asked = call(self.publisher, "request", _Copied(request))
            else:
                asked = ensureDeferred(self._askWhole(request))
            asked.addCallbacks(issue.finished, issue.failed)
            asked.addErrback(lambda reason: _log.failure("Not answered", failure=reason))
            return NOT_DONE_YET
        self.pending.append(request)
        if not self.waiting:
            self.waiting = 1
            self._connect()
        return NOT_DONE_YET

    async def _askWhole(self, request: Any) -> Any:
        """Give a request to a publisher that takes all of it at once."""
        content = request.content
        if isinstance(content, http.BodyStream):
            body = b""
            async for piece in content:
                body += piece
                if len(body) > SIZE_LIMIT:
                    _refuse(request, "Too Large", "The other server does not take so much.", 413)
                    return NOT_DONE_YET
            request.content = BytesIO(body)
        # It says that it is done when it has begun.
        self._begun[request] = None
        request.notifyFinish().addBoth(lambda _: self._begun.pop(request, None))
        return await call(self.publisher, "request", Viewed(request))

    async def _meet(self, publisher: Any) -> None:
        """Ask what the publisher takes."""
        try:
            self._takesPieces = await publisher.callRemote("takesPieces")
        except pb.RemoteError:  # it has no such method
            self._takesPieces = False
        self.connected(publisher)

    def _connect(self) -> None:
        factory = pb.PBClientFactory()
        factory.noisy = False
        reactor: Any = installedReactor()
        if self.host == "unix":
            reactor.connectUNIX(self.port, factory, timeout=CONNECT_SECONDS)
        else:
            reactor.connectTCP(self.host, self.port, factory, timeout=CONNECT_SECONDS)
        met = factory.getRootObject().addCallback(lambda root: ensureDeferred(self._meet(root)))
        met.addErrback(self.notConnected)
