"""What connecting by name costs, on the real reactor of whichever `twisted` the interpreter has.

As a program, prints connections per second, as JSON:

    .venv/bin/python benchmarks/endpoint_cases.py SECONDS eyeballs
"""

import json
import resource
import signal
import socket
import sys
from time import perf_counter

from zope.interface import implementer

from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import gatherResults
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IHostnameResolver
from twisted.internet.protocol import Factory, Protocol

LIFETIME_SECONDS = 300
MANY = 1000
#: Nobody listens at the first; the kernel accepts at the second.
DEAD, ALIVE = "127.0.0.2", "127.0.0.1"


@implementer(IHostnameResolver)
class Names:
    """Every host has a dead address, and a good one after it."""

    def resolveHostName(
        self,
        resolutionReceiver,
        hostName,
        portNumber=0,
        addressTypes=None,
        transportSemantics="TCP",
    ):
        resolutionReceiver.resolutionBegan(self)
        for host in (DEAD, ALIVE):
            resolutionReceiver.addressResolved(IPv4Address("TCP", host, portNumber))
        resolutionReceiver.resolutionComplete()
        return self

    def cancel(self):
        """There is nothing to cancel."""


class Quiet(Factory):
    protocol = Protocol
    noisy = False


def eyeballs(seconds, report):
    """A thousand simultaneous connects to hosts whose first address is dead, again and again.

    Connections are accepted by the kernel alone, and reset, so that none lingers.
    """
    taken, made = 0.0, 0

    def round():
        listener = socket.socket()
        listener.bind((ALIVE, 0))
        listener.listen(MANY)
        endpoint = HostnameEndpoint(reactor, "host.example", listener.getsockname()[1])
        factory = Quiet()
        start = perf_counter()
        connecting = [endpoint.connect(factory) for _ in range(MANY)]
        gatherResults(connecting).addCallback(connected, start, listener)

    def connected(protocols, start, listener):
        nonlocal taken, made
        taken += perf_counter() - start
        made += len(protocols)
        for protocol in protocols:
            protocol.transport.abortConnection()
        listener.close()
        if taken < seconds:
            reactor.callLater(0.01, round)
        else:
            report({"eyeballs": made / taken})

    round()


CASES = {"eyeballs": eyeballs}


def main(seconds, name):
    def report(rates):
        print(json.dumps({key: round(rate) for key, rate in rates.items()}), flush=True)
        reactor.stop()

    signal.alarm(LIFETIME_SECONDS)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    reactor.installNameResolver(Names())
    reactor.callWhenRunning(CASES[name], seconds, report)
    reactor.run()


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
