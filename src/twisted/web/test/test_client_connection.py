"""Requests on one connection, and what servers make of it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.trial import unittest
from twisted.web._h1 import RemoteError
from twisted.web._limits import Limits
from twisted.web.client import (
    BodyTooLong,
    ExcessWrite,
    PartialDownloadError,
    RequestGenerationFailed,
    RequestNotSent,
    RequestTransmissionFailed,
    ResponseDone,
    ResponseFailed,
    ResponseNeverReceived,
    WrongBodyLength,
    _connection,
    _response,
    readBody,
)
from twisted.web.client._bodies import BytesBody
from twisted.web.client._connection import MAX_INTERIM, PHASES, ClientConnection, Phase, Step
from twisted.web.client._sending import ClientRequest
from twisted.web.http import PotentialDataLoss, _DataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IClientRequest, IResponse
from twisted.web.test._clients import Receiver, Wire, answer


class Producer:
    """A body that is written by hand."""

    def __init__(self, length: Any = UNKNOWN_LENGTH) -> None:
        self.length = length
        self.consumer: Any = None
        self.done: Deferred[None] = Deferred()
        self.state = "new"

    def startProducing(self, consumer: Any) -> Deferred[None]:
        self.consumer = consumer
        self.state = "producing"
        return self.done

    def stopProducing(self) -> None:
        self.state = "stopped"

    def pauseProducing(self) -> None:
        self.state = "paused"

    def resumeProducing(self) -> None:
        self.state = "producing"


class ConnectionCase(unittest.SynchronousTestCase):
    """Tests on one connection."""

    def setUp(self) -> None:
        self.free: list[Any] = []
        self.connection = ClientConnection(self.free.append)
        self.wire = Wire(self.connection)
        self.connection.makeConnection(self.wire)

    def ask(
        self,
        method: bytes = b"GET",
        body: Any = None,
        persistent: bool = True,
        headers: Headers | None = None,
    ) -> Deferred[Any]:
        """Make a request."""
        headers = Headers({b"host": [b"a"]}) if headers is None else headers
        uri = b"http://a/x"
        return self.connection.request(ClientRequest(method, uri, b"/x", headers, body, persistent))

    def response(self, *pieces: bytes, method: bytes = b"GET") -> Any:
        """Make a request that is answered."""
        asked = self.ask(method)
        self.wire.say(*pieces)
        return self.successResultOf(asked)

    def body(self, response: Any) -> bytes:
        """The body of a response."""
        return self.successResultOf(readBody(response))

    def reasons(self, failing: Deferred[Any], kind: type[Exception]) -> list[type[Any]]:
        """The types of the reasons that something failed for."""
        error: Any = self.failureResultOf(failing, kind).value
        return [type(one.value) for one in error.reasons]


class RequestTests(ConnectionCase):
    """What is sent."""

    def test_get(self) -> None:
        self.ask()
        self.assertEqual(self.wire.heard(), b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")

    def test_close(self) -> None:
        """A connection that is for one request says so."""
        asked = self.ask(persistent=False)
        self.assertIn(b"\r\nConnection: close\r\n", self.wire.heard())
        self.wire.say(answer(b"ab"))
        self.assertEqual(self.body(self.successResultOf(asked)), b"ab")
        self.assertTrue(self.wire.disconnecting)
        self.assertEqual(self.free, [])

    def test_closeByProgram(self) -> None:
        """So does one whose program says so."""
        self.ask(headers=Headers({b"host": [b"a"], b"connection": [b"Close"]}))
        self.wire.say(answer())
        self.assertTrue(self.wire.disconnecting)

    def test_framingIsOurs(self) -> None:
        """What the program says of the length is not sent: it may be wrong."""
        lies = {b"host": [b"a"], b"content-length": [b"9"], b"transfer-encoding": [b"chunked"]}
        self.ask(b"POST", BytesBody(b"abc"), headers=Headers(lies))
        self.assertEqual(
            self.wire.heard(), b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        )

    def test_noBody(self) -> None:
        """POST without a body says that there is none."""
        self.ask(b"POST")
        self.assertIn(b"Content-Length: 0\r\n", self.wire.heard())

    def test_emptyBody(self) -> None:
        self.ask(b"PUT", BytesBody(b""))
        self.assertIn(b"Content-Length: 0\r\n", self.wire.heard())

    def test_produced(self) -> None:
        """A body of a known length, written in pieces."""
        producer = Producer(5)
        self.ask(b"PUT", producer)
        self.assertIs(self.wire.producer, producer)
        producer.consumer.write(b"abc")
        producer.consumer.write(b"de")
        producer.done.callback(None)
        self.assertTrue(self.wire.heard().endswith(b"Content-Length: 5\r\n\r\nabcde"))
        self.assertIs(self.wire.producer, None)

    def test_chunked(self) -> None:
        """A body of an unknown length."""
        producer = Producer()
        self.ask(b"PUT", producer)
        producer.consumer.write(b"abc")
        producer.done.callback(None)
        sent = self.wire.heard()
        self.assertTrue(
            sent.endswith(b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), sent
        )

    def test_anotherProducer(self) -> None:
        """What writes the body may register another with its consumer."""
        producer, other = Producer(1), Producer()
        self.ask(b"PUT", producer)
        producer.consumer.registerProducer(other, True)
        self.assertIs(self.wire.producer, other)
        producer.consumer.write(b"a")
        producer.consumer.unregisterProducer()
        self.assertIs(self.wire.producer, None)
        producer.done.callback(None)

    def test_tooShort(self) -> None:
        producer = Producer(5)
        asked = self.ask(b"PUT", producer)
        producer.done.callback(None)
        self.assertEqual(self.reasons(asked, RequestGenerationFailed), [WrongBodyLength])
        self.assertTrue(self.wire.aborted)

    def test_tooLong(self) -> None:
        """Nothing is sent of what is too much, and nothing more can be written."""
        producer = Producer(2)
        asked = self.ask(b"PUT", producer)
        self.wire.heard()
        producer.consumer.write(b"abc")
        self.assertEqual(self.reasons(asked, RequestGenerationFailed), [WrongBodyLength])
        self.assertEqual((self.wire.heard(), producer.state), (b"", "stopped"))
        self.assertRaises(ExcessWrite, producer.consumer.write, b"d")

    def test_producerFails(self) -> None:
        producer = Producer(2)
        asked = self.ask(b"PUT", producer)
        producer.done.errback(ZeroDivisionError())
        self.assertEqual(self.reasons(asked, RequestGenerationFailed), [ZeroDivisionError])

    def test_producerFailsAtOnce(self) -> None:
        producer = Producer(2)
        for failing in (lambda _: fail(ZeroDivisionError()), lambda _: 1 // 0):
            self.setUp()
            producer.startProducing = failing  # type: ignore[method-assign,assignment]  # a body that cannot
            asked = self.ask(b"PUT", producer)
            self.assertEqual(self.reasons(asked, RequestGenerationFailed), [ZeroDivisionError])

    def test_lostWhileSending(self) -> None:
        producer = Producer(2)
        asked = self.ask(b"PUT", producer)
        self.wire.end(clean=False)
        self.assertEqual(self.reasons(asked, RequestTransmissionFailed), [ConnectionLost])
        self.assertEqual(producer.state, "stopped")

    def test_answeredWhileSending(self) -> None:
        """A server that has heard enough is not sent the rest."""
        producer = Producer(2)
        asked = self.ask(b"PUT", producer)
        self.wire.say(answer(b"no", b"413 Too Large"))
        self.assertEqual(self.successResultOf(asked).code, 413)
        self.assertEqual(producer.state, "stopped")
        self.assertTrue(self.wire.disconnecting)
        producer.done.callback(None)

    def test_busy(self) -> None:
        """There is one request at a time."""
        self.ask()
        self.failureResultOf(self.ask(), RequestNotSent)

    def test_cancel(self) -> None:
        asked = self.ask()
        asked.cancel()
        self.assertEqual(self.reasons(asked, ResponseNeverReceived), [CancelledError])
        self.assertTrue(self.wire.aborted)
        self.wire.end()

    def test_headersThatCannotBeSent(self) -> None:
        """Control characters are refused before anything is sent."""
        for value in (b"a\0b", b"a\x0bb"):
            headers = Headers({b"host": [b"a"], b"x": [value]})
            self.assertRaises(ValueError, self.ask, headers=headers)
        self.assertEqual(self.wire.heard(), b"")


class ResponseTests(ConnectionCase):
    """What comes back."""

    def test_response(self) -> None:
        response = self.response(answer(b"abc", b"404 Not Found", b"X-A: b"))
        self.assertEqual((response.code, response.phrase, response.length), (404, b"Not Found", 3))
        self.assertEqual(response.version, (b"HTTP", 1, 1))
        self.assertEqual(response.headers, Headers({b"x-a": [b"b"]}))
        self.assertTrue(IResponse.providedBy(response))
        self.assertTrue(IClientRequest.providedBy(response.request))
        self.assertEqual(response.request.absoluteURI, b"http://a/x")
        self.assertEqual(self.body(response), b"abc")
        self.assertIn("404", repr(response))

    def test_bytewise(self) -> None:
        """However the bytes are cut, the response is the same."""
        pieces = [bytes([one]) for one in answer(b"abc")]
        self.assertEqual(self.body(self.response(*pieces)), b"abc")

    def test_reuse(self) -> None:
        """The connection is free when the response is complete, be it asked for or not."""
        first = self.response(answer(b"abc"))
        self.assertEqual(self.free, [self.connection])
        second = self.response(answer(b"def"))
        self.assertEqual((self.body(first), self.body(second)), (b"abc", b"def"))
        self.assertEqual(self.connection.served, 2)

    def test_chunks(self) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        response = self.response(head, b"3\r\nabc\r\n", b"1\r\nd\r\n0\r\n\r\n")
        self.assertEqual(response.length, UNKNOWN_LENGTH)
        self.assertEqual(self.body(response), b"abcd")
        self.assertEqual(self.free, [self.connection])

    def test_noBodies(self) -> None:
        """HEAD, 204 and 304 have none, whatever they say about its length."""
        response = self.response(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", method=b"HEAD")
        self.assertEqual(self.body(response), b"")
        for status in (b"204 No Content", b"304 Not Modified"):
            self.assertEqual(self.body(self.response(b"HTTP/1.1 " + status + b"\r\n\r\n")), b"")
        self.assertEqual(len(self.free), 3)

    def test_untilClosed(self) -> None:
        """A body that ends with the connection may be incomplete, and says so."""
        response = self.response(b"HTTP/1.0 200 OK\r\n\r\n", b"abc")
        self.assertEqual(response.version, (b"HTTP", 1, 0))
        reading = readBody(response)
        self.wire.end()
        error: Any = self.failureResultOf(reading, PartialDownloadError).value
        self.assertEqual((error.status, error.response), (b"200", b"abc"))

    def test_untilLost(self) -> None:
        """If the connection breaks, it is incomplete."""
        reading = readBody(self.response(b"HTTP/1.0 200 OK\r\n\r\n", b"abc"))
        self.wire.end(clean=False)
        self.assertEqual(self.reasons(reading, ResponseFailed), [ConnectionLost, _DataLoss])

    def test_incomplete(self) -> None:
        response = self.response(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        reading = readBody(response)
        self.wire.end()
        failure = self.failureResultOf(reading, ResponseFailed)
        error: Any = failure.value
        self.assertIs(error.response, response)
        self.assertEqual(
            [type(one.value) for one in error.reasons], [ConnectionDone, RemoteError, _DataLoss]
        )
        self.assertIn("in the middle of a message", str(error))

    def test_nothing(self) -> None:
        asked = self.ask()
        self.wire.end()
        self.assertEqual(self.reasons(asked, ResponseNeverReceived), [ConnectionDone])

    def test_half(self) -> None:
        """Half of the headers is a response that failed, and not none."""
        asked = self.ask()
        self.wire.say(b"HTTP/1.1 200 OK\r\nX-")
        self.wire.end()
        error = self.failureResultOf(asked, ResponseFailed).value
        self.assertNotIsInstance(error, ResponseNeverReceived)

    def test_interim(self) -> None:
        """Early hints are passed over, as far as there are few."""
        hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        self.assertEqual(self.body(self.response(hint * MAX_INTERIM, answer(b"a"))), b"a")
        asked = self.ask()
        self.wire.say(hint * (MAX_INTERIM + 1))
        self.assertEqual(self.reasons(asked, ResponseFailed), [RemoteError])
        self.assertTrue(self.wire.aborted)

    def test_malformed(self) -> None:
        """What is no response, or could be read in two ways, is none."""
        for said in (
            b"SSH-2.0-OpenSSH\r\n\r\n",
            b"HTTP/2 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        ):
            self.setUp()
            asked = self.ask()
            self.wire.say(said)
            self.assertEqual(self.reasons(asked, ResponseFailed), [RemoteError], said)
            self.assertTrue(self.wire.aborted)

    def test_malformedChunks(self) -> None:
        """Chunks that are none fail the body, however they are cut."""
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        for chunks in (b"zz\r\n", b"-1\r\n", b"0x1\r\na\r\n", b"1\r\nabc\r\n", b"1_0\r\n"):
            for pieces in ([head + chunks], [head, chunks], [bytes([b]) for b in head + chunks]):
                self.setUp()
                reading = readBody(self.response(*pieces))
                self.assertEqual(self.reasons(reading, ResponseFailed), [RemoteError, _DataLoss])
                self.assertEqual(self.free, [])

    def test_endlessHeaders(self) -> None:
        """Headers have a limit, in bytes and in number."""
        asked = self.ask()
        self.wire.say(b"HTTP/1.1 200 OK\r\nX: " + b"a" * _connection.RESPONSE_LIMITS.headerBytes)
        self.assertEqual(self.reasons(asked, ResponseFailed), [RemoteError])
        self.setUp()
        asked = self.ask()
        many = b"X: a\r\n" * (_connection.RESPONSE_LIMITS.headerCount + 1)
        self.wire.say(b"HTTP/1.1 200 OK\r\n" + many + b"\r\n")
        self.assertEqual(self.reasons(asked, ResponseFailed), [RemoteError])

    def test_limits(self) -> None:
        """Limits can be set."""
        self.connection = ClientConnection(limits=Limits(bodyBytes=2))
        self.wire = Wire(self.connection)
        self.connection.makeConnection(self.wire)
        asked = self.ask()
        self.wire.say(answer(b"abc"))
        self.assertEqual(
            self.reasons(readBody(self.successResultOf(asked)), ResponseFailed),
            [RemoteError, _DataLoss],
        )

    def test_unasked(self) -> None:
        """What comes without a request ends the connection: it is no response to the next."""
        self.wire.say(answer(b"evil"))
        self.assertTrue(self.wire.aborted)
        self.assertFalse(self.connection.usable)

    def test_tooMuch(self) -> None:
        """So does what follows a response."""
        response = self.response(answer(b"good") + answer(b"evil"))
        self.assertEqual(self.body(response), b"good")
        self.assertEqual(self.free, [])
        self.assertTrue(self.wire.disconnecting)

    def test_serverCloses(self) -> None:
        """A connection that the server will close is not used again."""
        self.response(answer(b"a", b"200 OK", b"Connection: close"))
        self.assertEqual(self.free, [])
        self.assertTrue(self.wire.disconnecting)

    def test_switching(self) -> None:
        """A protocol that nobody knows is not spoken."""
        self.response(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        self.assertEqual(self.free, [])

    def test_whenLost(self) -> None:
        waiting = self.connection.whenLost()
        self.assertNoResult(waiting)
        self.wire.end()
        self.successResultOf(waiting)
        self.successResultOf(self.connection.whenLost())
        self.connection.loseConnection()
        self.connection.abort()
        self.assertFalse(self.wire.aborted)


class BodyTests(ConnectionCase):
    """How bodies are had."""

    HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"

    def test_paused(self) -> None:
        """A body that nobody asks for is not read; it is when somebody does."""
        response = self.response(self.HEAD, b"ab")
        self.assertEqual(self.wire.producerState, "paused")
        receiver = Receiver()
        response.deliverBody(receiver)
        self.assertEqual((receiver.data, self.wire.producerState), (b"ab", "producing"))
        self.wire.say(b"cd", b"ef")
        self.assertEqual(receiver.data, b"abcdef")
        self.assertIsInstance(receiver.reason, ResponseDone)

    def test_flow(self) -> None:
        """The protocol of a body can stop and go on, until it is complete."""
        receiver = Receiver()
        self.response(self.HEAD).deliverBody(receiver)
        receiver.transport.pauseProducing()
        self.assertEqual(self.wire.producerState, "paused")
        receiver.transport.resumeProducing()
        self.assertEqual(self.wire.producerState, "producing")
        self.wire.say(b"abcdef")
        for act in ("pauseProducing", "stopProducing", "loseConnection", "abortConnection"):
            getattr(receiver.transport, act)()
        self.assertEqual(self.wire.producerState, "producing")
        self.assertFalse(self.wire.disconnecting)
        self.assertEqual(receiver.transport.getPeer(), self.wire.getPeer())

    def test_stop(self) -> None:
        """It can refuse the rest."""
        for act in ("stopProducing", "loseConnection", "abortConnection"):
            self.setUp()
            receiver = Receiver()
            self.response(self.HEAD).deliverBody(receiver)
            getattr(receiver.transport, act)()
            self.assertTrue(self.wire.disconnecting)
            self.wire.end()
            self.assertIsInstance(receiver.reason, ResponseFailed)

    def test_once(self) -> None:
        response = self.response(answer(b"a"))
        response.deliverBody(Receiver())
        self.assertRaises(RuntimeError, response.deliverBody, Receiver())
        self.assertRaises(RuntimeError, readBody, response)

    def test_dataLoss(self) -> None:
        receiver = Receiver()
        self.response(b"HTTP/1.0 200 OK\r\n\r\nabc").deliverBody(receiver)
        self.wire.end()
        self.assertIsInstance(receiver.reason, PotentialDataLoss)

    def test_lateOrEarly(self) -> None:
        """It is the same whether a body is asked for before or after it has ended."""
        early = readBody(self.response(self.HEAD))
        self.wire.say(b"abcdef")
        late = self.response(self.HEAD + b"abcdef")
        self.assertEqual(self.successResultOf(early), self.body(late))

    def test_maximum(self) -> None:
        """A body that is collected has a limit, whether it comes at once or piece by piece."""
        whole = readBody(self.response(answer(b"abc")), 2)
        self.assertEqual(self.reasons(whole, ResponseFailed), [BodyTooLong])
        reading = readBody(self.response(self.HEAD), 2)
        self.wire.say(b"abc")
        self.assertEqual(self.reasons(reading, ResponseFailed), [BodyTooLong])
        self.assertTrue(self.wire.aborted)
        self.wire.end()
        self.assertEqual(_response.MAX_BODY_BYTES, 2**30)

    def test_cancel(self) -> None:
        """Nobody wants the body any more."""
        reading = readBody(self.response(self.HEAD))
        reading.cancel()
        self.failureResultOf(reading, CancelledError)
        self.assertTrue(self.wire.aborted)
        self.wire.end()

    def test_keepSome(self) -> None:
        """A body that nobody may ask for is read if it is short, and given up if it is long."""
        response = self.response(self.HEAD)
        response._keepSome()
        self.wire.say(b"abcdef")
        self.assertEqual(self.free, [self.connection])
        self.assertEqual(self.body(response), b"abcdef")
        long = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
        self.response(long)._keepSome()
        self.wire.say(b"a" * (_response.KEPT_BYTES + 1))
        self.assertTrue(self.wire.aborted)

    def test_protocolRaises(self) -> None:
        """A mistake of the program is its transport's to log; the connection ends with it."""
        receiver = Receiver()
        receiver.dataReceived = lambda data: 1 // 0  # type: ignore[method-assign,assignment]  # a mistake
        self.response(self.HEAD).deliverBody(receiver)
        self.assertRaises(ZeroDivisionError, self.wire.say, b"ab")


class StateTests(unittest.SynchronousTestCase):
    """The tables of what may follow what."""

    def test_connection(self) -> None:
        """A connection that is lost stays so; any other can be closed and lost."""
        for phase in Phase:
            for step in Step:
                there = PHASES.get((phase, step))
                if phase is Phase.CLOSED:
                    self.assertIs(there, None)
                elif step in (Step.CLOSE, Step.LOSE):
                    self.assertIsNot(there, None)
        self.assertEqual({phase for (phase, step) in PHASES if step is Step.ASK}, {Phase.IDLE})

    def test_response(self) -> None:
        """A body is asked for once, and ends once."""
        for (phase, step), after in _response.PHASES.items():
            self.assertNotIn((after, step), _response.PHASES, (phase, step))
