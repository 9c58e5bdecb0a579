"""A server under load, in a process of its own: ``python _loaded.py``. It prints its port."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.task import deferLater
from twisted.web import http, resource, server

reactor: Any = _reactor

#: How long responses may take after the server is told to end.
GRACE = 1.0


class Hello(resource.Resource):
    """Answers at once."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        return b"hello"


class Upload(resource.Resource):
    """Counts what is sent, and takes a turn of the loop for each piece."""

    isLeaf = True
    streaming = True

    async def render_POST(self, request: Any) -> bytes:
        count = 0
        async for piece in request.content:
            count += len(piece)
            await deferLater(reactor, 0, lambda: None)
        return b"%d" % count


class Begun(resource.Resource):
    """Begins a response, and ends it when the server is told to end, if it is asked to."""

    isLeaf = True

    def render_GET(self, request: Any) -> int:
        request.write(b"begun.")
        if request.args:
            reactor.addSystemEventTrigger("before", "shutdown", self.end, request)
        return server.NOT_DONE_YET

    def end(self, request: Any) -> None:
        request.write(b"ended.")
        request.finish()


def main() -> None:
    root = resource.Resource()
    root.putChild(b"hello", Hello())
    root.putChild(b"upload", Upload())
    root.putChild(b"begun", Begun())
    site = server.Site(root, limits=http.Limits(bodyBytes=None, graceSeconds=GRACE))
    port = reactor.listenTCP(0, site, interface="127.0.0.1", backlog=2048)
    sys.stdout.write(f"{port.getHost().port}\n")
    sys.stdout.flush()
    reactor.run()


if __name__ == "__main__":
    main()
