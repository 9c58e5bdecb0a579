"""The resource that an application answers for."""

from __future__ import annotations

from io import SEEK_END, BytesIO
from typing import Any, NoReturn

from zope.interface import implementer

from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.threadpool import ThreadPool
from twisted.web._gateway import requestVariables
from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET
from twisted.web.wsgi._call import Call, WSGIApplication
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
    server: Any = None

    def __init__(
        self, reactor: IReactorFromThreads, threadpool: ThreadPool, application: WSGIApplication
    ) -> None:
        self._reactor = reactor
        self._threadpool = threadpool
        self._application = application

    def render(self, request: Any) -> int:
        """Have the application answer."""
        # It is the application's now: the request does not close it when the client goes.
        content, request.content = request.content, BytesIO()
        environ: dict[str, Any] = requestVariables(request)
        if "CONTENT_LENGTH" not in environ and content.seek(0, SEEK_END):
            # It was sent in chunks; WSGI knows nothing of these.
            environ["CONTENT_LENGTH"] = str(content.tell())
        content.seek(0)
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
        return NOT_DONE_YET

    def getChildWithDefault(self, name: bytes, request: Any) -> NoReturn:
        """There are no children: an application looks at the path itself."""
        raise RuntimeError("a WSGIResource has no children: its application looks at the path")

    def putChild(self, path: bytes, child: Any) -> NoReturn:
        """There are no children."""
        raise RuntimeError(
            "a WSGIResource has no children: put it below a Resource, beside the child"
        )
