"""An application of ASGI on the servers that are made for these.

usage: on_asgi.py http|https uvicorn|hypercorn|granian

Prints its port, then serves until it is ended. It answers as `on_reactor.py http` does.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path
from threading import Thread
from time import sleep

BUILD = Path(__file__).parent.parent / "build"
PLAIN = [(b"content-type", b"text/html"), (b"content-length", b"13")]


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] != "/json":
        await answer(send, PLAIN, b"Hello, world!")
        return
    pieces, more = [], True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    body = json.dumps(json.loads(b"".join(pieces))).encode()
    length = b"%d" % len(body)
    await answer(send, [(b"content-type", b"application/json"), (b"content-length", length)], body)


async def answer(send, headers, body):
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def listening():
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", 0))
    server.listen(2048)
    server.set_inheritable(True)
    return server


def with_uvicorn(server, secure):
    import uvicorn

    tls = {"ssl_certfile": BUILD / "tls.crt", "ssl_keyfile": BUILD / "tls.key"} if secure else {}
    config = uvicorn.Config(
        application, loop="uvloop", http="httptools", access_log=False, log_level="error", **tls
    )
    uvicorn.Server(config).run(sockets=[server])


def with_hypercorn(server, secure):
    import uvloop
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{server.fileno()}"]
    config.accesslog = None
    config.keep_alive_max_requests = 10**9
    if secure:
        config.certfile, config.keyfile = str(BUILD / "tls.crt"), str(BUILD / "tls.key")
    uvloop.install()
    asyncio.run(serve(application, config))


def with_granian(server, secure):
    from granian import Granian
    from granian.constants import Interfaces, Loops

    # It listens by itself, in another process.
    port = server.getsockname()[1]
    server.close()
    Thread(target=announce, args=(port,), daemon=True).start()
    tls = {"ssl_cert": BUILD / "tls.crt", "ssl_key": BUILD / "tls.key"} if secure else {}
    Granian(
        "on_asgi:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        log_enabled=False,
        **tls,
    ).serve()


def announce(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            sleep(0.05)
        else:
            print(port, flush=True)
            return


if __name__ == "__main__":
    kind, peer = sys.argv[1:]
    sys.path.insert(0, str(Path(__file__).parent))
    server = listening()
    if peer != "granian":
        print(server.getsockname()[1], flush=True)
    globals()[f"with_{peer}"](server, kind == "https")
