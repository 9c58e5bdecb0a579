"""An application of ASGI: what it prepares in its lifespan, HTTP in pieces, and WebSocket.

python asgi.py [port]       port 8000 by default; 0 lets the system choose
"""

import asyncio
import sys

from twisted.internet import reactor
from twisted.web import asgi, server


async def application(scope, receive, send):
    """What a server calls: once for its lifespan, and once for each request."""
    await {"lifespan": lifespan, "http": count, "websocket": echo}[scope["type"]](
        scope, receive, send
    )


async def lifespan(scope, receive, send):
    """Prepare, and wait for the end."""
    await receive()
    scope["state"]["most"] = 5
    await send({"type": "lifespan.startup.complete"})
    await receive()
    print("cleaned up", flush=True)
    await send({"type": "lifespan.shutdown.complete"})


async def count(scope, receive, send):
    """A line at a time."""
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(scope["state"]["most"]):
        await send({"type": "http.response.body", "body": b"%d\n" % number, "more_body": True})
        await asyncio.sleep(0.01)
    await send({"type": "http.response.body"})


async def echo(scope, receive, send):
    """Send back what comes in."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


resource = asgi.ASGIResource(application)
service = asgi.LifespanService(resource)
service.startService()
reactor.addSystemEventTrigger("before", "shutdown", service.stopService)

port = reactor.listenTCP(int((sys.argv[1:] or [8000])[0]), server.Site(resource))
print(f"Listening on port {port.getHost().port}", flush=True)
reactor.run()
