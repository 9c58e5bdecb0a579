"""Connections that change: to another protocol, or to TLS."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost, PeerVerifyError
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.internet.testing import (
    IOPump,
    StringTransport,
    connect,
    makeFakeClient,
    makeFakeServer,
)
from twisted.protocols import amp
from twisted.protocols.test._amp import Calculator, Sum, Tell, alone, asked, pair
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class Inner(Protocol):
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.got = b""
        self.lost: list[Failure] = []

    def dataReceived(self, data: bytes) -> None:
        self.got += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.append(reason)


class InnerFactory(ClientFactory):
    """Keeps how it went."""

    protocol = Inner

    def __init__(self) -> None:
        self.failed: list[Failure] = []
        self.lost: list[Failure] = []

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self.failed.append(reason)

    def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
        self.lost.append(reason)


class Switch(amp.ProtocolSwitchCommand):
    """Asks for another protocol."""

    arguments = [(b"name", amp.Unicode())]


class Switching(Calculator):
    """Becomes what it is told to."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.become: Any = Inner

    @Switch.responder
    def switch(self, name: str) -> Any:
        return self.become()


class SwitchTests(SynchronousTestCase):
    """From AMP to another protocol."""

    def ends(self) -> tuple[Switching, Switching, IOPump]:
        server, client = Switching(), Switching()
        pump = connect(server, makeFakeServer(server), client, makeFakeClient(client))
        return client, server, pump

    def test_switch(self) -> None:
        """Both ends speak the other protocol, which gets what comes and the end of it."""
        client, server, pump = self.ends()
        factory = InnerFactory()
        pending = asked(client.callRemote(Switch, factory, name="x"))
        pump.flush()
        self.assertEqual(self.successResultOf(pending), {})
        inner = client.innerProtocol
        inner.transport.write(b"hello")
        server.innerProtocol.transport.write(b"hi")
        pump.flush()
        self.assertEqual((server.innerProtocol.got, inner.got), (b"hello", b"hi"))
        inner.transport.loseConnection()
        pump.flush()
        self.assertEqual((len(inner.lost), len(factory.lost), len(factory.failed)), (1, 1, 0))
        self.assertEqual(len(server.innerProtocol.lost), 1)

    def test_noMoreBoxes(self) -> None:
        """Neither end can send boxes then; the one that asks, not even before the answer."""
        client, server, pump = self.ends()
        client.callRemote(Switch, InnerFactory(), name="x")
        self.assertRaises(amp.ProtocolSwitched, client.callRemote, Sum, a=1, b=2)
        pump.flush()
        for end in (client, server):
            self.assertRaises(amp.ProtocolSwitched, end.callRemote, Sum, a=1, b=2)
            self.assertRaises(amp.ProtocolSwitched, end.sendBox, amp.Box(a=b"1"))

    def test_restOfTheSegment(self) -> None:
        """What follows in the same piece of the stream belongs to the other protocol."""
        end, transport = Switching(), StringTransport()
        end.makeConnection(transport)
        ask = amp.Box(_command=b"Switch", _ask=b"1", name=b"x")
        end.dataReceived(ask.serialize() + b"re")
        end.dataReceived(b"st")
        self.assertEqual(end.innerProtocol.got, b"rest")

    def test_refused(self) -> None:
        """If the peer does not agree, the factory hears of it, and boxes can be sent again."""
        client, server, pump = pair()
        factory = InnerFactory()
        pending = asked(client.callRemote(Switch, factory, name="x"))
        pump.flush()
        self.failureResultOf(pending, amp.UnhandledCommand)
        [reason] = factory.failed
        self.assertTrue(reason.check(ConnectionLost))
        pending = asked(client.callRemote(Sum, a=1, b=2))
        pump.flush()
        self.assertEqual(self.successResultOf(pending), {"total": 3})
        self.assertEqual(server.reasons, [])

    def test_lost(self) -> None:
        """The end of the connection before the answer is a failure too."""
        client, _ = alone()
        factory = InnerFactory()
        pending = asked(client.callRemote(Switch, factory, name="x"))
        client.connectionLost(Failure(ConnectionDone()))
        self.failureResultOf(pending, ConnectionDone)
        self.assertEqual(len(factory.failed), 1)
        self.failureResultOf(asked(client.callRemote(Switch, factory, name="x")), ConnectionDone)
        self.assertEqual(len(factory.failed), 2)

    def test_notAProtocol(self) -> None:
        """A responder that returns something else is told so; the connection ends."""
        for bad in (dict, lambda: Inner, InnerFactory):
            client, server, pump = self.ends()
            server.become = bad
            pending = asked(client.callRemote(Switch, InnerFactory(), name="x"))
            pump.flush()
            self.failureResultOf(pending, amp.UnknownRemoteError)
            self.assertEqual(len(self.flushLoggedErrors(amp.BadLocalReturn)), 1)

    def test_answerTooLate(self) -> None:
        """An answer that is found after the switch is not sent into the other protocol."""
        end, transport = Switching(), StringTransport()
        end.makeConnection(transport)
        wait: Deferred[Any] = Deferred()
        end.answer = lambda: wait
        end.dataReceived(amp.Box(_command=b"Sum", _ask=b"1", a=b"1", b=b"2").serialize())
        end.dataReceived(amp.Box(_command=b"Switch", _ask=b"2", name=b"x").serialize())
        transport.clear()
        wait.callback({"total": 3})
        self.assertEqual(transport.value(), b"")
        self.assertFalse(transport.disconnecting)


class FakeTLS(StringTransport):
    """Notes that TLS begins, and what was written before."""

    plain: bytes | None = None
    protocol: Any = None

    def startTLS(self, contextFactory: Any) -> None:
        self.plain = self.value()
        self.clear()
        self.protocol = Inner()


