"""What is measured: each case, whom it is compared with, and the ratio that it is held to."""

import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

from benchmarks import environment, trial_cases, twistd_cases, web_cases
from benchmarks.environment import ASYNCIO, DRIVER, OURS, PYTEST, TWISTED, UVLOOP, Peer
from benchmarks.measuring import (
    PATIENCE_SECONDS,
    SETTLE_SECONDS,
    Case,
    Sample,
    network,
    script,
)
from benchmarks.processes import (
    ChildFailed,
    anonymous_bytes,
    cpu_seconds,
    output,
    server,
    wait_for_files,
)
from twisted.enterprise.test._servers import PostgreSQL

REACTORS = (OURS, TWISTED)
EVERYONE = (OURS, TWISTED, UVLOOP, ASYNCIO)


MESSAGE_BYTES = 64
IDLE_CONNECTIONS = 8000
# Connections that are there before the memory is first read, so that no pool is filled by the rest.
EARLY_CONNECTIONS = 1000
IMPORTS = 7


def _accepting(kind: str, generator: str) -> Callable[[Peer, float], Sample]:
    """Connections per second of the server's processor time.

    A connection is more work on the client's core than on the server's, in the kernel and in TLS,
    so that one core of load cannot keep a fast server busy; what the server spent on each is what
    can be told.
    """
    measure = network(kind, generator, 50, MESSAGE_BYTES)
    return lambda peer, seconds: measure(peer, seconds).per_cpu()


def _megabytes(kind: str, generator: str) -> Callable[[Peer, float], Sample]:
    measure = network(kind, generator)

    def scaled(peer: Peer, seconds: float) -> Sample:
        sample = measure(peer, seconds)
        return Sample(sample.value / 1e6, sample.details)

    return scaled


def _programs(peer: Peer, seconds: float) -> Sample:
    """Programs run per second of the parent's processor time.

    What the kernel does to start and end a program is the same for all, takes longer than what they
    do themselves, and is not what is compared.
    """
    command = peer.script("process_cases.py", str(seconds), "asyncio" if peer.loop else "twisted")
    seen = json.loads(output(command, environment.cores()[0], seconds + PATIENCE_SECONDS))
    return Sample(seen.pop("rate"), seen).per_cpu()


def _perspective_broker(what: str, client: Peer | None = None) -> Callable[[Peer, float], Sample]:
    """Calls of a server by a client: of the same implementation, unless one is given."""

    def measure(peer: Peer, seconds: float) -> Sample:
        with server(peer.server("pb"), environment.cores()[0]) as (pid, port):
            command = (client or peer).script("spread_cases.py", what, str(port), str(seconds))
            busy = cpu_seconds(pid)
            seen = json.loads(output(command, environment.cores()[1], seconds + PATIENCE_SECONDS))
            # The client's start is not part of it.
            seen["server_cpu"] = (cpu_seconds(pid) - busy) / seen["seconds"]
            return Sample(seen.pop("rate"), seen)

    return measure


def _idle_memory(peer: Peer, _: float) -> Sample:
    """What a server's memory grows by for each connection that it has accepted and not heard of."""
    with ExitStack() as stack:
        pid, port = stack.enter_context(server(peer.server("echo"), environment.cores()[0]))

        def connect(count: int) -> int:
            for _ in range(count):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            opened.append(count)
            wait_for_files(pid, sum(opened))
            time.sleep(SETTLE_SECONDS)
            return anonymous_bytes(pid)

        opened: list[int] = []
        before = connect(EARLY_CONNECTIONS)
        return Sample((connect(IDLE_CONNECTIONS) - before) / IDLE_CONNECTIONS)


