"""The finger protocol: which query is which, and what is said to the rest."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.testing import StringTransport
from twisted.protocols.finger import Finger
from twisted.trial import unittest

Call = tuple[object, ...]


class Recording(Finger):
    """Keeps what it is asked, and answers nothing: the answers are still being looked for."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def getUser(self, slash_w: bool, user: bytes) -> None:
        self.calls.append(("getUser", slash_w, user))

    def getDomain(self, slash_w: bool) -> None:
        self.calls.append(("getDomain", slash_w))

    def forwardQuery(self, slash_w: bool, user: bytes, host: bytes) -> None:
        self.calls.append(("forwardQuery", slash_w, user, host))


def ask(protocol: Finger, *pieces: bytes) -> StringTransport:
    """Connect a protocol and send it something."""
    transport = StringTransport()
    protocol.makeConnection(transport)
    for piece in pieces:
        protocol.dataReceived(piece)
    return transport


class QueryTests(unittest.SynchronousTestCase):
    """Every form of query reaches the method that it is for."""

    def check(self, query: bytes, *call: object) -> None:
        protocol = Recording()
        transport = ask(protocol, query + b"\r\n")
        self.assertEqual(protocol.calls, [call], query)
        self.assertEqual(transport.value(), b"")
        self.assertFalse(transport.disconnecting, "the one who answers hangs up")

    def test_domain(self) -> None:
        self.check(b"", "getDomain", False)
        self.check(b"   ", "getDomain", False)
        self.check(b"/W", "getDomain", True)
        self.check(b"/W ", "getDomain", True)

    def test_user(self) -> None:
        self.check(b"moshez", "getUser", False, b"moshez")
        self.check(b" moshez ", "getUser", False, b"moshez")
        self.check(b"/W moshez", "getUser", True, b"moshez")
        self.check(b"/w   moshez", "getUser", True, b"moshez")

    def test_nameOfManyWords(self) -> None:
        """Section 2.5.3: a user may be asked for by any name, first and last ones included."""
        self.check(b"Moshe  Zadka", "getUser", False, b"Moshe Zadka")
        self.check(b"/W Moshe Zadka", "getUser", True, b"Moshe Zadka")

    def test_onlyWholeTokenAsksForMore(self) -> None:
        self.check(b"/Wmoshez", "getUser", False, b"/Wmoshez")
        self.check(b"/X moshez", "getUser", False, b"/X moshez")
        self.check(b"moshez /W", "getUser", False, b"moshez /W")

    def test_anyBytes(self) -> None:
        self.check(b"\xff\x00\x1b[2J", "getUser", False, b"\xff\x00\x1b[2J")

    def test_forward(self) -> None:
        self.check(b"moshez@example.com", "forwardQuery", False, b"moshez", b"example.com")
        self.check(b"/W moshez@example.com", "forwardQuery", True, b"moshez", b"example.com")
        self.check(b"@example.com", "forwardQuery", False, b"", b"example.com")
        self.check(b"/W @example.com", "forwardQuery", True, b"", b"example.com")
        self.check(b"moshez @ example.com", "forwardQuery", False, b"moshez", b"example.com")

    def test_forwardAlongManyHosts(self) -> None:
        """Section 2.4: the last host is the next to be asked."""
        self.check(b"moshez@one@two", "forwardQuery", False, b"moshez@one", b"two")
        self.check(b"@one@two", "forwardQuery", False, b"@one", b"two")

    def test_oneQueryOnly(self) -> None:
        """While the answer is being looked for, what else is sent is neither asked nor kept."""
        protocol = Recording()
        ask(protocol, b"moshez\r\nshawn\r\n", b"shawn\r\n", b"x" * 100_000)
        self.assertEqual(protocol.calls, [("getUser", False, b"moshez")])
        self.assertEqual(protocol.clearLineBuffer(), b"")

    @settings(max_examples=100, deadline=None)
    @given(st.binary(max_size=40), st.lists(st.integers(0, 60), max_size=5))
    def test_anyQueryInAnyPieces(self, query: bytes, cuts: list[int]) -> None:
        """Whatever is sent, however it is split: one and the same call, or one refusal."""
        data = query + b"\r\nmoshez@\r\n"
        outcomes = []
        for places in ([], sorted(cuts)):
            protocol = Recording()
            ends = [0, *places, len(data)]
            pieces = [data[start:end] for start, end in pairwise(ends)]
            transport = ask(protocol, *pieces)
            outcomes.append((protocol.calls, transport.value()))
        self.assertEqual(outcomes[0], outcomes[1])
        calls, answer = outcomes[0]
        self.assertEqual(len(calls) + answer.count(b"\r\n"), 1)
        for name, _, *words in calls:
            if name == "getUser":
                self.assertNotIn(b"", words)
            self.assertTrue(all(word == word.strip() for word in words if isinstance(word, bytes)))


class RefusalTests(unittest.SynchronousTestCase):
    """What nobody has written an answer for is refused, in a line, and the connection closed."""

    def check(self, query: bytes, answer: bytes) -> None:
        transport = ask(Finger(), query)
        self.assertEqual(transport.value(), answer + b"\r\n")
        self.assertTrue(transport.disconnecting)

    def test_user(self) -> None:
        self.check(b"moshez\r\n", b"No such user")
        self.check(b"/W moshez\r\n", b"No such user")

    def test_domain(self) -> None:
        """In the words of section 3.2.2."""
        self.check(b"\r\n", b"Finger online user list denied")

    def test_forward(self) -> None:
        """In the words of section 3.2.1."""
        self.check(b"moshez@example.com\r\n", b"Finger forwarding service denied")

    def test_noHost(self) -> None:
        for query in (b"moshez@\r\n", b"@\r\n", b"/W @ \r\n", b"moshez@one@\r\n"):
            self.check(query, b"Finger query without a host after the @")

    def test_tooLong(self) -> None:
        """A query is refused before its end has come, if ever it comes."""
        for query in (b"x" * 1025 + b"\r\n", b"x" * 100_000):
            self.check(query, b"Finger query too long")

    def test_asLongAsCanBe(self) -> None:
        self.check(b"x" * 1024 + b"\r\n", b"No such user")

    def test_noQuery(self) -> None:
        """Nothing is said to a peer that has not asked."""
        transport = ask(Finger(), b"moshez")
        self.assertEqual(transport.value(), b"")
        self.assertFalse(transport.disconnecting)
