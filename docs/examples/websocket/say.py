"""Say something in the room of chat.py, and print what is said there until it has been heard.

python say.py url name words        such as: python say.py ws://localhost:8000/room bob "Hello, all"
"""

import json
import sys

from twisted.internet import task
from twisted.web.websocket import WebSocketClientEndpoint, WebSocketStream


async def main(reactor, url, name, words):
    endpoint = WebSocketClientEndpoint.new(reactor, url, protocols=["chat"])
    async with await endpoint.connect(WebSocketStream) as room:
        await room.send(name)
        await room.send(words)
        async for message in room:
            line = json.loads(message)["line"]
            print(line)
            if line == f"{name}: {words}":
                break


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
