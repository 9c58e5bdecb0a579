"""Sites that are served by several processes: one has the port, others have the resources.

A process publishes its site with a `ResourcePublisher`, the root of a `pb.PBServerFactory`; another
puts a `ResourceSubscription` into its own tree. So each user of a machine can have a process of
their own, below one port: see `UserDirectory`.

Theory of operation. What goes over Perspective Broker is a copy of the request, with a reference to
an `_Answering` beside the real one. The copy is a `server.Request` whose channel passes what a
resource writes to that reference. Bodies of requests are read through it, piece by piece, as the
publisher asks for them; bodies of responses are paced by the producer that writes them, which the
real request pauses and resumes through `_Control`. When either of the two connections is lost the
other side is told, and nothing waits any more.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, ensureDeferred, maybeDeferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress, IPushProducer
from twisted.logger import Logger
from twisted.persisted.styles import Versioned
from twisted.python.failure import Failure
from twisted.spread import pb
from twisted.spread.banana import SIZE_LIMIT
from twisted.web import _h1, http, server
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.http._forms import BadForm
from twisted.web.http_headers import Headers
from twisted.web.pages import errorPage, notFound
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from twisted.web.static import File

__all__ = [
    "SIZE_LIMIT",
    "Issue",
    "Logger",
    "Request",
    "ResourcePublisher",
    "ResourceSubscription",
    "UserDirectory",
]

_log = Logger(namespace="twisted.web.distrib")

#: How long a publisher may take to be connected to, in seconds. It is near, as a rule.
CONNECT_SECONDS = 10
#: What one message carries of a body; below `SIZE_LIMIT`, and not so much that others wait for it.
PIECE_BYTES = 64 * 1024

_GONE = "the client has gone away"


def _addressed(address: IAddress) -> tuple[str, Any, Any]:
    """An address, as it is copied."""
    if isinstance(address, IPv4Address | IPv6Address):
        return "TCP", address.host, address.port
    return "UNIX", getattr(address, "name", None), None


def _addressOf(said: tuple[str, Any, Any]) -> IAddress:
    """The address that was copied."""
    kind, host, port = said
    if kind == "UNIX":
        return UNIXAddress(host)
    return (IPv6Address if ":" in host else IPv4Address)("TCP", host, port)


def _call(reference: Any, what: str, *args: Any) -> Deferred[Any]:
    """Call a method over there; a connection that is lost is a failure as any other."""
    return maybeDeferred(reference.callRemote, what, *args)


# --- Where the client is ---


class _Copied(pb.Copyable):
    """A request, as it is copied for a publisher."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def getTypeToCopy(self) -> str:
        return f"{Request.__module__}.{Request.__qualname__}"

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
            "peer": _addressed(request.getClientAddress()),
            "host": _addressed(request.getHost()),
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
            _call(self._control, what).addErrback(lambda reason: None)

    def _live(self) -> Any:
        if self._gone or self._request.finished:
            raise pb.Error(_GONE)
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


def _refuse(request: Any, brief: str, detail: str) -> None:
    """Answer a request that no publisher answers."""
    if not request._disconnected:
        page: Any = errorPage(http.BAD_GATEWAY, brief, detail)
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

    def __init__(self, host: str, port: int | str) -> None:
        super().__init__()
        self.host = host
        self.port = port
        self.pending: list[Any] = []
        self.publisher: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "pending": [], "publisher": None, "waiting": 0}

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

    def render(self, request: Any) -> int:
        """Give a request to the publisher."""
        if self.publisher is not None:
            issue = Issue(request)
            asked = self.publisher.callRemote("request", _Copied(request))
            asked.addCallbacks(issue.finished, issue.failed)
            asked.addErrback(lambda reason: _log.failure("Not answered", failure=reason))
            return NOT_DONE_YET
        self.pending.append(request)
        if not self.waiting:
            self.waiting = 1
            self._connect()
        return NOT_DONE_YET

    def _connect(self) -> None:
        factory = pb.PBClientFactory()
        factory.noisy = False
        reactor: Any = installedReactor()
        if self.host == "unix":
            reactor.connectUNIX(self.port, factory, timeout=CONNECT_SECONDS)
        else:
            reactor.connectTCP(self.host, self.port, factory, timeout=CONNECT_SECONDS)
        factory.getRootObject().addCallbacks(self.connected, self.notConnected)


# --- Where the resources are ---


