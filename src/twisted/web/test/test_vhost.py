"""Virtual hosts, and paths that are rewritten."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from twisted.web import resource, rewrite, vhost
from twisted.web.demo import Test
from twisted.web.static import Data
from twisted.web.test.test_server import Page, SiteTestCase


def tell(request: Any) -> bytes:
    """What a resource sees of where it is."""
    return b" ".join(
        [
            request.prePathURL(),
            request.uri,
            request.path,
            b"/".join(request.prepath),
            b"/".join(request.postpath),
            b"secure" if request.isSecure() else b"plain",
        ]
    )


def page(text: bytes) -> Data:
    """A page."""
    return Data(text, "text/plain")


class HostsTests(SiteTestCase):
    """`NameVirtualHost` at the root."""

    def setUp(self) -> None:
        super().setUp()
        self.hosts = self.root = vhost.NameVirtualHost()
        one = resource.Resource()
        one.putChild(b"", page(b"one"))
        one.putChild(b"a", page(b"a of one"))
        self.hosts.addHost(b"one.example.com", one)
        self.hosts.addHost("Two.example.com", Page(tell))
        self.connect()

    def ask_(self, host: bytes, path: bytes = b"/") -> bytes:
        """What a host has at a path."""
        sent = self.send(b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (path, host))
        return sent.partition(b"\r\n\r\n")[2]

    def test_hosts(self) -> None:
        for host in (b"one.example.com", b"ONE.example.com:8080", b"one.example.com."):
            self.assertEqual(self.ask_(host), b"one")
        self.assertEqual(self.ask_(b"one.example.com", b"/a"), b"a of one")

    def test_paths(self) -> None:
        """The root of a host sees all of the path."""
        for host in (b"two.example.com", b"two.example.com."):
            said = self.ask_(host, b"/a/b?c")
            self.assertEqual(said.split(b" ")[1:], [b"/a/b?c", b"/a/b", b"", b"a/b", b"plain"])

    def test_unknown(self) -> None:
        """A host that is not known is not found, and its name not repeated."""
        said = self.send(b"GET / HTTP/1.1\r\nHost: <script>\r\n\r\n")
        self.assertNotIn(b"script", said)
        self.connect()
        said = self.send(b"GET / HTTP/1.1\r\nHost: three.example.com\r\n\r\n")
        self.assertTrue(said.startswith(b"HTTP/1.1 404 "), said)
        self.assertNotIn(b"three", said)
        said = self.send(b"GET /a HTTP/1.0\r\n\r\n")
        self.assertTrue(said.startswith(b"HTTP/1.1 404 "), said)

    def test_script(self) -> None:
        """A name that gets past the reader of requests is not repeated as it is."""

        class Odd:
            """A request of another make."""

            prepath = [b"a"]
            postpath: list[bytes] = []

            def getHeader(self, name: bytes) -> bytes:
                return b"<script>alert(1)</script>"

            def getRequestHostname(self) -> bytes:
                return self.getHeader(b"host")

            def setResponseCode(self, code: int) -> None:
                self.code = code

            def setHeader(self, name: bytes, value: bytes) -> None: ...

        request = Odd()
        self.assertNotIn(b"<script>", self.hosts.render(request))
        self.assertEqual(request.code, 404)
        self.assertNotIn(b"<script>", self.hosts.getChild(b"a", request).render(request))

    def test_default(self) -> None:
        self.hosts.default = Page(lambda request: b"default")
        self.assertEqual(self.ask_(b"three.example.com"), b"default")
        self.assertEqual(self.ask_(b"one.example.com"), b"one")
        self.assertIn(b"default", self.send(b"GET / HTTP/1.0\r\n\r\n"))

    def test_removed(self) -> None:
        self.hosts.removeHost(b"one.example.com")
        self.assertIn(b"not known", self.ask_(b"one.example.com"))
        self.assertRaises(KeyError, self.hosts.removeHost, b"one.example.com")

    def test_below(self) -> None:
        """It need not be the root, and renders what it leads to."""
        root = resource.Resource()
        root.putChild(b"sites", self.hosts)
        self.root = root
        self.connect()
        said = self.ask_(b"two.example.com", b"/sites/a")
        self.assertEqual(said.split(b" ")[3:], [b"sites", b"a", b"plain"])
        said = self.ask_(b"two.example.com", b"/sites")
        self.assertEqual(said.split(b" ")[3:], [b"sites", b"", b"plain"])

    def test_collection(self) -> None:
        hosts = vhost.VirtualHostCollection(vhost.NameVirtualHost())
        one = page(b"one")
        hosts.reallyPutEntity(b"one", one)
        self.assertEqual(hosts.listStaticEntities(), [(b"one", one)])
        self.assertIs(hosts.getStaticEntity(b"one"), one)
        hosts.delEntity(b"one")
        self.assertIsNone(hosts.getStaticEntity(b"one"))


class MonsterTests(SiteTestCase):
    """`VHostMonsterResource`."""

    def setUp(self) -> None:
        super().setUp()
        self.root.putChild(b"vhost", vhost.VHostMonsterResource())
        self.root.putChild(b"tell", Page(tell))

    def body(self, path: bytes) -> bytes:
        """What is at a path."""
        return self.get(path).partition(b"\r\n\r\n")[2]

    def test_hosts(self) -> None:
        for path, expected in (
            (b"/vhost/http/a.com:80/tell/x?y=/z", b"http://a.com/tell /tell/x?y=/z"),
            (b"/vhost/http/a.com/tell/x", b"http://a.com/tell /tell/x"),
            (b"/vhost/http/a.com:8080/tell/x", b"http://a.com:8080/tell /tell/x"),
            (b"/vhost/https/a.com:443/tell/x", b"https://a.com/tell /tell/x"),
            (b"/vhost/https/a.com:80/tell/x", b"https://a.com:80/tell /tell/x"),
            (b"/vhost/http/[::1]:80/tell/x", b"http://[::1]/tell /tell/x"),
        ):
            secure = b"secure" if b"https" in path else b"plain"
            self.assertEqual(self.body(path), expected + b" /tell/x tell x " + secure)

    def test_root(self) -> None:
        self.assertEqual(self.body(b"/vhost/http/a.com:80/"), b"root")

    def test_refused(self) -> None:
        for path in (
            b"/vhost/ftp/a.com:80/tell",
            b"/vhost/http/:80/tell",
            b"/vhost/http/a.com:port/tell",
            b"/vhost/http/a.com:0/tell",
            b"/vhost/http/a.com:65536/tell",
            b"/vhost/http/a.com:" + b"9" * 5000 + b"/tell",
            b"/vhost/http/a%0d%0ab:80/tell",
            b"/vhost/http/a%2fb:80/tell",
            b"/vhost/http/a%ffb:80/tell",
        ):
            said = self.get(path)
            self.assertTrue(said.startswith(b"HTTP/1.1 404 "), (path, said))

    def test_again(self) -> None:
        """One behind the other, the last is meant; however many, it takes no stack."""
        said = self.body(b"/vhost/http/a.com:80" * 500 + b"/vhost/https/b.com:443/tell/x")
        self.assertTrue(said.startswith(b"https://b.com/tell "), said)


class RewriteTests(SiteTestCase):
    """`RewriterResource` and its rules."""

    def rewriting(self, *rules: rewrite.Rule) -> None:
        """Serve the tree behind rules."""
        original = resource.Resource()
        original.putChild(b"tell", Page(tell))
        original.putChild(b"", page(b"index"))
        users = resource.Resource()
        users.putChild(b"bob", Page(tell))
        original.putChild(b"users", users)
        self.root = rewrite.RewriterResource(original, *rules)
        self.connect()

    def body(self, path: bytes) -> list[bytes]:
        """What is at a path."""
        return self.get(path).partition(b"\r\n\r\n")[2].split(b" ")

    def test_alias(self) -> None:
        for alias in (rewrite.alias(b"a/b", b"tell/x"), rewrite.alias("a/b", "tell/x")):
            self.rewriting(alias)
            self.assertEqual(self.body(b"/a/b/c")[2:5], [b"/tell/x/c", b"tell", b"x/c"])
            self.assertEqual(self.body(b"/tell/a/b")[2:5], [b"/tell/a/b", b"tell", b"a/b"])
            self.assertIn(b"404", self.get(b"/a/c").partition(b"\r\n")[0])

    def test_tilde(self) -> None:
        self.rewriting(rewrite.tildeToUsers)
        self.assertEqual(self.body(b"/~bob/x")[2:5], [b"/users/bob/x", b"users/bob", b"x"])
        self.assertEqual(self.body(b"/tell/~bob")[2:5], [b"/tell/~bob", b"tell", b"~bob"])
        self.assertEqual(self.body(b"/"), [b"index"])

    def test_rules(self) -> None:
        """They are called in their order."""
        self.rewriting(rewrite.alias("home", "~bob"), rewrite.tildeToUsers)
        self.assertEqual(self.body(b"/home/x")[3:5], [b"users/bob", b"x"])

    def test_render(self) -> None:
        """What is asked of the resource itself goes by the rules too."""
        seen: list[Any] = []
        root = resource.Resource()
        root.putChild(b"a", rewrite.RewriterResource(Page(tell), seen.append))
        self.root = root
        self.connect()
        self.assertEqual(self.body(b"/a")[3:5], [b"a", b""])
        self.assertEqual(len(seen), 1)


class DemoTests(SynchronousTestCase):
    """The page for those who have just begun."""

    def test_page(self) -> None:
        self.assertIn(b"It works", Test().data)
