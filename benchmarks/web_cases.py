"""What is measured of the web."""

import http.client
import json
import re
import shutil
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks import environment
from benchmarks.environment import AIOHTTP, GRANIAN, HYPERCORN, OURS, TWISTED, UVICORN, Peer
from benchmarks.measuring import PATIENCE_SECONDS, Case, Sample, network
from benchmarks.processes import ChildFailed, anonymous_bytes, output, server, server_seconds

_REACTORS = (OURS, TWISTED)
_SERVERS = (OURS, TWISTED, GRANIAN, UVICORN, AIOHTTP)

REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CALL = Path(__file__).parent / "load" / "xmlrpc_call.xml"
KEPT_CONNECTIONS = 5000
# Of the client whose requests are counted.
IN_FLIGHT = 50
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


def _load(scheme: str, port: int, seconds: float, options: tuple[str, ...]) -> float:
    """The rate that h2load, of nghttp2, tells.

    It has no status for responses without a reason, as hypercorn's are, and says that they failed.
    So one response is looked at first, and what it counts is what was answered in order.
    """
    program = shutil.which("h2load")
    if program is None:
        raise ChildFailed("h2load is not installed: it is in Debian's nghttp2-client")
    target = f"{scheme}://127.0.0.1:{port}/hello"
    command = [program, "-D", str(seconds), "-c", "64", *options, target]
    said = output(command, environment.cores()[1], seconds + PATIENCE_SECONDS)
    rate = re.search(r"finished in .*, ([0-9.]+) req/s", said)
    if rate is None or not re.search(r" 0 errored, 0 timeout\n.* 0 3xx, 0 4xx, 0 5xx", said):
        raise ChildFailed(f"not what was expected of h2load: {said[-500:]}")
    return float(rate[1])


def _look(scheme: str, port: int) -> None:
    """Have a look at what is answered."""
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    trust = {"context": ssl._create_unverified_context()} if scheme == "https" else {}
    with closing(kind("127.0.0.1", port, timeout=PATIENCE_SECONDS, **trust)) as connection:
        connection.request("GET", "/hello")
        response = connection.getresponse()
        if (response.status, response.read()) != (200, b"Hello, world!"):
            raise ChildFailed("not the response that was expected")


def _h2load(kind: str, *options: str) -> Callable[[Peer, float], Sample]:
    """A server of `kind` under h2load, with 64 connections; it counts whole seconds."""

    def measure(peer: Peer, seconds: float) -> Sample:
        with server(peer.server(kind), environment.cores()[0]) as (pid, port):
            _look(kind, port)
            _load(kind, port, 1, options)
            began, busy = time.monotonic(), server_seconds(pid)
            rate = _load(kind, port, max(1, round(seconds)), options)
            share = (server_seconds(pid) - busy) / (time.monotonic() - began)
            return Sample(rate, {"server_cpu": share})

    return measure


def _agent(peer: Peer, seconds: float) -> Sample:
    """A client of `peer`, with so many requests at a time, of a server of ours."""
    with server(OURS.server("http"), environment.cores()[1]) as (_, port):
        kind = ["aiohttp"] if peer is AIOHTTP else []
        arguments = [str(port), str(seconds), str(IN_FLIGHT), *kind]
        command = peer.script("agent_client.py", *arguments)
        seen = json.loads(output(command, environment.cores()[0], seconds + PATIENCE_SECONDS))
        return Sample(seen.pop("rate"), seen)


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
        "asgi-hello",
        "ASGI application of 13 bytes, 64 keep-alive connections",
        "requests/s",
        network("asgi", "http_load", 64, 1, "/hello"),
        (OURS, UVICORN, GRANIAN),
        {"uvicorn": 1.0},
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
        "https-hello",
        "HTTP/1.1 under TLS, 13 bytes, 64 keep-alive connections",
        "requests/s",
        _h2load("https", "--h1"),
        (OURS, TWISTED, HYPERCORN),
        {"twisted": 2.0, "hypercorn": 1.5},
    ),
    Case(
        "http2-hello",
        "HTTP/2, 13 bytes, 64 connections with 10 requests at a time",
        "requests/s",
        _h2load("http", "-m", "10"),
        (OURS, HYPERCORN),
        {"hypercorn": 1.5},
    ),
    Case(
        "agent",
        "Requests of a client to a local server, 50 in flight",
        "requests/s",
        _agent,
        (OURS, TWISTED, AIOHTTP),
        {"twisted": 3.0, "aiohttp": 1.0},
    ),
    Case(
        "xmlrpc-calls",
        "Calls by XML-RPC, 64 keep-alive connections",
        "calls/s",
        network("xmlrpc", "http_load", 64, 1, "/", f"@{CALL}"),
        _REACTORS,
        {"twisted": 2.0},
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
