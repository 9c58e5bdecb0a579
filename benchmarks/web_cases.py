"""What is measured of the web."""

import socket
from contextlib import ExitStack

from benchmarks import environment
from benchmarks.environment import AIOHTTP, GRANIAN, OURS, TWISTED, UVICORN, Peer
from benchmarks.measuring import Case, Sample, network
from benchmarks.processes import ChildFailed, anonymous_bytes, server

_REACTORS = (OURS, TWISTED)
_SERVERS = (OURS, TWISTED, GRANIAN, UVICORN, AIOHTTP)

REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
KEPT_CONNECTIONS = 5000
# Connections that are there before the memory is first read, so that no pool is filled by the rest.
EARLY_CONNECTIONS = 1000


def _kept_memory(peer: Peer, _: float) -> Sample:
    """What a server's memory grows by for each connection that has had an answer and stays open."""
    with ExitStack() as stack:
        pid, port = stack.enter_context(server(peer.server("http"), environment.cores()[0]))

        def connect(count: int) -> int:
            for _ in range(count):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                client.sendall(REQUEST)
                if not client.recv(4096).startswith(b"HTTP/1.1 200 "):
                    raise ChildFailed("not the response that was expected")
            return anonymous_bytes(pid)

        before = connect(EARLY_CONNECTIONS)
        return Sample((connect(KEPT_CONNECTIONS) - before) / KEPT_CONNECTIONS)


CASES = (
    Case(
        "http-idle-memory",
        "Memory of a kept-alive HTTP connection, 5,000 idle",
        "bytes",
        _kept_memory,
        _REACTORS,
        {"twisted": 1.0},
        less_is_better=True,
    ),
    Case(
        "http-hello",
        "HTTP resource of 13 bytes, 64 keep-alive connections",
        "requests/s",
        network("http", "http_load", 64, 1, "/hello"),
        _SERVERS,
        {"twisted": 4.5, "granian": 1.3, "uvicorn": 1.5, "aiohttp": 1.5},
    ),
    Case(
        "http-pipelined",
        "the same, pipelined by 16",
        "requests/s",
        network("http", "http_load", 64, 16, "/hello"),
        _REACTORS,
        {"twisted": 6.0},
    ),
    Case(
        "http-json",
        "JSON of 1 KiB, posted and echoed",
        "requests/s",
        network("http", "http_load", 64, 1, "/json", 1024),
        (OURS, TWISTED, UVICORN),
        {"uvicorn": 1.2},
    ),
    Case(
        "http-static-small",
        "Static file of 1 KiB",
        "requests/s",
        network("http", "http_load", 64, 1, "/files/small"),
        (OURS, TWISTED, AIOHTTP),
        {"twisted": 4.0, "aiohttp": 1.0},
    ),
    Case(
        "http-static-large",
        "Static file of 10 MiB",
        "requests/s",
        network("http", "http_load", 8, 1, "/files/large"),
        (OURS, TWISTED, AIOHTTP),
        {"twisted": 2.0, "aiohttp": 1.0},
    ),
    Case(
        "websocket-echo",
        "Echo of texts of 64 bytes over WebSocket, 50 connections",
        "messages/s",
        network("websocket", "websocket_echo", 50, 64),
        (OURS, TWISTED, AIOHTTP),
        {"twisted": 3.0, "aiohttp": 1.0},
    ),
    Case(
        "websocket-large",
        "the same, of 16 KiB",
        "messages/s",
        network("websocket", "websocket_echo", 50, 16384),
        (OURS, TWISTED, AIOHTTP),
        {"twisted": 1.3},
    ),
)