class FakeCertificate:
    """Gives options that nobody looks at."""

    def options(self, *authorities: Any) -> Any:
        return ("options", authorities)


class Securing(Calculator):
    """Agrees to TLS, perhaps later."""

    wait: Deferred[Any] | None = None

    @amp.StartTLS.responder
    def begin(self) -> Any:
        parameters = {"tls_localCertificate": FakeCertificate()}
        if self.wait is None:
            return parameters
        return self.wait.addCallback(lambda _: parameters)


ASK = amp.Box(_command=b"StartTLS", _ask=b"1").serialize()
NEWS = amp.Box(_command=b"Tell", what=b"news").serialize()


class StartTLSTests(SynchronousTestCase):
    """What is sent and heard while TLS is being agreed upon."""

    def end(self) -> tuple[Securing, FakeTLS]:
        end, transport = Securing(), FakeTLS()
        end.makeConnection(transport)
        return end, transport

    def asking(self) -> tuple[Securing, FakeTLS, Deferred[Any]]:
        end, transport = self.end()
        pending = asked(end.callRemote(amp.StartTLS, tls_localCertificate=FakeCertificate()))
        self.assertEqual(transport.value(), ASK)
        return end, transport, pending

    def test_answer(self) -> None:
        """The answer is the last in plain text; certificates do not travel."""
        end, transport = self.end()
        end.dataReceived(ASK)
        self.assertEqual(transport.plain, amp.Box(_answer=b"1").serialize())
        self.assertIsInstance(end.hostCertificate, FakeCertificate)
        self.assertTrue(end.noPeerCertificate)
        self.assertIsNone(end.peerCertificate)

    def test_ask(self) -> None:
        """What is said after the request is kept back until there is TLS."""
        end, transport, pending = self.asking()
        end.callRemote(Tell, what="news")
        self.assertEqual(transport.value(), ASK)
        end.dataReceived(amp.Box(_answer=b"1").serialize())
        self.assertEqual(self.successResultOf(pending), {})
        self.assertEqual((transport.plain, transport.value()), (ASK, NEWS))

    def test_injectedAfterRequest(self) -> None:
        """Boxes in plain text behind the request are not obeyed: anybody may have put them there.

        This is the hole of CVE-2011-0411 in SMTP.
        """
        end, transport = self.end()
        end.dataReceived(ASK + NEWS)
        self.assertEqual(end.told, [])
        self.assertTrue(transport.disconnecting)
        self.assertIsNone(transport.plain)

    def test_injectedBeforeAnswer(self) -> None:
        """Nor those that come while the answer is waited for, not even a part of one."""
        for injected in (NEWS, NEWS[:1]):
            end, transport = self.end()
            end.wait = Deferred()
            end.dataReceived(ASK)
            end.dataReceived(injected)
            self.assertEqual(end.told, [])
            self.assertTrue(transport.disconnecting)

    def test_injectedAfterAnswer(self) -> None:
        """Those behind the answer go to TLS, at the end that has asked."""
        end, transport, pending = self.asking()
        end.dataReceived(amp.Box(_answer=b"1").serialize() + NEWS)
        self.successResultOf(pending)
        self.assertEqual((end.told, transport.plain), ([], ASK))
        self.assertEqual(transport.protocol.got, NEWS)

    def test_refused(self) -> None:
        """If the peer does not agree, the connection goes on as it is."""
        client, server, pump = pair()
        pending = asked(client.callRemote(amp.StartTLS, tls_localCertificate=FakeCertificate()))
        pump.flush()
        self.failureResultOf(pending, amp.UnhandledCommand)
        client.callRemote(Tell, what="news")
        pump.flush()
        self.assertEqual(server.told, ["news"])

    def test_refusedWithSecrets(self) -> None:
        """What was kept back for TLS is never sent in plain text: the connection ends."""
        end, transport, pending = self.asking()
        end.callRemote(Tell, what="secret")
        end.dataReceived(
            amp.Box(_error=b"1", _error_code=b"X", _error_description=b"x").serialize()
        )
        self.failureResultOf(pending, amp.UnknownRemoteError)
        self.assertEqual(transport.value(), ASK)
        self.assertTrue(transport.disconnecting)

    def test_onlyOnce(self) -> None:
        """TLS in TLS is refused, at both ends."""
        end, _, _ = self.asking()
        self.assertRaises(amp.OnlyOneTLS, end.callRemote, amp.StartTLS)
        end, transport = self.end()
        end.dataReceived(ASK)
        end.dataReceived(ASK)
        [answer] = amp.parseString(transport.value())
        self.assertEqual(answer[b"_error_code"], b"UNKNOWN")
        self.assertEqual(len(self.flushLoggedErrors(amp.OnlyOneTLS)), 1)
        self.assertTrue(transport.disconnecting)

    def test_rejected(self) -> None:
        """A peer that hangs up before it has said anything over TLS has rejected us."""
        end, _, pending = self.asking()
        end.dataReceived(amp.Box(_answer=b"1").serialize())
        later = asked(end.callRemote(Sum, a=1, b=2))
        end.connectionLost(Failure(ConnectionDone()))
        self.successResultOf(pending)
        self.failureResultOf(later, PeerVerifyError)

    def test_notRejected(self) -> None:
        """One that has said something has not."""
        end, _, _ = self.asking()
        end.dataReceived(amp.Box(_answer=b"1").serialize())
        later = asked(end.callRemote(Sum, a=1, b=2))
        end.dataReceived(NEWS)
        end.connectionLost(Failure(ConnectionDone()))
        self.failureResultOf(later, ConnectionDone)
