"""The states of a TLS connection, over a back-end that does as it is told."""

from __future__ import annotations

from typing import Any

from twisted.internet._tls._engine import (
    MAX_REPLIES,
    TRANSITIONS,
    Engine,
    Event,
    State,
    TooManyRequests,
)
from twisted.trial.unittest import SynchronousTestCase


class Script:
    """A back-end without a cipher."""

    handle: Any = None

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.peer_closed = False
        self.agrees = False
        self.incoming = b""
        self.outgoing = b""

    def handshake(self) -> bool:
        return self.agrees

    def feed(self, ciphertext: bytes) -> None:
        self.incoming += ciphertext

    def decrypt(self, ciphertext: bytes) -> bytes:
        plaintext, self.incoming = self.incoming + ciphertext, b""
        return plaintext

    def encrypt(self, plaintext: bytes) -> bytes:
        return b"<" + plaintext + b">"

    def shutdown(self) -> None:
        self.outgoing += b"!"

    def drain(self) -> bytes:
        out, self.outgoing = self.outgoing, b""
        return out

    def peer_certificate(self) -> None:
        pass

    def negotiated_protocol(self) -> None:
        pass

    def release(self) -> None:
        pass


class EngineTests(SynchronousTestCase):
    """`Engine`."""

    def setUp(self) -> None:
        self.script = Script()
        self.engine = Engine(self.script)

    def agree(self) -> None:
        """Finish the handshake."""
        self.script.agrees = True
        self.engine.start()
        self.assertIs(self.engine.state, State.OPEN)

    def drive(self, event: Event) -> None:
        """Make an event happen."""
        script = self.script
        if event is Event.AGREED:
            script.agrees = True
            self.engine.start()
        elif event is Event.WE_CLOSED:
            self.engine.close()
        elif event is Event.PEER_CLOSED:
            script.peer_closed = True
            self.engine.receive(b"end")
        else:
            self.engine.fail(ValueError("bad"))

    def test_everyPair(self) -> None:
        """Each event in each state leads where the table says, or nowhere."""
        ways = {
            State.HANDSHAKE: [],
            State.OPEN: [Event.AGREED],
            State.SEND_ONLY: [Event.AGREED, Event.PEER_CLOSED],
            State.RECEIVE_ONLY: [Event.AGREED, Event.WE_CLOSED],
            State.CLOSED: [Event.AGREED, Event.WE_CLOSED, Event.PEER_CLOSED],
            State.FAILED: [Event.FAULT],
        }
        self.assertEqual(set(ways), set(State))
        for state, way in ways.items():
            for event in Event:
                if event is Event.PEER_CLOSED and state is State.HANDSHAKE:
                    continue  # nothing is decrypted before there are keys
                self.setUp()
                for step in way:
                    self.drive(step)
                self.assertIs(self.engine.state, state)
                if event is not Event.AGREED:
                    self.drive(event)
                    expected = TRANSITIONS.get((state, event), state)
                    self.assertIs(self.engine.state, expected, f"{event} in {state}")

    def test_plaintextBeforeTheEnd(self) -> None:
        """What comes with the end of the peer's direction is delivered."""
        self.agree()
        self.script.peer_closed = True
        self.assertEqual(self.engine.receive(b"last words"), b"last words")
        self.assertIs(self.engine.state, State.SEND_ONLY)

    def test_plaintextBeforeTheFault(self) -> None:
        """So is what comes before an offence, and the alert is to be sent."""
        self.agree()
        fault = ValueError("bad record")
        self.script.fault = fault
        self.script.outgoing = b"alert"
        self.assertEqual(self.engine.receive(b"good"), b"good")
        self.assertIs(self.engine.fault, fault)
        self.assertEqual(self.engine.take(), b"alert")
        self.assertEqual(self.engine.receive(b"more"), b"")

    def test_repliesGoFirst(self) -> None:
        """What TLS has to say itself is not overtaken by data."""
        self.agree()
        self.script.outgoing = b"keys"
        self.engine.receive(b"")
        self.assertTrue(self.engine.replies)
        self.assertEqual(self.engine.send(b"data"), b"keys<data>")
        self.assertFalse(self.engine.replies)

    def test_tooManyRequests(self) -> None:
        """Who only asks for answers is cut off; who sends data as well is not."""
        self.agree()
        for _ in range(3):
            for _ in range(MAX_REPLIES - 1):
                self.script.outgoing = b"keys"
                self.engine.receive(b"")
            self.engine.receive(b"data")
        self.assertIs(self.engine.state, State.OPEN)
        for _ in range(MAX_REPLIES):
            self.script.outgoing = b"keys"
            self.engine.receive(b"")
        self.assertIs(self.engine.state, State.FAILED)
        self.assertIsInstance(self.engine.fault, TooManyRequests)
        self.assertIn("again and again", str(self.engine.fault))

    def test_closedDuringHandshake(self) -> None:
        """Nothing is said to a peer with whom nothing is agreed."""
        self.engine.close()
        self.assertIs(self.engine.state, State.CLOSED)
        self.assertEqual(self.engine.take(), b"")
