"""What finding messages in a stream costs, for whichever `twisted` the interpreter has.

Each message is 40 bytes; "Many" cases get a thousand of them in a piece, "Few" cases five, "One"
cases one, "Halves" cases one in two pieces, and in "Small" cases a piece is a byte of a message of
40,000. As a program, prints the name of each case and its messages (for "Small", bytes) per second
of processor time, as JSON:

    .venv/bin/python benchmarks/parser_cases.py [seconds per case] [name ...]
"""

import os
import socket
import sys

from twisted.internet import reactor
from twisted.internet.tcp import Connection
from twisted.protocols import basic

# The harness keeps this folder off the path, on which there might be another `twisted`.
sys.path.append(os.path.dirname(__file__))
import timing

MESSAGE = b"x" * 40
MANY = 1000
FEW = 5
LONG = 40_000


def _ignore(protocol, message):
    pass


def _connected(base, method):
    """A protocol of a real connection, which parsers ask whether it is closing."""
    protocol = type("Ignoring", (base,), {method: _ignore, "MAX_LENGTH": LONG})()
    near, far = socket.socketpair()
    protocol.makeConnection(Connection(near, protocol, reactor))
    far.close()
    return protocol


def _feeding(base, method, encoded, count):
    """A case: pieces of `count` messages each."""
    piece = encoded * count

    def case(rounds):
        receive = _connected(base, method).dataReceived
        for _ in range(rounds // count):
            receive(piece)

    return case


def _halving(base, method, encoded):
    """A case: two pieces for each message."""
    half = len(encoded) // 2
    begin, end = encoded[:half], encoded[half:]

    def case(rounds):
        receive = _connected(base, method).dataReceived
        for _ in range(rounds):
            receive(begin)
            receive(end)

    return case


def _dribbling(base, method, encoded):
    """A case: pieces of one byte."""
    pieces = [encoded[at : at + 1] for at in range(len(encoded))]

    def case(rounds):
        receive = _connected(base, method).dataReceived
        for at in range(rounds):
            receive(pieces[at % len(pieces)])

    return case


CASES = {}
for name, base, method, encode in [
    ("line", basic.LineReceiver, "lineReceived", lambda message: message + b"\r\n"),
    ("lineOnly", basic.LineOnlyReceiver, "lineReceived", lambda message: message + b"\r\n"),
    (
        "netstring",
        basic.NetstringReceiver,
        "stringReceived",
        lambda message: b"%d:%b," % (len(message), message),
    ),
    (
        "int32",
        basic.Int32StringReceiver,
        "stringReceived",
        lambda message: len(message).to_bytes(4, "big") + message,
    ),
]:
    CASES[f"{name}Many"] = _feeding(base, method, encode(MESSAGE), MANY)
    CASES[f"{name}Few"] = _feeding(base, method, encode(MESSAGE), FEW)
    CASES[f"{name}One"] = _feeding(base, method, encode(MESSAGE), 1)
    CASES[f"{name}Halves"] = _halving(base, method, encode(MESSAGE))
    CASES[f"{name}Small"] = _dribbling(base, method, encode(b"x" * LONG))


if __name__ == "__main__":
    timing.main(CASES, timing.measure_cpu)
