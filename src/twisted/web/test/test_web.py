"""The requests and channels that programs test their resources with."""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import server, static, util
from twisted.web.resource import Resource
from twisted.web.test.requesthelper import DummyChannel, DummyRequest, NullAddress

__all__ = ["ChannelTests", "DummyChannel", "DummyRequest", "RequestTests"]


class Pull:
    """A producer of three pieces."""

    def __init__(self, consumer: Any) -> None:
        self.consumer = consumer
        self.left = 3

    def resumeProducing(self) -> None:
        """Write one."""
        self.consumer.write(b"%d" % self.left)
        self.left -= 1
        if not self.left:
            self.consumer.unregisterProducer()

    def stopProducing(self) -> None: ...


class ChannelTests(SynchronousTestCase):
    """A real request on a channel without a connection."""

    def setUp(self) -> None:
        self.channel = DummyChannel()
        self.request = server.Request(self.channel)

    def test_served(self) -> None:
        """It is served from the channel's site, and what was sent can be looked at."""
        self.channel.site.resource.putChild(b"page", static.Data(b"body", "text/plain"))
        self.request.requestReceived(b"GET", b"/page", b"HTTP/1.1")
        self.assertEqual(self.channel.done, [self.request])
        [(version, code, reason, headers)] = self.channel.heads
        self.assertEqual((version, code, reason), (b"HTTP/1.1", 200, b"OK"))
        self.assertIn((b"Content-Type", b"text/plain"), headers)
        self.assertTrue(self.channel.transport.value().endswith(b"\r\n\r\nbody"))

    def test_addresses(self) -> None:
        self.assertEqual(self.request.getClientIP(), "192.168.1.1")
        self.assertEqual(self.request.getHost(), IPv4Address("TCP", "10.0.0.1", 12345))
        self.assertFalse(self.request.isSecure())

    def test_producer(self) -> None:
        """A producer is registered with the transport."""
        producer = Pull(self.request)
        self.request.registerProducer(producer, True)
        self.assertIs(self.channel.transport.producer, producer)
        self.request.unregisterProducer()
        self.assertIsNone(self.channel.transport.producer)

    def test_ended(self) -> None:
        self.channel.writeSequence([b"a", b"b"])
        self.assertEqual(self.channel.transport.value(), b"ab")
        self.channel.loseConnection()
        self.assertTrue(self.channel.transport.disconnecting)
        self.channel.forceAbortClient()
        self.assertTrue(self.channel.aborted)


class RequestTests(SynchronousTestCase):
    """A request that only keeps what is answered."""

    def test_render(self) -> None:
        request = DummyRequest([b""])
        request.render(static.Data(b"body", "text/plain"))
        self.assertEqual((request.written, request.finished), ([b"body"], 1))
        self.assertEqual(request.responseHeaders.getRawHeaders(b"content-type"), [b"text/plain"])
        self.assertIsNone(request.responseCode)

    def test_later(self) -> None:
        request = DummyRequest([])

        class Later(Resource):
            def render(self, request: Any) -> int:
                return server.NOT_DONE_YET

        request.render(Later())
        finished, lost = request.notifyFinish(), DummyRequest([]).notifyFinish()
        self.assertNoResult(finished)
        request.finish()
        self.assertIsNone(self.successResultOf(finished))
        self.assertNoResult(lost)

    def test_lost(self) -> None:
        request = DummyRequest([])
        finished = request.notifyFinish()
        request.processingFailed(Failure(ConnectionLost()))
        self.failureResultOf(finished, ConnectionLost)

    def test_said(self) -> None:
        """What the client says is what the test says."""
        request = DummyRequest([b"a"], client=IPv4Address("TCP", "1.2.3.4", 5))
        request.addArg(b"x", b"y")
        request.requestHeaders.addRawHeader(b"X-A", b"1")
        request.requestHeaders.addRawHeader(b"X-A", b"2")
        self.assertEqual(request.args, {b"x": [b"y"]})
        self.assertEqual(request.getHeader(b"x-a"), b"2")
        self.assertIsNone(request.getHeader(b"x-b"))
        self.assertEqual(request.getAllHeaders(), {b"x-a": b"2"})
        self.assertEqual(request.getClientIP(), "1.2.3.4")
        self.assertEqual(request.getClientAddress(), request.client)
        request.setHost(b"example.com", 81)
        self.assertEqual(request.getRequestHostname(), b"example.com")
        self.assertEqual(request.getHost(), IPv4Address("TCP", "example.com", 81))
        self.assertIs(request.getSession(), request.getSession())

    def test_nobody(self) -> None:
        request = DummyRequest([])
        self.assertIsNone(request.getClientIP())
        self.assertIsInstance(request.getClientAddress(), NullAddress)

    def test_redirected(self) -> None:
        request = DummyRequest([])
        request.render(util.Redirect(b"/elsewhere"))
        self.assertEqual(request.responseCode, 302)
        self.assertEqual(request.responseHeaders.getRawHeaders(b"location"), [b"/elsewhere"])

    def test_producer(self) -> None:
        request = DummyRequest([])
        request.registerProducer(Pull(request), False)
        self.assertEqual(request.written, [b"3", b"2", b"1"])

    def test_mistakes(self) -> None:
        """It is as strict as a real one."""
        request: Any = DummyRequest([])
        self.assertRaises(TypeError, request.write, "text")
        request.setETag(b'"a"')
        request.write(b"body")
        self.assertRaises(RuntimeError, request.setResponseCode, 404)
        self.assertRaises(RuntimeError, request.setLastModified, 5)
        self.assertRaises(RuntimeError, request.setETag, b'"a"')
