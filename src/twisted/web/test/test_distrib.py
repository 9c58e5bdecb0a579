"""Sites of several processes: requests that go over Perspective Broker, and what comes back."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.persisted.styles import Versioned
from twisted.python.failure import Failure
from twisted.spread import pb
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import distrib, resource, server, static, util
from twisted.web.test._serving import ServedTestCase, reactor
from twisted.web.test.test_server import Page, SiteTestCase


def tell(request: Any) -> bytes:
    """What a resource sees of a request."""
    request.setHeader(b"x-seen", request.getHeader(b"x-asked") or b"nothing")
    request.addCookie(b"a", b"b")
    request.setResponseCode(202, b"Seen")
    return b" ".join(
        [
            request.method,
            request.uri,
            b"/".join(request.prepath),
            b"/".join(request.postpath),
            repr(sorted(request.args.items())).encode(),
            request.getClientIP().encode(),
            request.prePathURL().rpartition(b":")[0],
        ]
    )


class Bodies(resource.Resource):
    """Answers with what was sent."""

    isLeaf = True

    def render_POST(self, request: Any) -> bytes:
        """All of it."""
        body: bytes = request.content.read()
        return body


class PublishedTestCase(ServedTestCase):
    """Tests with a publisher, behind a site."""

    def setUp(self) -> None:
        super().setUp()
        self.requests: list[Any] = []
        self.kept: Deferred[Any] = Deferred()
        self.root = resource.Resource()
        self.root.putChild(b"tell", Page(tell))
        self.root.putChild(b"bodies", Bodies())
        self.root.putChild(b"later", Page(self.keep))
        self.site = server.Site(self.root)
        self.published = pb.PBServerFactory(distrib.ResourcePublisher(self.site))
        self.subscription = distrib.ResourceSubscription("127.0.0.1", self.listen(self.published))
        front = resource.Resource()
        front.putChild(b"", static.Data(b"front", "text/plain"))
        front.putChild(b"there", self.subscription)
        self.url = self.serve(front)
        self.addCleanup(self.disconnect)

    def keep(self, request: Any) -> int:
        """Answer later."""
        self.requests.append(request)
        kept, self.kept = self.kept, Deferred()
        kept.callback(request)
        return server.NOT_DONE_YET

    def disconnect(self) -> Deferred[None] | None:
        """End the connection to the publisher."""
        publisher = self.subscription.publisher
        if publisher is None:
            return None
        ended: Deferred[None] = Deferred()
        publisher.notifyOnDisconnect(lambda _: ended.callback(None))
        publisher.broker.transport.loseConnection()
        return ended


class ServedTests(PublishedTestCase):
    """Requests and responses."""

    async def test_request(self) -> None:
        """The publisher sees all of a request, below where the subscription is."""
        said = await self.curl("-i", "-H", "X-Asked: asked", f"{self.url}/there/tell/x%2Fy?a=1&a=2")
        head, _, body = said.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        self.assertEqual(lines[0], b"HTTP/1.1 202 Seen")
        for line in (b"X-Seen: asked", b"Set-Cookie: a=b", b"Content-Length: %d" % len(body)):
            self.assertIn(line, lines)
        self.assertEqual(
            body,
            b"GET /there/tell/x%2Fy?a=1&a=2 there/tell x/y [(b'a', [b'1', b'2'])] 127.0.0.1"
            b" http://127.0.0.1",
        )

    async def test_form(self) -> None:
        self.root.putChild(b"form", Bodies())
        self.root.children[b"form"].render_POST = tell
        for option in ("-d", "-F"):
            said = await self.curl(option, "a=1", f"{self.url}/there/form?b=2")
            self.assertIn(b"[(b'a', [b'1']), (b'b', [b'2'])]", said)

    async def test_bodies(self) -> None:
        """Large bodies, both ways, of a known length and of none."""
        path = Path(self.mktemp())
        body = os.urandom(1024) * 2048
        path.write_bytes(body)
        for header in ("X: y", "Transfer-Encoding: chunked", "Expect: 100-continue"):
            said = await self.curl(
                "-H", header, "-H", "Content-Type: a/b", "--data-binary", f"@{path}",
                f"{self.url}/there/bodies",
            )  # fmt: skip
            self.assertEqual(said, body)

    async def test_several(self) -> None:
        """One connection for many requests, and for HEAD."""
        said = await self.curl(*[f"{self.url}/there/tell"] * 3)
        self.assertEqual(said.count(b"GET /there/tell"), 3)
        said = await self.curl("-I", f"{self.url}/there/tell")
        self.assertIn(b"Content-Length: ", said)
        brokers = [each for each in self.connections if isinstance(each, pb.Broker)]
        self.assertEqual(len(brokers), 1)

    async def test_statuses(self) -> None:
        """404, 405, 304, and redirections."""
        self.root.putChild(b"elsewhere", util.Redirect(b"/new"))
        cached = Page(lambda request: request.setETag(b'"a"') or b"body")
        self.root.putChild(b"cached", cached)
        for path, status in (("none", b"404"), ("bodies", b"405"), ("elsewhere", b"302")):
            said = await self.curl("-w%{http_code}", "-o", os.devnull, f"{self.url}/there/{path}")
            self.assertEqual(said, status)

    async def test_files(self) -> None:
        """A producer is paced by the client; ranges are answered."""
        folder = Path(self.mktemp())
        folder.mkdir()
        body = os.urandom(1024) * 4096
        (folder / "large").write_bytes(body)
        self.root.putChild(b"files", static.File(str(folder)))
        self.assertEqual(await self.curl(f"{self.url}/there/files/large"), body)
        said = await self.curl("-r", "5-9", f"{self.url}/there/files/large")
        self.assertEqual(said, body[5:10])

    async def test_coroutines(self) -> None:
        self.root.putChild(b"soon", Page(lambda request: succeed(b"soon")))
        self.assertEqual(await self.curl(f"{self.url}/there/soon"), b"soon")

    async def test_bug(self) -> None:
        """A bug over there is a 500."""

        def fall(request: Any) -> bytes:
            raise LookupError("a bug")

        self.root.putChild(b"bug", Page(fall))
        said = await self.curl("-w%{http_code}", "-o", os.devnull, f"{self.url}/there/bug")
        self.assertEqual(said, b"500")
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)

    async def test_large(self) -> None:
        """A response that is written at once, beyond what a message carries."""
        body = os.urandom(1024) * 3000
        self.root.putChild(b"large", Page(lambda request: body))
        self.assertGreater(len(body), distrib.SIZE_LIMIT)
        self.assertEqual(await self.curl(f"{self.url}/there/large"), body)


class Asking(Protocol):
    """A client that asks, and can go away."""

    transport: Any

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.received = b""
        self.ended: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        """Ask."""
        self.transport.write(self.request)

    def dataReceived(self, data: bytes) -> None:
        """Keep it."""
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Say so."""
        self.ended.callback(self.received)