def _import_time(peer: Peer, _: float) -> Sample:
    """Milliseconds that importing the reactor adds to a bare start of the same interpreter."""

    def run(statement: str) -> float:
        began = time.perf_counter()
        output([str(peer.python), "-P", "-c", statement], environment.cores()[0], PATIENCE_SECONDS)
        return (time.perf_counter() - began) * 1000

    run("import twisted.internet.reactor")  # writes the compiled files, fills the disk cache
    pairs = [(run("import twisted.internet.reactor"), run("pass")) for _ in range(IMPORTS)]
    whole, bare = (median(times) for times in zip(*pairs, strict=True))
    if whole <= bare:
        raise ChildFailed("importing took no time: the machine is too busy to tell")
    return Sample(whole - bare, {"whole": whole, "bare": bare})


def _queries(driver: str) -> Callable[[Peer, float], Sample]:
    """Queries of a database by way of a pool, or, for DRIVER, of nothing but the driver."""

    def measure(peer: Peer, seconds: float) -> Sample:
        words = ["driver" if peer is DRIVER else "pool", driver]
        if driver == "psycopg":
            words.append(json.dumps(PostgreSQL("").arguments()))
        command = peer.script("adbapi_cases.py", str(seconds), *words)
        seen = json.loads(output(command, environment.cores()[0], seconds + PATIENCE_SECONDS))
        return Sample(seen["rate"])

    return measure


def _suite(name: str) -> Callable[[Peer, float], Sample]:
    """Seconds of processor time that a run of a suite takes, from the start of Python to its end.

    Output is thrown away, and modules are compiled already, but for the first round.
    """

    def measure(peer: Peer, _: float) -> Sample:
        folder = environment.BUILD / "suites"
        trial_cases.write(folder)
        runner = ("pytest", "test_plain") if peer is PYTEST else ("trial", name)
        command = peer.script("trial_cases.py", *runner, str(folder))
        seen = json.loads(output(command, environment.cores()[0], PATIENCE_SECONDS))
        return Sample(seen["seconds"])

    return measure


def _twistd(kind: str) -> Callable[[Peer, float], Sample]:
    """Milliseconds of processor time that twistd takes, from the start of Python to its end."""

    def measure(peer: Peer, _: float) -> Sample:
        path = environment.BUILD / "listening.tac"
        twistd_cases.write(path)
        command = peer.script("twistd_cases.py", kind, str(path))
        times = [
            json.loads(output(command, environment.cores()[0], PATIENCE_SECONDS))["seconds"]
            for _ in range(IMPORTS)
        ]
        return Sample(median(times) * 1000)

    return measure


# The two halves of the names in parser_cases.py, and what they mean.
PARSERS = {
    "line": "LineReceiver",
    "lineOnly": "LineOnlyReceiver",
    "netstring": "NetstringReceiver",
    "int32": "Int32StringReceiver",
}
PIECES = {
    "One": ("one message per piece", "messages/s"),
    "Many": ("1,000 messages per piece", "messages/s"),
    "Halves": ("two pieces per message", "messages/s"),
    "Small": ("pieces of one byte", "bytes/s"),
}

