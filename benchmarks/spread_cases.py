"""What Perspective Broker, Banana and jelly cost, for whichever `twisted` the interpreter has.

As a program, prints figures as JSON:

    spread_cases.py client PORT SECONDS    calls per second to a server here, 50 in flight
    spread_cases.py bytes PORT SECONDS     megabytes per second there and back, in strings of 1 MiB
    spread_cases.py SECONDS NAME           a case of those below, in lists per second
    spread_cases.py SECONDS memory         bytes for each reference that a broker has granted
    spread_cases.py growth                 microseconds per item, for lists of more and more items
"""

import json
import sys
import tracemalloc
from time import perf_counter, process_time

from twisted.internet.testing import StringTransport
from twisted.spread import banana, jelly, pb

IN_FLIGHT = 50
ITEMS = 10_000
RUNS = 5
REFERENCES = 100_000
SMALL = {"name": "moshez", "status": "Happy and well", "port": 1079}
LARGE = b"x" * (1 << 20)
#: Room for the large string, and for what is around it.
SIZE_LIMIT = 2 << 20


class Root(pb.Root):
    """Gives back what it gets."""

    def remote_echo(self, value):
        return value


class Thing(pb.Referenceable):
    """Something to refer to."""


def _items(count):
    return [
        {"name": f"item {number}", "size": number, "tags": ("a", b"b")} for number in range(count)
    ]


def ask(port, seconds, value, inFlight):
    """Calls of `echo` per second, and the seconds that there were."""
    from twisted.internet import reactor

    banana.SIZE_LIMIT = banana.Banana.sizeLimit = SIZE_LIMIT
    answers = 0
    began = end = 0.0

    def again(answer, root):
        nonlocal answers
        answers += 1
        if perf_counter() < end:
            root.callRemote("echo", value).addCallback(again, root)
        elif reactor.running:
            reactor.stop()

    def start(root):
        nonlocal began, end
        began = perf_counter()
        end = began + seconds
        for _ in range(inFlight):
            call = root.callRemote("echo", value).addCallback(again, root)
            call.addErrback(lambda _: None)  # the connection ends while some are on their way

    factory = pb.PBClientFactory()
    factory.noisy = False
    factory.getRootObject().addCallback(start)
    reactor.connectTCP("127.0.0.1", port, factory)
    reactor.run()
    elapsed = perf_counter() - began
    return {"rate": answers / elapsed, "seconds": elapsed}


def encode(rounds):
    """Jellied items to bytes."""
    sexp = jelly.jelly(_items(ITEMS))
    return _timed(lambda: banana.encode(sexp), rounds)


def decode(rounds):
    """Bytes to jellied items."""
    data = banana.encode(jelly.jelly(_items(ITEMS)))
    return _timed(lambda: banana.decode(data), rounds)


def write(rounds):
    """Items to bytes."""
    items = _items(ITEMS)
    return _timed(lambda: banana.encode(jelly.jelly(items)), rounds)


def read(rounds):
    """Bytes to items."""
    data = banana.encode(jelly.jelly(_items(ITEMS)))
    return _timed(lambda: jelly.unjelly(banana.decode(data), jelly.globalSecurity), rounds)


def _grant(things):
    """A broker whose peer was sent references to objects, a thousand in each message."""
    # Where the limit is kept is not the same for all.
    pb.MAX_BROKER_REFS = 2 * REFERENCES
    broker = pb.PBClientFactory().buildProtocol(None)
    broker.maxReferences = 2 * REFERENCES
    transport = StringTransport()
    broker.makeConnection(transport)
    broker.dataReceived(banana.encode([b"none"]))
    root = broker.remoteForName("root")
    for start in range(0, len(things), 1000):
        root.callRemote("take", things[start : start + 1000])
        transport.clear()
    return broker


def references(rounds):
    """References to a broker's objects, made and held."""
    things = [Thing() for _ in range(REFERENCES)]
    return _timed(lambda: _grant(things), rounds)


def memory():
    """Bytes that a reference to a broker's object takes."""
    things = [Thing() for _ in range(REFERENCES)]
    tracemalloc.start()
    broker = _grant(things)
    taken, _ = tracemalloc.get_traced_memory()
    del broker
    return taken / REFERENCES


CASES = {
    "encode": encode,
    "decode": decode,
    "write": write,
    "read": read,
    "references": references,
}


def _timed(action, rounds):
    """Seconds of processor time that some rounds take."""
    began = process_time()
    for _ in range(rounds):
        action()
    return process_time() - began


def measure(case, seconds):
    """Rounds per second of processor time: the best of several runs, the first ones too short."""
    rounds = 1
    while (taken := case(rounds)) < seconds / RUNS:
        rounds *= 2
    if taken < seconds:
        taken = min(case(rounds) for _ in range(RUNS))
    return rounds / taken


def growth():
    """Microseconds for each item of a list, written and read."""
    figures = {}
    for count in (10, 100, 1_000, 10_000):
        items = _items(count)
        rounds = 10_000 // count

        def there_and_back(items=items):
            data = banana.encode(jelly.jelly(items))
            return jelly.unjelly(banana.decode(data), jelly.globalSecurity)

        best = _timed(there_and_back, rounds)
        if best < 1:
            best = min(_timed(there_and_back, rounds) for _ in range(RUNS))
        figures[count] = round(best / rounds / count * 1e6, 2)
    return figures


def main(what, *arguments):
    if what == "growth":
        return growth()
    if what == "client":
        return ask(int(arguments[0]), float(arguments[1]), SMALL, IN_FLIGHT)
    if what == "bytes":
        seen = ask(int(arguments[0]), float(arguments[1]), LARGE, 2)
        return {**seen, "rate": seen["rate"] * 2 * len(LARGE) / 1e6}
    if arguments == ("memory",):
        return {"memory": memory()}
    return {name: measure(CASES[name], float(what)) for name in arguments or CASES}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
