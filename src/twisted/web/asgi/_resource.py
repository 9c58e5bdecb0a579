"""The resource that an application answers for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web._websocket import HandshakeError
from twisted.web.asgi._http import HTTPCall
from twisted.web.asgi._lifespan import LifespanError, LifespanService, State
from twisted.web.asgi._scope import connectionScope, headersOf
from twisted.web.asgi._websocket import WebSocketCall
from twisted.web.http import SERVICE_UNAVAILABLE
from twisted.web.pages import errorPage
from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET
from twisted.web.websocket._opening import handshakeOf, refusal

__name__ = "twisted.web.asgi"  # the public path, for pickles and messages

#: Frameworks have types of their own for a scope and for messages.
ASGIApplication = Callable[[Any, Any, Any], Awaitable[object]]


@implementer(IResource)
class ASGIResource:
    """Answers with an application of ASGI 3, for its own path and all below it.

    Args:
        application: is called with a scope, `receive` and `send`, and returns a coroutine.
        rootPath: the path at which a server in front of this one serves it, if that takes it away.

    Attributes:
        state: what the application has made in its lifespan; each scope has a copy.
    """

    isLeaf = True
    streaming = True
    server: Any = None

    def __init__(self, application: ASGIApplication, rootPath: str = "") -> None:
        self.application: Any = application
        self.state: dict[str, Any] = {}
        self._rootPath = rootPath.rstrip("/")
        self._lifespan: LifespanService | None = None

    def render(self, request: Any) -> int:
        """Have the application answer."""
        lifespan = self._lifespan
        if lifespan is None or lifespan.state in _SERVING:
            self._call(request)
        else:
            ready = lifespan.whenReady()
            request.notifyFinish().addErrback(lambda reason: ready.cancel())
            ready.addCallback(lambda _: self._call(request))
            ready.addErrback(self._refuse, request)
        return NOT_DONE_YET

    def _call(self, request: Any) -> None:
        call: HTTPCall | WebSocketCall
        if _UPGRADE in headersOf(request) and _wantsWebSocket(request):
            try:
                handshake = handshakeOf(request)
            except HandshakeError as error:
                request._respond(refusal(request, error))
                return
            call = WebSocketCall(request, handshake)
            scope = connectionScope(request, "websocket", self._rootPath)
            scope["subprotocols"] = [name.decode("latin-1") for name in handshake.protocols]
        else:
            call = HTTPCall(request)
            scope = connectionScope(request, "http", self._rootPath)
            scope["method"] = request.method.decode("ascii")
        scope["state"] = self.state.copy()
        done: Deferred[Any]
        done = Deferred.fromCoroutine(self.application(scope, call.receive, call.send))
        if done.called and done.result is None:
            # Benchmark asgi-hello: most have answered by now, and have no more to say.
            call.returned(None)
        else:
            done.addCallbacks(call.returned, call.failed)

    def _refuse(self, reason: Failure, request: Any) -> None:
        if request._disconnected:
            return
        if not reason.check(LifespanError):
            request.processingFailed(reason)
            return
        page: Any = errorPage(SERVICE_UNAVAILABLE, "Unavailable", "This could not be started.")
        request._respond(page.render(request))

    def getChildWithDefault(self, name: bytes, request: Any) -> Any:
        """There are no children: an application looks at the path itself."""
        raise RuntimeError("an ASGIResource has no children: its application looks at the path")

    def putChild(self, path: bytes, child: Any) -> None:
        """There are no children."""
        raise RuntimeError(
            "an ASGIResource has no children: put it below a Resource, beside the child"
        )


_SERVING = (State.SERVING, State.WITHOUT)
_UPGRADE = b"upgrade"


def _wantsWebSocket(request: Any) -> bool:
    named = b",".join(headersOf(request)[_UPGRADE]).lower().split(b",")
    return b"websocket" in [name.strip() for name in named]
