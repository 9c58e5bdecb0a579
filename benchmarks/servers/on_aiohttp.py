"""The same server of the web on aiohttp and uvloop.

usage: on_aiohttp.py http|websocket, which is the same

Prints its port, then serves until it is ended.
"""

import sys
from pathlib import Path

import uvloop
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent))
from web_files import folder


async def hello(request):
    return web.Response(body=b"Hello, world!", content_type="text/html")


async def echo(request):
    return web.json_response(await request.json())


async def echo_messages(request):
    connection = web.WebSocketResponse()
    await connection.prepare(request)
    async for message in connection:
        await connection.send_str(message.data)
    return connection


async def announce(application):
    print(application["socket"].getsockname()[1], flush=True)


def main():
    import asyncio
    import socket

    uvloop.install()
    application = web.Application()
    application.router.add_get("/hello", hello)
    application.router.add_post("/json", echo)
    application.router.add_get("/websocket", echo_messages)
    application.router.add_static("/files", folder())
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(2048)
    application["socket"] = server
    application.on_startup.append(announce)
    loop = asyncio.new_event_loop()
    web.run_app(application, sock=server, backlog=2048, print=None, access_log=None, loop=loop)


if __name__ == "__main__":
    main()
