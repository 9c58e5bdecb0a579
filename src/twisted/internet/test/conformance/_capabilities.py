"""What reactors can do, as the table of the documentation names it."""

from __future__ import annotations

from enum import Enum


class Capability(Enum):
    """What a suite is about; the rows of the table, in their order."""

    LIFE = "starting, stopping, system events"
    SIGNALS = "signals"
    TIME = "delayed calls"
    THREADS = "threads"
    NAMES = "names of hosts"
    DESCRIPTORS = "any descriptor"
    TCP4 = "TCP over IPv4"
    TCP6 = "TCP over IPv6"
    TLS = "TLS"
    UNIX = "UNIX sockets"
    UDP4 = "UDP over IPv4"
    UDP6 = "UDP over IPv6"
    MULTICAST = "multicast"
    UNIX_DATAGRAMS = "datagrams over UNIX sockets"
    PROCESSES = "programs on pipes"
    TERMINALS = "programs on a terminal"
    STANDARD_IO = "standard input and output"
    SERIAL_PORTS = "serial ports"
    INOTIFY = "inotify"
    ASYNCIO = "asyncio in the same loop"
