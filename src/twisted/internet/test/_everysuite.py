"""The suites for a reactor that is to be tried whole, in a module of its own."""

from twisted.internet.test.conformance import (
    clients,
    core,
    datagrams,
    descriptors,
    faults,
    flow,
    groups,
    mixing,
    processes,
    programs,
    servers,
    standardio,
    standardkinds,
    streams,
    threads,
    timing,
    tls,
    unixdatagrams,
    unixes,
)
from twisted.internet.test.conformance._capabilities import Capability

_MODULES = (
    core,
    timing,
    descriptors,
    threads,
    clients,
    servers,
    streams,
    flow,
    faults,
    tls,
    unixes,
    datagrams,
    groups,
    unixdatagrams,
    processes,
    programs,
    standardio,
    standardkinds,
    mixing,
)

EVERY_SUITE = [suite for module in _MODULES for suite in module.suites]

#: What the reactors for Windows do not do on descriptors of POSIX.
NOT_OF_WINDOWS = (Capability.STANDARD_IO, Capability.SERIAL_PORTS, Capability.INOTIFY)
