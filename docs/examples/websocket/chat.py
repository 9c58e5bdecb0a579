"""A room in which browsers talk to each other, over WebSocket.

python chat.py [port]       port 8000 by default; 0 lets the system choose
"""

import json
import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.web import resource, server, static
from twisted.web.websocket import WebSocketResource

PAGE = Path(__file__).with_name("chat.html")


class Visitor:
    """The protocol of one browser. The first message is its name, the others what it says."""

    def __init__(self, room):
        self.room = room
        self.name = None

    def negotiationStarted(self, transport):
        self.transport = transport

    def negotiationFinished(self):
        pass

    def textMessageReceived(self, message):
        if self.name is not None:
            self.room.tell(f"{self.name}: {message}")
        elif message in self.room.visitors:
            self.transport.loseConnection(3000, f"{message} is here already")
        else:
            self.name = message
            self.room.visitors[message] = self
            self.room.tell(f"{message} comes in")

    def bytesMessageReceived(self, data):
        self.transport.loseConnection(1003, "we talk in words")

    def pongReceived(self, payload):
        pass

    def connectionLost(self, reason):
        if self.name is not None:
            del self.room.visitors[self.name]
            self.room.tell(f"{self.name} leaves")


class Room:
    """All who are there; the factory of their protocols."""

    def __init__(self):
        self.visitors = {}

    def buildProtocol(self, request):
        return Visitor(self)

    def tell(self, line):
        said = json.dumps({"line": line, "here": sorted(self.visitors)})
        for visitor in list(self.visitors.values()):
            visitor.transport.sendTextMessage(said)


def main(port=8000):
    root = resource.Resource()
    root.putChild(b"", static.File(str(PAGE)))
    root.putChild(b"room", WebSocketResource(Room(), protocols=["chat"]))
    listening = reactor.listenTCP(port, server.Site(root))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
