"""The flow of bodies over HTTP/2, the time that they take, and how connections end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zope.interface import implementer

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPullProducer, IPushProducer
from twisted.python.failure import Failure
from twisted.web._limits import DEFAULT_LIMITS
from twisted.web.test._http2 import BUFFER_BYTES, ServerTestCase, SettingCodes, frames, get, post

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR = 0, 1, 2
REFUSED_STREAM, CANCEL, CALM = 7, 8, 11


@implementer(IPushProducer)
class Pusher:
    """Writes until it is paused, so many pieces in all."""

    def __init__(self, request: Any, pieces: int) -> None:
        self.request = request
        self.left = pieces
        self.paused = False
        self.stopped = False
        request.registerProducer(self, True)
        self.resumeProducing()

    def resumeProducing(self) -> None:
        self.paused = False
        while not self.paused and self.left:
            self.left -= 1
            self.request.write(b"x" * 10_000)
        if not self.left and not self.paused:
            self.request.unregisterProducer()
            self.request.finish()

    def pauseProducing(self) -> None:
        self.paused = True

    def stopProducing(self) -> None:
        self.stopped = True


@implementer(IPullProducer)
class Puller:
    """Writes a piece when it is asked."""

    def __init__(self, request: Any, pieces: int) -> None:
        self.request = request
        self.left = pieces
        self.stopped = False
        request.registerProducer(self, False)

    def resumeProducing(self) -> None:
        self.left -= 1
        self.request.write(b"x" * 10_000)
        if not self.left:
            self.request.unregisterProducer()
            self.request.finish()

    def stopProducing(self) -> None:
        self.stopped = True


class FlowTests(ServerTestCase):
    """Bodies of responses wait for the windows, and for the transport."""

    def produce(self, kind: Any, pieces: int) -> Any:
        """Have a producer answer a request."""
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        return number, kind(self.requests.pop(), pieces)

    def test_whole(self) -> None:
        """Producers of both kinds are asked for all that they have."""
        for kind in (Pusher, Puller):
            number, _ = self.produce(kind, 100)
            self.peer.exchange()
            answer = self.peer.answers[number]
            self.assertEqual((len(answer.body), answer.ended), (1_000_000, True))

    def test_window(self) -> None:
        """Without a window a producer is paused, when a measured amount is queued."""
        for kind in (Pusher, Puller):
            self.connect()
            self.peer.takes = False
            number, producer = self.produce(kind, 100)
            self.peer.exchange()
            self.assertEqual(len(self.peer.answers[number].body), 65535)
            written = (100 - producer.left) * 10_000
            self.assertLess(written, 65535 + DEFAULT_LIMITS.http2.queuedBytes + 20_000)
            self.peer.takes = True
            self.peer.h2.increment_flow_control_window(1_000_000)
            self.peer.h2.increment_flow_control_window(1_000_000, number)
            self.peer.exchange()
            self.assertEqual(len(self.peer.answers[number].body), 1_000_000)
            self.assertEqual(self.peer.answers[number].ended, True)

    def test_oneWindowOnly(self) -> None:
        """A stream whose window is closed does not hold up another."""
        self.peer.takes = False
        self.peer.h2.increment_flow_control_window(10_000_000)
        stuck, _ = self.produce(Pusher, 100)
        other, _ = self.produce(Pusher, 5)
        self.peer.exchange()
        self.assertEqual(len(self.peer.answers[stuck].body), 65535)
        self.assertEqual(len(self.peer.answers[other].body), 50_000)
        self.assertEqual(self.peer.answers[other].ended, True)

    def test_turns(self) -> None:
        """Streams have their turn: a small response does not wait for a large one."""
        self.peer.takes = False
        large, small = self.peer.begin(get(b"/later")), self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.requests[0].write(b"x" * 1_000_000)
        self.requests[1].write(b"y" * 10)
        self.requests[1].finish()
        self.peer.h2.increment_flow_control_window(100_000)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[small].ended, True)
        self.assertEqual(self.peer.answers[large].ended, False)

    def test_smallWindow(self) -> None:
        """A client that announces a small window gets as much, and more when it opens it."""
        self.connect(settings={SettingCodes.INITIAL_WINDOW_SIZE: 10})
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.requests[0].write(b"0123456789abcdef")
        self.requests[0].finish()
        self.peer.takes = False
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].body, b"0123456789")
        self.peer.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 100})
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].body, b"0123456789abcdef")
        self.assertEqual(self.peer.answers[number].ended, True)

    def test_transport(self) -> None:
        """A transport that is full gets no more, and producers are paused."""
        self.peer.h2.increment_flow_control_window(2**30)
        number = self.peer.begin(get(b"/later"))
        self.peer.h2.increment_flow_control_window(2**30, number)
        self.peer.exchange()
        producer = Pusher(self.requests[0], 100)
        self.assertTrue(producer.paused)
        self.assertLess(len(self.transport.value()), BUFFER_BYTES + 65536 + 1000)
        self.assertGreater(producer.left, 70)
        self.peer.exchange()
        self.assertEqual(len(self.peer.answers[number].body), 1_000_000)

    def test_lostProducer(self) -> None:
        """A producer is stopped when its stream is reset."""
        self.peer.takes = False
        for kind in (Pusher, Puller):
            number, producer = self.produce(kind, 100)
            self.peer.exchange()
            self.peer.h2.reset_stream(number, CANCEL)
            self.peer.exchange()
            self.assertTrue(producer.stopped)

    def test_registerTwice(self) -> None:
        """There is one producer at a time."""
        self.peer.takes = False
        _, _ = self.produce(Pusher, 100)
        self.peer.begin(get(b"/later"))
        self.peer.exchange()
        channel = self.requests[0].channel
        channel.registerProducer(Pusher.__new__(Pusher), True)
        self.assertRaises(RuntimeError, channel.registerProducer, object(), True)


class EndTests(ServerTestCase):
    """How connections end."""

    def test_drain(self) -> None:
        """A server that stops lets responses be completed, and begins no more."""
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.channel.drain()
        refused = self.peer.begin(get())
        sent = self.peer.h2.data_to_send()
        self.peer.give(sent)
        self.assertFalse(self.transport.disconnecting)
        self.requests[0].write(b"done")
        self.requests[0].finish()
        self.assertTrue(self.transport.disconnecting)
        # h2 takes a GOAWAY for the end of everything: look at the frames.
        data = self.transport.taken()
        self.assertIn(b"done", data)
        kinds = [(kind, stream) for kind, _, stream, _ in frames(data)]
        self.assertEqual(
            kinds, [(7, 0), (3, refused), (1, number), (0, number), (0, number), (7, 0)]
        )

    def test_drainIdle(self) -> None:
        """One that is idle is closed at once."""
        self.channel.drain()
        self.assertTrue(self.transport.disconnecting)

    def test_grace(self) -> None:
        """Past the grace the connection is broken off, and requests are told."""
        self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.channel.drain()
        self.channel.forceAbortClient()
        self.assertTrue(self.transport.aborting)
        self.lose(Failure(ConnectionDone()))
        self.assertEqual(len(self.lost), 1)

    def test_goawayOfClient(self) -> None:
        """A client that says goodbye is answered what it has asked for."""
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.peer.give(bytes.fromhex("000008070000000000" + "00000000" + "00000000"))
        self.assertFalse(self.transport.disconnecting)
        self.requests[0].write(b"done")
        self.requests[0].finish()
        self.assertTrue(self.transport.disconnecting)
        kinds = [(kind, stream) for kind, _, stream, _ in frames(self.transport.taken())]
        self.assertEqual(kinds, [(7, 0), (1, number), (0, number), (0, number), (7, 0)])

    def test_requestsPerConnection(self) -> None:
        """After as many requests as are allowed, the client is told to connect anew."""
        self.connect(replace(DEFAULT_LIMITS, requestsPerConnection=2))
        self.peer.ask(get())
        self.assertFalse(self.transport.disconnecting)
        self.peer.begin(get())
        self.peer.give(self.peer.h2.data_to_send())
        self.assertTrue(self.transport.disconnecting)
        self.assertIn(b"root", self.transport.taken())


class TimeTests(ServerTestCase):
    """Who is late."""

    def test_idle(self) -> None:
        """A connection without requests is closed, with a word."""
        self.peer.ask(get())
        self.clock.advance(59)
        self.assertFalse(self.transport.disconnecting)
        self.clock.pump([1] * 60)
        self.assertTrue(self.transport.disconnecting)
        self.peer.exchange()
        self.assertEqual(self.peer.gone.error_code, NO_ERROR)

    def test_noTimeout(self) -> None:
        """Without a limit it stays."""
        self.connect(timeout=None)
        self.clock.pump([10] * 100)
        self.assertFalse(self.transport.disconnecting)

    def test_busy(self) -> None:
        """One that waits for a response of ours stays."""
        self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.clock.pump([10] * 100)
        self.assertFalse(self.transport.disconnecting)
        self.assertEqual(self.lost, [])

    def test_noPreface(self) -> None:
        """A client that says nothing, or not all, is not waited for."""
        self.accept()
        self.channel.dataReceived(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00")
        self.clock.pump([10] * 13)
        self.assertTrue(self.transport.disconnecting)

    def test_slowBody(self) -> None:
        """A body that does not come is refused with 408; the connection goes on."""
        number = self.peer.open(post(b"/echo"))
        self.peer.exchange()
        for _ in range(5):
            self.clock.pump([10] * 4)
            self.peer.h2.send_data(number, b"x")
            self.peer.exchange()
        self.assertEqual(self.peer.answers[number].status, 0)
        self.clock.pump([10] * 13)
        self.peer.exchange()
        answer = self.peer.answers[number]
        self.assertEqual((answer.status, answer.ended, answer.reset), (408, True, None))
        self.clock.pump([10] * 7)
        self.peer.exchange()
        self.assertEqual(answer.reset, NO_ERROR)
        self.assertFalse(self.transport.disconnecting)

    def test_totalTime(self) -> None:
        """A body that comes too slowly in all is refused."""
        self.connect(replace(DEFAULT_LIMITS, totalSeconds=30))
        number = self.peer.open(post(b"/echo"))
        for _ in range(3):
            self.assertEqual(self.peer.answers[number].status, 0)
            self.peer.h2.send_data(number, b"x")
            self.peer.exchange()
            self.clock.pump([5, 5])
        self.clock.pump([10] * 3)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].status, 408)

    def test_slowHeaders(self) -> None:
        """Headers that are not completed end the connection."""
        self.peer.give(bytes.fromhex("000002010000000001") + b"\x82\x87")
        self.clock.pump([10] * 13)
        self.assertTrue(self.transport.disconnecting)
        self.peer.exchange()
        self.assertEqual(self.peer.gone.error_code, CALM)

    def test_slowReader(self) -> None:
        """A response that the client does not take is broken off in the end."""
        self.peer.takes = False
        self.peer.h2.increment_flow_control_window(10_000_000)
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.requests[0].write(b"x" * 100_000)
        self.peer.exchange()
        self.clock.pump([10] * 29)
        self.assertEqual(self.lost, [])
        self.clock.pump([10] * 10)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].reset, CANCEL)
        self.assertEqual(len(self.lost), 1)

    def test_closedConnectionWindow(self) -> None:
        """So is the connection, if its own window stays closed."""
        self.peer.takes = False
        self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.requests[0].write(b"x" * 100_000)
        self.peer.exchange()
        self.clock.pump([10] * 40)
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(len(self.lost), 1)

    def test_slowButSteady(self) -> None:
        """A client that takes a little at a time may take as long as it likes."""
        self.peer.takes = False
        number = self.peer.begin(get(b"/later"))
        self.peer.exchange()
        self.requests[0].write(b"x" * 100_000)
        for _ in range(30):
            self.peer.exchange()
            self.peer.h2.increment_flow_control_window(1000)
            self.peer.h2.increment_flow_control_window(1000, number)
            self.clock.pump([10] * 10)
        self.assertFalse(self.transport.disconnecting)
        self.assertGreater(len(self.peer.answers[number].body), 90_000)
        self.assertEqual(self.lost, [])

    def test_deadTransport(self) -> None:
        """And one that does not read at all."""
        self.peer.h2.increment_flow_control_window(2**30)
        number = self.peer.begin(get(b"/later"))
        self.peer.h2.increment_flow_control_window(2**30, number)
        self.peer.exchange()
        self.requests[0].write(b"x" * 1_000_000)
        self.clock.pump([10] * 40)
        self.assertTrue(self.transport.aborting)
        self.assertEqual(len(self.lost), 1)

    def test_abort(self) -> None:
        """What is closed, and not taken, is broken off."""
        self.channel.drain()
        self.assertFalse(self.transport.aborting)
        self.clock.advance(15)
        self.assertTrue(self.transport.aborting)