class _Control(pb.Referenceable):
    """What the other side says of a request that is answered here."""

    def __init__(self, channel: _Channel) -> None:
        self._channel = channel

    def remote_gone(self) -> None:
        self._channel.lost(Failure(ConnectionDone(_GONE)))

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
    transport = None
    limits: Limits = DEFAULT_LIMITS

    def __init__(self, request: Request, state: dict[str, Any]) -> None:
        self._request = request
        self._answering = state["answering"]
        self._peer = _addressOf(state["peer"])
        self._host = _addressOf(state["host"])
        self._secure = bool(state["secure"])
        self._ended = False
        self._connected = True
        self._unsent = 0
        self.done: Deferred[None] = Deferred()
        self.site: Any = None
        self.producer: Any = None

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
        _call(self._answering, what, *args).addErrback(self._request.fail)

    async def read(self) -> bytes | None:
        """The next piece of the body of the request; None if there are no more."""
        piece: bytes | None = await _call(self._answering, "read")
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
            sent = _call(self._answering, "write", data)
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
        """Take what was copied."""
        server.Request.__init__(self, _Channel(self, state))
        named: dict[bytes, list[bytes]] = {}
        for name, value in state["headers"]:
            named.setdefault(name.lower(), []).append(value)
        self._head = _h1.RequestHead(state["method"], state["uri"], state["minor"], named)
        self._head.length = state["length"]
        self.prepath = list(state["prepath"])
        self.postpath = list(state["postpath"])

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


pb.setUnjellyableForClass(f"{Request.__module__}.{Request.__qualname__}", Request)


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

    def remote_request(self, request: Request) -> Deferred[int]:
        """Answer a request.

        Args:
            request: the copy of it.

        Returns:
            A Deferred that fires with `NOT_DONE_YET` when it is answered.
        """
        return ensureDeferred(request._serve(self.site))


# --- Users ---


class UserDirectory(Resource):
    """The pages of the users of the machine, by their names.

    ``bob`` is the folder ``public_html`` in bob's home, and ``bob.twistd`` what a publisher of
    bob's has, which listens at the socket ``.twistd-web-pb`` there.

    Args:
        userDatabase: has `getpwnam` and `getpwall`; the module `pwd` by default.

    Attributes:
        userDirName, userSocketName: how these are called.
        template: the page that lists the users; ``%(users)s`` is the list.
    """

    userDirName = "public_html"
    userSocketName = ".twistd-web-pb"
    template = (
        "<!DOCTYPE html>\n<html>\n<head><title>Users</title></head>\n"
        "<body>\n<h1>Users</h1>\n%(users)s\n</body>\n</html>\n"
    )

    _SUFFIX = ".twistd"

    def __init__(self, userDatabase: Any = None) -> None:
        super().__init__()
        # Not every system has that module.
        self._users = importlib.import_module("pwd") if userDatabase is None else userDatabase

    def _listed(self) -> list[tuple[str, str]]:
        """What there is to see: a link, and what it is called."""
        found = []
        for user in self._users.getpwall():
            name, home = user[0], user[5]
            called = user[4].partition(",")[0] or name
            if os.path.exists(os.path.join(home, self.userDirName)):
                found.append((name, f"{called} (file)"))
            if os.path.exists(os.path.join(home, self.userSocketName)):
                found.append((name + self._SUFFIX, f"{called} (twistd)"))
        return found

    def render_GET(self, request: Any) -> bytes:
        """A page that lists the users."""
        items = [
            f'<li><a href="{escape(link)}/">{escape(called)}</a></li>'
            for link, called in self._listed()
        ]
        users = "<ul>\n{}\n</ul>".format("\n".join(items)) if items else "<p>There are none.</p>"
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        return (self.template % {"users": users}).encode("utf-8")

    def getChild(self, name: bytes, request: Any) -> Any:
        """The pages of a user."""
        if not name:
            return self
        try:
            wanted = name.decode("utf-8")
            user = self._users.getpwnam(wanted.removesuffix(self._SUFFIX))
        except (KeyError, ValueError):  # nobody of that name, or what is no name
            return notFound()
        if not wanted.endswith(self._SUFFIX):
            folder = os.path.join(user[5], self.userDirName)
            return File(folder) if os.path.isdir(folder) else notFound()
        subscription = ResourceSubscription("unix", os.path.join(user[5], self.userSocketName))
        self.putChild(name, subscription)
        return subscription
