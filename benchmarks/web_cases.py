"""What is measured of the web."""

from benchmarks.environment import AIOHTTP, GRANIAN, OURS, TWISTED, UVICORN
from benchmarks.measuring import Case, network

_REACTORS = (OURS, TWISTED)
_SERVERS = (OURS, TWISTED, GRANIAN, UVICORN, AIOHTTP)

CASES = (
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
)