class LostTests(PublishedTestCase):
    """Connections that are lost, on either side."""

    async def begin(self) -> tuple[Asking, Any]:
        """A client that waits for an answer, and the request over there."""
        kept = self.kept
        port = int(self.url.rpartition(":")[2])
        client = Asking(b"GET /there/later HTTP/1.1\r\nHost: a\r\n\r\n")
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), client)
        return client, await kept

    async def test_later(self) -> None:
        """An answer that comes later, in pieces."""
        client, request = await self.begin()
        request.write(b"one")
        request.write(b"two")
        finished = request.notifyFinish()
        request.finish()
        await finished
        self.assertEqual(request.sentLength, 6)
        said = await self.curl(f"{self.url}/there/tell")
        self.assertIn(b"GET", said)
        client.transport.loseConnection()
        received = await client.ended
        self.assertTrue(received.endswith(b"\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"), received)

    async def test_clientGone(self) -> None:
        """The resource is told that the client has gone away."""
        client, request = await self.begin()
        finished = request.notifyFinish()
        client.transport.loseConnection()
        await client.ended
        await self.assertFailure(finished, Exception)
        request.write(b"nobody reads this")

    async def test_producer(self) -> None:
        """A producer over there is told as well, and is paused for a client that does not read."""
        client, request = await self.begin()
        paused: Deferred[None] = Deferred()
        stopped: Deferred[None] = Deferred()

        class Producer:
            def resumeProducing(self) -> None: ...

            def pauseProducing(self) -> None:
                if not paused.called:
                    paused.callback(None)

            def stopProducing(self) -> None:
                stopped.callback(None)

        client.transport.pauseProducing()
        request.registerProducer(Producer(), True)
        # More than sockets hold.
        for _ in range(200):
            request.write(b"a" * 65536)
        await paused
        client.transport.abortConnection()
        await client.ended
        await stopped

    async def test_publisherGone(self) -> None:
        """A client that waits is told; the next request makes a new connection."""
        client, request = await self.begin()
        finished = request.notifyFinish()
        for channel in list(self.connections):
            if isinstance(channel, pb.Broker):
                channel.transport.abortConnection()
        await self.assertFailure(finished, Exception)
        said = await self.curl("-w%{http_code}", f"{self.url}/there/tell", "-o", os.devnull)
        self.assertEqual(said, b"202")
        client.transport.loseConnection()
        received = await client.ended
        self.assertTrue(received.startswith(b"HTTP/1.1 502 "), received)
        self.assertEqual(len(self.flushLoggedErrors()), 1)

    async def test_publisherGoneInTheMiddle(self) -> None:
        """Half a response is seen to be half."""
        client, request = await self.begin()
        request.write(b"half")
        # What goes over the same connection is later than that.
        await self.curl(f"{self.url}/there/tell")
        for channel in list(self.connections):
            if isinstance(channel, pb.Broker):
                channel.transport.abortConnection()
        received = await client.ended
        self.assertTrue(received.endswith(b"\r\n4\r\nhalf\r\n"), received)
        self.assertEqual(len(self.flushLoggedErrors()), 1)

    async def test_aborted(self) -> None:
        """A resource that fails in the middle of its answer breaks it off."""
        client, request = await self.begin()
        request.write(b"half")
        request.processingFailed(Failure(LookupError("a bug")))
        received = await client.ended
        self.assertFalse(received.endswith(b"0\r\n\r\n"), received)
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)


