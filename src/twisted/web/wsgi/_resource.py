"""The resource that an application answers for."""

from __future__ import annotations

from io import SEEK_END, BufferedReader, BytesIO
from typing import Any, NoReturn

from zope.interface import implementer

from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.threadpool import ThreadPool
from twisted.web._gateway import requestVariables, spooled
from twisted.web.http import BodyStream
from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET
from twisted.web.wsgi._call import Call, WSGIApplication
from twisted.web.wsgi._input import Input
from twisted.web.wsgi._output import Output

__name__ = "twisted.web.wsgi"  # the public path, for pickles and messages


@implementer(IResource)
class WSGIResource:
    """Answers with a WSGI application (PEP 3333), for its own path and all below it.

    Args:
        reactor: in whose thread requests are served.
        threadpool: in whose threads the application is called; who made it starts and stops it.
        application: is called with `environ` and `start_response`.
    """

    isLeaf = True
    streaming = True
    server: Any = None

    def __init__(
        self, reactor: IReactorFromThreads, threadpool: ThreadPool, application: WSGIApplication
    ) -> None:
        self._reactor = reactor
        self._threadpool = threadpool
        self._application = application

    def render(self, request: Any) -> int:
        """Have the application answer."""
        content = request.content if request._hasBody else BytesIO()
        if not isinstance(content, BodyStream):
            # It is the application's now: the request does not close it when the client goes.
            request.content = BytesIO()
            self._callWith(content, request)
        elif content.length is None:
            # WSGI knows nothing of bodies without a length.
            spooled(request).addCallbacks(
                self._callWith, lambda reason: None, callbackArgs=(request,)
            ).addErrback(request.processingFailed)
        else:
            Input(
                self._reactor,
                content,
                lambda arriving: self._call(BufferedReader(arriving), request),
            )
        return NOT_DONE_YET

    def _callWith(self, content: Any, request: Any) -> None:
        """Have the application answer to a body that is there."""
        length = content.seek(0, SEEK_END)
        content.seek(0)
        self._call(content, request, length)

    def _call(self, content: Any, request: Any, length: int = 0) -> None:
        environ: dict[str, Any] = requestVariables(request)
        if length:
            environ["CONTENT_LENGTH"] = str(length)
        environ.update(
            {
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "https" if request.isSecure() else "http",
                "wsgi.input": content,
                "wsgi.input_terminated": True,
                "wsgi.multithread": True,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
        )
        call = Call(self._application, environ, Output(self._reactor, request))
        self._threadpool.callInThread(call.run)

    def getChildWithDefault(self, name: bytes, request: Any) -> NoReturn:
        """There are no children: an application looks at the path itself."""
        raise RuntimeError("a WSGIResource has no children: its application looks at the path")

    def putChild(self, path: bytes, child: Any) -> NoReturn:
        """There are no children."""
        raise RuntimeError(
            "a WSGIResource has no children: put it below a Resource, beside the child"
        )
