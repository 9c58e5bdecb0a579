"""``twistd web``: its options, and the server that they make."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

from twisted.application.internet import StreamServerEndpointService
from twisted.application.service import IServiceCollection, IServiceMaker, MultiService
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.plugin import getPlugins
from twisted.python.failure import Failure
from twisted.python.usage import UsageError
from twisted.spread import pb
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web import demo, distrib, http, script, server, static, tap, twcgi, vhost
from twisted.web.asgi import ASGIResource, LifespanError, LifespanService
from twisted.web.resource import Resource
from twisted.web.wsgi import WSGIResource


class Made(Resource):
    """A resource that an option names."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        """Answer."""
        return b"made"


class Processed(Resource):
    """What makes a resource of a file."""

    def __init__(self, path: str, registry: Any) -> None:
        super().__init__()


class Needy:
    """A class that cannot be made without arguments."""

    def __init__(self, needed: object) -> None:
        """Never called in time."""


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    """An application of WSGI."""
    start_response("200 OK", [])
    return [b"wsgi"]


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    """An application of ASGI that cannot start."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "not today"})


async def slow(scope: Any, receive: Any, send: Any) -> None:
    """One that finds out later."""
    waiting.append(Deferred())
    await waiting[0]
    await asgi(scope, receive, send)


waiting: list[Deferred[None]] = []
HERE = __name__


def parsed(*arguments: str) -> tap.Options:
    """The options of a command line."""
    options = tap.Options()
    options.parseOptions(list(arguments))
    return options


class OptionTests(SynchronousTestCase):
    """What the command line says."""

    def assertRefused(self, words: str, *arguments: str) -> None:
        """That command line is wrong, and the error says why."""
        error = self.assertRaises(UsageError, parsed, *arguments)
        self.assertIn(words, str(error))

    def test_plugin(self) -> None:
        """twistd and twist know it."""
        (maker,) = [each for each in getPlugins(IServiceMaker) if each.tapname == "web"]
        self.assertIs(maker.options, tap.Options)
        self.assertIs(maker.makeService, tap.makeService)

    def test_ports(self) -> None:
        """Where to listen, in all the ways there are."""
        self.assertEqual(parsed()["ports"], ["tcp:8080"])
        self.assertEqual(
            parsed("--listen", "unix:a", "--listen=tcp:1")["ports"], ["unix:a", "tcp:1"]
        )
        self.assertEqual(parsed("-p", "80")["ports"], ["tcp:80"])
        self.assertEqual(parsed("--port", "ssl:443")["ports"], ["ssl:443"])
        home = os.path.expanduser("~/.twistd-web-pb")
        self.assertEqual(parsed("--personal")["ports"], [f"unix:{home}"])
        self.assertEqual(parsed("--personal", "--listen=tcp:1")["ports"], ["tcp:1"])

    def test_https(self) -> None:
        """HTTPS has a certificate and a key, which have to be there."""
        path = Path(self.mktemp() + ":here")
        self.assertRefused("there is no", "--https=443", "-c", str(path))
        path.write_text("")
        (port,) = parsed("--https=443", "-c", str(path), "-k", str(path))["ports"]
        quoted = str(path).replace(":", "\\:")
        self.assertEqual(port, f"ssl:443:privateKey={quoted}:certKey={quoted}")

    def test_roots(self) -> None:
        """What is served."""
        for arguments, kind in (
            (["--path", "."], static.File),
            (["--user"], distrib.UserDirectory),
            (["-u"], distrib.UserDirectory),
            (["--class", f"{HERE}.Made"], Made),
            (["--resource-script", "a.rpy"], script.ResourceScriptWrapper),
            (["--wsgi", f"{HERE}.wsgi"], WSGIResource),
            (["--asgi", f"{HERE}.asgi"], ASGIResource),
        ):
            self.assertIsInstance(parsed(*arguments)["root"], kind)

    def test_wrongRoots(self) -> None:
        """What cannot be served."""
        self.assertRefused("something to be served already", "--path=.", "--user")
        self.assertRefused("cannot load nothing.here", "--class=nothing.here")
        self.assertRefused(f"--wsgi: cannot load {HERE}.missing", f"--wsgi={HERE}.missing")
        self.assertRefused("cannot make a", f"--class={HERE}.Needy")

    def test_folder(self) -> None:
        """How a folder is served, whatever comes first."""
        root = parsed(
            "-i", "a.html", "--index=b.html", "--mime-type", "a/b", "--ignore-ext", ".c",
            "--allow-ignore-ext", "--processor", f"x={HERE}.Processed", "--path", "somewhere",
        )["root"]  # fmt: skip
        self.assertEqual(root.path, os.path.abspath("somewhere"))
        self.assertEqual(root.indexNames, ["a.html", "b.html"])
        self.assertEqual(root.defaultType, "a/b")
        self.assertEqual(root.ignoredExts, [".c", "*"])
        self.assertIs(root.processors[".x"], Processed)
        self.assertIs(root.processors[".cgi"], twcgi.CGIScript)
        self.assertEqual(set(static.File.processors), set())
        for option in ("--index=a", "--mime-type=a", "--ignore-ext=a", "--allow-ignore-ext"):
            self.assertRefused("--path is missing", option)

    def test_malformed(self) -> None:
        """What is not of the form that an option has."""
        self.assertRefused("EXT=CLASS", "--processor=x", "--path=.")
        self.assertRefused("HOST=FOLDER", "--vhost=x")
        self.assertRefused("NAME: VALUE", "--add-header=x")
        self.assertRefused("cannot be the name", "--add-header=a b: c")
        self.assertRefused("combined, json", "--log-format=yaml")

    def test_applications(self) -> None:
        """The threads of an application, and where it is."""
        options = parsed("--threads=3", f"--wsgi={HERE}.wsgi")
        self.assertEqual(options["root"]._threadpool.max, 3)
        options = parsed(f"--asgi={HERE}.asgi", "--root-path=/a/")
        self.assertEqual(options["root"]._rootPath, "/a")