class SubscriptionTests(ServedTestCase):
    """A publisher that is not there."""

    async def test_refused(self) -> None:
        subscription = distrib.ResourceSubscription("unix", os.path.abspath(self.mktemp()))
        url = self.serve(subscription)
        for _ in range(2):
            said = await self.curl("-w%{http_code}", url, "-o", os.devnull)
            self.assertEqual(said, b"502")
            self.assertFalse(subscription.pending)

    async def test_unix(self) -> None:
        """One at a UNIX socket."""
        path = self.mktemp()
        factory = pb.PBServerFactory(distrib.ResourcePublisher(server.Site(Page(tell))))
        factory.noisy = False
        port = reactor.listenUNIX(path, factory)
        subscription = distrib.ResourceSubscription("unix", path)
        said = await self.curl(self.serve(subscription) + "/a")
        self.assertIn(b"GET /a ", said)
        ended: Deferred[None] = Deferred()
        subscription.publisher.notifyOnDisconnect(lambda _: ended.callback(None))
        subscription.publisher.broker.transport.loseConnection()
        await ended
        await port.stopListening()

    def test_pickled(self) -> None:
        """What it is connected to is not kept."""
        one = distrib.ResourceSubscription("a.com", 5)
        one.pending.append("a request")
        one.waiting = 1
        two = pickle.loads(pickle.dumps(one))
        self.assertEqual((two.host, two.port), ("a.com", 5))
        self.assertEqual((two.pending, two.publisher, two.waiting), ([], None, 0))


class PublisherTests(SynchronousTestCase):
    """What a publisher is, besides."""

    def test_perspective(self) -> None:
        publisher = distrib.ResourcePublisher(server.Site(resource.Resource()))
        self.assertIs(publisher.getPerspectiveNamed("web"), publisher)
        self.assertIsInstance(publisher, Versioned)
        self.assertEqual(publisher.persistenceVersion, 2)

    def test_upgrade(self) -> None:
        publisher = distrib.ResourcePublisher(server.Site(resource.Resource()))
        publisher.__dict__.update(application="a", perspectiveName="b", serviceName="c")
        publisher.upgradeToVersion2()
        self.assertEqual(list(vars(publisher)), ["site"])


class Copied(pb.Copyable):
    """What says that it is a copy of a request."""

    def __init__(self, kind: str, state: Any) -> None:
        self.kind = kind
        self.state = state

    def getTypeToCopy(self) -> str:
        """The name of such copies."""
        return self.kind

    def getStateToCopy(self) -> Any:
        """Whatever a hostile peer puts there."""
        return self.state


