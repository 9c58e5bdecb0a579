"""Tests for reactors within the loop of somebody else."""

from __future__ import annotations

from twisted.internet.test._fakehost import FakeHostReactor
from twisted.internet.test.conformance import (
    casesFor,
    clients,
    core,
    descriptors,
    faults,
    servers,
    streams,
    threads,
    timing,
)

suites = [
    *core.suites,
    *timing.suites,
    *descriptors.suites,
    *threads.suites,
    clients.ClientSuite,
    servers.ServerSuite,
    streams.Stream4Suite,
    faults.Fault4Suite,
]
globals().update(casesFor(suites, {"FakeHost": FakeHostReactor}, __name__))
