"""What AMP costs, for whichever `twisted` the interpreter has.

In "calls", two ends in one process ask and answer, with three arguments and no sockets; in "parse",
a protocol gets boxes of four keys, a hundred in a piece. As a program, prints the name of each case
and its calls (boxes) per second of processor time, as JSON:

    .venv/bin/python benchmarks/amp_cases.py [seconds per case] [name ...]
"""

import os
import sys

from twisted.internet.testing import StringTransport
from twisted.protocols import amp

# The harness keeps this folder off the path, on which there might be another `twisted`.
sys.path.append(os.path.dirname(__file__))
import timing

MANY = 100


class Sum(amp.Command):
    """Adds up."""

    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer()), (b"unit", amp.Unicode())]
    response = [(b"total", amp.Integer())]


class Adder(amp.AMP):
    """Answers it."""

    @Sum.responder
    def sum(self, a, b, unit):
        return {"total": a + b}


class Ignoring:
    """Gets boxes, and does nothing with them."""

    def startReceivingBoxes(self, sender):
        pass

    def ampBoxReceived(self, box):
        pass


def _connected(end):
    transport = StringTransport()
    end.makeConnection(transport)
    return transport


def calls(rounds):
    """Ask, answer, and hear the answer."""
    client, server = amp.AMP(), Adder()
    asked, answered = _connected(client), _connected(server)
    heard = []
    for number in range(rounds):
        client.callRemote(Sum, a=number, b=1, unit="metres").addCallback(heard.append)
        server.dataReceived(asked.value())
        asked.clear()
        client.dataReceived(answered.value())
        answered.clear()
    if heard[-1] != {"total": rounds}:
        raise AssertionError(heard[-1])


def parse(rounds):
    """Find boxes in a stream."""
    receive = amp.BinaryBoxProtocol(Ignoring())
    _connected(receive)
    box = amp.AmpBox({b"_ask": b"1a", b"_command": b"Sum", b"a": b"12345", b"b": b"1"})
    piece = box.serialize() * MANY
    for _ in range(rounds // MANY):
        receive.dataReceived(piece)


CASES = {"calls": calls, "parse": parse}


if __name__ == "__main__":
    timing.main(CASES, timing.measure_cpu)