class ServiceTests(SynchronousTestCase):
    """The services that are made."""

    def site(self, *arguments: str) -> Any:
        """The site that a command line makes."""
        self.services = tap.makeService(parsed(*arguments))
        self.assertIsInstance(self.services, MultiService)
        endpoints = [s for s in self.services if isinstance(s, StreamServerEndpointService)]
        return endpoints[-1].factory

    def get(self, site: Any, path: bytes = b"/", host: bytes = b"a") -> bytes:
        """What comes back for a GET."""
        transport = StringTransport()
        channel = site.buildProtocol(None)
        channel.makeConnection(transport)
        channel.dataReceived(b"GET %b HTTP/1.0\r\nHost: %b\r\n\r\n" % (path, host))
        channel.connectionLost(Failure(ConnectionDone()))
        return transport.value()

    def test_demo(self) -> None:
        """A page that says that the server serves."""
        site = self.site()
        self.assertIsInstance(site, server.Site)
        self.assertIsInstance(site.resource, demo.Test)
        self.assertIn(b"It works", self.get(site))

    def test_listening(self) -> None:
        """One service for each port."""
        self.site("--listen=tcp:0", "--listen=tcp:0:interface=127.0.0.1")
        self.assertEqual(len(list(self.services)), 2)

    def test_personal(self) -> None:
        """Another server is served by Perspective Broker."""
        factory = self.site("--personal", "--listen=tcp:0")
        self.assertIsInstance(factory, pb.PBServerFactory)
        self.assertIsInstance(factory.root, distrib.ResourcePublisher)

    def test_log(self) -> None:
        """The access log, and its format."""
        path = self.mktemp()
        site = self.site("--logfile", path, "--log-format=json")
        self.assertEqual(site.logPath, os.path.abspath(path))
        self.assertIs(site._logFormatter, http.jsonLogFormatter)

    def test_tracebacks(self) -> None:
        """Clients see them only if that is asked for."""
        for arguments, shown in (
            ([], False),
            (["-n"], False),
            (["--display-tracebacks"], True),
            (["--display-tracebacks", "-n"], False),
        ):
            self.assertIs(self.site(*arguments).displayTracebacks, shown)

    def test_hosts(self) -> None:
        """Other folders for those who mean other hosts."""
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / "index.html").write_text("other")
        site = self.site(f"--class={HERE}.Made", f"--vhost=b.example={folder}")
        self.assertIsInstance(site.resource, vhost.NameVirtualHost)
        self.assertTrue(self.get(site).endswith(b"made"))
        self.assertTrue(self.get(site, host=b"b.example").endswith(b"other"))

    def test_headers(self) -> None:
        """Headers of all responses, whatever is asked."""
        arguments = ("--add-header=X-A: 1", "--add-header", "X-A:2", "--add-header=B: c: d")
        for root, path in (([f"--class={HERE}.Made"], b"/x"), (["--path=."], b"/missing/x")):
            sent = self.get(self.site(*root, *arguments), path)
            self.assertIn(b"\r\nX-A: 1\r\nX-A: 2\r\nB: c: d\r\n", sent)

    def test_streaming(self) -> None:
        """With more headers, an application has its body as it arrives all the same."""
        site = self.site(f"--asgi={HERE}.asgi", "--add-header=a: b")
        self.assertTrue(site.resource.streaming)
        self.assertRaises(RuntimeError, site.resource.putChild, b"a", Made())

    def test_scripts(self) -> None:
        """Scripts in a folder can add services."""
        site = self.site("--path=.")
        self.assertIs(site.resource.registry.getComponent(IServiceCollection), self.services)

    def lifespan(self, application: str) -> LifespanService:
        """The service that has an application prepare; `stopped` counts what it ends."""
        self.stopped = 0

        def stop() -> None:
            self.stopped += 1

        self.patch(tap, "installedReactor", lambda: SimpleNamespace(stop=stop))
        self.site(f"--asgi={HERE}.{application}")
        (lifespan,) = [s for s in self.services if isinstance(s, LifespanService)]
        return lifespan

    def test_cannotStart(self) -> None:
        """An application that cannot start lets no program start."""
        self.assertRaises(LifespanError, self.lifespan("asgi").startService)
        self.assertEqual(self.stopped, 0)

    def test_cannotStartLater(self) -> None:
        """If that turns out later, the program ends."""
        del waiting[:]
        self.lifespan("slow").startService()
        waiting.pop().callback(None)
        self.assertEqual(self.stopped, 1)


class PoolTests(TestCase):
    """The threads of an application of WSGI."""

    async def test_threads(self) -> None:
        """They are there as long as it is served; what they do is waited for, not in the way."""
        pool = tap._Pool()
        pool.startService()
        self.assertTrue(pool.threads.started)
        done = Event()
        reactor: Any = _reactor

        def call() -> None:
            # What calls the reactor's thread has to be served, though the pool is to stop.
            reactor.callFromThread(done.set)
            done.wait()

        pool.threads.callInThread(call)
        await pool.stopService()
        self.assertTrue(done.is_set())
        self.assertEqual(pool.threads.threads, [])
