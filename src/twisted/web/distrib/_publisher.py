"""Where the resources are: requests that are answered for others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress
from twisted.persisted.styles import Versioned
from twisted.python.failure import Failure
from twisted.spread import pb
from twisted.spread.jelly import InsecureJelly
from twisted.web import _h1, http, server
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.distrib._views import Views, fromView
from twisted.web.distrib._wire import GONE, PIECE_BYTES, REQUEST, VIEWED, addressOf, call
from twisted.web.http._forms import BadForm
from twisted.web.pages import errorPage
from twisted.web.server import NOT_DONE_YET

__name__ = "twisted.web.distrib"  # the public path, for pickles and messages


class _Control(pb.Referenceable):
    """What the other side says of a request that is answered here."""

    def __init__(self, channel: _Channel) -> None:
        self._channel = channel

    def remote_gone(self) -> None:
        self._channel.lost(Failure(ConnectionDone(GONE)))

    def remote_pauseProducing(self) -> None:
        producer = self._channel.producer
        if producer is not None:
            producer.pauseProducing()

    def remote_resumeProducing(self) -> None:
        producer = self._channel.producer
        if producer is not None:
            producer.resumeProducing()


class _Pump:
    """A pull producer that is asked for the next piece when the last has arrived over there."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._paused = False
        self._asked = False

    def pauseProducing(self) -> None:
        self._paused = True

    def resumeProducing(self) -> None:
        self._paused = False
        if not self._asked:
            self._asked = True
            self._producer.resumeProducing()

    def sent(self) -> None:
        """What was written has arrived."""
        self._asked = False
        if not self._paused:
            self.resumeProducing()


class _Channel:
    """The channel of a request that was copied: passes the response back."""

    factory = None
    limits: Limits = DEFAULT_LIMITS

    def __init__(self, request: Request, state: dict[str, Any]) -> None:
        self._request = request
        self._answering = state["answering"]
        if not isinstance(self._answering, pb.RemoteReference | Views):
            raise TypeError("there is no reference to answer to")
        self._peer = addressOf(state["peer"])
        self._host = addressOf(state["host"])
        self._secure = bool(state["secure"])
        self._ended = False
        self._connected = True
        self._unsent = 0
        self.done: Deferred[None] = Deferred()
        self.site: Any = None
        self.producer: Any = None

    @property
    def transport(self) -> Any:
        """There is no other than this."""
        return self

    def begin(self, site: Any) -> None:
        """The request is served here."""
        self.site = site
        self._answering.notifyOnDisconnect(self._disconnected)
        self.tell("begin", _Control(self))

    def _disconnected(self, reference: Any) -> None:
        self._connected = False
        self.lost(Failure(ConnectionDone("the other server has gone away")))

    def tell(self, what: str, *args: Any) -> None:
        """Pass something on."""
        call(self._answering, what, *args).addErrback(self._request.fail)

    async def read(self) -> bytes | None:
        """The next piece of the body of the request; None if there are no more."""
        piece: bytes | None = await call(self._answering, "read")
        return piece

    def lost(self, reason: Failure) -> None:
        """Nobody waits for the response any more."""
        if not self._ended:
            self._end()
            self._request.connectionLost(reason)

    def _end(self) -> None:
        self._ended = True
        self.producer = None
        if self._connected:
            self._answering.dontNotifyOnDisconnect(self._disconnected)
        self.done.callback(None)

    def writeHeaders(
        self, version: bytes, code: int, reason: bytes, headers: list[tuple[bytes, bytes]]
    ) -> None:
        self.tell("head", code, reason, headers)

    def write(self, data: bytes) -> None:
        if data and self._request.method != b"HEAD":
            self._unsent += 1
            sent = call(self._answering, "write", data)
            sent.addCallbacks(self._sent, self._request.fail)

    def _sent(self, _: object) -> None:
        self._unsent -= 1
        if not self._unsent and isinstance(self.producer, _Pump):
            self.producer.sent()

    def requestDone(self, request: Any) -> None:
        self.tell("finish")
        self._end()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        self.tell("registerProducer")
        self.producer = producer if streaming else _Pump(producer)
        if not streaming:
            self.producer.resumeProducing()

    def unregisterProducer(self) -> None:
        self.producer = None
        self.tell("unregisterProducer")

    def loseConnection(self) -> None:
        self.tell("abort")

    forceAbortClient = loseConnection

    def getPeer(self) -> IAddress:
        return self._peer

    def getHost(self) -> IAddress:
        return self._host

    def isSecure(self) -> bool:
        return self._secure


