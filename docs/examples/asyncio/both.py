"""One coroutine that waits for Deferreds and for asyncio: an asyncio server, our client."""

import asyncio

from twisted.internet import protocol, reactor, task
from twisted.internet.defer import Deferred


async def shout(reader, writer):
    """The server, as asyncio writes it."""
    writer.write((await reader.readline()).upper())
    await task.deferLater(reactor, 0.01)  # a Deferred, in a task of asyncio
    writer.close()


class Ask(protocol.Protocol):
    """The client, as we write it."""

    def __init__(self):
        self.answer = Deferred()
        self.received = b""

    def connectionMade(self):
        self.transport.write(b"is anybody there?\n")

    def dataReceived(self, data):
        self.received += data

    def connectionLost(self, reason):
        self.answer.callback(self.received)


class OneClient(protocol.ClientFactory):
    def __init__(self, client):
        self.client = client

    def buildProtocol(self, address):
        return self.client


async def main(reactor):
    server = await asyncio.start_server(shout, "127.0.0.1", 0)
    client = Ask()
    factory = OneClient(client)
    factory.noisy = False
    reactor.connectTCP("127.0.0.1", server.sockets[0].getsockname()[1], factory)
    async with asyncio.timeout(10):
        print((await client.answer).decode(), end="")
    server.close()
    await server.wait_closed()


task.react(main)
