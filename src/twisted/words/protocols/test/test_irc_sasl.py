"""Capabilities and logins by SASL."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface import alsoProvides

from twisted.internet.interfaces import ISSLTransport
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.protocols.irc import _negotiation, _sasl
from twisted.words.protocols.irc._negotiation import Event, Negotiation, State
from twisted.words.protocols.test._irc import ClientTests, Noting


def encoded(text: str) -> str:
    """Text as it is in AUTHENTICATE."""
    return base64.b64encode(text.encode()).decode()


class ScramServer:
    """The server's side of SCRAM-SHA-256, as RFC 5802 describes it."""

    def __init__(self, password: str, salt: bytes = b"salt", rounds: int = 4096) -> None:
        self.salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
        self.salt = base64.b64encode(salt).decode()
        self.rounds = rounds

    def first(self, said: str) -> str:
        """The challenge."""
        self.bare = said.removeprefix("n,,")
        nonce = self.bare.partition("r=")[2]
        self.challenge = f"r={nonce}server,s={self.salt},i={self.rounds}"
        return self.challenge

    def final(self, said: str) -> str | None:
        """The server's proof; None if the client's is wrong."""
        without, _, proof = said.rpartition(",p=")
        text = f"{self.bare},{self.challenge},{without}".encode()
        key = hmac.digest(self.salted, b"Client Key", "sha256")
        stored = hashlib.sha256(key).digest()
        signature = hmac.digest(stored, text, "sha256")
        given = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True))
        if hashlib.sha256(given).digest() != stored:
            return None
        server = hmac.digest(self.salted, b"Server Key", "sha256")
        return "v=" + base64.b64encode(hmac.digest(server, text, "sha256")).decode()


