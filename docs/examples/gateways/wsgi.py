"""An application of WSGI, beside a resource that needs no thread.

python wsgi.py [port]       port 8000 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.python.threadpool import ThreadPool
from twisted.web import resource, server, static, wsgi


def application(environ, start_response):
    """Say the path, and what was posted; it may take its time."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    yield f"{environ['SCRIPT_NAME']} {environ['PATH_INFO']}\n".encode()
    yield body


pool = ThreadPool(0, 20)
pool.start()
reactor.addSystemEventTrigger("during", "shutdown", pool.stop)

root = resource.Resource()
root.putChild(b"app", wsgi.WSGIResource(reactor, pool, application))
root.putChild(b"", static.Data(b"See /app.\n", "text/plain"))

port = reactor.listenTCP(int((sys.argv[1:] or [8000])[0]), server.Site(root))
print(f"Listening on port {port.getHost().port}", flush=True)
reactor.run()