class HostileTests(ServedTestCase):
    """Peers that send what is no request."""

    async def test_malformed(self) -> None:
        """It is refused, in words that say so, and the connection goes on."""
        site = server.Site(Page(tell))
        port = self.listen(pb.PBServerFactory(distrib.ResourcePublisher(site)))
        factory = pb.PBClientFactory()
        factory.noisy = False
        reactor.connectTCP("127.0.0.1", port, factory)
        publisher = await factory.getRootObject()
        address = ("TCP", "127.0.0.1", 1)
        fine: dict[str, Any] = {
            "answering": pb.Referenceable(),
            "peer": address,
            "host": address,
            "secure": False,
            "headers": [(b"host", b"a")],
            "method": b"GET",
            "uri": b"/",
            "minor": 1,
            "length": 0,
            "prepath": [],
            "postpath": [b""],
        }
        states: list[Any] = [[], 5, {}, {"remote": 5}, {**fine, "remote": 5, "content_data": 5}]
        states += [{name: value for name, value in fine.items() if name != left} for left in fine]
        states += [{**fine, name: "text"} for name in ("answering", "peer", "method", "headers")]
        states += [{**fine, "postpath": [5]}, {**fine, "headers": [(b"a", 5)]}]
        for kind in ("twisted.web.distrib.Request", "twisted.web.server.Request"):
            for state in states:
                with self.assertRaises(pb.RemoteError) as caught:
                    await publisher.callRemote("request", Copied(kind, state))
                self.assertIn("not the state of a copied request", str(caught.exception))
        self.flushLoggedErrors()
        for argument in (5, None, "text"):
            with self.assertRaises(pb.RemoteError) as caught:
                await publisher.callRemote("request", argument)
            self.assertIn("copies of requests", str(caught.exception))
        ended: Deferred[None] = Deferred()
        publisher.notifyOnDisconnect(lambda _: ended.callback(None))
        publisher.broker.transport.loseConnection()
        await ended


class Users:
    """A database of users."""

    def __init__(self, *users: tuple[str, str, str]) -> None:
        self.users = {name: (name, "x", 1, 1, gecos, home, "sh") for name, gecos, home in users}

    def getpwnam(self, name: str) -> Any:
        """A user."""
        return self.users[name]

    def getpwall(self) -> list[Any]:
        """All of them."""
        return list(self.users.values())


class UserDirectoryTests(SiteTestCase):
    """The pages of users."""

    def setUp(self) -> None:
        super().setUp()
        homes = Path(self.mktemp()).absolute()
        for name in ("bob", "eve", "joe"):
            (homes / name).mkdir(parents=True)
        (homes / "bob" / "public_html").mkdir()
        (homes / "bob" / "public_html" / "page.txt").write_text("bob's")
        (homes / "eve" / ".twistd-web-pb").touch()
        self.homes = homes
        users = Users(
            ("bob", "Bob <script>,,,", str(homes / "bob")),
            ("eve", "", str(homes / "eve")),
            ("joe", "Joe", str(homes / "joe")),
        )
        self.users = distrib.UserDirectory(users)
        self.root.putChild(b"users", self.users)

    def test_list(self) -> None:
        sent = self.get(b"/users/")
        self.assertIn(b'<li><a href="bob/">Bob &lt;script&gt; (file)</a></li>', sent)
        self.assertIn(b'<li><a href="eve.twistd/">eve (twistd)</a></li>', sent)
        self.assertNotIn(b"Joe", sent)
        self.assertIn(b"text/html; charset=utf-8", sent)

    def test_template(self) -> None:
        self.users.template = "<b>%(users)s</b>"
        self.assertIn(b"\r\n\r\n<b><ul>", self.get(b"/users/"))
        self.users._users = Users()
        self.assertIn(b"There are none", self.get(b"/users"))

    def test_files(self) -> None:
        self.assertTrue(self.get(b"/users/bob/page.txt").endswith(b"\r\n\r\nbob's"))
        for path in (b"joe", b"nobody", b"..", b"%ff", b"bob/../joe", b"nobody.twistd", b"%00"):
            self.assertIn(b" 404 ", self.get(b"/users/" + path + b"/"), path)

    def test_sockets(self) -> None:
        found = self.users.getChild(b"eve.twistd", None)
        self.assertIsInstance(found, distrib.ResourceSubscription)
        self.assertEqual(found.host, "unix")
        self.assertEqual(found.port, str(self.homes / "eve" / ".twistd-web-pb"))
        self.assertIs(self.users.getChildWithDefault(b"eve.twistd", None), found)

    def test_system(self) -> None:
        """By default these are the users of the system."""
        self.root.putChild(b"users", distrib.UserDirectory())
        self.assertIn(b" 200 ", self.get(b"/users/"))