class ScramTests(SynchronousTestCase):
    """SCRAM-SHA-256."""

    def test_example(self) -> None:
        """The example of RFC 7677, 3."""
        scram = _sasl.ScramSha256("user", "pencil", "rOprNGfwEbeRWgbNEkqO")
        self.assertEqual(scram.respond(b""), b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
        challenge = (
            b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            b"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        )
        self.assertEqual(
            scram.respond(challenge),
            b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        )
        self.assertFalse(scram.finished())
        answer = scram.respond(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
        self.assertEqual(answer, b"")
        self.assertTrue(scram.finished())

    def test_names(self) -> None:
        """What would end the name is written otherwise; a soft hyphen is nothing (RFC 4013)."""
        scram = _sasl.ScramSha256("a,b=c\u00ad\u2168", "x")
        self.assertIn(b"n=a=2Cb=3DcIX,", scram.respond(b""))
        self.assertRaises(ValueError, _sasl.ScramSha256, "a", "x\x07")

    def test_bad(self) -> None:
        """What a server cannot mean."""
        for challenge, why in [
            (b"", "no nonce"),
            (b"\xff", "not text"),
            (b"r=meserver,s=!,i=4096", "no nonce, salt"),
            (b"r=meserver,s=,i=x", "no nonce, salt"),
            (b"r=other,s=c2FsdA==,i=4096", "not for us"),
            (b"r=me,s=c2FsdA==,i=4096", "not for us"),
            (b"r=meserver,s=c2FsdA==,i=100", "wants 100 rounds"),
            (b"r=meserver,s=c2FsdA==,i=999999999999", "rounds"),
        ]:
            scram = _sasl.ScramSha256("user", "pencil", "me")
            scram.respond(b"")
            error = self.assertRaises(_sasl.LoginFailed, scram.respond, challenge)
            self.assertIn(why, str(error))

    def test_falseServer(self) -> None:
        """A server that does not know the password is not believed, whatever it says."""
        for proof in (b"", b"v=!", b"v=AAAA", b"e=other-error"):
            scram = _sasl.ScramSha256("user", "pencil", "me")
            scram.respond(b"")
            scram.respond(b"r=meserver,s=c2FsdA==,i=4096")
            self.assertRaises(_sasl.LoginFailed, scram.respond, proof)
            self.assertFalse(scram.finished())
            self.assertRaises(_sasl.LoginFailed, scram.respond, b"")

    @settings(deadline=None, max_examples=100)
    @given(st.lists(st.binary(max_size=40), max_size=4))
    def test_anything(self, challenges: list[bytes]) -> None:
        """Whatever a server says is answered, or is a failed login."""
        scram = _sasl.ScramSha256("user", "pencil", "me")
        for challenge in challenges:
            try:
                scram.respond(challenge)
            except _sasl.LoginFailed:
                break
        self.assertFalse(scram.finished())


class NegotiationTests(SynchronousTestCase):
    """The table of what may follow what."""

    def test_table(self) -> None:
        """Whatever is not in it is refused; each state but the last can be left."""
        self.assertEqual(
            {state for state, _ in _negotiation.TRANSITIONS}, set(State) - {State.DONE}
        )
        for state in State:
            for event in Event:
                negotiation = Negotiation((), (), True)
                negotiation.state = state
                if (state, event) in _negotiation.TRANSITIONS:
                    negotiation._to(event)
                    after = _negotiation.TRANSITIONS[state, event]
                    self.assertEqual(negotiation.state, after)
                else:
                    self.assertRaises(_sasl.LoginFailed, negotiation._to, event)

    @settings(deadline=None, max_examples=200)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["listed", "granted", "refused", "added", "removed", "asked"])
                | st.sampled_from(["failed", "succeeded", "welcomed"]),
                st.sampled_from(["", "sasl", "sasl=PLAIN", "a b sasl", "+", "eA==", "-sasl", "*"]),
            ),
            max_size=8,
        ),
    )
    def test_anything(self, said: list[tuple[str, str]]) -> None:
        """Whatever a server says, there is an end, and no success that was not earned."""
        negotiation = Negotiation(["a"], [_sasl.ScramSha256("u", "p")], True)
        negotiation.begin()
        for step, text in said:
            method: Any = getattr(negotiation, step)
            try:
                if step == "listed":
                    method(text, False)
                elif step in ("succeeded", "welcomed"):
                    method()
                else:
                    method(text)
            except _sasl.LoginFailed:
                return
            self.assertNotEqual(negotiation.state, State.DONE)


