"""The same servers on asyncio's transports and protocols, which are its fastest way.

usage: on_asyncio.py KIND asyncio|uvloop, where KIND is one of: echo, echo-once, stream, datagrams,
tls-echo, tls-echo-once, tls-stream.

Prints its port, then serves until it is ended.
"""

import asyncio
import signal
import ssl
import sys
from pathlib import Path

LIFETIME_SECONDS = 300
CERTIFICATE = Path(__file__).parent.parent / "build" / "tls.pem"
CHUNK = bytes(64 * 1024)
# Writes in a row of a stream. TLS takes them all when the connection is lost, and that is told only
# when the loop gets its turn.
BURST = 64


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class EchoOnce(Echo):
    def data_received(self, data):
        self.transport.write(data)
        self.transport.close()


class Stream(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.resume_writing()

    def resume_writing(self):
        self.flowing = True
        self.write_burst()

    def write_burst(self):
        for _ in range(BURST):
            if not self.flowing or self.transport.is_closing():
                return
            self.transport.write(CHUNK)
        asyncio.get_running_loop().call_soon(self.write_burst)

    def pause_writing(self):
        self.flowing = False

    def connection_lost(self, reason):
        self.flowing = False


class EchoDatagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data, address)


async def serve(kind):
    loop = asyncio.get_running_loop()
    if kind == "datagrams":
        transport, _ = await loop.create_datagram_endpoint(
            EchoDatagrams, local_addr=("127.0.0.1", 0)
        )
        print(transport.get_extra_info("sockname")[1], flush=True)
    else:
        context = None
        if kind.startswith("tls-"):
            kind = kind.removeprefix("tls-")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
        protocol = {"echo": Echo, "echo-once": EchoOnce, "stream": Stream}[kind]
        server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=2048, ssl=context)
        print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    signal.alarm(LIFETIME_SECONDS)
    if sys.argv[2] == "uvloop":
        import uvloop as loops
    else:
        import asyncio as loops
    with asyncio.Runner(loop_factory=loops.new_event_loop) as runner:
        runner.run(serve(sys.argv[1]))
