"""Feeding a stream to a protocol in pieces, for the tests of the protocols that parse one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from hypothesis import strategies as st

from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport


def piecesOf(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """`data`, cut at each of `cuts` that falls inside it."""
    edges = sorted({0, len(data), *(cut for cut in cuts if 0 < cut < len(data))})
    return [data[begin:end] for begin, end in pairwise(edges)]


def cuts() -> st.SearchStrategy[list[int]]:
    """Where to cut a stream: in a few places, or behind every byte."""
    few = st.lists(st.integers(0, 200), max_size=20)
    return few | st.just(list(range(400)))


def feed(protocol: Protocol, pieces: Sequence[bytes]) -> StringTransport:
    """Connect `protocol` and give it the pieces; returns the transport."""
    transport = StringTransport()
    protocol.makeConnection(transport)
    for piece in pieces:
        protocol.dataReceived(piece)
    return transport
