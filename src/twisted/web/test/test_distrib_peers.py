"""Sites of several processes, with Twisted's own as one of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.spread import pb
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import distrib, resource, server, static
from twisted.web.test._serving import PEERS, ServedTestCase
from twisted.web.test.requesthelper import DummyChannel
from twisted.web.test.test_distrib import Bodies
from twisted.web.test.test_server import Page

PUBLISHER = """
import os, sys
from twisted.internet import reactor
from twisted.spread import pb
from twisted.web import distrib, resource, server, static

class Tell(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        request.setResponseCode(202, b"Seen")
        request.setHeader(b"x-seen", request.getHeader(b"x-asked"))
        request.addCookie(b"a", b"b", path=b"/c")
        return b"%b %b %b" % (request.uri, b"/".join(request.prepath), b"/".join(request.postpath))

    def render_POST(self, request):
        return request.content.read()

class Later(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        if request.postpath == [b"die"]:
            os._exit(0)
        request.write(b"half")
        return server.NOT_DONE_YET

root = resource.Resource()
root.putChild(b"tell", Tell())
root.putChild(b"later", Later())
root.putChild(b"files", static.File(sys.argv[1]))
factory = pb.PBServerFactory(distrib.ResourcePublisher(server.Site(root)))
port = reactor.listenTCP(0, factory, interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""

SUBSCRIBER = """
import sys
from twisted.internet import reactor
from twisted.web import distrib, resource, server

root = resource.Resource()
root.putChild(b"there", distrib.ResourceSubscription("127.0.0.1", int(sys.argv[1])))
port = reactor.listenTCP(0, server.Site(root), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""


def tell(request: Any) -> bytes:
    """What a resource sees of a request."""
    request.setResponseCode(202, b"Seen")
    request.setHeader(b"x-seen", request.getHeader(b"x-asked"))
    request.addCookie(b"a", b"b", path=b"/c", httpOnly=True)
    return b" ".join([request.uri, b"/".join(request.prepath), b"/".join(request.postpath)])


class PeerTests(ServedTestCase):
    """curl asks one through the other."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.large = os.urandom(1024) * 2048
        (self.folder / "large").write_bytes(self.large)

    async def check(self, url: str) -> None:
        """Ask for a page and a file, and send something."""
        said = await self.curl("-i", "-H", "X-Asked: asked", f"{url}/tell/a%2Fb?c")
        head, _, body = said.partition(b"\r\n\r\n")
        lines = [line.lower() for line in head.split(b"\r\n")]
        self.assertEqual(lines[0], b"http/1.1 202 seen")
        self.assertIn(b"x-seen: asked", lines)
        [cookie] = [line for line in lines if line.startswith(b"set-cookie: ")]
        self.assertTrue(cookie.startswith(b"set-cookie: a=b; path=/c"), cookie)
        self.assertEqual(body, b"/there/tell/a%2Fb?c there/tell a/b")
        said = await self.curl("-H", "Content-Type: a/b", "-d", "x" * 100_000, f"{url}/tell")
        self.assertEqual(said, b"x" * 100_000)
        self.assertEqual(await self.curl(f"{url}/files/large"), self.large)
        said = await self.curl("-w%{http_code}", "-o", os.devnull, f"{url}/none")
        self.assertEqual(said, b"404")

    async def test_itSubscribes(self) -> None:
        """Our publisher, and its subscription."""
        root = resource.Resource()
        page: Any = Page(tell)
        page.render_POST = Bodies().render_POST
        root.putChild(b"tell", page)
        root.putChild(b"files", static.File(str(self.folder)))
        factory = pb.PBServerFactory(distrib.ResourcePublisher(server.Site(root)))
        port = self.start(PEERS, SUBSCRIBER, str(self.listen(factory)))
        await self.check(f"http://127.0.0.1:{port}/there")

    def subscribe(self) -> str:
        """Our subscription, and its publisher; the URL of what is there."""
        number = self.start(PEERS, PUBLISHER, str(self.folder))
        self.subscription = distrib.ResourceSubscription("127.0.0.1", number)
        root = resource.Resource()
        root.putChild(b"there", self.subscription)
        url = self.serve(root) + "/there"
        self.addCleanup(self.disconnect)
        return url

    def disconnect(self) -> Deferred[None] | None:
        """End the connection to the publisher."""
        publisher = self.subscription.publisher
        if publisher is None:
            return None
        ended: Deferred[None] = Deferred()
        publisher.notifyOnDisconnect(lambda _: ended.callback(None))
        publisher.broker.transport.loseConnection()
        return ended

    async def test_itPublishes(self) -> None:
        await self.check(self.subscribe())

    async def test_tooLarge(self) -> None:
        """It takes a body at once, and so not any."""
        url = self.subscribe()
        path = str(self.folder / "large")
        said = await self.curl(
            "-w%{http_code}", "-H", "Content-Type: a/b", "-o", os.devnull, "-T", path, "-X", "POST",
            f"{url}/tell",
        )  # fmt: skip
        self.assertEqual(said, b"413")

    async def test_itDies(self) -> None:
        """Its end is that of the requests which it has begun to answer."""
        url = self.subscribe()
        begun = await self.subscribedTo(url)
        said = await self.curl("-w%{http_code}", "-o", os.devnull, f"{url}/later/die")
        self.assertEqual(said, b"502")
        # curl says that the transfer is not complete.
        await self.assertFailure(begun, AssertionError)
        self.assertEqual(len(self.flushLoggedErrors()), 2)

    async def subscribedTo(self, url: str) -> Deferred[bytes]:
        """A request that has half of its answer."""
        written: Deferred[None] = Deferred()
        view = server.Request.view_write

        def viewWrite(request: Any, issuer: Any, data: bytes) -> None:
            view(request, issuer, data)
            written.callback(None)

        self.patch(server.Request, "view_write", viewWrite)
        asked = Deferred.fromCoroutine(self.curl(f"{url}/later"))
        await written
        self.patch(server.Request, "view_write", view)
        return asked


class ViewTests(SynchronousTestCase):
    """What is seen of a request through a view."""

    def setUp(self) -> None:
        self.channel = DummyChannel()
        self.request = server.Request(self.channel)
        self.request.gotLength(4)
        self.request.handleContentChunk(b"body")
        self.request.prepath, self.request.postpath, self.request.sitepath = [b"a"], [b"b"], []

    def test_state(self) -> None:
        state = self.request.getStateToCopyFor(None)
        self.assertEqual(state["content_data"], b"body")
        self.assertEqual(state["client"], ("INET", "192.168.1.1", 12344))
        self.assertEqual(state["host"], ("INET", "10.0.0.1", 12345))
        self.assertEqual((state["prepath"], state["postpath"]), ([b"a"], [b"b"]))
        self.assertIsInstance(state["remote"], pb.ViewPoint)
        self.assertIs(state["remote"].object, self.request)

    def test_views(self) -> None:
        """Everything that can be said of the answer."""
        request = self.request
        request.method = b"GET"
        request.view_setResponseCode(None, 404, b"Gone")
        request.view_setHeader(None, b"x-a", b"b")
        request.view_addCookie(None, b"k", b"v", path=b"/")
        request.view_setETag(None, b'"e"')
        request.view_setLastModified(None, 0)
        calls: list[str] = []

        class Reference:
            def callRemote(self, what: str) -> Deferred[None]:
                calls.append(what)
                done: Deferred[None] = Deferred()
                done.errback(pb.PBConnectionLost())
                return done

        request.view_registerProducer(None, Reference(), True)
        producer: Any = self.channel.transport.producer
        producer.pauseProducing()
        producer.resumeProducing()
        producer.stopProducing()
        self.assertEqual(calls, ["pauseProducing", "resumeProducing", "stopProducing"])
        request.view_unregisterProducer(None)
        self.assertIsNone(self.channel.transport.producer)
        request.view_write(None, b"answer")
        request.view_finish(None)
        [(_, code, reason, fields)] = self.channel.heads
        self.assertEqual((code, reason), (404, b"Gone"))
        for field in (
            (b"X-A", b"b"),
            (b"ETag", b'"e"'),
            (b"Last-Modified", b"Thu, 01 Jan 1970 00:00:00 GMT"),
            (b"Set-Cookie", b"k=v; Path=/"),
        ):
            self.assertIn(field, fields)
        self.assertTrue(self.channel.transport.value().endswith(b"answer"))