def _pieces(data: bytes) -> Iterator[bytes]:
    """Bytes in pieces that a message can carry."""
    for at in range(0, len(data), PIECE_BYTES):
        yield data[at : at + PIECE_BYTES]


class Request(pb.RemoteCopy, server.Request):
    """A request to another server, which passes on what is answered here."""

    def setCopyableState(self, state: dict[str, Any]) -> None:
        """Take what was copied.

        Raises:
            InsecureJelly: that is no request.
        """
        try:
            self._take(fromView(state) if "remote" in state else state)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InsecureJelly(f"not the state of a copied request: {error!r}") from error

    def _take(self, state: dict[str, Any]) -> None:
        server.Request.__init__(self, _Channel(self, state))
        named: dict[bytes, list[bytes]] = {}
        for name, value in state["headers"]:
            named.setdefault(name.lower(), []).append(value)
        self._head = _h1.RequestHead(state["method"], state["uri"], state["minor"], named)
        self._head.length = state["length"]
        self.prepath = list(state["prepath"])
        self.postpath = list(state["postpath"])
        parts = (state["method"], state["uri"], *self.prepath, *self.postpath)
        values = (value for values in named.values() for value in values)
        if not all(isinstance(each, bytes) for each in (*parts, *named, *values)):
            raise TypeError("what a request says is bytes")

    async def _serve(self, site: Any) -> int:
        """Answer, and be done when that is done."""
        channel, head = self.channel, self._head
        assert head is not None
        channel.begin(site)
        try:
            if head.length != 0:
                http.Request.gotLength(self, head.length)
                while (piece := await channel.read()) is not None:
                    self.handleContentChunk(piece)
            if not self._disconnected:
                self.requestReceived(head.method, head.target, b"HTTP/1.%d" % head.minor)
        except BadForm as error:
            page: Any = errorPage(error.status, "Bad Request", str(error))
            self.render(page)
        except Exception as error:  # of a disk that is full, or because the other side has gone
            self.processingFailed(Failure(error))
        await channel.done
        return NOT_DONE_YET

    def process(self) -> None:
        """Find the resource, below where the subscription is, and render it."""
        self.site = self.channel.site
        try:
            self._use(self.site.getResourceFor(self))
        except BaseException as error:  # of the program's resources
            self._caught(error)

    def write(self, bytes: bytes) -> None:
        """Send a piece of the response."""
        if len(bytes) <= PIECE_BYTES:
            server.Request.write(self, bytes)
            return
        for piece in _pieces(bytes):
            server.Request.write(self, piece)

    def fail(self, failure: Failure) -> None:
        """What was answered cannot be passed on: nobody waits for it."""
        channel = self.channel
        if channel is not None:
            channel.lost(failure)


pb.setUnjellyableForClass(REQUEST, Request)
pb.setUnjellyableForClass(VIEWED, Request)


class ResourcePublisher(pb.Root, Versioned):
    """Answers for others with a site of its own.

    Whoever connects is believed what it says of its clients: listen where only they are.

    Args:
        site: the `server.Site`.
    """

    persistenceVersion = 2

    def __init__(self, site: Any) -> None:
        super().__init__()
        self.site = site

    def upgradeToVersion2(self) -> None:
        """Forget what publishers of version 1 had: they were services of an application."""
        for name in ("application", "perspectiveName", "serviceName"):
            self.__dict__.pop(name, None)

    def getPerspectiveNamed(self, name: str) -> ResourcePublisher:
        """This: everyone sees the same."""
        return self

    def remote_takesPieces(self) -> bool:
        """Tell that bodies can come in pieces; Twisted's own has no such method."""
        return True

    def remote_request(self, request: Request) -> Deferred[int]:
        """Answer a request.

        Args:
            request: the copy of it.

        Returns:
            A Deferred that fires with `NOT_DONE_YET` when it is answered.

        Raises:
            pb.Error: it is none.
        """
        if not isinstance(request, Request):
            raise pb.Error("a publisher is given copies of requests")
        return ensureDeferred(request._serve(self.site))