class CapabilityTests(ClientTests):
    """A client and a server agree."""

    def wanting(self, secure: bool = True, **settings: object) -> list[str]:
        """Begin with a client that wants something; what it says first."""
        client = Noting()
        transport = StringTransport()
        if secure:
            alsoProvides(transport, ISSLTransport)
        for name, value in {"performLogin": True, **settings}.items():
            setattr(client, name, value)
        self.client, self.transport = client, transport
        client.makeConnection(transport)
        return self.sent()

    def says(self, *lines: str) -> list[str]:
        """Have the server say something; the answers."""
        self.hear(*lines)
        return self.sent()

    def failed(self) -> str:
        """Why the login has failed; it must have, with the connection."""
        (event,) = [event for event in self.client.events if event[0] == "loginFailed"]
        self.assertTrue(self.transport.disconnecting)
        return str(event[1])

    def test_capabilities(self) -> None:
        """What both know is switched on, before the server lets us in."""
        said = self.wanting(wantedCapabilities=["server-time", "away-notify", "echo"])
        self.assertEqual(said, ["CAP LS 302", "NICK me", "USER me foo bar :me"])
        self.assertEqual(
            self.says("CAP * LS * :server-time=x batch", "CAP * LS :echo"),
            [
                "CAP REQ :echo",
                "CAP REQ :server-time",
            ],
        )
        self.assertEqual(self.says("CAP me ACK :echo"), [])
        self.assertEqual(self.client.events, [("capabilitiesChanged", frozenset(["echo"]))])
        self.assertEqual(self.says("CAP me NAK :server-time"), ["CAP END"])
        self.assertEqual(self.client.capabilities, {"echo"})
        self.assertEqual(self.says("CAP me NEW :away-notify batch"), ["CAP REQ :away-notify"])
        self.says("CAP me ACK :away-notify", "CAP me DEL :echo")
        self.assertEqual(self.client.capabilities, {"away-notify"})

    def test_none(self) -> None:
        """What the server does not have is not asked for; one that knows no CAP lets us in."""
        self.wanting(wantedCapabilities=["echo"])
        self.assertEqual(self.says("CAP * LS :batch"), ["CAP END"])
        self.wanting(wantedCapabilities=["echo"])
        self.assertIn(("signedOn",), self.hear(":s 421 me CAP :Unknown", ":s 001 me :Welcome"))

    def test_many(self) -> None:
        """Capabilities do not fill the memory."""
        self.wanting(wantedCapabilities=["echo"])
        for number in range(2000):
            self.hear(f"CAP * LS * :a{number} b{number}")
        self.assertLess(len(self.client._ircNegotiation.offered), 501)
        self.assertEqual(self.says("CAP * LS :echo"), ["CAP REQ :echo"])

    def test_plain(self) -> None:
        """The name and the password, over TLS."""
        said = self.wanting(saslUsername="acc", saslPassword="p\xe4ss")
        self.assertEqual(said[0], "CAP LS 302")
        self.assertEqual(self.says("CAP * LS :sasl=PLAIN"), ["CAP REQ :sasl"])
        self.assertEqual(self.says("CAP me ACK :sasl"), ["AUTHENTICATE PLAIN"])
        expected = "AUTHENTICATE " + encoded("\0acc\0p\xe4ss")
        self.assertEqual(self.says("AUTHENTICATE +"), [expected])
        self.assertEqual(self.says(":s 900 me me!u@h acc :You are", ":s 903 me :ok"), ["CAP END"])
        self.assertIn(("loggedIn", "acc"), self.client.events)
        self.assertIn(("signedOn",), self.hear(":s 001 me :Welcome"))

    def test_plainInTheOpen(self) -> None:
        """The password is not told to who listens, unless that is wanted."""
        self.wanting(secure=False, saslPassword="pw")
        self.says("CAP * LS :sasl=PLAIN")
        self.assertNotIn("AUTHENTICATE", " ".join(self.says("CAP me ACK :sasl")))
        self.assertIn("need TLS (PLAIN)", self.failed())
        self.wanting(secure=False, saslPassword="pw", saslInsecure=True)
        self.says("CAP * LS :sasl=PLAIN")
        self.assertEqual(self.says("CAP me ACK :sasl"), ["AUTHENTICATE PLAIN"])

    def test_scram(self) -> None:
        """SCRAM goes before PLAIN, and needs no TLS."""
        self.wanting(secure=False, saslUsername="acc", saslPassword="pencil")
        server = ScramServer("pencil")
        self.says("CAP * LS :sasl=PLAIN,SCRAM-SHA-256")
        self.assertEqual(self.says("CAP me ACK :sasl"), ["AUTHENTICATE SCRAM-SHA-256"])
        (first,) = self.says("AUTHENTICATE +")
        challenge = server.first(base64.b64decode(first.split()[1]).decode())
        (proof,) = self.says(f"AUTHENTICATE {encoded(challenge)}")
        final = server.final(base64.b64decode(proof.split()[1]).decode())
        assert final is not None
        self.assertEqual(self.says(f"AUTHENTICATE {encoded(final)}"), ["AUTHENTICATE +"])
        self.assertEqual(self.says(":s 903 me :ok"), ["CAP END"])

    def test_scramUnproven(self) -> None:
        """A server that says that all is well without proof is left."""
        self.wanting(saslPassword="pencil")
        self.says("CAP * LS :sasl=SCRAM-SHA-256", "CAP me ACK :sasl", "AUTHENTICATE +")
        self.assertEqual(self.says(":s 903 me :ok"), ["QUIT"])
        self.assertIn("not proved", self.failed())

    def test_external(self) -> None:
        """The certificate; what the server does not know falls back to what it does."""
        self.wanting(saslExternal=True, saslPassword="pw")
        self.says("CAP * LS :sasl")
        self.assertEqual(self.says("CAP me ACK :sasl"), ["AUTHENTICATE EXTERNAL"])
        self.assertEqual(self.says("AUTHENTICATE +"), ["AUTHENTICATE +"])
        self.assertEqual(self.says(":s 903 me :ok"), ["CAP END"])
        self.wanting(saslExternal=True, saslPassword="pw")
        self.says("CAP * LS :sasl", "CAP me ACK :sasl")
        said = self.says(":s 908 me PLAIN :are available", ":s 904 me :failed")
        self.assertEqual(said, ["AUTHENTICATE PLAIN"])

    def test_certificateUnknown(self) -> None:
        """A certificate that the server does not know; the password may do, once."""
        self.wanting(saslExternal=True, saslPassword="pw")
        self.says("CAP * LS :sasl=EXTERNAL,PLAIN", "CAP me ACK :sasl", "AUTHENTICATE +")
        self.assertEqual(self.says(":s 904 me :Unknown"), ["AUTHENTICATE PLAIN"])
        self.says("AUTHENTICATE +")
        self.assertEqual(self.says(":s 904 me :Wrong"), ["QUIT"])
        self.assertEqual(self.failed(), "Wrong")

    def test_long(self) -> None:
        """Long answers and challenges go in pieces of 400 characters."""
        self.wanting(saslUsername="u", saslPassword="p" * 597)  # 600 bytes, 800 characters
        self.says("CAP * LS :sasl=PLAIN", "CAP me ACK :sasl")
        said = self.says("AUTHENTICATE +")
        self.assertEqual([len(line) - len("AUTHENTICATE ") for line in said], [400, 400, 1])
        self.assertEqual(said[2], "AUTHENTICATE +")
        self.wanting(saslPassword="pw")
        self.says("CAP * LS :sasl=SCRAM-SHA-256", "CAP me ACK :sasl", "AUTHENTICATE +")
        self.assertEqual(self.says("AUTHENTICATE " + "A" * 400), [])
        self.hear(*["AUTHENTICATE " + "A" * 400] * 40)
        self.assertIn("more than 8192", self.failed())

    def test_failures(self) -> None:
        """Why a login does not come about, each with what the server says."""
        for lines, why in [
            (["CAP * LS :batch"], "cannot do SASL"),
            ([":s 421 me CAP :Unknown command", ":s 001 me :Welcome"], "without a login"),
            (["CAP * LS :sasl=OTHER", "CAP me ACK :sasl"], "(OTHER) are none of ours"),
            (["CAP * LS :sasl", "CAP me NAK :sasl"], "does not allow SASL"),
            (["CAP * LS :sasl=PLAIN", "CAP me ACK :sasl", "AUTHENTICATE ?"], "not base64"),
            (
                ["CAP * LS :sasl=PLAIN", "CAP me ACK :sasl", "AUTHENTICATE +", ":s 904 me :Nope"],
                "Nope",
            ),
            (["AUTHENTICATE +"], "ASKED while LISTING"),
            (["CAP * LS :sasl=PLAIN", ":s 903 me :ok"], "not proved"),
        ]:
            self.wanting(saslPassword="pw")
            self.hear(*lines)
            said = self.sent()
            self.assertIn(why, self.failed())
            self.assertEqual(said[-1], "QUIT")
            self.assertTrue(self.transport.disconnecting)
            self.assertNotIn(("signedOn",), self.client.events)

    def test_otherMeans(self) -> None:
        """A program that does it by itself is left alone."""
        self.wanting()
        self.assertEqual(self.says("CAP * LS :sasl", "CAP me ACK :x", ":s 904 me :no"), [])
        self.assertEqual(self.client.capabilities, frozenset())