CASES = (
    Case(
        "tcp-echo-50",
        "TCP echo, 64 B, 50 connections",
        "messages/s",
        network("echo", "tcp_echo", 50, MESSAGE_BYTES),
        EVERYONE,
        {"twisted": 2.2, "uvloop": 0.95},
    ),
    Case(
        "tcp-echo-1000",
        "TCP echo, 64 B, 1,000 connections",
        "messages/s",
        network("echo", "tcp_echo", 1000, MESSAGE_BYTES),
        EVERYONE,
        {"twisted": 2.0},
    ),
    Case(
        "tcp-stream",
        "TCP stream, 64 KiB writes, one connection",
        "MB/s",
        _megabytes("stream", "tcp_stream"),
        EVERYONE,
        {"uvloop": 0.95},
    ),
    Case(
        "tcp-accept",
        "TCP accept, echo, close",
        "connections/CPU s",
        _accepting("echo-once", "tcp_accept"),
        EVERYONE,
        {"twisted": 1.5},
    ),
    Case(
        "tls-echo-50",
        "TLS echo, 64 B, 50 connections",
        "messages/s",
        network("tls-echo", "tls_echo", 50, MESSAGE_BYTES),
        EVERYONE,
        {"twisted": 2.0, "uvloop": 0.9},
    ),
    Case(
        "tls-stream",
        "TLS stream, 64 KiB writes, one connection",
        "MB/s",
        _megabytes("tls-stream", "tls_stream"),
        EVERYONE,
        {"twisted": 2.0, "uvloop": 0.9},
    ),
    Case(
        "tls-handshakes",
        "TLS handshake, echo, close",
        "connections/CPU s",
        _accepting("tls-echo-once", "tls_handshakes"),
        EVERYONE,
        {"twisted": 1.0, "uvloop": 1.0},
    ),
    Case(
        "udp-echo",
        "UDP echo, 64 B",
        "datagrams/s",
        network("datagrams", "udp_echo", 64, MESSAGE_BYTES),
        EVERYONE,
        {"twisted": 1.5},
    ),
    Case(
        "deferred-callbacks",
        "Deferred with two callbacks, fired",
        "per s",
        script("deferred_cases.py", "callbacks"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "deferred-await",
        "`await` of two fired Deferreds",
        "per s",
        script("deferred_cases.py", "coroutine"),
        REACTORS,
        {"twisted": 1.3},
    ),
    Case(
        "deferred-inline",
        "`inlineCallbacks` with two yields",
        "per s",
        script("deferred_cases.py", "generator"),
        REACTORS,
        {"twisted": 1.3},
    ),
    Case(
        "deferred-errback",
        "Error caught by an errback",
        "per s",
        script("deferred_cases.py", "errback"),
        REACTORS,
        {"twisted": 1.3},
    ),
    *(
        Case(
            f"parser-{parser}-{pieces}".lower(),
            f"`{title}`, {how}",
            unit,
            script("parser_cases.py", parser + pieces),
            REACTORS,
            {"twisted": 1.2},
        )
        for parser, title in PARSERS.items()
        for pieces, (how, unit) in PIECES.items()
    ),
    Case(
        "adbapi-query",
        "`runQuery` of a row by its key, SQLite in memory",
        "queries/s",
        _queries("sqlite3"),
        (*REACTORS, DRIVER),
        {"twisted": 1.3, "driver": 0.8},
    ),
    Case(
        "adbapi-postgresql",
        "the same, PostgreSQL on a socket",
        "queries/s",
        _queries("psycopg"),
        (*REACTORS, DRIVER),
        {"twisted": 1.3, "driver": 0.8},
    ),
    Case(
        "dirdbm-writes",
        "`DirDBM`, a value of 1 kB replaced, in memory",
        "per s",
        script("dirdbm_cases.py", "writes"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "dirdbm-writes-sync",
        "the same on a disk: ours waits for it, its peer does not",
        "per s",
        script("dirdbm_cases.py", "writesSync"),
        REACTORS,
        {},
    ),
    Case(
        "dirdbm-reads",
        "`DirDBM`, a value of 1 kB read, in memory",
        "per s",
        script("dirdbm_cases.py", "reads"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "template-flatten",
        "a page of 1,000 rows, of a template in XML",
        "rows/CPU s",
        script("template_cases.py", "flatten"),
        REACTORS,
        {"twisted": 3.0},
    ),
    Case(
        "template-tags",
        "the same of tags that the program makes",
        "rows/CPU s",
        script("template_cases.py", "flattenTags"),
        REACTORS,
        {"twisted": 2.5},
    ),
    Case(
        "amp-calls",
        "AMP call with three arguments, and its answer, in memory",
        "calls/CPU s",
        script("amp_cases.py", "calls"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "amp-parse",
        "AMP boxes of four keys",
        "boxes/CPU s",
        script("amp_cases.py", "parse"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "irc-parse",
        "IRC commands that a server parses, each in a piece",
        "messages/CPU s",
        script("irc_cases.py", "parse"),
        REACTORS,
        {"twisted": 1.1},
    ),
    Case(
        "irc-client",
        "IRC messages that a client hears, ten in a piece",
        "messages/CPU s",
        script("irc_cases.py", "client"),
        REACTORS,
        {"twisted": 1.1},
    ),
    Case(
        "irc-serve",
        "IRC messages to 100 channels of 10 clients, parsed and served",
        "messages/CPU s",
        script("irc_cases.py", "serve"),
        REACTORS,
        {"twisted": 3.0},
    ),
    Case(
        "pb-calls",
        "PB calls with a small dictionary, 50 in flight",
        "calls/s",
        _perspective_broker("client"),
        REACTORS,
        {"twisted": 4.0},
    ),
    Case(
        "pb-server",
        "the same, with Twisted's client for both",
        "calls/s",
        _perspective_broker("client", TWISTED),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "pb-bytes",
        "PB calls with 1 MiB strings, there and back",
        "MB/s",
        _perspective_broker("bytes"),
        REACTORS,
        {"twisted": 3.0},
    ),
    *(
        Case(name, title, unit, script("spread_cases.py", case), REACTORS, {"twisted": target})
        for name, case, title, unit, target in (
            ("banana-encode", "encode", "10,000 jellied items to bytes", "lists/CPU s", 4.0),
            ("banana-decode", "decode", "the same, from bytes", "lists/CPU s", 4.0),
            ("jelly-write", "write", "10,000 items to bytes, jelly and all", "lists/CPU s", 1.5),
            ("jelly-read", "read", "the same, from bytes", "lists/CPU s", 1.5),
            ("pb-references", "references", "100,000 references granted", "rounds/CPU s", 1.0),
        )
    ),
    Case(
        "pb-references-memory",
        "Memory of a reference that is granted",
        "bytes",
        script("spread_cases.py", "memory"),
        REACTORS,
        {"twisted": 1.0},
        less_is_better=True,
    ),
    *web_cases.CASES,
    Case(
        "endpoint-eyeballs",
        "1,000 `HostnameEndpoint` connects at once, one dead address each",
        "connections/s",
        script("endpoint_cases.py", "eyeballs"),
        REACTORS,
        {"twisted": 1.3},
    ),
    Case(
        "timers-churn",
        "`callLater` and `cancel`",
        "pairs/s",
        script("timer_cases.py", "churn"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "timers-pending",
        "100,000 pending timers: set, churn, fire",
        "operations/s",
        script("timer_cases.py", "pending"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "process-output",
        "`getProcessOutput` of `true`",
        "programs/CPU s",
        _programs,
        (OURS, TWISTED, ASYNCIO),
        {"twisted": 1.3, "asyncio": 1.0},
    ),
    Case(
        "trial-sync",
        "Run of 10,000 tests that do nothing",
        "CPU s",
        _suite("test_sync"),
        (OURS, TWISTED, PYTEST),
        {"twisted": 0.6},
        less_is_better=True,
    ),
    Case(
        "trial-deferred",
        "Run of 2,000 tests that return a fired Deferred",
        "CPU s",
        _suite("test_deferred"),
        REACTORS,
        {"twisted": 0.6},
        less_is_better=True,
    ),
    Case(
        "twistd-help",
        "`twistd --help`",
        "CPU ms",
        _twistd("help"),
        REACTORS,
        {"twisted": 0.5},
        less_is_better=True,
    ),
    Case(
        "twistd-listening",
        "`twistd` from its start until a .tac listens",
        "CPU ms",
        _twistd("listening"),
        REACTORS,
        {"twisted": 0.5},
        less_is_better=True,
    ),
    Case(
        "logging-file",
        "Entries in the log, written to a file",
        "entries/s",
        script("logging_cases.py", "written"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "logging-msg",
        "`log.msg`, written to a file",
        "entries/s",
        script("logging_cases.py", "messageWritten"),
        REACTORS,
        {"twisted": 1.5},
    ),
    Case(
        "memory-idle",
        "Memory of an idle connection",
        "bytes",
        _idle_memory,
        EVERYONE,
        {"twisted": 1.0},
        less_is_better=True,
    ),
    Case(
        "import-time",
        "`import twisted.internet.reactor`",
        "ms",
        _import_time,
        REACTORS,
        {"twisted": 0.5},
        less_is_better=True,
    ),
)
